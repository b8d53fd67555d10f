import json

import pytest
from django.urls import reverse
from jsonschema import Draft7Validator

from chuan.core.orgs.testing import OrganisationFactory
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.modules.traceability.engine.scanned import read_path, read_text, written
from chuan.modules.traceability.enums import ErrorBehaviour
from chuan.modules.traceability.models import Link
from chuan.modules.traceability.operations.capture import capture_document
from chuan.modules.traceability.operations.links import (
    NewLink,
    WrongLinks,
    remove_link,
    set_links,
)
from chuan.modules.traceability.testing import (
    PartyFactory,
    PlaceFactory,
    ProductFactory,
    a_gtin,
    case,
    document,
    event,
    make_key,
)
from chuan.modules.traceability.tests.gs1 import FOLDER

GTIN = "09506000134352"
SITE = "https://example.vn/"


@pytest.fixture
def product(db):
    """A product whose business has somebody to act for it."""
    return ProductFactory(gtin=GTIN, party__organisation=OrganisationFactory(), name="Xoài sấy")


def say(product, *links):
    member = PersonFactory(organisation=product.party.organisation)
    return set_links(actor=member, party=product.party, links=links)


def to(name, *, anchor=f"https://id.gs1.org/01/{GTIN}", link_type="pip", **more):
    return NewLink(anchor, link_type, SITE + name, name, **more)


def ask(client, path=f"01/{GTIN}", query="", **headers):
    return client.get(f"/id/{path}{query}", headers=headers)


# ---------------------------------------------------------------- reading what was scanned
@pytest.mark.parametrize(
    ("path", "levels"),
    [
        ("01/09506000134352", ["01/09506000134352"]),
        ("01/9506000134352/10/A", ["01/09506000134352/10/A", "01/09506000134352"]),
        ("gtin/09506000134352/lot/A", ["01/09506000134352/10/A", "01/09506000134352"]),
        (
            "01/09506000134352/10/A/21/7",
            ["01/09506000134352/21/7", "01/09506000134352/10/A", "01/09506000134352"],
        ),
        (
            "01/09506000134352/22/X/10/A",
            ["01/09506000134352/10/A", "01/09506000134352"],
        ),
        ("00/095060001343521234", None),
        ("00/395060001343521237", ["00/395060001343521237"]),
        ("414/9506000134352/254/D", ["414/9506000134352/254/D", "414/9506000134352"]),
        ("8003/09506000134352AB", ["8003/09506000134352AB", "8003/09506000134352"]),
        ("8004/9506000134352AB", ["8004/9506000134352AB"]),
    ],
)
def test_levels_go_from_the_finest_to_the_kind(path, levels):
    found = read_path(path)

    if levels is None:
        assert found is None
    else:
        assert found.levels == tuple(f"https://id.gs1.org/{level}" for level in levels)


@pytest.mark.parametrize(
    "path",
    ["", "01", "01/", "01/09506000134353", "01/09506000134352/10", "01/abc", "99/x", "x/01/09506000134352",
     "01/09506000134352/99/x", "01/09506000134352/10/" + "A" * 21, "01/09506000134352/10/\0", "a" * 500],
)  # fmt: skip
def test_what_is_no_key_is_not_read(path):
    assert read_path(written(path)) is None


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("9506000134352", "01/09506000134352"),
        (" 9 506000 134352 ", "01/09506000134352"),
        (
            "https://brand.example/x/01/09506000134352/10/A%2F1?17=271231",
            "01/09506000134352/10/A/1",
        ),
        ("urn:epc:id:sgtin:950600.0013435.7", "01/09506000134352/21/7"),
        ("00395060001343521237", "00/395060001343521237"),
        ("(01)09506000134352(17)270101(10)S-26/1(21)7", "01/09506000134352/10/S-26/1/21/7"),
        ("(01) 9506000134352 (10) AB-1", "01/09506000134352/10/AB-1"),
        ("(00)395060001343521237", "00/395060001343521237"),
        ("01095060001343521727010110AB-1", "01/09506000134352/10/AB-1"),
    ],
)
def test_typed_and_scanned_text_is_read(text, path):
    assert read_text(text).path == path


