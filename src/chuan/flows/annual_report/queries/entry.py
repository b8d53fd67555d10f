"""What a unit needs while it writes: texts to begin with, and what is still missing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from chuan.flows.annual_report.enums import ReportSection
from chuan.flows.annual_report.models import ReportItem, UnitReport
from chuan.lib.vietnamese import clean
from chuan.modules.plans import facade as plans

# What a report cannot be sent without, in the order of the page.
NEEDED_SECTIONS = (ReportSection.SUMMARY, ReportSection.DIFFICULTIES, ReportSection.NEXT_YEAR)


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


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing to do before the report can be sent. One of `item_id` and `section` says where."""

    text: str
    item_id: int | None = None
    section: str = ""


def is_needed(assignment: plans.AssignmentRef) -> bool:
    """Whether a report cannot be sent without it: what the body leads, unless only its heading is
    followed here."""
    return assignment.role == plans.PartyRole.LEAD and not assignment.heading_only


def what_is_missing(
    report: UnitReport,
    items: Sequence[ReportItem],
    assignments: dict[int, plans.AssignmentRef],
    *,
    unresolved_comments: int,
) -> list[Missing]:
    """Everything at once, so that nobody mends one thing only to be told the next.

    Tasks the body leads must be finished; those it only helps with may be left out.
    """
    missing = []
    for item in items:
        assignment = assignments.get(item.assignment_id)
        if assignment is None or assignment.heading_only:
            continue
        if item.is_needed and not item.is_finished:
            text = _("%(code)s: chưa đánh dấu đã xong") % {"code": assignment.task_code}
            missing.append(Missing(text, item_id=item.pk))
        elif item.achievement == plans.Achievement.COMPLETE and not assignment.is_proven:
            text = _("%(code)s: mức “Hoàn thành” chưa có minh chứng")
            missing.append(Missing(text % {"code": assignment.task_code}, item_id=item.pk))
    missing += [
        Missing(
            _("%(section)s: chưa đánh dấu đã xong") % {"section": section.label}, section=section
        )
        for section in NEEDED_SECTIONS
        if section not in report.finished_sections
    ]
    if unresolved_comments:
        text = _("Còn %(count)s ý kiến yêu cầu chỉnh lý chưa đánh dấu đã sửa")
        missing.append(Missing(text % {"count": unresolved_comments}))
    return missing


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
