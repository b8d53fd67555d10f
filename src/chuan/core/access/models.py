from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from chuan.core.access.enums import VIEWING_WAITS, ViewingState


class Viewing(models.Model):
    """One person looks, for half an hour and without touching anything, at what another one sees.

    Asked for with a reason, agreed to by the person or their head, never by who asked.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField()
    reason = models.CharField(max_length=300)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    is_granted = models.BooleanField(default=False)
    # Whose papers the person saw when it was agreed to; it is over when there are more.
    bodies = ArrayField(models.BigIntegerField(), default=list, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    # Whatever happens, nothing is seen from this instant on.
    ends_at = models.DateTimeField(null=True, blank=True)
    # Somebody ended it before that, or withdrew it before it began.
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        indexes = [
            models.Index(fields=["person", "-asked_at"], name="access_viewings_of"),
            models.Index(fields=["asked_by", "-asked_at"], name="access_viewings_by"),
        ]
        constraints = [
            models.CheckConstraint(
                name="access_nobody_views_as_themselves",
                condition=~models.Q(person=models.F("asked_by")),
                violation_error_message=_("Không ai xin xem như chính mình."),
            ),
            models.CheckConstraint(
                name="access_viewing_is_answered_by_another",
                condition=models.Q(answered_by=None, answered_at=None, is_granted=False)
                | (
                    models.Q(answered_by__isnull=False, answered_at__isnull=False)
                    & ~models.Q(answered_by=models.F("asked_by"))
                ),
                violation_error_message=_("Người xin xem không tự đồng ý cho mình."),
            ),
            models.CheckConstraint(
                name="access_viewing_starts_when_granted",
                condition=models.Q(started_at=None, ends_at=None)
                | models.Q(
                    is_granted=True,
                    started_at__isnull=False,
                    ends_at__gt=models.F("started_at"),
                ),
                violation_error_message=_("Chỉ xem khi đã được đồng ý, và có giờ kết thúc."),
            ),
            models.CheckConstraint(
                name="access_viewing_ended_by_somebody",
                condition=models.Q(ended_at=None, ended_by=None)
                | models.Q(ended_at__isnull=False, ended_by__isnull=False),
                violation_error_message=_("Kết thúc cần cả người và thời điểm."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.asked_by} → {self.person}"

    @property
    def declined_at(self) -> datetime | None:
        """When somebody else than who asked said no, or put an end to it."""
        if self.answered_at and not self.is_granted:
            return self.answered_at
        return self.ended_at if self.ended_by_id != self.asked_by_id else None

    def state_at(self, instant: datetime) -> ViewingState:
        if self.started_at and self.ends_at:
            is_open = self.ended_at is None and instant < self.ends_at
            return ViewingState.OPEN if is_open else ViewingState.OVER
        if self.answered_at and not self.is_granted:
            return ViewingState.REFUSED
        if self.ended_at or instant >= (self.answered_at or self.asked_at) + VIEWING_WAITS:
            return ViewingState.LAPSED
        return ViewingState.GRANTED if self.is_granted else ViewingState.ASKED


class ViewedPage(models.Model):
    """One address that was opened, or tried, while looking as another person."""

    viewing = models.ForeignKey(Viewing, on_delete=models.PROTECT, related_name="pages")
    at = models.DateTimeField()
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=500)
    status = models.PositiveSmallIntegerField()

    class Meta:
        indexes = [models.Index(fields=["viewing", "at"], name="access_pages_of_viewing")]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"
