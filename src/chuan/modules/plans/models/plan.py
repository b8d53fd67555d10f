"""A plan: its versions, sections and the points of the decision's body."""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import Q

from chuan.modules.plans.enums import (
    PlanState,
)

PERSON = settings.AUTH_USER_MODEL


class Plan(models.Model):
    """What a decision orders: tasks with lead and coordinating bodies, until a last day."""

    document = models.ForeignKey(
        "documents.OfficialDocument", on_delete=models.PROTECT, related_name="+"
    )
    title = models.CharField(max_length=1000)
    short_title = models.CharField(max_length=200)
    # The department that watches over the plan and consolidates its reports.
    managed_by = models.ForeignKey("orgs.Organisation", on_delete=models.PROTECT, related_name="+")
    # [first day, day after the last day)
    valid = DateRangeField()
    # As written, day and month: "before the 20th of November each year".
    report_due_day = models.PositiveSmallIntegerField(null=True, blank=True)
    report_due_month = models.PositiveSmallIntegerField(null=True, blank=True)
    # Whether the day itself still counts; “trước ngày” means it does not.
    report_due_inclusive = models.BooleanField(default=False)
    approved_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField()
    # Ended before its time: `valid` was cut to the last day that still counted.
    ended_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    end_basis = models.CharField(max_length=500, blank=True)
    replaced_by = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # How many parties the last reconciliation could not turn into bodies, and when it ran.
    open_questions = models.PositiveSmallIntegerField(default=0)
    reconciled_at = models.DateTimeField(null=True, blank=True)
    # Counts decisions about the whole plan, so that two people cannot undo each other's.
    version = models.PositiveIntegerField(default=1)
    is_demo = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="plans_end_has_a_person_a_time_and_a_basis",
                condition=Q(
                    ended_by__isnull=True,
                    ended_at__isnull=True,
                    end_basis="",
                    replaced_by__isnull=True,
                )
                | (Q(ended_by__isnull=False, ended_at__isnull=False) & ~Q(end_basis="")),
                violation_error_message="Kết thúc kế hoạch cần người quyết định và căn cứ.",
            ),
            models.CheckConstraint(
                name="plans_report_day_and_month_together",
                condition=Q(report_due_day__isnull=True, report_due_month__isnull=True)
                | Q(report_due_day__isnull=False, report_due_month__isnull=False),
                violation_error_message="Hạn báo cáo cần cả ngày và tháng.",
            ),
        ]

    def __str__(self) -> str:
        return self.short_title

    @property
    def last_day(self) -> date:
        """The last day that still belongs to the plan."""
        day: date = self.valid.upper
        return day - timedelta(days=1)

    def state_on(self, day: date) -> PlanState:
        """What the plan's days say: nothing has to be switched over when the last one is past."""
        if day < self.valid.upper:
            return PlanState.IN_FORCE
        return PlanState.REPLACED if self.replaced_by_id else PlanState.ENDED


class PlanVersion(models.Model):
    """A plan as one decision made or amended it: the first is the plan's own.

    It holds for what begins on its first day or later; what began before goes on under the version
    it began under.
    """

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    document = models.ForeignKey(
        "documents.OfficialDocument", on_delete=models.PROTECT, related_name="+"
    )
    from_day = models.DateField()
    approved_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "number"], name="plans_one_version_of_a_number"
            ),
            models.UniqueConstraint(
                fields=["plan", "from_day"],
                name="plans_one_version_from_a_day",
                violation_error_message="Đã có phiên bản áp dụng từ ngày này.",
            ),
            models.CheckConstraint(
                name="plans_versions_count_from_one", condition=Q(number__gte=1)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} v{self.number}"


class Section(models.Model):
    """One group of tasks of a plan, as titled from one version on."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="sections")
    code = models.CharField(max_length=16)
    title = models.CharField(max_length=1000)
    position = models.PositiveSmallIntegerField()
    # The number of the version that brought this title.
    since = models.PositiveSmallIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "code", "since"], name="plans_one_section_per_code"
            )
        ]

    def __str__(self) -> str:
        return f"{self.code}. {self.title}"


class BodyPoint(models.Model):
    """One point of the decision's body that an annex task carries out."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="body_points")
    code = models.CharField(max_length=16)
    text = models.TextField()
    position = models.PositiveSmallIntegerField()
    # The number of the version that brought this text.
    since = models.PositiveSmallIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "code", "since"], name="plans_one_body_point_per_code"
            )
        ]

    def __str__(self) -> str:
        return f"{self.code}) {self.text[:60]}"
