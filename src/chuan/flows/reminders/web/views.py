"""A person's own reminders: what they were told, and how they want to be told."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuan.core.notices.operations import choose_mail
from chuan.core.notices.queries import wishes_of
from chuan.core.people.http import SignedInRequest
from chuan.flows.reminders.enums import SectionKind
from chuan.flows.reminders.operations import feeds
from chuan.flows.reminders.queries.digests import digests_of
from chuan.flows.reminders.queries.feeds import bodies_in_calendar, calendar_of, feed_of, reader_of
from chuan.flows.reminders.queries.ladder import ladder_or_none
from chuan.flows.reminders.web.forms import MailForm, Way

PER_PAGE = 20


@require_http_methods(["GET", "HEAD", "POST"])
def show_mine(request: SignedInRequest) -> HttpResponse:
    me = request.user
    form = MailForm(request.POST or None, initial={"way": Way.of(wishes_of([me.pk])[me.pk]).value})
    if request.method == "POST" and form.is_valid():
        wishes = Way(form.cleaned_data["way"]).wishes
        choose_mail(actor=me, by_mail=wishes.by_mail, urgent_at_once=wishes.urgent_at_once)
        messages.success(request, _("Đã lưu cách nhận thư."))
        return redirect("reminders:mine")
    page = Paginator(digests_of(me), PER_PAGE).get_page(request.GET.get("trang"))
    context = {
        "form": form,
        "page": page,
        "digests": list(page.object_list),
        "ladder": ladder_or_none(),
        "feed": feed_of(me),
        "has_own_work": bool(bodies_in_calendar(me, timezone.localdate())),
    }
    return render(request, "reminders/mine.html", context, status=422 if form.errors else 200)


@require_safe
def show_digest(request: SignedInRequest, digest_id: int) -> HttpResponse:
    """What this person was told that morning: it stays as it was, whatever was done since."""
    digest = get_object_or_404(digests_of(request.user), pk=digest_id)
    sections = [
        {**section, "title": SectionKind(section["kind"]).label}
        for section in digest.content["sections"]
    ]
    return render(request, "reminders/digest.html", {"digest": digest, "sections": sections})


@require_POST
def make_feed(request: SignedInRequest) -> HttpResponse:
    """The answer shows the address, this once: nothing that could show it again is kept."""
    key = feeds.make_feed(actor=request.user)
    context = {"address": settings.CHUAN_URL + reverse("reminders:calendar", args=[key])}
    response = render(request, "reminders/feed.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response


@require_POST
def withdraw_feed(request: SignedInRequest) -> HttpResponse:
    feeds.withdraw_feed(actor=request.user)
    messages.success(request, _("Địa chỉ lịch đã thu hồi, không đọc được nữa."))
    return redirect("reminders:mine")


@login_not_required
@require_safe
def show_calendar(request: HttpRequest, key: str) -> HttpResponse:
    """For calendar programs, which cannot sign in: the key in the address is what lets them in."""
    person = reader_of(key)
    if person is None:
        raise Http404
    content = calendar_of(person, timezone.localdate())
    etag = f'"{hashlib.sha256(content).hexdigest()}"'
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "private, max-age=3600"
    response.headers["Content-Disposition"] = 'inline; filename="chuan.ics"'
    found = get_conditional_response(request, etag=etag, response=response)
    return found or response
