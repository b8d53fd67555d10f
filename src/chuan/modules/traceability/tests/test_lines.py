"""Subscriptions over lines that stay open: what is asked, what is told, when it ends."""

import asyncio
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from chuan.core.audit.models import Entry
from chuan.modules.traceability.api import lines
from chuan.modules.traceability.api.answers import Problem
from chuan.modules.traceability.api.lines import opened, request_of, serve_line
from chuan.modules.traceability.enums import Scope
from chuan.modules.traceability.models import AccessKey, NamedQuery
from chuan.modules.traceability.operations import asking, listening
from chuan.modules.traceability.operations.listening import Ended, Listener, hang_up, listen, news
from chuan.modules.traceability.operations.subscriptions import Controls, TooManySubscriptions
from chuan.modules.traceability.testing import PartyFactory, capture, event, make_key

pytestmark = pytest.mark.django_db
SHIPPED = {"EQ_bizStep": ["shipping"]}


@pytest.fixture(autouse=True)
def nothing_heard(monkeypatch):
    monkeypatch.setattr(listening, "_lines", listening._Lines())
    monkeypatch.setattr(listening, "TICK", 0)


@pytest.fixture
def key():
    key, _text = make_key()
    keep(key, "q", SHIPPED)
    return key


def keep(key, name, question):
    return asking.keep_query(key=key, name=name, question=question, namespaces={})


def listener(key, **more):
    asked = Controls(
        {}, report_if_empty=False, initial_record_time=None, epc_format="No_Preference"
    )
    return listen(key=key, name="q", controls=replace(asked, **more))


def shipped(*hours):
    capture(*(event(hour, bizStep="shipping") for hour in hours), event(99, bizStep="packing"))


def heard(line, at=None):
    """Hours of the events in each message, until nothing is left."""
    told = []
    while messages := news(line, at=at or timezone.now()):
        for message in messages:
            results = json.loads(message)["epcisBody"]["queryResults"]
            assert results["subscriptionID"] == str(line.subscription_id)
            told.append(
                [int(one["eventTime"][11:13]) for one in results["resultsBody"]["eventList"]]
            )
    return told


# ------------------------------------------------------------------ what is told
def test_a_stream_tells_what_comes_in_after_it_was_opened_in_the_order_of_commits(key):
    shipped(1)
    line = listener(key)
    shipped(5, 4)
    shipped(3)

    assert heard(line) == [[5, 4, 3]]
    assert heard(line) == []
    shipped(6)
    assert heard(line) == [[6]]


@pytest.mark.django_db(transaction=True)
def test_whoever_comes_back_says_from_when_on(key):
    shipped(1)
    since = timezone.now()
    shipped(2)
    line = listener(key, initial_record_time=since)

    assert heard(line) == [[2]]


def test_many_events_come_in_messages_of_a_hundred(key, monkeypatch):
    monkeypatch.setattr("chuan.modules.traceability.queries.messages.MOST_BYTES", 2_000)
    line = listener(key)
    shipped(*range(1, 9))

    told = heard(line)

    assert [hour for message in told for hour in message] == list(range(1, 9))
    assert len(told) > 1


def test_a_schedule_tells_at_its_times_and_not_between(key):
    with time_machine.travel(datetime(2026, 3, 1, 1, 2, tzinfo=UTC), tick=False) as clock:
        line = listener(key, schedule={"minute": "5"}, report_if_empty=True)
        shipped(1)
        assert heard(line) == []
        clock.move_to(datetime(2026, 3, 1, 1, 5, tzinfo=UTC))
        assert heard(line) == [[1]]
        shipped(2)
        clock.move_to(datetime(2026, 3, 1, 1, 59, tzinfo=UTC))
        assert heard(line) == []
        clock.move_to(datetime(2026, 3, 1, 2, 5, tzinfo=UTC))
        assert heard(line) == [[2]]
        clock.move_to(datetime(2026, 3, 1, 3, 5, tzinfo=UTC))
        assert heard(line) == [[]]


def test_a_party_is_told_what_it_sees(key):
    mine, _text = make_key(party=PartyFactory())
    keep(mine, "q", SHIPPED)
    line, all_of_it = listener(mine), listener(key)
    shipped(1)
    capture(event(2, bizStep="shipping"), key=mine)

    assert [hour for message in heard(line) for hour in message] == [2]
    assert [hour for message in heard(all_of_it) for hour in message] == [1, 2]


