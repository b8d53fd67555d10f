"""What a unit needs while it writes: texts to begin with, and what is still missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from chuan.core.indicators.registry import Unit
from chuan.flows.annual_report.enums import ReportSection
from chuan.flows.annual_report.models import (
    ReportFigure,
    ReportingPeriod,
    ReportItem,
    UnitReport,
)
from chuan.flows.annual_report.queries.days import last_data_day
from chuan.lib.vietnamese import clean, format_date
from chuan.modules.plans import facade as plans

# Characters of a text on one task, and of one of the report's own texts.
NARRATIVE_LIMIT = 4000
SECTION_LIMIT = 6000
REASON_LIMIT = 500

_OF_EVERY_PERIOD = (ReportSection.SUMMARY, ReportSection.DIFFICULTIES)

SECTION_FIELDS: dict[ReportSection, tuple[str, ...]] = {
    ReportSection.SUMMARY: ("summary",),
    ReportSection.DIFFICULTIES: ("difficulties", "proposals"),
    ReportSection.NEXT_YEAR: ("next_year",),
}


def needed_sections(period: ReportingPeriod) -> tuple[ReportSection, ...]:
    """What a report cannot be sent without, in the order of the page. Only a year's report says what
    comes next."""
    return (*_OF_EVERY_PERIOD, ReportSection.NEXT_YEAR) if period.is_yearly else _OF_EVERY_PERIOD


def narrative_from_updates(updates: Iterable[plans.UpdateRef]) -> str:
    """The progress updates of the period as one text, oldest first, nothing said twice."""
    said: list[str] = []
    for update in updates:
        text = clean(update.narrative)
        if text and text not in said:
            said.append(text)
    return "\n".join(said)


def text_of_difficulties(difficulties: Sequence[plans.DifficultyRef]) -> str:
    """Problems raised during the period, as the unit put them."""
    lines = []
    for difficulty in difficulties:
        text = " ".join(clean(difficulty.text).split())
        where = f" ({difficulty.task_code})" if difficulty.task_code else ""
        lines.append(f"- {difficulty.title}{where}: {text}")
    return "\n".join(lines)


def achieved_by(
    assignment: plans.AssignmentRef, updates: Iterable[plans.UpdateRef], last: date
) -> tuple[str, int | None]:
    """What the body said of an assignment by the end of a day: achievement and percent.

    `assignment` is as it stood on that day: done by then, it is complete. Of what was told since,
    nothing counts, so that this and the count of completed tasks never disagree.
    """
    if assignment.done_on is not None:
        return plans.Achievement.COMPLETE.value, assignment.percent
    is_told_since, said = False, None
    for update in updates:
        if timezone.localdate(update.made_at) > last:
            is_told_since = True
        elif update.achievement != plans.Achievement.COMPLETE:
            said = update
    if not is_told_since and assignment.achievement != plans.Achievement.COMPLETE:
        return assignment.achievement.value, assignment.percent
    if said is None:
        return plans.Achievement.NOT_STARTED.value, None
    return said.achievement.value, said.percent


def is_counted_too_early(report: UnitReport, *, on: date) -> bool:
    """Whether the data became complete after the figures were counted."""
    if report.synced_at is None:
        return False
    last = last_data_day(report.period)
    return timezone.localdate(report.synced_at) <= last < on


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing to do before the report can be sent. One of `item_id` and `section` says where."""

    text: str
    item_id: int | None = None
    section: str = ""


def is_needed(assignment: plans.AssignmentRef) -> bool:
    """Whether a report cannot be sent without it: what the body leads, unless only its heading is
    followed here, or another body did it where one was enough."""
    return (
        assignment.role == plans.PartyRole.LEAD
        and not assignment.heading_only
        and not assignment.done_by
    )


def what_is_missing(
    report: UnitReport,
    items: Sequence[ReportItem],
    assignments: dict[int, plans.AssignmentRef],
    *,
    unresolved_comments: int,
    on: date,
) -> list[Missing]:
    """Everything at once, so that nobody mends one thing only to be told the next.

    Tasks the body leads must be finished; those it only helps with may be left out. Figures counted
    before the data were complete must be counted again once they are.
    """
    missing = []
    if is_counted_too_early(report, on=on):
        text = _("Số liệu đếm lúc %(at)s, trước khi hết ngày chốt %(last)s: hãy đồng bộ lại")
        missing.append(
            Missing(
                text
                % {
                    "at": f"{timezone.localtime(report.synced_at):%H:%M, %d/%m/%Y}",
                    "last": format_date(last_data_day(report.period)),
                },
                section=ReportSection.FIGURES,
            )
        )
    for item in items:
        assignment = assignments.get(item.assignment_id)
        if assignment is None or assignment.heading_only:
            continue
        if item.is_needed and not item.is_finished:
            text = _("%(code)s: chưa đánh dấu đã viết xong") % {"code": assignment.task_code}
            missing.append(Missing(text, item_id=item.pk))
        elif item.achievement == plans.Achievement.COMPLETE and not assignment.is_proven:
            text = _("%(code)s: mức “Hoàn thành” chưa có minh chứng")
            missing.append(Missing(text % {"code": assignment.task_code}, item_id=item.pk))
    missing += [
        Missing(
            _("%(section)s: chưa đánh dấu đã viết xong") % {"section": section.label},
            section=section,
        )
        for section in needed_sections(report.period)
        if section not in report.finished_sections
    ]
    if unresolved_comments:
        text = _("Còn %(count)s ý kiến yêu cầu chỉnh lý chưa đánh dấu đã sửa")
        missing.append(Missing(text % {"count": unresolved_comments}))
    return missing


