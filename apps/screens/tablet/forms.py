"""What a tablet sends. Instants are microseconds; `said_at` is when it was tapped, which may be a while ago."""

from django import forms


class SaidForm(forms.Form):
    """Something said of the stop part that holds `at`."""

    at = forms.IntegerField(min_value=0)
    said_at = forms.IntegerField(min_value=0)


class TagForm(SaidForm):
    """A reason for it."""

    code = forms.CharField(max_length=12)
    comment = forms.CharField(max_length=200, required=False)


class ScrapForm(forms.Form):
    """Parts that are scrap."""

    qty = forms.IntegerField(min_value=1, max_value=9999)
    code = forms.CharField(max_length=12)
    said_at = forms.IntegerField(min_value=0)


class WhoForm(forms.Form):
    """Who stands here: a badge, or a name with its PIN; neither is nobody in particular."""

    badge = forms.CharField(max_length=60, required=False)
    user = forms.IntegerField(min_value=1, required=False)
    pin = forms.CharField(max_length=6, required=False)
