from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from chuan.core.calendar.enums import ExtensionState

PERSON = settings.AUTH_USER_MODEL


class DayException(models.Model):
    """A day that breaks the weekly pattern: a public holiday, or a swap.

    One row is one day. A swap is two rows: the weekday taken off and the weekend day worked
    instead. Decided each year by the Prime Minister, so kept as data with its source.
    """

    class Kind(models.TextChoices):
        HOLIDAY = "holiday", "Nghỉ lễ, tết"
        SWAP_OFF = "swap_off", "Nghỉ hoán đổi"
        SWAP_ON = "swap_on", "Làm bù"

    day = models.DateField(unique=True)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    title = models.CharField(max_length=200)
    source = models.ForeignKey(
        "legal.LegalSource", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    # False while the yearly decision has not been published and the day follows from the Labour Code.
    is_confirmed = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.day:%d/%m/%Y} {self.title}"


class Extension(models.Model):
    """One asking for more time: why, until when, and what was decided.

    Whoever owes something by a day has a model of this kind that points to it. Asked for by the day
    itself (`was_in_time`), it stops that clock while it waits; refused, the day counts as before.
    """

    reason = models.TextField()
    # The day as it stood when it was asked, and the one asked for.
    due_on_before = models.DateField()
    proposed_due_on = models.DateField()
    state = models.CharField(
        max_length=16, choices=ExtensionState.choices, default=ExtensionState.WAITING
    )
    asked_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    granted_due_on = models.DateField(null=True, blank=True)
    # The text a grant rests on; why it was refused or taken back.
    answer = models.CharField(max_length=500, blank=True)
    closed_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(app_label)s_extension_is_for_later",
                condition=Q(proposed_due_on__gt=F("due_on_before")),
                violation_error_message="Ngày đề nghị phải sau hạn hiện tại.",
            ),
            models.CheckConstraint(
                name="%(app_label)s_closed_extension_says_who_when_and_why",
                condition=Q(
                    state=ExtensionState.WAITING,
                    closed_by__isnull=True,
                    closed_at__isnull=True,
                    answer="",
                )
                | (
                    ~Q(state=ExtensionState.WAITING)
                    & Q(closed_by__isnull=False, closed_at__isnull=False)
                    & ~Q(answer="")
                ),
                violation_error_message="Quyết định về gia hạn cần người, ngày và căn cứ hoặc lý do.",
            ),
            models.CheckConstraint(
                name="%(app_label)s_granted_extension_has_its_day",
                condition=Q(state=ExtensionState.GRANTED, granted_due_on__gt=F("due_on_before"))
                | (~Q(state=ExtensionState.GRANTED) & Q(granted_due_on__isnull=True)),
                violation_error_message="Gia hạn phải đến một ngày sau hạn hiện tại.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.due_on_before:%d/%m/%Y} → {self.proposed_due_on:%d/%m/%Y}"

    @property
    def asked_on(self) -> date:
        return timezone.localdate(self.asked_at)

    @property
    def was_in_time(self) -> bool:
        return self.asked_on <= self.due_on_before

    @property
    def is_waiting(self) -> bool:
        return self.state == ExtensionState.WAITING
