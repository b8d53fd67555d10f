"""Makers of events, keys, products and places for tests."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import factory
from django.utils import timezone

from chuan.lib.vietnamese import sort_key
from chuan.modules.traceability.engine.digits import with_check_digit
from chuan.modules.traceability.engine.documents import Document
from chuan.modules.traceability.engine.model import CONTEXT
from chuan.modules.traceability.enums import Scope
from chuan.modules.traceability.models import (
    AccessKey,
    Certificate,
    Lot,
    Party,
    Place,
    ProblemReport,
    Product,
)
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


# ---------------------------------------------------------------- who, where, what
def a_gtin(number: int) -> str:
    return with_check_digit(f"0893456{number:06}")


def a_gln(number: int) -> str:
    return with_check_digit(f"8934567{number:05}")


class PartyFactory(factory.django.DjangoModelFactory):
    """A business without members; `PartyFactory(organisation=body)` has those of a body."""

    class Meta:
        model = Party

    name = factory.Sequence(lambda n: f"Hợp tác xã Thử {n}")
    address = "Thôn 1, xã Thử, tỉnh Gia Lai"
    sort_key = factory.LazyAttribute(lambda party: sort_key(party.name))


class PlaceFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Place

    party = factory.SubFactory(PartyFactory)
    kind = Place.Kind.PLANT
    name = factory.Sequence(lambda n: f"Cơ sở {n}")
    address = "Xã Thử, tỉnh Gia Lai"
    gln = factory.LazyFunction(lambda: a_gln(next(_numbers)))
    sort_key = factory.LazyAttribute(lambda place: sort_key(place.name))


class ProductFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Product

    party = factory.SubFactory(PartyFactory)
    gtin = factory.LazyFunction(lambda: a_gtin(next(_numbers)))
    name = factory.Sequence(lambda n: f"Xoài sấy {n}")
    brand = "Xoài Thử"
    category = "Trái cây chế biến"
    origin = "Việt Nam"
    target_market = "Việt Nam"
    sort_key = factory.LazyAttribute(lambda product: sort_key(product.name))


class CertificateFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Certificate

    product = factory.SubFactory(ProductFactory)
    title = "Giấy chứng nhận VietGAP"
    issuer = "Tổ chức chứng nhận Thử"
    issued_on = FIRST_DAY.date()


class LotFactory(factory.django.DjangoModelFactory):
    """A lot made on the first day, in a place of its product's party; no event tells of it."""

    class Meta:
        model = Lot

    product = factory.SubFactory(ProductFactory)
    number = factory.Sequence(lambda n: f"L{n}")
    made_at = FIRST_DAY
    made_in = factory.LazyAttribute(lambda lot: PlaceFactory(party=lot.product.party))
    quantity = 100
    uom = "KGM"


class ProblemReportFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ProblemReport

    uri = factory.LazyFunction(lambda: f"https://id.gs1.org/01/{a_gtin(next(_numbers))}")
    kind = ProblemReport.Kind.WRONG
    text = "Hạn sử dụng trên bao bì khác trên mạng."
    sent_at = FIRST_DAY
