import json
from types import SimpleNamespace
from urllib.parse import quote, unquote

import pytest
from django.urls import get_resolver, reverse
from django.utils import timezone

from chuan.modules.traceability.api import urls
from chuan.modules.traceability.api.answers import TOKENS_LAST
from chuan.modules.traceability.engine.hashing import event_hash
from chuan.modules.traceability.engine.keys import canonical
from chuan.modules.traceability.engine.reading_json import read_json, write_json
from chuan.modules.traceability.engine.reading_xml import read_xml
from chuan.modules.traceability.engine.writing_xml import write_xml
from chuan.modules.traceability.enums import Scope
from chuan.modules.traceability.models import ForgottenToken
from chuan.modules.traceability.operations import capture as operations
from chuan.modules.traceability.operations.tokens import clear_tokens
from chuan.modules.traceability.store import reading
from chuan.modules.traceability.testing import (
    at,
    case,
    document,
    event,
    item,
    make_key,
    packing,
    place,
    revoked,
)
from chuan.modules.traceability.tests.gs1 import examples

pytestmark = [pytest.mark.django_db, pytest.mark.citus]
ROOT = "/epcis/v2/"


@pytest.fixture
def machine(client):
    """A client with a key for everything."""
    return with_key(client, make_key()[1])


def with_key(client, text):
    headers = {"authorization": f"Bearer {text}"}

    def get(path, more=None, **parameters):
        return client.get(ROOT + path, parameters, headers={**headers, **(more or {})})

    def send(path, body, kind="application/json", more=None):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        return client.post(ROOT + path, body, kind, headers={**headers, **(more or {})})

    def capture(*events, **namespaces):
        answer = send("capture", write_json(document(*events, **namespaces)))
        assert answer.status_code == 202, answer.content
        return answer

    def found(path="events", **parameters):
        answer = get(path, **parameters)
        assert answer.status_code == 200, answer.content
        return events_in(answer)

    def steps(path="events", **parameters):
        return [one.get("bizStep") for one in found(path, **parameters)]

    return SimpleNamespace(
        get=get, send=send, capture=capture, found=found, steps=steps, headers=headers, http=client
    )


def events_in(answer):
    return answer.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"]


def problem(answer):
    assert answer["Content-Type"] == "application/problem+json"
    return answer.status_code, answer.json()["type"].removeprefix("epcisException:")


# ------------------------------------------------------------------ who comes in
def addresses():
    for pattern in urls.urlpatterns:
        words = dict.fromkeys(pattern.pattern.regex.groupindex, "shipping")
        yield reverse(f"epcis:{pattern.name}", kwargs=words)


@pytest.mark.parametrize("method", ["get", "post", "options", "delete"])
@pytest.mark.parametrize("shown", [None, "Bearer wrong", "Basic abc", "Bearer "])
def test_no_address_opens_without_a_key(client, method, shown):
    headers = {"authorization": shown} if shown else {}
    opened = [
        address
        for address in addresses()
        if getattr(client, method)(address, headers=headers).status_code != 401
    ]

    assert opened == []
    assert len(list(addresses())) == len(urls.urlpatterns)


def test_a_revoked_key_opens_nothing(client):
    key, text = make_key()
    revoked(key)

    assert with_key(client, text).get("").status_code == 401


@pytest.mark.parametrize(
    ("scope", "path", "method", "status"),
    [
        (Scope.QUERY, "capture", "send", 403),
        (Scope.QUERY, "events", "send", 403),
        (Scope.QUERY, "capture", "get", 403),
        (Scope.QUERY, "events", "get", 200),
        (Scope.QUERY, "", "get", 200),
        (Scope.CAPTURE, "events", "get", 403),
        (Scope.CAPTURE, "events/urn:uuid:1", "get", 403),
        (Scope.CAPTURE, "eventTypes", "get", 403),
        (Scope.CAPTURE, "bizSteps", "get", 403),
        (Scope.CAPTURE, "bizSteps/shipping", "get", 403),
        (Scope.CAPTURE, "epcs/urn:uuid:1/events", "get", 403),
        (Scope.CAPTURE, "capture", "get", 200),
    ],
)
def test_a_key_opens_what_its_scopes_say(client, scope, path, method, status):
    machine = with_key(client, make_key(scope)[1])
    answer = machine.get(path) if method == "get" else machine.send(path, {})

    assert answer.status_code == status
    if status == 403:
        assert problem(answer) == (403, "SecurityException")
        assert "a key with the scope" in answer.json()["detail"]


