"""A unit's report as a workbook to fill in offline, and what a filled one would change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from chuan.core.indicators.registry import Unit
from chuan.core.workbooks import reading as workbooks
from chuan.core.workbooks.book import Book, Column, Row, Table
from chuan.core.workbooks.cells import Choice, Day, Mark, Number, Text
from chuan.core.workbooks.reading import Change, Place, Reading, Written
from chuan.flows.annual_report.models import FilledWorkbook, ReportFigure, ReportItem, UnitReport
from chuan.flows.annual_report.queries.bodies import body
from chuan.flows.annual_report.queries.days import due_now, last_data_day
from chuan.flows.annual_report.queries.entry import (
    NARRATIVE_LIMIT,
    REASON_LIMIT,
    SECTION_FIELDS,
    SECTION_LIMIT,
    Fault,
    Override,
    faults_of,
    faults_of_estimate,
    faults_of_override,
    faults_of_section,
    needed_sections,
)
from chuan.flows.annual_report.queries.reports import assignments_behind, standing_of
from chuan.lib.language import in_vietnamese
from chuan.lib.vietnamese import format_date
from chuan.modules.plans import facade as plans

KIND = "annual_report.unit_report"
# Change it when a column of the workbook gets another meaning.
NUMBER = 1
ITEMS, FIGURES, SECTIONS = "items", "figures", "sections"
OVERRIDE_FIELDS = ("value", "numerator", "denominator", "reason")
_NARRATIVE_WIDTH = 56


@in_vietnamese
def workbook_of(report: UnitReport) -> Book:
    """The workbook as it would be made now, filled with what the report says."""
    period = report.period
    name = body(report.organisation_id, on=period.due_on).name
    tables = [_items(report), _figures(report), _sections(report)]
    return Book(
        kind=KIND,
        number=NUMBER,
        subject=f"{report.pk}",
        subject_name=f"{name}, {period.title}",
        title=period.title,
        tables=[table for table in tables if table.rows],
        guide_title=_("Hướng dẫn"),
        guide=_guide(report),
    )


def _guide(report: UnitReport) -> list[tuple[str, str]]:
    period = report.period
    levels = ", ".join(f"“{level.label}”" for level in plans.Achievement)
    return [
        ("", _("Báo cáo")),
        (
            _("Số liệu"),
            _("Từ %(first)s đến hết %(last)s.")
            % {
                "first": format_date(period.data_from),
                "last": format_date(last_data_day(period)),
            },
        ),
        (_("Hạn gửi"), _("Hết ngày %s.") % format_date(due_now(report))),
        (
            _("Lập lúc"),
            _("%s. Nội dung đã ghi trên hệ thống đến lúc này được điền sẵn.")
            % f"{timezone.localtime():%H:%M, %d/%m/%Y}",
        ),
        ("", _("Cách điền")),
        ("1", _("Chỉ ghi vào các ô màu vàng. Ô xám để xem.")),
        ("2", _("Mức đạt chọn trong danh sách: %s.") % levels),
        ("3", _("Số viết 1.234 hoặc 1.234,5; ngày viết 20/11/2026.")),
        ("4", _("Đánh dấu “Có” ở cột Đã viết xong khi mục đã đủ nội dung.")),
        ("5", _("Số khác số hệ thống đếm phải có lý do. Xóa số và lý do để dùng lại số hệ thống.")),
        ("6", _("Lưu dạng .xlsx rồi gửi lên ở trang “Điền bằng bảng tính” của báo cáo.")),
        (
            "7",
            _(
                "Hệ thống cho xem từng ô sẽ đổi trước khi ghi; ô không sửa trong tệp được giữ nguyên."
            ),
        ),
        ("", _("Màu ô")),
    ]


def _items(report: UnitReport) -> Table:
    is_yearly = report.period.is_yearly
    levels = Choice(tuple((level.value, str(level.label)) for level in plans.Achievement))
    columns = [
        Column("code", _("Mã"), Text(), 8),
        Column("task", _("Nhiệm vụ"), Text(), 28),
        Column("role", _("Vai trò"), Text(), 10),
        Column("due_on", _("Hạn"), Day(), 12),
        Column(
            "narrative",
            _("Kết quả thực hiện"),
            Text(NARRATIVE_LIMIT),
            _NARRATIVE_WIDTH,
            is_writable=True,
        ),
        Column("outlook", _("Ước cả năm"), Text(NARRATIVE_LIMIT), 26, is_writable=True),
        Column("achievement", _("Mức đạt"), levels, 14, is_writable=True),
        Column("percent", _("Tiến độ (%)"), Number(0, 100), 9, is_writable=True),
        Column("is_finished", _("Đã viết xong"), Mark(), 9, is_writable=True),
        Column("evidence", _("Số minh chứng"), Number(), 9),
    ]
    if not is_yearly:
        columns = [column for column in columns if column.key != "outlook"]
    assignments = assignments_behind(report)
    places = {pk: place for place, pk in enumerate(assignments)}
    items = sorted(
        report.items.all(),
        key=lambda item: (places.get(item.assignment_id, len(places)), item.pk),
    )
    return Table(
        ITEMS,
        _("Nhiệm vụ"),
        columns,
        [_item_row(item, assignments.get(item.assignment_id)) for item in items],
        lead=_(
            "Nêu kết quả, số lượng, địa bàn của từng nhiệm vụ. Nhiệm vụ phối hợp không bắt buộc."
        ),
        frozen=2,
    )


def _item_row(item: ReportItem, assignment: plans.AssignmentRef | None) -> Row:
    heading_only = assignment is not None and assignment.heading_only
    is_lead = item.role == plans.PartyRole.LEAD
    return Row(
        str(item.pk),
        {
            "code": assignment.task_code if assignment else "",
            "task": assignment.task_short_text if assignment else _("Không còn trong kế hoạch"),
            "role": _("Chủ trì") if is_lead else _("Phối hợp"),
            "due_on": standing_of(item, assignment).due_on,
            "narrative": item.narrative,
            "outlook": item.outlook,
            "achievement": item.achievement,
            "percent": item.percent,
            "is_finished": item.is_finished,
            "evidence": assignment.evidence_count if assignment else None,
        },
        # Of a task whose heading alone is followed here, no content is kept.
        locked=frozenset({"narrative", "outlook"}) if heading_only else frozenset(),
    )


def _figures(report: UnitReport) -> Table:
    columns = [
        Column("title", _("Chỉ tiêu"), Text(), 38),
        Column("counted", _("Hệ thống đếm"), Number(places=4), 12),
        Column("counted_part", _("Tử số đếm"), Number(), 10),
        Column("counted_whole", _("Mẫu số đếm"), Number(), 10),
        Column("value", _("Số đơn vị báo cáo"), Number(0), 14, is_writable=True),
        Column("numerator", _("Tử số"), Number(0), 10, is_writable=True),
        Column("denominator", _("Mẫu số"), Number(1), 10, is_writable=True),
        Column("reason", _("Lý do khác với hệ thống"), Text(REASON_LIMIT), 36, is_writable=True),
        Column("outlook", _("Ước cả năm"), Number(0), 14, is_writable=True),
    ]
    if not report.period.is_yearly:
        columns = [column for column in columns if column.key != "outlook"]
    return Table(
        FIGURES,
        _("Số liệu"),
        columns,
        [_figure_row(figure) for figure in report.figures.order_by("title", "pk")],
        lead=_("Để trống nếu số hệ thống đếm là đúng. Tỷ lệ sửa bằng tử số và mẫu số."),
    )


def _figure_row(figure: ReportFigure) -> Row:
    is_share = figure.unit == Unit.PERCENT
    return Row(
        str(figure.pk),
        {
            "title": figure.title,
            "counted": figure.value,
            "counted_part": figure.numerator,
            "counted_whole": figure.denominator,
            "value": None if is_share else figure.override,
            "numerator": figure.override_numerator,
            "denominator": figure.override_denominator,
            "reason": figure.override_reason,
            "outlook": figure.outlook,
        },
        locked=frozenset({"value", "outlook"} if is_share else {"numerator", "denominator"}),
    )


def _sections(report: UnitReport) -> Table:
    labels = {
        "summary": _("Kết quả nổi bật"),
        "difficulties": _("Khó khăn, vướng mắc"),
        "proposals": _("Kiến nghị, đề xuất"),
        "next_year": _("Phương hướng năm sau"),
    }
    rows = []
    for section in needed_sections(report.period):
        first, *others = SECTION_FIELDS[section]
        for name in (first, *others):
            values = {
                "title": labels[name],
                "text": getattr(report, name),
                "is_finished": name == first and section in report.finished_sections,
            }
            # A part is finished as a whole; that stands at its first text.
            rows.append(
                Row(name, values, frozenset() if name == first else frozenset({"is_finished"}))
            )
    return Table(
        SECTIONS,
        _("Đánh giá chung"),
        [
            Column("title", _("Phần"), Text(), 26),
            Column("text", _("Nội dung"), Text(SECTION_LIMIT), 96, is_writable=True),
            Column("is_finished", _("Đã viết xong"), Mark(), 12, is_writable=True),
        ],
        rows,
        lead=_("Mỗi phần viết hai đến ba đoạn, hoặc ghi rõ là không có."),
    )


# ---------------------------------------------------------------- what a filled one would change

FROM_FILE, STORED = "file", "stored"


@dataclass(slots=True)
class Intake:
    """A filled workbook held against the report: what would change, and what is wrong with it.

    Cells both sides changed wait in `conflicts` until somebody chose one of the two.
    """

    reading: Reading
    changes: list[Change]
    faults: list[workbooks.Fault] = field(default_factory=list)

    @property
    def conflicts(self) -> list[Change]:
        return [change for change in self.changes if change.is_conflict]

    def taken(self, chosen: Mapping[str, str]) -> list[Change]:
        """The changes without those whose stored value was chosen."""
        return [
            change
            for change in self.changes
            if not change.is_conflict or chosen.get(change.key) == FROM_FILE
        ]


def look_at(
    report: UnitReport, filled: FilledWorkbook, chosen: Mapping[str, str] | None = None
) -> Intake:
    """Everything wrong with it at once: what stands in single cells, and what does not go together.

    Without choices, conflicts are looked at as if the file were taken.

    :raises BookRefused: the file as a whole cannot be used.
    """
    reading = workbooks.read(filled.name, bytes(filled.content), workbook_of(report))
    intake = Intake(reading, workbooks.changes_of(reading), list(reading.faults))
    taken = intake.changes if chosen is None else intake.taken(chosen)
    intake.faults += _Together(report, reading, taken).faults()
    return intake


def by_row(changes: Iterable[Change], table: str) -> dict[str, dict[str, Any]]:
    """New values by row and column, of one table."""
    rows: dict[str, dict[str, Any]] = {}
    for change in changes:
        if change.written.table.key == table:
            rows.setdefault(change.written.row.id, {})[change.written.column.key] = (
                change.written.value
            )
    return rows


def override_of(row: Mapping[str, Any]) -> Override:
    """The unit's own number as a row of the workbook has it."""
    part, whole = row["numerator"], row["denominator"]
    return Override(
        row["value"],
        None if part is None else int(part),
        None if whole is None else int(whole),
        row["reason"],
    )


