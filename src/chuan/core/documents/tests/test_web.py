import re
from datetime import date

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile

from chuan.core.documents.enums import DocumentState, FilePurpose, RelationKind
from chuan.core.documents.models import DocumentRelation, NumberSeries, OfficialDocument
from chuan.core.documents.testing import DocumentFileFactory, OfficialDocumentFactory
from chuan.core.files.testing import EXE, PDF
from chuan.core.orgs.testing import OrganisationFactory
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_a_day():
    with time_machine.travel("2026-11-20T09:00:00+07:00", tick=True):
        yield


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path):
    settings.CHUAN_FILES = tmp_path / "files"


@pytest.fixture
def body():
    return OrganisationFactory(name="Sở Khoa học và Công nghệ", notation="SKHCN")


@pytest.fixture
def person(client, body):
    person = PersonFactory(role=Role.DEPARTMENT_COORDINATOR, organisation=body)
    client.force_login(person)
    return person


def text_of(page):
    return re.sub(r"\s+", " ", page.content.decode())


def subjects(page):
    return re.findall(r'scope="row"[^>]*>\s*<a [^>]*>([^<]+)</a>', text_of(page))


@pytest.fixture
def register(body):
    OfficialDocumentFactory(held_by=body, subject="Kế hoạch đến", number=1029)
    OfficialDocumentFactory(issued=True, held_by=body, subject="Báo cáo đi")
    OfficialDocumentFactory(draft=True, held_by=body, subject="Dự thảo báo cáo")
    OfficialDocumentFactory(subject="Của cơ quan khác")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Báo cáo đi", "Kế hoạch đến", "Dự thảo báo cáo"]),
        ("?q=ke+hoach", ["Kế hoạch đến"]),
        ("?q=1029%2Fqd-ubnd", ["Kế hoạch đến"]),
        ("?chieu=den", ["Kế hoạch đến"]),
        ("?chieu=di", ["Báo cáo đi"]),
        ("?chieu=du-thao", ["Dự thảo báo cáo"]),
        ("?loai=BC", ["Báo cáo đi", "Dự thảo báo cáo"]),
        ("?nam=2025", ["Kế hoạch đến"]),
    ],
)
def test_the_register_is_searched_and_filtered(client, person, register, query, found):
    assert subjects(client.get("/van-ban/" + query)) == found


def test_the_register_costs_the_same_for_one_and_for_three(
    client, person, body, django_assert_num_queries
):
    for _ in range(2):
        OfficialDocumentFactory(held_by=body)
        client.get("/van-ban/")
        with django_assert_num_queries(11):
            client.get("/van-ban/")
        OfficialDocumentFactory(issued=True, held_by=body)


def test_the_register_can_be_downloaded(client, person, register):
    text = client.get("/van-ban/?export=csv").getvalue().decode()
    assert "1029/QĐ-UBND" in text
    assert "Đã ban hành" in text
    assert "Của cơ quan khác" not in text


def entered(body, **changes):
    return {
        "held_by": body.pk,
        "kind": "QĐ",
        "symbol": "1703/QĐ-TTg",
        "issued_on": "31/12/2024",
        "issuer_name": "Thủ tướng Chính phủ",
        "subject": "Kế hoạch triển khai Chỉ thị",
        "signer": "",
        "received_on": "",
        "recipients": "Như trên\nLưu: VT",
        "based_on": "38-CT/TW\n",
        **changes,
    }


def test_a_document_that_came_in_is_entered_with_its_file(client, person, body):
    file = SimpleUploadedFile("Quyết định 1703.pdf", PDF)

    page = client.post("/van-ban/vao-so/", {**entered(body), "file": file}, follow=True)

    document = OfficialDocument.objects.get()
    assert (document.symbol, document.issued_on) == ("1703/QĐ-TTg", date(2024, 12, 31))
    assert page.redirect_chain == [(f"/van-ban/{document.pk}/", 302)]
    text = text_of(page)
    for said in ["1703/QĐ-TTg", "31/12/2024", "Quyết định 1703.pdf", "38-CT/TW", "Lưu: VT"]:
        assert said in text


def test_an_issuer_in_our_register_is_recognised_however_it_is_spelled(client, person, body):
    province = OrganisationFactory(name="Ủy ban nhân dân tỉnh Gia Lai")
    client.post("/van-ban/vao-so/", entered(body, issuer_name="Uỷ ban nhân dân tỉnh Gia Lai"))
    assert OfficialDocument.objects.get().issuer == province


def test_a_program_under_a_documents_name_is_refused_at_its_field(client, person, body):
    file = SimpleUploadedFile("a.pdf", EXE)
    page = client.post("/van-ban/vao-so/", {**entered(body), "file": file})
    assert page.status_code == 422
    assert "chương trình chạy trên Windows" in text_of(page)
    assert not OfficialDocument.objects.exists()