# ------------------------------------------------------------------ taking in
def test_a_captured_document_has_a_job_that_tells_how_it_went(machine):
    answer = machine.capture(event(1), event(2))

    job = machine.http.get(answer["Location"], headers=machine.headers).json()
    assert (job["running"], job["success"], job["errors"]) == (False, True, [])
    assert job["captureErrorBehaviour"] == "rollback"
    assert [one["captureID"] for one in machine.get("capture").json()] == [job["captureID"]]
    assert answer["GS1-EPCIS-Capture-Limit"]


def test_a_wrong_document_is_refused_with_all_its_faults(machine):
    body = write_json(document(event(1, action="LOOK"), event(2, bizStep="shipped")))

    answer = machine.send("capture", body)

    assert problem(answer) == (400, "ValidationException")
    assert [(one["event"], one["path"]) for one in answer.json()["errors"]] == [
        (0, "$.action"),
        (1, "$.bizStep"),
    ]
    assert machine.found() == []


def test_proceeding_keeps_what_is_right(machine):
    body = write_json(document(event(1, action="LOOK"), event(2)))

    answer = machine.send("capture", body, more={"GS1-Capture-Error-Behaviour": "proceed"})

    job = machine.http.get(answer["Location"], headers=machine.headers).json()
    assert (answer.status_code, job["success"], len(machine.found())) == (202, False, 1)
    assert job["errors"][0]["type"] == "epcisException:ValidationException"


@pytest.mark.parametrize(
    ("body", "kind", "expected"),
    [
        (b"{}", "text/plain", (415, "UnsupportedMediaTypeException")),
        (b"{", "application/json", (400, "ValidationException")),
        (b"\xff", "application/xml", (400, "ValidationException")),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "text/xml", (400, "ValidationException")),
        (b"[" * 100_000, "application/json", (400, "ValidationException")),
        (b" " * (10 * 1024 * 1024 + 1), "application/json", (413, "CaptureLimitExceededException")),
    ],
)
def test_bad_bodies_get_their_problem(machine, body, kind, expected):
    assert problem(machine.send("capture", body, kind)) == expected


def test_too_many_events_are_over_the_limit(machine, monkeypatch):
    monkeypatch.setattr(operations, "MOST_EVENTS", 1)

    answer = machine.send("capture", write_json(document(event(1), event(2))))

    assert problem(answer) == (413, "CaptureLimitExceededException")


def test_a_single_event_is_created_once(machine):
    body = {"@context": "https://ref.gs1.org/context", **event(1)}

    first, again = machine.send("events", body), machine.send("events", body)

    assert first.status_code == 201
    assert problem(again) == (409, "ResourceAlreadyExistsException")
    there = machine.http.get(first["Location"], headers=machine.headers)
    assert events_in(there)[0]["eventID"] == event_hash(event(1), {})
    assert problem(machine.send("events", write_json(document(event(2))))) == (
        400,
        "ValidationException",
    )


def test_an_error_declaration_stands_beside_its_event(machine):
    wrong = event(1, eventID="urn:uuid:1", bizStep="shipping")
    machine.capture(wrong)
    machine.capture({**wrong, "errorDeclaration": {"declarationTime": at(9)}})

    both = machine.found("events/urn:uuid:1")
    assert ["errorDeclaration" in one for one in both] == [False, True]
    assert len(machine.found(EXISTS_errorDeclaration="true")) == 1
    assert len(machine.found(EQ_eventID="urn:uuid:1")) == 2
    assert len(machine.found(GE_errorDeclarationTime=at(9), LT_errorDeclaration_Time=at(10))) == 1
    assert problem(machine.get("events/urn:uuid:2")) == (404, "NoSuchNameException")


