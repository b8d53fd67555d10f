"""Our answers against GS1's OpenAPI, read in place."""

import copy
import json
import re
from http import HTTPStatus

import jsonschema
import pytest
from django.urls import resolve

from chuan.modules.traceability.api import views
from chuan.modules.traceability.api.description import description
from chuan.modules.traceability.engine.values import instant
from chuan.modules.traceability.enums import Scope
from chuan.modules.traceability.testing import event, item, make_key, place
from chuan.modules.traceability.tests.gs1 import FOLDER
from chuan.modules.traceability.tests.test_api import with_key

pytestmark = pytest.mark.django_db
_FILE = FOLDER / "gs1" / "REST Bindings" / "openapi.json"
# What its text asks for and its list of answers leaves out.
_LEFT_OUT = {
    ("get", "/events", 400),
    ("get", "/events", 413),
    ("post", "/queries", 400),
    ("post", "/queries/{queryName}/subscriptions", 400),
}
_STREAM = {"dest": "https://client.example.com/queryCallback", "stream": True}
_HOURLY = {"dest": "https://client.example.com/queryCallback", "schedule": {"minute": "5"}}
# Without formats every event would be two kinds at once: a type that is a URI is somebody's own.
_FORMATS = jsonschema.FormatChecker(formats=())
_FORMATS.checks("uri")(lambda told: re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", told) is not None)
_FORMATS.checks("date-time")(lambda told: instant(told) is not None)


@pytest.fixture(scope="module")
def gs1():
    if not _FILE.exists():
        pytest.skip("GS1's OpenAPI is not here (../shared/data/epcis)")
    found = _readable(json.loads(_FILE.read_text()))
    # As it stands it refuses every job, GS1's own example too.
    choice = found["components"]["schemas"]["CaptureJob"]["allOf"][1]
    choice["anyOf"] = choice.pop("oneOf")
    # Its text and its example say one object.
    one = found["paths"]["/queries/{queryName}"]["get"]["responses"]["200"]["content"]
    one["application/json"]["schema"] = one["application/json"]["schema"]["items"]
    return found


def _readable(told):
    """Without patterns that are written for another kind of regular expressions."""
    if isinstance(told, dict):
        return {
            name: _readable(value)
            for name, value in told.items()
            if not (name == "pattern" and r"\g<" in str(value))
        }
    return [_readable(one) for one in told] if isinstance(told, list) else told


def deref(gs1, told):
    while "$ref" in told:
        found = gs1
        for name in told["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        told = found
    return told


def check(gs1, method, path, answer):
    """That the answer is one the file knows, with headers and a body as it describes."""
    operation, status = gs1["paths"][path][method], answer.status_code
    if (method, path, status) in _LEFT_OUT:
        told = deref(gs1, {"$ref": "#/components/responses/400QueryIssues"})
        told = told if status == HTTPStatus.BAD_REQUEST else None
    else:
        told = deref(gs1, operation["responses"][str(status)])
    if not told:
        return
    for name, header in told.get("headers", {}).items():
        if header.get("required"):
            assert name in answer
    if not told.get("content"):
        assert answer.content == b""
        return
    kind = answer["Content-Type"].split(";")[0].replace("ld+json", "json")
    content = told["content"].get(kind) or told["content"]["application/json"]
    if kind.endswith("json"):
        schema = {**copy.deepcopy(content["schema"]), "components": gs1["components"]}
        schema.pop("example", None)
        found = json.loads(answer.content)
        jsonschema.Draft7Validator(schema, format_checker=_FORMATS).validate(found)


@pytest.fixture
def world(client):
    """A machine, and what each address of the file can be filled with."""
    machine = with_key(client, make_key()[1])
    machine.capture(
        event(
            1,
            eventID="urn:uuid:11111111-1111-4111-8111-111111111111",
            action="ADD",
            bizStep="shipping",
            disposition="in_transit",
            readPoint={"id": place(1)},
            bizLocation={"id": place(2)},
        )
    )
    machine.send("queries", {"name": "q", "query": {"EQ_bizStep": ["shipping"]}})
    job = machine.get("capture").json()[0]["captureID"]
    subscription = machine.send("queries/q/subscriptions", _HOURLY).json()["subscriptionID"]
    machine.send("queries/q/subscriptions", _STREAM)
    return machine, {
        "captureID": job,
        "eventID": "urn:uuid:11111111-1111-4111-8111-111111111111",
        "eventType": "ObjectEvent",
        "epc": item(1),
        "bizStep": "shipping",
        "bizLocation": place(2),
        "readPoint": place(1),
        "disposition": "in_transit",
        "queryName": "q",
        "subscriptionID": subscription,
        "token": "abc",
    }


def addresses(gs1, filled):
    """Each method and path of the file; those that take things away last."""
    found = [
        (method, path, path.format(**filled).removeprefix("/"))
        for path, item in gs1["paths"].items()
        for method in item
        if method in ("get", "post", "delete", "options")
    ]
    return sorted(found, key=lambda one: (one[0] == "delete", -len(one[1])))


_BODIES = {
    "/events": {"@context": "https://ref.gs1.org/context", **event(2)},
    "/queries": {"name": "r", "query": {}},
    "/queries/{queryName}/subscriptions": _STREAM,
}


def ask(machine, method, path, address, headers=None):
    sent = {**machine.headers, **(headers or {})} if machine else headers
    url = f"/epcis/v2/{address}"
    http = machine.http
    if method == "post":
        body = json.dumps(_BODIES.get(path, {}))
        return http.post(url, body, "application/json", headers=sent)
    return getattr(http, method)(url, headers=sent)


def test_every_address_of_the_standard_is_here_and_answers_as_it_says(gs1, world):
    machine, filled = world
    assert len(gs1["paths"]) == 29
    for method, path, address in addresses(gs1, filled):
        assert resolve(f"/epcis/v2/{address}").func is not views.nowhere
        answer = ask(machine, method, path, address)
        assert answer.status_code < 300 or (method, path) == ("post", "/capture"), path
        check(gs1, method, path, answer)


def test_every_address_asks_for_a_key_and_for_its_scope_as_the_standard_says(gs1, world, client):
    machine, filled = world
    weak = with_key(client, make_key(Scope.CAPTURE)[1])
    weaker = with_key(client, make_key(Scope.QUERY)[1])
    for method, path, address in addresses(gs1, filled):
        if path == "/nextPageToken/{token}":
            continue
        answer = ask(machine, method, path, address, {"authorization": "Bearer no"})
        assert answer.status_code == HTTPStatus.UNAUTHORIZED
        check(gs1, method, path, answer)
        if method != "options":
            taking = path.startswith("/capture") or (method, path) == ("post", "/events")
            answer = ask(weaker if taking else weak, method, path, address)
            assert answer.status_code == HTTPStatus.FORBIDDEN, path
            check(gs1, method, path, answer)


def test_every_reading_address_says_406_to_who_wants_what_nobody_speaks(gs1, world):
    machine, filled = world
    for method, path, address in addresses(gs1, filled):
        if method == "get":
            answer = ask(machine, method, path, address, {"Accept": "image/png"})
            assert answer.status_code == HTTPStatus.NOT_ACCEPTABLE, path
            check(gs1, method, path, answer)


def test_what_is_not_there_is_told_as_the_standard_says(gs1, world):
    machine, filled = world
    filled = dict.fromkeys(filled, "urn:uuid:nothing")
    for method, path, address in addresses(gs1, filled):
        if "{" in path and method != "options" and path != "/nextPageToken/{token}":
            answer = ask(machine, method, path, address)
            assert answer.status_code == HTTPStatus.NOT_FOUND, path
            check(gs1, method, path, answer)


@pytest.mark.parametrize(
    ("method", "path", "parameters"),
    [
        ("get", "/events", {"EQ_nothing": "x"}),
        ("get", "/events", {"maxEventCount": "1"}),
        ("get", "/epcs/{epc}/events", {"EQ_nothing": "x"}),
        ("get", "/queries/{queryName}/events", {"minute": "5"}),
        ("get", "/queries/{queryName}/events", {"EQ_bizStep": "x"}),
        ("get", "/events", {"EQ_eventID": "x" * 9000}),
    ],
)
def test_bad_questions_are_told_as_the_standard_says(gs1, world, method, path, parameters):
    machine, filled = world
    machine.capture(event(5), event(6))

    answer = machine.get(path.format(**filled).removeprefix("/"), **parameters)

    assert answer.status_code >= HTTPStatus.BAD_REQUEST
    check(gs1, method, path, answer)


@pytest.mark.parametrize(
    ("path", "body", "kind"),
    [
        ("/capture", {}, "application/json"),
        ("/capture", {}, "text/plain"),
        ("/events", {}, "application/json"),
        ("/events", {}, "text/plain"),
        ("/events", event(1, eventID="urn:uuid:11111111-1111-4111-8111-111111111111"), None),
        ("/queries", {"name": "q", "query": {}}, "application/json"),
        ("/queries", {"name": "q", "query": []}, "application/json"),
        ("/queries", {}, "text/plain"),
        ("/queries/{queryName}/subscriptions", {}, "application/json"),
        ("/queries/{queryName}/subscriptions", {}, "text/plain"),
        (
            "/queries/{queryName}/subscriptions",
            {**_STREAM, "dest": "https://10.0.0.1/"},
            "application/json",
        ),
    ],
)
def test_bad_bodies_are_told_as_the_standard_says(gs1, world, path, body, kind):
    machine, filled = world
    if kind is None:
        body = {"@context": "https://ref.gs1.org/context", **body}

    answer = machine.send(path.format(**filled)[1:], body, kind or "application/json")

    assert 400 <= answer.status_code < 500
    if path != "/queries/{queryName}/subscriptions" or answer.status_code != 400:
        check(gs1, "post", path, answer)


def test_every_address_tells_what_it_speaks(gs1, world):
    machine, filled = world
    for method, path, address in addresses(gs1, filled):
        if method != "options":
            continue
        answer = ask(machine, method, path, address)
        told = deref(gs1, gs1["paths"][path]["options"]["responses"]["204"])
        missing = (
            set(told["headers"])
            - set(answer.headers)
            - {*("GS1-Extensions", "GS1-Query-Min-Record-Time")}
        )
        methods = {one.strip() for one in answer["Allow"].split(",")}
        assert (path, missing) == (path, set())
        assert {one.upper() for one in gs1["paths"][path]} & {"GET", "POST", "DELETE"} <= methods


def test_jobs_and_problems_come_in_xml_where_that_is_asked_for(world):
    machine, filled = world
    wanted = {"Accept": "application/xml"}

    job = machine.get(f"capture/{filled['captureID']}", wanted)
    wrong = machine.get("events", wanted, EQ_nothing="x")
    start = machine.get("", wanted)

    assert job["Content-Type"] == start["Content-Type"] == "application/xml"
    assert f'captureID="{filled["captureID"]}"' in job.content.decode()
    assert "<createdAt>" in job.content.decode()
    assert "<member>" in start.content.decode()
    assert wrong["Content-Type"] == "application/problem+xml"
    assert "<type>epcisException:QueryParameterException</type>" in wrong.content.decode()


def test_quotas_amounts_and_long_documents_are_described():
    told = description()
    trace = told["paths"]["/trace/{epc}"]["get"]
    event_list = told["components"]["schemas"]["Document"]["properties"]["epcisBody"]

    assert "429" in told["paths"]["/events"]["get"]["responses"]
    assert "quantities" in {one["name"] for one in trace["parameters"]}
    assert "quantities" in told["components"]["schemas"]["Trace"]["properties"]
    assert "maxItems" not in event_list["properties"]["eventList"]
