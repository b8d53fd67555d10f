from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from chuan.core.notices import operations, queries, rules
from chuan.core.notices.models import Notice, OutgoingMail
from chuan.core.notices.web.tables import MailTable
from chuan.core.people.http import SignedInRequest
from chuan.core.ui.views import confirm

PER_PAGE = 30


@require_safe
def show_inbox(request: SignedInRequest) -> HttpResponse:
    page = Paginator(queries.inbox(request.user), PER_PAGE).get_page(request.GET.get("trang"))
    context = {
        "page": page,
        "notices": list(page.object_list),
        "unread": queries.unread_count(request.user),
    }
    return render(request, "notices/inbox.html", context)


def _own(request: SignedInRequest, notice_id: int) -> Notice:
    return get_object_or_404(Notice, pk=notice_id, person=request.user)


@require_POST
def open_notice(request: SignedInRequest, notice_id: int) -> HttpResponse:
    """Mark as read and go where it leads."""
    notice = operations.mark_read(actor=request.user, notice=_own(request, notice_id))
    here = url_has_allowed_host_and_scheme(notice.url, {request.get_host()})
    return redirect(notice.url if notice.url and here else "notices:inbox")


@require_POST
def mark_read(request: SignedInRequest, notice_id: int) -> HttpResponse:
    operations.mark_read(actor=request.user, notice=_own(request, notice_id))
    return redirect("notices:inbox")


@require_POST
def mark_all_read(request: SignedInRequest) -> HttpResponse:
    operations.mark_all_read(actor=request.user)
    messages.success(request, _("Đã đánh dấu đọc hết."))
    return redirect("notices:inbox")


@require_safe
def list_mail(request: SignedInRequest) -> HttpResponse:
    """How letters by e-mail fare: to whom and in what state, never what they say."""
    rules.mend_outbox.require(request.user)
    table = MailTable(request, OutgoingMail.objects.select_related("person"))
    context = {"table": table, "outbox": queries.outbox()}
    return table.download() or render(request, "notices/mail.html", context)


def send_again(request: SignedInRequest, letter_id: int) -> HttpResponse:
    rules.mend_outbox.require(request.user)
    letter = get_object_or_404(OutgoingMail, pk=letter_id)
    rules.send_again.require(letter)
    if request.method == "POST":
        operations.try_again(actor=request.user, letter=letter)
        messages.success(request, _("Thư sẽ được gửi lại trong vài phút."))
        return redirect("notices:mail")
    return confirm(
        request,
        title=_("Gửi lại thư tới %s?") % letter.address,
        action=_("Gửi lại"),
        back_url=reverse("notices:mail"),
        lines=[_("Lỗi lần trước: %s") % letter.last_error] if letter.last_error else [],
    )