# ------------------------------------------------------------------ asking
@pytest.fixture
def chain(machine):
    machine.capture(
        event(1, action="ADD", bizStep="commissioning", epcList=[item(1), item(2)]),
        {**packing(2, "ADD", case(1), item(1), item(2)), "bizStep": "packing"},
        event(
            3,
            epcList=[case(1)],
            bizStep="shipping",
            disposition="in_transit",
            readPoint={"id": place(1)},
        ),
        event(4, epcList=[case(1)], bizStep="receiving", bizLocation={"id": place(2)}),
        event(
            5,
            kind="TransformationEvent",
            bizStep="commissioning",
            inputEPCList=[item(1)],
            outputQuantityList=[{"epcClass": "urn:epc:class:lgtin:8934567.054321.L1"}],
            transformationID="urn:epc:id:gdti:8934567.00001.9",
        ),
    )
    return machine


@pytest.mark.parametrize(
    ("parameters", "hours"),
    [
        ({}, "54321"),
        ({"eventType": "ObjectEvent"}, "431"),
        ({"eventType": "AggregationEvent|TransformationEvent"}, "52"),
        ({"GE_eventTime": at(2), "LT_eventTime": at(4)}, "32"),
        ({"GE_recordTime": "2020-01-01T00:00:00Z"}, "54321"),
        ({"LT_recordTime": "2020-01-01T00:00:00Z"}, ""),
        ({"EQ_action": "ADD"}, "21"),
        ({"EQ_bizStep": "shipping"}, "3"),
        ({"EQ_bizStep": "cbv:BizStep-shipping"}, "3"),
        ({"EQ_bizStep": "https://ref.gs1.org/cbv/BizStep-shipping"}, "3"),
        ({"EQ_bizStep": "urn:epcglobal:cbv:bizstep:shipping|receiving"}, "43"),
        ({"EQ_bizStep": "shipping,receiving"}, "43"),
        ({"EQ_disposition": "in_transit"}, "3"),
        ({"EQ_readPoint": place(1)}, "3"),
        ({"EQ_bizLocation": canonical(place(2))}, "4"),
        ({"EQ_transformationID": "urn:epc:id:gdti:8934567.00001.9"}, "5"),
        ({"MATCH_epc": item(1)}, "21"),
        ({"MATCH_epc": canonical(item(1)) + "|" + case(1)}, "4321"),
        ({"MATCH_epc": "urn:epc:idpat:sgtin:8934567.012345.*"}, "21"),
        ({"MATCH_parentID": case(1)}, "2"),
        ({"MATCH_inputEPC": item(1)}, "5"),
        ({"MATCH_outputEPC": item(1)}, ""),
        ({"MATCH_anyEPC": item(1)}, "521"),
        ({"MATCH_anyEPC": "urn:epc:idpat:sscc:8934567.*"}, "432"),
        ({"MATCH_outputEPCClass": "urn:epc:idpat:lgtin:8934567.054321.*"}, "5"),
        ({"MATCH_anyEPCClass": "urn:epc:class:lgtin:8934567.054321.L1"}, "5"),
        ({"MATCH_epc": "urn:epc:id:sgtin:8934567.012345.999"}, ""),
        ({"orderDirection": "ASC"}, "12345"),
        ({"orderBy": "recordTime", "orderDirection": "ASC"}, "12345"),
        ({"eventCountLimit": "2"}, "54"),
        ({"maxEventCount": "5"}, "54321"),
        ({"EQ_action": "OBSERVE", "MATCH_anyEPC": case(1), "EQ_bizStep": "receiving"}, "4"),
    ],
)
def test_events_are_found_by_what_was_asked(chain, parameters, hours):
    found = chain.found(**parameters)

    assert "".join(str(int(one["eventTime"][11:13])) for one in found) == hours


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"EQ_colour": "red"}, (400, "QueryParameterException")),
        ({"GE_eventTime": "soon"}, (400, "QueryParameterException")),
        ({"perPage": "0"}, (400, "QueryParameterException")),
        ({"perPage": "9" * 5000}, (400, "QueryParameterException")),
        ({"eventCountLimit": "9" * 5000}, (400, "QueryParameterException")),
        ({"nextPageToken": "forged"}, (400, "QueryParameterException")),
        ({"maxEventCount": "4"}, (413, "QueryTooLargeException")),
        ({"EQ_bizStep": "x" * 9000}, (414, "URITooLongException")),
    ],
)
def test_bad_questions_get_their_problem(chain, parameters, expected):
    assert problem(chain.get("events", **parameters)) == expected