# ---------------------------------------------------------------- redirecting
def test_a_registered_product_leads_to_its_page(client, product):
    answer = ask(client, f"01/{GTIN}/10/AB-1")

    assert answer.status_code == 307
    assert answer["Location"] == f"http://testserver/truy-xuat/01/{GTIN}/10/AB-1"
    assert "max-age" in answer["Cache-Control"]
    assert 'rel="linkset"' in answer["Link"]


def test_the_owner_leads_elsewhere(client, product):
    say(product, to("trang", is_default=True))

    assert ask(client)["Location"] == f"{SITE}trang"
    assert ask(client, query="?linkType=gs1:pip")["Location"] == f"{SITE}trang"
    assert ask(client, query="?linkType=https://gs1.org/voc/pip")["Location"] == f"{SITE}trang"
    # of what the owner said nothing, this installation tells
    assert "/truy-xuat/" in ask(client, query="?linkType=traceability")["Location"]


def test_what_else_was_scanned_goes_along(client, product):
    say(product, to("trang?a=1#b", is_default=True))

    answer = ask(client, query="?linkType=pip&17=271231")

    assert answer["Location"] == f"{SITE}trang?a=1&17=271231#b"


def test_items_inherit_from_lots_and_lots_from_products(client, product):
    lot = f"https://id.gs1.org/01/{GTIN}/10/A"
    say(product, to("san-pham"), to("lo", anchor=lot), to("an-toan", link_type="safetyInfo"))

    def where(path, kind):
        return ask(client, path, f"?linkType={kind}")["Location"].removeprefix(SITE)

    assert where(f"01/{GTIN}", "pip") == "san-pham"
    assert where(f"01/{GTIN}/10/A", "pip") == "lo"
    assert where(f"01/{GTIN}/10/A/21/7", "pip") == "lo"
    assert where(f"01/{GTIN}/10/B/21/7", "pip") == "san-pham"
    assert where(f"01/{GTIN}/10/A/21/7", "safetyInfo") == "an-toan"


def test_templates_are_filled_from_what_was_scanned(client, product):
    say(product, to("{gtin}/{lot}", link_type="epcis"))

    assert ask(client, f"01/{GTIN}/10/A", "?linkType=epcis")["Location"] == f"{SITE}{GTIN}/A"
    assert ask(client, query="?linkType=epcis").status_code == 404  # no lot was scanned


def test_language_and_media_type_choose(client, product):
    say(
        product,
        to("vi", language="vi"),
        to("en", language="en"),
        to("en.json", language="en", media_type="application/json"),
        to("any"),
    )

    def where(**headers):
        answer = ask(client, query="?linkType=pip", **headers)
        return answer.get("Location", str(answer.status_code)).removeprefix(SITE)

    assert where(accept_language="vi-VN,vi;q=0.9") == "vi"
    assert where(accept_language="fr;q=0.9, en;q=0.5", accept="application/json") == "en.json"
    assert where(accept_language="de") == "any"
    assert where() == "any"
    assert where(accept_language="en") == "300"
    assert where(accept_language="en;q=0, vi;q=0.1") == "vi"
    assert where(accept_language="vi;q=abc,,;;") == "any"


def test_several_that_are_left_are_offered(client, product):
    say(product, to("mot"), to("hai"))

    page = ask(client, query="?linkType=pip")
    machine = ask(client, query="?linkType=pip", accept="application/json")

    assert page.status_code == machine.status_code == 300
    assert f'href="{SITE}mot"' in page.text
    assert [one["title"] for one in machine.json()["links"]] == ["mot", "hai"]


def test_a_context_chooses(client, product):
    say(product, to("trong-nuoc"), to("xuat-khau", context="export"))

    assert ask(client, query="?linkType=pip")["Location"] == f"{SITE}trong-nuoc"
    assert ask(client, query="?linkType=pip&context=export")["Location"] == f"{SITE}xuat-khau"


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("01/09506000134353", "", 400),
        ("khong-phai-ma", "", 400),
        (f"01/{GTIN}/about", "", 400),
        (f"01/{GTIN}/10/A/about", "", 400),
        (f"01/{GTIN}", "?linkType=gs1:recipeInfo", 404),
        (f"01/{GTIN}", "?linkType=khong-co", 404),
        ("01/08934567000017", "", 404),
    ],
)
def test_what_is_not_there_is_told(client, product, path, query, status):
    assert ask(client, path, query).status_code == status
    assert ask(client, path, query, accept="application/json").status_code == status


