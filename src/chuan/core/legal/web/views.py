from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from chuan.core.legal import operations, queries, rules
from chuan.core.legal.models import LegalSource
from chuan.core.legal.web.tables import SourceTable, checked, state_of
from chuan.lib.rules import Denied
from chuan.lib.vietnamese import format_number


@require_safe
def list_sources(request: HttpRequest) -> HttpResponse:
    table = SourceTable(request, queries.sources())
    return table.download() or render(request, "legal/list.html", {"table": table})


@require_safe
def show_source(request: HttpRequest, source_id: int) -> HttpResponse:
    source = get_object_or_404(LegalSource, pk=source_id)
    today = timezone.localdate()
    return render(
        request,
        "legal/show.html",
        {
            "source": source,
            "state": state_of(source),
            "checked": checked(source),
            "refusal": rules.keep_law.refusal(request.user),
            "parameters": [
                {
                    "row": row,
                    "value": _readable(row.value),
                    "is_plain": not isinstance(row.value, dict),
                    "is_now": (row.valid.lower is None or row.valid.lower <= today)
                    and (row.valid.upper is None or today < row.valid.upper),
                }
                for row in queries.parameters_of(source)
            ],
            "relations": [
                {
                    "phrase": _phrase(row.kind, is_active=row.source_id == source.pk),
                    "other": row.target if row.source_id == source.pk else row.source,
                }
                for row in queries.relations_of(source)
            ],
        },
    )


@require_POST
def confirm_source(request: HttpRequest, source_id: int) -> HttpResponse:
    source = get_object_or_404(LegalSource, pk=source_id)
    assert isinstance(request.user, AbstractBaseUser)  # noqa: S101 - nobody else gets this far
    try:
        operations.confirm_source(actor=request.user, source=source)
    except Denied as denied:
        messages.error(request, str(denied))
    else:
        messages.success(request, _("Đã ghi nhận việc đối chiếu %(source)s.") % {"source": source})
    return redirect("legal:show", source_id=source.pk)


def _phrase(kind: str, *, is_active: bool) -> str:
    return {
        ("replaces", True): _("Thay thế"),
        ("replaces", False): _("Được thay thế bởi"),
        ("amends", True): _("Sửa đổi, bổ sung"),
        ("amends", False): _("Được sửa đổi, bổ sung bởi"),
        ("guides", True): _("Hướng dẫn"),
        ("guides", False): _("Được hướng dẫn bởi"),
        ("implements", True): _("Triển khai"),
        ("implements", False): _("Được triển khai bởi"),
    }[kind, is_active]


def _readable(value: Any) -> str:
    """A parameter's value as people read it; what has a shape of its own stays JSON."""
    if isinstance(value, bool):
        return _("Có") if value else _("Không")
    if isinstance(value, int | float):
        return format_number(value)
    if isinstance(value, list) and all(isinstance(one, int | str) for one in value):
        return ", ".join(str(one) for one in value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