def test_a_question_that_reads_everything_is_too_complex(chain, monkeypatch):
    monkeypatch.setattr(reading, "MOST_LOOKED_AT", 3)

    answer = chain.get("events", EQ_errorReason="did_not_occur")

    assert problem(answer) == (413, "QueryTooComplexException")


def test_pages_follow_each_other_and_new_events_do_not_shift_them(machine):
    machine.capture(*(event(hour, epcList=[item(hour)]) for hour in range(1, 6)))
    told, answer = [], machine.get("events", perPage=2, orderDirection="ASC")
    for _ in range(5):
        told += [one["eventTime"] for one in events_in(answer)]
        if "Link" not in answer:
            break
        machine.capture(event(0, epcList=[item(len(told) + 100)]))
        following = answer["Link"].partition(">")[0][1:]
        answer = machine.http.get(following, headers=machine.headers)

    assert told == [at(hour) for hour in range(1, 6)]
    assert "GS1-Next-Page-Token-Expires" not in answer


def test_a_token_is_good_for_its_own_question_only(machine):
    machine.capture(event(1), event(2))
    link = machine.get("events", perPage=1)["Link"].partition(">")[0]
    token = unquote(link.partition("nextPageToken=")[2])

    assert machine.get("events", perPage=1, nextPageToken=token).status_code == 200
    other = machine.get("events", perPage=1, nextPageToken=token, EQ_action="ADD")
    assert problem(other) == (400, "QueryParameterException")


def test_a_limit_counts_over_pages(machine):
    machine.capture(*(event(hour) for hour in range(1, 6)))

    first = machine.get("events", perPage=2, eventCountLimit=3)
    following = first["Link"].partition(">")[0][1:]
    second = machine.http.get(following, headers=machine.headers)

    assert (len(events_in(first)), len(events_in(second)), "Link" in second) == (2, 1, False)


def test_one_question_takes_as_many_statements_for_many_events(
    machine, django_assert_max_num_queries
):
    machine.capture(event(1))
    with django_assert_max_num_queries(10) as few:
        machine.found(MATCH_epc=item(1))
    asked = len(few)
    machine.capture(*(event(hour) for hour in range(2, 30)))
    with django_assert_max_num_queries(asked):
        assert len(machine.found(MATCH_epc=item(1))) == 29


# ------------------------------------------------------------------ formats
def test_identifiers_are_written_as_the_client_wishes(machine):
    machine.capture(event(1, epcList=[item(1)], readPoint={"id": canonical(place(1))}))

    def told(wish):
        (one,) = events_in(machine.get("events", more={"GS1-EPC-Format": wish}))
        return one["epcList"][0], one["readPoint"]["id"]

    assert told("Never_Translates") == (item(1), canonical(place(1)))
    assert told("Always_GS1_Digital_Link") == (canonical(item(1)), canonical(place(1)))
    assert told("Always_EPC_URN") == (item(1), place(1))


def test_answers_come_in_xml_to_who_asks_for_it(machine):
    machine.capture(event(1, bizStep="shipping"))

    answer = machine.get(
        "events", more={"Accept": "application/xml", "GS1-CBV-XML-Format": "Always_Web_URI"}
    )

    assert answer["Content-Type"] == "application/xml"
    assert b"https://ref.gs1.org/cbv/BizStep-shipping" in answer.content
    assert read_xml(answer.content).events[0]["bizStep"] == "shipping"
    assert problem(machine.get("events", more={"Accept": "image/png"})) == (
        406,
        "NotAcceptableException",
    )


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("application/xml;q=0.1, application/json", "application/ld+json"),
        ("application/json;q=0.8, text/xml;q=0.9", "application/xml"),
        ("application/json;q=0, */*", "application/xml"),
        ("*/*;q=0.1, application/xml", "application/xml"),
        ("image/png, */*;q=0.1", "application/ld+json"),
        ("application/xml, application/json", "application/xml"),
        ("application/json;q=loud", "application/ld+json"),
        ("application/json;q=0", None),
        ("application/json;q=0, text/xml;q=0.0, */*;q=0", None),
    ],
)
def test_the_format_with_most_weight_is_answered(machine, accept, kind):
    answer = machine.get("events", more={"Accept": accept})

    assert (answer.status_code, answer["Content-Type"]) == (
        (200, kind) if kind else (406, "application/problem+json")
    )


