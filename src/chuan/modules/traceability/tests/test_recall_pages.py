"""The pages of recalls."""

import io

import pdfplumber
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.modules.traceability.engine.keys import canonical
from chuan.modules.traceability.enums import Outcome, RecallState
from chuan.modules.traceability.models import Recall
from chuan.modules.traceability.operations import recalls as operations
from chuan.modules.traceability.queries import recall_report
from chuan.modules.traceability.testing import (
    A_MONTH_LATER,
    PlaceFactory,
    capture,
    event,
    issued,
    item,
    lot,
    making,
    opened,
    place,
)

pytestmark = pytest.mark.django_db

NOW = A_MONTH_LATER
RAW = lot("R1")


def goods(count, *, shop=1):
    tins = [item(number) for number in range(1, count + 1)]
    capture(
        making(1, {RAW: 10}, tins),
        event(2, epcList=tins, bizStep="receiving", bizLocation={"id": place(shop)}),
        BusinessLocation={place(shop): {"name": "Cửa hàng Quy Nhơn"}},
    )
    return tins


def address(name, *args, **query):
    return reverse(f"chains:{name}", args=args, query=query or None)


def begin(client, inspector, **more):
    data = {
        "organisation": str(next(iter(inspector.organisation_ids()))),
        "title": "Xoài",
        "reason": "Mẫu không đạt",
        "mode": "strict",
    }
    client.force_login(inspector)
    return client.post(address("open_recall"), data | more)


@pytest.mark.parametrize("told", ["vuon xoai cat hanh", "Vườn xoài Cát Hanh – {party}", "VT-01"])
def test_a_place_without_a_number_is_told_by_its_name(client, inspector, told):
    orchard = PlaceFactory(name="Vườn xoài Cát Hanh", local_code="VT-01", gln="")
    capture(event(1, epcList=[item(1)], bizLocation={"id": orchard.uri}))
    words = told.format(party=f"{orchard.party.name} (VT-01)")

    answer = begin(client, inspector, place=words)

    recall = Recall.objects.get()
    assert answer["Location"] == address("recall", recall.pk)
    assert recall.place == orchard.uri
    assert [one.uri for one in recall.items.all()] == [canonical(item(1))]
    assert "Vườn xoài Cát Hanh" in client.get(answer["Location"]).text


def test_a_place_nobody_registered_and_two_of_one_name_are_asked_about(client, inspector):
    first, second = (PlaceFactory(name="Kho lạnh", gln="") for _ in range(2))

    unknown = begin(client, inspector, place="Vườn không có")
    several = begin(client, inspector, place="kho lạnh")

    assert not Recall.objects.exists()
    assert "chưa ai khai “Vườn không có”" in unknown.text
    assert f"Kho lạnh – {first.party.name}; Kho lạnh – {second.party.name}" in several.text
    assert f'<option value="Kho lạnh – {first.party.name}">' in several.text


def test_an_identifier_from_another_page_stands_in_the_form_as_on_a_label(client, inspector):
    client.force_login(inspector)
    page = client.get(address("open_recall", ma=canonical(RAW)))
    gtin = canonical(RAW).split("/")[4]

    assert f"(01) {gtin} (10) R1" in page.text
    begin(client, inspector, identifiers=f"(01) {gtin} (10) R1")
    assert Recall.objects.get().identifiers == [canonical(RAW)]


def test_an_inspector_opens_a_recall_with_what_stands_on_the_label(client, inspector):
    goods(2)
    client.force_login(inspector)
    label = "(01)" + canonical(RAW).split("/")[4] + "(10)R1"
    data = {
        "organisation": str(next(iter(inspector.organisation_ids()))),
        "title": "Cá hộp",
        "reason": "Mẫu không đạt",
        "identifiers": label,
        "mode": "strict",
    }
    page = client.post(address("open_recall"), data, follow=True)

    assert "Đã truy tìm: 3 mã hàng." in page.content.decode()
    assert Recall.objects.get().identifiers == [canonical(RAW)]


@pytest.mark.parametrize(
    ("field", "value", "fault"),
    [
        ("identifiers", "089345671234", "dòng 1: không đọc được"),
        ("place", "123", "mã GLN có 13 số"),
        ("identifiers", "", "Hãy nêu mã hàng hoặc địa điểm"),
    ],
)
def test_what_cannot_be_read_is_said_and_nothing_is_opened(client, inspector, field, value, fault):
    client.force_login(inspector)
    data = {
        "organisation": str(next(iter(inspector.organisation_ids()))),
        "title": "Cá hộp",
        "reason": "Mẫu không đạt",
        "mode": "strict",
        field: value,
    }
    page = client.post(address("open_recall"), data)

    assert page.status_code == 422
    assert fault in page.content.decode()
    assert not Recall.objects.exists()


