"""What this binding takes and answers, as OpenAPI 3.1: `/epcis/v2/openapi.json`.

In our own words, from our own tables. GS1's OpenAPI leaves out answers that its own text asks for
(a 400 of `/events` and `/queries`, a 413 of queries, every 405); here they stand.
"""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest, HttpResponse

import chuan
from chuan.modules.traceability.api.answers import WORD_FORMATS, in_json
from chuan.modules.traceability.api.door import resource
from chuan.modules.traceability.engine.model import EVENT_TYPES
from chuan.modules.traceability.engine.query import MATCHES, MOST_PER_PAGE
from chuan.modules.traceability.engine.schedule import FIELDS
from chuan.modules.traceability.engine.translation import EPC_WRITERS
from chuan.modules.traceability.engine.walk import Direction, Mode
from chuan.modules.traceability.enums import ErrorBehaviour
from chuan.modules.traceability.models import AccessKey

Json = dict[str, Any]
_TEXT: Final[Json] = {"type": "string"}
_TIME: Final[Json] = {"type": "string", "format": "date-time"}
_WORDS: Final[Json] = {"type": "array", "items": _TEXT}
_LISTS: Final = ("epcs", "bizSteps", "bizLocations", "readPoints", "dispositions")
_PROBLEMS: Final = {
    400: ("ValidationException, QueryParameterException, …", "what was sent cannot be understood"),
    401: ("SecurityException", "no valid key was shown"),
    403: ("SecurityException", "the key does not open this"),
    404: ("NoSuchNameException", "there is none"),
    405: ("ImplementationException", "not with this method; Allow says which"),
    406: ("NotAcceptableException", "not in the format that was asked for"),
    409: ("ResourceAlreadyExistsException", "the name or id is taken"),
    413: ("CaptureLimitExceededException, QueryTooLargeException, …", "too much"),
    414: ("URITooLongException", "the address is too long"),
    415: ("UnsupportedMediaTypeException", "not in a format that is read here"),
    429: ("ImplementationException", "the key took more than it may; Retry-After says when again"),
}
_ALWAYS: Final = (400, 401, 403, 405, 406, 414, 429)


