"""The tables behind the report of the province."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from chuan.core.documents.layout.content import (
    Annex,
    Cell,
    Column,
    ColumnKind,
    Orientation,
    Paragraph,
    Row,
    Table,
)
from chuan.core.indicators.registry import Unit
from chuan.flows.annual_report.enums import ReportState
from chuan.flows.annual_report.models import (
    Consolidation,
)
from chuan.flows.annual_report.queries.days import day_counted, last_data_day
from chuan.flows.annual_report.queries.letters.common import UNIT_NAMES, decimal_of, detail_title
from chuan.flows.annual_report.queries.rollup import Content, share
from chuan.flows.annual_report.queries.years import Years, years_of_plan
from chuan.lib.language import in_vietnamese
from chuan.lib.vietnamese import format_date, format_number
from chuan.modules.plans import facade as plans


def annexes_of(consolidation: Consolidation) -> Iterable[Annex]:
    snapshot = consolidation.snapshot
    yield Annex(
        _("Số liệu tổng hợp"),
        (Paragraph(scope_of(consolidation)), figures_table(consolidation)),
        Orientation.LANDSCAPE,
    )
    yield Annex(
        _("Kết quả và tiến độ thực hiện từng nhiệm vụ"),
        (Paragraph(scope_of(consolidation)), _tasks_table(snapshot)),
        Orientation.LANDSCAPE,
    )
    if consolidation.period.is_review:
        years = years_of_plan(consolidation.period)
        yield Annex(
            _("So sánh số liệu qua các năm"),
            (
                Paragraph(_("Nguồn số liệu: %(sources)s.") % {"sources": "; ".join(years.sources)}),
                _years_table(years),
            ),
            Orientation.LANDSCAPE,
        )
    yield Annex(
        _("Tình hình gửi báo cáo của các cơ quan, đơn vị, địa phương"),
        (
            Paragraph(
                _("Tính đến hết ngày %(day)s.") % {"day": format_date(day_counted(consolidation))}
            ),
            _bodies_table(snapshot),
        ),
    )


def _years_table(years: Years) -> Table:
    number = ColumnKind.NUMBER
    return Table(
        columns=(
            Column(_("TT"), 0.5, ColumnKind.ORDINAL),
            Column(_("Chỉ tiêu"), 3),
            Column(_("Đơn vị tính"), 0.9),
            *(Column(str(year), 0.9, number) for year in years.years),
            Column(_("Thay đổi năm cuối"), 1, number),
            Column(_("Xu hướng"), 1.1),
        ),
        rows=tuple(
            Row.of(
                place,
                figure.title,
                UNIT_NAMES.get(figure.unit, figure.unit),
                *figure.values,
                figure.change,
                figure.trend,
            )
            for place, figure in enumerate(years.figures, start=1)
        ),
        empty_note=_("Chưa có bản tổng hợp của năm nào trong giai đoạn."),
    )


def scope_of(consolidation: Consolidation) -> str:
    """Of what and until when the numbers of a consolidation are."""
    coverage = consolidation.snapshot["coverage"]
    return _(
        "Toàn tỉnh, cộng từ %(included)s/%(expected)s báo cáo đã đưa vào tổng hợp; số liệu tính đến "
        "hết ngày %(day)s. Số nhiệm vụ chỉ tính nhiệm vụ cơ quan chủ trì, không tính phối hợp."
    ) % {
        "included": format_number(coverage["included"]),
        "expected": format_number(coverage["expected"]),
        "day": format_date(last_data_day(consolidation.period)),
    }


def coverage_table(snapshot: Content) -> Table:
    counts = snapshot["coverage"]
    rows = [
        Row.of(
            group["title"],
            group["expected"],
            group["included"],
            group["waiting"] + group["in_review"],
            group.get("returned", 0),
            group["excluded"],
            group["missing"],
            _share(group),
        )
        for group in counts["groups"]
    ]
    rows.append(
        Row.total(
            _("Tổng cộng"),
            counts["expected"],
            counts["included"],
            counts["waiting"] + counts["in_review"],
            counts.get("returned", 0),
            counts["excluded"],
            counts["missing"],
            _share(counts),
        )
    )
    number = ColumnKind.NUMBER
    return Table(
        columns=(
            Column(_("Nhóm cơ quan"), 2.4),
            Column(_("Phải gửi"), 1.1, number),
            Column(_("Đã tổng hợp"), 1.2, number),
            Column(_("Chờ duyệt, chờ tổng hợp"), 1.6, number),
            Column(_("Đang chỉnh lý"), 1.1, number),
            Column(_("Loại trừ"), 1.1, number),
            Column(_("Chưa gửi"), 1.1, number),
            Column(_("Tỷ lệ"), 1.1, ColumnKind.PERCENT, decimals=1),
        ),
        rows=tuple(rows),
    )


def _share(counts: Content) -> Decimal | None:
    return decimal_of(share(counts["included"], counts["expected"]))


def figures_table(consolidation: Consolidation, *, is_short: bool = False) -> Table:
    figures, is_yearly = consolidation.snapshot["figures"], consolidation.period.is_yearly
    rows = [
        Row.of(*_figure_cells(number, figure, is_short=is_short, is_yearly=is_yearly))
        for number, figure in enumerate(figures, start=1)
    ]
    columns = [
        Column(_("TT"), 0.5, ColumnKind.ORDINAL),
        Column(_("Chỉ tiêu"), 3),
        Column(_("Đơn vị tính"), 0.9),
        Column(_("Thực hiện"), 1.1, ColumnKind.NUMBER),
    ]
    if is_yearly:
        columns.append(Column(_("Ước cả năm"), 1.1, ColumnKind.NUMBER))
    if is_short:
        columns.append(Column(_("Ghi chú"), 1.6))
    else:
        columns.insert(2, Column(_("Định nghĩa, cách tính"), 4))
        columns += [
            Column(_("Số báo cáo"), 0.9, ColumnKind.NUMBER),
            Column(_("Ghi chú"), 2.2),
        ]
    return Table(
        columns=tuple(columns),
        rows=tuple(rows),
        empty_note=_("Chưa có chỉ tiêu nào được thống kê từ hệ thống."),
    )


def _figure_cells(number: int, figure: Content, *, is_short: bool, is_yearly: bool) -> list[Cell]:
    unit = UNIT_NAMES.get(figure["unit"], figure["unit"])
    cells: list[Cell] = [
        number,
        figure["title"],
        unit,
        decimal_of(figure["reported"]["value"]),
    ]
    if is_yearly:
        cells.append(decimal_of(figure["outlook"]))
    if is_short:
        cells.append(_parts(figure))
    else:
        cells.insert(2, figure["definition"])
        cells += [figure["report_count"], _figure_note(figure)]
    return cells


def _parts(figure: Content) -> str:
    """The two numbers of a share, `33/38`."""
    if figure["unit"] != Unit.PERCENT or not figure["reported"]["denominator"]:
        return ""
    return (
        f"{format_number(figure['reported']['numerator'])}"
        f"/{format_number(figure['reported']['denominator'])}"
    )


def _figure_note(figure: Content) -> str:
    notes = [_parts(figure)] if _parts(figure) else []
    if figure["overrides"]:
        notes.append(
            _("%(count)s đơn vị điều chỉnh so với số hệ thống đếm")
            % {"count": format_number(len(figure["overrides"]))}
        )
    return "; ".join(notes)


def _tasks_table(snapshot: Content) -> Table:
    number = ColumnKind.NUMBER
    achieved, timed = _("Mức đạt"), _("Theo thời hạn")
    kinds, standings = list(reversed(plans.Achievement)), list(plans.Timeliness)
    rows: list[Row] = []
    section = ""
    totals = [0] * (1 + len(kinds) + len(standings))
    headings = [0] * len(totals)
    for task in snapshot["tasks"]:
        if task["section"] != section and not task.get("heading_only"):
            section = task["section"]
            code, _dot, title = section.partition(". ")
            rows.append(Row.group(title, code))
        counts = [
            task["lead_count"],
            *(task["achievement"].get(kind.value, 0) for kind in kinds),
            *(task["timeliness"].get(kind.value, 0) for kind in standings),
        ]
        totals = [total + count for total, count in zip(totals, counts, strict=True)]
        if task.get("heading_only"):
            headings = [total + count for total, count in zip(headings, counts, strict=True)]
            continue
        rows.append(Row.of(task["code"], task["title"], *counts))
    if any(headings):
        # Nothing is said of them; without the line the total would not be the sum of its rows.
        rows.append(Row.of("", _("Nhiệm vụ chỉ theo dõi đầu mục"), *headings))
    rows.append(Row.total(_("Tổng cộng"), None, *totals))
    return Table(
        columns=(
            Column(_("Mã"), 0.7, ColumnKind.ORDINAL),
            Column(_("Nhiệm vụ"), 4),
            Column(_("Lượt chủ trì"), 0.8, number),
            *(Column(str(kind.label), 0.85, number, group=achieved) for kind in kinds),
            *(Column(str(kind.label), 0.8, number, group=timed) for kind in standings),
        ),
        rows=tuple(rows),
        unit_note=_("Đơn vị tính: lượt nhiệm vụ của cơ quan chủ trì"),
    )


def _bodies_table(snapshot: Content) -> Table:
    rows: list[Row] = []
    group = ""
    for number, report in enumerate(snapshot["reports"], start=1):
        if report["group"] != group:
            group = report["group"]
            rows.append(Row.group(group))
        sent = report["submitted_at"]
        rows.append(
            Row.of(
                number,
                report["name"],
                standing_of(report),
                timezone.localdate(datetime.fromisoformat(sent)) if sent else None,
                _on_time(report["is_on_time"]),
                "" if report["is_included"] else report["reason"],
            )
        )
    return Table(
        columns=(
            Column(_("TT"), 0.7, ColumnKind.ORDINAL),
            Column(_("Cơ quan, đơn vị, địa phương"), 4.4),
            Column(_("Tình trạng"), 1.7),
            Column(_("Ngày gửi"), 1.5, ColumnKind.DATE),
            Column(_("Thời hạn"), 1.3),
            Column(_("Lý do, ghi chú"), 2),
        ),
        rows=tuple(rows),
        empty_note=_("Không có cơ quan nào phải gửi báo cáo."),
    )


def standing_of(report: Content) -> str:
    """Where one body of the snapshot stands, in a word or three."""
    if report["is_included"]:
        return _("Đã tổng hợp")
    return {
        ReportState.EXCLUDED.value: _("Loại trừ"),
        ReportState.SUBMITTED.value: _("Chờ duyệt"),
        ReportState.RETURNED.value: _("Đang chỉnh lý"),
        ReportState.DRAFT.value: _("Chưa gửi"),
    }.get(report["state"], _("Duyệt sau"))


def _on_time(is_on_time: bool | None) -> str:
    if is_on_time is None:
        return ""
    return _("Đúng hạn") if is_on_time else _("Gửi sau hạn")


@in_vietnamese
def detail_annex(consolidation: Consolidation) -> Annex:
    """A line for every leading task of every body included: a thousand rows nobody prints."""
    titles = {task["task_id"]: task for task in consolidation.snapshot["tasks"]}
    is_yearly = consolidation.period.is_yearly
    entries = (
        consolidation.entries.filter(is_included=True).select_related("content").order_by("pk")
    )
    rows: list[Row] = []
    for entry in entries.defer("content__rows"):
        assert entry.content is not None  # noqa: S101 - a constraint of the table
        content = entry.content.content
        for item in content["items"]:
            task = titles.get(item["task_id"])
            if item["role"] != plans.PartyRole.LEAD or task is None or task.get("heading_only"):
                continue
            rows.append(
                Row.of(
                    len(rows) + 1,
                    content["organisation"]["name"],
                    item["code"],
                    item["title"],
                    str(plans.Achievement(item["achievement"]).label)
                    if item["achievement"]
                    else "",
                    str(plans.Timeliness(item["timeliness"]).label) if item["timeliness"] else "",
                    item["percent"],
                    item["narrative"],
                    *([item["outlook"]] if is_yearly else []),
                )
            )
    return Annex(
        detail_title(),
        (
            Table(
                columns=(
                    Column(_("TT"), 0.9, ColumnKind.ORDINAL),
                    Column(_("Cơ quan, đơn vị, địa phương"), 2.4),
                    Column(_("Mã"), 0.9),
                    Column(_("Nhiệm vụ"), 2.6),
                    Column(_("Mức đạt"), 1),
                    Column(_("Theo thời hạn"), 1),
                    Column(_("Tiến độ (%)"), 0.8, ColumnKind.NUMBER),
                    Column(_("Kết quả thực hiện"), 4),
                    *([Column(_("Ước cả năm"), 2)] if is_yearly else []),
                ),
                rows=tuple(rows),
                empty_note=_("Không có báo cáo nào được tổng hợp."),
            ),
        ),
        Orientation.LANDSCAPE,
    )
