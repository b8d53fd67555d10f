from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from chuan.flows.annual_report.enums import (
    Audience,
    ConsolidationState,
    PeriodKind,
    ReportState,
)

PERSON = settings.AUTH_USER_MODEL


class ReportingPeriod(models.Model):
    """One call for reports on one plan: which days the figures cover, and by when they are due.

    Data days are [data_from, data_to); `due_on` is the last day that counts as on time;
    after `locks_at` nobody writes.
    """

    plan = models.ForeignKey("plans.Plan", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=PeriodKind.choices, default=PeriodKind.YEARLY)
    year = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    data_from = models.DateField()
    data_to = models.DateField()
    opens_on = models.DateField()
    due_on = models.DateField()
    due_why = models.JSONField(default=list)
    grace_until = models.DateField()
    locks_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "year"],
                name="annual_report_one_yearly_period",
                condition=Q(kind=PeriodKind.YEARLY),
            ),
            models.CheckConstraint(
                name="annual_report_days_in_order",
                condition=Q(data_to__gt=models.F("data_from"))
                & Q(due_on__gte=models.F("opens_on"))
                & Q(grace_until__gte=models.F("due_on"))
                & Q(locks_on__gte=models.F("grace_until")),
                violation_error_message="Thứ tự ngày: mở, hết hạn, hết ân hạn, khóa.",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class UnitReport(models.Model):
    """What one body reports for one period."""

    period = models.ForeignKey(ReportingPeriod, on_delete=models.PROTECT, related_name="reports")
    organisation = models.ForeignKey(
        "orgs.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField(max_length=16, choices=ReportState.choices, default=ReportState.DRAFT)
    summary = models.TextField(blank=True)
    difficulties = models.TextField(blank=True)
    proposals = models.TextField(blank=True)
    next_year = models.TextField(blank=True)
    started_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    started_at = models.DateTimeField(null=True, blank=True)
    # The clerk who last changed the content, and the signer who is somebody else.
    entered_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    submitted_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    submitted_at = models.DateTimeField(null=True, blank=True)
    # "KT.", "TUQ."… when a substitute signed.
    signing_form = models.CharField(max_length=4, blank=True)
    accepted_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    accepted_at = models.DateTimeField(null=True, blank=True)
    # Content as accepted, and the SHA-256 of its canonical JSON: what consolidation adds up.
    snapshot = models.JSONField(null=True, blank=True)
    snapshot_hash = models.CharField(max_length=64, blank=True)
    returned_at = models.DateTimeField(null=True, blank=True)
    returned_due_on = models.DateField(null=True, blank=True)
    excluded_reason = models.CharField(max_length=500, blank=True)
    excluded_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["period", "organisation"], name="annual_report_one_per_body"
            ),
            models.CheckConstraint(
                name="annual_report_signer_is_not_the_clerk",
                condition=Q(submitted_by__isnull=True)
                | Q(entered_by__isnull=True)
                | ~Q(submitted_by=models.F("entered_by")),
                violation_error_message="Người ký gửi không thể là người nhập báo cáo.",
            ),
            models.CheckConstraint(
                name="annual_report_submission_has_a_person_and_a_time",
                condition=Q(submitted_by__isnull=True, submitted_at__isnull=True)
                | Q(submitted_by__isnull=False, submitted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="annual_report_acceptance_has_its_snapshot",
                condition=~Q(
                    state__in=[
                        ReportState.ACCEPTED,
                        ReportState.CONSOLIDATED,
                        ReportState.CLOSED,
                    ]
                )
                | (Q(snapshot__isnull=False) & ~Q(snapshot_hash="")),
            ),
            models.CheckConstraint(
                name="annual_report_exclusion_has_a_reason",
                condition=~Q(state=ReportState.EXCLUDED) | ~Q(excluded_reason=""),
                violation_error_message="Loại trừ phải ghi lý do.",
            ),
        ]
        indexes = [models.Index(fields=["period", "state"], name="annual_report_by_state")]

    def __str__(self) -> str:
        return f"{self.period} #{self.organisation_id}"


class ReportItem(models.Model):
    """What a unit's report says about one of its tasks."""

    report = models.ForeignKey(UnitReport, on_delete=models.PROTECT, related_name="items")
    task = models.ForeignKey("plans.Task", on_delete=models.PROTECT, related_name="+")
    assignment = models.ForeignKey("plans.Assignment", on_delete=models.PROTECT, related_name="+")
    narrative = models.TextField(blank=True)
    # What the whole year is expected to bring, where data days end before the year does.
    outlook = models.TextField(blank=True)
    achievement = models.CharField(max_length=16, blank=True)
    percent = models.PositiveSmallIntegerField(null=True, blank=True)
    is_finished = models.BooleanField(default=False)
    prefilled_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["report", "assignment"], name="annual_report_one_item_per_assignment"
            )
        ]

    def __str__(self) -> str:
        return f"{self.report} {self.task_id}"


