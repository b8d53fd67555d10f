from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from chuan.flows.portal.enums import PublicationKind

PERSON = settings.AUTH_USER_MODEL
LIVE = Q(withdrawn_at__isnull=True)


class Publication(models.Model):
    """What the public reads of one thing: exactly what was shown to whoever published it.

    The public pages are drawn from `content` alone, never from the rows it was made of, so that
    nothing written later, or written beside it, can come out. It is made by `serialisers`, which
    know the table of fields that may be published; its hash names the edition.
    """

    kind = models.CharField(max_length=8, choices=PublicationKind.choices)
    plan = models.ForeignKey("plans.Plan", on_delete=models.PROTECT, related_name="+")
    period = models.ForeignKey(
        "annual_report.ReportingPeriod",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    consolidation = models.ForeignKey(
        "annual_report.Consolidation",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    difficulty = models.ForeignKey(
        "plans.Difficulty", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    content = models.JSONField()
    sha256 = models.CharField(max_length=64)
    # The tasks of which it says more than the heading. When one of them comes to be followed by its
    # heading alone, it is out of sight until it is published anew; of a plan, that task's text is.
    lines = ArrayField(models.BigIntegerField(), default=list, blank=True)
    published_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField()
    withdrawn_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["plan"],
                name="portal_one_live_plan",
                condition=Q(kind=PublicationKind.PLAN) & LIVE,
                violation_error_message="Kế hoạch này đang được công khai.",
            ),
            models.UniqueConstraint(
                fields=["period"],
                name="portal_one_live_result_a_period",
                condition=Q(kind=PublicationKind.RESULTS) & LIVE,
                violation_error_message="Kết quả kỳ này đang được công khai.",
            ),
            models.UniqueConstraint(
                fields=["difficulty"],
                name="portal_one_live_answer",
                condition=Q(kind=PublicationKind.ANSWER) & LIVE,
                violation_error_message="Trả lời này đang được công khai.",
            ),
            models.CheckConstraint(
                name="portal_points_where_its_kind_says",
                condition=Q(
                    kind=PublicationKind.PLAN,
                    period__isnull=True,
                    consolidation__isnull=True,
                    difficulty__isnull=True,
                )
                | Q(
                    kind=PublicationKind.RESULTS,
                    period__isnull=False,
                    consolidation__isnull=False,
                    difficulty__isnull=True,
                )
                | Q(
                    kind=PublicationKind.ANSWER,
                    period__isnull=True,
                    consolidation__isnull=True,
                    difficulty__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="portal_withdrawal_is_whole",
                condition=Q(
                    withdrawn_by__isnull=True, withdrawn_at__isnull=True, withdrawn_reason=""
                )
                | (
                    Q(withdrawn_by__isnull=False, withdrawn_at__isnull=False)
                    & ~Q(withdrawn_reason="")
                ),
                violation_error_message="Gỡ công khai cần người gỡ và lý do.",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="content_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.withdrawn_at IS NOT NULL OR (OLD.content, OLD.sha256, OLD.lines, OLD.plan_id) "
                    "IS DISTINCT FROM (NEW.content, NEW.sha256, NEW.lines, NEW.plan_id)"
                ),
            ),
        ]

    def __str__(self) -> str:
        return (
            f"{self.get_kind_display()} #{self.plan_id}.{self.period_id or self.difficulty_id or 0}"
        )


class PublishedFile(models.Model):
    """One file of a publication that anybody may download."""

    publication = models.ForeignKey(Publication, on_delete=models.PROTECT, related_name="files")
    upload = models.ForeignKey("files.Upload", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["publication", "upload"], name="portal_one_such_file_a_publication"
            )
        ]

    def __str__(self) -> str:
        return f"{self.publication_id}: {self.upload_id}"
