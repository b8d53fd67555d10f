"""Assignments: who sees them, how they stand against the calendar, and what proves them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from datetime import date

from django.db.models import (
    Case,
    CharField,
    Count,
    F,
    FilteredRelation,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from chuan.core.orgs.enums import OrgKind
from chuan.core.people.models import Person
from chuan.lib.periods import Period
from chuan.modules.plans import rules
from chuan.modules.plans.enums import PartyRole, Timeliness
from chuan.modules.plans.models import (
    Assignment,
    Deliverable,
    Evidence,
    ProgressUpdate,
)
from chuan.modules.plans.queries.past import end_of, rows_on

DONE = Q(done_on__isnull=False)
# Not handed over or ended by a decision about the duties of a body that is no more.
OWED = Q(closed_on__isnull=True)
# And counted: where any one of several bodies is enough, with one of them alone.
COUNTED = OWED & Q(counted_with__isnull=True)
BY_SHORT_NAME = (OrgKind.COMMUNE, OrgKind.DISTRICT)


def assignments_visible_to(person: Person, *, past: date | None = None) -> QuerySet[Assignment]:
    """Of their own bodies for members of a unit; all of them for those who watch over plans.

    :param past: as they were at the end of this day (see `past.rows_on`). Who may see them is as now.
    """
    rows = rows_on(past).select_related("task", "task__section", "task__plan")
    if rules.sees_every_body.allows(person):
        return rows
    own = Q(organisation__in=rules.readable_organisation_ids(person))
    managed = rules.managed_organisation_ids(person)
    # Said apart where one will do: the database finds its way faster without an “or”.
    return rows.filter(own | Q(task__plan__managed_by__in=managed) if managed else own)


def in_period(period: Period) -> Q:
    """Assignments whose period shares a day with this one; one that was closed before it began
    belongs to no period."""
    shares = Q(period_start__lt=period.end, period_end__gt=period.start)
    return shares & (OWED | Q(closed_on__gt=F("period_start")))


def in_year(year: int) -> Q:
    return in_period(Period.year(year))


def during(days: int | Period) -> Q:
    """Of a year, or of the days of a period."""
    return in_year(days) if isinstance(days, int) else in_period(days)


def timeliness_conditions(on: date, *, done: Q = DONE) -> dict[Timeliness, Q]:
    """`models.timeliness_of` in SQL: exactly one of the four holds for every row that is counted,
    none for one that was closed when its body was no more, or is counted with another body's.

    :param done: what counts as done, where it is not what is done today.
    """
    once = Q(counted_with__isnull=True)
    done_in_time = Q(due_on__isnull=True) | Q(done_on__lte=F("due_on"))
    return {
        Timeliness.ON_TIME: once & done & done_in_time,
        Timeliness.LATE: once & done & Q(done_on__gt=F("due_on")),
        Timeliness.IN_TIME: COUNTED
        & ~done
        & (Q(due_on__isnull=True) | Q(due_on__gte=on) | Q(is_paused=True)),
        Timeliness.OVERDUE: COUNTED & ~done & Q(due_on__lt=on, is_paused=False),
    }


def timeliness_case(on: date, *, done: Q = DONE) -> Case:
    """The same as a value of each row."""
    return Case(
        *(
            When(condition, then=Value(kind))
            for kind, condition in timeliness_conditions(on, done=done).items()
        ),
        output_field=CharField(),
    )


@dataclass(frozen=True, slots=True)
class TimelinessCounts:
    """How many by the calendar; the four always sum to the total.

    Beside them, and in no total: how many have more time by a decision, how many of those on time
    are so by that alone, and of how many the clock stands still.
    """

    on_time: int = 0
    late: int = 0
    in_time: int = 0
    overdue: int = 0
    extended: int = 0
    on_time_by_extension: int = 0
    paused: int = 0

    @property
    def total(self) -> int:
        return self.on_time + self.late + self.in_time + self.overdue

    @property
    def done(self) -> int:
        return self.on_time + self.late

    @property
    def on_time_originally(self) -> int:
        """Done by the first day there was."""
        return self.on_time - self.on_time_by_extension

    def __add__(self, other: TimelinessCounts) -> TimelinessCounts:
        return TimelinessCounts(
            **{one.name: getattr(self, one.name) + getattr(other, one.name) for one in fields(self)}
        )

    def of(self, kind: Timeliness) -> int:
        return int(getattr(self, kind.value))


def timeliness_counts(rows: QuerySet[Assignment], *, on: date) -> TimelinessCounts:
    return TimelinessCounts(**rows.order_by().aggregate(**_counted(on)))


def timeliness_counts_by(
    rows: QuerySet[Assignment], field: str, *, on: date
) -> dict[int, TimelinessCounts]:
    """Counts for each value of one foreign key: `timeliness_counts_by(rows, "task_id", on=today)`."""
    kinds = _counted(on)
    counted = rows.order_by().values(field).annotate(**kinds).values_list(field, *kinds)
    return {
        key: TimelinessCounts(**dict(zip(kinds, numbers, strict=True))) for key, *numbers in counted
    }


# Of `TimelinessCounts`, what stands beside the four.
BESIDE = ("extended", "on_time_by_extension", "paused")


def beside_conditions(on: date) -> dict[str, Q]:
    """What `TimelinessCounts` counts beside the four, in SQL."""
    once = Q(counted_with__isnull=True)
    extended = once & Q(original_due_on__isnull=False)
    by_extension = timeliness_conditions(on)[Timeliness.ON_TIME] & extended
    by_extension &= Q(done_on__gt=F("original_due_on"))
    found = (extended, by_extension, once & ~DONE & Q(is_paused=True))
    return dict(zip(BESIDE, found, strict=True))


def _counted(on: date) -> dict[str, Count]:
    conditions = timeliness_conditions(on)
    named = {kind.value: condition for kind, condition in conditions.items()}
    named |= beside_conditions(on)
    return {name: Count(Value(1), filter=condition) for name, condition in named.items()}


def with_evidence_count(
    rows: QuerySet[Assignment], *, past: date | None = None
) -> QuerySet[Assignment]:
    """Adds `evidence_count`: files and links that were not withdrawn, now or at the end of a day."""
    if past is None:
        counted = Q(assignment=OuterRef("pk"), withdrawn_at__isnull=True)
    else:
        end = end_of(past)
        counted = Q(assignment=OuterRef("assignment_id"), added_at__lt=end) & (
            Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gte=end)
        )
    count = (
        Evidence.objects.filter(counted)
        .order_by()
        .values("assignment")
        .annotate(n=Count("*"))
        .values("n")
    )
    return rows.annotate(
        evidence_count=Coalesce(Subquery(count, output_field=IntegerField()), Value(0))
    )


def updates_of(assignment_ids: Collection[int]) -> QuerySet[ProgressUpdate]:
    return (
        ProgressUpdate.objects.filter(assignment__in=assignment_ids)
        .select_related("made_by")
        .order_by("-made_at", "-pk")
    )


def latest_updates(assignment_ids: Collection[int]) -> dict[int, ProgressUpdate]:
    """The last word on each assignment that has one."""
    rows = (
        ProgressUpdate.objects.filter(assignment__in=assignment_ids)
        .select_related("made_by")
        .order_by("assignment", "-made_at", "-pk")
        .distinct("assignment")
    )
    return {row.assignment_id: row for row in rows}


def evidence_of(assignment_ids: Collection[int]) -> QuerySet[Evidence]:
    """Files and links that were not withdrawn, newest first."""
    return (
        Evidence.objects.filter(assignment__in=assignment_ids, withdrawn_at__isnull=True)
        .select_related("upload__file", "added_by", "deliverable")
        .order_by("-added_at", "-pk")
    )


# ---------------------------------------------------------------- what is proven


@dataclass(frozen=True, slots=True)
class Proof:
    """What the evidence of one assignment shows: percent by weight, and what is still missing."""

    percent: int
    missing: tuple[Deliverable, ...]

    @property
    def is_whole(self) -> bool:
        return not self.missing


# Of one piece of evidence: the deliverable it is for (none named: any), and its kind.
Shown = tuple[int | None, str]


def proof_of(deliverables: Iterable[Deliverable], shown: Iterable[Shown]) -> Proof:
    """A deliverable is proven by evidence of one of its kinds: evidence given for it, or, when the
    task has a single deliverable, evidence given for none."""
    wanted = list(deliverables)
    pieces = list(shown)
    missing = tuple(item for item in wanted if not _is_proven(item, pieces, alone=len(wanted) == 1))
    whole = sum(item.weight for item in wanted)
    proven = whole - sum(item.weight for item in missing)
    return Proof(percent=round(proven * 100 / whole) if whole else 0, missing=missing)


def _is_proven(item: Deliverable, shown: list[Shown], *, alone: bool) -> bool:
    return any(
        (given_for == item.pk or (given_for is None and alone))
        and (not item.evidence_kinds or kind in item.evidence_kinds)
        for given_for, kind in shown
    )


def proofs(assignments: Collection[Assignment]) -> dict[int, Proof]:
    """For each assignment by id; two queries however many there are."""
    wanted: dict[int, list[Deliverable]] = defaultdict(list)
    tasks = {assignment.task_id for assignment in assignments}
    for item in Deliverable.objects.filter(task__in=tasks).order_by("position", "pk"):
        wanted[item.task_id].append(item)
    shown: dict[int, list[Shown]] = defaultdict(list)
    rows = (
        Evidence.objects.filter(
            assignment__in=[assignment.pk for assignment in assignments], withdrawn_at__isnull=True
        )
        .order_by()
        .values_list("assignment_id", "deliverable_id", "kind")
        .distinct()
    )
    for assignment_id, deliverable_id, kind in rows:
        shown[assignment_id].append((deliverable_id, kind))
    return {row.pk: proof_of(wanted[row.task_id], shown[row.pk]) for row in assignments}


# ---------------------------------------------------------------- lead and coordinators


def coordinating_beside(assignment: Assignment) -> QuerySet[Assignment]:
    """The coordinators' assignments of the same task whose periods share days with this one."""
    return Assignment.objects.filter(
        in_period(Period(assignment.period_start, assignment.period_end)),
        task=assignment.task_id,
        role=PartyRole.COORDINATING,
    ).order_by("pk")


