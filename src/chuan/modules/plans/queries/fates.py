"""Duties of bodies that are no more: what is open, what was decided, and that nothing is lost.

Open is what is not done and whose period, or the time it was given, reaches past the last day of
its body. It has exactly one
decision: none yet, one that waits, or one that holds; `sum_of` shows that the three make up all.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import (
    Count,
    DateField,
    Exists,
    F,
    Func,
    Max,
    Min,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Value,
)
from django.db.models.functions import Coalesce

from chuan.core.orgs.enums import ChangeKind, EventState, OrgKind
from chuan.core.orgs.models import ChangeEvent, OrganisationVersion, SuccessionLink
from chuan.core.orgs.queries import names_on, told_apart_on
from chuan.modules.plans.enums import LIVE_FATES, FateKind, FateState, PartyRole
from chuan.modules.plans.models import (
    Assignment,
    ContributionRequest,
    Evidence,
    Fate,
    FateDecision,
    FateHeir,
    Plan,
    ProgressUpdate,
)

# Bodies that look after a place: what is left of their duties belongs to whoever has the place now.
TERRITORIAL = frozenset({OrgKind.DISTRICT, OrgKind.COMMUNE, OrgKind.PROVINCE})
_STEPS = 6

# Bodies that are no more, each with the first day without it.
Vanished = Mapping[int, date]


# ---------------------------------------------------------------- which bodies, which assignments


def vanished_bodies(on: date, plan: Plan | None = None) -> dict[int, date]:
    """Bodies with assignments that are no more on a day, and the first day without each. One query."""
    work = Assignment.objects.filter(organisation=OuterRef("organisation"))
    if plan is not None:
        work = work.filter(task__plan=plan)
    ended = Coalesce(Func(F("valid"), function="upper", output_field=DateField()), Value(date.max))
    rows = (
        OrganisationVersion.objects.filter(Exists(work))
        .values("organisation")
        .annotate(gone=Max(ended))
        .filter(gone__lte=on)
        .order_by("organisation")
    )
    return dict(rows.values_list("organisation", "gone"))


def left_over(vanished: Vanished, plan: Plan | None = None) -> QuerySet[Assignment]:
    """What these bodies owe still: not done, not closed, for days on which they are no more."""
    rows = Assignment.objects.filter(done_on__isnull=True, closed_on__isnull=True)
    if plan is not None:
        rows = rows.filter(task__plan=plan)
    return rows.filter(_past_the_end(vanished))


def _past_the_end(vanished: Vanished) -> Q:
    by_day: dict[date, list[int]] = defaultdict(list)
    for pk, day in vanished.items():
        by_day[day].append(pk)
    # Nothing at all, where no body is gone.
    found = Q(pk__in=())
    for day, ids in by_day.items():
        found |= Q(Q(period_end__gt=day) | Q(due_on__gte=day), organisation__in=ids)
    return found


def reach_of(one: Assignment) -> date:
    """The first day on which an assignment is owed no more: after its period, or after the later
    day it was granted."""
    if one.due_on is None:
        return one.period_end
    return max(one.period_end, one.due_on + timedelta(days=1))


def decided() -> Q:
    """Of assignments: closed, or in a decision that waits or holds."""
    return Q(closed_on__isnull=False) | Q(Exists(_live_fates()))


def passed_on_by_a_decision() -> Exists:
    """Of assignments: a body goes on in it with what another left, by a decision that holds."""
    return Exists(
        FateHeir.objects.filter(assignment=OuterRef("pk"), fate__state=FateState.APPROVED)
    )


def held_by_a_decision() -> Q:
    return decided() | Q(passed_on_by_a_decision())


def fates_that_came_to_nothing(rows: QuerySet[Assignment] | Collection[int]) -> QuerySet[Fate]:
    """Of these assignments, what was proposed for them and handed back, or undone."""
    return Fate.objects.filter(assignment__in=rows).exclude(state__in=LIVE_FATES)


def undecided(rows: QuerySet[Assignment]) -> QuerySet[Assignment]:
    """Those nobody has proposed anything for, or only what came to nothing."""
    return rows.filter(~Exists(_live_fates()))


def _live_fates() -> QuerySet[Fate]:
    return Fate.objects.filter(assignment=OuterRef("pk"), state__in=LIVE_FATES)


# ---------------------------------------------------------------- the sum


@dataclass(frozen=True, slots=True)
class FateSum:
    """How many duties bodies left behind, and how many of them wait, are proposed or decided.

    `total` is counted from the assignments, the parts from the decisions: `adds_up` compares.
    `closed_without` are assignments closed without a decision, `heirless` those passed on to nobody;
    both are always 0.
    """

    total: int = 0
    undecided: int = 0
    proposed: int = 0
    approved: int = 0
    closed_without: int = 0
    heirless: int = 0

    @property
    def adds_up(self) -> bool:
        whole = self.undecided + self.proposed + self.approved
        return self.total == whole and not self.closed_without and not self.heirless


def sum_of(on: date, plan: Plan | None = None) -> FateSum:
    """The sum check over one plan, or over all. Six queries."""
    vanished = vanished_bodies(on, plan)
    of_plan = Q() if plan is None else Q(task__plan=plan)
    open_ones = left_over(vanished, plan)
    closed = Assignment.objects.filter(of_plan, closed_on__isnull=False)
    fates = Fate.objects.filter(Q() if plan is None else Q(assignment__task__plan=plan))
    counts = fates.aggregate(
        proposed=Count("pk", filter=Q(state=FateState.PROPOSED)),
        approved=Count("pk", filter=Q(state=FateState.APPROVED)),
    )
    approved = Fate.objects.filter(assignment=OuterRef("pk"), state=FateState.APPROVED)
    passed_on = fates.filter(
        state=FateState.APPROVED,
        decision__kind__in=[FateKind.TRANSFER, FateKind.CLONE, FateKind.DEPARTMENT],
    )
    heirs = FateHeir.objects.filter(fate=OuterRef("pk"), assignment__isnull=False)
    return FateSum(
        total=open_ones.count() + closed.count(),
        undecided=undecided(open_ones).count(),
        proposed=counts["proposed"],
        approved=counts["approved"],
        closed_without=closed.filter(~Exists(approved)).count(),
        heirless=passed_on.filter(~Exists(heirs)).count(),
    )


def count_undecided(plan: Plan, on: date) -> int:
    """How many duties of bodies that are no more wait for somebody to propose something."""
    vanished = vanished_bodies(on, plan)
    return undecided(left_over(vanished, plan)).count() if vanished else 0


@dataclass(frozen=True, slots=True)
class DutyCount:
    """How far the duties one body left behind are decided, over all plans."""

    undecided: int = 0
    proposed: int = 0
    approved: int = 0

    @property
    def total(self) -> int:
        return self.undecided + self.proposed + self.approved


def duties_by_body(vanished: Vanished) -> dict[int, DutyCount]:
    """For each of these bodies; two queries."""
    waiting = Counter(undecided(left_over(vanished)).values_list("organisation", flat=True))
    decided = Counter(
        Fate.objects.filter(
            assignment__organisation__in=vanished, state__in=LIVE_FATES
        ).values_list("assignment__organisation", "state")
    )
    return {
        pk: DutyCount(waiting[pk], decided[pk, FateState.PROPOSED], decided[pk, FateState.APPROVED])
        for pk in vanished
    }


def passed_on_to(heirs: Collection[int], left_by: Collection[int]) -> Counter[int]:
    """How many duties each of some bodies left, by decisions that hold, to any of these heirs."""
    rows = FateHeir.objects.filter(
        fate__state=FateState.APPROVED,
        fate__assignment__organisation__in=left_by,
        assignment__organisation__in=heirs,
    )
    return Counter(rows.values_list("fate__assignment__organisation", flat=True))


# ---------------------------------------------------------------- the bodies of one plan


@dataclass(frozen=True, slots=True)
class VanishedBody:
    """One body that is no more, and how far its duties are decided."""

    organisation_id: int
    name: str
    kind: OrgKind
    ended_on: date
    event: ChangeEvent | None
    undecided: int
    proposed: int
    approved: int

    @property
    def total(self) -> int:
        return self.undecided + self.proposed + self.approved


def bodies_of(plan: Plan, on: date) -> list[VanishedBody]:
    """Bodies that left duties of a plan behind, by kind and name. Nine queries."""
    vanished = vanished_bodies(on, plan)
    waiting = dict(
        undecided(left_over(vanished, plan))
        .order_by()
        .values("organisation")
        .annotate(n=Count("pk"))
        .values_list("organisation", "n")
    )
    decided: dict[tuple[int, str], int] = {}
    for organisation, state, count in (
        Fate.objects.filter(assignment__task__plan=plan, state__in=LIVE_FATES)
        .order_by()
        .values("assignment__organisation", "state")
        .annotate(n=Count("pk"))
        .values_list("assignment__organisation", "state", "n")
    ):
        decided[organisation, state] = count
    ids = [pk for pk in vanished if pk in waiting or any(key[0] == pk for key in decided)]
    versions = last_versions(ids)
    events = _events_ending({pk: vanished[pk] for pk in ids})
    names = told_apart_on(ids, on)
    return [
        VanishedBody(
            organisation_id=pk,
            name=names[pk],
            kind=OrgKind(versions[pk].kind),
            ended_on=vanished[pk],
            event=events.get(pk),
            undecided=waiting.get(pk, 0),
            proposed=decided.get((pk, FateState.PROPOSED), 0),
            approved=decided.get((pk, FateState.APPROVED), 0),
        )
        for pk in sorted(ids, key=lambda pk: _rank(versions[pk]))
    ]


def _rank(version: OrganisationVersion) -> tuple[int, str, int]:
    return [*OrgKind].index(OrgKind(version.kind)), version.sort_key, version.organisation_id


def last_versions(ids: Collection[int]) -> dict[int, OrganisationVersion]:
    """What each body was called last."""
    rows = (
        OrganisationVersion.objects.filter(organisation__in=ids)
        .order_by("organisation", "-valid")
        .distinct("organisation")
    )
    return {row.organisation_id: row for row in rows}


def _events_ending(vanished: Vanished) -> dict[int, ChangeEvent]:
    """The committed reorganisation that ended each body, where the register knows one."""
    events = ChangeEvent.objects.filter(
        state=EventState.COMMITTED, effective_on__in=set(vanished.values())
    ).exclude(kind=ChangeKind.TRANSFER)
    by_pk = {event.pk: event for event in events.select_related("legal_basis").order_by("pk")}
    found: dict[int, ChangeEvent] = {}
    links = SuccessionLink.objects.filter(event__in=by_pk, predecessor__in=vanished)
    for event_id, pk in links.order_by("pk").values_list("event_id", "predecessor_id"):
        if by_pk[event_id].effective_on == vanished[pk]:
            found.setdefault(pk, by_pk[event_id])
    for event in by_pk.values():
        for pk in event.effects.get("gone", []):
            if vanished.get(pk) == event.effective_on:
                found.setdefault(pk, event)
    return found


# ---------------------------------------------------------------- who could go on


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What usually becomes of a body's duties, for a person to take or leave; never taken by itself."""

    kind: FateKind
    heirs: tuple[int, ...]