@pytest.mark.parametrize("standard", ["EPCIS", "CBV"])
@pytest.mark.parametrize(
    ("which", "version", "status"),
    [
        *(("Min", "1.2", 200), ("Min", "2.0.0", 200), ("Min", "2.1.0", 406), ("Min", "3", 406)),
        *(("Max", "2", 200), ("Max", "2.1.0", 200), ("Max", "1.2.0", 406), ("Max", "two", 406)),
    ],
)
def test_a_version_that_is_not_spoken_is_refused(machine, standard, which, version, status):
    answer = machine.get("events", more={f"GS1-{standard}-{which}": version})

    assert answer.status_code == status


@pytest.mark.parametrize(
    "where", ["https://ex.example/dock?b=1", "https://ex.example/a#b", "https://ex.example/a%20b"]
)
def test_the_next_page_is_found_whatever_letters_an_identifier_has(machine, where):
    machine.capture(*(event(hour, bizLocation={"id": where}) for hour in (1, 2, 3)))

    first = machine.get(f"bizLocations/{quote(where, safe='')}/events", perPage=2)
    link = first["Link"].partition(">")[0].removeprefix("<http://testserver")
    second = machine.http.get(link, headers=machine.headers)

    assert [len(events_in(page)) for page in (first, second)] == [2, 1]


def test_prefixes_that_mean_two_things_stay_apart(machine):
    machine.capture(event(1, **{"ex:a": "1"}), ex="https://one.example.com/")
    machine.capture(event(2, **{"ex:a": "2"}), ex="https://two.example.com/")

    answer = machine.get("events")
    held = read_json(answer.content)

    assert [held.namespaces_of(one)["ex"] for one in held.events] == [
        "https://two.example.com/",
        "https://one.example.com/",
    ]
    extensions = {"GS1-Extensions": "ex=https://one.example.com/"}
    assert len(events_in(machine.get("events", more=extensions, **{"EXISTS_ex:a": "true"}))) == 1


@pytest.mark.parametrize("syntax", ["json", "xml"])
@pytest.mark.parametrize("path", examples("gs1/JSON/**/*.jsonld"))
def test_every_example_of_gs1_is_captured_and_comes_back(machine, path, syntax):
    held = read_json(path.read_bytes())
    whole = {**write_json(held)} if held.envelope else None
    if whole is None or whole["type"] == "EPCISQueryDocument":
        body = document(*held.events, **held.namespaces)
    else:
        body = held
    sent = write_xml(body) if syntax == "xml" else json.dumps(write_json(body)).encode()

    answer = machine.send("capture", sent, f"application/{syntax}")
    back = read_json(machine.get("events", perPage=1000).content)

    assert answer.status_code == 202, answer.content
    wanted = {one.get("eventID", event_hash(one, held.namespaces_of(one))) for one in held.events}
    assert {one["eventID"] for one in back.events} == wanted
    assert {event_hash(one, back.namespaces_of(one)) for one in back.events} == {
        event_hash(one, held.namespaces_of(one)) for one in held.events
    }


def test_what_xml_has_no_letters_for_is_told_in_json_alone(machine):
    machine.capture(event(1, **{"ex:a": "\x01"}), ex="https://one.example.com/")

    assert machine.get("events").status_code == 200
    answer = machine.get("events", more={"Accept": "application/xml"})
    assert (answer.status_code, answer["Content-Type"]) == (406, "application/problem+xml")


@pytest.mark.parametrize("path", ["events?EQ_bizStep=%00", "bizSteps/%00", "epcs/a%00b/events"])
def test_zero_bytes_break_nothing(machine, path):
    answer = machine.http.get(ROOT + path, headers=machine.headers)

    assert problem(answer) == (400, "QueryParameterException")


