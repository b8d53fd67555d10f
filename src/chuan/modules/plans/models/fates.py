"""What becomes of the duties of bodies that are no more."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from chuan.modules.plans.enums import (
    LIVE_FATES,
    FateKind,
    FateState,
)
from chuan.modules.plans.models.assignments import Assignment
from chuan.modules.plans.models.plan import PERSON, Plan


class FateDecision(models.Model):
    """What becomes of some open assignments of bodies that are no more: proposed by one person on
    the basis of a text, approved by another, undone while nothing rests on it."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="fate_decisions")
    kind = models.CharField(max_length=16, choices=FateKind.choices)
    state = models.CharField(max_length=16, choices=FateState.choices, default=FateState.PROPOSED)
    # The first day on which the bodies owe nothing more; the day after their last when empty.
    from_day = models.DateField(null=True, blank=True)
    basis = models.CharField(max_length=500)
    clause = models.CharField(max_length=200, blank=True)
    # The document the basis names, when a register here holds it.
    basis_document = models.ForeignKey(
        "documents.OfficialDocument",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    note = models.CharField(max_length=500, blank=True)
    proposed_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    approved_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    # Whoever handed it back or undid it, and why.
    ended_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [models.Index(fields=["plan", "state"], name="plans_fates_by_state")]
        constraints = [
            models.CheckConstraint(
                name="plans_fates_are_approved_by_another",
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=models.F("proposed_by")),
                violation_error_message="Người duyệt phải khác người đề xuất.",
            ),
            models.CheckConstraint(
                name="plans_approved_fates_have_who_and_when",
                condition=Q(
                    state__in=[FateState.APPROVED, FateState.UNDONE],
                    approved_by__isnull=False,
                    approved_at__isnull=False,
                )
                | Q(
                    state__in=[FateState.PROPOSED, FateState.HANDED_BACK],
                    approved_by__isnull=True,
                    approved_at__isnull=True,
                ),
            ),
            models.CheckConstraint(
                name="plans_ended_fates_have_who_and_when",
                condition=Q(state__in=LIVE_FATES, ended_by__isnull=True, ended_at__isnull=True)
                | Q(
                    state__in=[FateState.HANDED_BACK, FateState.UNDONE],
                    ended_by__isnull=False,
                    ended_at__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="plans_fates_have_a_basis",
                condition=~Q(basis=""),
                violation_error_message="Nhập văn bản làm căn cứ.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.pk}"

    @property
    def full_basis(self) -> str:
        """“khoản 2 Điều 4, Nghị quyết 1664/NQ-UBTVQH15”."""
        return ", ".join(part for part in (self.clause, self.basis) if part)


class Fate(models.Model):
    """One assignment in one decision; an assignment has one decision that waits or holds."""

    decision = models.ForeignKey(FateDecision, on_delete=models.PROTECT, related_name="fates")
    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="fates")
    # Of its decision, so that the database can keep a second one away.
    state = models.CharField(max_length=16, choices=FateState.choices, default=FateState.PROPOSED)
    # The first day on which the body was no more, and from which it owes this no longer.
    body_ended_on = models.DateField()
    from_day = models.DateField()
    # What approving changed, for undoing: {"period_end", "due_on", "due_why", "is_extra", "requests"}
    before = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["assignment"],
                condition=Q(state__in=LIVE_FATES),
                name="plans_one_fate_per_assignment",
                violation_error_message="Phân công này đã có quyết định xử lý.",
            ),
            models.UniqueConstraint(
                fields=["decision", "assignment"], name="plans_one_fate_per_decision"
            ),
            models.CheckConstraint(
                name="plans_fate_begins_once_the_body_is_gone",
                condition=Q(from_day__gte=models.F("body_ended_on")),
                violation_error_message="Ngày áp dụng không thể trước ngày cơ quan kết thúc.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.decision_id}: {self.assignment_id}"


class FateHeir(models.Model):
    """One body that goes on with an assignment, and its own assignment once it is approved.

    `was_there`: the body had the task in those days already, so nothing new was written down.
    """

    fate = models.ForeignKey(Fate, on_delete=models.CASCADE, related_name="heirs")
    organisation = models.ForeignKey(
        "orgs.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    assignment = models.ForeignKey(
        Assignment, on_delete=models.PROTECT, null=True, blank=True, related_name="came_from"
    )
    was_there = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["fate", "organisation"], name="plans_one_heir_per_fate")
        ]

    def __str__(self) -> str:
        return f"{self.fate_id} → {self.organisation_id}"