def test_what_is_missing_is_named(client, person, body):
    page = client.post("/van-ban/vao-so/", {"held_by": body.pk})
    assert page.status_code == 422
    for said in ["Chọn loại văn bản.", "Nhập số và ký hiệu.", "Nhập trích yếu."]:
        assert said in text_of(page)


def test_somebody_elses_register_is_not_written_in(client, person, body):
    page = client.post("/van-ban/vao-so/", entered(body, held_by=OrganisationFactory().pk))
    assert page.status_code == 422
    assert not OfficialDocument.objects.exists()


def test_a_draft_is_numbered_and_gets_its_signed_copy(client, person, body):
    draft = OfficialDocumentFactory(draft=True, held_by=body)
    client.post(f"/van-ban/{draft.pk}/cap-so/", {"issued_on": "20/11/2026", "signer": "Lê Văn Đức"})
    draft.refresh_from_db()
    assert (draft.symbol, draft.signer) == ("01/BC-SKHCN", "Lê Văn Đức")

    file = SimpleUploadedFile("ky.pdf", PDF)
    client.post(f"/van-ban/{draft.pk}/tep/", {"purpose": "signed", "file": file})

    assert draft.files.get().purpose == FilePurpose.SIGNED
    assert "Bản đã ký" in text_of(client.get(f"/van-ban/{draft.pk}/"))


def test_the_page_says_which_number_comes_and_where_a_paper_register_is_continued(
    client, person, body
):
    draft = OfficialDocumentFactory(draft=True, held_by=body)
    page = f"/van-ban/{draft.pk}/cap-so/"

    first = text_of(client.get(page))
    client.post(
        "/van-ban/day-so/", {"issuer": body.pk, "kind": "BC", "year": 2026, "last_number": "318"}
    )
    after = text_of(client.get(page))

    assert "01/BC-SKHCN" in first
    assert "không trả lại được" in first
    assert 'href="/van-ban/day-so/">Tiếp tục sổ giấy' in first
    assert "319/BC-SKHCN" in after
    assert "Tiếp tục sổ giấy" not in after


def test_the_number_shown_is_of_the_year_of_the_day_entered(client, person, body):
    NumberSeries.objects.create(issuer=body, kind="BC", year=2025, last_number=40)
    draft = OfficialDocumentFactory(draft=True, held_by=body)

    page = client.post(f"/van-ban/{draft.pk}/cap-so/", {"issued_on": "31/12/2025", "signer": ""})

    assert page.status_code == 422
    assert "41/BC-SKHCN" in text_of(page)
    assert "Nhập người ký." in text_of(page)


def test_the_signer_offered_is_the_drafts_own_or_the_departments_head_before_a_deputy(
    client, person, body
):
    PersonFactory(
        role=Role.DEPARTMENT_LEADER, organisation=body, full_name="An Phó", title="Phó Giám đốc"
    )
    PersonFactory(
        role=Role.DEPARTMENT_LEADER, organisation=body, full_name="Vũ Trưởng", title="Giám đốc"
    )
    PersonFactory(role=Role.UNIT_HEAD, organisation=body, full_name="An Đơn Vị")
    draft = OfficialDocumentFactory(draft=True, held_by=body)
    named = OfficialDocumentFactory(draft=True, held_by=body, signer="Trần Thị Mai")

    assert 'value="Vũ Trưởng"' in text_of(client.get(f"/van-ban/{draft.pk}/cap-so/"))
    assert 'value="Trần Thị Mai"' in text_of(client.get(f"/van-ban/{named.pk}/cap-so/"))


def test_of_two_texts_the_earlier_is_marked_as_out_of_use(client, person, body):
    draft = OfficialDocumentFactory(draft=True, held_by=body)
    for _ in range(2):
        DocumentFileFactory(document=draft, purpose=FilePurpose.DRAFT_PDF)
    DocumentFileFactory(document=draft, purpose=FilePurpose.SIGNED)

    assert text_of(client.get(f"/van-ban/{draft.pk}/")).count("bản trước, không còn dùng") == 1


def test_a_day_to_come_is_refused_over_the_form(client, person, body):
    draft = OfficialDocumentFactory(draft=True, held_by=body)
    page = client.post(f"/van-ban/{draft.pk}/cap-so/", {"issued_on": "21/11/2026", "signer": "A"})
    assert page.status_code == 422
    assert "Ngày ban hành không được sau hôm nay." in text_of(page)