@pytest.mark.parametrize("path", [f"/id/01/{GTIN}/10/A", "/.well-known/gs1resolver"])
def test_pages_of_other_sites_are_told_that_they_may_ask(client, product, path):
    answer = client.options(path, headers={"origin": "https://other.example"})

    assert (answer.status_code, answer["Allow"]) == (204, "GET, HEAD, OPTIONS")
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    assert ('rel="linkset"' in answer.get("Link", "")) is path.startswith("/id/")


def test_a_lot_that_ends_in_a_word_is_found_where_events_know_it(client, product):
    key, _text = make_key()
    lot = {"epcClass": f"https://id.gs1.org/01/{GTIN}/10/A%2Fabout", "quantity": 1}
    told = event(epcList=[], quantityList=[lot])
    capture_document(key=key, document=document(told), behaviour=ErrorBehaviour.ROLLBACK)

    assert ask(client, f"01/{GTIN}/10/A%2Fabout").status_code == 307


def test_looking_never_writes_and_needs_no_cookie(client, product, django_assert_max_num_queries):
    say(product, to("trang", is_default=True))

    with django_assert_max_num_queries(3):
        answer = ask(client)

    assert not answer.cookies
    assert client.post(f"/id/01/{GTIN}").status_code == 405
    assert client.head(f"/id/01/{GTIN}").status_code == 307


@pytest.mark.django_db
def test_what_only_events_know_has_a_page_too(client):
    key, _text = make_key()
    capture_document(
        key=key, document=document(event(epcList=[case(1)])), behaviour=ErrorBehaviour.ROLLBACK
    )
    place = PlaceFactory()

    sscc = read_text(case(1)).path
    assert "/truy-xuat/00/" in ask(client, sscc)["Location"]
    assert "/truy-xuat/414/" in ask(client, f"414/{place.gln}")["Location"]


@pytest.mark.django_db
def test_a_place_that_is_not_public_is_not_known(client):
    place = PlaceFactory(is_public=False)

    assert ask(client, f"414/{place.gln}").status_code == 404


# ---------------------------------------------------------------- lists of links
@pytest.mark.django_db
def test_a_machine_reads_why_there_is_no_link_as_people_would(client):
    answer = ask(client, "01/08934567000017", accept="application/json")

    assert answer.status_code == 404
    assert answer.json()["title"] in answer.content.decode()
    assert not answer.json()["title"].isascii()


def _validator():
    path = FOLDER / "linkset" / "gs1-linkset-schema.json"
    if not path.exists():
        pytest.skip("the artefacts of GS1 are not here (../shared/data/epcis)")
    return Draft7Validator(json.loads(path.read_text()))


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ("?linkType=linkset", {}),
        ("?linkType=all", {}),
        ("", {"accept": "application/linkset+json"}),
        ("", {"accept": "application/json"}),
    ],
)
def test_the_linkset_is_what_gs1s_schema_says(client, product, query, headers):
    validator = _validator()
    say(
        product,
        to("trang", is_default=True, language="vi", media_type="text/html", context="export"),
        to("page", language="en-GB", is_default=True),
        to("lo", anchor=f"https://id.gs1.org/01/{GTIN}/10/A", link_type="certificationInfo"),
    )

    answer = ask(client, f"01/{GTIN}/10/A", query, **headers)

    assert answer["Content-Type"] == "application/linkset+json"
    assert list(validator.iter_errors(answer.json())) == []
    anchors = {one["anchor"]: one for one in answer.json()["linkset"]}
    assert set(anchors) == {
        f"http://testserver/id/01/{GTIN}",
        f"http://testserver/id/01/{GTIN}/10/A",
    }
    of_product = anchors[f"http://testserver/id/01/{GTIN}"]
    assert len(of_product["https://ref.gs1.org/voc/defaultLinkMulti"]) == 2
    assert of_product["itemDescription"] == "Xoài sấy"