# ------------------------------------------------------------------ when it ends
@pytest.mark.parametrize("is_quiet", [True, False])
def test_a_line_ends_with_its_key(key, monkeypatch, is_quiet):
    monkeypatch.setattr(listening, "PATROL", -1)
    line = listener(key)
    if not is_quiet:
        shipped(1)
    AccessKey.objects.update(revoked_at=timezone.now())

    with pytest.raises(Ended, match="key"):
        news(line, at=timezone.now())


def test_a_line_ends_with_the_last_day_of_its_key(key):
    line = listener(key)
    shipped(1)
    AccessKey.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    with pytest.raises(Ended, match="key"):
        news(line, at=timezone.now())


def test_a_line_ends_with_its_query(key):
    line = listener(key)
    asking.forget_query(key=key, name="q")
    shipped(1)

    with pytest.raises(Ended, match="forgotten"):
        news(line, at=timezone.now())


def test_a_line_ends_after_a_day_once_all_was_told(key, monkeypatch):
    monkeypatch.setattr(listening, "PATROL", -1)
    line = listener(key)
    shipped(1)
    tomorrow = line.opened_at + timedelta(days=1, seconds=1)

    assert news(line, at=tomorrow - timedelta(seconds=2)) != []
    shipped(2)
    assert news(line, at=tomorrow) != []
    assert news(line, at=tomorrow - timedelta(seconds=2)) == []
    with pytest.raises(Ended, match="long"):
        news(line, at=tomorrow)


def test_a_question_that_is_understood_no_more_ends_its_line(key):
    line = listener(key)
    shipped(1)
    NamedQuery.objects.update(question={"EQ_nothing": ["x"]})

    with pytest.raises(Ended, match="query"):
        news(line, at=timezone.now())


def test_a_key_has_so_many_lines_and_one_that_hangs_up_makes_room(key, monkeypatch):
    monkeypatch.setattr(listening, "MOST_SUBSCRIPTIONS", 2)
    first, _second = listener(key), listener(key)
    with pytest.raises(TooManySubscriptions):
        listener(key)
    hang_up(first)

    assert isinstance(listener(key), Listener)
    assert Entry.objects.filter(action="traceability.listened").count() == 3


def test_all_lines_look_at_the_feed_once(key, django_assert_num_queries, monkeypatch):
    lines = [listener(key) for _time in range(5)]
    monkeypatch.setattr(listening, "TICK", 60)
    news(lines[0], at=timezone.now())

    with django_assert_num_queries(0):
        for line in lines:
            assert news(line, at=timezone.now()) == []


# ------------------------------------------------------------------ the handshake
def handshake(text, name="q", path=None, **parameters):
    headers = {"authorization": f"Bearer {text}"} if text else {}
    given = "&".join(f"{key}={value}" for key, value in parameters.items())
    path = path or reverse("epcis:events-of-query", kwargs={"query_name": name})
    return SimpleNamespace(path=path, query_string=given, headers=headers)


@pytest.mark.parametrize(
    ("parameters", "status"),
    [
        ({}, 400),
        ({"stream": "false"}, 400),
        ({"stream": "perhaps"}, 400),
        ({"stream": "true", "minute": "5"}, 400),
        ({"stream": "true", "reportIfEmpty": "true"}, 400),
        ({"stream": "true", "initialRecordTime": "yesterday"}, 400),
        ({"stream": "true", "perPage": "5"}, 400),
        ({"minute": "61"}, 400),
        ({"month": "2", "dayOfMonth": "30"}, 400),
        ({"stream": "true", "name": "other"}, 404),
        ({"stream": "true", "name": "limited"}, 400),
        ({"stream": "true", "path": "/epcis/v2/events"}, 404),
        ({"stream": "true", "path": "/nowhere"}, 404),
        ({"stream": "true", "name": "q\0"}, 404),
    ],
)
def test_what_is_wrong_with_a_handshake_is_told_by_its_status(parameters, status):
    key, text = make_key()
    keep(key, "q", SHIPPED)
    keep(key, "limited", {**SHIPPED, "eventCountLimit": 3})

    with pytest.raises(Problem) as wrong:
        opened(request_of(handshake(text, **parameters)))

    assert wrong.value.status == status


