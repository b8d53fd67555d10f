"""What the department makes of the reports, and what it sends out."""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from chuan.flows.annual_report.enums import (
    Audience,
    ConsolidationState,
    ReportState,
)
from chuan.flows.annual_report.models.guards import unless_consolidation_is_draft
from chuan.flows.annual_report.models.periods import PERSON, ReportingPeriod
from chuan.flows.annual_report.models.reports import ReportSnapshot, UnitReport


class Consolidation(models.Model):
    """One consolidated report of one period; a later one replaces it and never rewrites it.

    `snapshot` holds what was added up: coverage, figures with their reconciliation, counts of
    achievement and timeliness, and the hash of every report included. The texts are the
    department's own and stay editable until the report is closed.
    """

    period = models.ForeignKey(
        ReportingPeriod, on_delete=models.PROTECT, related_name="consolidations"
    )
    number = models.PositiveSmallIntegerField()
    state = models.CharField(
        max_length=16, choices=ConsolidationState.choices, default=ConsolidationState.DRAFT
    )
    made_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    snapshot = models.JSONField()
    snapshot_hash = models.CharField(max_length=64)
    opening = models.TextField(blank=True)
    overall = models.TextField(blank=True)
    difficulties = models.TextField(blank=True)
    proposals = models.TextField(blank=True)
    next_year = models.TextField(blank=True)
    # Texts a person wrote; the others are made anew with every consolidation.
    edited_texts = ArrayField(models.CharField(max_length=16), default=list, blank=True)
    closed_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField()

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
                    state=ConsolidationState.CLOSED,
                    closed_by__isnull=False,
                    closed_at__isnull=False,
                )
                | (
                    ~Q(state=ConsolidationState.CLOSED)
                    & Q(closed_by__isnull=True, closed_at__isnull=True)
                ),
            ),
            models.CheckConstraint(
                name="annual_report_closed_by_somebody_else",
                condition=Q(closed_by__isnull=True) | ~Q(closed_by=models.F("made_by")),
                violation_error_message="Người chốt không thể là người lập bản tổng hợp.",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="closed_stays_closed",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__state__in=["closed", "superseded"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.period}, bản {self.number}"


class ConsolidationEntry(models.Model):
    """Whether one body's report went into one consolidation, and which content of it."""

    consolidation = models.ForeignKey(
        Consolidation, on_delete=models.PROTECT, related_name="entries"
    )
    report = models.ForeignKey(UnitReport, on_delete=models.PROTECT, related_name="+")
    # The state of the report when the consolidation was last added up.
    state = models.CharField(max_length=16, choices=ReportState.choices)
    is_included = models.BooleanField()
    content = models.ForeignKey(
        ReportSnapshot, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["consolidation", "report"], name="annual_report_one_entry_per_report"
            ),
            models.CheckConstraint(
                name="annual_report_included_entry_has_its_content",
                condition=Q(is_included=True, content__isnull=False)
                | Q(is_included=False, content__isnull=True),
            ),
        ]
        triggers = [unless_consolidation_is_draft("entry_of_draft")]

    def __str__(self) -> str:
        return f"{self.consolidation} {'+' if self.is_included else '−'} {self.report_id}"


class ConsolidatedTask(models.Model):
    """The consolidated text on one task, edited from what the units wrote.

    `merged` is the text the system made of `sources`: [{"mark": 1, "organisation_id": …,
    "name": …, "role": …, "narrative": …, "achievement": …}, …].
    """

    consolidation = models.ForeignKey(Consolidation, on_delete=models.PROTECT, related_name="tasks")
    task = models.ForeignKey("plans.Task", on_delete=models.PROTECT, related_name="+")
    sources = models.JSONField(default=list)
    merged = models.TextField(blank=True)
    narrative = models.TextField(blank=True)
    is_edited = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["consolidation", "task"], name="annual_report_one_text_per_task"
            )
        ]
        triggers = [unless_consolidation_is_draft("task_of_draft")]

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
    snapshot_hash = models.CharField(max_length=64)
    made_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["consolidation", "audience", "-made_at"], name="annual_report_outputs"
            )
        ]

    def __str__(self) -> str:
        return f"{self.consolidation} → {self.get_audience_display()}"


class Urging(models.Model):
    """One official letter that urges bodies to send their reports."""

    period = models.ForeignKey(ReportingPeriod, on_delete=models.PROTECT, related_name="urgings")
    reports = models.ManyToManyField(UnitReport, related_name="urgings")
    document = models.ForeignKey(
        "documents.OfficialDocument", on_delete=models.PROTECT, related_name="+"
    )
    made_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.period} {timezone.localtime(self.made_at):%d/%m/%Y}"