def coordinators_still_there(lead: Assignment) -> QuerySet[Assignment]:
    """Of these, the ones a lead can ask: what a decision closed is only read."""
    return coordinating_beside(lead).filter(closed_on__isnull=True)


def called(prefix: str = "") -> Case:
    """What lists call an `OrganisationVersion`, or one reached over a relation."""
    return Case(
        When(**{f"{prefix}kind__in": BY_SHORT_NAME}, then=F(f"{prefix}short_name")),
        default=F(f"{prefix}name"),
        output_field=CharField(),
    )


def with_body_name(rows: QuerySet[Assignment]) -> QuerySet[Assignment]:
    """Adds `body_name`, `body_sort_key` and `body_search_key`: what the body was called on the day
    it was given the task. “UBND xã …” is short enough and known; other bodies go by their full
    name."""
    then = FilteredRelation(
        "organisation__versions",
        condition=Q(organisation__versions__valid__contains=F("resolved_on")),
    )
    return rows.annotate(
        body_then=then,
        body_name=called("body_then__"),
        body_sort_key=F("body_then__sort_key"),
        body_search_key=F("body_then__search_key"),
    )


# More than these nobody looks through; the newest are the ones meant.
MOST_TO_REUSE = 100


def evidence_to_reuse(assignment: Assignment) -> list[Evidence]:
    """What the same body showed for other assignments and still counts, newest first, each file or
    link once and none that is here already."""
    here = set(
        Evidence.objects.filter(assignment=assignment, withdrawn_at__isnull=True).values_list(
            "upload__file", "link"
        )
    )
    rows = (
        Evidence.objects.filter(
            assignment__organisation=assignment.organisation_id, withdrawn_at__isnull=True
        )
        .exclude(assignment=assignment)
        .select_related("assignment__task", "upload")
        .order_by("-added_at", "-pk")
    )
    found: dict[tuple[int | None, str], Evidence] = {}
    for row in rows[: 4 * MOST_TO_REUSE]:
        key = (row.upload.file_id if row.upload else None, row.link)
        if key not in here:
            found.setdefault(key, row)
    return list(found.values())[:MOST_TO_REUSE]