class ReportFigure(models.Model):
    """One indicator in a unit's report, frozen with its definition, time and rows.

    `value` is what the shelf counted; `override` what the unit says instead, with its reason.
    `rows` are the records behind the count: [{"label": …, "url": …}, …].
    """

    report = models.ForeignKey(UnitReport, on_delete=models.PROTECT, related_name="figures")
    code = models.CharField(max_length=100)
    title = models.CharField(max_length=255)
    unit = models.CharField(max_length=16)
    definition = models.TextField()
    value = models.DecimalField(max_digits=20, decimal_places=4, null=True)
    numerator = models.BigIntegerField(null=True)
    denominator = models.BigIntegerField(null=True)
    rows = models.JSONField(default=list)
    counted_at = models.DateTimeField()
    override = models.DecimalField(max_digits=20, decimal_places=4, null=True, blank=True)
    override_reason = models.CharField(max_length=500, blank=True)
    overridden_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["report", "code"], name="annual_report_one_figure_per_code"
            ),
            models.CheckConstraint(
                name="annual_report_override_has_a_reason_and_a_person",
                condition=Q(override__isnull=True)
                | (~Q(override_reason="") & Q(overridden_by__isnull=False)),
                violation_error_message="Sửa số liệu phải ghi lý do.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} = {self.value}"


class ReturnComment(models.Model):
    """One thing the department asks a unit to mend, at the field it concerns."""

    report = models.ForeignKey(UnitReport, on_delete=models.PROTECT, related_name="comments")
    item = models.ForeignKey(
        ReportItem, on_delete=models.PROTECT, null=True, blank=True, related_name="comments"
    )
    # "narrative", "percent", "figure:plans.done_on_time", "summary"…
    field = models.CharField(max_length=120, blank=True)
    text = models.TextField()
    made_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.text[:60]


class Consolidation(models.Model):
    """One consolidated report of one period; a later one replaces it and never rewrites it."""

    period = models.ForeignKey(
        ReportingPeriod, on_delete=models.PROTECT, related_name="consolidations"
    )
    number = models.PositiveSmallIntegerField()
    state = models.CharField(
        max_length=8, choices=ConsolidationState.choices, default=ConsolidationState.DRAFT
    )
    made_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    # The reports as they were added up: figures, achievement and timeliness counts, coverage.
    snapshot = models.JSONField()
    snapshot_hash = models.CharField(max_length=64)
    opening = models.TextField(blank=True)
    overall = models.TextField(blank=True)
    difficulties = models.TextField(blank=True)
    proposals = models.TextField(blank=True)
    next_year = models.TextField(blank=True)
    closed_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["period", "number"], name="annual_report_numbered"),
            models.UniqueConstraint(
                fields=["period"],
                name="annual_report_one_open_draft",
                condition=Q(state=ConsolidationState.DRAFT),
                violation_error_message="Đang có một bản tổng hợp chưa chốt.",
            ),
            models.CheckConstraint(
                name="annual_report_closing_has_a_person_and_a_time",
                condition=Q(
                    state=ConsolidationState.DRAFT, closed_by__isnull=True, closed_at__isnull=True
                )
                | Q(
                    state=ConsolidationState.CLOSED,
                    closed_by__isnull=False,
                    closed_at__isnull=False,
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.period}, bản {self.number}"


class ConsolidationEntry(models.Model):
    """Whether one unit's report went into one consolidation, and in which version of it."""

    consolidation = models.ForeignKey(
        Consolidation, on_delete=models.PROTECT, related_name="entries"
    )
    report = models.ForeignKey(UnitReport, on_delete=models.PROTECT, related_name="+")
    is_included = models.BooleanField()
    reason = models.CharField(max_length=500, blank=True)
    report_hash = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["consolidation", "report"], name="annual_report_one_entry_per_report"
            ),
            models.CheckConstraint(
                name="annual_report_included_entry_has_its_hash",
                condition=Q(is_included=False) | ~Q(report_hash=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.consolidation} {'+' if self.is_included else '−'} {self.report_id}"


class ConsolidatedTask(models.Model):
    """The consolidated text on one task, edited from what the units wrote."""

    consolidation = models.ForeignKey(Consolidation, on_delete=models.PROTECT, related_name="tasks")
    task = models.ForeignKey("plans.Task", on_delete=models.PROTECT, related_name="+")
    narrative = models.TextField(blank=True)
    is_edited = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["consolidation", "task"], name="annual_report_one_text_per_task"
            )
        ]

    def __str__(self) -> str:
        return f"{self.consolidation} {self.task_id}"


class Output(models.Model):
    """One document made from one consolidation for one audience."""

    consolidation = models.ForeignKey(
        Consolidation, on_delete=models.PROTECT, related_name="outputs"
    )
    audience = models.CharField(max_length=8, choices=Audience.choices)
    document = models.ForeignKey(
        "documents.OfficialDocument", on_delete=models.PROTECT, related_name="+"
    )
    made_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.consolidation} → {self.get_audience_display()}"
