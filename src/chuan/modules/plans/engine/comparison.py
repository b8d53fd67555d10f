"""Two readings of one decision, side by side."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chuan.lib.vietnamese import spelling_key


@dataclass(frozen=True, slots=True)
class Compared:
    """A task as one side has it, in words alone."""

    code: str
    text: str
    lead: tuple[str, ...]
    coordinating: tuple[str, ...]
    time_text: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One task: on the left only, on the right only, or different in some fields."""

    code: str
    left: Compared | None
    right: Compared | None
    fields: tuple[str, ...] = ()


def compare(left: Iterable[Compared], right: Iterable[Compared]) -> list[Difference]:
    """Where two lists of tasks differ, by code; tasks that say the same are left out."""
    before = {task.code: task for task in left}
    after = {task.code: task for task in right}
    found = []
    for code in [*before, *(code for code in after if code not in before)]:
        one, other = before.get(code), after.get(code)
        if one is None or other is None:
            found.append(Difference(code, one, other))
            continue
        fields = tuple(name for name in _FIELDS if _said(one, name) != _said(other, name))
        if fields:
            found.append(Difference(code, one, other, fields))
    return found


_FIELDS = ("text", "lead", "coordinating", "time_text")


def _said(task: Compared, name: str) -> object:
    value = getattr(task, name)
    if isinstance(value, tuple):
        return sorted(spelling_key(item) for item in value)
    return spelling_key(value)