def suggestions_for(vanished: Vanished, on: date) -> dict[int, Suggestion]:
    """By the register: a place's duties to each body that has part of the place now, others to the
    one body that took over the whole, and where there is none, to be closed."""
    heirs = heirs_of(vanished, on)
    versions = last_versions(list(vanished))
    found = {}
    for pk in vanished:
        mine = heirs.get(pk, ())
        if not mine:
            found[pk] = Suggestion(FateKind.CLOSE, ())
        elif versions[pk].kind in TERRITORIAL and len(mine) > 1:
            found[pk] = Suggestion(FateKind.CLONE, mine)
        elif len(mine) == 1:
            found[pk] = Suggestion(FateKind.TRANSFER, mine)
        else:
            found[pk] = Suggestion(FateKind.CLONE, mine)
    return found


def heirs_of(vanished: Vanished, on: date) -> dict[int, tuple[int, ...]]:
    """Bodies alive on a day that took over all or part of each of these, however many steps after;
    in the order of the register. A query a step, and one for who is alive."""
    following: dict[int, list[int]] = defaultdict(list)
    seen: set[int] = set()
    frontier = set(vanished)
    for _step in range(_STEPS):
        if not frontier:
            break
        seen |= frontier
        links = SuccessionLink.objects.filter(
            predecessor__in=frontier, event__state=EventState.COMMITTED, event__effective_on__lte=on
        ).exclude(event__kind=ChangeKind.TRANSFER)
        fresh = set()
        for before, after in links.order_by("event__effective_on", "pk").values_list(
            "predecessor_id", "successor_id"
        ):
            if after not in following[before]:
                following[before].append(after)
            fresh.add(after)
        frontier = fresh - seen
    alive = alive_on({pk for heirs in following.values() for pk in heirs}, on)
    return {pk: tuple(_ends(pk, following, alive)) for pk in vanished if following[pk]}


