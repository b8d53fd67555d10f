"""What strangers reach: the resolver, the page of a scanned label, the form for reports."""

import pytest
from django.urls import reverse
from django.utils import timezone

from chuan.core.orgs.testing import OrganisationFactory
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.lib.rules import Denied
from chuan.modules.traceability.enums import Scope
from chuan.modules.traceability.models import ProblemReport
from chuan.modules.traceability.operations.links import NewLink, set_links
from chuan.modules.traceability.operations.reports import (
    MOST_OF_A_KEY,
    MOST_OF_A_SENDER,
    REFUSED_FROM,
    report_problem,
)
from chuan.modules.traceability.testing import PlaceFactory, ProductFactory, event, make_key
from chuan.modules.traceability.tests.test_scan_page import capture, lot_of, page_of, some

pytestmark = pytest.mark.django_db

GTIN = "08934567000017"


@pytest.fixture
def product():
    return ProductFactory(gtin=GTIN, party__organisation=OrganisationFactory())


def say(product, *hrefs, **more):
    member = PersonFactory(organisation=product.party.organisation)
    links = [NewLink(product.uri, "pip", href, "Trang", **more) for href in hrefs]
    set_links(actor=member, party=product.party, links=links)


# ---------------------------------------------------------------- one answer for everybody
@pytest.mark.parametrize(
    ("path", "status"),
    [(f"{GTIN}?linkType=pip", 300), (f"{GTIN}?linkType=faqs", 404), ("08934567000018", 400)],
)
def test_what_caches_may_keep_is_drawn_for_nobody_in_particular(client, product, path, status):
    say(product, "https://x.vn/1", "https://x.vn/2")
    stranger = client.get(f"/id/01/{path}")
    client.force_login(PersonFactory())
    client.cookies["django_language"] = "en"
    client.cookies["chuan-theme"] = "dark"

    member = client.get(f"/id/01/{path}")

    assert (stranger.status_code, member.status_code) == (status, status)
    assert member.content == stranger.content
    assert "csrfmiddlewaretoken" not in stranger.text
    for answer in (stranger, member):
        assert "public" in answer["Cache-Control"]
        assert "Cookie" not in answer["Vary"]
        assert not answer.cookies


def test_the_resolver_speaks_the_language_the_browser_asks_for(client, product):
    vietnamese = client.get(f"/id/01/{GTIN}?linkType=faqs", headers={"accept-language": "vi"})
    english = client.get(f"/id/01/{GTIN}?linkType=faqs", headers={"accept-language": "en-GB,vi"})

    assert (vietnamese["Content-Language"], english["Content-Language"]) == ("vi", "en")
    assert reverse("scan-en:ask") in english.text
    assert vietnamese.text != english.text


# ---------------------------------------------------------------- what lots may be called
def test_a_lot_with_a_slash_is_scanned_typed_and_reported(client, product):
    shown = client.get(client.get(f"/id/01/{GTIN}/10/A%2F1")["Location"])
    typed = client.get(
        reverse("scan:ask"), {"ma": f"https://x.vn/01/{GTIN}/10/A%2F1/21/7"}, follow=True
    )

    assert (shown.status_code, typed.status_code) == (200, 200)
    assert (shown.context["scanned"].lot, shown.context["scanned"].serial) == ("A%2F1", "")
    assert (typed.context["scanned"].lot, typed.context["scanned"].serial) == ("A%2F1", "7")
    assert shown.context["scanned"].link == f"https://id.gs1.org/01/{GTIN}/10/A%2F1"
    assert client.get(shown.context["report_url"]).status_code == 200


@pytest.mark.parametrize(
    ("lot", "written"),
    [("A%26admin=1", "A%26admin%3D1"), ("A%2B1", "A%2B1"), ("A;b", "A%3Bb"), ("A%2F1", "A%2F1")],
)
def test_what_was_scanned_adds_nothing_to_the_address_its_owner_wrote(
    client, product, lot, written
):
    say(product, "https://x.vn/p?lot={lot}", is_default=True)

    assert client.get(f"/id/01/{GTIN}/10/{lot}")["Location"] == f"https://x.vn/p?lot={written}"


def test_a_lot_of_dots_does_not_climb_in_the_owner_s_address(client, product):
    say(product, "https://x.vn/lots/{lot}/", is_default=True)

    answer = client.get(f"/id/01/{GTIN}/10/..")

    assert answer["Location"].startswith("http://testserver/truy-xuat/")


