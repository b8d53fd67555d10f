"""What lies on one person's desk today, gathered from the plan, the reports and the inbox."""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Protocol

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chuan.core.calendar.engine import WorkingCalendar
from chuan.core.calendar.queries import working_calendar
from chuan.core.orgs.queries import Name, names_on
from chuan.core.orgs.queries.heirs import EndedBody, ended_bodies, taken_over_by
from chuan.core.people.enums import Role
from chuan.core.people.models import Person
from chuan.core.people.queries import inherited_organisation_ids
from chuan.flows.annual_report import facade as reports
from chuan.flows.annual_report.facade import ReportCard, ReportState
from chuan.lib.vietnamese import format_date, format_number, sort_key
from chuan.modules.plans import facade as plans

# A deadline this near is said to be near.
SOON = timedelta(days=7)
# Of one farther away than this nobody counts the days.
FAR = timedelta(days=180)
UNIT_ROLES = (Role.UNIT_CLERK, Role.UNIT_HEAD)
DEPARTMENT_ROLES = (Role.DEPARTMENT_COORDINATOR, Role.DEPARTMENT_LEADER)


class View(enum.StrEnum):
    """The lists a desk is looked at through."""

    TODO = "can-lam"
    OVERDUE = "qua-han"
    WAITING = "cho"
    DONE = "da-xong"


@dataclass(frozen=True, slots=True)
class WorkRow:
    """One line: what, by when, how it stands, and what to press.

    `status` is a key of the status shelf; `distance` says the deadline in working days.
    """

    title: str
    url: str
    ref: str
    notes: tuple[str, ...]
    due_on: date | None
    distance: str
    tone: str
    status: str
    action: str


@dataclass(frozen=True, slots=True)
class Desk:
    """Every list of one person's desk; `rows` of the asked view come from `of`."""

    todo: tuple[WorkRow, ...]
    overdue: tuple[WorkRow, ...]
    waiting: tuple[WorkRow, ...]
    done: tuple[WorkRow, ...]
    reports: tuple[ReportCard, ...]
    to_sign: tuple[ReportCard, ...]

    def of(self, view: View) -> tuple[WorkRow, ...]:
        return {
            View.TODO: self.todo,
            View.OVERDUE: self.overdue,
            View.WAITING: self.waiting,
            View.DONE: self.done,
        }[view]


def desk_of(person: Person, *, on: date) -> Desk:
    """A unit member's work; a fixed number of queries however many bodies and tasks."""
    own = person.organisation_ids(*UNIT_ROLES)
    calendar = working_calendar(on=on)
    work = plans.work_of(own, on=on) if own else []
    cards = reports.own_reports(person, years_back=1) if own else []
    names = {pk: name.name for pk, name in names_on(own, on).items()} if len(own) > 1 else {}
    heads_of = person.organisation_ids(Role.UNIT_HEAD)
    clerks_of = person.organisation_ids(Role.UNIT_CLERK)
    running = [card for card in cards if on < card.locks_on or card.is_with_unit]
    asked = plans.requests_to(own) if own else []
    made = plans.requests_made_by(own) if own else []
    others = names_on({one.organisation_id for one in [*asked, *made]}, on) if asked or made else {}
    shared = plans.subtasks_of(person, on=on)
    problems = plans.open_difficulties_of(own)
    extensions = plans.extensions_asked_by(own)
    everything: list[_OfPlan] = [*work, *asked, *made, *shared, *problems, *extensions]
    plan_names = plans.names_if_several({one.plan_id for one in everything})
    writer = _Writer(on, calendar, names, plan_names)
    report_rows = [
        writer.report(card)
        for card in running
        if _is_to_do(card, clerk=card.organisation_id in clerks_of, on=on)
    ]
    # Late is late for everybody of the body: also for a head, who does not write it.
    late_reports = [
        writer.report(card)
        for card in running
        if card.is_with_unit and card.due_on < on and card.opens_on <= on < card.locks_on
    ]
    asked_rows = [writer.asked(one, others.get(one.organisation_id)) for one in asked]
    shared_rows = [writer.subtask(one) for one in shared]
    open_work = [one for one in work if one.achievement != plans.Achievement.COMPLETE]
    task_rows = [writer.task(one) for one in open_work]
    waiting = [writer.waiting_report(card) for card in running if _is_waiting(card, clerks_of)]
    waiting += [writer.made(one, others.get(one.organisation_id)) for one in made]
    waiting += [writer.problem(problem) for problem in problems]
    waiting += [writer.extension(one) for one in extensions]
    return Desk(
        todo=tuple(_by_due([*report_rows, *asked_rows, *shared_rows, *task_rows])),
        overdue=tuple(
            _by_due(
                row
                for row in [*late_reports, *asked_rows, *shared_rows, *task_rows]
                if row.tone == "due-late"
            )
        ),
        waiting=tuple(waiting),
        done=tuple(
            writer.task(one) for one in work if one.achievement == plans.Achievement.COMPLETE
        ),
        reports=tuple(card for card in running if card.year >= on.year or card.is_with_unit),
        to_sign=tuple(
            card
            for card in running
            if card.is_with_unit and card.waits_for_signature and card.organisation_id in heads_of
        ),
    )


