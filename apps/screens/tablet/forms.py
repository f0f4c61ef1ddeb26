"""What a tablet sends. Instants are microseconds; `said_at` is when it was tapped, which may be a while ago."""

from typing import Any

from django import forms

from apps.accounts.sayings import is_key
from apps.shared.instants import DAY

# What was kept on a tablet longer than this is not taken any more.
KEPT_AT_MOST = 14 * DAY


class TappedForm(forms.Form):
    """Something that was tapped: never later than now, and not longer ago than a tablet may keep things.

    `key` and `speaker` are what the page gave it when it was tapped; a page from before they were has neither.
    """

    sentence = "Nothing was saved: the tablet sent something that Jobline does not understand."
    said_at = forms.IntegerField(min_value=0)
    key = forms.CharField(max_length=36, required=False)
    speaker = forms.CharField(max_length=200, required=False)

    def __init__(self, *args: Any, now: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now

    def clean_said_at(self) -> int:
        """A tablet's clock may be a little ahead: what it says then is said now."""
        said_at: int = min(self.cleaned_data["said_at"], self.now)
        if said_at < self.now - KEPT_AT_MOST:
            self.sentence = "Nothing was saved: this was tapped more than 14 days ago."
            raise forms.ValidationError(self.sentence)
        return said_at

    def clean_key(self) -> str:
        """Nothing else than a key is kept as one."""
        key: str = self.cleaned_data["key"]
        if key and not is_key(key):
            raise forms.ValidationError(self.sentence)
        return key


class SaidForm(TappedForm):
    """Something said of the stop part that holds `at`."""

    at = forms.IntegerField(min_value=0)

    def clean_at(self) -> int:
        """What has not happened yet has no reason."""
        at: int = self.cleaned_data["at"]
        if not self.now - 2 * KEPT_AT_MOST <= at <= self.now:
            raise forms.ValidationError(self.sentence)
        return at


class TagForm(SaidForm):
    """A reason for it."""

    code = forms.CharField(max_length=12)
    comment = forms.CharField(max_length=200, required=False)


class ScrapForm(TappedForm):
    """Parts that are scrap."""

    sentence = "No scrap was added: give a number from 1 to 9\u202f999 and a reason."
    qty = forms.IntegerField(min_value=1, max_value=9999)
    code = forms.CharField(max_length=12)


class WhoForm(forms.Form):
    """Who stands here: a badge, or a name with its PIN; neither is nobody in particular."""

    badge = forms.CharField(max_length=60, required=False)
    user = forms.IntegerField(min_value=1, required=False)
    pin = forms.CharField(max_length=6, required=False)
