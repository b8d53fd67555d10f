"""Answers and questions on whom a name in a plan stands for."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from chuan.modules.plans.models.plan import PERSON, Plan


class Substitution(models.Model):
    """Who stands in for a group or a body that is there no more, from a day on.

    A person decides it and names the text it rests on; nothing passes by itself. With no
    replacement the duty lapses, by that same text.
    """

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="substitutions")
    group = models.ForeignKey(
        "orgs.Group", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    organisation = models.ForeignKey(
        "orgs.Organisation", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    by_group = models.ForeignKey(
        "orgs.Group", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    by_organisation = models.ForeignKey(
        "orgs.Organisation", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    from_day = models.DateField()
    basis = models.CharField(max_length=500)
    # The document the basis names, when a register here holds it.
    basis_document = models.ForeignKey(
        "documents.OfficialDocument",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    decided_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="plans_substitution_of_a_group_or_a_body",
                condition=Q(group__isnull=False, organisation__isnull=True)
                | Q(group__isnull=True, organisation__isnull=False),
            ),
            models.CheckConstraint(
                name="plans_substitution_by_one_at_most",
                condition=Q(by_group__isnull=True) | Q(by_organisation__isnull=True),
                violation_error_message="Chọn một nhóm hoặc một cơ quan thay thế.",
            ),
            models.UniqueConstraint(
                fields=["plan", "group", "from_day"], name="plans_one_group_substitution_a_day"
            ),
            models.UniqueConstraint(
                fields=["plan", "organisation", "from_day"],
                name="plans_one_body_substitution_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.from_day:%d/%m/%Y}"


class OpenQuestion(models.Model):
    """A party that the last reconciliation could not turn into bodies, from a day on."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="questions")
    # As `engine.expansion.Trouble` has it.
    trouble = models.CharField(max_length=16)
    name = models.CharField(max_length=300)
    from_day = models.DateField()
    group = models.ForeignKey(
        "orgs.Group", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    organisation = models.ForeignKey(
        "orgs.Organisation", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # Of the tasks that have the party.
    codes = ArrayField(models.CharField(max_length=16))

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="plans_question_about_a_group_or_a_body",
                condition=Q(group__isnull=False, organisation__isnull=True)
                | Q(group__isnull=True, organisation__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.name
