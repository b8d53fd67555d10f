"""What each person is to be reminded of on a day, from how things stand: nothing is queued, so what was
done, extended or sent since is not in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Max, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chuan.core.notices.models import Notice
from chuan.core.notices.queries import awaiting_digest
from chuan.core.orgs.queries import Name, names_on
from chuan.core.people.enums import Role
from chuan.core.people.models import Person
from chuan.core.people.queries import on_duty
from chuan.flows.annual_report import facade as reports
from chuan.flows.reminders.engine.ladder import Climb, Standing
from chuan.flows.reminders.enums import SectionKind
from chuan.flows.reminders.models import Digest, DigestRun
from chuan.flows.reminders.queries.ladder import climb
from chuan.lib.language import in_vietnamese
from chuan.lib.vietnamese import format_date, format_number
from chuan.modules.plans import facade as plans

# So many lines of a section are read; the rest is a number and a way to all of them.
SHOWN = 8


@dataclass(frozen=True, slots=True)
class Line:
    """One thing: its number, what it is, how it stands, where it is dealt with."""

    key: str
    ref: str
    text: str
    note: str
    url: str


@dataclass(slots=True)
class Draft:
    """The digest of one person before it is given to them."""

    person_id: int
    sections: dict[SectionKind, list[Line]] = field(default_factory=lambda: defaultdict(list))
    news: list[Notice] = field(default_factory=list)
    # Where what is late for the department is listed.
    late_in: set[int] = field(default_factory=set)
    _keys: set[str] = field(default_factory=set)

    def add(self, kind: SectionKind, line: Line) -> None:
        """Whoever is told of a thing in two capacities reads it once, where it stood first."""
        if line.key not in self._keys:
            self._keys.add(line.key)
            self.sections[kind].append(line)

    @property
    def reminds(self) -> bool:
        """Whether there is more in it than notices, which stand in the inbox already."""
        return bool(self.sections.keys() - {SectionKind.NEWS})

    def as_json(self) -> dict[str, Any]:
        return {
            "sections": [
                {
                    "kind": kind.value,
                    "total": len(self.sections[kind]),
                    "more_url": _more_url(kind, self.late_in),
                    "lines": [
                        {"ref": line.ref, "text": line.text, "note": line.note, "url": line.url}
                        for line in self.sections[kind][:SHOWN]
                    ],
                }
                for kind in SectionKind
                if self.sections.get(kind)
            ],
            "things": sorted(self._keys),
        }


def digests_of(person: Person) -> QuerySet[Digest]:
    """A person's own digests, the newest first."""
    return Digest.objects.filter(person=person).order_by("-day", "-pk")


def last_run() -> DigestRun | None:
    return DigestRun.objects.order_by("-day").first()


@in_vietnamese
def drafts_for(on: date) -> list[Draft]:
    """The digests of a working day that nobody has been given yet, by person; a fixed number of
    queries.

    :raises NoStatutoryValue: the ladder is not set for the day.
    """
    way = climb(on)
    due_by = on + way.ladder.longest
    things = [
        *map(_of_work, plans.owed_work(on, due_by=due_by)),
        *map(_of_part, plans.owed_parts(on, due_by=due_by)),
        *map(_of_report, reports.owed_reports(on, due_by=due_by)),
    ]
    writer = _Writer(
        way,
        _Staff.of(on),
        _Since.of(on, way),
        names_on(_bodies_in(things), on),
        plans.names_if_several({one.plan_id for one in things if one.plan_id is not None}),
    )
    for thing in things:
        writer.tell_of(thing)
    for person_id, notices in awaiting_digest().items():
        writer.tell_news(person_id, notices)
    given = set(Digest.objects.filter(day=on).values_list("person", flat=True))
    return [draft for pk, draft in sorted(writer.drafts.items()) if pk not in given]


# ---------------------------------------------------------------- what is owed


@dataclass(frozen=True, slots=True)
class _Thing:
    """One thing owed, whatever its kind. `awaited_by` is a body that waits for it."""

    key: str
    ref: str
    text: str
    due_on: date
    url: str
    organisation_id: int
    managed_by_id: int | None = None
    plan_id: int | None = None
    is_signed_next: bool = False
    awaited_by: int | None = None
    awaited_url: str = ""


