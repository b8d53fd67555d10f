import gzip
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from chuan.core.files.testing import UploadFactory
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.modules.traceability.enums import ErrorBehaviour
from chuan.modules.traceability.models import Lot, Place, ProblemReport
from chuan.modules.traceability.operations.capture import capture_document
from chuan.modules.traceability.operations.reports import (
    MOST_OF_A_KEY,
    close_problem,
    report_problem,
)
from chuan.modules.traceability.queries import warnings
from chuan.modules.traceability.queries.warnings import SafetyWarning
from chuan.modules.traceability.testing import (
    CertificateFactory,
    LotFactory,
    PlaceFactory,
    ProblemReportFactory,
    ProductFactory,
    document,
    event,
    make_key,
)

pytestmark = pytest.mark.django_db

MDA = {"cbvmda": "urn:epcglobal:cbv:mda"}


REPORT = {"kind": "fake", "text": "Tem bị dán lại."}


def capture(*events):
    key, _text = make_key()
    capture_document(key=key, document=document(*events, **MDA), behaviour=ErrorBehaviour.ROLLBACK)


def lot_of(product, number):
    return f"https://id.gs1.org/01/{product.gtin}/10/{number}"


def some(uri, amount=100, uom="KGM"):
    return {"epcClass": uri, "quantity": amount, "uom": uom}


@pytest.fixture
def chain():
    """Mangoes picked on a farm, dried in a plant, sold by a shop that is nobody's business."""
    farm = PlaceFactory(name="Vườn xoài Cát Hanh", kind=Place.Kind.FARM)
    plant = PlaceFactory(name="Xưởng sấy", kind=Place.Kind.PLANT)
    shop = PlaceFactory(name="Cửa hàng kín tiếng", kind=Place.Kind.SHOP, is_public=False)
    raw, dried = ProductFactory(name="Xoài tươi"), ProductFactory(name="Xoài sấy dẻo")
    capture(
        event(
            0,
            action="ADD",
            bizStep="commissioning",
            epcList=[],
            quantityList=[some(lot_of(raw, "V1"))],
            bizLocation={"id": farm.uri},
        ),
        event(
            48,
            kind="TransformationEvent",
            bizStep="commissioning",
            inputQuantityList=[some(lot_of(raw, "V1"))],
            outputQuantityList=[some(lot_of(dried, "S1"), 20)],
            bizLocation={"id": plant.uri},
            ilmd={"cbvmda:itemExpirationDate": "2027-03-03", "cbvmda:lotNumber": "S1"},
        ),
        event(
            72,
            bizStep="shipping",
            epcList=[],
            quantityList=[some(lot_of(dried, "S1"), 20)],
            readPoint={"id": shop.uri},
            bizTransactionList=[{"type": "inv", "bizTransaction": "urn:epcglobal:cbv:bt:x:bi-mat"}],
        ),
    )
    return dried


def page_of(client, product, rest="/10/S1", space="scan"):
    return client.get(reverse(f"{space}:show", args=[f"01/{product.gtin}{rest}"]))


def test_the_page_tells_what_consumers_are_owed(client, chain):
    """Decree 37/2026/NĐ-CP, Article 23.7: name, picture, producer, address, origin, brand, lot, expiry."""
    chain.picture = UploadFactory(name="xoai.jpg")
    chain.save()

    text = page_of(client, chain).text

    for owed in (
        chain.name,
        chain.party.name,
        chain.party.address,
        chain.origin,
        chain.brand,
        chain.gtin,
        "S1",
        "03/03/2027",
        reverse("scan:picture", args=[chain.pk]),
    ):
        assert owed in text


def test_the_chain_is_told_from_its_beginning_but_nobodys_business(client, chain):
    text = page_of(client, chain).text

    assert text.index("Xuất hàng") < text.index("Chế biến") < text.index("Thu hoạch")
    assert "Vườn xoài Cát Hanh" in text
    assert "Xưởng sấy" in text
    assert "Cửa hàng kín tiếng" not in text  # it does not want to be shown
    assert "bi-mat" not in text


