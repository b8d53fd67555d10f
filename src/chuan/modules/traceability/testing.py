"""Makers of events, keys, products and places for tests."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import factory
from django.utils import timezone

from chuan.core.orgs.testing import OrganisationFactory
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.lib.vietnamese import sort_key
from chuan.modules.traceability.engine.digits import with_check_digit
from chuan.modules.traceability.engine.documents import Document
from chuan.modules.traceability.engine.keys import canonical
from chuan.modules.traceability.engine.model import CONTEXT
from chuan.modules.traceability.enums import ErrorBehaviour, Scope
from chuan.modules.traceability.models import (
    AccessKey,
    Certificate,
    ChainFinding,
    Lot,
    Party,
    Place,
    ProblemReport,
    Product,
    RecallNotice,
)
from chuan.modules.traceability.operations.capture import capture_document
from chuan.modules.traceability.operations.keys import add_key
from chuan.modules.traceability.operations.recalls import issue_recall, open_recall
from chuan.modules.traceability.rules import INSPECTION

_numbers = itertools.count(1)
FIRST_DAY = datetime(2026, 3, 1, tzinfo=UTC)
A_MONTH_LATER = FIRST_DAY + timedelta(days=30)


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


def with_master_data(held, **vocabularies):
    """The document with what it tells beside its events: `BusinessLocation={uri: {name: value}}`."""
    held.envelope["epcisHeader"] = {
        "epcisMasterData": {
            "vocabularyList": [
                {
                    "type": f"urn:epcglobal:epcis:vtype:{kind}",
                    "vocabularyElementList": [
                        {
                            "id": uri,
                            "attributes": [
                                {"id": f"urn:epcglobal:cbv:mda:{name}", "attribute": value}
                                for name, value in told.items()
                                if name != "children"
                            ],
                            "children": told.get("children", []),
                        }
                        for uri, told in entries.items()
                    ],
                }
                for kind, entries in vocabularies.items()
            ]
        }
    }
    return held


def capture(*events, key=None, **vocabularies):
    """Events as a machine sends them, with master data where some are given."""
    held = with_master_data(document(*events), **vocabularies)
    job = capture_document(
        key=key or make_key()[0], document=held, behaviour=ErrorBehaviour.ROLLBACK
    )
    return job


def making(hour, inputs, outputs, **more):
    """Inputs made into outputs; `{lot: kilograms}` for lots, a list for single things."""
    found = {}
    for side, told in (("input", inputs), ("output", outputs)):
        if isinstance(told, dict):
            found[f"{side}QuantityList"] = [
                {"epcClass": lot, "quantity": amount, "uom": "KGM"} for lot, amount in told.items()
            ]
        else:
            found[f"{side}EPCList"] = list(told)
    return event(hour, kind="TransformationEvent", **found, **more)


def lot(number, product="012345"):
    return f"urn:epc:class:lgtin:8934567.{product}.{number}"


def lot_of(product, number):
    """The canonical link of a lot of a registered product."""
    return f"{product.uri}/10/{number}"


def told(*lots):
    """Ten kilograms of each lot were made, an hour after the other; told by machines."""
    capture(
        *(
            event(
                hour,
                action="ADD",
                epcList=[],
                quantityList=[{"epcClass": lot, "quantity": 10, "uom": "KGM"}],
            )
            for hour, lot in enumerate(lots)
        )
    )


# ---------------------------------------------------------------- recalls
def opened(inspector, *identifiers, **more):
    """A recall that an inspector opened, as a rule a month after the first day."""
    if "organisation_id" not in more:
        more["organisation_id"] = min(inspector.organisation_ids(*INSPECTION))
    found = {
        "title": "Cá hộp nhiễm khuẩn",
        "reason": "Theo tin báo của ông A",
        "at": A_MONTH_LATER,
    }
    return open_recall(
        actor=inspector,
        identifiers=[one if one.endswith("/*") else canonical(one) for one in identifiers],
        **found | more,
    )


def issued(recall, leader, **more):
    """The same recall, ordered by a leader."""
    found = {"basis": "12/QĐ", "advice": "Ngừng bán, để riêng.", "version": 1, "at": A_MONTH_LATER}
    return issue_recall(actor=leader, recall=recall, **found | more)


def ordered(inspector, leader, *identifiers, **more):
    """A recall in force."""
    return issued(opened(inspector, *identifiers), leader, **more)


def recalled_at(at, *identifiers):
    """A recall in force since then, of a department of its own."""
    department = OrganisationFactory(notation="SKHCN")
    opener = PersonFactory(role=Role.DEPARTMENT_COORDINATOR, organisation=department)
    leader = PersonFactory(role=Role.DEPARTMENT_LEADER, organisation=department)
    return issued(opened(opener, *identifiers, at=at), leader, at=at)


def a_recall(*, actor):
    """A recall of one item, opened by an inspector."""
    capture(event(1, epcList=[item(next(_numbers))]))
    return opened(actor, item(1), at=timezone.now())


def told_of_recall(party):
    """The notice of a recall in force that a party has; of goods it once held."""
    capture(event(1, epcList=[item(next(_numbers))]))
    recall = recalled_at(timezone.now(), item(1))
    return RecallNotice.objects.create(
        recall=recall,
        holder=party.uri,
        holder_name=party.name,
        item_count=1,
        told_count=1,
        sent_by=recall.opened_by,
        sent_at=timezone.now(),
    )


def one(found):
    """A document of a single bare event, as POST /events has it."""
    return Document([{"@context": CONTEXT, **found}])


def make_key(*scopes, party=None, **more) -> tuple[AccessKey, str]:
    """A key of a party; without one, of an authority that watches over everything."""
    if party is None and "remit" not in more:
        more["sees_everything"] = True
    return add_key(
        name=f"key {next(_numbers)}",
        scopes=scopes or list(Scope),
        by="a test",
        party=party,
        **more,
    )


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


class ChainFindingFactory(factory.django.DjangoModelFactory):
    """Found, not yet looked into; no event shows it."""

    class Meta:
        model = ChainFinding

    rule = "received_twice"
    uri = factory.LazyFunction(lambda: f"https://id.gs1.org/01/{a_gtin(next(_numbers))}")
    text = "Hai nơi cùng nhận mà ở giữa không có lần xuất nào."
    happened_at = FIRST_DAY
    event_ids = [1, 2]
    digest = factory.Sequence(lambda n: f"{n:064}")
    found_at = FIRST_DAY
