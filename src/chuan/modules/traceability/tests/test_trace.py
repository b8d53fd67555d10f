from urllib.parse import quote

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chuan.modules.traceability.engine.facts import facts_of
from chuan.modules.traceability.engine.keys import canonical
from chuan.modules.traceability.engine.walk import Caps, Direction, Mode, walk
from chuan.modules.traceability.queries.trace import trace
from chuan.modules.traceability.store import tracing
from chuan.modules.traceability.store.writing import store
from chuan.modules.traceability.testing import (
    FIRST_DAY,
    case,
    document,
    event,
    item,
    make_key,
    packing,
)
from chuan.modules.traceability.tests.test_api import with_key

pytestmark = [pytest.mark.django_db, pytest.mark.citus]

UP, DOWN = Direction.UPSTREAM, Direction.DOWNSTREAM
STRICT, GDST = Mode.STRICT, Mode.GDST
BOX, PALLET = case(1), case(2)
INFINITY = 10**6


def keep(*events):
    held = document(*events)
    store([facts_of(held, one) for one in events], captured_by=None)


def making(hour, inputs, outputs):
    return event(hour, kind="TransformationEvent", inputEPCList=inputs, outputEPCList=outputs)


def followed(uri, direction=UP, mode=STRICT, **more):
    since = more.pop("since", None)
    return trace(uri, direction=direction, mode=mode, since=since, caps=Caps(**more))


