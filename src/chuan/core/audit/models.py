from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models


class Entry(models.Model):
    """One line of the ledger.

    It points at its subject by label and key, not by foreign key, so that it
    outlives the record and never blocks a lawful deletion. A line without an actor was
    written by the machine itself; `actor_name` then says which job.
    """

    action = models.CharField(max_length=100)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    actor_name = models.CharField(max_length=200)
    subject_model = models.CharField(max_length=100)
    subject_id = models.CharField(max_length=64)
    subject_name = models.CharField(max_length=500)
    details = models.JSONField(default=dict)
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["subject_model", "subject_id"], name="audit_by_subject"),
            models.Index(fields=["actor", "-id"], name="audit_by_actor"),
            models.Index(fields=["action", "-id"], name="audit_by_action"),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.action} {self.subject_model}:{self.subject_id}"


class Seal(models.Model):
    """The place of one line in the hash chain, given when its transaction commits.

    The database writes it in a deferred trigger (migration 0002): sealing at commit keeps the
    chain in commit order and holds its lock for a moment only. Nobody writes it from Python.
    """

    position = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="seal")
    previous_hash = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    class Meta:
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.position}: {bytes(self.hash).hex()[:16]}"
