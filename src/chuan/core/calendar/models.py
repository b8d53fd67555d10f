from __future__ import annotations

from django.db import models


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
