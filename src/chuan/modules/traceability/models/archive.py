"""Months that are not in the database any more."""

from __future__ import annotations

from django.db import models


class ArchivedMonth(models.Model):
    """What was recorded in one month and lies in files now."""

    # The first day, UTC.
    month = models.DateField(unique=True)
    event_count = models.PositiveBigIntegerField()
    # Of each file, by the table whose rows it has: how many rows, and the SHA-256 of their lines.
    files = models.JSONField()
    archived_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"
