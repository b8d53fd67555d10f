"""The order in which the fields of an event enter its hash (CBV 2.0, section 8.9.2).

Business transactions, sources, destinations and master data are not among them: in the reference
implementation they come after, sorted together with other people's fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from chuan.modules.traceability.engine.vocabulary import Vocabulary

# A name without order of its own has None.
Order: TypeAlias = Mapping[str, Any]


def _of(*names: str, **inner: Order) -> Order:
    return MappingProxyType({**dict.fromkeys(names), **inner})


_EPCS = _of("epc")
QUANTITY: Final[Order] = _of("epcClass", "quantity", "uom")
_QUANTITIES = _of(quantityElement=QUANTITY)
_POINT = _of("id")
_METADATA = _of(
    *("time", "startTime", "endTime", "deviceID", "deviceMetadata", "rawData"),
    *("dataProcessingMethod", "bizRules"),
)
_REPORT = _of(
    *("type", "exception", "deviceID", "deviceMetadata", "rawData", "dataProcessingMethod"),
    *("time", "microorganism", "chemicalSubstance", "value", "component", "stringValue"),
    *("booleanValue", "hexBinaryValue", "uriValue", "minValue", "maxValue", "meanValue"),
    *("sDev", "percRank", "percValue", "uom", "coordinateReferenceSystem"),
)
EVENT: Final[Order] = MappingProxyType(
    {
        **dict.fromkeys(("eventTime", "eventTimeZoneOffset", "certificationInfo", "parentID")),
        "epcList": _EPCS,
        "inputEPCList": _EPCS,
        "childEPCs": _EPCS,
        "quantityList": _QUANTITIES,
        "childQuantityList": _QUANTITIES,
        "inputQuantityList": _QUANTITIES,
        "outputEPCList": _EPCS,
        "outputQuantityList": _QUANTITIES,
        **dict.fromkeys(("action", "transformationID", "bizStep", "disposition")),
        "persistentDisposition": _of("set", "unset"),
        "readPoint": _POINT,
        "bizLocation": _POINT,
        "sensorElementList": _of(sensorElement=_of(sensorMetadata=_METADATA, sensorReport=_REPORT)),
    }
)
SENSOR_WORDS: Final = MappingProxyType(
    {
        "type": Vocabulary.MEASUREMENT,
        "exception": Vocabulary.SENSOR_ALERT,
        "component": Vocabulary.COMPONENT,
    }
)
