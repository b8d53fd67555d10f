from datetime import timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chuan.modules.traceability.engine.facts import facts_of
from chuan.modules.traceability.engine.keys import canonical
from chuan.modules.traceability.store.writing import make_months, store
from chuan.modules.traceability.testing import (
    FIRST_DAY,
    case,
    document,
    event,
    item,
    packing,
    place,
)

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer, pytest.mark.citus]

BOX, PALLET = case(1), case(2)


def keep(*events):
    held = document(*events)
    return store([facts_of(held, one) for one in events], captured_by=None)


def rows(sql, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def containments():
    """(child, parent, hour in, hour out or None) for all that is or was inside something."""
    found = rows(
        "SELECT child, parent, t_from, CASE WHEN t_to < 'infinity' THEN t_to END"
        " FROM traceability_containment"
    )
    called = names()
    return {
        (called[child], called[parent], _hour(start), end and _hour(end))
        for child, parent, start, end in found
    }


def names():
    """What each number stands for. Asked by itself, as it may lie on another machine."""
    return dict(rows("SELECT id, uri FROM traceability_ident"))


def _hour(moment):
    return (moment - FIRST_DAY) // timedelta(hours=1)


def inside(child, parent, start, end=None):
    return canonical(child), canonical(parent), start, end


def test_an_event_is_kept_with_everybody_in_it():
    keep(
        event(
            epcList=[item(1), item(2)],
            quantityList=[
                {"epcClass": "urn:epc:class:lgtin:8934567.012345.L1", "quantity": 2.5, "uom": "KGM"}
            ],
            bizStep="shipping",
            readPoint={"id": place(1)},
        )
    )

    called = names()
    found = rows("SELECT ident, role, quantity, uom FROM traceability_event_ident")
    ((step,),) = rows("SELECT biz_step FROM traceability_event")
    assert sorted(((called[ident], *how) for ident, *how in found), key=lambda row: row[1::-1]) == [
        (canonical(item(1)), 1, None, None),
        (canonical(item(2)), 1, None, None),
        (canonical("urn:epc:class:lgtin:8934567.012345.L1"), 2, 2.5, "KGM"),
    ]
    assert called[step] == "https://ref.gs1.org/cbv/BizStep-shipping"


def test_the_same_event_is_kept_once_however_often_it_comes():
    (first,) = keep(event())
    again, twin = keep(event(), event())

    assert first.fresh
    assert not again.fresh
    assert not twin.fresh
    assert again.same
    assert first.event_id == again.event_id == twin.event_id
    assert rows("SELECT count(*) FROM traceability_event") == [(1,)]


def test_another_event_under_a_known_id_is_told_from_the_same_one():
    keep(event(eventID="urn:uuid:1", bizStep="shipping"))
    (other,) = keep(event(eventID="urn:uuid:1", bizStep="receiving"))

    assert not other.fresh
    assert not other.same


def test_of_two_events_under_one_id_in_a_document_the_first_counts():
    keep(event(eventID="urn:uuid:1", bizStep="shipping"), event(eventID="urn:uuid:1"))

    assert [body for (body,) in rows("SELECT body FROM traceability_event") if "shipping" in body]


def test_a_document_of_many_events_takes_as_many_statements_as_one_of_few(
    django_assert_max_num_queries,
):
    keep(packing(0, "ADD", BOX, item(1)))
    with django_assert_max_num_queries(20) as few:
        keep(packing(1, "ADD", BOX, item(2)))
    with django_assert_max_num_queries(len(few)):
        keep(*(packing(hour, "ADD", BOX, item(hour + 10)) for hour in range(100)))


def test_packing_and_unpacking_make_an_interval():
    keep(packing(1, "ADD", BOX, item(1), item(2)), packing(5, "DELETE", BOX, item(1)))

    assert containments() == {inside(item(1), BOX, 1, 5), inside(item(2), BOX, 1)}


def test_emptying_a_box_takes_out_all_that_was_in():
    keep(packing(1, "ADD", BOX, item(1)), packing(2, "ADD", BOX, item(2)))
    keep(packing(5, "DELETE", BOX))
    keep(packing(7, "ADD", BOX, item(1)))

    assert containments() == {
        inside(item(1), BOX, 1, 5),
        inside(item(2), BOX, 2, 5),
        inside(item(1), BOX, 7),
    }


def test_a_lot_can_be_in_many_boxes():
    lot = "urn:epc:class:lgtin:8934567.012345.L1"
    for box in (BOX, PALLET):
        keep(
            event(
                1,
                kind="AggregationEvent",
                action="ADD",
                parentID=box,
                childQuantityList=[{"epcClass": lot, "quantity": 5}],
            )
        )

    assert containments() == {inside(lot, BOX, 1), inside(lot, PALLET, 1)}


def test_an_error_declaration_takes_back_what_its_event_did():
    wrong = {**packing(1, "ADD", BOX, item(1)), "eventID": "urn:uuid:1"}
    keep(wrong)
    keep({**wrong, "errorDeclaration": {"declarationTime": "2026-03-05T00:00:00Z"}})

    assert containments() == set()
    assert rows("SELECT count(*) FROM traceability_event") == [(2,)]
    assert rows("SELECT count(*) FROM traceability_ident_state") == [(0,)]


def test_a_declaration_may_come_before_its_event():
    wrong = {**packing(1, "DELETE", BOX, item(1)), "eventID": "urn:uuid:1"}
    keep(packing(0, "ADD", BOX, item(1)))
    keep({**wrong, "errorDeclaration": {"declarationTime": "2026-03-05T00:00:00Z"}})
    keep(wrong)

    assert containments() == {inside(item(1), BOX, 0)}
    assert rows("SELECT last_time FROM traceability_ident_state") == [(FIRST_DAY,)] * 2


def test_the_latest_event_tells_where_a_thing_is_not_the_last_to_come():
    keep(event(5, bizLocation={"id": place(2)}, disposition="in_transit"))
    keep(event(1, bizLocation={"id": place(1)}, disposition="active"))

    found = rows("SELECT location, disposition FROM traceability_ident_state")
    called = names()
    assert [(called[at], called[how]) for at, how in found] == [
        (canonical(place(2)), "https://ref.gs1.org/cbv/Disp-in_transit")
    ]


@pytest.mark.django_db(transaction=True)
def test_months_are_made_ahead_and_take_over_what_came_early():
    keep(event(24 * 700))
    count = "SELECT count(*) FROM traceability_event_ident"
    day = FIRST_DAY + timedelta(days=700)

    assert rows(f"{count}_default") == [(1,)]
    assert make_months(day, day) == 3
    assert make_months(day, day) == 0
    assert rows(f"{count}_default") == [(0,)]
    assert rows(count) == [(1,)]


# ------------------------------------------------------------------ against an oracle
ITEMS, BOXES = [item(number) for number in range(3)], [case(1), case(2)]
MOVES = st.lists(
    st.tuples(
        st.sampled_from(["ADD", "DELETE", "EMPTY"]),
        st.sampled_from(BOXES),
        st.lists(st.sampled_from(ITEMS), min_size=1, max_size=2, unique=True),
        st.booleans(),  # taken back later
    ),
    max_size=8,
)


def oracle(moves):
    """What packing means, told one event after the other."""
    open_since, closed = {}, set()
    for hour, (action, box, items, wrong) in enumerate(moves):
        if wrong:
            continue
        if action == "ADD":
            for one in items:
                open_since.setdefault((one, box), hour)
            continue
        for pair in list(open_since):
            if pair[1] == box and (action == "EMPTY" or pair[0] in items):
                closed.add(inside(*pair, open_since.pop(pair), hour))
    return closed | {inside(*pair, hour) for pair, hour in open_since.items()}


def told(moves):
    for hour, (action, box, items, wrong) in enumerate(moves):
        children = [] if action == "EMPTY" else items
        found = packing(hour, "ADD" if action == "ADD" else "DELETE", box, *children)
        found["eventID"] = f"urn:uuid:{hour}"
        yield found
        if wrong:
            yield {**found, "errorDeclaration": {"declarationTime": "2026-03-05T00:00:00Z"}}


@given(MOVES, st.randoms(), st.integers(1, 4))
@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_in_whatever_order_events_come_packing_is_the_same(moves, random, size):
    events = list(told(moves))
    random.shuffle(events)

    with transaction.atomic():
        for start in range(0, len(events), size):
            keep(*events[start : start + size])
        found = containments()
        transaction.set_rollback(True)

    assert found == oracle(moves)