def test_cancelling_says_that_the_number_stays(client, person, body):
    document = OfficialDocumentFactory(issued=True, held_by=body, number=7)
    address = f"/van-ban/{document.pk}/huy/"
    assert "Số 07/BC-SKHCN không cấp lại" in text_of(client.get(address))

    client.post(address, {"reason": "Sai số liệu"})

    document.refresh_from_db()
    assert document.state == DocumentState.CANCELLED
    assert "Sai số liệu" in text_of(client.get(f"/van-ban/{document.pk}/"))


def test_relations_lead_both_ways_but_only_to_what_may_be_seen(client, person, body):
    plan = OfficialDocumentFactory(held_by=body, number=1029)
    report = OfficialDocumentFactory(draft=True, held_by=body)
    hidden = OfficialDocumentFactory(draft=True)
    client.post(f"/van-ban/{report.pk}/quan-he/", {"kind": "based_on", "symbol": "1029/QĐ-UBND"})
    DocumentRelation.objects.create(
        document=hidden, kind=RelationKind.BASED_ON, target=plan, target_symbol=plan.symbol
    )

    assert f'href="/van-ban/{plan.pk}/"' in text_of(client.get(f"/van-ban/{report.pk}/"))
    of_plan = text_of(client.get(f"/van-ban/{plan.pk}/"))
    assert f'href="/van-ban/{report.pk}/"' in of_plan
    assert f'href="/van-ban/{hidden.pk}/"' not in of_plan


def correction(document, **changes):
    return {
        "version": document.version,
        "kind": document.kind,
        "symbol": document.symbol,
        "issued_on": "25/3/2025",
        "issuer_name": document.issuer_name,
        "subject": document.subject,
        "signer": "",
        "received_on": "",
        "recipients": "",
        **changes,
    }


def test_two_corrections_at_once_lead_to_a_page_with_both(client, person, body):
    document = OfficialDocumentFactory(held_by=body)
    address = f"/van-ban/{document.pk}/sua/"
    assert client.get(address).status_code == 200
    assert client.post(address, correction(document, signer="Người thứ nhất")).status_code == 302

    page = client.post(address, correction(document, signer="Người thứ hai"))

    assert page.status_code == 409
    assert "Người thứ nhất" in text_of(page)
    assert "Người thứ hai" in text_of(page)
    document.refresh_from_db()
    assert document.signer == "Người thứ nhất"


def test_what_stands_after_the_number_of_a_draft_is_corrected(client, person, body):
    draft = OfficialDocumentFactory(draft=True, held_by=body)
    client.post(
        f"/van-ban/{draft.pk}/sua/",
        {
            "version": 1,
            "kind": "BC",
            "notation": "BC-SKHCN-TĐC",
            "subject": "Mới",
            "recipients": "",
        },
    )
    draft.refresh_from_db()
    assert (draft.notation, draft.subject) == ("BC-SKHCN-TĐC", "Mới")


def test_a_paper_register_is_continued(client, person, body):
    page = client.post(
        "/van-ban/day-so/", {"issuer": body.pk, "kind": "BC", "year": 2026, "last_number": "318"}
    )
    assert page.status_code == 302
    assert NumberSeries.objects.get().last_number == 318
    assert "theo sổ giấy" in text_of(client.get("/van-ban/day-so/"))


def test_what_one_may_not_see_is_not_there(client, person):
    hidden = OfficialDocumentFactory(draft=True)
    for address in ["", "sua/", "tep/", "quan-he/", "cap-so/", "huy/"]:
        assert client.get(f"/van-ban/{hidden.pk}/{address}").status_code == 404


def test_the_people_it_was_sent_to_read_it_and_change_nothing(client):
    addressee = PersonFactory(role=Role.UNIT_HEAD)
    own = addressee.memberships.get().organisation
    document = OfficialDocumentFactory(issued=True, addressees=[own])
    upload = DocumentFileFactory(document=document, purpose=FilePurpose.SIGNED).upload
    client.force_login(addressee)

    text = text_of(client.get(f"/van-ban/{document.pk}/"))

    assert upload.name in text
    assert "Hủy văn bản" not in text
    assert b"".join(client.get(f"/tep/{upload.pk}/").streaming_content) == PDF
    for address in ["sua/", "tep/", "quan-he/", "cap-so/", "huy/"]:
        assert client.get(f"/van-ban/{document.pk}/{address}").status_code == 403


def test_one_document_costs_the_same_with_one_file_and_with_three(
    client, person, body, django_assert_num_queries
):
    document = OfficialDocumentFactory(held_by=body)
    for _ in range(2):
        DocumentFileFactory(document=document)
        with django_assert_num_queries(13):
            client.get(f"/van-ban/{document.pk}/")
        DocumentFileFactory(document=document)
