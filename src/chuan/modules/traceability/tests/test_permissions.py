"""Every operation of people × every role × own or another party."""

import itertools
from dataclasses import asdict
from datetime import timedelta
from decimal import Decimal
from functools import partial
from uuid import uuid4

import pytest
from django.utils import timezone

from chuan.core.orgs.testing import OrganisationFactory
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory, lets_in
from chuan.core.workbooks.drawing import draw
from chuan.core.workbooks.testing import filled_in, sheet_of, where
from chuan.modules.traceability.models import ChainFinding, Link, LinkFile, Shipment
from chuan.modules.traceability.operations import (
    answers,
    corrections,
    findings,
    links,
    pictures,
    production,
    registry,
    reports,
    workbook,
)
from chuan.modules.traceability.operations.production import NewLot, Shipped
from chuan.modules.traceability.queries.workbook import HARVEST, workbook_of
from chuan.modules.traceability.testing import (
    CertificateFactory,
    LotFactory,
    PartyFactory,
    PlaceFactory,
    ProblemReportFactory,
    ProductFactory,
    a_gtin,
    told_of_recall,
)

pytestmark = pytest.mark.django_db

DEPARTMENT = {Role.DEPARTMENT_COORDINATOR, Role.DEPARTMENT_LEADER}
MEMBERS = {Role.UNIT_CLERK, Role.UNIT_HEAD}
PARTY = {"name": "Hợp tác xã Mới", "address": "Xã Mới"}
PLACE = {"kind": "farm", "name": "Vườn 1", "address": "Xã Mới"}
PRODUCT = {
    "name": "Xoài tươi",
    "category": "Trái cây",
    "origin": "Việt Nam",
    "target_market": "Việt Nam",
}


def _link(party):
    return Link.objects.create(
        party=party, anchor="https://id.gs1.org/01/09506000134352", link_type="pip", title="x"
    )


def _new_link(party):
    product = ProductFactory(party=party)
    return links.NewLink(product.gtin, "pip", "https://example.vn/x", "Trang")


def _link_file(party, *, loaded=False):
    somebody = PersonFactory()
    now = timezone.now()
    return LinkFile.objects.create(
        party=party,
        name="a.csv",
        links=[asdict(_new_link(party))],
        sent_at=now,
        sent_by=somebody,
        **({"loaded_at": now, "loaded_by": somebody} if loaded else {}),
    )


def _sent(party):
    return Shipment.objects.create(
        uri=f"urn:uuid:{uuid4()}",
        sender=party,
        receiver=PartyFactory(),
        sent_from=PlaceFactory(party=party),
        sent_at=timezone.now(),
    )


def _answer(party, actor):
    return answers.answer_recall(
        actor=actor,
        recall=told_of_recall(party).recall,
        party=party,
        text="Đã để riêng 5 thùng.",
        at=timezone.now(),
    )


def _harvest(party, actor):
    return production.tell_harvest(
        actor=actor,
        new=NewLot(ProductFactory(party=party), "V1", Decimal(10), "KGM"),
        place=PlaceFactory(party=party),
        at=timezone.now(),
    )


def _receive(party, actor):
    shipment = Shipment.objects.create(
        uri="urn:uuid:0b7b7f6e-7f1c-4d5e-9a52-5a0e2e9b9f10",
        sender=PartyFactory(),
        receiver=party,
        sent_from=PlaceFactory(),
        sent_at=timezone.now() - timedelta(hours=1),
    )
    return production.tell_receiving(
        actor=actor, shipment=shipment, place=PlaceFactory(party=party), at=timezone.now()
    )


def _close(party, actor):
    finding = ChainFinding.objects.create(
        rule="too_fast",
        uri=party.uri,
        text="Cách nhau 900 km mà chỉ sau 5 phút.",
        happened_at=timezone.now(),
        event_ids=[1, 2],
        digest="0" * 64,
        found_at=timezone.now(),
    )
    return findings.close_finding(actor=actor, finding=finding, reason="Đã hỏi.", at=timezone.now())


def _take_over(party, actor):
    place, product = PlaceFactory(party=party), ProductFactory(party=party)
    book = workbook_of(party)
    row = {
        "product": f"{product.name} – {product.gtin}",
        "number": "V1",
        "quantity": 1,
        "place": place.name,
        "day": timezone.localdate() - timedelta(days=1),
    }

    def fill(opened):
        for column, value in row.items():
            sheet_of(opened, HARVEST)[where(book.table(HARVEST), 0, column)] = value

    told = workbook.take_over_workbook(
        actor=actor,
        party=party,
        name="a.xlsx",
        content=filled_in(draw(book), fill),
        at=timezone.now(),
    )
    return told.count and party