def _of_work(one: plans.OwedWork) -> _Thing:
    return _Thing(
        key=f"work:{one.id}",
        ref=one.task_code,
        text=one.task_short_text,
        due_on=one.due_on,
        url=one.url,
        organisation_id=one.organisation_id,
        managed_by_id=one.managed_by_id,
        plan_id=one.plan_id,
    )


def _of_part(one: plans.OwedPart) -> _Thing:
    return _Thing(
        key=f"part:{one.id}",
        ref=one.task_code,
        text=_("Góp phần: %s") % one.text,
        due_on=one.due_on,
        url=one.url,
        organisation_id=one.organisation_id,
        plan_id=one.plan_id,
        awaited_by=one.lead_organisation_id,
        awaited_url=one.lead_url,
    )


def _of_report(one: reports.OwedReport) -> _Thing:
    text = _("Chỉnh lý và gửi lại: %s") if one.is_returned else _("Gửi: %s")
    return _Thing(
        key=f"report:{one.id}",
        ref="",
        text=text % one.title,
        due_on=one.due_on,
        url=one.url,
        organisation_id=one.organisation_id,
        managed_by_id=one.managed_by_id,
        is_signed_next=one.waits_for_signature,
    )


def _bodies_in(things: Iterable[_Thing]) -> set[int]:
    return {pk for one in things for pk in (one.organisation_id, one.awaited_by) if pk is not None}


# ---------------------------------------------------------------- who hears of it


@dataclass(frozen=True, slots=True)
class _Staff:
    """Who does the work, who signs and who coordinates, by body."""

    clerks: dict[int, list[int]]
    heads: dict[int, list[int]]
    coordinators: dict[int, list[int]]
    # In how many bodies somebody works: with more than one, lines name the body.
    bodies_of: dict[int, int]

    @classmethod
    def of(cls, on: date) -> _Staff:
        roles = (Role.UNIT_CLERK, Role.UNIT_HEAD, Role.DEPARTMENT_COORDINATOR)
        found: dict[Role, dict[int, list[int]]] = {role: defaultdict(list) for role in roles}
        bodies: dict[int, set[int]] = defaultdict(set)
        for duty in sorted(on_duty(*roles, on=on), key=lambda duty: duty.person_id):
            found[duty.role][duty.organisation_id].append(duty.person_id)
            if duty.role != Role.DEPARTMENT_COORDINATOR:
                bodies[duty.person_id].add(duty.organisation_id)
        return cls(
            clerks=dict(found[Role.UNIT_CLERK]),
            heads=dict(found[Role.UNIT_HEAD]),
            coordinators=dict(found[Role.DEPARTMENT_COORDINATOR]),
            bodies_of={pk: len(ids) for pk, ids in bodies.items()},
        )

    def does(self, organisation_id: int) -> list[int]:
        """Who does a body's work; its head where nobody else is there."""
        return self.clerks.get(organisation_id) or self.heads.get(organisation_id, [])

    def signs(self, organisation_id: int) -> list[int]:
        return self.heads.get(organisation_id) or self.clerks.get(organisation_id, [])


@dataclass(frozen=True, slots=True)
class _Since:
    """The day up to which everybody, and each person, has been reminded."""

    everybody: date
    by_person: dict[int, date]

    @classmethod
    def of(cls, on: date, way: Climb) -> _Since:
        before = DigestRun.objects.filter(day__lt=on).aggregate(day=Max("day"))["day"]
        rows = (
            Digest.objects.filter(day__lt=on, **({"day__gt": before} if before else {}))
            .order_by()
            .values_list("person")
            .annotate(last=Max("day"))
        )
        return cls(before or way.calendar.add_working_days(on, -1), dict(rows))

    def of_person(self, person_id: int) -> date:
        return self.by_person.get(person_id, self.everybody)


