"""One body's report of one period: its texts, items, figures, and the way it went."""

from __future__ import annotations

from datetime import date

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from chuan.core.calendar.enums import ExtensionState
from chuan.core.calendar.models import Extension
from chuan.flows.annual_report.enums import (
    ReportSection,
    ReportState,
    StepKind,
)
from chuan.flows.annual_report.models.guards import texts_of_open_report, unless_report_is_open
from chuan.flows.annual_report.models.periods import PERSON, ReportingPeriod


class UnitReport(models.Model):
    """What one body reports for one period; made for every body that owes one."""

    period = models.ForeignKey(ReportingPeriod, on_delete=models.PROTECT, related_name="reports")
    organisation = models.ForeignKey(
        "orgs.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField(max_length=16, choices=ReportState.choices, default=ReportState.DRAFT)
    summary = models.TextField(blank=True)
    difficulties = models.TextField(blank=True)
    proposals = models.TextField(blank=True)
    next_year = models.TextField(blank=True)
    # What the system wrote into `difficulties`; a text that still equals it may be refreshed.
    difficulties_prefilled = models.TextField(blank=True)
    finished_sections = ArrayField(
        models.CharField(max_length=16, choices=ReportSection.choices), default=list, blank=True
    )
    started_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    started_at = models.DateTimeField(null=True, blank=True)
    synced_at = models.DateTimeField(null=True, blank=True)
    # The clerk who last changed the content, and the signer who is somebody else.
    entered_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # Everybody who ever wrote in it: none of them may sign.
    author_ids = ArrayField(models.BigIntegerField(), default=list, blank=True)
    ready_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    ready_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    submitted_at = models.DateTimeField(null=True, blank=True)
    # On time or late is judged by the first submission, not by what the department asked to mend.
    first_submitted_at = models.DateTimeField(null=True, blank=True)
    # "KT.", "TUQ."… when a substitute signed.
    signing_form = models.CharField(max_length=4, blank=True)
    accepted = models.ForeignKey(
        "annual_report.ReportSnapshot",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    accepted_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    accepted_at = models.DateTimeField(null=True, blank=True)
    returned_at = models.DateTimeField(null=True, blank=True)
    returned_due_on = models.DateField(null=True, blank=True)
    # The last day that counts as on time for this body, where it was granted more than others.
    extended_due_on = models.DateField(null=True, blank=True)
    # More time was asked for by the due day and nobody has decided yet: the clock stands still.
    is_paused = models.BooleanField(default=False)
    excluded_reason = models.CharField(max_length=500, blank=True)
    excluded_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # Where it stood, so that readmitting puts it back there.
    excluded_from = models.CharField(max_length=16, choices=ReportState.choices, blank=True)
    # `version` counts changes of the texts above, for whoever edits them; `revision` counts every
    # change of anything in the report, for whoever signs or accepts what they have read.
    version = models.PositiveIntegerField(default=1)
    revision = models.PositiveIntegerField(default=1)
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
                name="annual_report_readiness_has_a_person_and_a_time",
                condition=Q(ready_by__isnull=True, ready_at__isnull=True)
                | Q(ready_by__isnull=False, ready_at__isnull=False),
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
                | Q(accepted__isnull=False, accepted_by__isnull=False, accepted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="annual_report_exclusion_has_a_reason",
                condition=(
                    Q(state=ReportState.EXCLUDED, excluded_by__isnull=False)
                    & ~Q(excluded_reason="")
                    & ~Q(excluded_from="")
                )
                | (
                    ~Q(state=ReportState.EXCLUDED)
                    & Q(excluded_by__isnull=True, excluded_reason="", excluded_from="")
                ),
                violation_error_message="Loại trừ phải ghi lý do.",
            ),
        ]
        indexes = [
            models.Index(fields=["period", "state"], name="annual_report_by_state"),
            models.Index(fields=["organisation", "period"], name="annual_report_by_body"),
        ]
        triggers = [texts_of_open_report()]

    def __str__(self) -> str:
        return f"{self.period} #{self.organisation_id}"

    @property
    def last_day_on_time(self) -> date:
        """The last day on which sending it counts as on time for this body."""
        day: date = self.extended_due_on or self.period.due_on
        return day

    @property
    def is_sent_again(self) -> bool:
        """It lies with the department, or went on, after a return."""
        return self.submitted_at is not None and self.submitted_at != self.first_submitted_at


class ReportExtension(Extension):
    """What a body asks for when it cannot send its report by the due day."""

    report = models.ForeignKey(UnitReport, on_delete=models.PROTECT, related_name="extensions")

    class Meta(Extension.Meta):
        abstract = False
        constraints = [
            *Extension.Meta.constraints,
            models.UniqueConstraint(
                fields=["report"],
                condition=Q(state=ExtensionState.WAITING),
                name="annual_report_one_open_extension",
                violation_error_message="Báo cáo này đang có đề nghị gia hạn chờ quyết định.",
            ),
        ]


class ReportSnapshot(models.Model):
    """The content of one report as it was accepted once, with its SHA-256; never rewritten.

    Consolidations add up these rows and nothing else. `rows` are the records behind each figure,
    by indicator code; `content` holds their hashes.
    """

    report = models.ForeignKey(UnitReport, on_delete=models.PROTECT, related_name="snapshots")
    number = models.PositiveSmallIntegerField()
    content = models.JSONField()
    sha256 = models.CharField(max_length=64)
    rows = models.JSONField(default=dict)
    made_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["report", "number"], name="annual_report_snapshot_numbered"
            )
        ]
        triggers = [
            pgtrigger.Protect(
                name="snapshot_never_rewritten", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]

    def __str__(self) -> str:
        return f"{self.report_id}.{self.number} {self.sha256[:12]}"


class ReportItem(models.Model):
    """What a unit's report says about one of its tasks."""

    report = models.ForeignKey(UnitReport, on_delete=models.PROTECT, related_name="items")
    task = models.ForeignKey("plans.Task", on_delete=models.PROTECT, related_name="+")
    assignment = models.ForeignKey("plans.Assignment", on_delete=models.PROTECT, related_name="+")
    # As lead or as coordinator, and whether the report can be sent without it.
    role = models.CharField(max_length=16)
    is_needed = models.BooleanField()
    narrative = models.TextField(blank=True)
    # What the progress updates of the period say, as last brought in. The narrative follows it
    # until somebody writes a text of their own.
    prefilled = models.TextField(blank=True)
    prefilled_at = models.DateTimeField(null=True, blank=True)
    is_edited = models.BooleanField(default=False)
    # What the whole year is expected to bring, where data days end before the year does.
    outlook = models.TextField(blank=True)
    achievement = models.CharField(max_length=16, blank=True)
    percent = models.PositiveSmallIntegerField(null=True, blank=True)
    # By the calendar, as of the day the figures were counted by; brought in together with them.
    timeliness = models.CharField(max_length=16, blank=True)
    due_on = models.DateField(null=True, blank=True)
    done_on = models.DateField(null=True, blank=True)
    # Whether the unit judged for itself; until then both follow the assignment.
    is_judged = models.BooleanField(default=False)
    is_finished = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["report", "assignment"], name="annual_report_one_item_per_assignment"
            ),
            models.CheckConstraint(
                name="annual_report_percent_of_a_whole",
                condition=Q(percent__isnull=True) | Q(percent__lte=100),
                violation_error_message="Tiến độ từ 0 đến 100 %.",
            ),
        ]
        triggers = [unless_report_is_open("item_of_open_report")]

    def __str__(self) -> str:
        return f"{self.report} {self.task_id}"


