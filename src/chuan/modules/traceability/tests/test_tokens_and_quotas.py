import base64
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError
from django.utils import timezone

from chuan.core.audit.models import Entry
from chuan.modules.traceability.engine import quotas
from chuan.modules.traceability.engine.quotas import Quota, quota_of
from chuan.modules.traceability.engine.reading_json import write_json
from chuan.modules.traceability.enums import Scope
from chuan.modules.traceability.models import KeyUse
from chuan.modules.traceability.operations import metering
from chuan.modules.traceability.operations.keys import revoke_key, rotate_key
from chuan.modules.traceability.operations.metering import QuotaUsedUp, forget_use
from chuan.modules.traceability.queries import keys
from chuan.modules.traceability.queries.keys import client_id_of, forget_known_keys
from chuan.modules.traceability.testing import PartyFactory, document, event, item, make_key

pytestmark = pytest.mark.django_db
MOMENT = datetime(2027, 1, 4, 10, 30, 20, tzinfo=UTC)


def ask(client, form=None, basic=None):
    headers = {}
    if basic:
        headers["authorization"] = "Basic " + base64.b64encode(":".join(basic).encode()).decode()
    form = {"grant_type": "client_credentials"} if form is None else form
    return client.post("/oauth2/token", form, headers=headers)


def opens(client, token, path="events"):
    return client.get(f"/epcis/v2/{path}", headers={"authorization": f"Bearer {token}"}).status_code


# ---------------------------------------------------------------- tokens
def test_a_client_gets_a_token_for_minutes_with_the_scopes_it_asks_for(client):
    key, text = make_key()
    answer = ask(
        client, {"grant_type": "client_credentials", "scope": "query"}, (client_id_of(key), text)
    )
    told = answer.json()
    assert (told["token_type"], told["expires_in"], told["scope"]) == ("Bearer", 900, "query")
    assert answer["Cache-Control"] == "no-store"
    assert opens(client, told["access_token"]) == 200
    assert opens(client, told["access_token"], "capture") == 403
    line = Entry.objects.get(action="traceability.token_given")
    assert (line.details["scopes"], line.actor_name) == (["query"], key.name)
    key.refresh_from_db()
    assert set(key.scopes) == {"capture", "query"}


def test_the_client_may_stand_in_the_form_and_gets_all_its_scopes(client):
    key, text = make_key(Scope.QUERY)
    form = {
        "grant_type": "client_credentials",
        "client_id": client_id_of(key),
        "client_secret": text,
    }
    assert ask(client, form).json()["scope"] == "query"


@pytest.mark.parametrize(
    ("form", "who", "status", "error"),
    [
        (None, None, 401, "invalid_client"),
        (None, ("key-0", "right"), 401, "invalid_client"),
        (None, ("right", "wrong"), 401, "invalid_client"),
        ({}, ("right", "right"), 400, "invalid_request"),
        ({"grant_type": "password"}, ("right", "right"), 400, "unsupported_grant_type"),
        (
            {"grant_type": "client_credentials", "scope": "query capture"},
            ("right", "right"),
            400,
            "invalid_scope",
        ),
        (
            {"grant_type": "client_credentials", "client_secret": "x"},
            ("right", "right"),
            400,
            "invalid_request",
        ),
    ],
)
def test_whatever_is_wrong_has_the_name_the_standard_gives_it(client, form, who, status, error):
    key, text = make_key(Scope.QUERY)
    right = (client_id_of(key), text)
    basic = None
    if who:
        basic = tuple(right[at] if one == "right" else one for at, one in enumerate(who))
    answer = ask(client, form, basic)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert ("WWW-Authenticate" in answer) == (status == 401)
    assert not Entry.objects.filter(action="traceability.token_given").exists()


@pytest.mark.parametrize("basic", ["é", "?", "w6k="])
def test_what_is_no_base64_is_no_client(client, basic):
    form = {"grant_type": "client_credentials"}
    answer = client.post("/oauth2/token", form, headers={"authorization": f"Basic {basic}"})
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize("how", ["revoked", "changed", "ended", "late", "bent"])
def test_a_token_ends_with_its_key_and_by_itself(client, how, monkeypatch):
    key, text = make_key()
    token = ask(client, basic=(client_id_of(key), text)).json()["access_token"]
    assert opens(client, token) == 200
    if how == "revoked":
        revoke_key(name=key.name, by="a test")
    elif how == "changed":
        rotate_key(name=key.name, by="a test", grace=timedelta(days=1))
    elif how == "ended":
        type(key).objects.update(expires_at=timezone.now())
        forget_known_keys()
    elif how == "late":
        monkeypatch.setattr(keys, "TOKENS_LAST", timedelta(seconds=-1))
    else:
        token = token[:-1] + ("A" if token[-1] != "A" else "B")
    assert opens(client, token) == 401


