import hashlib
import hmac
import json
import socket
import threading
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone

from chuan.core.audit.models import Entry
from chuan.core.jobs.testing import perform_jobs, waiting_jobs
from chuan.lib.tests.receiver import LOOPBACK, receiver
from chuan.modules.traceability.engine.facts import facts_of
from chuan.modules.traceability.enums import Scope
from chuan.modules.traceability.models import NamedQuery, Subscription
from chuan.modules.traceability.operations import delivery, subscriptions
from chuan.modules.traceability.operations.delivery import deliver, wake
from chuan.modules.traceability.queries import messages
from chuan.modules.traceability.store.writing import store
from chuan.modules.traceability.testing import (
    PartyFactory,
    capture,
    document,
    event,
    item,
    make_key,
    revoked,
)
from chuan.modules.traceability.tests.test_api import problem, with_key

pytestmark = pytest.mark.django_db
SHIPPED = {"EQ_bizStep": ["shipping"]}
DEST = "https://client.example.com/queryCallback"


@pytest.fixture
def machine(client, settings):
    settings.CHUAN_WEBHOOKS_TO = LOOPBACK
    machine = with_key(client, make_key()[1])
    machine.send("queries", {"name": "q", "query": SHIPPED})
    return machine


def subscribe(machine, dest, more=None, **controls):
    controls = controls or {"stream": True}
    answer = machine.send("queries/q/subscriptions", {"dest": dest, **controls}, more=more)
    assert answer.status_code == 201, answer.content
    return Subscription.objects.get(subscription_id=answer.json()["subscriptionID"])


def shipped(*hours):
    capture(*(event(hour, bizStep="shipping") for hour in hours), event(99, bizStep="packing"))


def told(heard):
    """Hours of the events in each message."""
    return [[one["eventTime"][11:13] for one in events(message)] for message in heard]


def events(message):
    return results(message)["resultsBody"]["eventList"]


def results(message):
    return json.loads(message.body)["epcisBody"]["queryResults"]


def delete(machine, path):
    return machine.http.delete(f"/epcis/v2/{path}", headers=machine.headers)


# ------------------------------------------------------------------ making and ending
def test_a_subscription_is_told_without_its_secret(machine):
    answer = machine.send(
        "queries/q/subscriptions",
        {
            "dest": DEST,
            "signatureToken": "hidden",
            "schedule": {"hour": "1", "minute": "5"},
            "reportIfEmpty": True,
            "initialRecordTime": "2026-01-06T06:52:24.880+07:00",
        },
        more={"GS1-EPC-Format": "Always_EPC_URN"},
    )

    body = answer.json()
    assert answer.status_code == 201
    assert answer["Location"].endswith(
        f"/epcis/v2/queries/q/subscriptions/{body['subscriptionID']}"
    )
    assert "hidden" not in answer.content.decode()
    assert body["schedule"] == {"hour": "1", "minute": "5"}
    assert (body["reportIfEmpty"], body["epcFormat"]) == (True, "Always_EPC_URN")
    assert body["initialRecordTime"] == body["minRecordTime"] == "2026-01-05T23:52:24.880000Z"
    assert machine.http.get(answer["Location"], headers=machine.headers).json() == body
    assert machine.get("queries/q/subscriptions").json() == [body]
    assert Entry.objects.get(action="traceability.subscribed").details["host"] == (
        "client.example.com"
    )


def test_what_ended_is_gone(machine):
    with receiver() as (dest, heard):
        path = f"queries/q/subscriptions/{subscribe(machine, dest)}"
        assert delete(machine, path).status_code == 204
        shipped(1)
        perform_jobs()

    assert heard == []
    for answer in (delete(machine, path), machine.get(path)):
        assert problem(answer) == (404, "NoSuchNameException")
    assert Entry.objects.filter(action="traceability.unsubscribed").exists()


def test_forgetting_a_query_ends_its_subscriptions(machine):
    subscribe(machine, DEST)

    assert delete(machine, "queries/q").status_code == 204
    assert not Subscription.objects.exists()
    assert perform_jobs()


def test_subscriptions_are_listed_in_pages_and_are_nobody_elses(machine, client):
    made = [str(subscribe(machine, DEST)) for _number in range(3)]
    other = with_key(client, make_key()[1])
    other.send("queries", {"name": "q", "query": SHIPPED})

    first = machine.get("queries/q/subscriptions", perPage=2)
    rest = machine.http.get(first["Link"].split(">")[0][1:], headers=machine.headers)

    assert [one["subscriptionID"] for one in first.json() + rest.json()] == made
    assert other.get("queries/q/subscriptions").json() == []
    for answer in (
        other.get(f"queries/q/subscriptions/{made[0]}"),
        delete(other, f"queries/q/subscriptions/{made[0]}"),
        machine.get("queries/q/subscriptions/nobody"),
        machine.get("queries/none/subscriptions"),
        machine.send("queries/none/subscriptions", {"dest": DEST, "stream": True}),
    ):
        assert problem(answer) == (404, "NoSuchNameException")


