"""What people make of a reading before anything is created: the draft of a plan.

A draft is kept as JSON and edited step by step; every change is a function from one draft to the
next. It may be incomplete and wrong at any time: `problems` says what still is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from chuan.lib.vietnamese import fold
from chuan.modules.plans.enums import DueKind, EvidenceKind, LeadMode, PartyKind

SHORT_TEXT = 110


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something the parser was not sure of; `field` is text, lead, coordinating, due…"""

    code: str
    message: str
    field: str


@dataclass(frozen=True, slots=True)
class DraftDocument:
    """The decision's head. What stamps on the paper say is only offered: a person enters number
    and day."""

    number: str = ""
    notation: str = ""
    issued_on: date | None = None
    issuer: str = ""
    signer: str = ""
    title: str = ""
    short_title: str = ""
    based_on: tuple[str, ...] = ()
    stamped_number: str = ""
    stamped_on: date | None = None


@dataclass(frozen=True, slots=True)
class DraftReporting:
    """By which day and month bodies report each year, as written; none when they do not."""

    day: int | None = None
    month: int | None = None
    is_inclusive: bool = False
    to: str = ""


@dataclass(frozen=True, slots=True)
class Titled:
    """A section or a point of the body: its code and its words."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class DraftDeliverable:
    title: str
    weight: int | None = None
    evidence_kinds: tuple[EvidenceKind, ...] = ()


@dataclass(frozen=True, slots=True)
class DraftTask:
    """One row. `key` stays the same whatever is edited; `lead` and `coordinating` are names as the
    decision uses them, each looked up once for the whole draft."""

    key: str
    section: str = ""
    code: str = ""
    text: str = ""
    short_text: str = ""
    product: str = ""
    time_text: str = ""
    due_kind: DueKind | None = None
    due_on: date | None = None
    lead: tuple[str, ...] = ()
    coordinating: tuple[str, ...] = ()
    body_points: tuple[str, ...] = ()
    lead_mode: LeadMode = LeadMode.EACH
    heading_only: bool = False
    deliverables: tuple[DraftDeliverable, ...] = ()
    source_page: int | None = None
    source_line: int | None = None
    excerpt: str = ""
    # As the decision writes each name.
    texts: Mapping[str, str] = field(default_factory=dict)
    doubts: tuple[Doubt, ...] = ()
    confidence: float = 1.0
    is_reviewed: bool = False

    @property
    def needs_review(self) -> bool:
        return bool(self.doubts) and not self.is_reviewed

    @property
    def needs_date(self) -> bool:
        return self.due_kind in {DueKind.ONCE, DueKind.UNTIL}

    @property
    def suggests_any_lead(self) -> bool:
        """The decision joins the bodies that lead with “hoặc”."""
        words = f" {name_key(self.excerpt)} "
        written = [f" {name_key(self.texts.get(name, name))} " for name in self.lead]
        return any(" hoac " in one or f" hoac{one}" in words for one in written)

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.lead, *self.coordinating)


@dataclass(frozen=True, slots=True)
class Match:
    """Whom a name means: a group, a body, or nobody that could be listed.

    `is_decided`: a person chose it; otherwise the register of bodies had no doubt.
    """

    kind: PartyKind
    group_id: int | None = None
    organisation_id: int | None = None
    is_decided: bool = False


@dataclass(frozen=True, slots=True)
class DraftStandIn:
    """Who takes the place of a group or body that is no more, from a day; nobody: it lapses."""

    from_day: date
    group_id: int | None = None
    organisation_id: int | None = None
    by_group_id: int | None = None
    by_organisation_id: int | None = None
    basis: str = ""

    @property
    def of(self) -> tuple[int | None, int | None]:
        return self.group_id, self.organisation_id


@dataclass(frozen=True, slots=True)
class Draft:
    document: DraftDocument = field(default_factory=DraftDocument)
    last_day: date | None = None
    reporting: DraftReporting = field(default_factory=DraftReporting)
    sections: tuple[Titled, ...] = ()
    body_points: tuple[Titled, ...] = ()
    tasks: tuple[DraftTask, ...] = ()
    matches: Mapping[str, Match] = field(default_factory=dict)
    stand_ins: tuple[DraftStandIn, ...] = ()
    # Keys of names that the parser takes for words about nobody in particular.
    open_names: tuple[str, ...] = ()
    # Of an amendment: the first day on which it holds.
    from_day: date | None = None

    def task(self, key: str) -> DraftTask | None:
        return next((task for task in self.tasks if task.key == key), None)

    def match(self, name: str) -> Match | None:
        return self.matches.get(name_key(name))

    @property
    def names(self) -> dict[str, str]:
        """Every name of a party once, by its key, in the order of the tasks."""
        found: dict[str, str] = {}
        for task in self.tasks:
            for name in task.names:
                found.setdefault(name_key(name), name)
        return found

    @property
    def in_order_of_doubt(self) -> list[DraftTask]:
        """Tasks to look at first, the least certain before the others; then the rest as printed."""
        waiting = [task for task in self.tasks if task.needs_review]
        rest = [task for task in self.tasks if not task.needs_review]
        return sorted(waiting, key=lambda task: task.confidence) + rest


def name_key(name: str) -> str:
    """Names that differ by case, tones or spaces are one name."""
    return " ".join(re.sub(r"[^\w]+", " ", fold(name)).split())


# ---------------------------------------------------------------- changing


def with_task(draft: Draft, task: DraftTask) -> Draft:
    """The draft with this task in the place of the one with its key."""
    return replace(draft, tasks=tuple(task if one.key == task.key else one for one in draft.tasks))


def with_new_task(draft: Draft, *, after: str = "", section: str = "") -> tuple[Draft, DraftTask]:
    """An empty task after the one with this key, or at the end."""
    position = _position(draft, after) + 1 if draft.task(after) else len(draft.tasks)
    if not section and position:
        section = draft.tasks[position - 1].section
    task = DraftTask(
        key=_new_key(draft),
        section=section,
        code=_free_code(draft, f"{section}." if section else ""),
    )
    return replace(draft, tasks=_inserted(draft.tasks, position, task)), task


def with_task_split(draft: Draft, key: str) -> tuple[Draft, DraftTask]:
    """A copy right after a task, for the person to leave in each what belongs there.

    :raises LookupError: there is no such task.
    """
    original = draft.task(key)
    if original is None:
        raise LookupError(key)
    copy = replace(
        original,
        key=_new_key(draft),
        code=_free_code(draft, f"{original.code}."),
        is_reviewed=False,
        doubts=(),
    )
    return replace(draft, tasks=_inserted(draft.tasks, _position(draft, key) + 1, copy)), copy


def without_task(draft: Draft, key: str) -> Draft:
    return replace(draft, tasks=tuple(task for task in draft.tasks if task.key != key))


def with_matches(draft: Draft, decided: Mapping[str, Match]) -> Draft:
    """With these decisions, and without those about names no task has any more."""
    known = draft.names.keys()
    merged = {key: match for key, match in {**draft.matches, **decided}.items() if key in known}
    return replace(draft, matches=merged)


def _position(draft: Draft, key: str) -> int:
    return next((n for n, task in enumerate(draft.tasks) if task.key == key), -1)


def _inserted(
    tasks: tuple[DraftTask, ...], position: int, task: DraftTask
) -> tuple[DraftTask, ...]:
    return (*tasks[:position], task, *tasks[position:])


def _new_key(draft: Draft) -> str:
    used = [int(task.key[1:]) for task in draft.tasks if re.fullmatch(r"t\d+", task.key)]
    return f"t{max(used, default=0) + 1}"


def _free_code(draft: Draft, prefix: str) -> str:
    used = {task.code for task in draft.tasks}
    number = 1
    while f"{prefix}{number}" in used:
        number += 1
    return f"{prefix}{number}"


# ---------------------------------------------------------------- from a reading


def draft_from(reading: Mapping[str, Any]) -> Draft:
    """The first draft: everything as the parser read it, nothing decided.

    :param reading: as `readings.reading_of` makes it: the published shape of a parsed plan under
        `plan`, doubts and excerpts by task code beside it.
    """
    plan = reading["plan"]
    head = plan["document"]
    reporting = plan.get("reporting") or {}
    tasks = tuple(
        _task_from(number, task, reading) for number, task in enumerate(plan["tasks"], start=1)
    )
    return Draft(
        document=DraftDocument(
            number=head.get("number") or "",
            notation=head.get("notation") or "",
            issued_on=_day(head.get("issued_on")),
            issuer=head.get("issuer") or "",
            signer=head.get("signer") or "",
            title=head.get("title") or "",
            based_on=tuple(head.get("based_on") or ()),
            stamped_number=reading["stamped"]["number"] or "",
            stamped_on=_day(reading["stamped"]["issued_on"]),
        ),
        last_day=_last_day(tasks, head.get("title") or ""),
        reporting=_reporting(reporting),
        sections=tuple(Titled(one["code"], one["title"]) for one in plan["sections"]),
        body_points=tuple(Titled(one["code"], one["text"]) for one in plan["body_points"]),
        tasks=tasks,
        open_names=tuple(
            dict.fromkeys(
                name_key(body["name"])
                for task in plan["tasks"]
                for body in (*task["lead"], *task["coordinating"])
                if body["kind"] == PartyKind.OPEN
            )
        ),
    )


def _task_from(number: int, task: Mapping[str, Any], reading: Mapping[str, Any]) -> DraftTask:
    due = task.get("due") or {}
    kind = due.get("kind")
    code = task.get("code") or ""
    extra = reading.get("tasks", {}).get(str(number - 1), {})
    source = task.get("source") or {}
    return DraftTask(
        key=f"t{number}",
        section=task.get("section") or "",
        code=code,
        text=task["text"],
        short_text=short_text_of(task["text"]),
        product=task.get("product") or "",
        time_text=task.get("time_text") or "",
        due_kind=DueKind(kind) if kind else None,
        due_on=_day(due.get("date")),
        lead=_names(task["lead"]),
        coordinating=_names(task["coordinating"]),
        body_points=tuple(task.get("body_points") or ()),
        source_page=source.get("page"),
        source_line=source.get("line"),
        excerpt=extra.get("excerpt", ""),
        texts={one["name"]: one["text"] for one in (*task["lead"], *task["coordinating"])},
        doubts=tuple(Doubt(**doubt) for doubt in extra.get("doubts", ())),
        confidence=float(task.get("confidence", 1.0)),
    )


def _names(bodies: Iterable[Mapping[str, str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(body["name"] for body in bodies if body["name"]))


def short_text_of(text: str) -> str:
    """A name for a task: its first sentence or clause, or its first words where that is too long."""
    if len(text) <= SHORT_TEXT:
        return text
    cut = text[:SHORT_TEXT]
    ends = [cut.rfind(mark) for mark in (". ", "; ", ", ")]
    for end in ends:
        if end >= SHORT_TEXT // 2:
            return cut[:end]
    return cut[: cut.rfind(" ")] + "…"


def _last_day(tasks: tuple[DraftTask, ...], title: str) -> date | None:
    """The latest day a task names, or the end of the year the title names."""
    named = [task.due_on for task in tasks if task.due_kind == DueKind.UNTIL and task.due_on]
    years = [int(year) for year in re.findall(r"đến năm (20\d\d)", title)]
    ends = named + [date(year, 12, 31) for year in years]
    return max(ends, default=None)


def _reporting(read: Mapping[str, Any]) -> DraftReporting:
    found = re.fullmatch(r"(\d{1,2})/(\d{1,2})", read.get("due") or "")
    if not found:
        return DraftReporting(to=read.get("to") or "")
    return DraftReporting(int(found[1]), int(found[2]), to=read.get("to") or "")


# ---------------------------------------------------------------- JSON


def to_json(draft: Draft) -> dict[str, Any]:
    return {
        "document": {
            **_fields(draft.document),
            "issued_on": _iso(draft.document.issued_on),
            "stamped_on": _iso(draft.document.stamped_on),
        },
        "last_day": _iso(draft.last_day),
        "reporting": _fields(draft.reporting),
        "sections": [_fields(one) for one in draft.sections],
        "body_points": [_fields(one) for one in draft.body_points],
        "tasks": [_task_to_json(task) for task in draft.tasks],
        "matches": {key: _fields(match) for key, match in draft.matches.items()},
        "stand_ins": [
            {**_fields(one), "from_day": one.from_day.isoformat()} for one in draft.stand_ins
        ],
        "open_names": list(draft.open_names),
        "from_day": _iso(draft.from_day),
    }


def from_json(kept: Mapping[str, Any]) -> Draft:
    document = kept["document"]
    return Draft(
        document=DraftDocument(
            **{
                **document,
                "issued_on": _day(document["issued_on"]),
                "stamped_on": _day(document["stamped_on"]),
                "based_on": tuple(document["based_on"]),
            }
        ),
        last_day=_day(kept["last_day"]),
        reporting=DraftReporting(**kept["reporting"]),
        sections=tuple(Titled(**one) for one in kept["sections"]),
        body_points=tuple(Titled(**one) for one in kept["body_points"]),
        tasks=tuple(_task_from_json(one) for one in kept["tasks"]),
        matches={
            key: Match(**{**match, "kind": PartyKind(match["kind"])})
            for key, match in kept["matches"].items()
        },
        stand_ins=tuple(
            DraftStandIn(**{**one, "from_day": date.fromisoformat(one["from_day"])})
            for one in kept["stand_ins"]
        ),
        open_names=tuple(kept["open_names"]),
        from_day=_day(kept.get("from_day")),
    )


def _task_to_json(task: DraftTask) -> dict[str, Any]:
    return {
        **_fields(task),
        "due_on": _iso(task.due_on),
        "doubts": [_fields(doubt) for doubt in task.doubts],
        "deliverables": [_fields(item) for item in task.deliverables],
    }


def _task_from_json(kept: Mapping[str, Any]) -> DraftTask:
    return DraftTask(
        **{
            **kept,
            "due_kind": DueKind(kept["due_kind"]) if kept["due_kind"] else None,
            "due_on": _day(kept["due_on"]),
            "lead_mode": LeadMode(kept.get("lead_mode", LeadMode.EACH)),
            "lead": tuple(kept["lead"]),
            "coordinating": tuple(kept["coordinating"]),
            "body_points": tuple(kept["body_points"]),
            "doubts": tuple(Doubt(**doubt) for doubt in kept["doubts"]),
            "deliverables": tuple(
                DraftDeliverable(
                    item["title"],
                    item["weight"],
                    tuple(EvidenceKind(kind) for kind in item["evidence_kinds"]),
                )
                for item in kept["deliverables"]
            ),
        }
    )


def _fields(value: Any) -> dict[str, Any]:
    """A frozen value as JSON: tuples become lists, choices their values."""
    return {name: _plain(getattr(value, name)) for name in value.__slots__}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, DueKind | LeadMode | PartyKind | EvidenceKind) else value


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
