"""Nobody speaks for goods whose numbers were lent to somebody else."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from chuan.core.orgs.testing import OrganisationFactory
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.lib.rules import Denied
from chuan.modules.traceability.engine.digits import with_check_digit
from chuan.modules.traceability.engine.schemes import BY_AI
from chuan.modules.traceability.enums import MasterKind
from chuan.modules.traceability.models import Link, Place, Product
from chuan.modules.traceability.operations import production, registry
from chuan.modules.traceability.operations.links import NewLink, WrongLinks, set_links
from chuan.modules.traceability.operations.production import NewLot
from chuan.modules.traceability.queries.master import known, organisations_of
from chuan.modules.traceability.queries.numbers import Owned
from chuan.modules.traceability.testing import (
    CertificateFactory,
    PartyFactory,
    PlaceFactory,
    ProductFactory,
    a_gln,
)

pytestmark = pytest.mark.django_db

PREFIX = "8934567"
GTIN, NEXT_GTIN = "08934567000017", "08934567000024"
OUTSIDE = "09506000134352"
PRODUCT = {"name": "Xoài", "category": "x", "origin": "Việt Nam", "target_market": "Việt Nam"}
PLACE = {"kind": "plant", "name": "Xưởng", "address": "Xã Thử"}


@pytest.fixture
def owned():
    """A product of a business that GS1 lent a prefix to."""
    body = OrganisationFactory()
    return ProductFactory(gtin=GTIN, party__company_prefix=PREFIX, party__organisation=body)


def a_member(party=None):
    party = party or PartyFactory(organisation=OrganisationFactory())
    return PersonFactory(organisation=party.organisation), party


def coordinator():
    return PersonFactory(role=Role.DEPARTMENT_COORDINATOR)


def to(uri, href="https://evil.example/", **more):
    return NewLink(uri, "pip", href, "Trang", **more)


# ---------------------------------------------------------------- what was issued to a party
@pytest.mark.parametrize(
    ("field", "value"),
    [("company_prefix", PREFIX), ("gln", a_gln(1)), ("tax_code", "0100109106")],
)
def test_a_business_does_not_give_itself_the_numbers_issued_to_it(field, value):
    clerk, party = a_member()

    with pytest.raises(Denied, match="đối chiếu"):
        registry.change_party(actor=clerk, party=party, version=1, facts={field: value})

    party.refresh_from_db()
    assert getattr(party, field) == ""
    registry.change_party(actor=coordinator(), party=party, version=1, facts={field: value})
    party.refresh_from_db()
    assert getattr(party, field) == value


def test_the_form_of_a_business_asks_it_for_no_number(client):
    clerk, party = a_member()
    client.force_login(clerk)

    form = client.get(reverse("traceability:change-party", args=[party.pk])).context["form"]

    assert {"tax_code", "gln", "company_prefix"}.isdisjoint(form.fields)


@pytest.mark.parametrize("prefix", [PREFIX, PREFIX[:6], PREFIX + "1"])
def test_two_parties_do_not_hold_prefixes_that_cover_each_other(owned, prefix):
    with pytest.raises(ValidationError) as refused:
        registry.change_party(
            actor=coordinator(), party=PartyFactory(), version=1, facts={"company_prefix": prefix}
        )

    assert list(refused.value.message_dict) == ["company_prefix"]


# ---------------------------------------------------------------- links
def test_a_link_of_a_product_is_set_by_its_party_alone_whatever_prefix_another_holds(owned):
    squatter, party = a_member(
        PartyFactory(company_prefix="950600", organisation=OrganisationFactory())
    )
    other = ProductFactory(gtin=OUTSIDE)

    with pytest.raises(WrongLinks):
        set_links(actor=squatter, party=party, links=[to(other.uri, is_default=True)])

    assert not Link.objects.exists()
    assert set_links(
        actor=squatter, party=party, links=[to("https://id.gs1.org/01/09506000000008")]
    ) == (1, 0)


def test_a_link_that_another_party_told_is_not_rewritten(owned):
    clerk, _party = a_member(owned.party)
    before = PartyFactory()
    Link.objects.create(
        anchor=owned.uri, party=before, link_type="pip", href="https://x.vn/", title="Của họ"
    )

    with pytest.raises(WrongLinks, match="đơn vị khác"):
        set_links(actor=clerk, party=owned.party, links=[to(owned.uri, "https://x.vn/")])

    link = Link.objects.get()
    assert (link.title, link.party) == ("Của họ", before)


def test_a_load_of_links_asks_as_many_questions_as_one_link(owned, django_assert_max_num_queries):
    clerk, party = a_member(owned.party)
    counts = []
    for number in (1, 30):
        with django_assert_max_num_queries(100) as asked:
            links = [to(owned.uri, f"https://x.vn/{number}/{one}") for one in range(number)]
            set_links(actor=clerk, party=party, links=links)
        counts.append(len(asked))

    # The first also asks what the person may do.
    assert counts[1] <= counts[0]


# ---------------------------------------------------------------- products and places
def test_a_gtin_under_the_prefix_of_another_party_is_refused_to_everybody(owned):
    clerk, party = a_member()

    for actor in (clerk, coordinator()):
        with pytest.raises(ValidationError) as refused:
            registry.add_product(actor=actor, party=party, gtin=NEXT_GTIN, facts=PRODUCT)
        assert list(refused.value.message_dict) == ["gtin"]

    mine = registry.add_product(
        actor=a_member(owned.party)[0], party=owned.party, gtin=NEXT_GTIN, facts=PRODUCT
    )
    assert mine.is_confirmed


def test_a_gln_of_another_party_is_refused(owned):
    clerk, party = a_member()
    named = PartyFactory(gln="9506000134352")

    for gln in (a_gln(77), named.gln):
        with pytest.raises(ValidationError) as refused:
            registry.add_place(actor=clerk, party=party, facts={**PLACE, "gln": gln})
        assert list(refused.value.message_dict) == ["gln"]
    assert not Place.objects.exists()


def test_a_gtin_outside_every_known_prefix_is_not_public_until_the_department_confirms_it(client):
    clerk, party = a_member()
    product = registry.add_product(actor=clerk, party=party, gtin=OUTSIDE, facts=PRODUCT)
    paper = CertificateFactory(product=product)
    shown = reverse("scan:show", args=[f"01/{OUTSIDE}"])

    assert client.get(shown).status_code == 404
    with pytest.raises(WrongLinks):
        set_links(actor=clerk, party=party, links=[to(product.uri)])
    with pytest.raises(ValidationError, match="xác nhận"):
        production.tell_harvest(
            actor=clerk,
            new=NewLot(product, "L1", Decimal(5)),
            place=PlaceFactory(party=party),
            at=timezone.now() - timedelta(days=1),
        )

    client.force_login(coordinator())
    page = client.get(reverse("traceability:product", args=[product.pk]))
    assert "Chờ xác nhận" in client.get(reverse("traceability:products")).text
    assert reverse("traceability:decide-gtin", args=[product.pk]) in page.text
    client.post(reverse("traceability:decide-gtin", args=[product.pk]), {"answer": "confirm"})
    answer = Client().get(shown)
    assert answer.status_code == 200
    assert paper.title in answer.text


def test_a_number_that_is_not_its_party_s_is_taken_away(client):
    clerk, party = a_member()
    product = registry.add_product(actor=clerk, party=party, gtin=OUTSIDE, facts=PRODUCT)
    place = registry.add_place(actor=clerk, party=party, facts={**PLACE, "gln": "9506000134352"})
    CertificateFactory(product=product)
    assert place.uri == f"urn:uuid:{place.code}"

    client.force_login(coordinator())
    client.post(reverse("traceability:decide-gtin", args=[product.pk]), {"answer": "refuse"})
    client.post(reverse("traceability:decide-gln", args=[place.pk]), {"answer": "refuse"})

    place.refresh_from_db()
    assert (place.gln, place.is_confirmed) == ("", True)
    assert not Product.objects.exists()


def test_a_place_keeps_its_waiting_number_to_itself(client):
    clerk, party = a_member()
    place = registry.add_place(actor=clerk, party=party, facts={**PLACE, "gln": "9506000134352"})
    shown = reverse("scan:show", args=[f"414/{place.gln}"])
    assert client.get(shown).status_code == 404

    client.force_login(coordinator())
    page = client.get(reverse("traceability:change-place", args=[place.pk]))
    assert reverse("traceability:decide-gln", args=[place.pk]) in page.text
    client.post(reverse("traceability:decide-gln", args=[place.pk]), {"answer": "confirm"})

    assert client.get(shown).status_code == 200
    place.refresh_from_db()
    assert place.uri == f"https://id.gs1.org/414/{place.gln}"


def test_whoever_comes_second_with_a_gtin_reads_why_and_sees_no_error(monkeypatch):
    """The other's row is saved between the check and the saving."""
    check, party = Product.full_clean, PartyFactory()

    def checked_a_moment_too_early(self, **more):
        check(self, **more)
        monkeypatch.setattr(Product, "full_clean", check)
        ProductFactory(gtin=self.gtin)

    monkeypatch.setattr(Product, "full_clean", checked_a_moment_too_early)
    with pytest.raises(ValidationError) as refused:
        registry.add_product(actor=coordinator(), party=party, gtin=OUTSIDE, facts=PRODUCT)

    assert list(refused.value.message_dict) == ["gtin"]


