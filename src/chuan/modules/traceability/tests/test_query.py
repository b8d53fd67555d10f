import pytest

from chuan.modules.traceability.engine.query import BadParameter, read_query
from chuan.modules.traceability.testing import event, item

NAMES = {"ex": "https://ns.example.com/", "cbvmda": "urn:epcglobal:cbv:mda"}
SENSED = event(
    sensorElementList=[
        {
            "sensorMetadata": {
                "time": "2026-03-01T10:00:00Z",
                "startTime": "2026-03-01T09:00:00Z",
                "endTime": "2026-03-01T11:00:00Z",
                "ex:room": "12",
            },
            "sensorReport": [
                {
                    "type": "Temperature",
                    "value": 26,
                    "minValue": 20,
                    "maxValue": 30,
                    "meanValue": 25.5,
                    "sDev": 0.1,
                    "percRank": 50,
                    "percValue": 12.7,
                    "uom": "CEL",
                    "deviceID": "urn:epc:id:giai:8934567.111",
                    "dataProcessingMethod": "https://example.com/method",
                    "microorganism": "https://example.com/taxonomy/1",
                    "chemicalSubstance": "https://example.com/inchi/2",
                    "bizRules": "https://example.com/rules",
                    "stringValue": "text",
                    "booleanValue": True,
                    "hexBinaryValue": "f0f0",
                    "uriValue": "https://example.com/uri",
                    "ex:cv": "123",
                }
            ],
            "ex:note": "5",
            "ex:deep": {"ex:level": 7},
        }
    ]
)
TOLD = event(
    action="ADD",
    quantityList=[
        {"epcClass": "urn:epc:class:lgtin:8934567.012345.L1", "quantity": 2, "uom": "TNE"}
    ],
    bizTransactionList=[{"type": "po", "bizTransaction": "urn:epc:id:gdti:8934567.00001.16"}],
    sourceList=[{"type": "owning_party", "source": "urn:epc:id:pgln:8934567.00001"}],
    persistentDisposition={"set": ["completeness_verified"], "unset": ["completeness_inferred"]},
    errorDeclaration={
        "declarationTime": "2026-03-05T00:00:00Z",
        "reason": "did_not_occur",
        "correctiveEventIDs": ["urn:uuid:2"],
        "ex:by": "An",
    },
    ilmd={"cbvmda:lotNumber": "L1", "ex:origin": {"ex:farm": "7"}},
    readPoint={"id": "urn:epc:id:sgln:8934567.00001.0", "ex:door": "3"},
    **{
        "ex:grade": 4,
        "ex:day": "2026-03-01T00:00:00+07:00",
        "ex:tags": ["a", "b"],
        "ex:box": {"@ex:colour": "red", "#text": "big", "ex:inside": {"ex:deepest": "x"}},
    },
)


def holds(found, **parameters):
    return holds_all(found, {name: [value] for name, value in parameters.items()})


def holds_all(found, parameters):
    query = read_query(parameters, NAMES)
    return all(condition(found, NAMES) for condition in query.conditions)


@pytest.mark.parametrize(
    ("name", "matching", "other"),
    [
        # TCR-53, steps 3 to 26
        ("GE_time", "2026-03-01T10:00:00Z", "2026-03-01T10:00:01Z"),
        ("LT_time", "2026-03-01T10:00:01Z", "2026-03-01T10:00:00Z"),
        ("EQ_time", "2026-03-01T17:00:00+07:00", "2026-03-01T10:00:01Z"),
        ("GE_startTime", "2026-03-01T09:00:00Z", "2026-03-01T10:00:00Z"),
        ("LT_startTime", "2026-03-01T10:00:00Z", "2026-03-01T09:00:00Z"),
        ("GE_endTime", "2026-03-01T11:00:00Z", "2026-03-01T12:00:00Z"),
        ("LT_endTime", "2026-03-01T12:00:00Z", "2026-03-01T11:00:00Z"),
        ("EQ_type", "gs1:Temperature", "Speed"),
        ("EQ_type", "https://gs1.org/voc/Temperature", "gs1:Speed"),
        ("EQ_deviceID", "https://id.gs1.org/8004/8934567111", "urn:epc:id:giai:8934567.112"),
        ("EQ_dataProcessingMethod", "https://example.com/method", "https://example.com/other"),
        ("EQ_microorganism", "https://example.com/taxonomy/1", "https://example.com/other"),
        ("EQ_chemicalSubstance", "https://example.com/inchi/2", "https://example.com/other"),
        ("EQ_bizRules", "https://example.com/rules", "https://example.com/other"),
        ("EQ_stringValue", "text", "other"),
        ("EQ_booleanValue", "true", "false"),
        ("EQ_hexBinaryValue", "f0f0", "f0"),
        ("EQ_uriValue", "https://example.com/uri", "https://example.com/other"),
        ("EQ_value_CEL", "26", "27"),
        ("GE_value_KEL", "299.15", "300"),
        ("LT_value_FAH", "79", "78"),
        ("GE_value_KGM", None, "1"),
        ("GE_minValue_CEL", "20", "21"),
        ("LT_maxValue_CEL", "31", "30"),
        ("LE_meanValue_CEL", "25.5", "25"),
        ("GT_sDev", "0", "0.1"),
        ("GE_percRank", "50", "51"),
        ("LT_percValue_CEL", "13", "12"),
        ("EQ_SENSORELEMENT_ex:note", "5", "6"),
        ("GE_SENSORELEMENT_ex:note", "5.0", "6"),
        ("GT_INNER_SENSORELEMENT_ex:level", "6", "7"),
        ("EQ_SENSORMETADATA_ex:room", "12", "13"),
        ("LE_SENSORREPORT_ex:cv", "123", "122"),
        ("EXISTS_SENSORREPORT_ex:cv", "true", None),
    ],
)
def test_sensor_data_is_found_by_what_it_says(name, matching, other):
    assert matching is None or holds(SENSED, **{name: matching})
    assert other is None or not holds(SENSED, **{name: other})
    assert not holds(event(), **{name: matching or other})


