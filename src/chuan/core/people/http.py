from __future__ import annotations

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from chuan.core.people.models import Person


class SignedInRequest(HttpRequest):
    """What every view receives that is not marked public: `user` is a Person, never anonymous."""

    user: Person
    htmx: HtmxDetails
