"""How a body shares out among its own people what it owes."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Q

from chuan.modules.plans.models.assignments import Assignment
from chuan.modules.plans.models.plan import PERSON


class Subtask(models.Model):
    """One part of an assignment, for a person or a division inside the body.

    It stays inside: neither the department nor the province reads it, nothing counts it, and the
    assignment stands as the body tells it.
    """

    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="subtasks")
    title = models.CharField(max_length=300)
    person = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # A division of the body, in its own words.
    division = models.CharField(max_length=200, blank=True)
    due_on = models.DateField(null=True, blank=True)
    made_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    done_on = models.DateField(null=True, blank=True)
    done_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    dropped_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    dropped_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="plans_subtask_has_a_title",
                condition=~Q(title=""),
                violation_error_message="Nhập tên phần việc.",
            ),
            models.CheckConstraint(
                name="plans_subtask_is_for_somebody",
                condition=Q(person__isnull=False) | ~Q(division=""),
                violation_error_message="Chọn người hoặc nhập phòng, bộ phận làm phần việc này.",
            ),
            models.CheckConstraint(
                name="plans_subtask_done_has_a_day_and_a_person",
                condition=Q(done_on__isnull=True, done_by__isnull=True)
                | Q(done_on__isnull=False, done_by__isnull=False),
            ),
            models.CheckConstraint(
                name="plans_subtask_dropped_has_a_person_and_a_time",
                condition=Q(dropped_by__isnull=True, dropped_at__isnull=True)
                | Q(dropped_by__isnull=False, dropped_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["person", "due_on"],
                condition=Q(done_on__isnull=True, dropped_at__isnull=True),
                name="plans_subtask_open_of_person",
            )
        ]

    def __str__(self) -> str:
        return self.title

    def is_overdue(self, on: date) -> bool:
        return self.done_on is None and self.due_on is not None and self.due_on < on
