"""A search that cannot see everything takes no goods out of a recall."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.urls import reverse

from chuan.modules.traceability.engine.keys import canonical
from chuan.modules.traceability.engine.walk import Caps
from chuan.modules.traceability.enums import Fate
from chuan.modules.traceability.operations import archive
from chuan.modules.traceability.operations import recalls as operations
from chuan.modules.traceability.queries import affected
from chuan.modules.traceability.queries.recalls import concerned_by
from chuan.modules.traceability.queries.warnings import warnings_for
from chuan.modules.traceability.testing import (
    A_MONTH_LATER,
    capture,
    event,
    item,
    lot,
    make_key,
    making,
    opened,
    ordered,
    place,
)
from chuan.modules.traceability.tests.test_archive import NEXT, OLD, recorded
from chuan.modules.traceability.tests.test_recall_pages import page_text

pytestmark = pytest.mark.django_db

NOW = A_MONTH_LATER
RAW, SHOP = lot("R1"), place(3)
TINS = [item(number) for number in range(1, 4)]


@pytest.fixture
def recall(inspector, leader):
    """Of three tins, one sold, made in a month that can be archived; another was told of later."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT traceability_make_months('2025-01-01', '2025-03-31')")
    recorded(
        datetime(2025, 2, 10, tzinfo=UTC),
        making(2, {RAW: 30}, TINS),
        event(3, epcList=TINS[:2], bizStep="receiving", bizLocation={"id": SHOP}),
        event(4, epcList=TINS[:1], bizStep="retail_selling", disposition="retail_sold"),
        key=make_key(sees_everything=True)[0],
    )
    capture(event(5, epcList=TINS[2:], bizStep="storing", bizLocation={"id": place(2)}))
    return ordered(inspector, leader, RAW)


def archived(tmp_path):
    archive.archive_before(end=NEXT, folder=tmp_path, by="a test", at=NOW)


def facts(recall):
    names = ("uri", "place", "holder", "holder_name", "fate", "quantity")
    return set(concerned_by(recall).values_list(*names))


def again(recall):
    return operations.search_again(recall=recall, at=NOW + timedelta(days=1))


def test_a_recall_keeps_goods_whose_events_were_archived(recall, tmp_path):
    before = facts(recall)
    assert len(before) == 4
    archived(tmp_path)
    run = again(recall)

    assert (run.item_count, run.gone_count, run.new_count) == (4, 0, 0)
    assert run.by_fate == recall.runs.get(number=1).by_fate
    assert run.by_fate[Fate.SOLD] == 1
    assert facts(recall) == before
    assert warnings_for([canonical(TINS[1])])


def test_a_recall_grows_while_months_are_archived(recall, tmp_path):
    archived(tmp_path)
    capture(making(9, {RAW: 5}, [item(7)]), event(10, epcList=TINS[1:2], bizStep="shipping"))
    run = again(recall)

    assert (run.item_count, run.gone_count, run.new_count) == (5, 0, 1)


def test_goods_go_again_once_all_months_are_back(recall, tmp_path):
    archived(tmp_path)
    again(recall)
    archive.restore_month(month=OLD, folder=tmp_path, by="a test")
    wrong = {"declarationTime": "2026-03-05T00:00:00Z", "reason": "did_not_occur"}
    capture({**making(2, {RAW: 30}, TINS), "errorDeclaration": wrong})
    run = again(recall)

    assert (run.item_count, run.gone_count) == (0, 4)


def test_the_page_says_which_months_a_search_left_out(recall, inspector, client, tmp_path):
    client.force_login(inspector)
    address = reverse("chains:recall", args=[recall.pk])
    archived(tmp_path)
    # The first search had looked before.
    recall.runs.update(run_at=NOW - timedelta(days=1))
    assert "Chưa xét các tháng đã lưu kho" not in client.get(address).content.decode()
    again(recall)
    assert "Sự kiện ghi trước ngày 01/03/2025 đã lưu kho" in client.get(address).content.decode()
    archive.restore_month(month=OLD, folder=tmp_path, by="a test")
    assert "Chưa xét các tháng đã lưu kho" not in client.get(address).content.decode()


def test_the_report_on_paper_says_what_the_last_search_did_not_look_at(
    recall, inspector, client, tmp_path
):
    def on_paper():
        pages = client.get(reverse("chains:recall_report", args=[recall.pk])).content
        return " ".join(page_text(pages).split())

    client.force_login(inspector)
    assert "lưu kho" not in on_paper()
    archived(tmp_path)
    again(recall)
    recall.runs.update(truncated=True)
    said = on_paper()

    assert "Sự kiện ghi trước ngày 01/03/2025 đã lưu kho nên chưa được xét" in said
    assert "Kết quả chưa đủ" in said


def test_a_search_cut_short_takes_nothing_out(recall, monkeypatch):
    monkeypatch.setattr(
        affected, "CAPS", Caps(depth=50, things=2, events=200_000, fanout=100_000, links=0)
    )
    run = again(recall)
    assert (run.truncated, run.item_count, run.gone_count) == (True, 4, 0)


def test_a_lot_that_was_made_in_an_archived_month_is_not_used_up_by_what_was_taken_of_it(
    inspector, tmp_path
):
    with connection.cursor() as cursor:
        cursor.execute("SELECT traceability_make_months('2025-01-01', '2025-03-31')")
    recorded(datetime(2025, 2, 10, tzinfo=UTC), making(2, {lot("R0"): 200}, {RAW: 100}))
    capture(making(3, {RAW: 10}, TINS))
    recall = opened(inspector, RAW)
    before = recall.items.get(uri=canonical(RAW))
    assert (before.fate, before.quantity) == (Fate.HELD, 90)
    archived(tmp_path)
    operations.run_recall(actor=inspector, recall=recall, at=NOW)

    after = recall.items.get(uri=canonical(RAW))
    assert (after.fate, after.quantity) == (Fate.HELD, 90)
