"""What is late: the list that is looked through, filtered, and urged from."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Case, CharField, Count, F, Max, Min, Q, QuerySet, Value, When

from chuan.core.calendar.engine import WorkingCalendar
from chuan.core.calendar.queries import working_calendar
from chuan.core.legal.queries import statutes
from chuan.core.orgs.enums import OrgKind
from chuan.core.orgs.models import OrganisationVersion
from chuan.modules.plans.enums import BodyKind, PartyRole, Timeliness
from chuan.modules.plans.models import Assignment, Plan, UrgingLetter
from chuan.modules.plans.queries.assignments import COUNTED, timeliness_conditions, with_body_name
from chuan.modules.plans.queries.owed import owed_work

ESCALATION = "reminders.escalation_working_days"


_KINDS = {
    BodyKind.PROVINCIAL: (OrgKind.PROVINCIAL, OrgKind.ARMED),
    BodyKind.COMMUNE: (OrgKind.COMMUNE,),
}


@dataclass(frozen=True, slots=True)
class Ages:
    """From how many working days late on somebody higher looks at it, with the last due day of each.

    Where the table of parameters says nothing there is only the first: late at all.
    """

    days: dict[str, int]
    last_due: dict[str, date]


ANY_AGE, FOR_HEAD, FOR_DEPARTMENT, FOR_PROVINCE = "any", "head", "department", "province"


def ages(on: date) -> Ages:
    """Three queries."""
    return _ages(on, working_calendar(on=on))


def _ages(on: date, calendar: WorkingCalendar) -> Ages:
    found = statutes([ESCALATION], on=on).get(ESCALATION)
    levels = dict(found.value) if found else {}
    days = {
        name: levels[name] for name in (FOR_HEAD, FOR_DEPARTMENT, FOR_PROVINCE) if name in levels
    }
    return Ages(
        days={ANY_AGE: 1, **days},
        last_due={
            ANY_AGE: on - timedelta(days=1),
            **{name: calendar.last_due_day_late_by(on, count) for name, count in days.items()},
        },
    )


def overdue_work(plan: Plan, on: date) -> QuerySet[Assignment]:
    """What bodies lead in a plan and are late with, the longest late first, with `body_name` and
    `body_kind`."""
    rows = owed_work(on, due_by=on - timedelta(days=1)).filter(task__plan=plan)
    return (
        with_body_name(rows.select_related("task"))
        .annotate(body_kind=_kind_of_body())
        .order_by("due_on", F("body_sort_key"), "task__position", "pk")
    )


@dataclass(frozen=True, slots=True)
class NotPressed:
    """What is late, or was when more time was asked for, and is not on the list."""

    ended: int
    paused: int
    others: int

    @property
    def late(self) -> int:
        """What the dashboards count as overdue beside the list."""
        return self.ended + self.others


def not_pressed(plan: Plan, on: date) -> NotPressed:
    """Leading work past its day for which nobody is urged: its body is no more, more time is asked
    for, or it waits for a decision. One query."""
    standing = OrganisationVersion.objects.filter(valid__contains=on).values("organisation")
    pressed = owed_work(on, due_by=on - timedelta(days=1)).order_by().values("pk")
    is_gone, is_late = ~Q(organisation__in=standing), timeliness_conditions(on)[Timeliness.OVERDUE]
    counts = (
        Assignment.objects.filter(
            COUNTED, task__plan=plan, role=PartyRole.LEAD, due_on__lt=on, done_on__isnull=True
        )
        .exclude(pk__in=pressed)
        .aggregate(
            ended=Count("pk", filter=is_late & is_gone),
            paused=Count("pk", filter=Q(is_paused=True)),
            others=Count("pk", filter=is_late & ~is_gone),
        )
    )
    return NotPressed(**counts)


def _kind_of_body() -> Case:
    whens = [
        When(body_then__kind__in=kinds, then=Value(kind.value)) for kind, kinds in _KINDS.items()
    ]
    return Case(*whens, default=Value(BodyKind.OTHER.value), output_field=CharField())


def overdue_counts(rows: QuerySet[Assignment], known: Ages) -> dict[str, int]:
    """How many are late, by how late they are at least; one query."""
    counts: dict[str, int] = rows.order_by().aggregate(
        **{name: Count("pk", filter=Q(due_on__lte=day)) for name, day in known.last_due.items()}
    )
    return counts


def last_urged(assignment_ids: Collection[int]) -> dict[int, datetime]:
    """When each of these was urged last; one query."""
    rows = (
        UrgingLetter.assignments.through.objects.filter(assignment__in=assignment_ids)
        .values_list("assignment")
        .annotate(at=Max("urgingletter__urging__made_at"))
    )
    return dict(rows)


def letters_about(assignment: Assignment) -> QuerySet[UrgingLetter]:
    """The newest first."""
    return assignment.urging_letters.select_related("document", "urging__made_by").order_by("-pk")


@dataclass(frozen=True, slots=True)
class LateForProvince:
    """What has been late in a plan for so long that the province looks at it."""

    plan_id: int
    from_days: int
    assignments: int
    bodies: int
    oldest: date


def late_for_province(plan_ids: Collection[int], on: date) -> list[LateForProvince]:
    """For plans that have such work; four queries however many plans."""
    known = ages(on)
    if FOR_PROVINCE not in known.days:
        return []
    rows = (
        owed_work(on, due_by=known.last_due[FOR_PROVINCE])
        .filter(task__plan__in=plan_ids)
        .order_by()
        .values(plan=F("task__plan"))
        .annotate(
            assignments=Count("pk"),
            bodies=Count("organisation", distinct=True),
            oldest=Min("due_on"),
        )
    )
    return [
        LateForProvince(
            row["plan"], known.days[FOR_PROVINCE], row["assignments"], row["bodies"], row["oldest"]
        )
        for row in rows.order_by("plan")
    ]


def department_on(organisation_id: int, on: date) -> OrganisationVersion:
    """:raises OrganisationVersion.DoesNotExist: the department does not exist on the day."""
    return OrganisationVersion.objects.select_related("parent").get(
        organisation=organisation_id, valid__contains=on
    )
