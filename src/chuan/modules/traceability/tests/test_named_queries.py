from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chuan.core.audit.models import Entry
from chuan.lib.rules import Denied
from chuan.modules.traceability.enums import Scope
from chuan.modules.traceability.models import AccessKey, NamedQuery
from chuan.modules.traceability.operations import asking
from chuan.modules.traceability.testing import event, make_key
from chuan.modules.traceability.tests.test_api import events_in, problem, with_key

pytestmark = pytest.mark.django_db
SHIPPED = {"EQ_bizStep": ["shipping"], "eventType": ["ObjectEvent"]}


@pytest.fixture
def machine(client):
    return with_key(client, make_key()[1])


def delete(machine, path):
    return machine.http.delete(f"/epcis/v2/{path}", headers=machine.headers)


def keep(machine, name="Đã gửi", query=None, **more):
    answer = machine.send("queries", {"name": name, "query": query or SHIPPED}, more=more or None)
    assert answer.status_code == 201, answer.content
    return answer


def test_a_kept_query_is_listed_told_and_answered(machine):
    machine.capture(event(1, bizStep="shipping"), event(2, bizStep="receiving"))

    there = keep(machine)["Location"]

    told = {"name": "Đã gửi", "query": SHIPPED}
    assert machine.http.get(there, headers=machine.headers).json() == told
    assert machine.get("queries").json() == [told]
    answer = machine.http.get(f"{there}/events", headers=machine.headers)
    assert answer.json()["epcisBody"]["queryResults"]["queryName"] == "Đã gửi"
    assert [one["bizStep"] for one in events_in(answer)] == ["shipping"]


def test_answers_come_in_pages(machine):
    machine.capture(*(event(hour, bizStep="shipping") for hour in range(5)))
    keep(machine, "q")

    first = machine.get("queries/q/events", perPage=3)
    rest = machine.http.get(first["Link"].split(">")[0][1:], headers=machine.headers)

    assert (len(events_in(first)), len(events_in(rest)), rest.get("Link")) == (3, 2, None)


def test_queries_are_listed_in_pages(machine):
    for number in range(3):
        keep(machine, f"q{number}")

    first = machine.get("queries", perPage=2)
    rest = machine.http.get(first["Link"].split(">")[0][1:], headers=machine.headers)

    assert [one["name"] for one in first.json() + rest.json()] == ["q0", "q1", "q2"]


def test_a_forgotten_query_is_gone(machine):
    keep(machine, "q")

    assert delete(machine, "queries/q").status_code == 204

    assert problem(machine.get("queries/q")) == (404, "NoSuchNameException")
    assert problem(delete(machine, "queries/q")) == (404, "NoSuchNameException")
    assert [one.action for one in Entry.objects.order_by("pk")][-2:] == [
        "traceability.query_kept",
        "traceability.query_forgotten",
    ]


def test_the_queries_of_one_key_are_nobody_elses(machine, client):
    other = with_key(client, make_key()[1])
    keep(machine, "q")

    assert other.get("queries").json() == []
    for path in ("queries/q", "queries/q/events"):
        assert problem(other.get(path)) == (404, "NoSuchNameException")
    assert problem(delete(other, "queries/q")) == (404, "NoSuchNameException")
    keep(other, "q")
    assert NamedQuery.objects.count() == 2


@pytest.mark.parametrize("path", ["queries", "queries/q", "queries/q/events"])
def test_a_key_for_capturing_keeps_no_queries(client, path):
    machine = with_key(client, make_key(Scope.CAPTURE)[1])

    assert problem(machine.get(path)) == (403, "SecurityException")
    assert problem(machine.send("queries", {"name": "q", "query": {}})) == (
        403,
        "SecurityException",
    )
    assert delete(machine, "queries/q").status_code == 403


def test_a_name_that_is_taken_is_refused(machine):
    keep(machine, "q")

    again = machine.send("queries", {"name": "q", "query": {}})

    assert problem(again) == (409, "ResourceAlreadyExistsException")
    assert machine.get("queries/q").json()["query"] == SHIPPED


