"""A plan as it stands, and what an amendment makes of it: pure, from one draft to another."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from chuan.lib.vietnamese import spelling_key
from chuan.modules.plans.engine.draft import Draft, DraftTask, name_key


class ChangeKind(enum.StrEnum):
    """What becomes of one task."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Change:
    """One task before and after; `fields` name what differs."""

    kind: ChangeKind
    key: str
    old: DraftTask | None
    new: DraftTask | None
    fields: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        """As it is from now on, or was."""
        return next((one.code for one in (self.new, self.old) if one), "")

    @property
    def name(self) -> str:
        return next((one.short_text for one in (self.new, self.old) if one), "")


# What of a task an amendment can change, in the order people read it.
FIELDS = (
    "code",
    "section",
    "text",
    "short_text",
    "lead",
    "lead_mode",
    "coordinating",
    "time_text",
    "due_kind",
    "due_on",
    "product",
    "deliverables",
    "body_points",
    "heading_only",
)


def changes_between(base: Draft, draft: Draft) -> list[Change]:
    """Every task that is not the same, in the order of the draft; removed ones where they stood."""
    before = {task.key: task for task in base.tasks}
    after = {task.key for task in draft.tasks}
    found: list[Change] = []
    for task in draft.tasks:
        old = before.get(task.key)
        if old is None:
            found.append(Change(ChangeKind.ADDED, task.key, None, task))
            continue
        fields = tuple(
            name for name in FIELDS if _said(base, old, name) != _said(draft, task, name)
        )
        if fields:
            found.append(Change(ChangeKind.CHANGED, task.key, old, task, fields))
    gone = [task for task in base.tasks if task.key not in after]
    found += [Change(ChangeKind.REMOVED, task.key, task, None) for task in gone]
    order = {task.key: place for place, task in enumerate((*base.tasks, *draft.tasks))}
    return sorted(found, key=lambda change: order[change.key])


def _said(draft: Draft, task: DraftTask, name: str) -> object:
    value = getattr(task, name)
    if name in {"lead", "coordinating"}:
        return sorted((name_key(one), _whom(draft, one)) for one in value)
    if name == "section":
        # Renaming a section changes every task in it, for those who read the annex.
        return value, next((one.text for one in draft.sections if one.code == value), "")
    if name == "body_points":
        return sorted(value)
    if name == "deliverables":
        return [(one.title, one.weight, tuple(sorted(one.evidence_kinds))) for one in value]
    return " ".join(value.split()) if isinstance(value, str) else value


def _whom(draft: Draft, name: str) -> tuple[int, int]:
    match = draft.match(name)
    return (match.group_id or 0, match.organisation_id or 0) if match else (-1, -1)


def amended_by(base: Draft, read: Draft, *, is_whole: bool) -> Draft:
    """The plan as it stands, with what a decision was read to say laid over it.

    :param base: with the keys of the plan's tasks.
    :param is_whole: the decision has the whole annex anew: what it does not name is removed.
    """
    by_code = {_code_key(task.code): task for task in read.tasks if task.code}
    kept: list[DraftTask] = []
    for task in base.tasks:
        written = by_code.pop(_code_key(task.code), None)
        if written is not None:
            kept.append(_laid_over(task, written))
        elif not is_whole:
            kept.append(task)
    for task in read.tasks:
        if not task.code or _code_key(task.code) in by_code:
            kept = _with_added(kept, task)
    titles = {one.code: one for one in base.sections} | {one.code: one for one in read.sections}
    points = {one.code: one for one in base.body_points}
    points |= {one.code: one for one in read.body_points}
    return replace(
        base,
        document=replace(read.document, short_title=base.document.short_title),
        sections=tuple(titles.values()),
        body_points=tuple(points.values()),
        tasks=tuple(kept),
        open_names=tuple(dict.fromkeys((*base.open_names, *read.open_names))),
    )


def _code_key(code: str) -> str:
    return code.strip().upper().rstrip(".")


def _laid_over(task: DraftTask, written: DraftTask) -> DraftTask:
    """The written words where they differ by more than spelling; what no annex says stays."""
    changed: dict[str, Any] = {}
    for name in ("text", "time_text", "product"):
        new = getattr(written, name)
        if new and spelling_key(new) != spelling_key(getattr(task, name)):
            changed[name] = new
    for name in ("lead", "coordinating"):
        new = getattr(written, name)
        if new and sorted(map(name_key, new)) != sorted(map(name_key, getattr(task, name))):
            changed[name] = new
    if "text" in changed:
        changed["short_text"] = written.short_text
    if written.due_kind is not None and (
        (written.due_kind, written.due_on) != (task.due_kind, task.due_on)
    ):
        changed |= {"due_kind": written.due_kind, "due_on": written.due_on}
    if not changed:
        return task
    texts: Mapping[str, str] = {**task.texts, **written.texts}
    return replace(
        task,
        **changed,
        texts=texts,
        doubts=written.doubts,
        confidence=written.confidence,
        excerpt=written.excerpt,
        source_page=written.source_page,
        source_line=written.source_line,
        is_reviewed=False,
    )


def _with_added(tasks: list[DraftTask], task: DraftTask) -> list[DraftTask]:
    """After the last task of its section, or at the end."""
    places = [place for place, one in enumerate(tasks) if one.section == task.section]
    place = places[-1] + 1 if places else len(tasks)
    return [*tasks[:place], task, *tasks[place:]]
