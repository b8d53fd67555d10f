"""SimpleEventQuery: parameters as a client writes them, understood or refused.

Source: EPCIS 2.0, section 8.2.7.1. Where GS1's files spell a parameter in two ways, both are taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from chuan.lib.whole_numbers import whole_number
from chuan.modules.traceability.engine import conditions
from chuan.modules.traceability.engine.conditions import COMPARE, Condition
from chuan.modules.traceability.engine.facts import ACTION_CODES, KIND_CODES, Role
from chuan.modules.traceability.engine.keys import canonical
from chuan.modules.traceability.engine.model import BUILT_IN, TYPED_LISTS
from chuan.modules.traceability.engine.patterns import BadPattern, Pattern, read_pattern
from chuan.modules.traceability.engine.values import instant, number
from chuan.modules.traceability.engine.vocabulary import Vocabulary, web_uri

_EPCS = (Role.THING, Role.CHILD)
_CLASSES = (Role.THING_CLASS, Role.CHILD_CLASS)
MATCHES: Final[Mapping[str, tuple[Role, ...]]] = {
    "epc": _EPCS,
    "parentID": (Role.PARENT,),
    "inputEPC": (Role.INPUT,),
    "outputEPC": (Role.OUTPUT,),
    "anyEPC": (*_EPCS, Role.PARENT, Role.INPUT, Role.OUTPUT),
    "epcClass": _CLASSES,
    "inputEPCClass": (Role.INPUT_CLASS,),
    "outputEPCClass": (Role.OUTPUT_CLASS,),
    "anyEPCClass": (*_CLASSES, Role.INPUT_CLASS, Role.OUTPUT_CLASS),
}
_TIMES: Final = {"eventTime", "recordTime", "errorDeclarationTime", "errorDeclaration_Time"}
_SENSOR_TIMES: Final = {"time", "startTime", "endTime"}
_SENSOR_VALUES: Final[Mapping[str, Vocabulary | None]] = {
    **dict.fromkeys(("deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "bizRules")),
    **dict.fromkeys(("microorganism", "chemicalSubstance", "stringValue", "booleanValue")),
    **dict.fromkeys(("hexBinaryValue", "uriValue")),
    "type": Vocabulary.MEASUREMENT,
}
_READINGS = r"value|minValue|maxValue|meanValue|sDev|percValue|percRank"
_MEASURED = re.compile(rf"(EQ|GT|GE|LT|LE)_({_READINGS}|quantity)(?:_([A-Za-z0-9]{{2,3}}))?")
_TYPED = re.compile(r"EQ_(bizTransaction|source|destination)_(.+)")
_PLACES = "readPoint_|bizLocation_"
_HOLDERS = "ILMD_|ERROR_DECLARATION_|SENSORELEMENT_|SENSORMETADATA_|SENSORREPORT_"
_EXTENSION = re.compile(
    rf"(EQ|GT|GE|LT|LE|EXISTS)_(INNER_)?({_HOLDERS}|{_PLACES})?([^:]+:.+)", re.DOTALL
)
_ATTRIBUTE = re.compile(r"(HASATTR|EQATTR)_([^:]+:.+)", re.DOTALL)
_BARE_LIST = re.compile(r"[a-zA-Z_]+(,[a-zA-Z_]+)+")
MOST_PER_PAGE = 1000


class BadParameter(ValueError):
    """A parameter nobody knows, or a value it cannot have."""


class BadQuestion(ValueError):
    """What was told as a query is none."""


@dataclass(slots=True)
class Query:
    """What is asked for: first what indexes find, then `conditions` on each event's text."""

    kinds: list[int] | None = None
    other_kinds: list[str] = field(default_factory=list)
    times: list[tuple[str, str, datetime]] = field(default_factory=list)
    actions: list[int] | None = None
    # column → identifiers, one of which must stand there
    columns: dict[str, list[str]] = field(default_factory=dict)
    # column → places; one of them, or something inside it, must stand there
    within: dict[str, list[str]] = field(default_factory=dict)
    event_uris: list[str] | None = None
    # Numbers in the store, where it is known already which events come into question.
    event_ids: list[int] | None = None
    declared: bool = False
    matches: list[tuple[tuple[Role, ...], list[Pattern]]] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    order_by: str = "event_time"
    descending: bool = True
    limit: int | None = None
    most: int | None = None


def read_query(parameters: Mapping[str, list[str]], namespaces: Mapping[str, str]) -> Query:
    """The meaning of all parameters together: an event must satisfy each.

    :param namespaces: prefixes that may stand in names of extension fields.
    :raises BadParameter: naming the first that cannot be understood.
    """
    reader = _Reader({**BUILT_IN, **namespaces})
    for name, values in parameters.items():
        reader.read(name, list(_split(values)))
    return reader.ready()