def _object(required: list[str], **properties: Json) -> Json:
    return {"type": "object", "required": required, "properties": properties}


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _schemas() -> Json:
    collection = _object(
        ["@context", "type", "member"],
        **{"@context": {}, "type": {"const": "Collection"}, "member": _WORDS},
    )
    schedule = {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": False,
        "properties": {name: {"type": ["string", "integer"]} for name in FIELDS},
    }
    event = _object(
        ["type", "eventTime", "eventTimeZoneOffset"],
        type=_TEXT,
        eventTime=_TIME,
        eventTimeZoneOffset={"type": "string", "pattern": "^[+-][0-9]{2}:[0-9]{2}$"},
    )
    results = _object(
        ["queryName", "resultsBody"],
        queryName=_TEXT,
        subscriptionID=_TEXT,
        resultsBody=_object(["eventList"], eventList={"type": "array", "items": event}),
    )
    amount = {"type": ["number", "null"]}
    quantity = _object(
        ["epc", "amount", "of", "uom", "share"],
        epc=_TEXT,
        amount=amount,
        of=amount,
        uom={"type": ["string", "null"]},
        share=amount,
    )
    return {
        "Problem": _object(
            ["type", "title", "detail"],
            type={"type": "string", "pattern": "^epcisException:[A-Za-z]+Exception$"},
            title=_TEXT,
            status={"type": "integer"},
            detail=_TEXT,
        ),
        "Collection": collection,
        "Event": event,
        "Document": _object(
            ["@context", "type", "schemaVersion", "creationDate", "epcisBody"],
            **{"@context": {}, "type": {"const": "EPCISDocument"}},
            schemaVersion=_TEXT,
            creationDate=_TIME,
            epcisBody=_object(["eventList"], eventList={"type": "array", "items": event}),
        ),
        "QueryDocument": _object(
            ["@context", "type", "schemaVersion", "creationDate", "epcisBody"],
            **{"@context": {}, "type": {"const": "EPCISQueryDocument"}},
            schemaVersion=_TEXT,
            creationDate=_TIME,
            epcisBody=_object(["queryResults"], queryResults=results),
        ),
        "CaptureJob": _object(
            ["captureID", "createdAt", "finishedAt", "running", "success", "errors"],
            captureID=_TEXT,
            createdAt=_TIME,
            finishedAt=_TIME,
            running={"type": "boolean"},
            success={"type": "boolean"},
            captureErrorBehaviour={"enum": ErrorBehaviour.values},
            errors={"type": "array", "items": _ref("Problem")},
        ),
        "Query": _object(["name", "query"], name=_TEXT, query={"type": "object"}),
        "WantedSubscription": {
            **_object(
                ["dest"],
                dest={"type": "string", "format": "uri"},
                signatureToken=_TEXT,
                stream={"type": "boolean"},
                schedule=schedule,
                reportIfEmpty={"type": "boolean"},
                initialRecordTime=_TIME,
            )
        },
        "Subscription": _object(
            ["subscriptionID", "dest", "createdAt", "initialRecordTime", "minRecordTime"],
            subscriptionID=_TEXT,
            dest={"type": "string"},
            createdAt=_TIME,
            initialRecordTime=_TIME,
            minRecordTime=_TIME,
            lastNotifiedAt=_TIME,
            epcFormat={"enum": list(EPC_WRITERS)},
            stream={"const": True},
            schedule=schedule,
            reportIfEmpty={"type": "boolean"},
        ),
        "Trace": _object(
            ["epc", "direction", "mode", "truncated", "things", "links", "document"],
            epc=_TEXT,
            direction={"enum": [one.value for one in Direction]},
            mode={"enum": [one.value for one in Mode]},
            depth={"type": "integer"},
            truncated={"type": "boolean"},
            things=_WORDS,
            links={"type": "array"},
            quantities={"type": "array", "items": quantity},
            document=_ref("QueryDocument"),
        ),
    }


def _problem(status: int) -> Json:
    name, why = _PROBLEMS[status]
    return {
        "description": f"{name}: {why}",
        "content": {
            "application/problem+json": {"schema": _ref("Problem")},
            "application/problem+xml": {"schema": _TEXT},
        },
    }


def _answer(text: str, schema: Json | None = None, *, xml: bool = False) -> Json:
    if schema is None:
        return {"description": text}
    linked = schema in (_ref("QueryDocument"), _ref("Event"))
    kind = "application/ld+json" if linked else "application/json"
    content: Json = {kind: {"schema": schema}}
    if xml:
        content["application/xml"] = {"schema": _TEXT}
    return {"description": text, "content": content}


def _operation(
    summary: str, good: dict[int, Json], *bad: int, parameters: tuple[Json, ...] = (), **more: Any
) -> Json:
    problems = {status: _problem(status) for status in (*_ALWAYS, *bad)}
    answers = {str(status): one for status, one in sorted({**good, **problems}.items())}
    return {"summary": summary, "parameters": list(parameters), "responses": answers, **more}


def _parameter(name: str, schema: Json, where: str = "query") -> Json:
    return {"name": name, "in": where, "required": where == "path", "schema": schema}


def _path(name: str) -> Json:
    return _parameter(name, {"type": "string", "minLength": 1}, "path")


def _header(name: str, values: tuple[str, ...]) -> Json:
    return _parameter(name, {"type": "string", "enum": list(values)}, "header")