@pytest.mark.parametrize("shown", ["key", "token"])
def test_what_another_process_did_to_a_key_holds_within_the_time_that_is_promised(
    client, shown, monkeypatch
):
    key, text = make_key()
    token = ask(client, basic=(client_id_of(key), text)).json()["access_token"]
    text = {"key": text, "token": token}[shown]
    assert opens(client, text) == 200
    # As another process: nothing here is told of it.
    type(key).objects.update(revoked_at=timezone.now())
    assert opens(client, text) == 200
    assert keys.KNOWN_FOR <= 1
    monkeypatch.setattr(keys, "KNOWN_FOR", 0)
    assert opens(client, text) == 401


def test_a_key_that_is_known_ends_at_its_instant_and_an_old_text_with_its_grace(client):
    key, old = make_key()
    now = timezone.now()
    assert keys.key_shown(old, at=now) == key
    rotate_key(name=key.name, by="a test", grace=timedelta(minutes=5))
    assert keys.key_shown(old, at=now) == key
    assert keys.key_shown(old, at=now + timedelta(minutes=6)) is None
    other, text = make_key()
    type(key).objects.filter(pk=other.pk).update(expires_at=now + timedelta(minutes=5))
    assert keys.key_shown(text, at=now) == other
    assert keys.key_shown(text, at=now + timedelta(minutes=5)) is None


def test_a_token_takes_no_scope_from_the_key_that_is_known(client):
    key, text = make_key()
    form = {"grant_type": "client_credentials", "scope": "query"}
    token = ask(client, form, (client_id_of(key), text)).json()["access_token"]
    for _time in range(2):
        narrow = keys.key_shown(token, at=timezone.now())
        assert narrow.scopes == ["query"]
        assert keys.key_shown(text, at=timezone.now()).scopes == ["capture", "query"]


def test_machines_find_out_where_tokens_are(client):
    told = client.get("/.well-known/oauth-authorization-server").json()
    assert told["token_endpoint"] == "http://testserver/oauth2/token"
    assert told["grant_types_supported"] == ["client_credentials"]


# ---------------------------------------------------------------- quotas
@pytest.fixture
def limits(monkeypatch):
    """Give every class these limits, with nothing counted yet."""

    def give(**told):
        monkeypatch.setattr(
            quotas, "_rows", lambda: [("standard", date(2026, 1, 1), Quota(**told))]
        )
        monkeypatch.setattr(metering, "_meter", metering._Meter())

    return give


def test_who_asks_too_often_is_told_when_to_come_back(client, limits):
    limits(requests_per_day=2)
    key, text = make_key(party=PartyFactory())
    assert [opens(client, text) for _time in range(3)] == [200, 200, 429]
    answer = client.get("/epcis/v2/events", headers={"authorization": f"Bearer {text}"})
    assert answer["Content-Type"] == "application/problem+json"
    assert (answer.json()["status"], answer.json()["detail"]) == (429, "at most 2 requests a day")
    assert 0 < int(answer["Retry-After"]) <= 24 * 3600
    assert opens(client, make_key(party=PartyFactory())[1]) == 200
    assert KeyUse.objects.filter(key=key, span="day").exists()


def test_events_are_counted_before_they_are_stored(client, limits):
    limits(events_per_day=3)
    _key, text = make_key(party=PartyFactory())

    def send(*numbers):
        body = write_json(document(*(event(1, epcList=[item(number)]) for number in numbers)))
        return client.post(
            "/epcis/v2/capture",
            body,
            "application/json",
            headers={"authorization": f"Bearer {text}"},
        ).status_code

    assert [send(1, 2), send(3, 4), send(5), send(6)] == [202, 429, 202, 429]