class ReportFigure(models.Model):
    """One indicator in a unit's report, frozen with its definition, time and rows.

    `value` is what the shelf counted; `override` what the unit says instead, with its reason. A
    share is overridden by its two numbers, so that shares of many units still add up. `rows` are
    the records behind the count: [{"label": …, "url": …, "counts": …}, …].
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
    override_numerator = models.BigIntegerField(null=True, blank=True)
    override_denominator = models.BigIntegerField(null=True, blank=True)
    override_reason = models.CharField(max_length=500, blank=True)
    overridden_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    overridden_at = models.DateTimeField(null=True, blank=True)
    # The unit's own estimate for the whole calendar year.
    outlook = models.DecimalField(max_digits=20, decimal_places=4, null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["report", "code"], name="annual_report_one_figure_per_code"
            ),
            models.CheckConstraint(
                name="annual_report_override_has_a_reason_and_a_person",
                condition=(
                    Q(override__isnull=True, overridden_by__isnull=True)
                    & Q(overridden_at__isnull=True, override_reason="")
                )
                | (
                    Q(override__isnull=False, overridden_by__isnull=False)
                    & Q(overridden_at__isnull=False)
                    & ~Q(override_reason="")
                ),
                violation_error_message="Sửa số liệu phải ghi lý do.",
            ),
            models.CheckConstraint(
                name="annual_report_share_is_overridden_by_its_parts",
                condition=Q(override_numerator__isnull=True, override_denominator__isnull=True)
                | Q(
                    override__isnull=False,
                    override_numerator__isnull=False,
                    override_denominator__gt=0,
                ),
                violation_error_message="Sửa một tỷ lệ bằng cả tử số và mẫu số.",
            ),
        ]
        triggers = [unless_report_is_open("figure_of_open_report")]

    def __str__(self) -> str:
        return f"{self.code} = {self.value}"


class FilledWorkbook(models.Model):
    """A workbook filled in offline and sent back, until its sender takes it over or drops it.

    One of each person for each report; a later one takes its place. `content` is the file as it came.
    """

    report = models.ForeignKey(UnitReport, on_delete=models.PROTECT, related_name="workbooks")
    name = models.CharField(max_length=255)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    sent_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["report", "sent_by"], name="annual_report_one_workbook_of_each_person"
            )
        ]

    def __str__(self) -> str:
        return self.name


class ReturnComment(models.Model):
    """One thing the department asks a unit to mend, at the field it concerns."""

    report = models.ForeignKey(UnitReport, on_delete=models.PROTECT, related_name="comments")
    item = models.ForeignKey(
        ReportItem, on_delete=models.PROTECT, null=True, blank=True, related_name="comments"
    )
    # "narrative", "achievement", "figure:plans.done_on_time", "summary"… or empty for the whole.
    field = models.CharField(max_length=120, blank=True)
    text = models.TextField()
    made_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    # Written while reading; the unit sees it once the report is returned.
    sent_at = models.DateTimeField(null=True, blank=True)
    reply = models.TextField(blank=True)
    resolved_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="annual_report_resolution_has_a_person_and_a_time",
                condition=Q(resolved_by__isnull=True, resolved_at__isnull=True)
                | Q(resolved_by__isnull=False, resolved_at__isnull=False),
            )
        ]
        indexes = [models.Index(fields=["report", "resolved_at"], name="annual_report_to_mend")]

    def __str__(self) -> str:
        return self.text[:60]


class ReportStep(models.Model):
    """One thing that happened to a report: its history, as people read it."""

    report = models.ForeignKey(UnitReport, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=16, choices=StepKind.choices)
    made_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    made_at = models.DateTimeField()
    signing_form = models.CharField(max_length=4, blank=True)
    note = models.TextField(blank=True)
    due_on = models.DateField(null=True, blank=True)
    # Of a return: the hash of every part as the department had read it, to tell what changed since.
    parts = models.JSONField(default=dict, blank=True)

    class Meta:
        indexes = [models.Index(fields=["report", "-made_at"], name="annual_report_steps")]
        triggers = [
            pgtrigger.Protect(
                name="step_never_rewritten", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]

    def __str__(self) -> str:
        return f"{self.report_id} {self.kind}"
