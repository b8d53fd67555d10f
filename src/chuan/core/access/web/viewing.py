"""To see what another person sees: who asks, who agrees, what was opened."""

from __future__ import annotations

import time
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from chuan.core.access import operations, queries, rules
from chuan.core.access.enums import FRESH
from chuan.core.access.middleware import SESSION_KEY
from chuan.core.access.models import Viewing
from chuan.core.access.web.forms import AskToViewForm
from chuan.core.access.web.tables import ViewedPageTable, ViewingTable
from chuan.core.people.http import SignedInRequest
from chuan.core.people.models import Person
from chuan.lib.rules import Denied


@require_safe
def list_viewings(request: SignedInRequest) -> HttpResponse:
    table = ViewingTable(request, queries.viewings_visible_to(request.user))
    context = {"table": table, "may_ask": request.user.holds(*rules.HELPERS)}
    return table.download() or render(request, "access/viewings.html", context)


def ask_to_view(request: SignedInRequest) -> HttpResponse:
    rules.help_people.require(request.user)
    form = AskToViewForm(request.POST or None, initial={"who": request.GET.get("nguoi", "")})
    if request.method == "POST" and form.is_valid():
        try:
            viewing = operations.ask_to_view(
                actor=request.user,
                person=form.cleaned_data["who"],
                reason=form.cleaned_data["reason"],
                at=timezone.now(),
            )
        except Denied as denied:
            form.add_error("who", str(denied))
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(
                request, _("Đã hỏi %s. Có trả lời, bạn nhận thông báo.") % viewing.person.full_name
            )
            return redirect("access:viewing", viewing_id=viewing.pk)
    return render(
        request, "access/viewing_form.html", {"form": form}, status=422 if form.errors else 200
    )


@require_safe
def show_viewing(request: SignedInRequest, viewing_id: int) -> HttpResponse:
    viewing = get_object_or_404(queries.viewings_visible_to(request.user), pk=viewing_id)
    now = timezone.now()
    table = ViewedPageTable(request, queries.pages_of(viewing))
    me = request.user
    context: dict[str, Any] = {
        "viewing": viewing,
        "state": viewing.state_at(now),
        "table": table,
        "may_answer": rules.answer_viewing.allows(me, viewing, at=now),
        "may_start": rules.start_viewing.allows(me, viewing, at=now, is_fresh=True),
        "may_end": rules.end_viewing.allows(me, viewing, at=now),
        "is_mine": viewing.asked_by_id == me.pk,
    }
    return table.download() or render(request, "access/viewing.html", context)


@require_POST
def answer_viewing(request: SignedInRequest, viewing_id: int) -> HttpResponse:
    viewing = get_object_or_404(queries.viewings_visible_to(request.user), pk=viewing_id)
    agrees = request.POST.get("answer") == "yes"
    operations.answer_viewing(actor=request.user, viewing=viewing, agrees=agrees, at=timezone.now())
    messages.success(request, _("Đã đồng ý.") if agrees else _("Đã từ chối."))
    return redirect("access:viewing", viewing_id=viewing.pk)


@require_POST
def start_viewing(request: SignedInRequest, viewing_id: int) -> HttpResponse:
    """Look from now on; who signed in a while ago proves first, anew, who they are."""
    viewing = get_object_or_404(queries.viewings_visible_to(request.user), pk=viewing_id)
    has_code = queries.has_second_factor(request.user)
    if not _is_fresh(request, "mfa" if has_code else "password"):
        here = reverse("access:viewing", args=[viewing.pk])
        again = reverse("mfa_reauthenticate" if has_code else "account_reauthenticate")
        messages.info(request, _("Hãy xác nhận lại đúng là bạn rồi bấm “Bắt đầu xem”."))
        return redirect(f"{again}?{urlencode({'next': here})}")
    operations.start_viewing(actor=request.user, viewing=viewing, is_fresh=True, at=timezone.now())
    request.session[SESSION_KEY] = viewing.pk
    # A form drawn as oneself is not taken as the other person's, nor theirs as one's own afterwards.
    rotate_token(request)
    return redirect("/")


def _is_fresh(request: SignedInRequest, method: str) -> bool:
    """Who needs a second factor has just shown that very one: a password alone is not enough."""
    return any(
        row["method"] == method and time.time() - row["at"] < FRESH
        for row in get_authentication_records(request, request.user)
    )


@require_POST
def end_viewing(request: SignedInRequest, viewing_id: int) -> HttpResponse:
    viewing = get_object_or_404(queries.viewings_visible_to(request.user), pk=viewing_id)
    now = timezone.now()
    was_looking = request.session.get(SESSION_KEY) == viewing.pk
    if was_looking:
        del request.session[SESSION_KEY]
        rotate_token(request)
    # Who looks may press when its time is over or the person was quicker: oneself again all the same.
    if not was_looking or rules.end_viewing.allows(request.user, viewing, at=now):
        viewing = operations.end_viewing(actor=request.user, viewing=viewing, at=now)
    messages.success(request, _told_of_end(request.user, viewing, was_looking=was_looking))
    return redirect("access:viewing", viewing_id=viewing.pk)


def _told_of_end(person: Person, viewing: Viewing, *, was_looking: bool) -> str:
    if was_looking:
        return _("Đã kết thúc. Bạn đang thấy các trang của chính mình.")
    if viewing.started_at:
        return _("Đã dừng. %s không còn xem được nữa.") % viewing.asked_by.full_name
    if person.pk == viewing.asked_by_id:
        return _("Đã rút lại yêu cầu.")
    return _("Đã thôi đồng ý. %s không xem được.") % viewing.asked_by.full_name