def _is_to_do(card: ReportCard, *, clerk: bool, on: date) -> bool:
    return (
        clerk
        and card.is_with_unit
        and not card.waits_for_signature
        and card.opens_on <= on < card.locks_on
    )


def _is_waiting(card: ReportCard, clerks_of: frozenset[int]) -> bool:
    with_head = card.is_with_unit and card.waits_for_signature and card.organisation_id in clerks_of
    return with_head or card.state == ReportState.SUBMITTED


def _by_due(rows: Iterable[WorkRow]) -> list[WorkRow]:
    return sorted(rows, key=lambda row: row.due_on or date.max)


class _OfPlan(Protocol):
    @property
    def plan_id(self) -> int: ...


@dataclass(frozen=True, slots=True)
class _Writer:
    """Puts things into the words of the page: distances in working days, states, what to press."""

    on: date
    calendar: WorkingCalendar
    names: dict[int, str]
    # Of the plans things are of, where there are several.
    plan_names: dict[int, str]

    def _plan(self, plan_id: int) -> list[str]:
        return [self.plan_names[plan_id]] if plan_id in self.plan_names else []

    def task(self, one: plans.AssignmentRef) -> WorkRow:
        notes = [str(one.role.label)]
        if one.organisation_id in self.names:
            notes.append(self.names[one.organisation_id])
        if one.percent is not None:
            notes.append(_("%(percent)s %%") % {"percent": one.percent})
        notes += self._plan(one.plan_id)
        is_done = one.achievement == plans.Achievement.COMPLETE
        distance, tone = ("", "") if is_done else self._distance(one.due_on)
        if one.is_paused and tone == "due-late":
            distance, tone = "", ""
        return WorkRow(
            title=one.task_short_text,
            url=one.url,
            ref=one.task_code,
            notes=tuple(notes),
            due_on=one.due_on,
            distance=distance,
            tone=tone,
            status=self._task_status(one),
            action=self._task_action(one),
        )

    def report(self, card: ReportCard) -> WorkRow:
        distance, tone = self._distance(card.due_on)
        notes = [card.organisation_name] if self.names else []
        if card.is_started:
            notes.append(
                _("Đã viết xong %(done)s/%(total)s mục") % {"done": card.done, "total": card.total}
            )
        if card.open_comments:
            notes.append(
                ngettext(
                    "%(count)s ý kiến cần chỉnh lý",
                    "%(count)s ý kiến cần chỉnh lý",
                    card.open_comments,
                )
                % {"count": card.open_comments}
            )
        if card.state == ReportState.RETURNED:
            status, action = "returned", _("Chỉnh lý")
        elif card.is_started:
            status, action = "in_entry", _("Nhập tiếp")
        else:
            status, action = "not_started", _("Bắt đầu")
        return WorkRow(
            title=card.title,
            url=card.url,
            ref="",
            notes=tuple(notes),
            due_on=card.due_on,
            distance=distance,
            tone=tone,
            status=status,
            action=action,
        )

    def waiting_report(self, card: ReportCard) -> WorkRow:
        if card.state == ReportState.SUBMITTED:
            title = _("Cơ quan tổng hợp duyệt %(report)s")
            since = card.submitted_at
            note = _("Gửi ngày %(day)s")
        else:
            title, since, note = (
                _("Thủ trưởng ký gửi %(report)s"),
                card.ready_at,
                _("Trình ngày %(day)s"),
            )
        report = card.title[:1].lower() + card.title[1:]
        return WorkRow(
            title=title % {"report": report},
            url=card.url,
            ref="",
            notes=(note % {"day": format_date(timezone.localdate(since))} if since else "",),
            due_on=None,
            distance="",
            tone="",
            status="submitted",
            action=_("Xem"),
        )

    def asked(self, one: plans.RequestRef, lead: Name | None) -> WorkRow:
        """A contribution this body is asked for."""
        return self._part(one, lead, title=_("Góp phần: %s"), action=_("Trả lời"))

    def made(self, one: plans.RequestRef, body: Name | None) -> WorkRow:
        """A contribution this body waits for."""
        return self._part(one, body, title=_("Chờ góp phần: %s"), action=_("Xem"))

    def subtask(self, one: plans.SubtaskRef) -> WorkRow:
        """A part this very person was given inside the body."""
        distance, tone = self._distance(one.due_on)
        return WorkRow(
            title=one.title,
            url=one.url,
            ref=one.task_code,
            notes=(_("Phần việc được chia"), one.task_short_text, *self._plan(one.plan_id)),
            due_on=one.due_on,
            distance=distance,
            tone=tone,
            status="subtask_overdue" if tone == "due-late" else "subtask_open",
            action=_("Xem"),
        )

    def _part(
        self, one: plans.RequestRef, other: Name | None, *, title: str, action: str
    ) -> WorkRow:
        distance, tone = self._distance(one.due_on)
        return WorkRow(
            title=title % one.text,
            url=one.url,
            ref=one.task_code,
            notes=(*([other.name] if other else []), *self._plan(one.plan_id)),
            due_on=one.due_on,
            distance=distance,
            tone=tone,
            status="request_overdue" if one.due_on < self.on else "request_asked",
            action=action,
        )

    def problem(self, problem: plans.DifficultyRef) -> WorkRow:
        is_escalated = problem.state == plans.DifficultyState.ESCALATED
        return WorkRow(
            title=problem.title,
            url=problem.url,
            ref=problem.task_code,
            notes=(
                _("Vướng mắc nêu ngày %(day)s")
                % {"day": format_date(timezone.localdate(problem.raised_at))},
                *self._plan(problem.plan_id),
            ),
            due_on=problem.answer_due_on,
            distance="",
            tone="",
            status="escalated" if is_escalated else "waiting_answer",
            action=_("Xem"),
        )

    def extension(self, one: plans.ExtensionRef) -> WorkRow:
        return WorkRow(
            title=_("Xin gia hạn đến %s") % format_date(one.proposed_due_on),
            url=one.url,
            ref=one.task_code,
            notes=(
                _("Gửi ngày %(day)s") % {"day": format_date(timezone.localdate(one.asked_at))},
                *self._plan(one.plan_id),
            ),
            due_on=one.due_on,
            distance="",
            tone="",
            status="extension_waiting",
            action=_("Xem"),
        )

    def _distance(self, due_on: date | None) -> tuple[str, str]:
        if due_on is None:
            return "", ""
        if due_on < self.on:
            late = self.calendar.working_days_between(due_on, self.on)
            return ngettext("Quá %(days)s ngày làm việc", "Quá %(days)s ngày làm việc", late) % {
                "days": format_number(late)
            }, "due-late"
        if due_on - self.on > FAR:
            return "", ""
        left = self.calendar.working_days_between(self.on, due_on)
        tone = "due-soon" if due_on - self.on <= SOON else ""
        if due_on == self.on:
            return _("Hôm nay"), "due-soon"
        return ngettext("Còn %(days)s ngày làm việc", "Còn %(days)s ngày làm việc", left) % {
            "days": format_number(left)
        }, tone

    def _task_status(self, one: plans.AssignmentRef) -> str:
        if one.achievement == plans.Achievement.COMPLETE:
            return "on_time" if one.timeliness == plans.Timeliness.ON_TIME else "late"
        if one.timeliness is None:
            return "assignment_relieved" if one.done_by else "assignment_closed"
        if one.is_paused:
            return "paused"
        if one.timeliness == plans.Timeliness.OVERDUE:
            return "overdue"
        if one.achievement == plans.Achievement.NOT_STARTED:
            return "not_started"
        if one.due_on is not None and one.due_on - self.on <= SOON:
            return "due_soon"
        return one.achievement.value

    def _task_action(self, one: plans.AssignmentRef) -> str:
        if one.achievement == plans.Achievement.COMPLETE or one.timeliness is None:
            return _("Xem")
        if one.achievement == plans.Achievement.NO_EVIDENCE:
            return _("Bổ sung")
        if one.role == plans.PartyRole.COORDINATING:
            return _("Ghi phối hợp")
        return _("Bắt đầu") if one.achievement == plans.Achievement.NOT_STARTED else _("Cập nhật")