def is_no_override(given: Override) -> bool:
    return given == Override(None, None, None, "")


class _Together:
    """What the same rules as on the pages say of the rows that would change."""

    def __init__(self, report: UnitReport, reading: Reading, taken: Sequence[Change]) -> None:
        self.report, self.reading, self.taken = report, reading, taken

    def faults(self) -> list[workbooks.Fault]:
        return [*self._items(), *self._figures(), *self._sections()]

    def _items(self) -> Iterable[workbooks.Fault]:
        changed = by_row(self.taken, ITEMS)
        if not changed:
            return
        assignments = assignments_behind(self.report)
        for item in self.report.items.filter(pk__in=map(int, changed)):
            as_written = copy(item)
            for name, value in changed[str(item.pk)].items():
                setattr(as_written, name, value)
            assignment = assignments.get(item.assignment_id)
            if as_written.is_finished and assignment is not None:
                for fault in faults_of(as_written, assignment):
                    yield self._at(ITEMS, [str(item.pk)], fault)

    def _figures(self) -> Iterable[workbooks.Fault]:
        changed = by_row(self.taken, FIGURES)
        if not changed:
            return
        stored = {row.id: row.values for row in self._table(FIGURES).rows}
        for figure in self.report.figures.filter(pk__in=map(int, changed)):
            row = {**stored[str(figure.pk)], **changed[str(figure.pk)]}
            given = override_of(row)
            if not is_no_override(given):
                for fault in faults_of_override(figure, given):
                    yield self._at(FIGURES, [str(figure.pk)], fault)
            if "outlook" in changed[str(figure.pk)]:
                so_far = figure.value if given.value is None else given.value
                for fault in faults_of_estimate(so_far, row["outlook"]):
                    yield self._at(FIGURES, [str(figure.pk)], fault)

    def _sections(self) -> Iterable[workbooks.Fault]:
        changed = by_row(self.taken, SECTIONS)
        if not changed:
            return
        rows = {row.id: row.values for row in self._table(SECTIONS).rows}
        for section in needed_sections(self.report.period):
            names = SECTION_FIELDS[section]
            if not changed.keys() & set(names):
                continue
            now = {name: {**rows[name], **changed.get(name, {})} for name in names}
            if now[names[0]]["is_finished"]:
                texts = {name: row["text"] for name, row in now.items()}
                for fault in faults_of_section(texts):
                    yield self._at(SECTIONS, names, Fault(fault.text, "text"))

    def _table(self, key: str) -> Table:
        return next(one.table for one in self.reading.cells if one.table.key == key)

    def _at(self, table: str, rows: Sequence[str], fault: Fault) -> workbooks.Fault:
        """The fault at the first of these rows that the file still has, else at its sheet."""
        expected = _("Đủ và khớp với các ô cùng dòng.")
        here_or_near = [one for one in self.reading.cells if one.table.key == table]
        by_row = ([one for one in here_or_near if one.row.id == row] for row in rows)
        cells = next(filter(None, by_row), here_or_near)
        here: Written | None = next((one for one in cells if one.column.key == fault.field), None)
        if here is None:
            # The field is locked in this row: the row itself is shown.
            place = Place(cells[0].place.sheet, cells[0].place.row)
            return workbooks.Fault(place, "", "", expected, fault.text)
        shown = here.column.kind.shown(here.value)
        return workbooks.Fault(here.place, here.column.title, shown, expected, fault.text)