def read_question(question: object, namespaces: Mapping[str, str]) -> Query:
    """The meaning of a query told as a JSON object: lists are lists, and bars are letters.

    :raises BadQuestion: it is no such object.
    :raises BadParameter: as `read_query`.
    """
    if not isinstance(question, dict):
        raise BadQuestion("query: an object of parameters expected")
    reader = _Reader({**BUILT_IN, **namespaces, **prefixes_in(question.get("@context"))})
    for name, value in question.items():
        if name == "@context":
            continue
        values = value if isinstance(value, list) else [value]
        if not values or not all(isinstance(one, str | int | float) for one in values):
            raise BadParameter(f"{name}: words or numbers expected")
        reader.read(name, [_word(one) for one in values])
    return reader.ready()


def prefixes_in(context: object) -> dict[str, str]:
    """What a `@context` says prefixes mean; other documents it names are not fetched."""
    parts = context if isinstance(context, list) else [context]
    return {
        prefix: meaning
        for part in parts
        if isinstance(part, dict)
        for prefix, meaning in part.items()
        if isinstance(meaning, str)
    }


def _word(value: str | float) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _split(values: Iterable[str]) -> Iterable[str]:
    """Lists come repeated, with bars, or, of bare words, with commas."""
    for value in values:
        for piece in value.split("|"):
            if _BARE_LIST.fullmatch(piece):
                yield from piece.split(",")
            elif piece:
                yield piece


