"""Pages of the frame itself: errors, confirmation, help, switches of language and theme."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from chuan.core.ui.context import THEME_COOKIE, THEMES
from chuan.core.ui.guidance import topics
from chuan.lib.logs import request_id

Text = str | Promise
YEAR = 365 * 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Difference:
    """A field two people changed: what is stored now, and what this person wrote."""

    label: Text
    stored: object
    written: object


def confirm(
    request: HttpRequest,
    *,
    title: Text,
    action: Text,
    back_url: str,
    lines: Sequence[Text] = (),
    consequences: Sequence[Text] = (),
    form: BaseForm | None = None,
    is_destructive: bool = False,
) -> HttpResponse:
    """The page before an act that is hard to undo. It posts back to its own address.

    `title` asks ("Loại trừ báo cáo của UBND xã Krong?"), `action` names the act on the button.
    """
    context = {
        "title": title,
        "action": action,
        "back_url": back_url,
        "lines": lines,
        "consequences": consequences,
        "form": form,
        "is_destructive": is_destructive,
    }
    return render(request, "ui/confirm.html", context, status=422 if form and form.errors else 200)


def conflict(
    request: HttpRequest,
    *,
    back_url: str,
    changed_by: Text = "",
    changed_at: dt.datetime | None = None,
    differences: Sequence[Difference] = (),
) -> HttpResponse:
    """Somebody saved first: nothing was lost or overwritten; both versions are shown (409)."""
    context = {
        "back_url": back_url,
        "changed_by": changed_by,
        "changed_at": changed_at,
        "differences": differences,
    }
    return render(request, "ui/conflict.html", context, status=409)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    lines = [_("Trình duyệt gửi lên nội dung không đọc được. Hãy quay lại trang trước và thử lại.")]
    return explain(request, 400, _("Không đọc được yêu cầu"), lines)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403, with the reason the rule gave."""
    reason = str(exception or "") or _("Bạn chưa được giao quyền xem hoặc làm việc này.")
    lines = [reason, _("Nếu cần quyền này, hãy liên hệ người quản trị của cơ quan bạn.")]
    return explain(request, 403, _("Không có quyền thực hiện"), lines)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    lines = [
        _("Địa chỉ có thể gõ sai, hoặc trang này bạn không có quyền xem."),
        _("Kiểm tra lại địa chỉ, nhất là số ở cuối, hoặc tìm từ danh mục."),
    ]
    return explain(request, 404, _("Không tìm thấy trang"), lines)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: asks nothing of the database, which may be what failed."""
    return HttpResponse(
        render_to_string("ui/500.html", {"request_id": request_id.get()}), status=500
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    lines = [
        _("Trang đã mở quá lâu hoặc phiên làm việc đã đổi, nên yêu cầu vừa gửi không được nhận."),
        _("Hãy mở lại trang rồi gửi lại. Nội dung đang viết dở vẫn còn trong trình duyệt."),
    ]
    return explain(request, 403, _("Yêu cầu hết hạn"), lines, retry_url=request.get_full_path())


@login_not_required
@require_safe
def show_help(request: HttpRequest) -> HttpResponse:
    context = {"base_template": _base(request), "topics": topics.items()}
    return render(request, "ui/help.html", context)


@login_not_required
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "ui/accessibility.html", {"base_template": _base(request)})


@login_not_required
@require_POST
def switch_language(request: HttpRequest) -> HttpResponse:
    """Keep the person's language in a cookie, and go back to where they were."""
    response = _back(request)
    language = request.POST.get("language", "")
    if language in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=YEAR,
            secure=request.is_secure(),
            httponly=True,
            samesite="Lax",
        )
    return response


@login_not_required
@require_POST
def switch_theme(request: HttpRequest) -> HttpResponse:
    """Keep light or dark in a cookie; anything else means what the machine prefers."""
    response = _back(request)
    theme = request.POST.get("theme", "")
    if theme in THEMES:
        response.set_cookie(
            THEME_COOKIE, theme, max_age=YEAR, secure=request.is_secure(), samesite="Lax"
        )
    else:
        response.delete_cookie(THEME_COOKIE)
    return response


def _back(request: HttpRequest) -> HttpResponseRedirect:
    address = request.POST.get("next", "")
    here = url_has_allowed_host_and_scheme(address, {request.get_host()}, request.is_secure())
    return HttpResponseRedirect(address if here else "/")


def _base(request: HttpRequest) -> str:
    user = getattr(request, "user", None)
    return "ui/base.html" if user is not None and user.is_authenticated else "ui/public.html"


def explain(
    request: HttpRequest, status: int, title: str, lines: list[str], **context: Any
) -> HttpResponse:
    """A page that says why something was not done, and what to do."""
    context |= {
        "title": title,
        "lines": lines,
        "base_template": _base(request),
        "request_id": request_id.get(),
    }
    return render(request, "ui/error.html", context, status=status)
