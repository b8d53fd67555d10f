"""A person's own account."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from chuan.core.access import operations, queries
from chuan.core.people.http import SignedInRequest


@require_safe
def show_me(request: SignedInRequest) -> HttpResponse:
    return render(request, "access/me.html", {})


@require_safe
def list_sessions(request: SignedInRequest) -> HttpResponse:
    sessions = queries.open_sessions(request.user, current_key=request.session.session_key)
    return render(request, "access/sessions.html", {"sessions": sessions})


@require_POST
def end_session(request: SignedInRequest, session_id: int) -> HttpResponse:
    try:
        operations.end_session(actor=request.user, session_id=session_id)
    except UserSession.DoesNotExist:
        raise Http404 from None
    messages.success(request, _("Đã kết thúc phiên đăng nhập đó."))
    return redirect("access:sessions")


@require_POST
def end_other_sessions(request: SignedInRequest) -> HttpResponse:
    ended = operations.end_other_sessions(
        actor=request.user, current_key=request.session.session_key
    )
    if ended:
        messages.success(request, _("Đã thoát khỏi mọi nơi khác."))
    else:
        messages.info(request, _("Bạn chỉ đang đăng nhập ở đây."))
    return redirect("access:sessions")
