import gzip
import json

import pytest
from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver

from chuan.core.ui.middleware import WroteWhileReading
from chuan.modules.traceability.api import door, short_way
from chuan.modules.traceability.models import AccessKey
from chuan.modules.traceability.testing import capture, event, make_key

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask(client):
    text = make_key()[1]

    def get(path, **headers):
        return client.get(
            f"/epcis/v2/{path}", headers={"authorization": f"Bearer {text}", **headers}
        )

    return get


def test_a_machine_is_not_asked_what_people_are_asked(ask):
    answer = ask("events")
    assert answer.status_code == 200
    assert not hasattr(answer.wsgi_request, "session")
    assert not hasattr(answer.wsgi_request, "user")
    assert answer.wsgi_request.resolver_match.view_name == "epcis:events"


def test_nothing_that_is_told_a_machine_runs_in_a_browser_or_is_kept(ask):
    for answer in (ask("events"), ask("events/none"), ask("queries/none/nowhere/at/all")):
        assert answer["Content-Security-Policy"].startswith("default-src 'none'")
        assert answer["X-Frame-Options"] == "DENY"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Cache-Control"] == "no-store"
        assert len(answer["X-Request-ID"]) == 32
        assert int(answer["Content-Length"]) == len(answer.content)


def test_long_answers_are_packed_for_whoever_wants_them_so(ask):
    capture(*(event(number) for number in range(20)))
    plain, packed = ask("events"), ask("events", accept_encoding="gzip")
    assert packed["Content-Encoding"] == "gzip"
    assert int(packed["Content-Length"]) == len(packed.content) < len(plain.content)
    told = [
        json.loads(one)["epcisBody"] for one in (plain.content, gzip.decompress(packed.content))
    ]
    assert told[0] == told[1]


def test_reading_writes_nothing_here_either(client, monkeypatch):
    text = make_key()[1]

    def meddle(key, **_told):
        AccessKey.objects.update(name="other")

    monkeypatch.setattr(door, "take", meddle)
    with pytest.raises(WroteWhileReading), transaction.atomic():
        client.get("/epcis/v2/events", headers={"authorization": f"Bearer {text}"})
    assert not AccessKey.objects.filter(name="other").exists()


def test_a_server_is_not_asked_by_another_name(ask):
    assert ask("events", host="elsewhere.example").status_code == 400


def test_an_address_that_people_sign_in_for_goes_their_way(client, monkeypatch):
    def guarded(request, **_arguments):
        raise AssertionError

    guarded.login_required = True
    match = type("Match", (), {"func": staticmethod(guarded), "args": (), "kwargs": {}})
    monkeypatch.setattr(short_way, "resolve", lambda _path: match)
    assert client.get("/epcis/v2/events").status_code == 401


def test_every_address_of_the_binding_has_the_door_before_it():
    found = []

    def walk(resolver):
        for one in resolver.url_patterns:
            if isinstance(one, URLResolver):
                walk(one)
            elif isinstance(one, URLPattern):
                found.append(one)

    binding = next(one for one in get_resolver().url_patterns if str(one.pattern) == "epcis/v2/")
    walk(binding)
    assert len(found) > 20
    assert all(getattr(one.callback, "login_required", True) is False for one in found)
