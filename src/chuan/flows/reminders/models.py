from __future__ import annotations

from django.conf import settings
from django.db import models


class Digest(models.Model):
    """What one person was reminded of on one working day. One a day, whatever happens.

    `content` is what they were told: {"sections": [{"kind", "total", "more_url", "lines": [{"ref",
    "text", "note", "url"}]}], "things": ["work:41", …]}; `things` names all of it, the lines only
    the first ones of each section.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    title = models.CharField(max_length=300)
    content = models.JSONField()
    is_mailed = models.BooleanField(default=False)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "day"], name="reminders_one_digest_a_day")
        ]
        indexes = [models.Index(fields=["day"], name="reminders_digest_by_day")]

    def __str__(self) -> str:
        return self.title


class DigestRun(models.Model):
    """One working day on which everybody who was due a digest has one."""

    day = models.DateField(unique=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    given = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.day:%d/%m/%Y}: {self.given}"


class CalendarFeed(models.Model):
    """The address under which a person's calendar program reads their deadlines.

    The key in it is shown once and kept as a hash: who reads the table cannot read the calendar.
    """

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", primary_key=True
    )
    key_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"#{self.person_id}"
