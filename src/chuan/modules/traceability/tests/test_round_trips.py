import json

import pytest
from lxml import etree

from chuan.modules.traceability.engine.documents import Syntax
from chuan.modules.traceability.engine.hashing import pre_hash
from chuan.modules.traceability.engine.reading_json import read_json, write_json
from chuan.modules.traceability.engine.reading_xml import read_xml
from chuan.modules.traceability.engine.validation import faults_of
from chuan.modules.traceability.engine.writing_xml import write_xml
from chuan.modules.traceability.tests.gs1 import FOLDER, examples

JSON = examples("gs1/JSON/**/*.jsonld")
XML = [
    one
    for one in examples("gs1/XML/**/*.xml")
    if "CaptureJob" not in str(one.values)
    and "asterData.xml" not in str(one.values)
    and "CBV-11.4" not in str(one.values)
]
OLD_XML = examples("gs1/XSL/1.2/XML/*.xml")


def pre_hashes(document):
    return [pre_hash(event, document.namespaces_of(event)) for event in document.events]


@pytest.mark.parametrize("path", JSON)
def test_every_json_example_is_valid_and_comes_back_as_it_was(path):
    document = read_json(path.read_bytes())

    assert faults_of(document) == []
    assert write_json(document) == json.loads(path.read_bytes())


@pytest.mark.parametrize("path", JSON)
def test_every_json_example_survives_a_journey_through_xml(path):
    document = read_json(path.read_bytes())

    back = read_xml(write_xml(document))

    assert faults_of(back) == []
    assert pre_hashes(back) == pre_hashes(document)
    assert back.events == [plain(event) for event in document.events]


@pytest.mark.parametrize("path", XML)
def test_every_xml_example_is_valid_and_comes_back(path):
    document = read_xml(path.read_bytes())
    document_in_json = read_json(json.dumps(write_json(document)).encode())
    document_in_json.syntax = Syntax.XML

    assert faults_of(document) == []
    assert read_xml(write_xml(document)).events == document.events
    assert read_xml(write_xml(document_in_json)).events == document.events
    assert pre_hashes(document_in_json) == pre_hashes(document)


@pytest.mark.parametrize("path", XML)
def test_what_is_written_is_valid_by_the_schema_of_gs1(path):
    schema = etree.XMLSchema(etree.parse(FOLDER / "gs1" / "XSD" / "EPCglobal-epcis-2_0.xsd"))
    written = write_xml(read_xml(path.read_bytes()))

    schema.assertValid(etree.fromstring(written))


@pytest.mark.parametrize("path", OLD_XML)
def test_xml_of_1_2_is_read_into_2_0(path):
    document = read_xml(path.read_bytes())

    assert document.events
    assert document.envelope["schemaVersion"] == "2.0"
    assert faults_of(document) == []


def plain(event):
    """What XML tells: no empty lists but of EPCs, no context, standard words by their bare name."""
    told = {
        name: value
        for name, value in event.items()
        if name != "@context" and (value != [] or name == "epcList")
    }
    return json.loads(json.dumps(told).replace('"cbv:Comp-', '"'))