def test_a_key_for_capturing_subscribes_to_nothing(client):
    machine = with_key(client, make_key(Scope.CAPTURE)[1])

    answer = machine.send("queries/q/subscriptions", {"dest": DEST, "stream": True})

    assert problem(answer) == (403, "SecurityException")
    assert problem(machine.get("queries/q/subscriptions")) == (403, "SecurityException")


@pytest.mark.parametrize(
    "body",
    [
        {"stream": True},
        {"dest": 1, "stream": True},
        {"dest": DEST},
        {"dest": DEST, "stream": False},
        {"dest": DEST, "stream": "true"},
        {"dest": DEST, "stream": True, "schedule": {"hour": "1"}},
        {"dest": DEST, "schedule": {}},
        {"dest": DEST, "schedule": "hourly"},
        {"dest": DEST, "schedule": {"hour": "24"}},
        {"dest": DEST, "schedule": {"year": "1"}},
        {"dest": DEST, "schedule": {"dayOfMonth": "31", "month": "2"}},
        {"dest": DEST, "stream": True, "reportIfEmpty": True},
        {"dest": DEST, "stream": True, "reportIfEmpty": 1},
        {"dest": DEST, "stream": True, "initialRecordTime": "today"},
        {"dest": DEST, "stream": True, "signatureToken": "x" * 501},
        {"dest": "ftp://client.example.com/", "stream": True},
        {"dest": "https://user:word@client.example.com/", "stream": True},
    ],
)
def test_controls_that_cannot_be_followed_are_refused(machine, body):
    answer = machine.send("queries/q/subscriptions", body)

    assert problem(answer) == (400, "SubscriptionControlsException")
    assert not Subscription.objects.exists()


@pytest.mark.parametrize(
    "dest",
    [
        *("https://127.0.0.1/", "https://localhost/x", "https://10.1.2.3/", "https://[::1]/"),
        *("https://169.254.169.254/latest/", "https://[::ffff:192.168.0.1]/", "http://8.8.8.8/"),
        *("https://100.64.0.1/", "https://0.0.0.0/", "https://[fd00::1]/", "https://2130706433/"),
    ],
)
def test_nothing_is_sent_into_private_networks_or_without_tls(machine, settings, dest):
    settings.CHUAN_WEBHOOKS_TO = ()

    answer = machine.send("queries/q/subscriptions", {"dest": dest, "stream": True})

    assert problem(answer) == (403, "SecurityException")


def test_nothing_is_locked_while_a_name_is_looked_up(machine, monkeypatch):
    outside, during = list(connection.savepoint_ids), []

    def look_up(*_told, **_more):
        during.append(list(connection.savepoint_ids))
        raise socket.gaierror("nobody knows")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    subscribe(machine, DEST)

    assert during == [outside]


def test_a_destination_that_has_moved_inside_since_is_not_called(machine, settings):
    with receiver() as (dest, heard):
        subscription = subscribe(machine, dest)
        settings.CHUAN_WEBHOOKS_TO = ()
        shipped(1)
        perform_jobs()

    subscription.refresh_from_db()
    assert (heard, subscription.failure_count) == ([], 1)
    assert "private" in subscription.failure


def test_a_query_with_a_limit_is_for_pages_alone(machine):
    machine.send("queries", {"name": "q2", "query": {"eventCountLimit": 5}})

    answer = machine.send("queries/q2/subscriptions", {"dest": DEST, "stream": True})

    assert problem(answer) == (400, "SubscriptionControlsException")


def test_a_key_has_no_endless_number_of_subscriptions(machine, monkeypatch):
    monkeypatch.setattr(subscriptions, "MOST_SUBSCRIPTIONS", 1)
    subscribe(machine, DEST)

    answer = machine.send("queries/q/subscriptions", {"dest": DEST, "stream": True})

    assert problem(answer) == (403, "SecurityException")


# ------------------------------------------------------------------ streams
def test_a_stream_is_told_what_comes_in_signed(machine):
    shipped(1)
    with receiver() as (dest, heard):
        subscription = subscribe(machine, dest, stream=True, signatureToken="key")
        shipped(2, 3)
        perform_jobs()
        shipped(4)
        perform_jobs()

    assert told(heard) == [["02", "03"], ["04"]]
    assert results(heard[0])["queryName"] == "q"
    assert results(heard[0])["subscriptionID"] == str(subscription)
    signed = hmac.new(b"key", heard[0].body, hashlib.sha256).hexdigest()
    assert heard[0].headers["GS1-Signature"] == signed
    assert heard[0].headers["Content-Type"] == "application/json"
    subscription.refresh_from_db()
    assert subscription.notified_at is not None