def test_what_other_processes_counted_counts_from_the_next_hand_in_on(limits):
    limits(requests_per_minute=10)
    key, _text = make_key(party=PartyFactory())
    here, there = metering._Meter(), metering._Meter()
    for _time in range(5):
        here.take(key, requests=1, events=0, at=MOMENT)
        there.take(key, requests=1, events=0, at=MOMENT)
    later = MOMENT + metering.HAND_IN
    for meter in (there, here):
        meter.hand_in(at=later)
    with pytest.raises(QuotaUsedUp) as refused:
        here.take(key, requests=1, events=0, at=later)
    assert refused.value.retry_after == 37
    next_minute = MOMENT + timedelta(minutes=1)
    here.take(key, requests=1, events=0, at=next_minute)
    here.hand_in(at=next_minute)
    rows = KeyUse.objects.filter(key=key, span="minute").order_by("since")
    assert [row.requests for row in rows] == [10, 1]
    assert KeyUse.objects.get(key=key, span="day").requests == 11
    assert forget_use(before=next_minute - timedelta(seconds=30)) == 2


def test_no_request_waits_for_counts_being_handed_in(limits, monkeypatch):
    limits(requests_per_minute=4)
    key, _text = make_key(party=PartyFactory())
    meter = metering._Meter()
    for _time in range(2):
        meter.take(key, requests=1, events=0, at=MOMENT)
    added, is_on_its_way, may_arrive = metering._added, threading.Event(), threading.Event()

    def slowly(*counted):
        is_on_its_way.set()
        assert may_arrive.wait(10)
        return added(*counted)

    def meanwhile():
        assert is_on_its_way.wait(10)
        for _time in range(2):
            meter.take(key, requests=1, events=0, at=MOMENT)
        meter.hand_in(at=MOMENT + metering.HAND_IN)
        with pytest.raises(QuotaUsedUp):
            meter.take(key, requests=1, events=0, at=MOMENT)

    monkeypatch.setattr(metering, "_added", slowly)
    with ThreadPoolExecutor(1) as others:
        waiting = others.submit(meanwhile)
        waiting.add_done_callback(lambda _done: may_arrive.set())
        meter.hand_in(at=MOMENT)
        waiting.result()

    assert KeyUse.objects.get(key=key, span="minute").requests == 2
    meter.hand_in(at=MOMENT + metering.HAND_IN)
    assert KeyUse.objects.get(key=key, span="minute").requests == 4


def test_what_could_not_be_handed_in_is_handed_in_later_and_nothing_twice(limits, monkeypatch):
    limits(requests_per_minute=10)
    key, _text = make_key(party=PartyFactory())
    meter = metering._Meter()
    meter.take(key, requests=1, events=0, at=MOMENT)
    added, broken = metering._added, ["minute"]

    def fail(pk, span, count):
        if span in broken:
            # Meanwhile the next minute begins.
            meter.take(key, requests=1, events=0, at=MOMENT + timedelta(minutes=1))
            raise DatabaseError("gone")
        return added(pk, span, count)

    monkeypatch.setattr(metering, "_added", fail)
    with pytest.raises(DatabaseError):
        meter.hand_in(at=MOMENT)
    broken.clear()
    meter.hand_in(at=MOMENT)

    rows = KeyUse.objects.filter(key=key).order_by("span", "since")
    assert [(row.span, row.requests) for row in rows] == [("day", 2), ("minute", 1), ("minute", 1)]


def test_keys_that_are_not_used_are_not_handed_in_again(limits, django_assert_num_queries):
    limits(requests_per_minute=10)
    keys_in_use = [make_key(party=PartyFactory())[0] for _time in range(5)]
    meter = metering._Meter()
    for key in keys_in_use:
        meter.take(key, requests=1, events=0, at=MOMENT)
    meter.hand_in(at=MOMENT)
    meter.take(keys_in_use[0], requests=1, events=0, at=MOMENT)

    with django_assert_num_queries(len(KeyUse.Span.choices)):
        meter.hand_in(at=MOMENT + metering.HAND_IN)


def test_a_class_has_the_limits_of_its_day(monkeypatch):
    rows = [
        ("standard", date(2026, 1, 1), Quota(1)),
        ("standard", date(2027, 1, 1), Quota(2)),
    ]
    monkeypatch.setattr(quotas, "_rows", lambda: rows)
    days = [date(2025, 1, 1), date(2026, 12, 31), date(2027, 1, 1)]
    assert [quota_of("standard", on=day).requests_per_minute for day in days] == [1, 1, 2]


def test_every_key_has_a_class_there_is():
    assert make_key(party=PartyFactory())[0].quota == "standard"
    assert make_key(sees_everything=True)[0].quota == "unlimited"
    assert {"standard", "unlimited", "small"} <= quotas.classes()