# ---------------------------------------------------------------- names from before the GLN
def test_a_place_keeps_what_was_told_of_it_before_it_had_a_gln():
    body = OrganisationFactory()
    party = PartyFactory(organisation=body)
    place = PlaceFactory(gln="", party=party)
    names = {place.uri, party.uri}
    place.gln, party.gln = a_gln(5), a_gln(6)
    place.save()
    party.save()

    assert set(known(names | {place.uri}, MasterKind.PLACE)) == place.uris
    assert set(known(names | {party.uri}, MasterKind.PARTY)) == party.uris
    assert organisations_of(party.uris) == {uri: {body.pk} for uri in party.uris}


# ---------------------------------------------------------------- every kind of key, one rule
@pytest.mark.parametrize(
    ("own", "look_alike"),
    [
        # A figure before the prefix says how goods are packed: it is no part of the prefix.
        ("01/18934567000014", "01/89345670000107"),
        ("00/389345670000000018", "00/893456700000000017"),
        ("8003/08934567000017A1", "8003/00893456700001A1"),
        ("8004/8934567ABC", "8004/08934567ABC"),
        ("8018/893456700000000017", "8018/089345670000000012"),
        ("414/8934567000017", "414/0893456700001"),
        ("253/8934567000017A", "253/0893456700001A"),
    ],
)
def test_a_key_is_whose_company_prefix_stands_in_it(own, look_alike):
    member, party = a_member(
        PartyFactory(company_prefix=PREFIX, organisation=OrganisationFactory())
    )
    owned = Owned([party], [])

    def link(path):
        ai, _, value = path.partition("/")
        digits = BY_AI[ai].key_length
        if digits:
            # The right check digit, whatever was written.
            head, tail = value[: digits - 1], value[digits:]
            value = with_check_digit(head) + tail
        return f"https://id.gs1.org/{ai}/{value}"

    assert owned.has(link(own))
    assert not owned.has(link(look_alike))
    assert set_links(actor=member, party=party, links=[to(link(own))]) == (1, 0)
    with pytest.raises(WrongLinks):
        set_links(actor=member, party=party, links=[to(link(look_alike))])
