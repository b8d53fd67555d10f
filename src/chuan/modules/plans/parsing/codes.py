"""Codes of sections and tasks: section.number, as printed wherever that is unique."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from chuan.lib.vietnamese import to_roman
from chuan.modules.plans.parsing.labels import Label, LabelKind, read_label
from chuan.modules.plans.parsing.rows import RawRow, RowKind


@dataclass(frozen=True, slots=True)
class Coded:
    """A row with its code; `section` is the code of the section a task stands in."""

    row: RawRow
    code: str
    section: str | None
    unnumbered: bool = False


@dataclass(slots=True)
class _Open:
    """A section that is open while rows are read."""

    depth: int
    own: str
    code: str


def code_rows(rows: Sequence[RawRow]) -> list[Coded]:
    """Give every section and task its code.

    Sections nest in the order their kinds of label first appear (A over I, or I over A). A
    numeral is enough for a code unless it comes again under another section; rows without a number
    are counted.
    """
    return _Coder(rows).coded()


class _Coder:
    def __init__(self, rows: Sequence[RawRow]) -> None:
        self._rows = rows
        self._depths = _depths(rows)
        self._repeated = _repeated(rows)
        self._open: list[_Open] = []
        self._part = 0
        self._unnumbered_sections = 0
        self._last_task = ""
        self._last_number = 0
        self._below_last = 0
        self._used: set[str] = set()

    def coded(self) -> list[Coded]:
        return [
            self._section(row) if row.kind is RowKind.SECTION else self._task(row)
            for row in self._rows
        ]

    def _enter(self, row: RawRow) -> None:
        if row.part != self._part:
            self._part = row.part
            self._open.clear()
            self._last_task, self._last_number = "", 0

    def _section(self, row: RawRow) -> Coded:
        self._enter(row)
        label = read_label(row.number)
        unnumbered = label is None or not label.code
        if label is None or not label.code:
            self._unnumbered_sections += 1
            own = to_roman(self._unnumbered_sections)
            if any(read_label(r.number) for r in self._rows if r.kind is RowKind.SECTION):
                own = f"M{self._unnumbered_sections}"
            depth = 0 if not self._depths else max(self._depths.values()) + 1
            label = Label(LabelKind.ROMAN, own)
        else:
            own = label.code
            depth = self._depths[label.kind]
        while self._open and self._open[-1].depth >= depth:
            self._open.pop()
        above = self._open[-1].code if self._open else ""
        code = own
        if above and not own.startswith(f"{above}."):
            deep = label.kind in (LabelKind.NUMBER, LabelKind.DOTTED, LabelKind.LETTER)
            if deep or (label.kind, own) in self._repeated:
                code = _under(above, own)
        code = self._in_part(code, row.part)
        self._open.append(_Open(depth, own, code))
        self._last_task, self._last_number, self._below_last = "", 0, 0
        self._used.add(code)
        return Coded(row, code, None, unnumbered)

    def _task(self, row: RawRow) -> Coded:
        self._enter(row)
        label = read_label(row.number)
        if label and self._is_sibling_of_section(label):
            self._open.pop()
        section = self._open[-1].code if self._open else ""
        unnumbered = False
        if label is None or not label.code:
            code, unnumbered = self._counted(section)
        elif label.kind is LabelKind.LETTER:
            above = self._last_task or section
            code = f"{above}.{label.code}" if above else label.code
        else:
            code = _under(section, label.code) if section else label.code
            self._last_task, self._below_last = code, 0
            self._last_number = label.value
        if not section:
            code = self._in_part(code, row.part)
        self._used.add(code)
        return Coded(row, code, section or None, unnumbered)

    def _is_sibling_of_section(self, label: Label) -> bool:
        """A task "2" after a section "1" whose rows are lettered stands beside that section."""
        if label.kind is not LabelKind.NUMBER or not self._open or self._last_number:
            return False
        above = read_label(self._open[-1].own)
        return above is not None and above.kind is label.kind and label.value == above.value + 1

    def _counted(self, section: str) -> tuple[str, bool]:
        numbered = any(read_label(row.number) for row in self._rows if row.kind is RowKind.TASK)
        if self._last_task and numbered:
            self._below_last += 1
            return f"{self._last_task}.{self._below_last}", True
        self._last_number += 1
        number = str(self._last_number)
        return (f"{section}.{number}" if section else number), numbered

    def _in_part(self, code: str, part: int) -> str:
        """A code of a further annex that an earlier one has already: with "PL2." in front."""
        return f"PL{part}.{code}" if part > 1 and code in self._used else code


def _under(above: str, own: str) -> str:
    """The code of something numbered below a section: "II" and "4" are "II.4"; "1", "1.2" "1.2"."""
    last = above.rpartition(".")[2]
    if own.startswith((f"{above}.", f"{last}.")):
        return f"{above}{own[len(own.partition('.')[0]) :]}" if not own.startswith(above) else own
    if "." in own and not own[0].isdigit():
        return own
    return f"{above}.{own}"


def _depths(rows: Sequence[RawRow]) -> dict[LabelKind, int]:
    depths: dict[LabelKind, int] = {}
    for row in rows:
        label = read_label(row.number)
        if row.kind is RowKind.SECTION and label and label.code:
            depths.setdefault(label.kind, len(depths))
    return depths


def _repeated(rows: Sequence[RawRow]) -> set[tuple[LabelKind, str]]:
    labels = Counter(
        (label.kind, label.code)
        for row in rows
        if row.kind is RowKind.SECTION and (label := read_label(row.number))
    )
    kinds = {kind for (kind, _code), count in labels.items() if count > 1}
    return {entry for entry in labels if entry[0] in kinds}
