"""What is known of places, parties and products beside their events."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from chuan.modules.traceability.enums import MasterKind
from chuan.modules.traceability.models.access import AccessKey


class MasterRecord(models.Model):
    """What one key told about one place, party or product, as it was told last (CBV 2.0, section 9).

    Names of attributes stand without their namespace. Whoever told of a thing first is believed;
    others have rows of their own, so that nobody rewrites somebody else's addresses.
    """

    uri = models.CharField(max_length=500, db_collation="C")
    kind = models.CharField(max_length=10, choices=MasterKind.choices)
    attributes = models.JSONField(default=dict)
    # Canonical links of what is inside it: rooms of a house, houses of a company.
    children = ArrayField(models.CharField(max_length=500), default=list)
    told_by = models.ForeignKey(AccessKey, on_delete=models.PROTECT, related_name="+")
    first_told_at = models.DateTimeField()
    told_at = models.DateTimeField()

    class Meta:
        indexes = [GinIndex(fields=["children"], name="traceability_master_children")]
        constraints = [
            models.UniqueConstraint(
                fields=["uri", "kind", "told_by"],
                name="traceability_master_told_once_by_each",
                violation_error_message=_("Dữ liệu này đã có."),
            )
        ]

    def __str__(self) -> str:
        return self.uri