class _Reader:
    def __init__(self, namespaces: Mapping[str, str]) -> None:
        self.namespaces = namespaces
        self.query = Query()

    def read(self, name: str, values: list[str]) -> None:
        """:raises BadParameter: it cannot be understood."""
        if not values:
            raise BadParameter(f"{name}: a value expected")
        try:
            known = self.take(name, values)
        except BadPattern as bad:
            raise BadParameter(f"{name}: {bad}") from None
        if not known:
            raise BadParameter(f"{name}: no such parameter")

    def ready(self) -> Query:
        if self.query.limit is not None and self.query.most is not None:
            raise BadParameter("maxEventCount and eventCountLimit exclude each other")
        return self.query

    def take(self, name: str, values: list[str]) -> bool:
        """Understand one parameter; False when there is none of this name."""
        return (
            self._fixed(name, values)
            or self._match(name, values)
            or self._time(name, values)
            or self._measured(name, values)
            or self._sensor(name, values)
            or self._family(name, values)
        )

    def _fixed(self, name: str, values: list[str]) -> bool:
        query = self.query
        if name == "eventType":
            query.kinds = [KIND_CODES[one] for one in values if one in KIND_CODES]
            query.other_kinds = [one for one in values if one not in KIND_CODES]
        elif name == "EQ_action":
            if not set(values) <= ACTION_CODES.keys():
                raise BadParameter(f"{name}: ADD, OBSERVE or DELETE expected")
            query.actions = [ACTION_CODES[one] for one in values]
        elif name in _COLUMNS:
            column, vocabulary = _COLUMNS[name]
            query.columns[column] = [
                web_uri(one, vocabulary) if vocabulary else canonical(one) for one in values
            ]
        elif name in ("WD_readPoint", "WD_bizLocation"):
            column, _vocabulary = _COLUMNS[name.replace("WD_", "EQ_")]
            query.within[column] = [canonical(one) for one in values]
        elif name == "EQ_eventID":
            query.event_uris = values
        elif name in ("EXISTS_errorDeclaration", "EXISTS_sensorElementList"):
            if _one_of(name, values, ("true", "false")) == "true":
                if name == "EXISTS_errorDeclaration":
                    query.declared = True
                else:
                    query.conditions.append(conditions.has_sensors)
        elif name == "EXISTS_sensorElement":
            query.conditions.append(conditions.has_sensors)
        elif name in _WORDS:
            query.conditions.append(_WORDS[name](set(values)))
        elif name == "orderBy":
            told = _one_of(name, values, ("eventTime", "recordTime"))
            query.order_by = {"eventTime": "event_time", "recordTime": "record_time"}[told]
        elif name == "orderDirection":
            query.descending = _one_of(name, values, ("ASC", "DESC")) == "DESC"
        elif name == "eventCountLimit":
            query.limit = _count(name, values)
        elif name == "maxEventCount":
            query.most = _count(name, values)
        else:
            return False
        return True

    def _match(self, name: str, values: list[str]) -> bool:
        roles = MATCHES.get(name.removeprefix("MATCH_")) if name.startswith("MATCH_") else None
        if roles:
            self.query.matches.append((roles, [read_pattern(one) for one in values]))
        return roles is not None

    def _time(self, name: str, values: list[str]) -> bool:
        compare, _, what = name.partition("_")
        if compare not in ("GE", "LT") or what not in _TIMES | _SENSOR_TIMES:
            return False
        moment = instant(_single(name, values))
        if moment is None:
            raise BadParameter(f"{name}: a date and time with zone expected")
        if what in _SENSOR_TIMES:
            self.query.conditions.append(conditions.sensor_time(what, COMPARE[compare], moment))
        else:
            column = {"eventTime": "event_time", "recordTime": "record_time"}
            self.query.times.append((column.get(what, "declared_at"), compare, moment))
        return True

    def _measured(self, name: str, values: list[str]) -> bool:
        match = _MEASURED.fullmatch(name)
        if match is None:
            return False
        wanted = number(_single(name, values))
        if wanted is None:
            raise BadParameter(f"{name}: a number expected")
        compare, what, uom = COMPARE[match[1]], match[2], match[3]
        if what == "quantity":
            self.query.conditions.append(conditions.quantity(compare, wanted, uom))
        else:
            self.query.conditions.append(conditions.reading(what, compare, wanted, uom))
        return True

    def _sensor(self, name: str, values: list[str]) -> bool:
        what = name.removeprefix("EQ_")
        if what == "time" and what != name:
            moment = instant(_single(name, values))
            self.query.conditions.append(conditions.sensor_time(what, COMPARE["EQ"], moment))
            return True
        if what == name or what not in _SENSOR_VALUES:
            return False
        told = conditions.sensor_value((what,), set(values), _SENSOR_VALUES[what])
        self.query.conditions.append(told)
        return True

    def _family(self, name: str, values: list[str]) -> bool:
        typed = _TYPED.fullmatch(name)
        if typed:
            element, kind = typed[1], typed[2]
            known, vocabulary = TYPED_LISTS[f"{element}List"]
            self.query.conditions.append(
                conditions.typed(f"{element}List", known, kind, vocabulary, set(values))
            )
            return True
        attribute = _ATTRIBUTE.fullmatch(name)
        if attribute:
            return self._attribute(attribute[1], attribute[2], values)
        match = _EXTENSION.fullmatch(name)
        if match is None:
            return False
        compare, inner, holder, spelled = match.groups()
        # INNER may stand before or after what it is inside of.
        after = spelled.startswith("INNER_")
        condition = conditions.extension(
            holder or "",
            bool(inner) or after,
            self._spelled(spelled.removeprefix("INNER_")),
            COMPARE.get(compare),
            values,
        )
        self.query.conditions.append(condition)
        return True

    def _attribute(self, how: str, name: str, values: list[str]) -> bool:
        """`HASATTR_field` with the attribute as value; `EQATTR_field_attribute`."""
        if how == "HASATTR":
            for one in values:
                told = conditions.attribute(self._spelled(name), self._spelled(one), None)
                self.query.conditions.append(told)
            return True
        spelled, _, attribute = name.rpartition("_")
        if not spelled:
            return False
        told = conditions.attribute(self._spelled(spelled), self._spelled(attribute), values)
        self.query.conditions.append(told)
        return True

    def _spelled(self, name: str) -> str:
        prefix, colon, rest = name.partition(":")
        if not colon:
            return name
        if "#" in name and not name.startswith(("http", "urn")):
            return name
        return self.namespaces.get(prefix, f"{prefix}:") + rest


_COLUMNS: Final[Mapping[str, tuple[str, Vocabulary | None]]] = {
    "EQ_bizStep": ("biz_step", Vocabulary.BIZ_STEP),
    "EQ_disposition": ("disposition", Vocabulary.DISPOSITION),
    "EQ_readPoint": ("read_point", None),
    "EQ_bizLocation": ("biz_location", None),
    "EQ_transformationID": ("transformation", None),
}
_WORDS: Final[Mapping[str, Any]] = {
    "EQ_persistentDisposition_set": lambda words: conditions.persistent("set", words),
    "EQ_persistentDisposition_unset": lambda words: conditions.persistent("unset", words),
    "EQ_errorReason": conditions.error_reason,
    "EQ_correctiveEventID": conditions.corrective_event,
}


def _single(name: str, values: list[str]) -> str:
    if len(values) != 1:
        raise BadParameter(f"{name}: one value expected")
    return values[0]


def _one_of(name: str, values: list[str], known: tuple[str, ...]) -> str:
    value = _single(name, values)
    if value not in known:
        raise BadParameter(f"{name}: {' or '.join(known)} expected")
    return value


def _count(name: str, values: list[str]) -> int:
    value = whole_number(_single(name, values))
    if value is None or not 0 < value < 10**9:
        raise BadParameter(f"{name}: a number above 0 expected")
    return value