def test_the_page_of_a_recall_asks_as_much_for_many_goods_as_for_one(client, inspector):
    goods(1)
    first = opened(inspector, RAW)
    client.force_login(inspector)
    client.get(address("recall", first.pk))
    with CaptureQueriesContext(connection) as one:
        client.get(address("recall", first.pk))
    with CaptureQueriesContext(connection) as one_item:
        client.get(address("recall_items", first.pk))
    goods(30)
    second = opened(inspector, RAW)
    with CaptureQueriesContext(connection) as many:
        assert client.get(address("recall", second.pk)).status_code == 200
    with CaptureQueriesContext(connection) as many_items:
        assert client.get(address("recall_items", second.pk)).status_code == 200

    assert len(many) == len(one)
    assert len(many_items) == len(one_item)


def test_the_list_asks_as_much_for_many_recalls_as_for_one(client, inspector):
    goods(3)
    opened(inspector, RAW)
    client.force_login(inspector)
    client.get(address("recalls"))
    with CaptureQueriesContext(connection) as one:
        client.get(address("recalls"))
    for _time in range(3):
        opened(inspector, RAW)
    with CaptureQueriesContext(connection) as many:
        page = client.get(address("recalls"))

    assert len(many) == len(one)
    assert page.content.decode().count("Cá hộp nhiễm khuẩn") == 4


def test_goods_of_one_place_are_listed_searched_and_taken_out_as_a_workbook(client, inspector):
    goods(3)
    recall = opened(inspector, RAW)
    client.force_login(inspector)
    narrowed = {"noi": canonical(place(1))}

    page = client.get(address("recall_items", recall.pk, **narrowed, q="quy nhon"))
    assert "Cửa hàng Quy Nhơn" in page.content.decode()
    assert page.context["table"].count == 3
    nothing = client.get(address("recall_items", recall.pk, **narrowed, q="pleiku"))
    assert nothing.context["table"].count == 0
    book = client.get(address("recall_items", recall.pk, export="xlsx"))
    assert book["Content-Type"].endswith("spreadsheetml.sheet")
    b"".join(book.streaming_content)
    assert client.get(address("recall", recall.pk, export="csv")).status_code == 200


def test_a_leader_issues_and_officers_note_what_they_found(client, inspector, leader):
    goods(3)
    recall = opened(inspector, RAW)
    client.force_login(leader)
    client.post(
        address("issue_recall", recall.pk),
        {
            "basis": "12/QĐ-SKHCN",
            "advice": "Ngừng bán, giữ nguyên hàng.",
            "public_text": "Có vi khuẩn gây bệnh.",
            "version": "1",
        },
    )
    recall.refresh_from_db()
    assert recall.state == RecallState.ISSUED

    client.force_login(inspector)
    said = {"outcome": "found", "happened_on": "01/03/2026", "tat-ca": "3-1"}
    url = address("record_outcome", recall.pk, noi=canonical(place(1)))
    page = client.post(url, said, follow=True)
    assert "Đã ghi kết quả cho 3 mã hàng." in page.content.decode()
    assert recall.items.filter(outcome=Outcome.FOUND).count() == 3
    assert recall.steps.get().where.startswith("Cửa hàng Quy Nhơn")
    none_ticked = client.post(url, {"outcome": "returned", "happened_on": "01/03/2026"})
    assert none_ticked.status_code == 422
    assert "ít nhất một mã hàng" in none_ticked.content.decode()
    one = recall.items.filter(outcome=Outcome.FOUND).first()
    client.post(url, {"outcome": "returned", "happened_on": "01/03/2026", "ma": str(one.pk)})
    assert recall.items.filter(outcome=Outcome.RETURNED).count() == 1
    told = client.post(address("notify_holders", recall.pk), follow=True)
    assert "Đã thông báo" in told.content.decode()
    again = client.post(address("run_recall", recall.pk), follow=True)
    assert "Đã truy tìm lần 2: 0 mã mới" in again.content.decode()


