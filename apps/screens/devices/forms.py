"""What is said of a screen before it is paired."""

from django import forms

from apps.accounts.models import Device


class DeviceForm(forms.Form):
    """A name, whether it hangs or is touched, its plant (company/site), and for a tablet its line."""

    name = forms.CharField(max_length=60)
    kind = forms.ChoiceField(choices=Device.Kind.choices)
    plant = forms.CharField(max_length=20)
    line = forms.CharField(max_length=40, required=False)
