from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

PERSON = settings.AUTH_USER_MODEL


class Package(models.Model):
    """One yearly archive package of a department: asked for, then made by a job.

    Its file is `var/archives/<id>.zip`; the hashes say whether that is still what was made.
    """

    year = models.PositiveSmallIntegerField()
    managed_by = models.ForeignKey("orgs.Organisation", on_delete=models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    made_at = models.DateTimeField(null=True, blank=True)
    manifest_sha256 = models.CharField(max_length=64, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    file_count = models.PositiveIntegerField(default=0)
    left_out_count = models.PositiveIntegerField(default=0)
    # What it was made by: the count of `engine.packing.RULES` then, and the tasks that were followed by
    # their heading alone. One made by fewer rules, or before another task was, is not handed out.
    rules = models.PositiveSmallIntegerField(default=1)
    heading_only = ArrayField(models.BigIntegerField(), default=list, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="archive_made_whole",
                condition=Q(made_at__isnull=True, manifest_sha256="")
                | (Q(made_at__isnull=False) & ~Q(manifest_sha256="")),
            )
        ]

    def __str__(self) -> str:
        return f"{self.year} #{self.pk}"
