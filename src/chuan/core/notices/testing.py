"""Makers of notices and letters."""

from __future__ import annotations

import factory
from django.utils import timezone

from chuan.core.notices.models import Notice, OutgoingMail
from chuan.core.people.testing import PersonFactory


class NoticeFactory(factory.django.DjangoModelFactory):
    """An unread notice: `NoticeFactory(person=…, read=True)` for one that was read."""

    class Meta:
        model = Notice

    class Params:
        read = factory.Trait(read_at=factory.LazyFunction(timezone.now))

    person = factory.SubFactory(PersonFactory)
    dedupe_key = factory.Sequence(lambda n: f"tests.told:{n}")
    title = factory.Sequence(lambda n: f"Báo cáo số {n} được trả lại")
    created_at = factory.LazyFunction(timezone.now)


class OutgoingMailFactory(factory.django.DjangoModelFactory):
    """A letter that waits to be sent."""

    class Meta:
        model = OutgoingMail

    person = factory.SubFactory(PersonFactory)
    dedupe_key = factory.Sequence(lambda n: f"tests.letter:{n}")
    address = factory.SelfAttribute("person.email")
    subject = factory.Sequence(lambda n: f"Thư số {n}")
    body = "Kính gửi …"
    created_at = factory.LazyFunction(timezone.now)
    due_at = factory.SelfAttribute("created_at")