# ---------------------------------------------------------------- bodies that are no more

# So long a body is told what it took over, also where nothing of it is open any more.
NEWLY_TAKEN_OVER = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Handover:
    """What a body that is no more left open: for those who worked there, and those who go on with it.

    `passed_on` counts duties that go on with the reader's own bodies; `may_read` is said of its
    reports.
    """

    body: EndedBody
    reports: tuple[reports.LeftReport, ...]
    duties: plans.DutyCount
    passed_on: int = 0
    may_read: bool = True

    @property
    def is_open(self) -> bool:
        return bool(self.reports or self.duties.undecided or self.duties.proposed)


def left_where(person: Person, *, on: date) -> list[Handover]:
    """What the bodies left where this person worked to the end; six queries at most, none usually."""
    return _handovers(person.archived_organisation_ids(*UNIT_ROLES), on)


def taken_over(person: Person, *, on: date) -> list[Handover]:
    """What the bodies left whose place this person's own have: while anything is open, and a year."""
    own = person.organisation_ids(*UNIT_ROLES)
    before = taken_over_by(own, on) if own else frozenset()
    if not before:
        return []
    whole = inherited_organisation_ids(person, *UNIT_ROLES)
    passed_on = plans.duties_passed_on(own, before)
    found = [
        replace(
            one,
            passed_on=passed_on.get(one.body.organisation_id, 0),
            may_read=one.body.organisation_id in whole,
        )
        for one in _handovers(before, on)
    ]
    return [one for one in found if one.is_open or on - one.body.ended_on < NEWLY_TAKEN_OVER]