def test_what_a_producer_told_in_forms_counts_before_events(client, chain):
    Lot.objects.create(
        product=chain,
        number="S1",
        made_at=timezone.now(),
        made_in=PlaceFactory(),
        expires_on=timezone.localdate() - timedelta(days=1),
        quantity=1,
    )

    assert "Đã quá hạn sử dụng" in page_of(client, chain).text


def test_warnings_come_before_everything_else(client, chain, monkeypatch):
    def recalled(levels):
        assert levels[0] == lot_of(chain, "S1")
        return [
            SafetyWarning(
                title="Đang thu hồi. Không sử dụng.",
                told_on=timezone.localdate(),
                is_recall=True,
                text="Có mảnh kim loại",
                todo=["Ngừng dùng", "Mang trả nơi mua"],
            )
        ]

    monkeypatch.setattr(warnings, "_providers", type(warnings._providers)(of="test"))
    warnings.warn_from("test", recalled)

    answer = page_of(client, chain)

    assert answer.text.index("Đang thu hồi. Không sử dụng.") < answer.text.index("<h1>")
    assert "<title>Đang thu hồi: Xoài sấy dẻo" in answer.text
    assert "chưa có cảnh báo" not in answer.text


def test_papers_of_the_product_and_of_this_lot_are_shown(client, chain):
    CertificateFactory(product=chain, title="Chung cho mọi lô", file=UploadFactory())
    CertificateFactory(product=chain, title="Của lô này", lot="S1")
    CertificateFactory(product=chain, title="Của lô khác", lot="S2", file=UploadFactory())
    gone = CertificateFactory(
        product=chain,
        title="Đã gỡ",
        file=UploadFactory(),
        withdrawn_at=timezone.now(),
        withdrawn_by=PersonFactory(),
    )

    answer = page_of(client, chain)

    assert "Chung cho mọi lô" in answer.text
    assert "Của lô này" in answer.text
    assert "Của lô khác" not in answer.text
    assert "Đã gỡ" not in answer.text
    assert client.get(reverse("scan:paper", args=[gone.pk])).status_code == 404
    shown = client.get(reverse("scan:paper", args=[chain.certificates.order_by("pk")[0].pk]))
    assert b"".join(shown.streaming_content).startswith(b"%PDF")
    shown.close()


def test_the_page_is_light_needs_no_script_and_no_cookie(client, chain):
    answer = page_of(client, chain)

    assert len(answer.content) < 50_000
    assert len(gzip.compress(answer.content)) < 8_000
    assert "<script" not in answer.text
    assert not answer.cookies
    assert "public" in answer["Cache-Control"]


def test_the_page_speaks_english_at_an_address_of_its_own(client, chain):
    answer = page_of(client, chain, space="scan-en")

    assert answer["Content-Language"] == "en"
    assert "Best before" in answer.text
    assert f"/truy-xuat/01/{chain.gtin}" in answer.text


def test_the_page_costs_the_same_for_a_long_chain(client, chain, django_assert_max_num_queries):
    with django_assert_max_num_queries(100) as short:
        page_of(client, chain)
    capture(
        *(
            event(
                100 + hour,
                bizStep="storing",
                epcList=[],
                quantityList=[some(lot_of(chain, "S1"), 20)],
                readPoint={"id": PlaceFactory().uri},
            )
            for hour in range(20)
        )
    )

    with django_assert_max_num_queries(len(short)):
        page_of(client, chain)


@pytest.mark.parametrize(
    ("rest", "is_told"),
    [("", True), ("/10/S1", True), ("/10/S1/21/7", True), ("/10/NOPE", False), ("/21/FAKE", False)],
)
def test_a_lot_or_item_that_nobody_told_of_is_not_called_declared(client, chain, rest, is_told):
    answer = page_of(client, chain, rest)

    assert ("Mã đã được khai" in answer.text) is is_told
    assert ("Chưa ai khai" in answer.text) is not is_told
    assert chain.name in answer.text


