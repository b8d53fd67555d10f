"""Where each thing was last and in what state, whatever order its events come in."""

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chuan.modules.traceability.engine.keys import canonical
from chuan.modules.traceability.testing import event, item, place
from chuan.modules.traceability.tests.test_storage import keep, names, rows

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer, pytest.mark.citus]

WRONG = {"errorDeclaration": {"declarationTime": "2026-03-05T00:00:00Z"}}


def states():
    """Of each thing: hour of its last event, place, disposition."""
    called = names()
    found = rows(
        "SELECT ident, extract(hour FROM last_time)::int, location, disposition"
        " FROM traceability_ident_state"
    )
    return {
        called[ident]: (hour, called.get(where), called.get(how, "").rpartition("-")[2] or None)
        for ident, hour, where, how in found
    }


def test_a_place_told_late_counts_where_the_last_event_names_none():
    keep(event(5, epcList=[item(1)], disposition="in_transit"))
    keep(event(1, epcList=[item(1)], bizLocation={"id": place(1)}, disposition="active"))
    keep(event(3, epcList=[item(1)], bizLocation={"id": place(2)}))

    assert states() == {canonical(item(1)): (5, canonical(place(2)), "in_transit")}


def test_an_error_declaration_takes_back_the_states_of_what_its_event_named():
    wrong = event(5, epcList=[item(1)], bizLocation={"id": place(2)}, eventID="urn:uuid:5")
    keep(event(1, epcList=[item(1)], bizLocation={"id": place(1)}))
    keep(wrong)
    keep({**wrong, "epcList": [item(9)], **WRONG})

    assert states() == {canonical(item(1)): (1, canonical(place(1)), None)}


# ------------------------------------------------------------------ against an oracle
ITEMS, PLACES, WORDS = (
    [item(number) for number in range(2)],
    [None, *(place(number) for number in range(1, 3))],
    [None, "active", "in_transit"],
)
EVENTS = st.lists(
    st.tuples(
        st.lists(st.sampled_from(ITEMS), min_size=1, unique=True),
        st.sampled_from(PLACES),
        st.sampled_from(WORDS),
        st.booleans(),  # taken back later
    ),
    max_size=7,
)


def oracle(told):
    found = {}
    for hour, (items, where, how, wrong) in enumerate(told):
        for one in () if wrong else items:
            _hour, before_where, before_how = found.get(canonical(one), (0, None, None))
            found[canonical(one)] = (
                hour,
                canonical(where) if where else before_where,
                how or before_how,
            )
    return found


def as_events(told):
    for hour, (items, where, how, wrong) in enumerate(told):
        more = {"bizLocation": {"id": where}} if where else {}
        more |= {"disposition": how} if how else {}
        found = event(hour, epcList=items, eventID=f"urn:uuid:{hour}", **more)
        yield found
        if wrong:
            yield {**found, **WRONG}


@given(EVENTS, st.randoms(), st.integers(1, 4))
@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_in_whatever_order_events_come_states_are_the_same(told, random, size):
    events = list(as_events(told))
    random.shuffle(events)

    with transaction.atomic():
        for start in range(0, len(events), size):
            keep(*events[start : start + size])
        found = states()
        transaction.set_rollback(True)

    assert found == oracle(told)
