"""Makers of days that break the week, for tests and for the demonstration data."""

from datetime import date

import factory

from chuan.core.calendar.models import DayException


class DayExceptionFactory(factory.django.DjangoModelFactory):
    """A confirmed public holiday: `DayExceptionFactory(day=date(2026, 9, 2))`.

    Traits: `swap_off=True` (a weekday off), `swap_on=True` (a weekend day worked).
    """

    class Meta:
        model = DayException

    class Params:
        swap_off = factory.Trait(kind=DayException.Kind.SWAP_OFF, title="Nghỉ hoán đổi")
        swap_on = factory.Trait(kind=DayException.Kind.SWAP_ON, title="Làm bù")

    day = date(2026, 9, 2)
    kind = DayException.Kind.HOLIDAY
    title = "Quốc khánh"
    is_confirmed = True
