"""Questions that machines keep under a name, and where answers are sent."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

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


class Subscription(models.Model):
    """Where the answers to a query are sent, when, and how far that has come."""

    subscription_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    query = models.ForeignKey(NamedQuery, on_delete=models.PROTECT, related_name="+")
    dest = models.CharField(max_length=2000)
    # What the receiver and this server sign with; shown to nobody again.
    signature_token = models.CharField(max_length=500, blank=True)
    # Fields of `engine/schedule.py`; empty for a stream, which is told at once.
    schedule = models.JSONField(default=dict, blank=True)
    report_if_empty = models.BooleanField(default=False)
    initial_record_time = models.DateTimeField(null=True, blank=True)
    epc_format = models.CharField(max_length=30)
    created_at = models.DateTimeField()
    # The place in the feed (`store/feed.py`) up to which a receiver has said it has everything.
    position = models.BigIntegerField()
    taken = models.IntegerField()
    # When the query was asked last, and when a receiver said yes last.
    asked_at = models.DateTimeField(null=True, blank=True)
    notified_at = models.DateTimeField(null=True, blank=True)
    # When it is to be asked next; empty for a stream that nothing holds up.
    due_at = models.DateTimeField(null=True, blank=True)
    # Until when a worker that may have died has it to itself.
    busy_until = models.DateTimeField(null=True, blank=True)
    # Since the receiver said yes last.
    failure_count = models.PositiveIntegerField(default=0)
    failed_at = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="traceability_subscriptions_due"),
            models.Index(
                fields=["position"], name="traceability_streams", condition=Q(schedule={})
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(failed_at=None, failure_count=0, failure="")
                | Q(failed_at__isnull=False, failure_count__gt=0) & ~Q(failure=""),
                name="traceability_failures_together",
            )
        ]

    def __str__(self) -> str:
        return str(self.subscription_id)

    @property
    def is_stream(self) -> bool:
        return not self.schedule


class ForgottenToken(models.Model):
    """A page token that is good for nothing more, for as long as its signature would be."""

    digest = models.BinaryField(max_length=32, unique=True)
    until = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["until"], name="traceability_tokens_until")]

    def __str__(self) -> str:
        return f"{bytes(self.digest).hex()[:12]}"
