"""Questions that machines keep under a name."""

from __future__ import annotations

from django.db import models

from chuan.modules.traceability.models.access import AccessKey


class NamedQuery(models.Model):
    """A question that the holder of a key keeps under a name; nobody else sees it."""

    key = models.ForeignKey(AccessKey, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    # As it was told: names of parameters and their values.
    question = models.JSONField()
    # What prefixes in names of extension fields mean.
    namespaces = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "name"], name="traceability_one_query_of_a_name")
        ]

    def __str__(self) -> str:
        return self.name
