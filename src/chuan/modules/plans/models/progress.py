"""What bodies say of their duties: updates, evidence, contributions, difficulties."""

from __future__ import annotations

from datetime import date

import pgtrigger
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q

from chuan.modules.plans.engine import locks
from chuan.modules.plans.enums import (
    Achievement,
    DifficultyState,
    EvidenceKind,
    RequestState,
)
from chuan.modules.plans.models.assignments import Assignment
from chuan.modules.plans.models.plan import PERSON, Plan
from chuan.modules.plans.models.tasks import Deliverable, Task


class ProgressUpdate(models.Model):
    """What one person told about one assignment at one moment; never rewritten."""

    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="updates")
    narrative = models.TextField()
    achievement = models.CharField(max_length=16, choices=Achievement.choices)
    percent = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MaxValueValidator(100)]
    )
    percent_reason = models.CharField(max_length=500, blank=True)
    made_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["assignment", "-made_at"], name="plans_update_latest")]
        triggers = [
            pgtrigger.Protect(
                name="never_rewritten", operation=pgtrigger.Update | pgtrigger.Delete
            ),
            pgtrigger.Trigger(
                name="told_while_open",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                declare=[("closed_on", "date"), ("assignment", "record")],
                func=locks.TOLD,
            ),
        ]

    def __str__(self) -> str:
        return self.narrative[:60]


class Evidence(models.Model):
    """One file or link that proves something was done. Withdrawn, never deleted."""

    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="evidence")
    deliverable = models.ForeignKey(
        Deliverable, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    kind = models.CharField(max_length=16, choices=EvidenceKind.choices)
    title = models.CharField(max_length=300)
    upload = models.ForeignKey(
        "files.Upload", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    link = models.URLField(max_length=1000, blank=True)
    added_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    # When its first version came: a correction moves nothing to another reporting period.
    first_added_at = models.DateTimeField()
    withdrawn_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.CharField(max_length=300, blank=True)
    # The earlier version this one corrects; that one is withdrawn, and stays.
    replaces = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )
    # The same file or link, shown first for another assignment of the same body.
    reused_from = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    search_key = models.GeneratedField(
        expression=models.Func(models.F("title"), function="chuan_fold"),
        output_field=models.TextField(),
        db_persist=True,
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="plans_evidence_is_a_file_or_a_link",
                condition=Q(upload__isnull=False, link="") | (Q(upload__isnull=True) & ~Q(link="")),
                violation_error_message="Minh chứng là một tệp hoặc một liên kết.",
            ),
            models.CheckConstraint(
                name="plans_withdrawal_has_a_person_and_a_time",
                condition=Q(withdrawn_by__isnull=True, withdrawn_at__isnull=True)
                | Q(withdrawn_by__isnull=False, withdrawn_at__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["assignment", "-added_at"], name="plans_evidence_latest")]
        triggers = [
            pgtrigger.Trigger(
                name="proven_while_open",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                declare=[("closed_on", "date"), ("assignment", "record")],
                func=locks.PROOF,
            )
        ]

    def __str__(self) -> str:
        return self.title


class ContributionRequest(models.Model):
    """What the lead body of a task asks of one that coordinates, by a day; and what came of it."""

    # The lead's assignment, and the coordinator's of the same task.
    lead = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="requests_made")
    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="requests")
    text = models.TextField()
    due_on = models.DateField()
    state = models.CharField(
        max_length=16, choices=RequestState.choices, default=RequestState.ASKED
    )
    asked_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    # The contribution itself, when it was answered.
    update = models.OneToOneField(
        ProgressUpdate, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # Why it was declined or taken back.
    reason = models.CharField(max_length=500, blank=True)
    closed_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["lead", "assignment"],
                condition=Q(state=RequestState.ASKED),
                name="plans_one_open_request_per_pair",
                violation_error_message="Đã có đề nghị đang chờ cơ quan này.",
            ),
            models.CheckConstraint(
                name="plans_closed_request_has_a_person_and_a_time",
                condition=Q(
                    state=RequestState.ASKED, closed_by__isnull=True, closed_at__isnull=True
                )
                | (
                    ~Q(state=RequestState.ASKED)
                    & Q(closed_by__isnull=False, closed_at__isnull=False)
                ),
            ),
            models.CheckConstraint(
                name="plans_answered_request_has_its_contribution",
                condition=Q(state=RequestState.ANSWERED, update__isnull=False)
                | (~Q(state=RequestState.ANSWERED) & Q(update__isnull=True)),
            ),
        ]
        indexes = [models.Index(fields=["state", "due_on"], name="plans_request_by_day")]

    def __str__(self) -> str:
        return self.text[:60]

    def is_overdue(self, on: date) -> bool:
        return self.state == RequestState.ASKED and self.due_on < on


class Difficulty(models.Model):
    """A problem one body puts in writing, which the department answers or puts to the province."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="difficulties")
    task = models.ForeignKey(
        Task, on_delete=models.PROTECT, null=True, blank=True, related_name="difficulties"
    )
    organisation = models.ForeignKey(
        "orgs.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    title = models.CharField(max_length=200)
    text = models.TextField()
    proposal = models.TextField(blank=True)
    state = models.CharField(
        max_length=16, choices=DifficultyState.choices, default=DifficultyState.RAISED
    )
    raised_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    raised_at = models.DateTimeField()
    answer_due_on = models.DateField(null=True, blank=True)
    answer_due_why = models.JSONField(default=list)
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    escalation = models.TextField(blank=True)
    escalated_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    escalated_at = models.DateTimeField(null=True, blank=True)
    direction = models.TextField(blank=True)
    settled_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    settled_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.CharField(max_length=300, blank=True)
    withdrawn_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name_plural = "difficulties"
        indexes = [
            models.Index(fields=["plan", "state"], name="plans_difficulty_by_state"),
            models.Index(fields=["organisation", "-raised_at"], name="plans_difficulty_by_body"),
        ]
        constraints = [
            models.CheckConstraint(
                name="plans_answer_has_a_person_and_a_time",
                condition=Q(answered_by__isnull=True, answered_at__isnull=True)
                | Q(answered_by__isnull=False, answered_at__isnull=False),
            ),
            models.CheckConstraint(
                name="plans_escalation_has_a_person_and_a_time",
                condition=Q(escalated_by__isnull=True, escalated_at__isnull=True)
                | Q(escalated_by__isnull=False, escalated_at__isnull=False),
            ),
            models.CheckConstraint(
                name="plans_direction_has_a_person_and_a_time",
                condition=Q(settled_by__isnull=True, settled_at__isnull=True)
                | Q(settled_by__isnull=False, settled_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.title