def test_the_validator_of_the_test_finds_faults():
    assert list(_validator().iter_errors({"linkset": [{"anchor": "x"}]}))


def test_the_resolver_describes_itself(client, db):
    answer = client.get("/.well-known/gs1resolver")

    assert answer.json()["resolverRoot"] == "http://testserver/id"
    assert {"01", "00", "414", "8004"} <= set(answer.json()["supportedPrimaryKeys"])


# ---------------------------------------------------------------- keeping links
def test_loading_again_changes_what_differs_and_destroys_nothing(product):
    say(product, to("mot"), to("hai"))

    counts = say(
        product,
        NewLink(f"https://id.gs1.org/01/{GTIN}", "pip", f"{SITE}mot", "Tên mới"),
        to("ba"),
        to("ba"),
    )

    assert counts == (1, 1)
    assert set(Link.objects.values_list("href", "title")) == {
        (f"{SITE}mot", "Tên mới"),
        (f"{SITE}hai", "hai"),
        (f"{SITE}ba", "ba"),
    }


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (to("x", anchor="khong-phai"), "không phải mã"),
        (to("x", anchor=f"https://id.gs1.org/01/{a_gtin(3)}"), "không phải của đơn vị"),
        (to("x", link_type="khong-co"), "loại liên kết"),
        (to("x", link_type="defaultLink"), "loại liên kết"),
        (NewLink(f"https://id.gs1.org/01/{GTIN}", "pip", "javascript:alert(1)", "x"), "https"),
        (NewLink(f"https://id.gs1.org/01/{GTIN}", "pip", "https://[x", "x"), "https"),
        (to("{nothing}"), "chỉ dùng được"),
        (
            NewLink(f"https://id.gs1.org/01/{GTIN}", "pip", "https://{lot}.vn/", "x"),
            "chỉ dùng được",
        ),
        (to("x", language="tiếng Việt"), "Ngôn ngữ"),
        (to("x", media_type="html"), "Kiểu nội dung"),
        (NewLink(f"https://id.gs1.org/01/{GTIN}", "pip", SITE, " "), "tên"),
    ],
)
def test_all_that_is_wrong_is_told_at_once_and_nothing_stored(product, fault, words):
    with pytest.raises(WrongLinks) as wrong:
        say(product, to("dung"), fault, fault)

    assert [one.at for one in wrong.value.faults] == [1, 2]
    assert all(words in one.why for one in wrong.value.faults)
    assert not Link.objects.exists()


def test_a_prefix_lent_by_gs1_owns_every_key_that_begins_with_it(db):
    party = PartyFactory(company_prefix="8934567", organisation=OrganisationFactory())
    member = PersonFactory(organisation=party.organisation, role=Role.UNIT_HEAD)
    mine = NewLink("https://id.gs1.org/01/08934567000017", "pip", SITE, "x")
    other = NewLink("https://id.gs1.org/01/09506000134352", "pip", SITE, "x")

    assert set_links(actor=member, party=party, links=[mine]) == (1, 0)
    with pytest.raises(WrongLinks):
        set_links(actor=member, party=party, links=[other])


def test_a_link_that_was_removed_leads_nowhere(client, product):
    say(product, to("trang", is_default=True))
    member = PersonFactory(organisation=product.party.organisation)

    remove_link(actor=member, link=Link.objects.get())

    assert ask(client)["Location"].endswith(reverse("scan:show", args=[f"01/{GTIN}"]))


def test_a_redirect_its_owner_told_of_asks_one_question_and_nobody_s_name(
    client, product, django_assert_num_queries
):
    say(product, to("seen", is_default=True))
    with django_assert_num_queries(1):
        answer = ask(client, f"01/{GTIN}/21/7")

    assert (answer.status_code, answer["Location"]) == (307, SITE + "seen")
    assert answer.resolver_match.view_name == "resolver:resolve"
    assert not answer.cookies
