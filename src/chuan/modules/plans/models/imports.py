"""A decision on its way into a plan."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q

from chuan.modules.plans.enums import (
    ImportState,
)
from chuan.modules.plans.models.plan import PERSON, Plan, PlanVersion


class PlanImport(models.Model):
    """One reading of one decision on its way to becoming a plan, or a new version of one.

    `reading` is what the parser made of the file and never changes; `draft` is what people made
    of the reading, saved at every step. Nothing else is created before approval.
    """

    upload = models.ForeignKey("files.Upload", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=16, choices=ImportState.choices, default=ImportState.OPEN)
    # {"plan": ReadPlan.as_json(), "source": [[page, line, text], …], "doubts": {code: […]}}
    reading = models.JSONField()
    draft = models.JSONField()
    managed_by = models.ForeignKey("orgs.Organisation", on_delete=models.PROTECT, related_name="+")
    plan = models.OneToOneField(
        Plan, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # Of an amendment: the plan, the number of the version the draft began from, and the version
    # it became.
    amends = models.ForeignKey(
        Plan, on_delete=models.PROTECT, null=True, blank=True, related_name="amendments"
    )
    base_version = models.PositiveSmallIntegerField(null=True, blank=True)
    made_version = models.OneToOneField(
        PlanVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="plan_import"
    )
    created_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    updated_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    updated_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [models.Index(fields=["managed_by", "-updated_at"], name="plans_import_latest")]
        triggers = [
            pgtrigger.Protect(
                name="reading_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.reading IS DISTINCT FROM NEW.reading"),
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="plans_approved_import_has_its_plan",
                condition=Q(
                    state=ImportState.APPROVED,
                    plan__isnull=False,
                    amends__isnull=True,
                    made_version__isnull=True,
                )
                | Q(
                    state=ImportState.APPROVED,
                    plan__isnull=True,
                    amends__isnull=False,
                    made_version__isnull=False,
                )
                | (
                    ~Q(state=ImportState.APPROVED) & Q(plan__isnull=True, made_version__isnull=True)
                ),
            ),
            models.CheckConstraint(
                name="plans_amendment_knows_where_it_began",
                condition=Q(amends__isnull=True, base_version__isnull=True)
                | Q(amends__isnull=False, base_version__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.draft.get("document", {}).get("title") or str(self.upload_id)
