"""What the pages of every kind of extension share."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from chuan.core.calendar.models import Extension
from chuan.core.ui.reasons import add_faults, end_with_reason
from chuan.lib.vietnamese import format_date


def granted_from(
    request: HttpRequest,
    form: Form,
    extension: Extension,
    operation: Callable[..., object],
    *,
    outdated: type[Exception],
    on_conflict: Callable[[str], HttpResponse],
    back: HttpResponse,
) -> HttpResponse | None:
    """Give the time the form says; None where the page is to be shown, with what is wrong in it.

    :param outdated: raised by the operation where somebody dealt with it since the page was drawn;
        `on_conflict` then answers, given the basis that was written.
    """
    if request.method != "POST" or not form.is_valid():
        return None
    data = form.cleaned_data
    try:
        operation(
            actor=request.user,
            extension=extension,
            version=data["version"],
            due_on=data["due_on"],
            basis=data["basis"],
            at=timezone.now(),
        )
    except outdated:
        return on_conflict(data["basis"])
    except ValidationError as faults:
        add_faults(form, faults)
        return None
    messages.success(request, _("Đã gia hạn đến hết ngày %s.") % format_date(data["due_on"]))
    return back


def end_extension(
    request: HttpRequest, extension: Extension, operation: Callable[..., object], **page: Any
) -> HttpResponse:
    """Refuse or take back, with a reason; the page says what becomes of the day."""
    day = format_date(extension.due_on_before)
    return end_with_reason(
        request,
        version=extension.version,
        end=partial(operation, actor=request.user, extension=extension, at=timezone.now()),
        lines=[extension.reason],
        consequences=[_("Hạn vẫn là %s và lại được tính như trước khi xin.") % day],
        **page,
    )
