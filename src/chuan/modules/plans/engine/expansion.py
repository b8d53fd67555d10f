"""From what a decision says to who owes what, when: groups into bodies, tasks into periods.

Pure: it is given the tasks and a register of bodies, and asks nobody. A preview, an approval and
the nightly reconciliation all come through here, so that they can never disagree.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Protocol

from chuan.core.calendar.engine import Deadline, WorkingCalendar
from chuan.lib.language import in_vietnamese
from chuan.lib.vietnamese import format_date, format_weekday_date
from chuan.modules.plans.enums import DueKind, PartyKind, PartyRole

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Cycle:
    """One year of a plan, as much of it as the plan covers: days [start, end)."""

    year: int
    start: date
    end: date


def cycles(first_day: date, last_day: date) -> list[Cycle]:
    """The years from the first day to the last, both included.

    Bodies are resolved as of the first day of each cycle.
    """
    return [
        Cycle(year, max(first_day, date(year, 1, 1)), min(last_day + ONE_DAY, date(year + 1, 1, 1)))
        for year in range(first_day.year, last_day.year + 1)
    ]


@dataclass(frozen=True, slots=True)
class PartyToResolve:
    """A party of a task: a group, one body, or neither for words that name none."""

    role: PartyRole
    kind: PartyKind
    name: str
    group_id: int | None = None
    organisation_id: int | None = None


@dataclass(frozen=True, slots=True)
class TaskToExpand:
    """A task by whatever key its owner knows it: a row's id, or a code of a draft."""

    key: int | str
    code: str
    due_kind: DueKind
    due_on: date | None
    time_text: str
    parties: tuple[PartyToResolve, ...]
    # Of one wording: the days [from_day, to_day) on which it holds; none for the plan's own.
    from_day: date | None = None
    to_day: date | None = None
    # Another wording held before it: a year that has begun goes on under that one.
    follows: bool = False


@dataclass(frozen=True, slots=True)
class StandIn:
    """Who takes the place of a group or a body from a day on; nobody, when the duty lapses."""

    from_day: date
    group_id: int | None = None
    organisation_id: int | None = None
    by_group_id: int | None = None
    by_organisation_id: int | None = None

    @property
    def is_lapse(self) -> bool:
        return self.by_group_id is None and self.by_organisation_id is None


@dataclass(frozen=True, slots=True)
class PlanToExpand:
    first_day: date
    last_day: date
    tasks: tuple[TaskToExpand, ...]
    stand_ins: tuple[StandIn, ...] = ()


class Register(Protocol):
    """Who belongs to a group and what became of a body, on a day."""

    def members(self, group_id: int, on: date) -> Sequence[int]: ...

    def body_on(self, organisation_id: int, on: date) -> int | None:
        """The body itself while it exists, its full successor afterwards; None when there is no
        single one."""
        ...


class Trouble(enum.StrEnum):
    EMPTY_GROUP = "empty_group"
    NO_SUCCESSOR = "no_successor"


@dataclass(frozen=True, slots=True)
class Question:
    """Something only a person can decide: who stands in for a party, from a day on."""

    trouble: Trouble
    name: str
    on: date
    group_id: int | None
    organisation_id: int | None
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Owed:
    """What one body owes for one task in one period."""

    task: int | str
    organisation_id: int
    role: PartyRole
    year: int
    period_start: date
    period_end: date
    resolved_on: date
    due: Deadline | None
    # Why there is no day, when there is none.
    note: str = ""

    @property
    def due_why(self) -> list[dict[str, str]]:
        """The steps to the deadline, or why there is none, for the `due_why` column."""
        if self.due is not None:
            return self.due.as_json()
        return [{"text": self.note, "rule": "", "source": "", "day": ""}]

    @property
    def key(self) -> tuple[int | str, int, PartyRole, date]:
        """What is unique in the database."""
        return self.task, self.organisation_id, self.role, self.period_start


@dataclass(frozen=True, slots=True)
class Expansion:
    owed: tuple[Owed, ...]
    questions: tuple[Question, ...] = field(default=())