# ---------------------------------------------------------------- the lot in hand, not another
def test_the_page_of_a_lot_tells_nothing_of_its_kind_s_other_goods(client, product):
    shop = PlaceFactory(name="Cửa hàng nơi khác")
    capture(
        event(
            0,
            action="ADD",
            bizStep="commissioning",
            epcList=[],
            quantityList=[some(lot_of(product, "S1"))],
            ilmd={"cbvmda:itemExpirationDate": "2026-03-05"},
        ),
        event(
            500,
            action="ADD",
            bizStep="commissioning",
            epcList=[],
            quantityList=[some(product.uri)],
            readPoint={"id": shop.uri},
            ilmd={"cbvmda:itemExpirationDate": "2030-01-01", "cbvmda:lotNumber": "Z9"},
        ),
    )

    told, untold = page_of(client, product), page_of(client, product, rest="/10/S2")

    assert "05/03/2026" in told.text
    assert shop.name not in told.text
    assert "01/01/2030" in page_of(client, product, rest="").text
    assert (untold.context["expires_on"], untold.context["lot_number"]) == (None, "S2")


def test_a_place_that_got_a_gln_keeps_its_steps(client, product):
    place = PlaceFactory(name="Vườn A", gln="")
    capture(
        event(
            0,
            action="ADD",
            bizStep="commissioning",
            epcList=[],
            quantityList=[some(lot_of(product, "S1"))],
            bizLocation={"id": place.uri},
        )
    )
    place.gln = "9506000134352"
    place.save()

    assert place.name in page_of(client, product).text


# ---------------------------------------------------------------- reports
def test_one_voice_about_a_key_keeps_nobody_else_from_speaking(client, product):
    for _number in range(MOST_OF_A_KEY):
        report_problem(uri=product.uri, kind="other", text="rác", at=timezone.now())

    answer = client.post(
        reverse("scan:report", args=[f"01/{GTIN}"]), {"kind": "fake", "text": "Tem bị dán lại"}
    )

    assert answer.status_code == 302
    assert list(ProblemReport.objects.filter(is_bulk=True).values_list("text", flat=True)) == [
        "Tem bị dán lại"
    ]


def test_one_address_is_marked_then_refused_and_heard_still_when_goods_are_unsafe(product):
    def report(kind, sender="203.0.113.7"):
        return report_problem(
            uri=ProductFactory().uri, kind=kind, text="x", at=timezone.now(), sender=sender
        )

    marks = [report("other").is_bulk for _number in range(MOST_OF_A_SENDER + 1)]
    for _number in range(REFUSED_FROM - MOST_OF_A_SENDER - 1):
        report("other")

    assert marks == [False] * MOST_OF_A_SENDER + [True]
    with pytest.raises(Denied, match="một giờ"):
        report("other")
    assert report("unsafe").is_bulk
    assert not report("other", sender="203.0.113.8").is_bulk


def test_the_department_may_leave_out_what_came_in_bulk(client, product):
    for text, is_bulk in (("một lời", False), ("rác hàng loạt", True)):
        report = report_problem(uri=product.uri, kind="other", text=text, at=timezone.now())
        ProblemReport.objects.filter(pk=report.pk).update(is_bulk=is_bulk)
    client.force_login(PersonFactory(role=Role.DEPARTMENT_COORDINATOR))
    page = reverse("traceability:problems")

    everything, chosen = client.get(page).text, client.get(page, {"hang_loat": "khong"}).text

    assert "rác hàng loạt" in everything
    assert "rác hàng loạt" not in chosen
    assert "một lời" in chosen


# ---------------------------------------------------------------- other people's software, help
def test_a_machine_without_a_key_is_told_who_gives_one(client):
    refused = client.get("/epcis/v2/events").json()
    guide = refused["detail"].rpartition(" ")[2]

    page = client.get(guide)

    assert page.status_code == 200
    assert "http://testserver/epcis/v2/capture" in page.text
    assert 'lang="en"' in page.text
    assert reverse("scan:software") in client.get(reverse("scan:ask")).text


def test_what_goes_wrong_can_be_read_in_a_terminal(client):
    _key, text = make_key(Scope.QUERY)
    answer = client.get(
        "/epcis/v2/events?EQ_bizStepp=nhận", headers={"authorization": f"Bearer {text}"}
    )
    assert answer.status_code == 400
    assert "\\u" not in answer.text


def test_the_help_page_answers_about_traceability(client):
    page = client.get(reverse("ui:help")).text

    for question in ("Quét mã ở đâu", "In nhãn có mã QR", "Thu hồi hàng bắt đầu từ đâu"):
        assert question in page
