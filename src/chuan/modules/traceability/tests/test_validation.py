import copy
import itertools
import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuan.modules.traceability.engine.documents import Syntax, Unreadable
from chuan.modules.traceability.engine.reading_json import read_json
from chuan.modules.traceability.engine.reading_xml import read_xml
from chuan.modules.traceability.engine.validation import event_faults, faults_of

WHEN = {"eventTime": "2026-03-04T11:00:30+07:00", "eventTimeZoneOffset": "+07:00"}
ITEM = "urn:epc:id:sgtin:8934567.012345.12"
OBJECT = {"type": "ObjectEvent", **WHEN, "action": "OBSERVE", "epcList": [ITEM]}
ASSOCIATION = {
    "type": "AssociationEvent",
    **WHEN,
    "action": "ADD",
    "parentID": "urn:epc:id:sgln:8934567.00001.0",
    "childEPCs": ["urn:epc:id:giai:8934567.7"],
}
REPORT = {"type": "Temperature", "value": 4, "uom": "CEL"}


def paths(event, **more):
    return [fault.path for fault in event_faults({**event, **more}, index=0)]


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"eventTime": "2026-13-04T11:00:30+07:00"}, "$.eventTime"),
        ({"eventTime": "2026-03-04T11:00:30"}, "$.eventTime"),
        ({"eventTimeZoneOffset": "+0700"}, "$.eventTimeZoneOffset"),
        ({"eventTimeZoneOffset": "+14:30"}, "$.eventTimeZoneOffset"),
        ({"action": "observe"}, "$.action"),
        ({"epcList": ["8934567012345"]}, "$.epcList[0]"),
        ({"epcList": [ITEM, ITEM]}, "$.epcList"),
        ({"bizStep": "shipped"}, "$.bizStep"),
        ({"bizStep": "urn:epcglobal:cbv:bizstep:shipping"}, "$.bizStep"),
        ({"disposition": 3}, "$.disposition"),
        ({"readPoint": {}}, "$.readPoint.id"),
        ({"colour": "red"}, "$.colour"),
        ({"epcList": ["urn:x:" + "1" * 2000]}, "$.epcList[0]"),
        ({"quantityList": [{"epcClass": ITEM, "quantity": 10**400}]}, "$.quantityList[0].quantity"),
        ({"ilmd": {"ex:a": 1}}, "$.ilmd"),
        ({"quantityList": [{"quantity": 1}]}, "$.quantityList[0].epcClass"),
        ({"quantityList": [{"epcClass": ITEM, "quantity": "1"}]}, "$.quantityList[0].quantity"),
        ({"quantityList": [{"epcClass": ITEM, "uom": "kg"}]}, "$.quantityList[0].uom"),
        ({"sourceList": [{"source": ITEM}]}, "$.sourceList[0].type"),
        ({"bizTransactionList": [{"type": "po"}]}, "$.bizTransactionList[0].bizTransaction"),
        ({"persistentDisposition": {}}, "$.persistentDisposition"),
        ({"persistentDisposition": {"set": []}}, "$.persistentDisposition.set"),
        ({"errorDeclaration": {}}, "$.errorDeclaration.declarationTime"),
        ({"certificationInfo": "none"}, "$.certificationInfo"),
        ({"sensorElementList": [{}]}, "$.sensorElementList[0].sensorReport"),
        (
            {"sensorElementList": [{"sensorReport": [{**REPORT, "value": "4"}]}]},
            "$.sensorElementList[0].sensorReport[0].value",
        ),
        (
            {"sensorElementList": [{"sensorReport": [{"value": 4}]}]},
            "$.sensorElementList[0].sensorReport[0].type",
        ),
    ],
)
def test_what_the_schema_forbids_is_told_with_its_place(more, path):
    assert paths(OBJECT) == []
    assert paths(OBJECT, **more) == [path]


def test_everything_wrong_is_told_at_once_with_event_value_and_rule():
    document = read_json(b'{"type": "ObjectEvent", "action": "LOOK", "bizStep": 5}')

    faults = faults_of(document)

    assert {(fault.event, fault.path) for fault in faults} == {
        (None, "$.@context"),
        (0, "$.eventTime"),
        (0, "$.eventTimeZoneOffset"),
        (0, "$.action"),
        (0, "$.bizStep"),
        (0, "$"),
    }
    assert "event 0, $.action: ADD, OBSERVE or DELETE (found: LOOK)" in map(str, faults)


def test_sensor_data_said_in_metadata_is_not_said_again_in_a_report():
    """TCR-53, step 29."""
    element = {"sensorMetadata": {"deviceID": ITEM}, "sensorReport": [{**REPORT, "deviceID": ITEM}]}

    assert paths(OBJECT, sensorElementList=[element]) == [
        "$.sensorElementList[0].sensorReport[0].deviceID"
    ]
    del element["sensorReport"][0]["deviceID"]
    assert paths(OBJECT, sensorElementList=[element]) == []


@pytest.mark.parametrize("action", ["ADD", "DELETE", "OBSERVE"])
def test_an_association_needs_its_parent(action):
    """TCR-54, step 3."""
    event = {name: value for name, value in ASSOCIATION.items() if name != "parentID"}

    assert paths(event, action=action) == ["$.parentID"]
    assert paths(ASSOCIATION, action=action) == []