def _handovers(ids: frozenset[int], on: date) -> list[Handover]:
    bodies = ended_bodies(ids, on) if ids else {}
    if not bodies:
        return []
    duties = plans.duties_by_body({pk: body.ended_on for pk, body in bodies.items()})
    left: dict[int, list[reports.LeftReport]] = defaultdict(list)
    for one in reports.left_by(bodies):
        left[one.body.organisation_id].append(one)
    return [
        Handover(body, tuple(left[pk]), duties[pk])
        for pk, body in sorted(bodies.items(), key=lambda item: sort_key(item[1].name))
    ]


# ---------------------------------------------------------------- the department, and those above it


@dataclass(frozen=True, slots=True)
class Watch:
    """One plan as those who watch over it see it: how reports come in, how the year's tasks stand."""

    plan: plans.PlanRef
    standings: tuple[reports.PeriodStanding, ...]
    counts: plans.TimelinessCounts
    # What has been late so long that it stands on the list for the province.
    long_late: plans.LateForProvince | None = None


def watched_plans(person: Person, *, on: date) -> list[Watch]:
    """Plans in force this person runs or oversees, with this year's counts."""
    standings: dict[int, list[reports.PeriodStanding]] = {}
    for one in reports.periods_watched(person):
        standings.setdefault(one.plan_id, []).append(one)
    watched = [
        plan
        for plan in plans.plans_in_force(on)
        if plans.sees_whole_plan(person, plan.managed_by_id)
    ]
    counts = plans.timeliness_counts_by_plan([plan.id for plan in watched], on.year, on=on)
    long_late = plans.late_for_province([plan.id for plan in watched], on)
    return [
        Watch(
            plan=plan,
            standings=tuple(standings.get(plan.id, ())),
            counts=counts.get(plan.id, plans.TimelinessCounts()),
            long_late=long_late.get(plan.id),
        )
        for plan in watched
    ]


def distance(due_on: date, *, on: date) -> str:
    """How far a deadline is in working days: “còn 5 ngày làm việc”."""
    if due_on == on:
        return _("hôm nay là ngày cuối")
    calendar = working_calendar(on=on)
    if due_on < on:
        days = calendar.working_days_between(due_on, on)
        return ngettext(
            "quá hạn %(days)s ngày làm việc", "quá hạn %(days)s ngày làm việc", days
        ) % {"days": format_number(days)}
    days = calendar.working_days_between(on, due_on)
    return ngettext("còn %(days)s ngày làm việc", "còn %(days)s ngày làm việc", days) % {
        "days": format_number(days)
    }
