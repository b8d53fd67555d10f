"""What an event must say to be in an answer, where no index helps: extensions, sensors, error
declarations, quantities, typed lists.

A condition is a function of an event and the prefixes it may use. Source: EPCIS 2.0, section 8.2.7.1.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from chuan.modules.traceability.engine.keys import canonical
from chuan.modules.traceability.engine.model import Event
from chuan.modules.traceability.engine.units import in_base
from chuan.modules.traceability.engine.values import instant, is_number, number
from chuan.modules.traceability.engine.vocabulary import Vocabulary, web_uri

Condition: TypeAlias = Callable[[Event, Mapping[str, str]], bool]
Compare: TypeAlias = Callable[[Any, Any], bool]

COMPARE: Final[Mapping[str, Compare]] = {
    "EQ": operator.eq,
    "GT": operator.gt,
    "GE": operator.ge,
    "LT": operator.lt,
    "LE": operator.le,
}
_QUANTITY_LISTS = ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList")
_STANDARD = frozenset({"sensorMetadata", "sensorReport", "id"})


# ---------------------------------------------------------------- where things stand in an event
def sensor_elements(event: Event) -> Iterator[dict[str, Any]]:
    yield from event.get("sensorElementList", ())


def sensor_metadata(event: Event) -> Iterator[dict[str, Any]]:
    for element in sensor_elements(event):
        if "sensorMetadata" in element:
            yield element["sensorMetadata"]


def sensor_reports(event: Event) -> Iterator[dict[str, Any]]:
    for element in sensor_elements(event):
        yield from element["sensorReport"]


def _of_field(name: str) -> Callable[[Event], Iterator[dict[str, Any]]]:
    def found(event: Event) -> Iterator[dict[str, Any]]:
        if isinstance(event.get(name), dict):
            yield event[name]

    return found


def _itself(event: Event) -> Iterator[dict[str, Any]]:
    yield event


HOLDERS: Final = {
    "": _itself,
    "ILMD_": _of_field("ilmd"),
    "ERROR_DECLARATION_": _of_field("errorDeclaration"),
    "SENSORELEMENT_": sensor_elements,
    "SENSORMETADATA_": sensor_metadata,
    "SENSORREPORT_": sensor_reports,
    "readPoint_": _of_field("readPoint"),
    "bizLocation_": _of_field("bizLocation"),
}


def _fields(
    holder: Mapping[str, Any], namespaces: Mapping[str, str], inner: bool
) -> Iterator[tuple[str, Any]]:
    """Extension fields with their names spelled out: those of the top, or those below it."""
    for name, value in holder.items():
        prefix, colon, rest = name.removeprefix("@").partition(":")
        if colon and name not in _STANDARD:
            if not inner:
                for one in value if isinstance(value, list) else [value]:
                    yield namespaces.get(prefix, f"{prefix}:") + rest, one
            else:
                yield from _below(value, namespaces)


def _below(value: Any, namespaces: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    if isinstance(value, list):
        for one in value:
            yield from _below(one, namespaces)
    elif isinstance(value, dict):
        for name, one in value.items():
            prefix, colon, rest = name.removeprefix("@").partition(":")
            whole = namespaces.get(prefix, f"{prefix}:") + rest if colon else name
            for each in one if isinstance(one, list) else [one]:
                yield whole, each
            yield from _below(one, namespaces)


# ---------------------------------------------------------------- conditions
def extension(
    holder: str, inner: bool, name: str, compare: Compare | None, wanted: list[str]
) -> Condition:
    """An extension field stands there (`compare` None), or compares with one of the values."""
    holders = HOLDERS[holder]

    def holds(event: Event, namespaces: Mapping[str, str]) -> bool:
        return any(
            field == name and (compare is None or _compares(value, compare, wanted))
            for one in holders(event)
            for field, value in _fields(one, namespaces, inner)
        )

    return holds


def attribute(name: str, attribute_name: str, wanted: list[str] | None) -> Condition:
    """A field carries an attribute (`wanted` None), or one with one of these values."""

    def holds(event: Event, namespaces: Mapping[str, str]) -> bool:
        for field, value in event.items():
            prefix, colon, rest = field.partition(":")
            whole = namespaces.get(prefix, f"{prefix}:") + rest if colon else field
            if whole != name or not isinstance(value, dict):
                continue
            for inner, told in value.items():
                start, colon, end = inner.removeprefix("@").partition(":")
                spelled = namespaces.get(start, f"{start}:") + end if colon else start
                if spelled == attribute_name and (wanted is None or str(told) in wanted):
                    return True
        return False

    return holds


def _compares(value: Any, compare: Compare, wanted: list[str]) -> bool:
    """As numbers where both are, as instants where both are, else as texts, which are only equal or
    not."""
    if isinstance(value, dict):
        value = value.get("@value", value.get("#text"))
    if isinstance(value, bool):
        value = "true" if value else "false"
    if value is None:
        return False
    for one in wanted:
        left: Any = value if is_number(value) else number(str(value))
        right: Any = number(one)
        if left is None or right is None:
            left, right = instant(str(value)), instant(one)
        if left is None or right is None:
            if compare is operator.eq and str(value) == one:
                return True
        elif compare(left, right):
            return True
    return False


def quantity(compare: Compare, wanted: float, uom: str | None) -> Condition:
    """Some quantity compares; with a unit, also one told in another unit of the same kind."""

    def holds(event: Event, _namespaces: Mapping[str, str]) -> bool:
        return any(
            "quantity" in one and _measures(one["quantity"], one.get("uom"), compare, wanted, uom)
            for name in _QUANTITY_LISTS
            for one in event.get(name, ())
        )

    return holds


def reading(name: str, compare: Compare, wanted: float, uom: str | None) -> Condition:
    """A number in some sensor report compares (TCR-53, step 26: whatever unit it was told in)."""

    def holds(event: Event, _namespaces: Mapping[str, str]) -> bool:
        return any(
            is_number(report.get(name))
            and _measures(report[name], report.get("uom"), compare, wanted, uom)
            for report in sensor_reports(event)
        )

    return holds


def _measures(
    value: float, told: str | None, compare: Compare, wanted: float, uom: str | None
) -> bool:
    if uom is None or told == uom:
        return compare(value, wanted)
    left, right = in_base(value, told), in_base(wanted, uom)
    return (
        left is not None
        and right is not None
        and left[1] == right[1]
        and compare(round(left[0], 9), round(right[0], 9))
    )


def sensor_value(
    names: tuple[str, ...], wanted: set[str], vocabulary: Vocabulary | None
) -> Condition:
    """Metadata or a report says one of the values; identifiers in any writing."""
    normal = {_normal(one, vocabulary) for one in wanted}

    def holds(event: Event, _namespaces: Mapping[str, str]) -> bool:
        return any(
            name in told and _normal(told[name], vocabulary) in normal
            for told in (*sensor_metadata(event), *sensor_reports(event))
            for name in names
        )

    return holds


def _normal(value: Any, vocabulary: Vocabulary | None) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return canonical(web_uri(str(value), vocabulary))


def sensor_time(name: str, compare: Compare, wanted: Any) -> Condition:
    """Metadata, or for the instant itself a report, tells a time that compares."""

    def holds(event: Event, _namespaces: Mapping[str, str]) -> bool:
        return any(
            name in told and compare(instant(told[name]), wanted)
            for told in (*sensor_metadata(event), *sensor_reports(event))
        )

    return holds


def typed(
    field: str, element: str, kind: str, vocabulary: Vocabulary, wanted: set[str]
) -> Condition:
    """A business transaction, source or destination of this type is one of these."""
    kind = web_uri(kind, vocabulary)
    links = {canonical(one) for one in wanted}

    def holds(event: Event, _namespaces: Mapping[str, str]) -> bool:
        return any(
            web_uri(one.get("type", ""), vocabulary) == kind and canonical(one[element]) in links
            for one in event.get(field, ())
        )

    return holds


def persistent(what: str, wanted: set[str]) -> Condition:
    words = {web_uri(one, Vocabulary.DISPOSITION) for one in wanted}

    def holds(event: Event, _namespaces: Mapping[str, str]) -> bool:
        told = event.get("persistentDisposition", {}).get(what, ())
        return any(web_uri(one, Vocabulary.DISPOSITION) in words for one in told)

    return holds


def error_reason(wanted: set[str]) -> Condition:
    words = {web_uri(one, Vocabulary.ERROR_REASON) for one in wanted}

    def holds(event: Event, _namespaces: Mapping[str, str]) -> bool:
        reason = event.get("errorDeclaration", {}).get("reason")
        return reason is not None and web_uri(reason, Vocabulary.ERROR_REASON) in words

    return holds


def corrective_event(wanted: set[str]) -> Condition:
    def holds(event: Event, _namespaces: Mapping[str, str]) -> bool:
        told = event.get("errorDeclaration", {}).get("correctiveEventIDs", ())
        return not wanted.isdisjoint(told)

    return holds


def has_sensors(event: Event, _namespaces: Mapping[str, str]) -> bool:
    return bool(event.get("sensorElementList"))
