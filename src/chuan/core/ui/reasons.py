"""Ending something with a reason: the one page for refusing, declining, closing and taking back."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from chuan.core.ui.forms import Form, VnTextField
from chuan.core.ui.views import Text, confirm


class VersionedReasonForm(Form):
    """Why, and which version of the thing the page showed."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    reason = VnTextField(label=_("Lý do"), max_length=300)


def add_faults(form: BaseForm, faults: ValidationError) -> None:
    """What an operation refused, at the fields it is about."""
    if not hasattr(faults, "error_dict"):
        form.add_error(None, faults)
        return
    for name, errors in faults.error_dict.items():
        form.add_error(name if name in form.fields else None, errors)


def end_with_reason(
    request: HttpRequest,
    *,
    version: int,
    end: Callable[..., object],
    conflict: type[Exception],
    on_conflict: Callable[[str], HttpResponse],
    done: Text,
    title: Text,
    action: Text,
    back_url: str,
    next_url: str = "",
    lines: Sequence[Text] = (),
    consequences: Sequence[Text] = (),
) -> HttpResponse:
    """Ask why, and do it.

    :param end: the operation with all but `version` and `reason`; it raises `conflict` when somebody
        was first, and then the answer is `on_conflict` of what this person wrote.
    :param back_url: where the page leads when nothing is done; `next_url`, when it is, where that is
        another.
    """
    form = VersionedReasonForm(request.POST or None, initial={"version": version})
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            end(version=form.cleaned_data["version"], reason=reason)
        except conflict:
            return on_conflict(reason)
        except ValidationError as faults:
            add_faults(form, faults)
        else:
            messages.success(request, str(done))
            return redirect(next_url or back_url)
    return confirm(
        request,
        title=title,
        action=action,
        back_url=back_url,
        lines=lines,
        consequences=consequences,
        form=form,
        is_destructive=True,
    )
