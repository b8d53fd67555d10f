"""The fields of EPCIS 2.0 events: what each holds and where it stands.

An event is kept as the object of its JSON form; this table is what readers, writers, the validator
and the hash agree on. Source: EPCIS 2.0, sections 7.4 and 9.5 (order of XML elements).
"""

from __future__ import annotations

from enum import Enum, auto
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from chuan.modules.traceability.engine.vocabulary import Vocabulary

Event: TypeAlias = dict[str, Any]


class Kind(Enum):
    """What the value of a field looks like."""

    URI = auto()
    TIME = auto()
    OFFSET = auto()
    ACTION = auto()
    WORD = auto()
    EPCS = auto()
    QUANTITIES = auto()
    POINT = auto()
    TYPED = auto()
    SENSORS = auto()
    PERSISTENT = auto()
    ILMD = auto()
    ERROR = auto()
    CERTIFICATES = auto()

    # By identity: members hash in Python otherwise, and every field of every event is looked up by one.
    __hash__ = object.__hash__


_FIRST: Final = {
    "eventTime": Kind.TIME,
    "recordTime": Kind.TIME,
    "eventTimeZoneOffset": Kind.OFFSET,
    "eventID": Kind.URI,
    "errorDeclaration": Kind.ERROR,
    "certificationInfo": Kind.CERTIFICATES,
}
_WHY: Final = {
    "action": Kind.ACTION,
    "bizStep": Kind.WORD,
    "disposition": Kind.WORD,
    "readPoint": Kind.POINT,
    "bizLocation": Kind.POINT,
}
_LAST: Final = {
    "sourceList": Kind.TYPED,
    "destinationList": Kind.TYPED,
    "sensorElementList": Kind.SENSORS,
    "persistentDisposition": Kind.PERSISTENT,
}
# In the order of their XML elements.
FIELDS: Final = MappingProxyType(
    {
        "ObjectEvent": {
            **_FIRST,
            "epcList": Kind.EPCS,
            **_WHY,
            "bizTransactionList": Kind.TYPED,
            "quantityList": Kind.QUANTITIES,
            **_LAST,
            "ilmd": Kind.ILMD,
        },
        "AggregationEvent": {
            **_FIRST,
            "parentID": Kind.URI,
            "childEPCs": Kind.EPCS,
            **_WHY,
            "bizTransactionList": Kind.TYPED,
            "childQuantityList": Kind.QUANTITIES,
            **_LAST,
        },
        "TransactionEvent": {
            **_FIRST,
            "bizTransactionList": Kind.TYPED,
            "parentID": Kind.URI,
            "epcList": Kind.EPCS,
            **_WHY,
            "quantityList": Kind.QUANTITIES,
            **_LAST,
        },
        "TransformationEvent": {
            **_FIRST,
            "inputEPCList": Kind.EPCS,
            "inputQuantityList": Kind.QUANTITIES,
            "outputEPCList": Kind.EPCS,
            "outputQuantityList": Kind.QUANTITIES,
            "transformationID": Kind.URI,
            **{name: kind for name, kind in _WHY.items() if name != "action"},
            "bizTransactionList": Kind.TYPED,
            **_LAST,
            "ilmd": Kind.ILMD,
        },
        "AssociationEvent": {
            **_FIRST,
            "parentID": Kind.URI,
            "childEPCs": Kind.EPCS,
            "childQuantityList": Kind.QUANTITIES,
            **_WHY,
            "bizTransactionList": Kind.TYPED,
            **_LAST,
        },
    }
)
EVENT_TYPES: Final = tuple(FIELDS)
# GS1's JSON schema knows persistent dispositions of these alone; its XML schema, of all.
WITH_PERSISTENT_IN_JSON: Final = ("ObjectEvent", "TransformationEvent")
ACTIONS: Final = ("ADD", "OBSERVE", "DELETE")

# The element of each typed list, and the words its types come from.
TYPED_LISTS: Final = MappingProxyType(
    {
        "bizTransactionList": ("bizTransaction", Vocabulary.BIZ_TRANSACTION),
        "sourceList": ("source", Vocabulary.SOURCE_DESTINATION),
        "destinationList": ("destination", Vocabulary.SOURCE_DESTINATION),
    }
)
WORDS: Final = MappingProxyType(
    {"bizStep": Vocabulary.BIZ_STEP, "disposition": Vocabulary.DISPOSITION}
)


class Reading(Enum):
    """What an attribute of sensor metadata or of a sensor report holds."""

    URI = auto()
    TIME = auto()
    NUMBER = auto()
    TEXT = auto()
    BOOLEAN = auto()
    HEX = auto()
    MEASUREMENT = auto()
    ALERT = auto()
    COMPONENT = auto()


SENSOR_METADATA: Final = MappingProxyType(
    {
        "time": Reading.TIME,
        "startTime": Reading.TIME,
        "endTime": Reading.TIME,
        "deviceID": Reading.URI,
        "deviceMetadata": Reading.URI,
        "rawData": Reading.URI,
        "dataProcessingMethod": Reading.URI,
        "bizRules": Reading.URI,
    }
)
SENSOR_REPORT: Final = MappingProxyType(
    {
        "type": Reading.MEASUREMENT,
        "exception": Reading.ALERT,
        "deviceID": Reading.URI,
        "deviceMetadata": Reading.URI,
        "rawData": Reading.URI,
        "dataProcessingMethod": Reading.URI,
        "bizRules": Reading.URI,
        "time": Reading.TIME,
        "microorganism": Reading.URI,
        "chemicalSubstance": Reading.URI,
        "coordinateReferenceSystem": Reading.URI,
        "value": Reading.NUMBER,
        "component": Reading.COMPONENT,
        "stringValue": Reading.TEXT,
        "booleanValue": Reading.BOOLEAN,
        "hexBinaryValue": Reading.HEX,
        "uriValue": Reading.URI,
        "minValue": Reading.NUMBER,
        "maxValue": Reading.NUMBER,
        "meanValue": Reading.NUMBER,
        "sDev": Reading.NUMBER,
        "percRank": Reading.NUMBER,
        "percValue": Reading.NUMBER,
        "uom": Reading.TEXT,
    }
)
SENSOR_WORDS: Final = MappingProxyType(
    {
        Reading.MEASUREMENT: Vocabulary.MEASUREMENT,
        Reading.ALERT: Vocabulary.SENSOR_ALERT,
        Reading.COMPONENT: Vocabulary.COMPONENT,
    }
)

CONTEXT: Final = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
# Prefixes that GS1's context declares. XML writes the last without a colon at its end.
BUILT_IN: Final = MappingProxyType(
    {
        "epcis": "https://ref.gs1.org/epcis/",
        "cbv": "https://ref.gs1.org/cbv/",
        "gs1": "https://gs1.org/voc/",
        "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
        "cbvmda": "urn:epcglobal:cbv:mda",
    }
)
