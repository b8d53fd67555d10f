"""How the demonstration writes a report: as a clerk would, and signed as a head would."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import BooleanField, ExpressionWrapper, Q

from chuan.core.people.models import Person
from chuan.flows.annual_report.enums import ReportSection
from chuan.flows.annual_report.models import UnitReport
from chuan.flows.annual_report.operations import entry, submission

NOTHING_YET = "Trong kỳ đơn vị chưa phát sinh nội dung này; sẽ triển khai trong quý tới."
SUMMARY = (
    "Đơn vị đã phân công một lãnh đạo và một cán bộ đầu mối theo dõi, lồng ghép nhiệm vụ tiêu chuẩn, "
    "đo lường, chất lượng vào kế hoạch công tác năm và thực hiện chế độ báo cáo đúng quy định."
)
PROPOSALS = "Đề nghị Sở Khoa học và Công nghệ tiếp tục tập huấn nghiệp vụ cho cán bộ cơ sở."
NEXT_YEAR = "Tiếp tục thực hiện các nhiệm vụ thường xuyên; ưu tiên kiểm tra phương tiện đo tại chợ."


@dataclass(frozen=True, slots=True)
class Writers:
    """Who enters and who signs for one body, and its last day when it was dissolved."""

    clerk: Person
    head: Person
    last_day: date | None = None


@dataclass(frozen=True, slots=True)
class Department:
    coordinator: Person
    leader: Person


def write(report: UnitReport, people: Writers, at: datetime, *, whole: bool = True) -> None:
    """What the clerk enters: everything the report asks for, or half of it."""
    entry.start_report(actor=people.clerk, report=report, at=at)
    report.refresh_from_db()
    asked = list(report.items.order_by("pk").values_list("pk", flat=True))
    written = report.items.filter(pk__in=asked if whole else asked[: len(asked) // 2])
    written.filter(is_needed=True, narrative="").update(narrative=NOTHING_YET, is_edited=True)
    written.update(is_finished=ExpressionWrapper(~Q(narrative=""), BooleanField()), updated_at=at)
    report.summary, report.proposals, report.next_year = SUMMARY, PROPOSALS, NEXT_YEAR
    report.difficulties = report.difficulties or "Không có vướng mắc lớn."
    report.finished_sections = list(ReportSection.values) if whole else []
    report.entered_by, report.author_ids = people.clerk, [people.clerk.pk]
    report.save()


def send(report: UnitReport, people: Writers, at: datetime) -> UnitReport:
    """Laid before the head, and signed a day later."""
    report = submission.make_ready(actor=people.clerk, report=report, at=at - timedelta(days=1))
    return submission.submit_report(
        actor=people.head, report=report, revision=report.revision, at=at
    )