def test_a_recall_is_ended_with_a_conclusion_once(client, inspector, leader):
    goods(1)
    recall = issued(opened(inspector, RAW), leader)
    client.force_login(leader)
    said = {"conclusion": "Đã thu đủ.", "version": str(recall.version)}
    assert client.get(address("end_recall", recall.pk)).status_code == 200
    client.post(address("end_recall", recall.pk), said)

    recall.refresh_from_db()
    assert (recall.state, recall.ended_by) == (RecallState.ENDED, leader)
    assert client.post(address("end_recall", recall.pk), said).status_code == 403


def test_a_page_shown_before_somebody_else_decided_is_a_conflict(client, inspector, leader):
    goods(1)
    recall = opened(inspector, RAW)
    Recall.objects.filter(pk=recall.pk).update(version=2)
    client.force_login(leader)
    said = {
        "basis": "12/QĐ",
        "advice": "Ngừng bán.",
        "public_text": "Có vi khuẩn gây bệnh.",
        "version": "1",
    }

    assert client.post(address("issue_recall", recall.pk), said).status_code == 409


def test_the_whole_list_is_what_the_page_showed_or_nothing(client, inspector, leader):
    goods(3)
    recall = issued(opened(inspector, RAW), leader)
    client.force_login(inspector)
    page = client.get(address("recall_items", recall.pk)).content.decode()
    assert 'name="tat-ca" value="4-1"' in page
    capture(making(3, {RAW: 1}, [item(60)]))
    operations.run_recall(actor=inspector, recall=recall, at=NOW)

    said = {"outcome": "found", "happened_on": "01/03/2026"}
    for shown in ("4-1", "4-2", "5-1", "1", ""):
        answer = client.post(address("record_outcome", recall.pk), {**said, "tat-ca": shown})
        assert answer.status_code == 422
        assert "bây giờ có 5 mã" in answer.content.decode()
    assert not recall.steps.exists()
    client.post(address("record_outcome", recall.pk), {**said, "tat-ca": "5-2"})
    assert recall.items.filter(outcome=Outcome.FOUND).count() == 5


def test_units_and_other_departments_see_no_recalls(client, inspector):
    goods(1)
    recall = opened(inspector, RAW)
    client.force_login(PersonFactory(role=Role.UNIT_HEAD))
    assert client.get(address("recalls")).status_code == 403
    client.force_login(PersonFactory(role=Role.DEPARTMENT_COORDINATOR))
    assert client.get(address("recall", recall.pk)).status_code == 404
    assert client.get(address("recall_items", recall.pk)).status_code == 404
    client.force_login(PersonFactory(role=Role.AUDITOR))
    assert client.get(address("recall", recall.pk)).status_code == 200


def test_the_report_on_paper_says_what_it_does_not_list(client, inspector, leader, monkeypatch):
    goods(3)
    recall = issued(opened(inspector, RAW), leader)
    recall.identifiers += ["https://id.gs1.org/01/08934567000014/10/B2"]
    recall.save(update_fields=["identifiers"])
    monkeypatch.setattr(recall_report, "MOST_LISTED", 3)
    monkeypatch.setattr(recall_report, "MOST_BEGINNINGS", 1)
    client.force_login(inspector)

    text = " ".join(page_text(client.get(address("recall_report", recall.pk)).content).split())

    assert "… và 1 mã khác" in text
    assert "Danh sách 4 mã hàng xem tệp XLSX kèm theo." in text


def test_the_report_on_paper_says_what_was_decided_and_where_the_goods_are(
    client, inspector, leader
):
    goods(3)
    recall = issued(opened(inspector, RAW), leader)
    recall.items.update(holder_name="Hợp tác xã Cá Ngừ Phương Mai và Nhơn Lý")
    client.force_login(inspector)

    answer = client.get(address("recall_report", recall.pk))

    text = " ".join(page_text(answer.content).split())
    assert answer["Content-Type"] == "application/pdf"
    assert "12/QĐ" in text
    assert "4 mã hàng liên quan" in text
    assert "DANH SÁCH MÃ HÀNG" in text
    assert "Hợp tác xã Cá Ngừ Phương Mai và Nhơn Lý" in text
    client.force_login(PersonFactory(role=Role.DEPARTMENT_COORDINATOR))
    assert client.get(address("recall_report", recall.pk)).status_code == 404


def page_text(content):
    with pdfplumber.open(io.BytesIO(content)) as pdf:
        return " ".join(page.extract_text() for page in pdf.pages)
