"""What does not fit in chains, as rows that inspectors go through."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

PERSON = settings.AUTH_USER_MODEL


class ChainCheck(models.Model):
    """One night's look at what events have told since the night before."""

    # Events recorded before this instant were looked at.
    until = models.DateTimeField()
    thing_count = models.PositiveIntegerField()
    found_count = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.until}"


class ChainFinding(models.Model):
    """One thing that does not fit in a chain, with the events that show it, until somebody has
    looked into it or the events say otherwise."""

    class State(models.TextChoices):
        OPEN = "open", _("Chưa xem xét")
        CLOSED = "closed", _("Đã xem xét")
        GONE = "gone", _("Không còn")

    # Key of one of `engine.checks.checks`.
    rule = models.CharField(max_length=40)
    uri = models.CharField(max_length=500, db_collation="C")
    text = models.TextField()
    place_name = models.CharField(max_length=300, blank=True)
    happened_at = models.DateTimeField()
    event_ids = ArrayField(models.BigIntegerField())
    # Of rule, thing and events: the same again is the same row.
    digest = models.CharField(max_length=64, unique=True)
    found_at = models.DateTimeField()
    state = models.CharField(max_length=6, choices=State.choices, default=State.OPEN)
    reason = models.TextField(blank=True)
    closed_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    search_key = models.GeneratedField(
        expression=models.Func(
            models.Func(
                *("uri", models.Value(" "), "text", models.Value(" "), "place_name"),
                template="(%(expressions)s)",
                arg_joiner=" || ",
            ),
            function="chuan_fold",
        ),
        output_field=models.TextField(),
        db_persist=True,
    )

    class Meta:
        indexes = [
            models.Index(fields=["state", "-happened_at"], name="traceability_findings_by_state"),
            models.Index(fields=["uri"], name="traceability_findings_of_thing"),
        ]
        constraints = [
            models.CheckConstraint(
                name="traceability_finding_closed_by_somebody",
                condition=Q(state="closed", closed_by__isnull=False, closed_at__isnull=False)
                & ~Q(reason="")
                | ~Q(state="closed") & Q(closed_by=None, closed_at=None, reason=""),
                violation_error_message=_("Kết thúc xem xét cần người, thời điểm và lý do."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.rule}: {self.uri}"