def test_the_last_instant_of_the_calendar_is_an_instant(machine):
    machine.capture(event(eventTime="9999-12-31T23:59:59.9999Z"))

    assert len(machine.found()) == 1


# ------------------------------------------------------------------ what there is
def test_the_start_tells_where_to_go(machine):
    answer = machine.get("")

    assert answer.json()["type"] == "Collection"
    assert "events" in answer.json()["member"]
    assert answer["GS1-EPCIS-Version"] == "2.0.0"
    assert answer["GS1-Vendor-Version"]


@pytest.mark.parametrize(
    ("path", "member"),
    [
        ("bizSteps", ["commissioning", "packing", "receiving", "shipping"]),
        ("dispositions", ["in_transit"]),
        ("readPoints", [canonical(place(1))]),
        ("bizLocations", [canonical(place(2))]),
        ("bizSteps/shipping", ["events"]),
        ("eventTypes/ObjectEvent", ["events"]),
        (f"readPoints/{place(1)}", ["events"]),
        (f"epcs/{canonical(item(1))}", ["events"]),
    ],
)
def test_what_there_is_can_be_walked(chain, path, member):
    assert chain.get(path).json()["member"] == member


def test_the_five_event_types_are_told(machine):
    assert len(machine.get("eventTypes").json()["member"]) == 5


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("bizSteps/shipping/events", ["shipping"]),
        ("bizSteps/cbv:BizStep-shipping/events", ["shipping"]),
        ("eventTypes/AggregationEvent/events", ["packing"]),
        (f"bizLocations/{place(2)}/events", ["receiving"]),
        (f"readPoints/{canonical(place(1))}/events", ["shipping"]),
        (f"epcs/{item(2)}/events", ["packing", "commissioning"]),
        (f"epcs/{canonical(item(2))}/events", ["packing", "commissioning"]),
    ],
)
def test_events_of_one_word_place_or_thing_are_told(chain, path, steps):
    assert chain.steps(path) == steps
    assert chain.steps(path, LT_eventTime=at(0)) == []


@pytest.mark.parametrize(
    "path",
    ["bizSteps/x", "bizSteps/x/events", "eventTypes/x", "eventTypes/x/events", "epcs/urn:x:1"],
)
def test_what_is_not_there_is_not_found(chain, path):
    assert problem(chain.get(path)) == (404, "NoSuchNameException")


def test_long_lists_come_in_pages(chain):
    told, answer = [], chain.get("epcs", perPage=2)
    while True:
        told += answer.json()["member"]
        if "Link" not in answer:
            break
        answer = chain.http.get(answer["Link"].partition(">")[0][1:], headers=chain.headers)

    assert told == sorted(told)
    assert set(told) >= {canonical(item(1)), canonical(item(2)), canonical(case(1))}


def test_every_address_tells_what_may_be_asked(machine):
    for address in addresses():
        answer = machine.http.options(address, headers=machine.headers)
        assert answer.status_code == 204, address
        assert "OPTIONS" in answer["Allow"]
        assert answer["GS1-EPCIS-Version"] == "2.0.0"


def test_other_methods_are_told_off(machine):
    assert machine.http.put(f"{ROOT}events", headers=machine.headers).status_code == 405


def test_a_page_token_that_was_taken_back_leads_nowhere(machine):
    machine.capture(event(1), event(2), event(3))
    first = machine.get("events", perPage=1)["Link"].split(">")[0][1:]
    assert machine.http.get(first, headers=machine.headers).status_code == 200

    for token in (unquote(first.partition("nextPageToken=")[2]), "x"):
        gone = machine.http.delete(f"{ROOT}nextPageToken/{token}", headers=machine.headers)
        assert gone.status_code == 204

    again = machine.http.get(first, headers=machine.headers)
    assert problem(again) == (400, "QueryParameterException")
    assert ForgottenToken.objects.count() == 1
    clear_tokens(at=timezone.now() + 2 * TOKENS_LAST)
    assert not ForgottenToken.objects.exists()


def test_an_address_that_is_none_is_told_as_a_problem(machine):
    assert problem(machine.get("nothing/at/all")) == (404, "NoSuchNameException")
    assert get_resolver().resolve(f"{ROOT}events").view_name == "epcis:events"