def doubts_of(
    item: ReportItem, assignment: plans.AssignmentRef | None, evidence: Sequence[object]
) -> list[str]:
    """What does not go together in an item, for whoever writes or signs it; nothing is refused.

    Who leads a task and claims a result shows it; who helps may, and need not.
    """
    if assignment is not None and assignment.heading_only:
        return []
    doubts = []
    if item.role == plans.PartyRole.LEAD and not evidence:
        if item.achievement in _CLAIMS_A_RESULT:
            text = _("Mức “%(level)s” nhưng chưa có minh chứng nào.")
            doubts.append(text % {"level": plans.Achievement(item.achievement).label})
        elif item.achievement == plans.Achievement.NO_EVIDENCE:
            doubts.append(_("Kết quả chưa có minh chứng nào."))
    if item.achievement == plans.Achievement.NOT_STARTED and (clean(item.narrative) or evidence):
        doubts.append(
            _(
                "Mức đang ghi “Chưa bắt đầu” trong khi đã có nội dung hoặc minh chứng. Xem lại mức đạt."
            )
        )
    return doubts


_CLAIMS_A_RESULT = frozenset(
    {plans.Achievement.LIMITED, plans.Achievement.SUBSTANTIAL, plans.Achievement.COMPLETE}
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a part of the report, and the field it concerns."""

    text: str
    field: str = ""


def faults_of(item: ReportItem, assignment: plans.AssignmentRef) -> list[Fault]:
    """Why an item cannot be called finished yet; empty when it can."""
    faults: list[Fault] = []
    if assignment.heading_only:
        return faults
    if not clean(item.narrative):
        text = _("Viết kết quả thực hiện, hoặc ghi rõ là chưa thực hiện và lý do.")
        faults.append(Fault(text, "narrative"))
    if not item.achievement:
        faults.append(Fault(_("Chọn mức đạt."), "achievement"))
    if item.achievement == plans.Achievement.COMPLETE and not assignment.is_proven:
        text = _(
            "Mức “Hoàn thành” cần minh chứng. Thêm minh chứng ở trang nhiệm vụ rồi quay lại đây."
        )
        faults.append(Fault(text, "achievement"))
    return faults


def faults_of_section(texts: Mapping[str, str]) -> list[Fault]:
    """Why a part with these texts, by field, cannot be called finished."""
    if any(clean(text) for text in texts.values()):
        return []
    return [Fault(_("Viết nội dung phần này, hoặc ghi rõ là không có."), next(iter(texts)))]


@dataclass(frozen=True, slots=True)
class Override:
    """The unit's own number in the place of the system's: a count's value, or a share's two parts."""

    value: Decimal | None
    numerator: int | None
    denominator: int | None
    reason: str


def faults_of_override(figure: ReportFigure, given: Override) -> list[Fault]:
    """Everything that is wrong with a number of the unit's own."""
    faults = []
    if not clean(given.reason):
        faults.append(Fault(_("Ghi lý do số của đơn vị khác số hệ thống đếm."), "reason"))
    if figure.unit == Unit.PERCENT:
        part, whole = given.numerator, given.denominator
        if part is None or whole is None:
            field = "numerator" if part is None else "denominator"
            faults.append(Fault(_("Nhập cả tử số và mẫu số của tỷ lệ."), field))
        elif whole <= 0 or not 0 <= part <= whole:
            text = _("Mẫu số phải lớn hơn 0; tử số từ 0 đến mẫu số.")
            faults.append(Fault(text, "numerator"))
    elif given.value is None or given.value < 0:
        faults.append(Fault(_("Nhập số của đơn vị, từ 0 trở lên."), "value"))
    return faults


def faults_of_estimate(so_far: Decimal | None, outlook: Decimal | None) -> list[Fault]:
    """What is wrong with an estimate for the whole year, given what was reported so far."""
    if outlook is None or so_far is None or outlook >= so_far:
        return []
    return [Fault(_("Ước cả năm không thể nhỏ hơn số đã thực hiện."), "outlook")]