def hours(found):
    return {int((row.event_time - FIRST_DAY).total_seconds() // 3600) for row in found.events}


def things(*uris):
    return {canonical(uri) for uri in uris}


@pytest.fixture
def chain():
    """1 catch; 2 made into 2 and 3; 3 packed; 4 shipped in the box; 5 taken out; 6 box goes on; 7 sold;
    another item rides along and is sold at 8."""
    keep(
        event(1, action="ADD", epcList=[item(1)]),
        making(2, [item(1)], [item(2), item(3)]),
        packing(3, "ADD", BOX, item(2), item(9)),
        event(4, epcList=[BOX]),
        packing(5, "DELETE", BOX, item(2)),
        event(6, epcList=[BOX]),
        event(7, epcList=[item(2)]),
        event(8, epcList=[item(9)]),
    )


def test_upstream_goes_to_what_it_was_made_from_by_way_of_its_box(chain):
    found = followed(item(2))

    assert hours(found) == {1, 2, 3, 4, 5, 7}
    assert set(found.things) == things(item(2), item(1), BOX)
    assert (canonical(item(2)), canonical(item(1)), "made from") in found.links
    assert not found.truncated


def test_downstream_goes_to_what_it_was_made_into_and_where_that_went(chain):
    found = followed(item(1), DOWN)

    assert hours(found) == {1, 2, 3, 4, 5, 7}
    assert set(found.things) == things(item(1), item(2), item(3), BOX)


def test_a_box_leads_to_what_was_inside_not_to_what_was_inside_another_time(chain):
    keep(packing(9, "ADD", BOX, item(20)), event(10, epcList=[item(20)]))

    assert hours(followed(BOX, since=FIRST_DAY.replace(hour=4))) == {1, 2, 3, 4}
    assert item(20) not in followed(item(2), mode=STRICT).things
    assert hours(followed(BOX, DOWN)) == {3, 4, 5, 6, 7, 8, 9, 10}


def test_what_happened_to_an_input_after_it_went_in_is_left_out_when_strict(chain):
    keep(event(9, epcList=[item(1)]))

    assert 9 not in hours(followed(item(2), mode=STRICT))
    assert 9 in hours(followed(item(2), mode=GDST))


def test_caps_are_told(chain):
    assert followed(item(2), depth=1).truncated
    assert followed(item(2), things=1).truncated
    assert followed(item(2), events=2).truncated
    assert len(followed(item(2), events=2).events) == 2
    assert followed(item(1), DOWN, fanout=1).truncated
    assert followed(item(2), links=1).truncated
    assert not followed(item(2), depth=5, things=10, events=10, fanout=2).truncated
    assert followed(item(999)) is None


def test_an_event_declared_wrong_leads_nowhere(chain):
    wrong = {**making(6, [item(30)], [item(2)]), "eventID": "urn:uuid:1"}
    keep(event(0, epcList=[item(30)]), wrong)
    assert 0 in hours(followed(item(2)))
    keep({**wrong, "errorDeclaration": {"declarationTime": "2026-03-05T00:00:00Z"}})

    assert hours(followed(item(2))) == {1, 2, 3, 4, 5, 7}


def test_a_trace_takes_as_many_statements_as_it_is_deep_however_wide(
    django_assert_max_num_queries,
):
    keep(making(1, [item(1)], [item(2)]))
    with django_assert_max_num_queries(30) as few:
        followed(item(2))
    keep(making(1, [item(number) for number in range(10, 60)], [item(3)]))
    with django_assert_max_num_queries(len(few)):
        assert len(followed(item(3)).things) == 51


@pytest.mark.parametrize(
    ("direction", "right", "wrong"),
    [("upstream", "until", "since"), ("downstream", "since", "until")],
)
def test_a_bound_of_the_other_direction_is_refused(client, chain, direction, right, wrong):
    machine = with_key(client, make_key()[1])

    def status(bound):
        told = {"direction": direction, bound: "2026-03-02T00:00:00Z"}
        return machine.get(f"trace/{quote(item(1), safe='')}", **told).status_code

    assert (status(right), status(wrong)) == (200, 400)


def test_a_trace_is_told_over_http(client, chain):
    headers = {"authorization": f"Bearer {make_key()[1]}"}

    def get(uri, **parameters):
        return client.get(f"/epcis/v2/trace/{uri}", parameters, headers=headers)

    told = get(item(2), mode="strict").json()
    assert (told["direction"], told["mode"], told["truncated"]) == ("upstream", "strict", False)
    assert set(told["things"]) == things(item(2), item(1), BOX)
    events = told["document"]["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
    assert len(events) == 6
    assert get(canonical(item(1)), direction="downstream").status_code == 200
    assert get(item(999)).status_code == 404
    for bad in ({"mode": "x"}, {"depth": "0"}, {"until": "soon"}, {"colour": "red"}):
        assert get(item(2), **bad).status_code == 400


# ------------------------------------------------------------------ against an oracle
class Oracle:
    """Tracing by plain recursion over plain events, one thing at a time."""

    def __init__(self, events, direction, mode):
        self.events, self.up, self.strict = events, direction is UP, mode is STRICT
        self.stays = self._stays()
        self.found, self.things, self.seen = set(), set(), set()

    def _stays(self):
        stays, open_since = [], {}
        for hour, (kind, left, right) in enumerate(self.events):
            if kind == "ADD":
                for child in right:
                    open_since.setdefault((child, left[0]), hour)
            elif kind in ("DELETE", "EMPTY"):
                for child, parent in list(open_since):
                    if parent == left[0] and (kind == "EMPTY" or child in right):
                        stays.append((child, parent, open_since.pop((child, parent)), hour))
        return stays + [(*pair, hour, INFINITY) for pair, hour in open_since.items()]

    def follow(self, thing, bound):
        if not self.strict:
            bound = INFINITY if self.up else -1
        if ("follow", thing, bound) in self.seen:
            return
        self.seen.add(("follow", thing, bound))
        self.things.add(thing)
        for hour, (kind, left, right) in enumerate(self.events):
            counts = hour <= bound if self.up else hour >= bound
            there = thing in left or (thing in right and kind != "EMPTY")
            if not (counts and there):
                continue
            self.found.add(hour)
            if kind == "MAKE" and self.up and thing in right:
                for other in left:
                    self.follow(other, hour)
            if kind == "MAKE" and not self.up and thing in left:
                for other in right:
                    self.follow(other, hour)
        for child, parent, start, end in self.stays:
            if child == thing:
                first, last = (0, bound) if self.up else (bound, INFINITY)
                self.ride(parent, max(start, first), min(end, last))
            if parent == thing and self.up and start <= bound:
                self.follow(child, min(end, bound))
            if parent == thing and not self.up and end >= bound:
                self.follow(child, max(start, bound))

    def ride(self, thing, first, last):
        if first > last or ("ride", thing, first, last) in self.seen:
            return
        self.seen.add(("ride", thing, first, last))
        self.things.add(thing)
        for hour, (kind, left, right) in enumerate(self.events):
            there = thing in left or (thing in right and kind != "EMPTY")
            if first <= hour <= last and there:
                self.found.add(hour)
        for child, parent, start, end in self.stays:
            if child == thing:
                self.ride(parent, max(start, first), min(end, last))


ITEMS, BOXES = [item(number) for number in range(5)], [case(1), case(2)]
some_items = st.lists(st.sampled_from(ITEMS), min_size=1, max_size=2, unique=True)
some_things = st.lists(st.sampled_from(ITEMS + BOXES[:1]), min_size=1, max_size=2, unique=True)
HAPPENINGS = st.lists(
    st.one_of(
        st.tuples(
            st.just("SEE"),
            st.lists(st.sampled_from(ITEMS + BOXES), min_size=1, max_size=1),
            st.just([]),
        ),
        st.tuples(st.just("MAKE"), some_items, some_items),
        st.tuples(st.sampled_from(["ADD", "DELETE"]), st.just([BOXES[1]]), some_things),
        st.tuples(st.sampled_from(["ADD", "DELETE", "EMPTY"]), st.just([BOXES[0]]), some_items),
    ),
    min_size=1,
    max_size=10,
)


def as_event(hour, kind, left, right):
    if kind == "SEE":
        return event(hour, epcList=left)
    if kind == "MAKE":
        return making(hour, left, right)
    return packing(
        hour, "ADD" if kind == "ADD" else "DELETE", left[0], *([] if kind == "EMPTY" else right)
    )


@given(
    HAPPENINGS,
    st.sampled_from(ITEMS + BOXES),
    st.sampled_from(Direction),
    st.sampled_from(Mode),
    st.randoms(),
)
@settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_trace_finds_what_plain_recursion_finds_in_whatever_order_events_came(
    happenings, start, direction, mode, random
):
    oracle = Oracle(happenings, direction, mode)
    oracle.follow(start, INFINITY if direction is UP else -1)
    events = [as_event(hour, *one) for hour, one in enumerate(happenings)]
    random.shuffle(events)

    with transaction.atomic():
        for one in events:
            keep(one)
        found = followed(start, direction, mode)
        known = dict.fromkeys(tracing.idents_of([canonical(start)]).values())
        asked = {"direction": direction, "mode": mode}
        whole = walk(known, tracing.StoredChain(), **asked)
        goods = walk(known, tracing.StoredChain(), **asked, goods_only=True)
        transaction.set_rollback(True)

    assert goods.followed == whole.followed

    if not oracle.found:
        assert found is None
    else:
        assert hours(found) == oracle.found
        assert set(found.things) == things(*oracle.things)


# ------------------------------------------------------------------ items and their lots
LOT = "urn:epc:class:lgtin:8934567.012345.L1"
OF_LOT = "https://id.gs1.org/01/{gtin}/10/L1/21/{serial}"


def of_lot(hour, **more):
    return event(hour, epcList=[], quantityList=[{"epcClass": LOT, "quantity": 5}], **more)


@pytest.fixture
def lot_with_items():
    """1 lot made; 2 its items numbered; 3 the lot moved; 4 one item sold; 5 the lot shipped in a box;
    6 the box received. Nobody tells of the other item by itself."""
    gtin = canonical(LOT).split("/")[4]
    numbered = [OF_LOT.format(gtin=gtin, serial=number) for number in (1, 2)]
    keep(
        of_lot(1, action="ADD"),
        event(2, action="ADD", epcList=numbered),
        of_lot(3),
        event(4, epcList=[item(1)], bizStep="retail_selling"),
        event(
            5,
            kind="AggregationEvent",
            action="ADD",
            parentID=BOX,
            childQuantityList=[{"epcClass": LOT, "quantity": 5}],
        ),
        event(6, epcList=[BOX]),
    )


@pytest.mark.parametrize(
    ("number", "mode", "told"),
    [
        (1, STRICT, {1, 2, 3, 4}),
        (2, STRICT, {1, 2, 3, 5, 6}),
        (1, GDST, {2, 4}),
    ],
)
def test_what_happens_to_a_lot_after_an_item_left_it_is_not_the_item_s_story(
    lot_with_items, number, mode, told
):
    assert hours(followed(item(number), mode=mode)) == told


def test_an_item_made_into_something_has_left_its_lot_then(lot_with_items):
    keep(making(4, [item(2)], [item(50)]))

    assert hours(followed(item(50))) == {1, 2, 3, 4}


def test_downstream_a_lot_leads_to_its_items_wherever_they_went(lot_with_items):
    assert hours(followed(LOT, DOWN)) == {1, 2, 3, 4, 5, 6}
