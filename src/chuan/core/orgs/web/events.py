"""Reorganisations: the list, the wizard, the hand-over to a second person, and the way back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuan.core.orgs import operations, queries, rules
from chuan.core.orgs.engine.changes import default_links
from chuan.core.orgs.engine.proposals import FACTS, Part, Proposal, is_known
from chuan.core.orgs.enums import ChangeKind, EventState, OrgKind, Stance
from chuan.core.orgs.models import ChangeEvent, OrganisationVersion
from chuan.core.orgs.queries.dependents import left_to_do
from chuan.core.orgs.web.event_forms import (
    BodyForm,
    EventForm,
    LinksForm,
    ReasonForm,
    RemarkForm,
    asks_for_links,
    parents_on,
)
from chuan.core.orgs.web.event_tables import EventTable, FateTable, fates_of, fates_of_links
from chuan.core.orgs.web.keys import split_bodies
from chuan.core.orgs.web.signed_in import SignedIn
from chuan.core.ui.views import confirm, conflict
from chuan.lib.rules import Denied
from chuan.lib.vietnamese import clean, format_date
from chuan.lib.whole_numbers import whole_number

FOUND = 20
# More pairs than this are not asked for on one page.
PAIRS_ON_A_PAGE = 60
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Row:
    """One body of a draft as step 2 lists it."""

    ref: str
    name: str
    stance: Stance
    url: str
    text: str = ""


def _event_or_404(request: SignedIn, event_id: int) -> ChangeEvent:
    return get_object_or_404(queries.events_visible_to(request.user), pk=event_id)


def _draft_or_denied(request: SignedIn, event_id: int) -> ChangeEvent:
    event = _event_or_404(request, event_id)
    rules.change_draft.require(request.user, event)
    return event


# ---------------------------------------------------------------- looking


@require_safe
def list_events(request: SignedIn) -> HttpResponse:
    table = EventTable(request, queries.events_visible_to(request.user))
    return table.download() or render(
        request,
        "orgs/events.html",
        {"table": table, "may_prepare": rules.prepare_events.allows(request.user)},
    )


@require_safe
def show_event(request: SignedIn, event_id: int) -> HttpResponse:
    """One reorganisation: before it is confirmed with what it would do, then with what it did."""
    event = _event_or_404(request, event_id)
    if event.state in {EventState.DRAFT, EventState.PROPOSED}:
        return _show_open(request, event)
    if event.proposal:
        proposal = queries.proposal_of(event)
        fates = fates_of(proposal, None, queries.names_in(proposal))
    else:
        eve = event.effective_on - ONE_DAY
        links = list(event.links.all())
        names = queries.names_at(
            [
                *((one.predecessor_id, eve) for one in links),
                *((one.successor_id, event.effective_on) for one in links),
            ]
        )
        fates = fates_of_links(event, names)
    table = FateTable(request, fates)
    refusal = rules.reverse_event.refusal(request.user, event)
    reasons = queries.reasons_against(event) if event.effects and refusal is None else []
    return table.download() or render(
        request,
        "orgs/event.html",
        {
            "event": event,
            "table": table,
            "may_reverse": refusal is None and not reasons,
            "reasons": reasons,
            "split": split_bodies(event),
            "left_to_do": left_to_do(queries.affected_by(event), request.user)
            if event.state == EventState.COMMITTED
            else [],
            "may_redraft": event.state == EventState.REVERSED
            and rules.prepare_events.allows(request.user),
        },
    )


def _show_open(request: SignedIn, event: ChangeEvent, problems: Sequence[str] = ()) -> HttpResponse:
    look = queries.preview(event, request.user)
    table = FateTable(request, fates_of(look.proposal, look.plan, queries.names_in(look.proposal)))
    found = list(dict.fromkeys([*problems, *(one.text for one in look.plan.problems)]))
    if not event.basis:
        found.append(_("Ghi văn bản quyết định việc sắp xếp (căn cứ)."))
    context = {
        "event": event,
        "table": table,
        "problems": list(dict.fromkeys(found)),
        "consequences": look.consequences,
        "counts": _counts(look),
        "may_change": rules.change_draft.allows(request.user, event),
        "may_hand_back": rules.hand_back_event.allows(request.user, event),
        "is_mine": event.prepared_by_id == request.user.pk,
        "commit_refusal": rules.commit_event.refusal(request.user, event),
        "remark_form": RemarkForm(),
        "asks_for_links": asks_for_links(event.kind),
    }
    return table.download() or render(
        request, "orgs/event_open.html", context, status=422 if problems else 200
    )


def _counts(look: queries.Preview) -> list[tuple[str, int]]:
    stances = [part.stance for part in look.proposal.parts]
    carried = sum(one.is_carried for one in look.plan.beginnings)
    carried += sum(one.is_carried for one in look.plan.amendments)
    counts = [
        (_("kết thúc"), stances.count(Stance.ENDS) + stances.count(Stance.WAS)),
        (_("thành lập mới"), stances.count(Stance.BEGINS)),
        (_("tiếp tục hoạt động"), stances.count(Stance.GOES_ON)),
        (_("chuyển theo cơ quan cấp trên"), carried),
        (_("cặp kế thừa"), len(look.proposal.links)),
    ]
    return [(label, count) for label, count in counts if count]


# ---------------------------------------------------------------- step 1: what, when, by which text


@require_http_methods(["GET", "HEAD", "POST"])
def new_event(request: SignedIn) -> HttpResponse:
    rules.prepare_events.require(request.user)
    form = EventForm(request.POST or None, initial={"kind": ChangeKind.MERGE})
    if request.method == "POST" and form.is_valid():
        event = operations.draft_event(actor=request.user, at=timezone.now(), **form.cleaned_data)
        return redirect("orgs:event_bodies", event_id=event.pk)
    context = {"form": form, "event": None, "asks_for_links": True}
    return render(request, "orgs/event_facts.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def edit_event(request: SignedIn, event_id: int) -> HttpResponse:
    event = _draft_or_denied(request, event_id)
    form = EventForm(request.POST or None, initial=EventForm.initial_of(event))
    if request.method == "POST" and form.is_valid():
        return _changed(request, event, "orgs:event_bodies", **form.cleaned_data)
    context = {"form": form, "event": event, "asks_for_links": asks_for_links(event.kind)}
    return render(request, "orgs/event_facts.html", context, status=422 if form.errors else 200)


def _changed(
    request: SignedIn, event: ChangeEvent, then: str, *args: Any, **changes: Any
) -> HttpResponse:
    """Save a step with the version its page was opened with, and go on."""
    try:
        operations.change_draft(
            actor=request.user,
            event=event,
            version=_version(request),
            at=timezone.now(),
            **changes,
        )
    except operations.Conflict as told:
        return _conflict(request, told)
    return redirect(then, event.pk, *args)


def _version(request: SignedIn) -> int:
    text = request.POST.get("version", "")
    return whole_number(text) or 0


def _conflict(request: SignedIn, told: operations.Conflict) -> HttpResponse:
    return conflict(
        request,
        back_url=reverse("orgs:event", args=[told.stored.pk]),
        changed_by=str(told.stored.prepared_by or ""),
        changed_at=told.stored.prepared_at,
    )


# ---------------------------------------------------------------- step 2: the bodies


@require_http_methods(["GET", "HEAD", "POST"])
def edit_bodies(request: SignedIn, event_id: int) -> HttpResponse:
    """Bodies are searched, added and taken out; each press is saved."""
    event = _draft_or_denied(request, event_id)
    proposal = queries.proposal_of(event)
    if request.method == "POST":
        return _change_bodies(request, event, proposal)
    names = queries.names_in(proposal)
    searched = clean(request.GET.get("q", ""))
    taken = {part.ref for part in proposal.parts}
    found = _search(event, searched, taken) if searched else []
    rows = [
        Row(
            ref=part.ref,
            name=names.get(part.ref) or _("Cơ quan mới"),
            stance=part.stance,
            url=reverse("orgs:event_body", args=[event.pk, part.ref])
            if part.stance in {Stance.BEGINS, Stance.GOES_ON}
            else "",
            text=_("Có thông tin mới") if part.facts and is_known(part.ref) else "",
        )
        for part in proposal.parts
    ]
    groups = [
        (stance, [row for row in rows if row.stance == stance][:200])
        for stance in (Stance.ENDS, Stance.WAS, Stance.GOES_ON, Stance.BEGINS)
    ]
    return render(
        request,
        "orgs/event_bodies.html",
        {
            "event": event,
            "groups": [(stance, members) for stance, members in groups if members],
            "searched": searched,
            "found": found,
            "may_end": event.kind in {ChangeKind.MERGE, ChangeKind.SPLIT, ChangeKind.DISSOLVE},
            "may_begin": event.kind not in {ChangeKind.RENAME, ChangeKind.REPARENT},
            "asks_for_links": asks_for_links(event.kind),
            "eve": event.effective_on - ONE_DAY,
        },
    )


def _search(event: ChangeEvent, text: str, taken: set[str]) -> list[OrganisationVersion]:
    """Bodies of the last day before the event, by any name they have or had."""
    on = event.effective_on
    versions = queries.find_organisations(text, on=on - ONE_DAY)
    if len(found := list(versions[: FOUND * 2])) < FOUND:
        # Bodies that begin on the very day may take over too.
        found += list(queries.find_organisations(text, on=on).filter(valid__startswith=on)[:FOUND])
    return [one for one in found if str(one.organisation_id) not in taken][:FOUND]


def _change_bodies(request: SignedIn, event: ChangeEvent, proposal: Proposal) -> HttpResponse:
    here = "orgs:event_bodies"
    parts = list(proposal.parts)
    if ref := request.POST.get("remove", ""):
        parts = [part for part in parts if part.ref != ref]
        return _changed(request, event, here, parts=parts)
    for name, stance in (("end", Stance.ENDS), ("keep", Stance.GOES_ON)):
        ref = request.POST.get(name, "")
        if ref and is_known(ref):
            if ref not in {part.ref for part in parts}:
                parts.append(Part(ref, stance))
            if stance == Stance.GOES_ON and not asks_for_links(event.kind):
                return _changed(request, event, "orgs:event_body", ref, parts=parts)
            return _changed(request, event, here, parts=parts)
    # “Sang bước sau”: draw the links that go without saying, once.
    if not asks_for_links(event.kind):
        return redirect("orgs:event", event.pk)
    if proposal.links or not (links := default_links(proposal)):
        return redirect("orgs:event_links", event.pk)
    return _changed(request, event, "orgs:event_links", links=links)


@require_http_methods(["GET", "HEAD", "POST"])
def edit_body(request: SignedIn, event_id: int, ref: str) -> HttpResponse:
    """What one body is called and where it stands from the day on; “moi” adds a new one."""
    event = _draft_or_denied(request, event_id)
    proposal = queries.proposal_of(event)
    part = next((one for one in proposal.parts if one.ref == ref), None)
    if part is None and ref != "moi":
        raise Http404
    known = _facts_now(event, ref) if is_known(ref) else {}
    stored = dict(part.facts) if part else {}
    parents = _parents(event, proposal, ref)
    suggested = _like_those_before(event, proposal, dict(parents)) if part is None else {}
    form = BodyForm(
        request.POST or None,
        initial={**known, **suggested, **stored},
        parents=parents,
    )
    if request.method == "POST" and form.is_valid():
        given = {name: form.cleaned_data.get(name, "") for name in form.fields}
        if part is None:
            part = Part(_next_ref(proposal), Stance.BEGINS, given)
            parts = [*proposal.parts, part]
        else:
            facts = (
                {name: value for name, value in given.items() if value != known.get(name, "")}
                if is_known(ref)
                else given
            )
            parts = [
                Part(one.ref, one.stance, facts) if one.ref == ref else one
                for one in proposal.parts
            ]
        return _changed(request, event, "orgs:event_bodies", parts=parts)
    context = {
        "event": event,
        "form": form,
        "name": stored.get("name") or known.get("name", ""),
        "is_known": bool(known),
    }
    return render(request, "orgs/event_body.html", context, status=422 if form.errors else 200)


def _like_those_before(
    event: ChangeEvent, proposal: Proposal, parents: Mapping[str, str]
) -> dict[str, str]:
    """What a new body most likely is: of the kind of those of the event, and where they stood; without
    any, a department of our own province."""
    for part in proposal.parts:
        if is_known(part.ref) and (facts := _facts_now(event, part.ref)):
            likely = {name: facts[name] for name in ("kind", "subtype", "parent")}
            if likely["parent"] in parents:
                return likely
            break
    else:
        likely = {"kind": OrgKind.PROVINCIAL.value, "subtype": ""}
    home = queries.home_province_on(event.effective_on)
    return {**likely, "parent": str(home.organisation_id) if home else ""}


def _facts_now(event: ChangeEvent, ref: str) -> dict[str, str]:
    """What a body of the register says of itself just before the event."""
    version = queries.version_on(int(ref), event.effective_on - ONE_DAY) or queries.version_on(
        int(ref), event.effective_on
    )
    if version is None:
        return {}
    spell = queries.spell_of(version)
    return {name: spell.facts[name] for name in FACTS}


def _parents(event: ChangeEvent, proposal: Proposal, ref: str) -> list[tuple[str, str]]:
    """Bodies others may stand under on the day: those that have some now, provinces, new ones."""
    on = event.effective_on
    above = OrganisationVersion.objects.on(on).values("parent")
    rows = queries.versions_on(on).filter(organisation__in=above)
    provinces = queries.organisations_on(on, kind=OrgKind.PROVINCE)
    ended = {part.ref for part in proposal.parts if part.stance == Stance.ENDS}
    going_on = [int(one.ref) for one in proposal.parts if one.stance == Stance.GOES_ON]
    named = queries.names_on(going_on[:500], on)
    choices = dict([*parents_on(provinces), *parents_on(rows)])
    choices |= {str(pk): str(name) for pk, name in named.items()}
    choices |= {
        one.ref: one.facts.get("name", one.ref)
        for one in proposal.parts
        if one.stance == Stance.BEGINS
    }
    return [(key, name) for key, name in choices.items() if key not in ended and key != ref]


def _next_ref(proposal: Proposal) -> str:
    numbers = [int(part.ref[1:]) for part in proposal.parts if part.ref[1:].isdigit()]
    return f"+{max(numbers, default=0) + 1}"


# ---------------------------------------------------------------- step 3: who takes over


@require_http_methods(["GET", "HEAD", "POST"])
def edit_links(request: SignedIn, event_id: int) -> HttpResponse:
    """For each body that gives, who takes all or part; many pairs are narrowed by a search."""
    event = _draft_or_denied(request, event_id)
    proposal = queries.proposal_of(event)
    names = queries.names_in(proposal)
    searched = clean(request.GET.get("q", ""))
    pairs, is_whole = _pairs(proposal, names, searched)
    form = LinksForm(request.POST or None, pairs=pairs, names=names, existing=proposal.links)
    if request.method == "POST" and form.is_valid():
        return _changed(request, event, "orgs:event", links=form.links(proposal.links))
    context = {
        "event": event,
        "form": form,
        "groups": form.groups(),
        "searched": searched,
        "is_whole": is_whole,
        "link_count": len(proposal.links),
    }
    return render(request, "orgs/event_links.html", context, status=422 if form.errors else 200)


def _pairs(
    proposal: Proposal, names: dict[str, str], searched: str
) -> tuple[list[tuple[str, str]], bool]:
    """The pairs to ask about, and whether they are all there are."""
    givers = [one.ref for one in proposal.parts if one.stance != Stance.BEGINS]
    takers = [one.ref for one in proposal.parts if one.stance in {Stance.BEGINS, Stance.GOES_ON}]
    if proposal.kind != ChangeKind.TRANSFER and any(
        one.stance in {Stance.ENDS, Stance.WAS} for one in proposal.parts
    ):
        ending = {one.ref for one in proposal.parts if one.stance in {Stance.ENDS, Stance.WAS}}
        gives = {link.predecessor for link in proposal.links}
        if proposal.kind != ChangeKind.SPLIT:
            givers = [ref for ref in givers if ref in ending | gives]
    pairs = [(one, other) for one in givers for other in takers if one != other]
    if len(pairs) <= PAIRS_ON_A_PAGE:
        return pairs, True
    drawn = {(link.predecessor, link.successor) for link in proposal.links}
    words = queries.words_of(searched)
    if not words:
        return [pair for pair in pairs if pair in drawn][:PAIRS_ON_A_PAGE], False
    chosen = [ref for ref in givers if queries.has_words(names.get(ref, ""), words)][:3]
    wanted = [pair for pair in pairs if pair[0] in chosen]
    wanted.sort(key=lambda pair: (givers.index(pair[0]), pair not in drawn))
    return wanted[: PAIRS_ON_A_PAGE * 3], False


# ---------------------------------------------------------------- from hand to hand


@require_POST
def propose(request: SignedIn, event_id: int) -> HttpResponse:
    event = _event_or_404(request, event_id)
    try:
        operations.propose_event(
            actor=request.user, event=event, version=_version(request), at=timezone.now()
        )
    except operations.Conflict as told:
        return _conflict(request, told)
    except operations.NotReady as told:
        return _show_open(request, event, told.problems)
    messages.success(request, _("Đã chuyển. Một người khác sẽ xem và xác nhận."))
    return redirect("orgs:event", event.pk)


@require_POST
def hand_back(request: SignedIn, event_id: int) -> HttpResponse:
    event = _event_or_404(request, event_id)
    form = RemarkForm(request.POST)
    remark = form.cleaned_data["remark"] if form.is_valid() else ""
    try:
        operations.hand_back_event(actor=request.user, event=event, remark=remark)
    except ValidationError as wrong:
        return _show_open(request, event, wrong.messages)
    return redirect("orgs:event", event.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def commit(request: SignedIn, event_id: int) -> HttpResponse:
    """The second person says yes, once more on a page of its own."""
    event = _event_or_404(request, event_id)
    rules.commit_event.require(request.user, event)
    if request.method == "POST":
        try:
            operations.commit_event(
                actor=request.user, event=event, version=_version(request), at=timezone.now()
            )
        except operations.Conflict as told:
            return _conflict(request, told)
        except operations.NotReady as told:
            return _show_open(request, event, told.problems)
        messages.success(request, _("Đã ghi sự kiện vào danh mục cơ quan."))
        return redirect("orgs:event", event.pk)
    look = queries.preview(event, request.user)
    if look.plan.problems:
        return redirect("orgs:event", event.pk)
    return render(
        request,
        "orgs/event_commit.html",
        {"event": event, "counts": _counts(look), "consequences": look.consequences},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def reverse_event(request: SignedIn, event_id: int) -> HttpResponse:
    event = _event_or_404(request, event_id)
    rules.reverse_event.require(request.user, event)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            operations.reverse_event(
                actor=request.user,
                event=event,
                at=timezone.now(),
                reason=form.cleaned_data["reason"],
            )
        except Denied as denied:
            messages.error(request, str(denied))
            return redirect("orgs:event", event.pk)
        messages.success(request, _("Đã hoàn tác. Danh mục cơ quan trở lại như trước sự kiện."))
        return redirect("orgs:event", event.pk)
    effects = event.effects
    return confirm(
        request,
        title=_("Hoàn tác “%(title)s”?") % {"title": event.title},
        action=_("Hoàn tác sự kiện"),
        back_url=reverse("orgs:event", args=[event.pk]),
        consequences=[
            _("%(count)s cơ quan đã kết thúc sẽ hoạt động trở lại.")
            % {"count": len(effects["gone"])},
            _("%(count)s cơ quan do sự kiện này lập sẽ bị xóa.")
            % {"count": len(effects["created"])},
            _("Thông tin từ ngày %(day)s trở lại như trước sự kiện.")
            % {"day": format_date(event.effective_on)},
        ],
        form=form,
        is_destructive=True,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def abandon(request: SignedIn, event_id: int) -> HttpResponse:
    event = _draft_or_denied(request, event_id)
    if request.method == "POST":
        operations.abandon_event(actor=request.user, event=event)
        messages.success(request, _("Đã bỏ bản soạn."))
        return redirect("orgs:events")
    return confirm(
        request,
        title=_("Bỏ bản soạn “%(title)s”?") % {"title": event.title},
        action=_("Bỏ bản soạn"),
        back_url=reverse("orgs:event", args=[event.pk]),
        is_destructive=True,
    )


@require_POST
def redraft(request: SignedIn, event_id: int) -> HttpResponse:
    event = _event_or_404(request, event_id)
    again = operations.redraft_event(actor=request.user, event=event, at=timezone.now())
    return redirect("orgs:event", again.pk)