@pytest.mark.parametrize(
    ("name", "matching", "other"),
    [
        ("EQ_quantity", "2", "3"),
        ("GE_quantity_KGM", "2000", "2001"),
        ("LT_quantity_TNE", "3", "2"),
        ("EQ_bizTransaction_po", "https://id.gs1.org/253/893456700001716", "urn:x:1"),
        ("EQ_bizTransaction_inv", None, "urn:epc:id:gdti:8934567.00001.16"),
        ("EQ_source_cbv:SDT-owning_party", "urn:epc:id:pgln:8934567.00001", "urn:x:1"),
        ("EQ_destination_owning_party", None, "urn:epc:id:pgln:8934567.00001"),
        ("EQ_persistentDisposition_set", "completeness_verified", "active"),
        ("EQ_persistentDisposition_unset", "cbv:Disp-completeness_inferred", "active"),
        ("EQ_errorReason", "urn:epcglobal:cbv:er:did_not_occur", "incorrect_data"),
        ("EQ_correctiveEventID", "urn:uuid:2", "urn:uuid:3"),
        ("EQ_ERROR_DECLARATION_ex:by", "An", "Ba"),
        ("EQ_ILMD_cbvmda:lotNumber", "L1", "L2"),
        ("EQ_INNER_ILMD_ex:farm", "7", "8"),
        ("EQ_ILMD_INNER_ex:farm", "7", "8"),
        ("EXISTS_ILMD_ex:origin", "true", None),
        ("EQ_readPoint_ex:door", "3", "4"),
        ("EQ_ex:grade", "4.0", "5"),
        ("GT_ex:grade", "3", "4"),
        ("LE_ex:day", "2026-02-28T17:00:00Z", "2026-02-28T16:00:00Z"),
        ("EQ_ex:tags", "b", "c"),
        ("EXISTS_ex:tags", "true", None),
        ("EQ_INNER_ex:deepest", "x", "y"),
        ("EQ_https://ns.example.com/grade", "4", "5"),
        ("HASATTR_ex:box", "ex:colour", "ex:size"),
        ("EQATTR_ex:box_ex:colour", "red", "blue"),
        ("EQ_ex:box", "big", "small"),
    ],
)
def test_other_parts_are_found_by_what_they_say(name, matching, other):
    assert matching is None or holds(TOLD, **{name: matching})
    assert other is None or not holds(TOLD, **{name: other})
    assert not holds(event(), **{name: matching or other})


def test_one_of_several_values_is_enough():
    assert holds(TOLD, EQ_errorReason="incorrect_data|did_not_occur")
    assert holds_all(TOLD, {"EQ_ex:grade": ["1", "4"]})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("EQ_colour", "red"),
        ("colour", "red"),
        ("MATCH_colour", item(1)),
        ("GE_action", "ADD"),
        ("EQ_action", "LOOK"),
        ("GE_eventTime", "yesterday"),
        ("GE_eventTime", "2026-03-01T10:00:00"),
        ("EQ_quantity", "many"),
        ("orderBy", "bizStep"),
        ("orderDirection", "UP"),
        ("eventCountLimit", "0"),
        ("maxEventCount", "-1"),
        ("EXISTS_errorDeclaration", "maybe"),
        ("MATCH_epc", "urn:epc:idpat:sgtin:1.*.2"),
        ("EQ_bizStep", ""),
    ],
)
def test_what_is_not_understood_is_refused(name, value):
    with pytest.raises(BadParameter, match=name):
        read_query({name: [value]}, {})


def test_two_limits_exclude_each_other():
    with pytest.raises(BadParameter):
        read_query({"eventCountLimit": ["1"], "maxEventCount": ["1"]}, {})
