"""Keys and capture jobs."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from copy import copy
from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chuan.modules.traceability.engine.quotas import STANDARD
from chuan.modules.traceability.enums import ErrorBehaviour, Scope

# In a remit: every event there is.
EVERYTHING = "*"


class AccessKey(models.Model):
    """What a machine shows to be let in; only a digest of it is kept.

    It is the key of a party, which sees what concerns that party, or of an authority, whose `remit`
    says what it sees: everything, or what concerns some parties. With an empty remit it is nobody's
    yet, and sees what was told with it and nothing else.
    """

    name = models.CharField(max_length=100)
    digest = models.BinaryField(max_length=32, unique=True)
    scopes = models.JSONField(default=list)
    party = models.ForeignKey(
        "traceability.Party", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # Codes of parties, or EVERYTHING; null for the key of a party.
    remit = models.JSONField(null=True, blank=True)
    # A class of `data/quotas.toml`.
    quota = models.CharField(max_length=20, default=STANDARD)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    # The text before the last change, which is good for a while longer.
    previous_digest = models.BinaryField(max_length=32, null=True, blank=True, unique=True)
    previous_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name"],
                condition=Q(revoked_at=None),
                name="traceability_one_key_of_a_name",
                violation_error_message=_("Đã có khóa đang dùng với tên này."),
            ),
            models.CheckConstraint(
                condition=Q(party__isnull=False, remit__isnull=True)
                | Q(party=None, remit__isnull=False),
                name="traceability_key_of_party_or_authority",
                violation_error_message=_("Khóa là của một đơn vị, hoặc của một cơ quan quản lý."),
            ),
            models.CheckConstraint(
                condition=Q(previous_digest=None, previous_until=None)
                | Q(previous_digest__isnull=False, previous_until__isnull=False),
                name="traceability_old_key_has_an_end",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_nobodys(self) -> bool:
        return self.party_id is None and not self.remit

    @property
    def sees_everything(self) -> bool:
        return self.remit is not None and EVERYTHING in self.remit

    def is_good(self, *, at: datetime) -> bool:
        """Whether it lets anybody in at this instant."""
        return self.revoked_at is None and (self.expires_at is None or at < self.expires_at)

    def has_digest(self, digest: bytes, *, at: datetime) -> bool:
        """Whether this is its text's, or for a while longer that of the text before."""
        if bytes(self.digest) == digest:
            return True
        before, until = self.previous_digest, self.previous_until
        return before is not None and bytes(before) == digest and until is not None and at < until

    def opens(self, scope: Scope, *, at: datetime) -> bool:
        return self.is_good(at=at) and scope in self.scopes

    def narrowed(self, scopes: Collection[str]) -> AccessKey:
        """The same with no more than these scopes, for one request: never saved."""
        narrowed = copy(self)
        narrowed.scopes = sorted(set(self.scopes) & set(scopes))
        return narrowed


class KeyUse(models.Model):
    """How much one key asked and told in one minute or on one day (UTC)."""

    class Span(models.TextChoices):
        MINUTE = "minute"
        DAY = "day"

    key = models.ForeignKey(AccessKey, on_delete=models.CASCADE, related_name="+")
    span = models.CharField(max_length=6, choices=Span.choices)
    since = models.DateTimeField()
    requests = models.PositiveBigIntegerField()
    events = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key", "span", "since"], name="traceability_one_count_of_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.since}"


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