_PAGED: Final = (
    _parameter("perPage", {"type": "integer", "minimum": 1, "maximum": MOST_PER_PAGE}),
    _parameter("nextPageToken", _TEXT),
)
_FORMATS: Final = (
    _header("GS1-EPC-Format", tuple(EPC_WRITERS)),
    _header("GS1-CBV-XML-Format", WORD_FORMATS),
)
# Some of each kind; the standard names them all, and families that no list can hold.
_ASKED: Final = (
    _parameter("eventType", {"type": "string", "enum": sorted(EVENT_TYPES)}),
    *(
        _parameter(f"{how}_{what}", _TIME)
        for how in ("GE", "LT")
        for what in ("eventTime", "recordTime")
    ),
    _parameter("EQ_action", {"type": "string", "enum": ["ADD", "OBSERVE", "DELETE"]}),
    *(
        _parameter(f"EQ_{what}", _TEXT)
        for what in ("bizStep", "disposition", "readPoint", "bizLocation")
    ),
    *(_parameter(f"WD_{what}", _TEXT) for what in ("readPoint", "bizLocation")),
    *(_parameter(f"MATCH_{what}", _TEXT) for what in MATCHES),
    *(_parameter(name, _TEXT) for name in ("EQ_eventID", "EQ_transformationID", "EQ_type")),
    *(
        _parameter(name, _TEXT)
        for name in ("EQ_errorReason", "EQ_correctiveEventID", "EQ_deviceID")
    ),
    *(
        _parameter(name, {"type": "number"})
        for name in ("GE_quantity", "GE_value_CEL", "EQ_value_KEL")
    ),
    _parameter("GE_time", _TIME),
    _parameter("EXISTS_errorDeclaration", {"type": "boolean"}),
    _parameter("orderBy", {"type": "string", "enum": ["eventTime", "recordTime"]}),
    _parameter("orderDirection", {"type": "string", "enum": ["ASC", "DESC"]}),
    _parameter("eventCountLimit", {"type": "integer", "minimum": 1}),
    _parameter("maxEventCount", {"type": "integer", "minimum": 1}),
)


def _body(name: str, *, xml: bool = False) -> Json:
    content: Json = {"application/json": {"schema": _ref(name)}}
    if xml:
        content["application/xml"] = {"schema": _TEXT}
    return {"required": True, "content": content}


def _reading(summary: str, schema: Json, *bad: int, **more: Any) -> Json:
    return _operation(summary, {200: _answer("as asked", schema)}, *bad, **more)


def _events(summary: str, *bad: int, asked: tuple[Json, ...] = ()) -> Json:
    answer = _answer("a page of events", _ref("QueryDocument"), xml=True)
    return _operation(summary, {200: answer}, 413, *bad, parameters=(*asked, *_PAGED, *_FORMATS))