# operation: (what it is called with, roles that may anywhere, roles that may for their own party)
TABLE = {
    findings.close_finding: (_close, DEPARTMENT, set()),
    production.tell_receiving: (_receive, set(), MEMBERS),
    workbook.take_over_workbook: (_take_over, set(), MEMBERS),
    registry.add_party: (
        lambda party, actor: registry.add_party(actor=actor, facts=PARTY),
        DEPARTMENT,
        set(),
    ),
    registry.link_organisation: (
        lambda party, actor: registry.link_organisation(
            actor=actor, party=party, version=1, organisation=None
        ),
        DEPARTMENT,
        set(),
    ),
    registry.change_party: (
        lambda party, actor: registry.change_party(
            actor=actor, party=party, version=1, facts=PARTY
        ),
        DEPARTMENT,
        MEMBERS,
    ),
    registry.add_place: (
        lambda party, actor: registry.add_place(actor=actor, party=party, facts=PLACE),
        DEPARTMENT,
        MEMBERS,
    ),
    registry.change_place: (
        lambda party, actor: registry.change_place(
            actor=actor, place=PlaceFactory(party=party), version=1, facts=PLACE
        ),
        DEPARTMENT,
        MEMBERS,
    ),
    registry.add_product: (
        lambda party, actor: registry.add_product(
            actor=actor, party=party, gtin=a_gtin(900001), facts=PRODUCT
        ),
        DEPARTMENT,
        MEMBERS,
    ),
    registry.change_product: (
        lambda party, actor: registry.change_product(
            actor=actor, product=ProductFactory(party=party), version=1, facts=PRODUCT
        ),
        DEPARTMENT,
        MEMBERS,
    ),
    registry.confirm_number: (
        lambda party, actor: (
            registry.confirm_number(
                actor=actor, row=ProductFactory(party=party, is_confirmed=False)
            )
            or party
        ),
        DEPARTMENT,
        set(),
    ),
    registry.refuse_number: (
        lambda party, actor: (
            registry.refuse_number(actor=actor, row=ProductFactory(party=party, is_confirmed=False))
            or party
        ),
        DEPARTMENT,
        set(),
    ),
    registry.add_certificate: (
        lambda party, actor: registry.add_certificate(
            actor=actor,
            product=ProductFactory(party=party),
            title="Phiếu thử",
            issuer="Phòng thử",
            issued_on=timezone.localdate(),
        ),
        DEPARTMENT,
        MEMBERS,
    ),
    registry.withdraw_certificate: (
        lambda party, actor: registry.withdraw_certificate(
            actor=actor,
            paper=CertificateFactory(product__party=party),
            at=timezone.now(),
        ),
        DEPARTMENT,
        MEMBERS,
    ),
    links.set_links: (
        lambda party, actor: links.set_links(actor=actor, party=party, links=[]) and party,
        DEPARTMENT,
        MEMBERS,
    ),
    links.change_link: (
        lambda party, actor: links.change_link(
            actor=actor, link=_link(party), version=1, new=_new_link(party)
        ),
        DEPARTMENT,
        MEMBERS,
    ),
    links.keep_link_file: (
        lambda party, actor: links.keep_link_file(
            actor=actor, party=party, name="a.csv", links=[_new_link(party)], at=timezone.now()
        ),
        DEPARTMENT,
        MEMBERS,
    ),
    links.load_link_file: (
        lambda party, actor: links.load_link_file(
            actor=actor, file=_link_file(party), shown=(1, 0), at=timezone.now()
        ),
        DEPARTMENT,
        MEMBERS,
    ),
    links.undo_link_file: (
        lambda party, actor: (
            links.undo_link_file(
                actor=actor, file=_link_file(party, loaded=True), at=timezone.now()
            )
            and party
        ),
        DEPARTMENT,
        MEMBERS,
    ),
    links.remove_link: (
        lambda party, actor: links.remove_link(actor=actor, link=_link(party)) or party,
        DEPARTMENT,
        MEMBERS,
    ),
    production.tell_harvest: (
        _harvest,
        set(),
        MEMBERS,
    ),
    production.tell_packing: (
        lambda party, actor: production.tell_packing(
            actor=actor,
            new=NewLot(ProductFactory(party=party), "S1", Decimal(5)),
            inputs=[LotFactory(product__party=party)],
            place=PlaceFactory(party=party),
            at=timezone.now(),
        ),
        set(),
        MEMBERS,
    ),
    production.tell_shipping: (
        lambda party, actor: (
            production.tell_shipping(
                actor=actor,
                goods=[Shipped(LotFactory(product__party=party), Decimal(5))],
                receiver=PartyFactory(),
                place=PlaceFactory(party=party),
                at=timezone.now(),
            )
            and party
        ),
        set(),
        MEMBERS,
    ),
    corrections.take_back: (
        lambda party, actor: (
            [
                corrections.take_back(actor=actor, told=told, reason="Gõ nhầm.", at=timezone.now())
                for told in (LotFactory(product__party=party), _sent(party))
            ]
            and party
        ),
        set(),
        MEMBERS,
    ),
    answers.answer_recall: (_answer, set(), MEMBERS),
    reports.close_problem: (
        lambda party, actor: reports.close_problem(
            actor=actor, report=ProblemReportFactory(), outcome="Đã kiểm tra.", at=timezone.now()
        ),
        DEPARTMENT,
        set(),
    ),
}
# Steps of the operations above: what files they keep, by the rule of files.
STEPS = {pictures.store_picture, pictures.store_paper}


@pytest.mark.parametrize("operation", TABLE, ids=lambda operation: operation.__name__)
def test_the_department_keeps_everything_and_members_their_own(operation):
    call, anywhere, own = TABLE[operation]
    body, other = OrganisationFactory(), OrganisationFactory()

    def does_it(role, organisation):
        """Each on a party of its own: what was done is undone, but what was read of it may be left."""
        party = PartyFactory(organisation=body)
        actor = PersonFactory(role=role, organisation=organisation)
        assert call(party, actor).pk

    got_in = {
        (role, organisation)
        for role, organisation in itertools.product(Role, (body, other))
        if lets_in(partial(does_it, role, organisation))
    }
    expected = set(itertools.product(anywhere, (body, other))) | set(itertools.product(own, [body]))
    assert got_in == expected