@dataclass(slots=True)
class _Writer:
    way: Climb
    staff: _Staff
    since: _Since
    names: dict[int, Name]
    # Of the plans things are of, where there are several.
    plan_names: dict[int, str]
    drafts: dict[int, Draft] = field(default_factory=dict)

    def tell_of(self, thing: _Thing) -> None:
        if thing.is_signed_next:
            for person_id in self.staff.signs(thing.organisation_id):
                standing = self._standing(thing, person_id)
                if standing.is_rung or standing.tells_head:
                    self._add(person_id, SectionKind.TO_SIGN, thing, standing)
        else:
            self._tell_body(thing)
        if thing.managed_by_id is not None:
            self._tell_department(thing)
        if thing.awaited_by is not None:
            self._tell_who_waits(thing)

    def _tell_body(self, thing: _Thing) -> None:
        for person_id in self.staff.does(thing.organisation_id):
            standing = self._standing(thing, person_id)
            if standing.is_rung:
                kind = SectionKind.OVERDUE if standing.is_overdue else SectionKind.DUE
                self._add(person_id, kind, thing, standing)
        for person_id in self.staff.heads.get(thing.organisation_id, ()):
            standing = self._standing(thing, person_id)
            if standing.tells_head:
                self._add(person_id, SectionKind.FOR_HEAD, thing, standing)

    def _tell_department(self, thing: _Thing) -> None:
        for person_id in self.staff.coordinators.get(thing.managed_by_id or 0, ()):
            standing = self._standing(thing, person_id)
            if standing.tells_department:
                self._add(person_id, SectionKind.FOR_DEPARTMENT, thing, standing, names_body=True)
                if thing.plan_id is not None:
                    self._draft(person_id).late_in.add(thing.plan_id)

    def _tell_who_waits(self, thing: _Thing) -> None:
        """Once, when the day is past: who waits owes nothing and is not reminded again."""
        for person_id in self.staff.does(thing.awaited_by or 0):
            since = self.since.of_person(person_id)
            standing = self._standing(thing, person_id)
            if standing.is_overdue and since <= thing.due_on:
                self._add(
                    person_id,
                    SectionKind.AWAITED,
                    thing,
                    standing,
                    names_body=True,
                    key=f"awaited:{thing.key}",
                    url=thing.awaited_url,
                )

    def tell_news(self, person_id: int, notices: list[Notice]) -> None:
        draft = self._draft(person_id)
        draft.news = notices
        for notice in notices:
            draft.add(
                SectionKind.NEWS,
                Line(f"notice:{notice.pk}", "", notice.title, "", notice.url),
            )

    def _standing(self, thing: _Thing, person_id: int) -> Standing:
        return self.way.standing(thing.due_on, self.since.of_person(person_id))

    def _draft(self, person_id: int) -> Draft:
        return self.drafts.setdefault(person_id, Draft(person_id))

    def _add(
        self,
        person_id: int,
        kind: SectionKind,
        thing: _Thing,
        standing: Standing,
        *,
        names_body: bool = False,
        key: str = "",
        url: str = "",
    ) -> None:
        notes = []
        name = self.names.get(thing.organisation_id)
        if name and (names_body or self.staff.bodies_of.get(person_id, 0) > 1):
            notes.append(name.name)
        if thing.plan_id in self.plan_names:
            notes.append(self.plan_names[thing.plan_id])
        notes.append(_distance(thing.due_on, standing, self.way.on))
        line = Line(key or thing.key, thing.ref, thing.text, "; ".join(notes), url or thing.url)
        self._draft(person_id).add(kind, line)


def _distance(due_on: date, standing: Standing, on: date) -> str:
    day = format_date(due_on)
    if standing.is_overdue:
        late = standing.days_late
        return ngettext(
            "hạn hết %(day)s, quá %(days)s ngày làm việc",
            "hạn hết %(day)s, quá %(days)s ngày làm việc",
            late,
        ) % {"day": day, "days": format_number(late)}
    if due_on == on:
        return _("hạn hết hôm nay, %(day)s") % {"day": day}
    left = standing.days_left
    return ngettext(
        "hạn hết %(day)s, còn %(days)s ngày làm việc",
        "hạn hết %(day)s, còn %(days)s ngày làm việc",
        left,
    ) % {"day": day, "days": format_number(left)}


def _more_url(kind: SectionKind, late_in: set[int]) -> str:
    if kind == SectionKind.NEWS:
        return reverse("notices:inbox")
    if kind == SectionKind.FOR_DEPARTMENT:
        if len(late_in) == 1:
            return reverse("plans:overdue", args=list(late_in)) + "?tuoi=so"
        return reverse("plans:list")
    if kind in {SectionKind.OVERDUE, SectionKind.FOR_HEAD}:
        return reverse("my_work:list") + "?loc=qua-han"
    return reverse("my_work:list")