def cycles_of(task: TaskToExpand, of_plan: Sequence[Cycle]) -> list[Cycle]:
    """The years of a yearly task under one wording.

    A year belongs to the wording that holds on its first day. A task nobody had before begins on
    the day its decision says.
    """
    found = []
    for cycle in of_plan:
        begins = cycle.start
        if task.from_day is not None and task.from_day > begins:
            if task.follows or task.from_day >= cycle.end:
                continue
            begins = task.from_day
        if task.to_day is None or begins < task.to_day:
            found.append(Cycle(cycle.year, begins, cycle.end))
    return found


def reworded_note(on: date) -> str:
    """Why a row that was running has no deadline any more: another version has the task."""
    return (
        f"Từ {format_date(on)} quyết định sửa đổi thay nhiệm vụ này: phần việc trước đó dừng ở đây, "
        "không còn hạn phải hoàn thành."
    )


@in_vietnamese
def expand(plan: PlanToExpand, register: Register, calendar: WorkingCalendar) -> Expansion:
    """Everything everybody owes over the whole life of the plan, and what must be asked first.

    A party that cannot be resolved on a day gives no rows for that day, and a question.
    """
    work = _Work(plan, register, calendar)
    for task in plan.tasks:
        work.expand(task)
    return Expansion(tuple(work.owed), tuple(work.asked()))


