"""The report of the province: its addressees, what it says and its close."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date

from django.utils.translation import gettext as _

from chuan.core.documents.layout.content import (
    Block,
    Document,
    Heading,
    HeadingLevel,
    IssueDate,
    Paragraph,
    Points,
    Signature,
)
from chuan.flows.annual_report.enums import NOT_SENT, Audience, ReportState
from chuan.flows.annual_report.models import (
    Consolidation,
)
from chuan.flows.annual_report.queries.bodies import body
from chuan.flows.annual_report.queries.days import last_data_day
from chuan.flows.annual_report.queries.letters.annexes import (
    annexes_of,
    coverage_table,
    figures_table,
)
from chuan.flows.annual_report.queries.letters.common import (
    as_clause,
    as_section,
    as_text,
    detail_title,
    without_number,
)
from chuan.flows.annual_report.queries.rollup import Content
from chuan.flows.annual_report.queries.texts import opening
from chuan.lib.language import in_vietnamese
from chuan.lib.vietnamese import format_date, format_number, to_roman
from chuan.modules.plans import facade as plans

MINISTRY = "Bộ Khoa học và Công nghệ"

NATIONAL_COMMITTEE = "Ủy ban Tiêu chuẩn Đo lường Chất lượng Quốc gia"

# Up to so many bodies are addressed by name; more are named in an annex.
ADDRESSED_BY_NAME = 8


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
    annexes = tuple(annexes_of(consolidation))
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
    yield from as_text(consolidation.opening or opening(period))

    yield as_section(_("Tình hình chung"))
    yield from as_text(consolidation.overall)
    yield coverage_table(snapshot)
    if audience == Audience.PROVINCE:
        yield from _missing_bodies(snapshot)

    yield as_section(_("Kết quả thực hiện các nhóm nhiệm vụ"))
    if audience == Audience.MINISTRY and snapshot["figures"]:
        yield Paragraph(
            _("Các chỉ tiêu chính của tỉnh trong kỳ báo cáo, tính đến hết ngày %(day)s:")
            % {"day": format_date(last_data_day(period))}
        )
        yield figures_table(consolidation, is_short=True)
    yield from _results(consolidation)

    yield as_section(_("Khó khăn, vướng mắc và kiến nghị"))
    yield as_clause(_("Khó khăn, vướng mắc"))
    yield from as_text(consolidation.difficulties, _("Không có khó khăn, vướng mắc được nêu."))
    yield as_clause(_("Kiến nghị, đề xuất"))
    yield from as_text(consolidation.proposals, _("Không có kiến nghị, đề xuất."))

    if period.is_yearly:
        yield as_section(_("Phương hướng năm %(year)s") % {"year": period.year + 1})
        yield from as_text(
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
        "title": detail_title(),
    }


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
            yield as_clause(without_number(section))
        yield Heading(
            HeadingLevel.POINT, in_one_heading(wordings.get(task["task_id"], task["title"]))
        )
        yield from as_text(texts.get(task["task_id"], ""), _nothing_reported(task))
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