def test_a_stream_hears_of_events_sent_one_by_one(machine):
    with receiver() as (dest, heard):
        subscribe(machine, dest)
        body = {"@context": "https://ref.gs1.org/context", **event(1, bizStep="shipping")}
        assert machine.send("events", body).status_code == 201
        perform_jobs()

    assert told(heard) == [["01"]]


def test_identifiers_are_told_as_wished(machine):
    with receiver() as (dest, heard):
        subscribe(machine, dest, {"GS1-EPC-Format": "Always_GS1_Digital_Link"})
        shipped(1)
        perform_jobs()

    assert item(1).startswith("urn:")
    assert events(heard[0])[0]["epcList"][0].startswith("https://id.gs1.org/01/")


def test_from_an_instant_on_what_is_there_is_told_first(machine):
    with time_machine.travel(datetime(2026, 5, 1, tzinfo=UTC)):
        shipped(1)
    shipped(2)
    since = (timezone.now() - timedelta(minutes=5)).isoformat()
    with receiver() as (dest, heard):
        subscribe(machine, dest, stream=True, initialRecordTime=since)
        perform_jobs()
        shipped(3)
        perform_jobs()

    # The clock of the database does not travel: all of it was recorded today.
    assert told(heard) == [["01", "02"], ["03"]]


def test_from_an_instant_in_the_future_on_nothing_is_told_before(machine):
    since = (timezone.now() + timedelta(days=1)).isoformat()
    with receiver() as (dest, heard):
        subscription = subscribe(machine, dest, stream=True, initialRecordTime=since)
        shipped(1)
        perform_jobs()

    assert heard == []
    position = subscription.position
    subscription.refresh_from_db()
    assert subscription.position > position


def test_what_was_not_taken_is_sent_again_later_and_nothing_is_lost(machine):
    with receiver(500, 302, 200) as (dest, heard):
        subscription = subscribe(machine, dest)
        shipped(1)
        perform_jobs()
        start = timezone.now()
        subscription.refresh_from_db()
        assert subscription.failure.startswith("HTTP 500 yyy")
        assert delivery.FIRST_WAIT * 0.9 < subscription.due_at - start < delivery.FIRST_WAIT * 1.1

        shipped(2)
        perform_jobs()
        assert len(heard) == 1  # it is left alone until then

        with time_machine.travel(subscription.due_at):
            deliver(subscription_id=subscription.pk)
        subscription.refresh_from_db()
        assert subscription.failure_count == 2
        assert subscription.due_at > start + delivery.FIRST_WAIT * 2

        with time_machine.travel(subscription.due_at):
            assert wake(at=timezone.now()) == 1
            perform_jobs()

    assert told(heard) == [["01"], ["01", "02"], ["01", "02"]]
    subscription.refresh_from_db()
    assert (subscription.failure_count, subscription.failure, subscription.due_at) == (0, "", None)


def test_many_events_come_in_several_messages_and_go_on_where_one_was_not_taken(
    machine, monkeypatch
):
    monkeypatch.setattr(delivery, "MOST_EVENTS", 2)
    monkeypatch.setattr(delivery, "CHUNK", 3)
    with receiver(200, 500, 200) as (dest, heard):
        subscription = subscribe(machine, dest)
        shipped(1, 2, 3, 4, 5)
        perform_jobs()
        assert told(heard) == [["01", "02"], ["03"]]
        subscription.refresh_from_db()
        with time_machine.travel(subscription.due_at):
            deliver(subscription_id=subscription.pk)

    assert told(heard) == [["01", "02"], ["03"], ["03", "04"], ["05"]]


def test_a_large_message_is_cut_by_its_bytes(machine, monkeypatch):
    monkeypatch.setattr(messages, "MOST_BYTES", 1)
    with receiver() as (dest, heard):
        subscribe(machine, dest)
        shipped(1, 2)
        perform_jobs()

    assert told(heard) == [["01"], ["02"]]


def test_a_receiver_who_cannot_take_so_much_gets_less_at_once(machine):
    with receiver(413, 413, 200) as (dest, heard):
        subscribe(machine, dest)
        shipped(1, 2, 3, 4)
        perform_jobs()

    assert told(heard) == [["01", "02", "03", "04"], ["01", "02"], ["01"], ["02"], ["03"], ["04"]]


def test_one_event_that_is_too_large_is_a_failure(machine):
    with receiver(413) as (dest, heard):
        subscription = subscribe(machine, dest)
        shipped(1)
        perform_jobs()

    subscription.refresh_from_db()
    assert (len(heard), subscription.failure_count) == (1, 1)