def _ends(pk: int, following: Mapping[int, Sequence[int]], alive: Collection[int]) -> list[int]:
    found: dict[int, None] = {}
    seen, waiting = {pk}, list(following.get(pk, ()))
    while waiting:
        one = waiting.pop(0)
        if one in seen:
            continue
        seen.add(one)
        if one in alive:
            found[one] = None
        else:
            waiting += following.get(one, ())
    return list(found)


def alive_on(ids: Collection[int], day: date) -> frozenset[int]:
    rows = OrganisationVersion.objects.on(day).filter(organisation__in=ids)
    return frozenset(rows.values_list("organisation_id", flat=True))


# ---------------------------------------------------------------- what a decision would do


@dataclass(frozen=True, slots=True)
class Heir:
    """One body that goes on with one assignment: from when, and in which assignment it has already."""

    assignment: Assignment
    organisation_id: int
    start: date
    already: Assignment | None


@dataclass(frozen=True, slots=True)
class FatePreview:
    """What approving would do: assignments closed, new ones written down, those that the bodies have
    already, and how many of the new ones are late at once."""

    closed: int
    bodies: int
    created: int
    already: int
    heirs: int
    late: int


def passed_on(
    chosen: Sequence[tuple[Assignment, date]], receivers: Mapping[int, Collection[int]]
) -> list[Heir]:
    """Who goes on with what. A body that has the task in those days goes on with what it has; one
    that gets it from several gets it once; one that began later begins then.

    :param chosen: each assignment with the first day on which its own body owes it no longer.
    :param receivers: by the body that is no more.
    """
    wanted = {pk for heirs in receivers.values() for pk in heirs}
    there: dict[tuple[int, int], list[Assignment]] = defaultdict(list)
    rows = Assignment.objects.filter(
        task__in={one.task_id for one, _day in chosen}, organisation__in=wanted, closed_on=None
    )
    for row in rows.order_by("period_start", "pk"):
        there[row.task_id, row.organisation_id].append(row)
    begun = first_days(wanted)
    found = []
    for one, day in chosen:
        for heir in receivers.get(one.organisation_id, ()):
            start = max(day, one.period_start, begun.get(heir, date.min))
            found.append(Heir(one, heir, start, _already(there[one.task_id, heir], one, start)))
    return found


