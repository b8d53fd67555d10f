"""From a sheet to a plan: head, points, rows, and every doubt about them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from chuan.modules.plans.parsing.bodies import read_bodies
from chuan.modules.plans.parsing.codes import Coded, code_rows
from chuan.modules.plans.parsing.columns import Column
from chuan.modules.plans.parsing.deadlines import read_deadline
from chuan.modules.plans.parsing.head import (
    find_landmarks,
    impossible_dates,
    place_of,
    read_head,
)
from chuan.modules.plans.parsing.headings import find_headings
from chuan.modules.plans.parsing.linear import read_linear
from chuan.modules.plans.parsing.matching import match_points
from chuan.modules.plans.parsing.plan import (
    Doubt,
    Notice,
    ReadBody,
    ReadPlan,
    ReadSection,
    ReadTask,
)
from chuan.modules.plans.parsing.prose import (
    body_points,
    prose_tasks,
    read_outline,
    read_reporting,
    split_labelled,
)
from chuan.modules.plans.parsing.refusals import gettext_noop
from chuan.modules.plans.parsing.rows import RawRow, RowKind
from chuan.modules.plans.parsing.sheet import Sheet
from chuan.modules.plans.parsing.spelling import fold, squeeze
from chuan.modules.plans.parsing.tables import read_tables

_COSTS = {
    "no_text": 0.6,
    "no_lead": 0.4,
    "unknown_deadline": 0.4,
    "empty_deadline": 0.4,
    "impossible_date": 0.4,
    "impossible_year": 0.4,
    "no_year": 0.3,
    "duplicate_code": 0.3,
    "several_deadlines": 0.3,
    "unknown_unit": 0.2,
    "open_ended": 0.2,
    "from_prose": 0.2,
    "assumed_year": 0.15,
    "split_row": 0.15,
    "inherited_cell": 0.25,
    "no_number": 0.15,
    "long_text": 0.15,
    "roles_guessed": 0.2,
    "typo_mended": 0.05,
}
"""What each doubt takes from the confidence of a task."""

_OTHER_COST = 0.1
_LONGEST_TASK = 1_500
_DITTO = re.compile(r"[-–\"“”″'.\s]*(?:nt|như trên|n/t|//)?[-–\"“”″'.\s]*")
_YEAR_OF_PLAN = re.compile(r"(?<!đến )(?<!\d )năm (20\d\d)(?!\s*[-–]|\d)")


def analyse(sheet: Sheet) -> ReadPlan:
    """Understand a file that was read; says what it doubts, and drops no row."""
    lines = list(sheet.running_lines())
    tables = read_tables(sheet)
    notices = [*sheet.notices]
    rows, annex = tables.rows, tables.first_line
    if not any(row.kind is RowKind.TASK for row in rows):
        headings = find_headings(lines)
        rows = read_linear(lines, headings)
        annex = headings[0].start if headings else None
    notices.extend(tables.notices)
    marks = find_landmarks(lines, annex)
    document, head_notices, written_year = read_head(lines, marks)
    notices.extend(head_notices)
    notices.extend(impossible_dates(lines))

    outline = read_outline(lines[marks.plan : min(marks.annex, marks.end)])
    points = body_points(outline)
    if not any(row.kind is RowKind.TASK for row in rows):
        rows = prose_tasks(outline)
        notices.append(
            Notice(
                "no_table",
                gettext_noop(
                    "Không thấy bảng phân công nhiệm vụ; chỉ đọc được lời văn của kế hoạch."
                ),
                "",
            )
        )
    folded = fold(" ".join(line.text for line in lines))
    year = _year_of_plan(document.title) or written_year
    coded = code_rows(rows)
    sections = [
        ReadSection(c.code, _title(c.row), c.row.source)
        for c in coded
        if c.row.kind is RowKind.SECTION
    ]
    builder = _TaskBuilder(folded, year)
    tasks = [builder.task(c) for c in coded if c.row.kind is RowKind.TASK]
    tasks = _with_duplicates(tasks)
    titles = {section.code: section.title for section in sections}
    matched = match_points(
        points, [(t.section or "", titles.get(t.section or "", ""), t.text) for t in tasks]
    )
    tasks = [_with_points(task, codes) for task, codes in zip(tasks, matched, strict=True)]
    if _columns_are_mixed(tasks):
        message = gettext_noop(
            "Thứ tự chữ trong bảng bị xáo trộn khi chuyển đổi; nên dùng bản DOCX hoặc PDF gốc."
        )
        notices.append(Notice("columns_mixed", message, ""))
    notices.extend(_section_notices(coded))
    notices.extend(_task_notices(tasks))
    if not sheet.lines:
        notices.append(Notice("no_text", gettext_noop("Tệp không có chữ nào."), ""))
    return ReadPlan(
        document=document,
        sections=tuple(sections),
        body_points=tuple(points),
        tasks=tuple(tasks),
        reporting=read_reporting(lines[marks.order : marks.annex]),
        warnings=tuple(dict.fromkeys(notices)),
        source=sheet.lines,
    )


class _TaskBuilder:
    """Turns the cells of rows into tasks, in order: "như trên" means the row before."""

    def __init__(self, document: str, year: int | None) -> None:
        self._document = document
        self._year = year
        self._above: dict[Column, str] = {}

    def task(self, coded: Coded) -> ReadTask:
        row = coded.row
        cells = self._cells(row)
        doubts = list(row.doubts)
        text = squeeze(cells.get(Column.TASK, ""))
        if not text:
            doubts.append(
                Doubt("no_text", gettext_noop("Dòng này không có nội dung nhiệm vụ."), "text")
            )
        elif len(text) > _LONGEST_TASK:
            doubts.append(
                Doubt(
                    "long_text",
                    gettext_noop("Nội dung dài bất thường; có thể đã nối nhầm nhiều dòng."),
                    "text",
                )
            )
        if coded.unnumbered:
            doubts.append(
                Doubt("no_number", gettext_noop("Dòng không có số thứ tự; mã tạm đặt."), "code")
            )
        lead = read_bodies(cells.get(Column.LEAD, ""), document=self._document)
        coordinating = read_bodies(cells.get(Column.COORDINATING, ""), document=self._document)
        if cells.get(Column.BOTH):
            both = read_bodies(cells[Column.BOTH], document=self._document)
            lead, coordinating = (*lead, *both[:1]), (*both[1:], *coordinating)
            doubts.append(
                Doubt(
                    "roles_guessed",
                    gettext_noop("Cột gộp chủ trì và phối hợp; cơ quan đầu tiên coi là chủ trì."),
                    "lead",
                )
            )
        if not lead:
            doubts.append(
                Doubt("no_lead", gettext_noop("Dòng này không ghi cơ quan chủ trì."), "lead")
            )
        doubts.extend(_body_doubts(lead, "lead"))
        doubts.extend(_body_doubts(coordinating, "coordinating"))
        deadline = read_deadline(cells.get(Column.DUE, ""), year=self._year)
        doubts.extend(deadline.doubts)
        return ReadTask(
            code=coded.code,
            section=coded.section,
            text=text,
            lead=lead,
            coordinating=coordinating,
            product=squeeze(cells.get(Column.PRODUCT, "")) or None,
            time_text=squeeze(cells.get(Column.DUE, "")),
            due=deadline.due,
            body_points=(),
            source=row.source,
            confidence=_confidence(doubts),
            doubts=tuple(dict.fromkeys(doubts)),
            excerpt=row.excerpt,
        )

    def _cells(self, row: RawRow) -> dict[Column, str]:
        cells: dict[Column, str] = {}
        for column, text in row.cells.items():
            parts = [(column, text)]
            if column in (Column.LEAD, Column.COORDINATING, Column.BOTH, Column.TASK):
                parts = [
                    (column if label is Column.TASK else label, part)
                    for label, part in split_labelled(text)
                ]
            for label, part in parts:
                if part.strip():
                    cells[label] = f"{cells[label]}\n{part}" if label in cells else part.strip()
        for column in (Column.LEAD, Column.COORDINATING, Column.DUE):
            text = cells.get(column, "")
            if text.strip() and _is_ditto(text):
                cells[column] = self._above.get(column, "")
        self._above = cells
        return cells


def _is_ditto(text: str) -> bool:
    key = fold(text)
    return bool(_DITTO.fullmatch(key)) and bool(re.search(r"nt|như trên|n/t|//|[\"“”″]", key))


def _body_doubts(bodies: Iterable[ReadBody], field: str) -> Iterable[Doubt]:
    for body in bodies:
        if not body.known:
            message = gettext_noop("Chưa nhận ra cơ quan “%s”; hãy chọn đúng cơ quan.")
            yield Doubt("unknown_unit", message % body.name, field)
        if body.mended:
            message = gettext_noop("Đã sửa lỗi gõ trong tên: “%(written)s” thành “%(name)s”.")
            params = {"written": body.text, "name": body.name}
            yield Doubt("typo_mended", message % params, field)


def _confidence(doubts: Sequence[Doubt]) -> float:
    codes = {doubt.code for doubt in doubts}
    return round(max(0.05, 0.97 - sum(_COSTS.get(code, _OTHER_COST) for code in codes)), 2)


def _with_duplicates(tasks: Sequence[ReadTask]) -> list[ReadTask]:
    """The tasks, with a doubt on every code that more than one has."""
    counts = Counter(task.code for task in tasks)
    doubt = Doubt(
        "duplicate_code", gettext_noop("Mã này có ở nhiều dòng; hãy đặt lại cho khác nhau."), "code"
    )
    return [
        _replaced(task, doubts=(*task.doubts, doubt)) if counts[task.code] > 1 else task
        for task in tasks
    ]


def _with_points(task: ReadTask, codes: tuple[str, ...]) -> ReadTask:
    return _replaced(task, points=codes)


def _replaced(
    task: ReadTask,
    *,
    doubts: tuple[Doubt, ...] | None = None,
    points: tuple[str, ...] | None = None,
) -> ReadTask:
    new_doubts = task.doubts if doubts is None else doubts
    return ReadTask(
        code=task.code,
        section=task.section,
        text=task.text,
        lead=task.lead,
        coordinating=task.coordinating,
        product=task.product,
        time_text=task.time_text,
        due=task.due,
        body_points=task.body_points if points is None else points,
        source=task.source,
        confidence=_confidence(new_doubts),
        doubts=new_doubts,
        excerpt=task.excerpt,
    )


def _title(row: RawRow) -> str:
    return squeeze(row.text(Column.TASK)).rstrip(" .:;")


def _year_of_plan(title: str | None) -> int | None:
    """The year a plan is for, where its title names just one: "Kế hoạch … năm 2026"."""
    years = set(_YEAR_OF_PLAN.findall(fold(title or "")))
    return int(years.pop()) if len(years) == 1 else None


def _columns_are_mixed(tasks: Sequence[ReadTask]) -> bool:
    """Whether so many rows lack a lead or a deadline that the table itself must have been torn."""
    torn = {"no_lead", "empty_deadline", "no_text"}
    broken = sum(bool(torn & {doubt.code for doubt in task.doubts}) for task in tasks)
    return len(tasks) >= 4 and 2 * broken > len(tasks)


def _section_notices(coded: Sequence[Coded]) -> Iterable[Notice]:
    for entry in coded:
        if entry.row.kind is RowKind.SECTION and entry.unnumbered:
            message = gettext_noop("Mục “%s” không có số; mã tạm đặt.") % _title(entry.row)[:80]
            yield Notice("unnumbered_section", message, place_of(entry.row.source))


def _task_notices(tasks: Sequence[ReadTask]) -> Iterable[Notice]:
    for task in tasks:
        where = gettext_noop("Nhiệm vụ %(code)s (%(place)s)") % {
            "code": task.code,
            "place": place_of(task.source),
        }
        for doubt in task.doubts:
            yield Notice(doubt.code, doubt.message, where)