def test_a_key_keeps_no_endless_list(machine, monkeypatch):
    monkeypatch.setattr(asking, "MOST_QUERIES", 1)
    keep(machine, "q")

    answer = machine.send("queries", {"name": "r", "query": {}})

    assert problem(answer) == (403, "SecurityException")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"{", "ValidationException"),
        (b"[]", "ValidationException"),
        (b'{"name": "q", "query": {"EQ_eventID": "\\u0000"}}', "ValidationException"),
        (b'{"name": "\\ud800", "query": {}}', "ValidationException"),
        ({"query": {}}, "ValidationException"),
        ({"name": "a/b", "query": {}}, "ValidationException"),
        ({"name": "..", "query": {}}, "ValidationException"),
        ({"name": "x" * 201, "query": {}}, "ValidationException"),
        ({"name": "q", "query": []}, "QueryValidationException"),
        ({"name": "q"}, "QueryValidationException"),
        ({"name": "q", "query": {"EQ_nothing": ["x"]}}, "QueryParameterException"),
        ({"name": "q", "query": {"EQ_bizStep": []}}, "QueryParameterException"),
        ({"name": "q", "query": {"EQ_bizStep": {"a": 1}}}, "QueryParameterException"),
        ({"name": "q", "query": {"GE_eventTime": "soon"}}, "QueryParameterException"),
    ],
)
def test_a_bad_query_is_refused(machine, body, expected):
    assert problem(machine.send("queries", body)) == (400, expected)
    assert not NamedQuery.objects.exists()


@pytest.mark.parametrize("depth", [300, 850, 990, 5000])
def test_a_body_nested_deeply_is_refused_or_told_to_be_no_question(machine, depth):
    body = b'{"name":"q","query":' + b"[" * depth + b"]" * depth + b"}"
    assert machine.send("queries", body).status_code == 400


def test_other_than_json_is_refused(machine):
    assert problem(machine.send("queries", b"<q/>", "application/xml")) == (
        415,
        "UnsupportedMediaTypeException",
    )
    for path in ("queries", "queries/q"):
        answer = machine.get(path, {"Accept": "application/xml"})
        assert (answer.status_code, answer["Content-Type"]) == (406, "application/problem+xml")


@pytest.mark.parametrize(
    ("question", "headers"),
    [
        ({"EQ_ex:batch": ["a|b"]}, {"GS1-Extensions": "ex=https://ex.org/"}),
        ({"@context": {"ex": "https://ex.org/"}, "EQ_ex:batch": "a|b"}, {}),
        ({"@context": [{"ex": "https://ex.org/"}], "EQ_ex:batch": "a|b"}, {}),
    ],
)
def test_bars_in_a_told_query_are_letters_and_its_prefixes_are_kept(machine, question, headers):
    machine.capture(
        event(1, **{"my:batch": "a|b"}), event(2, **{"my:batch": "a"}), my="https://ex.org/"
    )
    keep(machine, "q", question, **headers)

    assert [one["my:batch"] for one in machine.found("queries/q/events")] == ["a|b"]


def test_numbers_and_truth_are_words_of_a_query(machine):
    machine.capture(event(1), event(2))
    keep(machine, "q", {"maxEventCount": 1})
    keep(machine, "r", {"EXISTS_errorDeclaration": True})

    assert problem(machine.get("queries/q/events")) == (413, "QueryTooLargeException")
    assert machine.found("queries/r/events") == []


def test_pages_of_a_kept_query_take_no_further_parameters(machine):
    keep(machine, quote("q"))

    for name, expected in (
        ("EQ_bizStep", "ValidationException"),
        ("stream", "SubscriptionControlsException"),
        ("minute", "SubscriptionControlsException"),
    ):
        assert problem(machine.get("queries/q/events", **{name: "1"})) == (400, expected)
    asked = machine.get("queries/q/events", {"Upgrade": "websocket"}, stream="true")
    assert problem(asked) == (400, "SubscriptionControlsException")


@pytest.mark.parametrize("question", [{"EQ_nothing": ["x"]}, ["shipping"]])
def test_a_kept_query_that_is_not_understood_any_more_is_a_problem(machine, question):
    keep(machine, "q")
    NamedQuery.objects.update(question=question)

    assert machine.get("queries/q/events").status_code == 400


def test_a_key_that_was_revoked_meanwhile_keeps_nothing_and_hinders_no_events():
    key = make_key(Scope.QUERY)[0]
    with CaptureQueriesContext(connection) as asked:
        asking.keep_query(key=key, name="q", question=SHIPPED, namespaces={})
    assert [one["sql"] for one in asked if one["sql"].endswith("FOR NO KEY UPDATE")]
    AccessKey.objects.filter(pk=key.pk).update(revoked_at=timezone.now())

    with pytest.raises(Denied):
        asking.keep_query(key=key, name="r", question=SHIPPED, namespaces={})
