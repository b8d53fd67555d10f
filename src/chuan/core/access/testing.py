"""Makers of viewings, and of a browser that has just proved who sits in front of it."""

from __future__ import annotations

import time

import factory
from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY,
    AUTHENTICATION_METHODS_SESSION_KEY,
)
from allauth.account.internal.userkit import user_id_to_str
from django.utils import timezone

from chuan.core.access.enums import VIEWING_LASTS
from chuan.core.access.models import Viewing
from chuan.core.access.rules import bodies_seen_by
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory


class ViewingFactory(factory.django.DjangoModelFactory):
    """An administrator's request to look as a clerk, made now.

    ViewingFactory(granted=True)   # the clerk agreed
    ViewingFactory(open=True)      # and it has begun
    """

    class Meta:
        model = Viewing

    class Params:
        granted = factory.Trait(
            answered_by=factory.SelfAttribute("person"),
            answered_at=factory.LazyFunction(timezone.now),
            is_granted=True,
            bodies=factory.LazyAttribute(lambda one: sorted(bodies_seen_by(one.person))),
        )
        open = factory.Trait(
            granted=True,
            started_at=factory.LazyFunction(timezone.now),
            ends_at=factory.LazyFunction(lambda: timezone.now() + VIEWING_LASTS),
        )

    person = factory.SubFactory(PersonFactory)
    asked_by = factory.SubFactory(PersonFactory, role=Role.SYSTEM_ADMINISTRATOR)
    asked_at = factory.LazyFunction(timezone.now)
    reason = "Không thấy nút nộp báo cáo"


def prove(client, person, *, method="mfa", at=None):
    """Let a test browser have shown its person's second factor just now."""
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": method, "at": at or time.time()}]
    session[_AUTHENTICATION_METHODS_USER_SESSION_KEY] = user_id_to_str(person)
    session.save()
