"""What somebody has typed about an assignment and not told yet."""

from __future__ import annotations

from django.db import models

from chuan.modules.plans.models.assignments import Assignment
from chuan.modules.plans.models.plan import PERSON


class UpdateDraft(models.Model):
    """One person's unfinished progress update, as typed; read by nobody else, gone when it is told.

    `content` is the text of each field by its name.
    """

    assignment = models.ForeignKey(Assignment, on_delete=models.CASCADE, related_name="drafts")
    person = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    content = models.JSONField()
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["assignment", "person"], name="plans_one_update_draft_each"
            )
        ]

    def __str__(self) -> str:
        return f"{self.assignment_id}: {self.person_id}"