def test_nobody_there_is_a_failure_like_any_other(machine):
    with receiver() as (dest, _heard):
        pass
    subscription = subscribe(machine, dest)
    shipped(1)
    perform_jobs()

    subscription.refresh_from_db()
    assert "refused" in subscription.failure


def test_a_query_nobody_understands_any_more_is_a_failure(machine):
    subscription = subscribe(machine, DEST)
    NamedQuery.objects.update(question={"EQ_gone": "x"})
    shipped(1)
    perform_jobs()

    subscription.refresh_from_db()
    assert "EQ_gone" in subscription.failure


def test_a_revoked_key_is_sent_nothing(machine):
    with receiver() as (dest, heard):
        subscription = subscribe(machine, dest)
        revoked(subscription.query.key)
        shipped(1)
        perform_jobs()

    assert heard == []


def test_two_workers_do_not_send_the_same(machine):
    with receiver() as (dest, heard):
        subscription = subscribe(machine, dest)
        shipped(1)
        perform_jobs()
        shipped(2)
        assert delivery._claim(subscription.pk, at=timezone.now()) is not None
        perform_jobs()
        assert len(heard) == 1

        # The first worker has died: its lease ends.
        with time_machine.travel(timezone.now() + delivery.LEASE * 1.1):
            assert wake(at=timezone.now()) == 1
            perform_jobs()

    assert told(heard) == [["01"], ["02"]]


def test_a_stream_that_has_heard_everything_is_not_woken(machine):
    with receiver() as (dest, _heard):
        subscribe(machine, dest)
        shipped(1)
        perform_jobs()

        assert wake(at=timezone.now()) == 0


def test_capturing_asks_for_no_job_where_nobody_listens(machine):
    shipped(1)

    assert waiting_jobs() == []


# ------------------------------------------------------------------ schedules
def test_a_schedule_is_kept_and_says_only_what_is_new(machine):
    with receiver() as (dest, heard), time_machine.travel("2026-11-22T10:00:00+07:00") as clock:
        subscription = subscribe(machine, dest, schedule={"minute": "30"})
        shipped(1)
        perform_jobs()
        assert heard == []

        for moment in ("10:30:00", "11:30:00", "12:30:01"):
            clock.move_to(f"2026-11-22T{moment}+07:00")
            wake(at=timezone.now())
            perform_jobs()
            shipped(2)

    # Nothing new at 12:30: the same events came again.
    assert told(heard) == [["01"], ["02"]]
    subscription.refresh_from_db()
    assert timezone.localtime(subscription.due_at).isoformat() == "2026-11-22T13:30:00+07:00"
    assert subscription.asked_at.replace(microsecond=0).isoformat() == "2026-11-22T05:30:01+00:00"


def test_nothing_new_is_told_where_that_was_asked_for(machine):
    with receiver() as (dest, heard), time_machine.travel("2026-11-22T10:00:00+07:00") as clock:
        subscribe(machine, dest, schedule={"second": "0/30"}, reportIfEmpty=True)
        clock.move_to("2026-11-22T10:00:30+07:00")
        perform_jobs()

    assert told(heard) == [[]]


# ------------------------------------------------------------------ commit order
@pytest.mark.django_db(transaction=True)
def test_a_document_that_commits_late_is_told_late_and_not_lost(machine):
    # Without the ledger, whose lines wait for each other; and of different things.
    began, may_end = threading.Event(), threading.Event()
    shipped(9)

    def put(hour):
        held = document(event(hour, bizStep="shipping", epcList=[item(hour)]))
        store([facts_of(held, held.events[0])], captured_by=None)

    def capture_slowly():
        try:
            with transaction.atomic():
                put(1)
                began.set()
                may_end.wait(20)
        finally:
            connection.close()

    with receiver() as (dest, heard):
        subscription = subscribe(machine, dest)
        slow = threading.Thread(target=capture_slowly)
        slow.start()
        began.wait(20)
        try:
            with transaction.atomic():
                put(2)
            deliver(subscription_id=subscription.pk)
            assert told(heard) == [["02"]]
        finally:
            may_end.set()
            slow.join()
        deliver(subscription_id=subscription.pk)

    assert told(heard) == [["02"], ["01"]]
    first, second = (events(message)[0]["recordTime"] for message in heard)
    assert second < first


# ------------------------------------------------------------------ who sees what
def test_a_party_is_sent_what_it_sees_and_nothing_else(machine, client):
    stranger = with_key(client, make_key(party=PartyFactory())[1])
    stranger.send("queries", {"name": "q", "query": SHIPPED})
    with receiver() as (dest, heard), receiver() as (elsewhere, heard_elsewhere):
        subscribe(machine, dest)
        subscribe(stranger, elsewhere)
        shipped(1)
        perform_jobs()

    assert (told(heard), heard_elsewhere) == ([["01"]], [])