def first_days(ids: Collection[int]) -> dict[int, date]:
    """The day on which each body began; left out where nobody knows."""
    starts = Func(F("valid"), function="lower", output_field=DateField())
    rows = (
        OrganisationVersion.objects.filter(organisation__in=ids)
        .values("organisation")
        .annotate(first=Min(Coalesce(starts, Value(date.min))))
        .order_by("organisation")
    )
    return dict(rows.values_list("organisation", "first"))


def _already(rows: Iterable[Assignment], one: Assignment, start: date) -> Assignment | None:
    """Of a body's assignments of the task: the one that covers these days, in the same role or as
    lead; or that begins on the very day in the same role, where there is room for one."""
    return next(
        (
            row
            for row in rows
            if (
                row.role in (one.role, PartyRole.LEAD)
                and row.period_start < one.period_end
                and (reach_of(row) if row.year == one.year else row.period_end) > start
            )
            or (row.role == one.role and row.period_start == start)
        ),
        None,
    )


def preview_of_fates(
    chosen: Sequence[tuple[Assignment, date]], receivers: Mapping[int, Collection[int]], on: date
) -> FatePreview:
    heirs = passed_on(chosen, receivers)
    fresh = {
        (one.assignment.task_id, one.organisation_id, one.assignment.role, one.start): one
        for one in heirs
        if one.already is None
    }
    return FatePreview(
        closed=len(chosen),
        bodies=len({one.organisation_id for one, _day in chosen}),
        created=len(fresh),
        already=sum(one.already is not None for one in heirs),
        heirs=len({one.organisation_id for one in heirs}),
        late=sum(
            one.assignment.due_on is not None and one.assignment.due_on < on
            for one in fresh.values()
        ),
    )


