import hashlib

import pytest

from chuan.modules.traceability.engine import hashing
from chuan.modules.traceability.engine.documents import Document
from chuan.modules.traceability.engine.hashing import event_hash, pre_hash
from chuan.modules.traceability.engine.reading_json import read_json
from chuan.modules.traceability.engine.reading_xml import read_xml
from chuan.modules.traceability.tests.gs1 import examples

OF_GS1 = [*examples("event-hash/*.xml"), *examples("gs1/JSON/**/*.jsonld")]
EVENT = {
    "type": "ObjectEvent",
    "eventTime": "2020-03-04T11:00:30.000+01:00",
    "eventTimeZoneOffset": "+01:00",
    "epcList": ["urn:epc:id:sscc:4012345.0000000333", "urn:epc:id:sscc:4012345.0000000111"],
    "action": "OBSERVE",
    "bizStep": "departing",
}


def read(path):
    return (read_xml if path.suffix == ".xml" else read_json)(path.read_bytes())


def hashes(document):
    return [event_hash(event, document.namespaces_of(event)) for event in document.events]


@pytest.mark.parametrize("path", [*examples("event-hash/*.xml"), *examples("event-hash/*.jsonld")])
def test_reference_hashes_are_met_to_the_bit(path):
    assert hashes(read(path)) == path.with_suffix(".hashes").read_text().split()


@pytest.mark.parametrize("path", examples("event-hash/*.prehashes"))
def test_the_text_that_is_hashed_is_that_of_the_reference(path):
    # One of the files carries overwritten lines, and does not hash to what stands beside it.
    expected = path.read_text().splitlines()
    wanted = path.with_suffix(".hashes").read_text().split()
    document = read(next(path.parent.glob(f"{path.stem}.xml"), path.with_suffix(".jsonld")))

    for event, text, hashed in zip(document.events, expected, wanted, strict=True):
        if hashlib.sha256(text.encode()).hexdigest() in hashed:
            assert pre_hash(event, document.namespaces_of(event)) == text


def test_four_writings_of_one_event_have_one_hash():
    other = {
        **EVENT,
        "eventTime": "2020-03-04T10:00:30Z",
        "recordTime": "2021-01-01T00:00:00Z",
        "eventID": "urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8",
        "epcList": [
            "https://example.org/00/040123450000001112",
            "https://id.gs1.org/00/040123450000003338",
        ],
        "bizStep": "https://ref.gs1.org/cbv/BizStep-departing",
    }

    assert event_hash(EVENT, {}) == event_hash(other, {})
    assert event_hash(EVENT, {}) != event_hash({**EVENT, "bizStep": "arriving"}, {})


def test_own_fields_count_by_their_namespace_not_by_their_prefix():
    namespace = "https://ns.example.com/epcis/"

    assert event_hash({**EVENT, "a:b": "007.50"}, {"a": namespace}) == event_hash(
        {**EVENT, "c:b": 7.5}, {"c": namespace}
    )


def test_an_error_declaration_does_not_change_what_the_event_is():
    declared = {**EVENT, "errorDeclaration": {"declarationTime": "2021-01-01T00:00:00Z"}}

    assert event_hash(declared, {}) == event_hash(EVENT, {})


@pytest.mark.parametrize(
    ("declared", "told"),
    [
        ({}, "{urn:epcglobal:cbv:mda}"),
        ({"cbvmda": "urn:epcglobal:cbv:mda:"}, "{urn:epcglobal:cbv:mda:}"),
    ],
)
def test_a_namespace_is_told_as_its_document_declares_it(declared, told):
    """GS1's context ends this one in a colon, its XML does not, the reference takes either literally."""
    event = {**EVENT, "action": "ADD", "ilmd": {"cbvmda:lotNumber": "L1"}}
    document = Document(events=[event], namespaces=declared)

    assert pre_hash(event, document.namespaces_of(event)).endswith(f"ilmd{told}lotNumber=L1")


@pytest.mark.parametrize("path", OF_GS1)
def test_what_is_written_without_a_tree_is_what_the_tree_says(path, monkeypatch):
    document = read(path)
    texts = [pre_hash(event, document.namespaces_of(event)) for event in document.events]
    assert texts

    monkeypatch.setattr(hashing, "_WRITERS", {})

    assert [pre_hash(one, document.namespaces_of(one)) for one in document.events] == texts


def test_somebody_s_own_fields_of_a_place_or_a_quantity_count(monkeypatch):
    namespaces = {"a": "https://ns.example.com/epcis/"}
    told = {
        **EVENT,
        "readPoint": {"id": "urn:epc:id:sgln:4012345.00001.0", "a:floor": "2"},
        "quantityList": [
            {"epcClass": "urn:epc:class:lgtin:4012345.012345.L1", "quantity": 2, "a:of": "x"},
            {"epcClass": "urn:epc:class:lgtin:4012345.012345.L0", "quantity": 1.50, "uom": "KGM"},
        ],
    }

    text = pre_hash(told, namespaces)
    assert "{https://ns.example.com/epcis/}floor=2" in text
    assert "of=x" in text

    monkeypatch.setattr(hashing, "_WRITERS", {})
    assert pre_hash(told, namespaces) == text