class _Work:
    def __init__(self, plan: PlanToExpand, register: Register, calendar: WorkingCalendar) -> None:
        self.plan, self.register, self.calendar = plan, register, calendar
        self.cycles = cycles(plan.first_day, plan.last_day)
        self.owed: list[Owed] = []
        self._asked: dict[tuple[date, int | None, int | None], tuple[Trouble, str, list[str]]] = {}

    def asked(self) -> Iterable[Question]:
        """Each party once, on the first day of its trouble: an answer holds for all days after."""
        seen: set[tuple[int | None, int | None]] = set()
        for (on, group_id, organisation_id), (trouble, name, codes) in sorted(
            self._asked.items(), key=lambda item: (item[0][0], item[1][1])
        ):
            if (group_id, organisation_id) not in seen:
                seen.add((group_id, organisation_id))
                unique = tuple(dict.fromkeys(codes))
                yield Question(trouble, name, on, group_id, organisation_id, unique)

    def expand(self, task: TaskToExpand) -> None:
        if task.due_kind == DueKind.YEARLY:
            for cycle in cycles_of(task, self.cycles):
                due = self._due_in(cycle, task)
                for organisation_id, role in self._bodies(task, cycle.start).items():
                    self._owe(task, organisation_id, role, cycle.year, cycle.start, cycle.end, due)
            return
        end = min(task.due_on or self.plan.last_day, self.plan.last_day) + ONE_DAY
        start = task.from_day or self.plan.first_day
        through = [
            Cycle(cycle.year, max(cycle.start, start), cycle.end)
            for cycle in self.cycles
            if cycle.start < min(end, task.to_day or end) and cycle.end > start
        ]
        self._stretch(task, through, end)

    def _stretch(self, task: TaskToExpand, through: list[Cycle], end: date) -> None:
        """One row for as long as a body has the task; a body that stops having it on a 1 January
        is done with it there, and who follows begins. Another wording begins a row of its own."""
        running: dict[tuple[int, PartyRole], Cycle] = {}
        for cycle in through:
            now = set(self._bodies(task, cycle.start).items())
            for stopped in [one for one in running if one not in now]:
                self._stop(task, *stopped, running.pop(stopped), cycle.start)
            for one in sorted(now - running.keys()):
                running[one] = cycle
        if task.to_day is not None and task.to_day < end:
            for (organisation_id, role), begun in running.items():
                self._reword(task, organisation_id, role, begun, task.to_day)
            return
        due = self._named_due(task)
        for (organisation_id, role), begun in running.items():
            year = task.due_on.year if task.due_kind == DueKind.ONCE and task.due_on else begun.year
            self._owe(task, organisation_id, role, year, begun.start, end, due)

    def _stop(
        self, task: TaskToExpand, organisation_id: int, role: PartyRole, begun: Cycle, on: date
    ) -> None:
        note = (
            f"Từ {format_date(on)} cơ quan này không còn nhiệm vụ này; "
            "cơ quan thay thế có phân công riêng."
        )
        self._owe(task, organisation_id, role, begun.year, begun.start, on, None, note)

    def _reword(
        self, task: TaskToExpand, organisation_id: int, role: PartyRole, begun: Cycle, on: date
    ) -> None:
        named = task.due_on is not None and task.due_kind == DueKind.ONCE
        year = task.due_on.year if named and task.due_on else begun.year
        self._owe(task, organisation_id, role, year, begun.start, on, None, reworded_note(on))

    def _owe(
        self,
        task: TaskToExpand,
        organisation_id: int,
        role: PartyRole,
        year: int,
        start: date,
        end: date,
        due: Deadline | None,
        note: str = "",
    ) -> None:
        if due is None and not note:
            note = f"Kế hoạch ghi “{task.time_text}”: không có ngày hạn cụ thể."
        self.owed.append(Owed(task.key, organisation_id, role, year, start, end, start, due, note))

    # ------------------------------------------------------------ who

    def _bodies(self, task: TaskToExpand, on: date) -> dict[int, PartyRole]:
        """Who has the task on a day. A body that leads does not coordinate with itself."""
        found: dict[int, PartyRole] = {}
        for role in (PartyRole.LEAD, PartyRole.COORDINATING):
            for party in task.parties:
                if party.role == role:
                    for organisation_id in self._resolve(party, on, task.code):
                        found.setdefault(organisation_id, role)
        return found

    def _resolve(self, party: PartyToResolve, on: date, code: str) -> Sequence[int]:
        if party.kind == PartyKind.OPEN:
            return ()
        stand_in = self._stand_in(party, on)
        if stand_in is None:
            return self._look_up(party, party.group_id, party.organisation_id, on, code)
        if stand_in.is_lapse:
            return ()
        return self._look_up(party, stand_in.by_group_id, stand_in.by_organisation_id, on, code)

    def _look_up(
        self,
        party: PartyToResolve,
        group_id: int | None,
        organisation_id: int | None,
        on: date,
        code: str,
    ) -> Sequence[int]:
        if group_id is not None:
            members = self.register.members(group_id, on)
            if not members:
                self._ask(Trouble.EMPTY_GROUP, party, on, code)
            return members
        assert organisation_id is not None  # noqa: S101 - a named party points at a body
        body = self.register.body_on(organisation_id, on)
        if body is None:
            self._ask(Trouble.NO_SUCCESSOR, party, on, code)
            return ()
        return (body,)

    def _stand_in(self, party: PartyToResolve, on: date) -> StandIn | None:
        """The latest decision about this party that has taken effect by the day."""
        decided = [
            one
            for one in self.plan.stand_ins
            if one.from_day <= on
            and one.group_id == party.group_id
            and one.organisation_id == party.organisation_id
        ]
        return max(decided, key=lambda one: one.from_day, default=None)

    def _ask(self, trouble: Trouble, party: PartyToResolve, on: date, code: str) -> None:
        key = (on, party.group_id, party.organisation_id)
        self._asked.setdefault(key, (trouble, party.name, []))[2].append(code)

    # ------------------------------------------------------------ when

    def _due_in(self, cycle: Cycle, task: TaskToExpand) -> Deadline:
        said = f"Kế hoạch ghi “{task.time_text}”: mỗi năm một kỳ, kỳ này là năm {cycle.year}."
        if cycle.end == date(cycle.year + 1, 1, 1):
            due = self.calendar.end_of_year(cycle.year)
        else:
            last = cycle.end - ONE_DAY
            text = f"Kế hoạch kết thúc trong năm: hạn cuối là hết {format_weekday_date(last)}."
            due = self.calendar.on_day(last, text)
        first = self.calendar.on_day(due.due_on, said).steps
        return Deadline(due.due_on, (*first, *due.steps), due.is_provisional)

    def _named_due(self, task: TaskToExpand) -> Deadline | None:
        if task.due_on is None:
            return None
        said = task.time_text or format_date(task.due_on)
        return self.calendar.on_day(
            task.due_on,
            f"Kế hoạch ghi “{said}”: hạn cuối là hết {format_weekday_date(task.due_on)}.",
        )


@dataclass(frozen=True, slots=True)
class ReadRegister:
    """A register read beforehand, for the days that matter."""

    groups: Mapping[tuple[int, date], Sequence[int]]
    bodies: Mapping[tuple[int, date], int | None]

    def members(self, group_id: int, on: date) -> Sequence[int]:
        return self.groups[group_id, on]

    def body_on(self, organisation_id: int, on: date) -> int | None:
        return self.bodies[organisation_id, on]
