"""Recalls: what they find, what changes between searches, who is told, what became of the goods."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import OperationalError

from chuan.core.audit.models import Entry
from chuan.core.jobs.testing import perform_jobs, waiting_jobs
from chuan.core.notices.models import Notice
from chuan.core.orgs.testing import OrganisationFactory
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.lib.rules import Denied
from chuan.modules.traceability import rules, tasks
from chuan.modules.traceability.engine.keys import canonical
from chuan.modules.traceability.enums import ErrorBehaviour, Fate, Outcome, RecallState
from chuan.modules.traceability.models import Recall, RecallItem
from chuan.modules.traceability.operations import recalls as operations
from chuan.modules.traceability.operations.capture import capture_document
from chuan.modules.traceability.queries.recalls import (
    holders_of,
    places_of,
    progress_of,
    recalls_visible_to,
)
from chuan.modules.traceability.queries.warnings import warnings_for
from chuan.modules.traceability.store import affected
from chuan.modules.traceability.testing import (
    A_MONTH_LATER,
    FIRST_DAY,
    PartyFactory,
    PlaceFactory,
    ProductFactory,
    at,
    capture,
    case,
    document,
    event,
    issued,
    item,
    lot,
    make_key,
    making,
    opened,
    packing,
    place,
)

pytestmark = [pytest.mark.django_db, pytest.mark.citus]

NOW = A_MONTH_LATER
FARM, PLANT, SHOP, ABROAD = (place(number) for number in (1, 2, 3, 4))
PLANT_PARTY, SHOP_PARTY = "urn:epc:id:pgln:8934567.00002", "urn:epc:id:pgln:8934567.00003"
BOX, PALLET = case(1), case(2)
RAW, OTHER_RAW = lot("R1", "000001"), lot("R2", "000001")


def here(place_uri):
    return {"bizLocation": {"id": place_uri}}


@pytest.fixture
def chain():
    """A lot of raw fish is made into four tins: one sold, one abroad, two in a box in the shop."""
    tins = [item(number) for number in range(1, 5)]
    capture(
        event(1, action="ADD", epcList=[], quantityList=[_kilos(RAW, 100)], **here(FARM)),
        making(2, {RAW: 60}, tins, **here(PLANT)),
        packing(3, "ADD", BOX, *tins[2:]),
        packing(4, "ADD", PALLET, BOX),
        event(5, epcList=[PALLET], bizStep="receiving", **here(SHOP)),
        event(6, epcList=[tins[0]], bizStep="retail_selling", disposition="retail_sold"),
        event(7, epcList=[tins[1]], bizStep="receiving", **here(ABROAD)),
        BusinessLocation={
            PLANT: {"name": "Nhà máy", "countryCode": "VN", "owning_party": PLANT_PARTY},
            SHOP: {"name": "Cửa hàng", "countryCode": "VN", "owning_party": SHOP_PARTY},
            ABROAD: {"name": "Warehouse", "countryCode": "JP"},
        },
        Party={SHOP_PARTY: {"name": "Công ty Bán lẻ"}, PLANT_PARTY: {"name": "Công ty Đồ hộp"}},
    )
    return tins


def _kilos(uri, amount):
    return {"epcClass": uri, "quantity": amount, "uom": "KGM"}


def found_by(recall):
    return {row.uri: row for row in recall.items.all()}


def links(*uris):
    return {canonical(uri) for uri in uris}


def test_a_lot_leads_to_all_that_was_made_of_it_where_it_is_and_what_became_of_it(chain, inspector):
    found = found_by(opened(inspector, RAW))

    assert set(found) == links(RAW, *chain)
    sold, abroad, boxed, _also = (found[canonical(tin)] for tin in chain)
    assert (sold.fate, abroad.fate, boxed.fate) == (Fate.SOLD, Fate.EXPORTED, Fate.HELD)
    assert (boxed.place_name, boxed.holder_name) == ("Cửa hàng", "Công ty Bán lẻ")
    assert boxed.inside == canonical(PALLET)
    raw = found[canonical(RAW)]
    assert (raw.fate, raw.quantity, raw.uom, raw.is_source) == (Fate.HELD, 40.0, "KGM", True)


def test_a_lot_used_to_the_end_is_used_up(inspector):
    capture(
        event(1, action="ADD", epcList=[], quantityList=[_kilos(RAW, 60)]),
        making(2, {RAW: 60}, [item(1)]),
    )

    assert found_by(opened(inspector, RAW))[canonical(RAW)].fate == Fate.CONSUMED


def _packed(hour, parent, uri, amount):
    return event(
        hour,
        kind="AggregationEvent",
        action="ADD",
        parentID=parent,
        childEPCs=[],
        childQuantityList=[_kilos(uri, amount)],
    )


def _sent(hour, parent, party):
    to = [{"type": "possessing_party", "destination": party}]
    return event(hour, epcList=[parent], bizStep="shipping", destinationList=to)


def test_a_lot_that_went_several_ways_is_found_by_its_parcels(inspector):
    capture(
        event(1, action="ADD", epcList=[], quantityList=[_kilos(RAW, 100)], **here(FARM)),
        _packed(2, BOX, RAW, 30),
        _packed(3, PALLET, RAW, 50),
        _sent(4, BOX, SHOP_PARTY),
        _sent(4, PALLET, PLANT_PARTY),
        Party={SHOP_PARTY: {"name": "Công ty Bán lẻ"}, PLANT_PARTY: {"name": "Công ty Đồ hộp"}},
    )

    found = found_by(opened(inspector, RAW))

    assert set(found) == links(RAW, BOX, PALLET)
    told = {uri: (one.fate, one.quantity, one.uom, one.holder_name) for uri, one in found.items()}
    assert told[canonical(BOX)] == (Fate.IN_TRANSIT, 30.0, "KGM", "Công ty Bán lẻ")
    assert told[canonical(PALLET)] == (Fate.IN_TRANSIT, 50.0, "KGM", "Công ty Đồ hộp")
    assert told[canonical(RAW)][:3] == (Fate.HELD, 20.0, "KGM")
    assert {one.product for one in found.values()} == {canonical(RAW).partition("/10/")[0]}


def test_what_is_left_of_a_lot_does_not_travel_with_the_part_that_was_sent(inspector):
    capture(
        event(1, action="ADD", epcList=[], quantityList=[_kilos(RAW, 100)], **here(FARM)),
        _packed(2, BOX, RAW, 30),
        event(5, epcList=[BOX], bizStep="receiving", **here(SHOP)),
    )

    found = found_by(opened(inspector, RAW))

    places = {uri: (one.place, one.quantity) for uri, one in found.items()}
    assert places == {
        canonical(RAW): (canonical(FARM), 70.0),
        canonical(BOX): (canonical(SHOP), 30.0),
    }


def test_a_lot_that_is_all_in_parcels_is_out_by_them_alone(inspector):
    capture(
        event(1, action="ADD", epcList=[], quantityList=[_kilos(RAW, 100)], **here(FARM)),
        _packed(2, BOX, RAW, 60),
        _packed(3, PALLET, RAW, 60),
    )

    recall = opened(inspector, RAW)

    raw = found_by(recall)[canonical(RAW)]
    assert (raw.fate, raw.quantity) == (Fate.PACKED, 0.0)
    assert progress_of(recall).still_out == 2


def test_a_lot_that_is_whole_in_one_box_goes_where_the_box_goes(inspector):
    capture(
        event(1, action="ADD", epcList=[], quantityList=[_kilos(RAW, 100)], **here(FARM)),
        _packed(2, BOX, RAW, 100),
        event(5, epcList=[BOX], bizStep="receiving", **here(SHOP)),
    )

    found = found_by(opened(inspector, RAW))

    assert {uri: one.place for uri, one in found.items()} == {canonical(RAW): canonical(SHOP)}


def test_goods_on_the_way_are_with_whom_they_were_sent_to(chain, inspector):
    to = [{"type": "possessing_party", "destination": SHOP_PARTY}]
    capture(event(8, epcList=[chain[1]], bizStep="shipping", destinationList=to))

    found = found_by(opened(inspector, chain[1]))[canonical(chain[1])]

    assert (found.holder_name, found.holder) == ("Công ty Bán lẻ", canonical(SHOP_PARTY))


def test_items_that_were_told_with_their_lot_are_found_by_it(inspector):
    of_lot = "https://id.gs1.org/01/08934567123457/10/L7/21/"
    capture(
        event(1, action="ADD", epcList=[of_lot + "1"]),
        event(2, action="ADD", epcList=[of_lot.replace("/10/L7", "") + "2"], ilmd=_ilmd("L7")),
        event(3, action="ADD", epcList=[of_lot.replace("/10/L7", "") + "3"], ilmd=_ilmd("L8")),
        event(4, epcList=[], quantityList=[{"epcClass": _seventh()}]),
    )

    found = found_by(opened(inspector, _seventh()))

    assert {uri.rpartition("/")[2] for uri in found} == {"L7", "1", "2"}


def _seventh():
    return "https://id.gs1.org/01/08934567123457/10/L7"


def _ilmd(number):
    return {"cbvmda:lotNumber": number}


def test_a_kind_of_goods_leads_to_all_its_lots_and_items(chain, inspector):
    product = canonical(chain[0]).partition("/21/")[0]

    assert set(found_by(opened(inspector, product + "/*"))) == links(*chain)


def test_a_place_and_a_stretch_of_time_lead_to_what_was_there_then(chain, inspector):
    capture(event(20, epcList=[item(99)], **here(PLANT)))

    found = opened(inspector, place=canonical(PLANT), since=_hour(1), until=_hour(10))

    assert set(found_by(found)) == links(RAW, *chain)
    later = opened(inspector, place=canonical(PLANT), since=_hour(15))
    assert set(found_by(later)) == links(item(99))


def test_a_place_leads_to_what_was_in_the_rooms_inside_it(inspector):
    house, room = place(10), place(11)
    capture(event(1, **here(room)), BusinessLocation={house: {"children": [room]}})

    assert set(found_by(opened(inspector, place=canonical(house)))) == links(item(1))


def _hour(number):
    return FIRST_DAY + timedelta(hours=number)


def test_what_only_carried_the_goods_is_not_recalled_nor_what_rode_beside_them(chain, inspector):
    capture(packing(4, "ADD", PALLET, item(50)))

    found = found_by(opened(inspector, RAW))

    assert not links(BOX, PALLET, item(50)) & set(found)


def test_a_recall_must_begin_somewhere_and_end_after_it_begins(inspector):
    with pytest.raises(ValidationError, match="Hãy nêu mã hàng"):
        opened(inspector)
    with pytest.raises(ValidationError, match="phải trước"):
        opened(inspector, RAW, since=_hour(2), until=_hour(1))


def test_another_search_tells_what_is_new_elsewhere_and_gone(chain, inspector):
    wrong = {**making(9, {RAW: 1}, [item(60)]), "eventID": "urn:uuid:9"}
    capture(wrong)
    recall = opened(inspector, RAW)
    declared = {"declarationTime": at(11)}
    capture(
        making(10, {RAW: 5}, [item(61), item(62)]),
        event(10, epcList=[chain[2]], bizStep="receiving", **here(PLANT)),
        {**wrong, "errorDeclaration": declared},
    )
    run = operations.run_recall(actor=inspector, recall=recall, at=NOW)

    assert (run.number, run.new_count, run.changed_count, run.gone_count) == (2, 2, 1, 1)
    fresh = RecallItem.objects.filter(found_in=run).values_list("uri", flat=True)
    assert set(fresh) == links(item(61), item(62))
    assert Entry.objects.filter(action="traceability.recall_run").get().details["new"] == 2


def test_the_night_looks_again_and_tells_the_department_of_more_goods(chain, inspector, leader):
    recall = issued(opened(inspector, RAW), leader)
    found = Notice.objects.exclude(dedupe_key__startswith="traceability.recall_opened:")
    assert operations.search_again(recall=recall, at=NOW).new_count == 0
    assert not found.exists()
    capture(making(10, {RAW: 5}, [item(61)]))
    operations.search_again(recall=recall, at=NOW)

    assert {notice.person for notice in found} == {inspector, leader}


def test_goods_that_came_between_search_and_order_are_found_with_the_order(
    chain, inspector, leader
):
    recall = opened(inspector, RAW)
    capture(making(10, {RAW: 5}, [item(61)]))

    issued(recall, leader)
    perform_jobs()

    assert recall.items.filter(uri=canonical(item(61))).exists()


def test_a_recall_that_cannot_be_searched_keeps_no_other_from_it(inspector, leader, monkeypatch):
    recalls = [issued(opened(inspector, uri), leader) for uri in (RAW, OTHER_RAW)]
    searched = []

    def fail_at_first(*, recall, at):
        searched.append(recall)
        if recall == recalls[0]:
            raise OperationalError("deadlock detected")

    monkeypatch.setattr(operations, "search_again", fail_at_first)
    tasks.search_for_recalls()
    for _name, of in waiting_jobs():
        with suppress(OperationalError):
            tasks.search_for_recall(**of)

    assert searched == recalls


def test_a_leader_who_did_not_open_it_orders_a_recall(chain, inspector, leader):
    recall = opened(inspector, RAW)
    with pytest.raises(Denied, match="lãnh đạo"):
        issued(recall, inspector)
    with pytest.raises(Denied, match="người khác"):
        issued(opened(leader, RAW), leader)
    with pytest.raises(rules.Conflict):
        operations.issue_recall(
            actor=leader, recall=recall, basis="12/QĐ", advice="", version=7, at=NOW
        )

    assert issued(recall, leader).state == RecallState.ISSUED
    assert Entry.objects.filter(action="traceability.recall_issued").exists()


def outcome_of(recall, actor, outcome, *uris, **more):
    items = recall.items.filter(uri__in=links(*uris))
    return operations.record_outcome(
        actor=actor,
        recall=recall,
        items=items,
        outcome=outcome,
        **{"happened_on": NOW.date(), "at": NOW, **more},
    )


def test_what_was_found_is_returned_and_destroyed_and_never_comes_back(chain, inspector, leader):
    recall = issued(opened(inspector, RAW), leader)
    outcome_of(recall, inspector, Outcome.FOUND, *chain[2:])
    outcome_of(recall, inspector, Outcome.RETURNED, chain[2])
    outcome_of(recall, inspector, Outcome.DESTROYED, chain[2])

    told = progress_of(recall).by_outcome
    assert (told["found"], told["destroyed"], told["open"]) == (1, 1, 3)
    with pytest.raises(ValidationError, match="1 mã đã ở trạng thái “Đã tiêu hủy”"):
        outcome_of(recall, inspector, Outcome.RETURNED, *chain[2:])
    day = NOW.date() + timedelta(days=2)
    with pytest.raises(ValidationError, match="sau hôm nay"):
        outcome_of(recall, inspector, Outcome.FOUND, chain[0], happened_on=day)
    with pytest.raises(ValidationError, match="ít nhất một"):
        outcome_of(recall, inspector, Outcome.FOUND, item(999))
    assert recall.steps.count() == 3
    assert Entry.objects.filter(action="traceability.recall_outcome").count() == 3


def test_outcomes_stay_when_the_search_is_done_again(chain, inspector, leader):
    recall = issued(opened(inspector, RAW), leader)
    outcome_of(recall, inspector, Outcome.RETURNED, chain[2])
    operations.run_recall(actor=inspector, recall=recall, at=NOW)

    assert found_by(recall)[canonical(chain[2])].outcome == Outcome.RETURNED


def test_nothing_is_noted_or_told_before_a_recall_is_ordered_nor_after_its_end(
    chain, inspector, leader
):
    recall = opened(inspector, RAW)
    with pytest.raises(Denied, match="đã ban hành"):
        outcome_of(recall, inspector, Outcome.FOUND, chain[2])
    recall = issued(recall, leader)
    recall = operations.end_recall(
        actor=leader, recall=recall, conclusion="Đã thu hết.", version=recall.version, at=NOW
    )
    with pytest.raises(Denied, match="đã ban hành"):
        operations.notify_holders(actor=inspector, recall=recall, wanted=None, at=NOW)
    with pytest.raises(Denied, match="đã kết thúc"):
        operations.run_recall(actor=inspector, recall=recall, at=NOW)


def test_holders_with_accounts_are_told_and_others_are_listed(chain, inspector, leader):
    shop = OrganisationFactory()
    head = PersonFactory(role=Role.UNIT_HEAD, organisation=shop)
    PartyFactory(organisation=shop, gln=canonical(SHOP_PARTY).rpartition("/")[2])
    recall = issued(opened(inspector, RAW), leader)
    operations.notify_holders(actor=inspector, recall=recall, wanted=None, at=NOW)

    (notice,) = Notice.objects.filter(person=head)
    assert "2 mã hàng" in notice.body
    told = {holder.name: holder.told_count for holder in holders_of(recall)}
    assert 1 in told.values()
    assert set(told.values()) == {0, 1}


class Told(list):
    """Counts how often it is gone through."""

    count = 0

    def __iter__(self):
        self.count += 1
        return super().__iter__()


def test_what_is_wanted_at_a_place_is_gone_through_once(inspector, monkeypatch):
    items = [item(number) for number in range(20)]
    capture(event(1, epcList=items, **here(SHOP)))
    all_told = []
    matching = affected.matching

    def told(patterns):
        all_told.append(Told(matching(patterns)))
        return all_told[-1]

    monkeypatch.setattr(affected, "matching", told)
    recall = opened(inspector, *items[:-1], place=canonical(SHOP))

    assert recall.items.count() == 19
    assert [one.count for one in all_told] == [1]


def test_many_holders_without_accounts_are_told_of_in_as_many_statements_as_few(
    inspector, leader, django_assert_max_num_queries
):
    def handed_out(*numbers):
        capture(
            *(
                event(
                    number,
                    epcList=[item(number)],
                    bizStep="shipping",
                    destinationList=[
                        {
                            "type": "possessing_party",
                            "destination": f"urn:epc:id:pgln:8934567.0{number:04}",
                        }
                    ],
                )
                for number in numbers
            )
        )
        return issued(opened(inspector, *map(item, numbers)), leader)

    few, many = handed_out(1, 2), handed_out(*range(10, 30))
    counts = [len(holders_of(one)) for one in (few, many)]
    assert counts == [2, 20]
    with django_assert_max_num_queries(50) as asked:
        operations.notify_holders(actor=inspector, recall=few, wanted=None, at=NOW)
    wanted = Told((one.uri, one.name) for one in holders_of(many))
    with django_assert_max_num_queries(len(asked)):
        operations.notify_holders(actor=inspector, recall=many, wanted=wanted, at=NOW)
    assert wanted.count == 1


def test_places_are_counted_in_one_statement(chain, inspector, django_assert_num_queries):
    recall = opened(inspector, RAW)
    with django_assert_num_queries(1):
        rows = {row["place_name"]: (row["total"], row["out"]) for row in places_of(recall)}

    assert rows["Cửa hàng"] == (2, 2)


def test_a_search_takes_as_many_statements_for_many_goods_as_for_few(
    inspector, django_assert_max_num_queries
):
    capture(making(1, {RAW: 5}, [item(1)]))
    capture(making(1, {OTHER_RAW: 5}, [item(number) for number in range(100, 400)]))
    with django_assert_max_num_queries(100) as few:
        opened(inspector, RAW)
    with django_assert_max_num_queries(len(few)):
        assert opened(inspector, OTHER_RAW).items.count() == 301


def test_recalls_of_another_department_are_not_seen(chain, inspector):
    recall = opened(inspector, RAW)
    stranger = PersonFactory(role=Role.DEPARTMENT_COORDINATOR)
    overseer = PersonFactory(role=Role.AUDITOR)

    assert list(recalls_visible_to(inspector)) == [recall]
    assert not recalls_visible_to(stranger).exists()
    assert recalls_visible_to(overseer).exists()
    assert Recall.objects.count() == 1


def test_whoever_scans_recalled_goods_is_warned_while_the_recall_is_in_force(
    chain, inspector, leader
):
    tin = canonical(chain[2])
    recall = opened(inspector, RAW)
    assert warnings_for([tin]) == []
    recall = issued(recall, leader)

    (warning,) = warnings_for([tin, tin.partition("/21/")[0]])
    assert (warning.is_recall, warning.title) == (True, "Cá hộp nhiễm khuẩn")
    assert warnings_for([canonical(item(999))]) == []
    operations.end_recall(
        actor=leader, recall=recall, conclusion="Xong.", version=recall.version, at=NOW
    )
    assert warnings_for([tin]) == []


def test_places_of_the_register_have_its_names_and_their_parties(inspector):
    spot = PlaceFactory(name="Kho Quy Nhơn", gln=canonical(SHOP).rpartition("/")[2])
    capture(event(1, bizLocation={"id": SHOP}), BusinessLocation={SHOP: {"name": "Tên khác"}})

    found = found_by(opened(inspector, item(1)))[canonical(item(1))]

    assert (found.place_name, found.holder_name) == ("Kho Quy Nhơn", spot.party.name)


def test_items_told_with_their_lot_when_they_began_are_recalled_with_it(inspector):
    product = ProductFactory()
    piece, of_lot = f"{product.uri}/21/7", f"{product.uri}/10/S1"
    held = document(
        event(1, action="ADD", epcList=[piece], ilmd={"cbvmda:lotNumber": "S1"}),
        event(2, epcList=[], quantityList=[_kilos(of_lot, 5)]),
        cbvmda="urn:epcglobal:cbv:mda",
    )
    capture_document(key=make_key()[0], document=held, behaviour=ErrorBehaviour.ROLLBACK)

    assert piece in found_by(opened(inspector, of_lot))