# ---------------------------------------------------------------- decisions


def decisions_of(plan: Plan) -> QuerySet[FateDecision]:
    """Every decision about a plan, those that wait first, then the newest."""
    return (
        FateDecision.objects.filter(plan=plan)
        .select_related("proposed_by", "approved_by", "ended_by")
        .annotate(
            fate_count=Count("fates", distinct=True),
            body_count=Count("fates__assignment__organisation", distinct=True),
        )
        .order_by(F("approved_at").desc(nulls_first=True), "-pk")
    )


def fates_of(decision: FateDecision) -> QuerySet[Fate]:
    """The assignments of a decision, by body and in annex order, each with who goes on with it."""
    heirs = FateHeir.objects.select_related("assignment").order_by("pk")
    return (
        decision.fates.select_related("assignment__task")
        .prefetch_related(Prefetch("heirs", queryset=heirs))
        .order_by(
            "assignment__organisation", "assignment__year", "assignment__task__position", "pk"
        )
    )


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where an assignment came from or went to, for its page."""

    decision: FateDecision
    name: str
    assignment: Assignment | None
    was_there: bool = False


def came_from(assignment: Assignment) -> list[Provenance]:
    """The assignments of bodies that are no more which this one goes on with."""
    rows = FateHeir.objects.filter(
        assignment=assignment, fate__state=FateState.APPROVED
    ).select_related("fate__decision__approved_by", "fate__assignment")
    found = list(rows.order_by("pk"))
    names = last_versions([one.fate.assignment.organisation_id for one in found])
    return [
        Provenance(
            one.fate.decision,
            names[one.fate.assignment.organisation_id].name,
            one.fate.assignment,
            one.was_there,
        )
        for one in found
    ]


def live_fate_of(assignment: Assignment) -> Fate | None:
    """The decision about an assignment that waits or holds."""
    return (
        assignment.fates.filter(state__in=LIVE_FATES)
        .select_related("decision__proposed_by", "decision__approved_by")
        .first()
    )


def went_to(fate: Fate) -> list[Provenance]:
    heirs = list(fate.heirs.select_related("assignment").order_by("pk"))
    names = names_on([one.organisation_id for one in heirs], fate.from_day)
    return [
        Provenance(
            fate.decision,
            str(names[one.organisation_id]) if one.organisation_id in names else "",
            one.assignment,
            one.was_there,
        )
        for one in heirs
    ]


def worked_on(ids: Collection[int]) -> QuerySet[Assignment]:
    """Of these, the ones somebody told, showed or asked something about."""
    mine = OuterRef("pk")
    return Assignment.objects.filter(
        Q(version__gt=1)
        | Exists(ProgressUpdate.objects.filter(assignment=mine))
        | Exists(Evidence.objects.filter(assignment=mine))
        | Exists(ContributionRequest.objects.filter(Q(lead=mine) | Q(assignment=mine))),
        pk__in=ids,
    )


def plans_with_undecided(
    organisation_ids: Collection[int], on: date
) -> list[tuple[Plan, int, int]]:
    """Plans of these departments, in force, with duties nobody has decided about: how many have no
    proposal, and how many decisions wait for approval."""
    found = []
    for plan in Plan.objects.filter(managed_by__in=organisation_ids, valid__contains=on).order_by(
        "pk"
    ):
        waiting = plan.fate_decisions.filter(state=FateState.PROPOSED).count()
        count = count_undecided(plan, on)
        if count or waiting:
            found.append((plan, count, waiting))
    return found
