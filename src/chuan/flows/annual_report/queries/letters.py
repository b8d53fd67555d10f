"""What the documents say: the consolidated report for each reader, and the letter that urges.

Everything is read from the frozen snapshot of the consolidation and from the department's texts,
so two documents made from it can only differ in whom they speak to.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from chuan.core.calendar.enums import ExtensionState
from chuan.core.documents.layout.content import (
    Annex,
    Block,
    Cell,
    Column,
    ColumnKind,
    Document,
    Heading,
    HeadingLevel,
    IssueDate,
    Orientation,
    Paragraph,
    Points,
    Row,
    Signature,
    Table,
    narrative,
)
from chuan.core.documents.models import OfficialDocument
from chuan.core.indicators.registry import Unit
from chuan.flows.annual_report.enums import NOT_SENT, Audience, ReportState, StepKind
from chuan.flows.annual_report.models import (
    Consolidation,
    ReportExtension,
    ReportingPeriod,
    ReportStep,
    UnitReport,
)
from chuan.flows.annual_report.queries.bodies import Body, bodies, body
from chuan.flows.annual_report.queries.days import day_counted, due_now, last_data_day
from chuan.flows.annual_report.queries.rollup import Content, share, without_marks
from chuan.flows.annual_report.queries.texts import decision_in_full, opening
from chuan.flows.annual_report.queries.years import Years, years_of_plan
from chuan.lib.language import in_vietnamese
from chuan.lib.vietnamese import fold, format_date, format_number, to_roman
from chuan.modules.plans import facade as plans

MINISTRY = "Bộ Khoa học và Công nghệ"
NATIONAL_COMMITTEE = "Ủy ban Tiêu chuẩn Đo lường Chất lượng Quốc gia"
# Up to so many bodies are addressed by name; more are named in an annex.
ADDRESSED_BY_NAME = 8


UNIT_NAMES = {
    Unit.COUNT.value: "",
    Unit.PERCENT.value: "%",
    Unit.VND.value: "đồng",
}


# ---------------------------------------------------------------- the consolidated report


@in_vietnamese
def consolidated_report(
    consolidation: Consolidation, audience: Audience, *, dated: date
) -> Document:
    """The report of one consolidation to one reader, still without number and day of issue."""
    period = consolidation.period
    issuer = body(period.managed_by_id, on=dated)
    parent = body(issuer.parent_id, on=dated) if issuer.parent_id else None
    province = parent.name if parent else str(Audience.PROVINCE.label)
    is_for_province = audience == Audience.PROVINCE
    plan = plans.plan(period.plan_id)
    annexes = tuple(_annexes(consolidation))
    return Document(
        kind="BC",
        issuer=issuer.name,
        issuer_parent=parent.short_name if parent else "",
        notation=f"BC-{issuer.notation}" if issuer.notation else "BC",
        place=issuer.seat or "…",
        dated=IssueDate(dated.year, dated.month),
        subject=_("Kết quả thực hiện %(period)s %(plan)s")
        % {"period": period.phrase, "plan": plan.short_title},
        addressees=(province,) if is_for_province else (MINISTRY,),
        body=tuple(_report_body(consolidation, audience, province, [one.title for one in annexes])),
        annexes=annexes,
        signature=Signature(positions=(issuer.head_position or _("Thủ trưởng"),)),
        recipients=tuple(_report_recipients(audience, province)),
        archive="VT",
    )


def _report_recipients(audience: Audience, province: str) -> list[str]:
    if audience == Audience.PROVINCE:
        return [f"{MINISTRY} (để báo cáo)", _("Các sở, ban, ngành, UBND các xã, phường")]
    return [NATIONAL_COMMITTEE, f"{province} (để báo cáo)"]


def _report_body(
    consolidation: Consolidation, audience: Audience, province: str, annexes: Sequence[str]
) -> Iterable[Block]:
    period, snapshot = consolidation.period, consolidation.snapshot
    yield from _text(consolidation.opening or opening(period))

    yield _section(_("Tình hình chung"))
    yield from _text(consolidation.overall)
    yield _coverage_table(snapshot)
    if audience == Audience.PROVINCE:
        yield from _missing_bodies(snapshot)

    yield _section(_("Kết quả thực hiện các nhóm nhiệm vụ"))
    if audience == Audience.MINISTRY and snapshot["figures"]:
        yield Paragraph(
            _("Các chỉ tiêu chính của tỉnh trong kỳ báo cáo, tính đến hết ngày %(day)s:")
            % {"day": format_date(last_data_day(period))}
        )
        yield _figures_table(consolidation, is_short=True)
    yield from _results(consolidation)

    yield _section(_("Khó khăn, vướng mắc và kiến nghị"))
    yield _clause(_("Khó khăn, vướng mắc"))
    yield from _text(consolidation.difficulties, _("Không có khó khăn, vướng mắc được nêu."))
    yield _clause(_("Kiến nghị, đề xuất"))
    yield from _text(consolidation.proposals, _("Không có kiến nghị, đề xuất."))

    if period.is_yearly:
        yield _section(_("Phương hướng năm %(year)s") % {"year": period.year + 1})
        yield from _text(
            consolidation.next_year,
            _("Tiếp tục thực hiện các nhiệm vụ được giao theo kế hoạch."),
        )
    yield Paragraph(_("Số liệu, tình hình chi tiết tại các phụ lục kèm theo:"))
    yield Points(tuple(_annex_names(annexes)))
    yield Paragraph(_closing(consolidation, audience, province))


def _annex_names(titles: Sequence[str]) -> Iterable[str]:
    """Every annex by number and title: a text must point to each of its annexes (Decree
    30/2020/NĐ-CP, Annex I); the last has too many rows for paper."""
    for place, title in enumerate(titles, start=1):
        yield _("Phụ lục %(number)s: %(title)s;") % {"number": to_roman(place), "title": title}
    yield _("Phụ lục %(number)s: %(title)s (tệp XLSX kèm theo).") % {
        "number": to_roman(len(titles) + 1),
        "title": _detail_title(),
    }


def _detail_title() -> str:
    return _("Chi tiết nhiệm vụ chủ trì của từng cơ quan")


def _closing(consolidation: Consolidation, audience: Audience, province: str) -> str:
    issuer = body(consolidation.period.managed_by_id, on=consolidation.period.due_on).name
    if audience == Audience.PROVINCE:
        return _("%(issuer)s kính báo cáo %(reader)s xem xét, chỉ đạo.") % {
            "issuer": issuer,
            "reader": province,
        }
    return _("%(issuer)s kính báo cáo %(reader)s tổng hợp.") % {
        "issuer": issuer,
        "reader": MINISTRY,
    }


def _results(consolidation: Consolidation) -> Iterable[Block]:
    texts = {row.task_id: row.narrative for row in consolidation.tasks.all()}
    wordings = {task.id: task.text for task in plans.every_wording_of(consolidation.period.plan_id)}
    until = format_date(last_data_day(consolidation.period))
    section = ""
    for task in consolidation.snapshot["tasks"]:
        if task.get("heading_only"):
            continue
        if task["section"] != section:
            section = task["section"]
            yield _clause(_without_number(section))
        yield Heading(
            HeadingLevel.POINT, in_one_heading(wordings.get(task["task_id"], task["title"]))
        )
        yield from _text(texts.get(task["task_id"], ""), _nothing_reported(task))
        counts = _counts_sentence(task, until)
        if counts:
            yield Paragraph(counts)


HEADING_LENGTH = 240
# Where a clause ends: a semicolon, or a full stop before a new sentence ("TP. Quy Nhơn" is none).
_CLAUSE_END = re.compile(r";(?=\s)|(?<=[^\W\dA-ZĐ])[.](?=\s+[^\W\d_a-zà-ỹđ])")


def in_one_heading(wording: str) -> str:
    """A task's wording as a heading: whole while it is short; else up to where a clause ends.

    The last clause that fits, or the first where none does. Commas and brackets end nothing: what
    has no other end stands whole, however long.
    """
    ends = [
        found.start()
        for found in _CLAUSE_END.finditer(wording)
        if _is_outside_brackets(wording[: found.start()])
    ]
    if len(wording) <= HEADING_LENGTH or not ends:
        return wording.rstrip(" .;,")
    fitting = [end for end in ends if end <= HEADING_LENGTH]
    return wording[: fitting[-1] if fitting else ends[0]].rstrip(" .;,")


def _is_outside_brackets(text: str) -> bool:
    return text.count("(") <= text.count(")")


def _nothing_reported(task: Content) -> str:
    if not task["lead_count"]:
        return _("Trong kỳ không có cơ quan, đơn vị nào báo cáo là cơ quan chủ trì.")
    return _("Các cơ quan, đơn vị chủ trì chưa báo cáo nội dung cụ thể.")


def _counts_sentence(task: Content, day: str) -> str:
    """One sentence that says how the lead bodies stand; nothing where there is just one."""
    if task["lead_count"] < 2:
        return ""
    named = ", ".join(
        f"{format_number(task['achievement'][kind.value])} {str(kind.label).lower()}"
        for kind in reversed(plans.Achievement)
        if task["achievement"].get(kind.value)
    )
    return _(
        "Trong %(count)s cơ quan, đơn vị chủ trì có báo cáo, tự đánh giá đến hết ngày %(day)s: "
        "%(named)s."
    ) % {
        "day": day,
        "count": format_number(task["lead_count"]),
        "named": named,
    }


def _missing_bodies(snapshot: Content) -> Iterable[Block]:
    out = [row for row in snapshot["reports"] if not row["is_included"]]
    missing = [row for row in out if row["state"] in NOT_SENT]
    mended = sum(row["state"] == ReportState.RETURNED for row in out)
    if mended:
        yield Paragraph(
            _("Đang chỉnh lý báo cáo theo yêu cầu %(count)s.") % {"count": _places(mended)}
        )
    if not missing:
        yield Paragraph(_("Không có cơ quan, đơn vị, địa phương nào chưa gửi báo cáo."))
    elif len(missing) <= ADDRESSED_BY_NAME:
        names = "; ".join(row["name"] for row in missing)
        yield Paragraph(
            _("Chưa gửi báo cáo %(count)s: %(names)s.")
            % {"count": _places(len(missing)), "names": names}
        )
    else:
        yield Paragraph(
            _("Chưa gửi báo cáo %(count)s, danh sách tại Phụ lục III.")
            % {"count": _places(len(missing))}
        )


def _places(count: int) -> str:
    return _("có %(count)s cơ quan, đơn vị, địa phương") % {"count": format_number(count)}


# ---------------------------------------------------------------- tables and annexes


def _annexes(consolidation: Consolidation) -> Iterable[Annex]:
    snapshot = consolidation.snapshot
    yield Annex(
        _("Số liệu tổng hợp"),
        (Paragraph(scope_of(consolidation)), _figures_table(consolidation)),
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


def _coverage_table(snapshot: Content) -> Table:
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
    return _decimal(share(counts["included"], counts["expected"]))


def _figures_table(consolidation: Consolidation, *, is_short: bool = False) -> Table:
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
        _decimal(figure["reported"]["value"]),
    ]
    if is_yearly:
        cells.append(_decimal(figure["outlook"]))
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


# ---------------------------------------------------------------- what every body reported, for a spreadsheet


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
        _detail_title(),
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


# ---------------------------------------------------------------- the letter that urges


@in_vietnamese
def urging_letter(
    period: ReportingPeriod, reports: Sequence[UnitReport], *, dated: date
) -> Document:
    """An official letter to the bodies that have not reported: by name, or by a list in an annex."""
    issuer = body(period.managed_by_id, on=dated)
    parent = body(issuer.parent_id, on=dated) if issuer.parent_id else None
    plan = plans.plan(period.plan_id)
    names = bodies([report.organisation_id for report in reports], on=period.due_on)
    addressed = sorted(
        (names[report.organisation_id] for report in reports), key=lambda one: one.order
    )
    mended = {one.organisation_id for one in reports if one.state == ReportState.RETURNED}
    granted = {
        one.organisation_id: due_now(one)
        for one in reports
        if one.extended_due_on is not None and one.state != ReportState.RETURNED
    }
    is_many = len(addressed) > ADDRESSED_BY_NAME
    return Document(
        kind="CV",
        issuer=issuer.name,
        issuer_parent=parent.short_name if parent else "",
        notation=issuer.notation,
        place=issuer.seat or "…",
        dated=IssueDate(dated.year, dated.month),
        subject=_("đôn đốc gửi báo cáo kết quả thực hiện %(period)s") % {"period": period.phrase},
        addressees=(_("Các cơ quan, đơn vị, địa phương (theo danh sách kèm theo)"),)
        if is_many
        else tuple(one.name for one in addressed),
        body=tuple(
            _urging_body(
                period,
                plan,
                issuer.name,
                dated,
                is_many=is_many,
                has_returned=bool(mended),
                granted=[] if is_many else [(one, granted.get(one.id)) for one in addressed],
            )
        ),
        annexes=(_urged_annex(addressed, mended, granted),) if is_many else (),
        signature=Signature(positions=(issuer.head_position or _("Thủ trưởng"),)),
        recipients=(_("%(province)s (để báo cáo)") % {"province": parent.name},) if parent else (),
        archive="VT",
    )


def as_they_stood(reports: Iterable[UnitReport], at: datetime) -> list[UnitReport]:
    """The reports that were urged, still waited for or returned as on that moment and with the time
    granted by then: what came since changes nothing in a letter already written. Not to be saved."""
    stood = list(reports)
    last = dict(
        ReportStep.objects.filter(report__in=stood, made_at__lte=at, kind__in=_MOVES)
        .order_by("made_at", "pk")
        .values_list("report", "kind")
    )
    granted = dict(
        ReportExtension.objects.filter(
            report__in=stood, state=ExtensionState.GRANTED, closed_at__lte=at
        )
        .order_by("closed_at", "pk")
        .values_list("report", "granted_due_on")
    )
    for report in stood:
        report.extended_due_on = granted.get(report.pk)
        is_returned = last.get(report.pk) == StepKind.RETURNED
        report.state = ReportState.RETURNED if is_returned else ReportState.DRAFT
    return stood


# What brings a report to another state among those that are urged.
_MOVES = (StepKind.OPENED, StepKind.SUBMITTED, StepKind.WITHDRAWN, StepKind.RETURNED)


def _urging_body(
    period: ReportingPeriod,
    plan: plans.PlanRef,
    issuer: str,
    dated: date,
    *,
    is_many: bool,
    has_returned: bool,
    granted: Sequence[tuple[Body, date | None]],
) -> Iterable[Block]:
    yield Paragraph(
        _(
            "Thực hiện %(decision)s, các cơ quan, đơn vị, địa phương gửi báo cáo kết quả thực hiện "
            "%(period)s về %(issuer)s chậm nhất hết ngày %(due)s."
        )
        % {
            "decision": decision_in_full(plan),
            "period": period.phrase,
            "issuer": issuer,
            "due": format_date(period.due_on),
        }
    )
    for one, day in granted:
        if day is not None:
            yield Paragraph(
                _("Riêng %(body)s được gia hạn gửi báo cáo đến hết ngày %(day)s.")
                % {"body": one.name, "day": format_date(day)}
            )
    is_late = dated > period.due_on
    asked_for = _("báo cáo hoặc báo cáo đã chỉnh lý") if has_returned else _("báo cáo")
    whom = (
        _("các cơ quan, đơn vị, địa phương có tên trong danh sách kèm theo")
        if is_many
        else _("quý cơ quan")
    )
    yield Paragraph(
        (
            _(
                "Đến ngày %(day)s, %(issuer)s chưa nhận được %(what)s của %(whom)s. Để kịp tổng hợp, "
                "báo cáo Ủy ban nhân dân tỉnh và Bộ Khoa học và Công nghệ, %(issuer)s đề nghị:"
            )
            if is_late
            else _(
                "Thời hạn gửi báo cáo sắp hết. Đến ngày %(day)s, %(issuer)s chưa nhận được %(what)s "
                "của %(whom)s. Để kịp tổng hợp, %(issuer)s đề nghị:"
            )
        )
        % {"day": format_date(dated), "issuer": issuer, "whom": whom, "what": asked_for}
    )
    asked = [
        _("Khẩn trương hoàn thành và gửi báo cáo trên hệ thống; thủ trưởng cơ quan ký gửi."),
        _("Nêu rõ nhiệm vụ chưa thực hiện hoặc chậm tiến độ, nguyên nhân và thời gian hoàn thành."),
        _("Nêu khó khăn, vướng mắc cần hướng dẫn hoặc cần trình cấp có thẩm quyền xem xét."),
    ]
    yield Points(tuple(asked))
    if is_late:
        yield Paragraph(
            _(
                "Cơ quan, đơn vị, địa phương không gửi báo cáo được ghi vào danh sách chưa báo cáo "
                "kèm theo báo cáo tổng hợp."
            )
        )
    yield Paragraph(_("%(issuer)s đề nghị quan tâm phối hợp thực hiện.") % {"issuer": issuer})


def _urged_annex(
    addressed: Sequence[Body], mended: Collection[int], granted: Mapping[int, date]
) -> Annex:
    rows: list[Row] = []
    group = ""
    for number, one in enumerate(addressed, start=1):
        if one.group[1] != group:
            group = one.group[1]
            rows.append(Row.group(group))
        note = _("Đang chỉnh lý") if one.id in mended else _("Chưa gửi")
        if one.id in granted:
            note = _("Chưa gửi, được gia hạn đến hết ngày %(day)s") % {
                "day": format_date(granted[one.id])
            }
        rows.append(Row.of(number, one.name, note))
    return Annex(
        _("Danh sách cơ quan, đơn vị, địa phương chưa gửi báo cáo")
        if not mended
        else _("Danh sách cơ quan, đơn vị, địa phương chưa gửi hoặc đang chỉnh lý báo cáo"),
        (
            Table(
                columns=(
                    Column(_("TT"), 0.6, ColumnKind.ORDINAL),
                    Column(_("Cơ quan, đơn vị, địa phương"), 4),
                    Column(_("Ghi chú"), 2),
                ),
                rows=tuple(rows),
            ),
        ),
    )


# ---------------------------------------------------------------- as it is issued


def issued_document(consolidation: Consolidation, audience: Audience) -> OfficialDocument | None:
    """The document that told this reader of this consolidation, if one was issued and still counts."""
    rows = consolidation.outputs.filter(
        audience=audience, document__number__isnull=False, document__cancelled_at__isnull=True
    )
    found = rows.select_related("document").order_by("-made_at", "-pk").first()
    return found.document if found else None


# ---------------------------------------------------------------- words


def in_a_file_name(phrase: str) -> str:
    """`quý II năm 2026` as `quy-ii-nam-2026`."""
    return slugify(fold(phrase))


def _text(text: str, instead: str = "") -> tuple[Block, ...]:
    blocks = narrative(without_marks(text))
    return blocks or ((Paragraph(instead),) if instead else ())


def _section(title: str) -> Heading:
    return Heading(HeadingLevel.SECTION, title)


def _clause(title: str) -> Heading:
    return Heading(HeadingLevel.CLAUSE, title)


def _without_number(section: str) -> str:
    return section.partition(". ")[2] or section


def _decimal(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)
