"""EPCIS 2.0 in JSON-LD, read from bytes that anybody may have sent."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from chuan.modules.traceability.engine.documents import Document, Syntax, Unreadable, declared

# Extensions of GS1's own examples are 8 deep.
DEEPEST = 64


def read_json(body: bytes) -> Document:
    """A document of many events, or one event by itself.

    :raises Unreadable: no UTF-8, no JSON, nested too deeply, or no document of EPCIS.
    """
    found = load(body)
    if not isinstance(found, dict):
        raise Unreadable("a JSON object expected", value=type(found).__name__)
    kind = found.get("type")
    namespaces = dict(declared(found.get("@context")))
    if kind not in ("EPCISDocument", "EPCISQueryDocument"):
        return Document([found], namespaces, {}, Syntax.JSON)
    events, envelope = _opened(found)
    return Document(events, namespaces, envelope, Syntax.JSON)


def load(body: bytes) -> Any:
    """JSON of any shape, safely.

    :raises Unreadable: see `read_json`.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable("text in UTF-8 expected", value=f"byte {error.start}") from None
    try:
        found = json.loads(text, parse_constant=_no_number, parse_float=_finite)
    except RecursionError:
        raise Unreadable(f"at most {DEEPEST} levels of nesting expected") from None
    except ValueError as error:
        raise Unreadable("JSON expected", value=str(error)) from None
    if isinstance(found, dict | list):
        refuse_deep(found)
    if "\\u" in text:
        _refuse_half_letters(found)
    return found


def write_json(document: Document) -> dict[str, Any]:
    """The document as JSON-LD, with its events back in their place."""
    if not document.envelope:
        return document.events[0]
    envelope = dict(document.envelope)
    body = dict(envelope.get("epcisBody", {}))
    if document.kind == "EPCISQueryDocument":
        results = dict(body.get("queryResults", {}))
        results["resultsBody"] = {**results.get("resultsBody", {}), "eventList": document.events}
        body["queryResults"] = results
    else:
        body["eventList"] = document.events
    envelope["epcisBody"] = body
    return envelope


def _opened(found: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """The events, and the document without them."""
    envelope = dict(found)
    body = found.get("epcisBody")
    if not isinstance(body, dict):
        raise Unreadable("an object expected", path="$.epcisBody", value=type(body).__name__)
    holder: Any = body
    path = "$.epcisBody"
    if found["type"] == "EPCISQueryDocument":
        results = body.get("queryResults")
        holder = results.get("resultsBody") if isinstance(results, dict) else None
        path = "$.epcisBody.queryResults.resultsBody"
    events = holder.get("eventList") if isinstance(holder, dict) else None
    if not isinstance(events, list):
        raise Unreadable("a list of events expected", path=f"{path}.eventList")
    if holder is body:
        envelope["epcisBody"] = {key: value for key, value in body.items() if key != "eventList"}
    return events, envelope


def refuse_deep(found: Any) -> None:
    """So that everything after may recurse.

    :raises Unreadable: objects and lists within each other, deeper than anybody means.
    """
    level = [found]
    for _ in range(DEEPEST):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return
    raise Unreadable(f"at most {DEEPEST} levels of nesting expected")


def _refuse_half_letters(found: Any) -> None:
    """Escapes can spell what no text may hold: a zero byte, half of a pair.

    :raises Unreadable: such a letter stands somewhere.
    """
    told = json.dumps(found, ensure_ascii=False)
    try:
        told.encode()
    except UnicodeEncodeError:
        raise Unreadable("text in UTF-8 expected", value="half of a surrogate pair") from None
    if "\\u0000" in told:
        raise Unreadable("text without zero bytes expected", value="\\u0000")


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"{text[:40]} is larger than any number here")
    return number


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number JSON knows")
