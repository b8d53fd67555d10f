"""What a plan asks: tasks, their products, who they name, and the central tasks they carry out."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q

from chuan.modules.plans.enums import (
    DueKind,
    EvidenceKind,
    LeadMode,
    PartyKind,
    PartyRole,
)
from chuan.modules.plans.models.plan import PERSON, BodyPoint, Plan, Section


class Task(models.Model):
    """One row of the plan's annex in one wording, kept as the decision has it.

    A wording holds from the version `since` until the version `until`. An amendment that changes
    anything in a row closes it and writes another that `follows` it; work begun under the old
    wording stays with the old row.
    """

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="tasks")
    section = models.ForeignKey(Section, on_delete=models.PROTECT, related_name="tasks")
    code = models.CharField(max_length=16)
    position = models.PositiveSmallIntegerField()
    text = models.TextField()
    short_text = models.CharField(max_length=160)
    product = models.TextField(blank=True)
    time_text = models.CharField(max_length=200, blank=True)
    due_kind = models.CharField(max_length=8, choices=DueKind.choices)
    due_on = models.DateField(null=True, blank=True)
    body_points = models.ManyToManyField(BodyPoint, related_name="tasks", blank=True)
    source_page = models.PositiveIntegerField(null=True, blank=True)
    source_line = models.PositiveIntegerField(null=True, blank=True)
    # Of several bodies that lead it: each owes it, or any of them.
    lead_mode = models.CharField(max_length=4, choices=LeadMode.choices, default=LeadMode.EACH)
    # Only its heading is followed here: no content, no files (defence, state secrets).
    heading_only = models.BooleanField(default=False)
    # Numbers of versions; without a last one it still holds.
    since = models.PositiveSmallIntegerField(default=1)
    until = models.PositiveSmallIntegerField(null=True, blank=True)
    # The wording this one takes the place of.
    follows = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="followed_by"
    )
    # Counts changes of its deliverables, so that two people cannot undo each other's.
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "code"],
                condition=Q(until__isnull=True),
                name="plans_one_task_per_code",
            ),
            models.UniqueConstraint(
                fields=["plan", "code", "since"], name="plans_one_wording_per_code_and_version"
            ),
            models.CheckConstraint(
                name="plans_wording_ends_after_it_begins",
                condition=Q(until__isnull=True) | Q(until__gt=models.F("since")),
            ),
            models.CheckConstraint(
                name="plans_wording_that_follows_comes_later",
                condition=Q(follows__isnull=True) | Q(since__gt=1),
            ),
            models.CheckConstraint(
                name="plans_date_goes_with_once_and_until",
                condition=Q(due_kind__in=[DueKind.ONCE, DueKind.UNTIL], due_on__isnull=False)
                | Q(due_kind__in=[DueKind.YEARLY, DueKind.BY_LAW], due_on__isnull=True),
                violation_error_message="Chỉ nhiệm vụ một lần hoặc nhiều năm mới có ngày hết hạn.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.short_text}"


class Deliverable(models.Model):
    """One result a task asks for, with the evidence that proves it.

    Weights of a task's deliverables sum to 100; the operation that sets them sees to it.
    """

    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="deliverables")
    title = models.CharField(max_length=300)
    position = models.PositiveSmallIntegerField(default=1)
    weight = models.PositiveSmallIntegerField(default=100, validators=[MaxValueValidator(100)])
    # Any one of these kinds proves it; none named: any evidence does.
    evidence_kinds = ArrayField(
        models.CharField(max_length=16, choices=EvidenceKind.choices), default=list, blank=True
    )

    def __str__(self) -> str:
        return self.title


class Party(models.Model):
    """One lead or coordinating body of a task: a group, one body, or words that name none."""

    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="parties")
    role = models.CharField(max_length=16, choices=PartyRole.choices)
    kind = models.CharField(max_length=8, choices=PartyKind.choices)
    name = models.CharField(max_length=300)
    text = models.CharField(max_length=500)
    group = models.ForeignKey(
        "orgs.Group", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    organisation = models.ForeignKey(
        "orgs.Organisation", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    position = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="plans_party_points_where_its_kind_says",
                condition=Q(kind=PartyKind.GROUP, group__isnull=False, organisation__isnull=True)
                | Q(kind=PartyKind.NAMED, group__isnull=True, organisation__isnull=False)
                | Q(kind=PartyKind.OPEN, group__isnull=True, organisation__isnull=True),
                violation_error_message="Chọn nhóm hoặc cơ quan ứng với cách gọi trong quyết định.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class CentralTask(models.Model):
    """One task of a document from above: a directive of the Party, a programme of the Government.

    `text` is our own short wording unless `is_compared` says that a person has put the official
    text beside it.
    """

    source = models.ForeignKey("legal.LegalSource", on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=16)
    position = models.PositiveSmallIntegerField()
    text = models.TextField()
    # Where in the document it stands, and where our wording was taken from.
    clause = models.CharField(max_length=200, blank=True)
    known_from = models.CharField(max_length=300, blank=True)
    is_compared = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "code"],
                name="plans_one_central_task_per_code",
                violation_error_message="Văn bản này đã có nhiệm vụ mang mã đó.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.text[:60]}"


class CentralLink(models.Model):
    """Which central task a task of a plan carries out; said by a person."""

    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="central_links")
    central = models.ForeignKey(CentralTask, on_delete=models.PROTECT, related_name="links")
    linked_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    linked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["task", "central"], name="plans_one_link_to_a_central_task"
            )
        ]

    def __str__(self) -> str:
        return f"{self.task_id} → {self.central_id}"
