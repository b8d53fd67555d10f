"""What the pages of every kind of extension share."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from chuan.core.calendar.models import Extension
from chuan.core.ui.reasons import end_with_reason
from chuan.lib.vietnamese import format_date


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
