"""When is reported, and which figures a period asks for."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from chuan.flows.annual_report.enums import (
    REVIEWS,
    PeriodKind,
)

PERSON = settings.AUTH_USER_MODEL


class ReportingPeriod(models.Model):
    """One call for reports on one plan: which days the figures cover, and by when they are due.

    Data days are [data_from, data_to). `year` is the one reported on; where the days are not those
    of a year's report, the one they end in. `phrase` names the stretch in texts: “năm 2026”,
    “quý II năm 2026”. `title` names the plan as well where another runs beside it. `basis` is the document an ad hoc report or a review is asked for in. `due_on` is the last day that counts as on time; a report
    sent until `grace_until` is late but excused; from `locks_on` on no unit writes.
    """

    plan = models.ForeignKey("plans.Plan", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=PeriodKind.choices, default=PeriodKind.YEARLY)
    year = models.PositiveSmallIntegerField()
    phrase = models.CharField(max_length=100)
    basis = models.CharField(max_length=200, blank=True)
    title = models.CharField(max_length=400)
    # The department that collects these reports and answers for their consolidation.
    managed_by = models.ForeignKey("orgs.Organisation", on_delete=models.PROTECT, related_name="+")
    data_from = models.DateField()
    data_to = models.DateField()
    data_why = models.JSONField(default=list, blank=True)
    opens_on = models.DateField()
    due_on = models.DateField()
    due_why = models.JSONField(default=list, blank=True)
    grace_until = models.DateField()
    locks_on = models.DateField()
    opened_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    # Counts changes of the days and of where figures are placed, for whoever changes them.
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "year"],
                name="annual_report_one_yearly_period",
                condition=Q(kind=PeriodKind.YEARLY),
                violation_error_message="Năm này đã mở kỳ báo cáo.",
            ),
            models.UniqueConstraint(
                fields=["plan", "kind", "data_from", "data_to"],
                name="annual_report_one_period_for_its_days",
                condition=~Q(kind=PeriodKind.YEARLY),
                violation_error_message="Đã mở kỳ báo cáo cùng loại cho đúng các ngày số liệu này.",
            ),
            models.CheckConstraint(
                name="annual_report_period_is_named",
                condition=~Q(phrase=""),
                violation_error_message="Ghi cụm từ chỉ kỳ báo cáo.",
            ),
            models.CheckConstraint(
                name="annual_report_ad_hoc_has_a_basis",
                condition=~Q(kind__in=[PeriodKind.AD_HOC, PeriodKind.MID_TERM, PeriodKind.FINAL])
                | ~Q(basis=""),
                violation_error_message="Ghi văn bản yêu cầu báo cáo đột xuất, sơ kết, tổng kết.",
            ),
            models.CheckConstraint(
                name="annual_report_days_in_order",
                condition=Q(data_to__gt=models.F("data_from"))
                & Q(due_on__gte=models.F("opens_on"))
                & Q(grace_until__gte=models.F("due_on"))
                & Q(locks_on__gt=models.F("grace_until")),
                violation_error_message=(
                    "Các ngày phải theo thứ tự: mở, hạn gửi, hết gia hạn chung, khóa."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title_in_text(self) -> str:
        """As it stands inside a sentence."""
        return self.title[:1].lower() + self.title[1:]

    @property
    def is_yearly(self) -> bool:
        """Only a year's report says what the year is expected to bring and what comes next."""
        return self.kind == PeriodKind.YEARLY

    @property
    def is_review(self) -> bool:
        """A mid-term or final review, over several years."""
        return self.kind in REVIEWS


class FigurePlacement(models.Model):
    """At which task of a plan units find an indicator of the shelf.

    An indicator without a place stands on the figures page of the report.
    """

    plan = models.ForeignKey("plans.Plan", on_delete=models.PROTECT, related_name="+")
    task = models.ForeignKey("plans.Task", on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=100)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "code"], name="annual_report_one_place_per_figure"
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} → {self.task_id}"
