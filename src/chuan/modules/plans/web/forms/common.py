"""What the forms share: a version against two people saving at once, a reason."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from chuan.core.ui.forms import (
    Form,
    VnTextField,
)


class Versioned(Form):
    """A form that remembers which version of the thing its page showed."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class ReasonForm(Form):
    """Why something is taken back."""

    reason = VnTextField(label=_("Lý do"), max_length=300)