def _paths() -> Json:
    collection, jobs = _ref("Collection"), {"type": "array", "items": _ref("CaptureJob")}
    queries = {"type": "array", "items": _ref("Query")}
    subscribed = {"type": "array", "items": _ref("Subscription")}
    paths: Json = {
        "/": {"get": _reading("What there is.", collection)},
        "/openapi.json": {"get": _reading("This description.", {"type": "object"})},
        "/capture": {
            "get": _reading("The capture jobs of this key.", jobs, parameters=_PAGED),
            "post": _operation(
                "Store the events of a document.",
                {202: _answer("stored; Location is the job")},
                *(413, 415),
                parameters=(_header("GS1-Capture-Error-Behaviour", tuple(ErrorBehaviour.values)),),
                requestBody=_body("Document", xml=True),
            ),
        },
        "/capture/{captureID}": {
            "get": _operation(
                "How a capture went.",
                {200: _answer("the job", _ref("CaptureJob"), xml=True)},
                404,
                parameters=(_path("captureID"),),
            )
        },
        "/events": {
            "get": _events("SimpleEventQuery.", asked=_ASKED),
            "post": _operation(
                "Store one event.",
                {201: _answer("stored; Location is the event", _ref("Event"))},
                *(409, 413, 415),
                requestBody=_body("Event", xml=True),
            ),
        },
        "/events/{eventID}": {
            "get": _operation(
                "An event, and what declared it wrong.",
                {200: _answer("the event", _ref("QueryDocument"), xml=True)},
                404,
                parameters=(_path("eventID"), *_FORMATS),
            )
        },
        "/eventTypes": {"get": _reading("The types of events.", collection)},
        "/eventTypes/{eventType}": {
            "get": _reading("One type.", collection, 404, parameters=(_path("eventType"),))
        },
        "/eventTypes/{eventType}/events": {
            "get": _events("Events of one type.", 404, asked=(_path("eventType"), *_ASKED))
        },
        "/queries": {
            "get": _reading("The kept queries of this key.", queries, parameters=_PAGED),
            "post": _operation(
                "Keep a query.",
                {201: _answer("kept; Location is the query")},
                *(409, 413, 415),
                requestBody=_body("Query"),
            ),
        },
        "/queries/{queryName}": {
            "get": _reading("A kept query.", _ref("Query"), 404, parameters=(_path("queryName"),)),
            "delete": _operation(
                "Forget a query and end its subscriptions.",
                {204: _answer("gone")},
                404,
                parameters=(_path("queryName"),),
            ),
        },
        "/queries/{queryName}/events": {
            "get": _events("What satisfies a kept query.", 404, asked=(_path("queryName"),))
        },
        "/queries/{queryName}/subscriptions": {
            "get": _reading(
                "The subscriptions to a query.",
                subscribed,
                404,
                parameters=(_path("queryName"), *_PAGED),
            ),
            "post": _operation(
                "Have what satisfies a query sent to an address, as it comes in. What the key may see"
                " only later, by what is told afterwards, is for pages of the query.",
                {201: _answer("subscribed", _ref("Subscription"))},
                *(404, 413, 415),
                parameters=(_path("queryName"), _FORMATS[0]),
                requestBody=_body("WantedSubscription"),
            ),
        },
        "/queries/{queryName}/subscriptions/{subscriptionID}": {
            "get": _reading(
                "A subscription.",
                _ref("Subscription"),
                404,
                parameters=(_path("queryName"), _path("subscriptionID")),
            ),
            "delete": _operation(
                "End a subscription.",
                {204: _answer("ended")},
                404,
                parameters=(_path("queryName"), _path("subscriptionID")),
            ),
        },
        "/nextPageToken/{token}": {
            "delete": _operation(
                "Take a page token back.", {204: _answer("gone")}, parameters=(_path("token"),)
            )
        },
        "/trace/{epc}": {
            "get": _reading(
                "Where a thing came from, or what became of it.",
                _ref("Trace"),
                404,
                parameters=(
                    _path("epc"),
                    _parameter("direction", {"enum": [one.value for one in Direction]}),
                    _parameter("mode", {"enum": [one.value for one in Mode]}),
                    _parameter("until", _TIME),
                    _parameter("since", _TIME),
                    _parameter("quantities", {"type": "boolean"}),
                    *(
                        _parameter(cap, {"type": "integer", "minimum": 1})
                        for cap in ("depth", "things", "events", "fanout")
                    ),
                    *_FORMATS,
                ),
            )
        },
    }
    for name in _LISTS:
        paths[f"/{name}"] = {
            "get": _reading(
                f"The {name} that events have.", collection, 413, parameters=(*_PAGED, _FORMATS[0])
            )
        }
        paths[f"/{name}/{{value}}"] = {
            "get": _reading(
                "That it has events.", collection, 404, 413, parameters=(_path("value"),)
            )
        }
        paths[f"/{name}/{{value}}/events"] = {
            "get": _events("Events with it.", 404, asked=(_path("value"), *_ASKED))
        }
    for methods in paths.values():
        of_path = [one for one in next(iter(methods.values()))["parameters"] if one["in"] == "path"]
        methods["options"] = _operation(
            "What may be asked here.",
            {204: _answer("in Allow and the GS1 headers")},
            parameters=tuple(of_path),
        )
    return paths


def description() -> Json:
    """All of it."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "EPCIS 2.0",
            "version": chuan.__version__,
            "description": "The REST binding of EPCIS 2.0, with tracing. Every request shows a key.",
        },
        "servers": [{"url": "/epcis/v2"}],
        "security": [{"key": []}],
        "paths": _paths(),
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }


def _describe(request: HttpRequest, key: AccessKey) -> HttpResponse:
    """To every key, whatever else it opens."""
    return in_json(description())


describe = resource(GET=_describe)