def test_a_lot_its_owner_registered_is_told_of_before_any_event(client):
    lot = LotFactory(number="M1")

    assert "Mã đã được khai" in page_of(client, lot.product, "/10/M1").text


@pytest.mark.parametrize("path", ["01/08934567000017", "khong-phai", "01/09506000134353"])
@pytest.mark.parametrize("space", ["truy-xuat", "en/truy-xuat"])
def test_what_nobody_knows_is_not_found(client, path, space):
    answer = client.get(f"/{space}/{path}")

    assert answer.status_code == 404
    assert "tai-khoan" not in answer.text  # nobody is told to sign in


@pytest.mark.parametrize("door", ["truy-xuat", "id"])
def test_a_code_that_nobody_knows_can_be_reported(client, door):
    answer = client.get(f"/{door}/01/08934567000017/10/X")
    address = reverse("scan:report", args=["01/08934567000017/10/X"])

    assert answer.status_code == 404
    assert address in answer.text
    assert client.post(address, REPORT).status_code == 302
    assert ProblemReport.objects.get().uri == "https://id.gs1.org/01/08934567000017/10/X"


def test_a_number_that_was_typed_opens_its_page(client, chain):
    ask = reverse("scan:ask")

    assert client.get(ask).status_code == 200
    assert client.get(ask, {"ma": chain.gtin[1:]})["Location"] == f"/truy-xuat/01/{chain.gtin}"
    assert client.get(ask, {"ma": "123"}).status_code == 404


def test_a_serial_s_page_ends_with_its_sale_whatever_its_lot_does_then(client, chain):
    sold = f"https://id.gs1.org/01/{chain.gtin}/10/S1/21/7"
    capture(
        event(60, action="ADD", epcList=[sold], bizStep="commissioning"),
        event(65, epcList=[sold], bizStep="retail_selling"),
    )

    steps = page_of(client, chain, "/21/7").context["story"].steps

    assert [str(one.title) for one in steps] == [
        *("Bán lẻ", "Gắn mã cho hàng", "Chế biến, đóng gói", "Thu hoạch")
    ]
    assert "Xuất hàng" in page_of(client, chain).text  # of what is left of the lot


# ---------------------------------------------------------------- reporting a problem


def test_anybody_may_report_a_problem_and_nobody_has_to_say_who_they_are(client, chain):
    address = reverse("scan:report", args=[f"01/{chain.gtin}/10/S1"])
    assert client.get(address).status_code == 200

    answer = client.post(address, REPORT, follow=True)

    assert "Đã gửi phản ánh" in answer.text
    report = ProblemReport.objects.get()
    assert (report.uri, report.contact, report.state) == (lot_of(chain, "S1"), "", "open")
    assert f'Phản ánh số <b class="num">{report.pk}</b>' in answer.text


def test_an_empty_report_is_refused_in_words(client, chain):
    answer = client.post(reverse("scan:report", args=[f"01/{chain.gtin}"]), {"contact": ""})

    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"kind", "text"}


def test_a_flood_about_one_key_is_marked_for_an_hour(chain):
    now = timezone.now()
    ProblemReportFactory.create_batch(MOST_OF_A_KEY, uri=chain.uri, sent_at=now)

    assert report_problem(uri=chain.uri, kind="fake", text="x", at=now).is_bulk
    later = now + timedelta(hours=1, seconds=1)
    assert not report_problem(uri=chain.uri, kind="fake", text="x", at=later).is_bulk


def test_closing_forgets_how_to_reach_whoever_reported(chain):
    report = ProblemReportFactory(uri=chain.uri, contact="0900000000")

    close_problem(
        actor=PersonFactory(role=Role.DEPARTMENT_COORDINATOR),
        report=report,
        outcome="Đã kiểm tra nơi bán.",
        at=timezone.now(),
    )

    report.refresh_from_db()
    assert (report.state, report.contact) == ("closed", "")
