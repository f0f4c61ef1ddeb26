"""What people type to sign in or to pair a screen."""

from django import forms


class SignInForm(forms.Form):
    """A name and a password."""

    username = forms.CharField(max_length=150)
    password = forms.CharField(max_length=200, strip=False)


class PairForm(forms.Form):
    """A pairing code, however it is spaced."""

    code = forms.CharField(max_length=20)