@pytest.mark.parametrize(("text", "status"), [("", 401), ("chuan_unknown", 401)])
def test_a_line_needs_a_key(text, status):
    with pytest.raises(Problem) as wrong:
        opened(request_of(handshake(text, stream="true")))

    assert wrong.value.status == status


def test_a_line_needs_a_key_for_querying():
    _key, text = make_key(Scope.CAPTURE)
    with pytest.raises(Problem) as wrong:
        opened(request_of(handshake(text, stream="true")))

    assert wrong.value.status == 403


def test_a_schedule_and_a_form_are_read_from_the_handshake(key):
    _same, text = make_key()
    keep(_same, "q", SHIPPED)
    asked = handshake(text, minute="5", hour="1", reportIfEmpty="true")
    asked.headers["GS1-EPC-Format"] = "Always_EPC_URN"

    line = opened(request_of(asked))

    assert (line.controls.schedule, line.controls.report_if_empty) == (
        {"minute": "5", "hour": "1"},
        True,
    )
    assert line.controls.epc_format == "Always_EPC_URN"


def test_where_lines_are_answered_is_told_at_the_address_itself(client, settings):
    settings.CHUAN_LINES = "ws://127.0.0.1:8001"
    key, text = make_key()
    keep(key, "q", SHIPPED)
    headers = {"authorization": f"Bearer {text}", "upgrade": "websocket"}

    answer = client.get(handshake(text).path, {"stream": "true"}, headers=headers)

    assert answer.status_code == 400
    assert "ws://127.0.0.1:8001" in answer.json()["detail"]


# ------------------------------------------------------------------ the line itself
class Caller:
    """A handshake, and a line that ends when it has heard enough."""

    def __init__(self, enough):
        self.enough, self.told, self.status, self.opened = enough, [], [], threading.Event()
        self.closed = asyncio.Event()

    async def accept(self):
        self.opened.set()
        return self

    async def receive(self):
        await self.closed.wait()
        return SimpleNamespace(kind=0)

    async def send_str(self, text):
        self.told.append(text)
        if len(self.told) == self.enough:
            self.closed.set()

    def close(self, status):
        self.status.append(status)


def serve(asked, caller):
    """In a thread of its own, as a server has its loop; a browser of other tests may have one here."""

    def run():
        asyncio.run(asyncio.wait_for(serve_line(asked, caller), 30))

    with ThreadPoolExecutor(1) as server:
        server.submit(run).result()


@pytest.mark.django_db(transaction=True)
def test_a_line_is_told_until_it_hangs_up():
    key, text = make_key()
    keep(key, "q", SHIPPED)
    asked = handshake(text, stream="true", initialRecordTime="2000-01-01T00:00:00Z")
    shipped(1)
    caller = Caller(enough=1)

    serve(asked, caller)

    assert len(caller.told) == 1
    assert caller.status == [None]
    assert listening._lines._open[key.pk] == 0


@pytest.mark.django_db(transaction=True)
def test_a_line_that_is_refused_is_never_opened():
    caller = Caller(enough=1)

    serve(handshake("", stream="true"), caller)

    assert caller.status == [401]
    assert not caller.opened.is_set()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("breaks", ["the line", "what is told over it"])
def test_only_a_broken_line_is_taken_for_one(monkeypatch, breaks):
    key, text = make_key()
    keep(key, "q", SHIPPED)
    shipped(1)
    caller = Caller(enough=9)

    async def broken(_text):
        raise RuntimeError("closed")

    def wrong(*_arguments, **_more):
        raise RuntimeError("a mistake of ours")

    if breaks == "the line":
        caller.send_str = broken
    else:
        monkeypatch.setattr(lines, "news", wrong)
    asked = handshake(text, stream="true", initialRecordTime="2000-01-01T00:00:00Z")

    if breaks == "the line":
        serve(asked, caller)
    else:
        with pytest.raises(RuntimeError, match="a mistake of ours"):
            serve(asked, caller)

    assert caller.status == [None]
    assert listening._lines._open[key.pk] == 0