@pytest.mark.parametrize(("action", "found"), [("ADD", ["$"]), ("OBSERVE", ["$"]), ("DELETE", [])])
def test_an_association_needs_children_unless_it_ends(action, found):
    """TCR-54, step 4."""
    event = {name: value for name, value in ASSOCIATION.items() if name != "childEPCs"}

    assert paths(event, action=action) == found


def test_a_transformation_needs_inputs_and_outputs_or_its_id():
    event = {"type": "TransformationEvent", **WHEN, "inputEPCList": [ITEM]}

    assert paths(event) == ["$"]
    assert paths(event, outputEPCList=[ITEM]) == []
    assert paths(event, transformationID="urn:x:1") == []


def test_xml_out_of_order_or_with_unknown_elements_is_refused():
    body = (
        '<epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:2" schemaVersion="2.0" '
        'creationDate="2026-03-04T11:00:30Z"><EPCISBody><EventList><ObjectEvent>'
        "<eventTimeZoneOffset>+07:00</eventTimeZoneOffset>"
        "<eventTime>2026-03-04T11:00:30Z</eventTime>"
        f"<epcList><epc>{ITEM}</epc></epcList><action>OBSERVE</action><colour>red</colour>"
        "</ObjectEvent></EventList></EPCISBody></epcis:EPCISDocument>"
    )

    assert [fault.path for fault in faults_of(read_xml(body.encode()))] == [
        "$.eventTime",
        "$.colour",
    ]


def test_the_envelope_is_held_to_the_schema_too():
    body = b'{"@context": 1, "type": "EPCISDocument", "colour": 1, "epcisBody": {"eventList": []}}'

    assert {fault.path for fault in faults_of(read_json(body))} == {
        *("$.@context", "$.schemaVersion", "$.creationDate", "$.colour")
    }


# ------------------------------------------------------------------ bytes of bad people
DOCUMENT = b'<epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:2">%s</epcis:EPCISDocument>'


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE a [<!ENTITY b "c">]>' + DOCUMENT % b"&b;",
        b'<!DOCTYPE a SYSTEM "http://example.com/a.dtd">' + DOCUMENT % b"",
        b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>' + DOCUMENT % b"&b;",
        b'<!DOCTYPE a><!DOCTYPE a [<!ENTITY b "c">]>' + DOCUMENT % b"",
        DOCUMENT % (b"<a>" * 5000 + b"</a>" * 5000),
        DOCUMENT % (b"<a>" * 100 + b"</a>" * 100),
        b"<?xml version='1.0' encoding='UTF-7'?>" + DOCUMENT % b"",
        (DOCUMENT % b"").decode().encode("utf-16"),
        DOCUMENT % b"\xff",
        DOCUMENT % b"<open>",
        b"<html/>",
        b"",
    ],
)
def test_hostile_xml_is_refused(body):
    with pytest.raises(Unreadable):
        read_xml(body)


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"type":"EPCISDocument","epcisBody":' + b'{"a":' * 100 + b"1" + b"}" * 101,
        b'{"type": NaN}',
        b'"\xff"',
        b"{",
        b"[]",
        b"",
        b'{"type":"EPCISDocument"}',
        b'{"type":"EPCISDocument","epcisBody":{"eventList":{}}}',
        b'{"type":' + b"9" * 100_000 + b"}",
        b'{"type":1e999}',
        b'{"type":"\\u0000"}',
        b'{"type":"\\ud800"}',
    ],
)
def test_hostile_json_is_refused(body):
    with pytest.raises(Unreadable):
        read_json(body)


def test_a_bomb_costs_little():
    names = "abcdefghij"
    entities = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in itertools.pairwise(names))
    bomb = f'<!DOCTYPE a [<!ENTITY a "boom">{entities}]>'.encode() + DOCUMENT % b"&j;"
    started = time.process_time()

    with pytest.raises(Unreadable):
        read_xml(bomb)

    assert time.process_time() - started < 0.1


def prefixed(count, inside=b""):
    declared = b"".join(b' xmlns:p%d="urn:x:%d"' % (one, one) for one in range(count))
    return DOCUMENT % (b"<EPCISBody%s><EventList>%s</EventList></EPCISBody>" % (declared, inside))


def test_more_prefixes_than_any_document_needs_are_refused():
    assert len(read_xml(prefixed(199)).namespaces) == 199
    with pytest.raises(Unreadable, match="prefixes"):
        read_xml(prefixed(201))


def test_prefixes_are_read_once_however_many_elements_inherit_them():
    body = prefixed(190, b"<a/>" * 50_000)
    started = time.process_time()

    assert len(read_xml(body).namespaces) == 190
    assert time.process_time() - started < 3


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
PLACES = [
    *("type", "eventTime", "action", "epcList", "quantityList", "readPoint", "sourceList"),
    *("sensorElementList", "ilmd", "errorDeclaration", "persistentDisposition", "bizStep"),
    *("certificationInfo", "@context", "parentID", "bizTransactionList"),
]


@given(st.sampled_from(PLACES), ANY_JSON, st.sampled_from([OBJECT, ASSOCIATION]))
def test_whatever_stands_in_a_field_the_validator_answers(place, value, event):
    event = copy.deepcopy(event)
    event[place] = value

    for syntax in Syntax:
        event_faults(event, index=0, syntax=syntax)


@given(st.binary())
def test_no_bytes_break_the_readers(body):
    for reader in (read_json, read_xml):
        for given_body in (body, DOCUMENT % body):
            with suppress(Unreadable):
                reader(given_body)
