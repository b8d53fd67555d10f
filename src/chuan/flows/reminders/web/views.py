"""A person's own reminders: what they were told, and how they want to be told."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from chuan.core.notices.operations import choose_mail
from chuan.core.notices.queries import wishes_of
from chuan.core.people.http import SignedInRequest
from chuan.flows.reminders.enums import SectionKind
from chuan.flows.reminders.queries.digests import digests_of
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
