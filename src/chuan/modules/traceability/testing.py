"""Makers of events and keys for tests."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

from django.utils import timezone

from chuan.modules.traceability.engine.documents import Document
from chuan.modules.traceability.engine.model import CONTEXT
from chuan.modules.traceability.enums import Scope
from chuan.modules.traceability.models import AccessKey
from chuan.modules.traceability.operations.keys import add_key

_numbers = itertools.count(1)
FIRST_DAY = datetime(2026, 3, 1, tzinfo=UTC)


def item(number, product="012345"):
    return f"urn:epc:id:sgtin:8934567.{product}.{number}"


def case(number):
    return f"urn:epc:id:sscc:8934567.0{number:09}"


def place(number):
    return f"urn:epc:id:sgln:8934567.{number:05}.0"


def at(hour):
    return (FIRST_DAY + timedelta(hours=hour)).isoformat().replace("+00:00", "Z")


def event(hour=0, *, kind="ObjectEvent", **more):
    """A valid event so many hours after the first day."""
    found = {"type": kind, "eventTime": at(hour), "eventTimeZoneOffset": "+07:00", **more}
    if kind == "ObjectEvent":
        found = {"action": "OBSERVE", "epcList": [item(1)], **found}
    return found


def packing(hour, action, parent, *children):
    return event(
        hour, kind="AggregationEvent", action=action, parentID=parent, childEPCs=list(children)
    )


def document(*events, **namespaces):
    context = [CONTEXT, *({prefix: uri} for prefix, uri in namespaces.items())]
    envelope = {
        "@context": context,
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": at(0),
        "epcisBody": {},
    }
    return Document(list(events), namespaces, envelope)


def one(found):
    """A document of a single bare event, as POST /events has it."""
    return Document([{"@context": CONTEXT, **found}])


def make_key(*scopes) -> tuple[AccessKey, str]:
    return add_key(name=f"key {next(_numbers)}", scopes=scopes or list(Scope), by="a test")


def revoked(key):
    key.revoked_at = timezone.now()
    key.save()
    return key
