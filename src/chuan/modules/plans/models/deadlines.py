"""Deadlines moved, years closed, exceptions from closing, and urging."""

from __future__ import annotations

from datetime import datetime

import pgtrigger
from django.db import models
from django.db.models import Q

from chuan.core.calendar.enums import ExtensionState
from chuan.core.calendar.models import Extension
from chuan.modules.plans.enums import (
    ExceptionState,
    LockKind,
)
from chuan.modules.plans.models.assignments import Assignment
from chuan.modules.plans.models.plan import PERSON, Plan


class DeadlineExtension(Extension):
    """What a body asks for an assignment it cannot finish by its day."""

    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="extensions")
    # What shows that more time is needed, where the body has something to show.
    upload = models.ForeignKey(
        "files.Upload", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta(Extension.Meta):
        abstract = False
        constraints = [
            *Extension.Meta.constraints,
            models.UniqueConstraint(
                fields=["assignment"],
                condition=Q(state=ExtensionState.WAITING),
                name="plans_one_open_extension",
                violation_error_message="Phân công này đang có đề nghị gia hạn chờ quyết định.",
            ),
        ]
        indexes = [models.Index(fields=["state", "asked_at"], name="plans_extension_by_state")]


class YearLock(models.Model):
    """A year of a plan whose consolidated report is closed: what was done by then stays as it was
    told (`engine/locks.py`); what is still owed goes on."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="year_locks")
    year = models.PositiveSmallIntegerField()
    # What closed it, as pages say it.
    reason = models.CharField(max_length=300)
    locked_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    locked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "year"], name="plans_one_lock_per_year")
        ]
        triggers = [
            pgtrigger.Protect(name="lock_stays", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.plan} {self.year}"


class LockException(models.Model):
    """One lock opened for one body until a time, asked for by one person and approved by another.

    `number` is the year, or the id of the reporting period: that table is upstairs, and keys point
    down; `title` is what pages call it. Triggers compare `expires_at` with the time of the database.
    """

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="lock_exceptions")
    organisation = models.ForeignKey(
        "orgs.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    kind = models.CharField(max_length=8, choices=LockKind.choices)
    number = models.PositiveBigIntegerField()
    title = models.CharField(max_length=200)
    reason = models.TextField()
    expires_at = models.DateTimeField()
    requested_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    approved_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    # Refused, taken back, or revoked before its time.
    closed_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_reason = models.CharField(max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="plans_exception_has_a_reason",
                condition=~Q(reason=""),
                violation_error_message="Ghi lý do mở khóa.",
            ),
            models.CheckConstraint(
                name="plans_exception_ends_after_it_is_asked",
                condition=Q(expires_at__gt=models.F("requested_at")),
                violation_error_message="Thời điểm khóa lại phải sau lúc xin.",
            ),
            models.CheckConstraint(
                name="plans_exception_needs_two_people",
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=models.F("requested_by")),
                violation_error_message="Người xin mở khóa không tự duyệt: người khác phải duyệt.",
            ),
            models.CheckConstraint(
                name="plans_approved_exception_has_a_person_and_a_time",
                condition=Q(approved_by__isnull=True, approved_at__isnull=True)
                | Q(approved_by__isnull=False, approved_at__isnull=False),
            ),
            models.CheckConstraint(
                name="plans_closed_exception_says_who_when_and_why",
                condition=Q(closed_by__isnull=True, closed_at__isnull=True, closed_reason="")
                | (Q(closed_by__isnull=False, closed_at__isnull=False) & ~Q(closed_reason="")),
            ),
        ]
        indexes = [
            models.Index(
                fields=["plan", "kind", "number", "organisation"], name="plans_exception_of_lock"
            )
        ]

    def __str__(self) -> str:
        return f"{self.title} #{self.organisation_id}"

    def state_at(self, moment: datetime) -> ExceptionState:
        """By its people and the clock."""
        if self.closed_at is not None:
            return ExceptionState.CLOSED
        if moment >= self.expires_at:
            return ExceptionState.EXPIRED
        return ExceptionState.OPEN if self.approved_at else ExceptionState.WAITING


class Urging(models.Model):
    """One act of urging: the department wrote to bodies about what they lead and have not done."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="urgings")
    made_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["plan", "-made_at"], name="plans_urging_latest")]

    def __str__(self) -> str:
        return f"{self.plan} {self.made_at:%d/%m/%Y}"


class UrgingLetter(models.Model):
    """One letter of an urging, to one body or to several.

    `rows` is what it says, for as long as it exists, whatever is done afterwards: [{"body", "code",
    "task", "due_on", "late"}], `late` in working days on the day it was written.
    """

    urging = models.ForeignKey(Urging, on_delete=models.PROTECT, related_name="letters")
    document = models.OneToOneField(
        "documents.OfficialDocument", on_delete=models.PROTECT, related_name="+"
    )
    assignments = models.ManyToManyField(Assignment, related_name="urging_letters")
    rows = models.JSONField()

    def __str__(self) -> str:
        return f"#{self.urging_id} {self.document_id}"
