"""Keys and capture jobs."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chuan.modules.traceability.enums import ErrorBehaviour, Scope


class AccessKey(models.Model):
    """What a machine shows to be let in; only a digest of it is kept."""

    name = models.CharField(max_length=100)
    digest = models.BinaryField(max_length=32, unique=True)
    scopes = models.JSONField(default=list)
    # Canonical link of the party whose machine this is; empty for an authority, which sees all.
    party = models.CharField(max_length=500, blank=True, db_collation="C")
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name"],
                condition=Q(revoked_at=None),
                name="traceability_one_key_of_a_name",
                violation_error_message=_("Đã có khóa đang dùng với tên này."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def opens(self, scope: Scope) -> bool:
        return self.revoked_at is None and scope in self.scopes


class CaptureJob(models.Model):
    """One document that was sent, and what became of it."""

    capture_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = models.ForeignKey(AccessKey, on_delete=models.PROTECT, related_name="+")
    behaviour = models.CharField(max_length=10, choices=ErrorBehaviour.choices)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    success = models.BooleanField()
    event_count = models.PositiveIntegerField()
    duplicate_count = models.PositiveIntegerField()
    errors = models.JSONField(default=list)

    class Meta:
        indexes = [models.Index(fields=["key", "-id"], name="traceability_jobs_of_key")]

    def __str__(self) -> str:
        return str(self.capture_id)
