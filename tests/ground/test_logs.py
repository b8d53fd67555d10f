"""Log lines: one JSON object each, tied to a request, and nobody's name in them."""

import json
import logging

import pytest
from django.test import override_settings
from django.urls import path

from chuan.core.people.testing import PersonFactory
from chuan.lib.logs import JsonFormatter, request_id, scrubbed


def line(**given):
    record = logging.LogRecord(
        name=given.pop("name", "chuan.tests"),
        level=logging.WARNING,
        pathname=__file__,
        lineno=1,
        msg=given.pop("msg", "Letter %s was not sent: %s"),
        args=given.pop("args", (1, "x")),
        exc_info=given.pop("exc_info", None),
    )
    return json.loads(JsonFormatter().format(record))


def test_a_line_tells_when_who_said_it_and_in_which_request():
    token = request_id.set("abc12345")
    try:
        said = line()
    finally:
        request_id.reset(token)
    assert (said["level"], said["logger"], said["message"], said["request_id"]) == (
        "warning",
        "chuan.tests",
        "Letter 1 was not sent: x",
        "abc12345",
    )
    assert said["at"].endswith("+00:00")


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("to ha@example.vn refused", "to …@… refused"),
        ("GET /tim/?q=Nguyễn+Thị+Hà HTTP", "GET /tim/?… HTTP"),
        ("key Jx7a_Sl2-9Qe8bTzY4Wc6Ukd gone", "key … gone"),
        ("Plan 41: 12 assignments created", "Plan 41: 12 assignments created"),
    ],
)
def test_addresses_queries_and_keys_are_taken_out(text, left):
    assert scrubbed(text) == left


def test_an_error_tells_its_kind_and_place_and_not_what_it_quotes():
    try:
        raise ValueError("Key (email)=(ha@example.vn) Nguyễn Thị Hà")
    except ValueError as error:
        import sys  # noqa: PLC0415

        said = line(args=(1, error), exc_info=sys.exc_info())
    assert said["message"] == "Letter 1 was not sent: ValueError"
    assert said["error"] == "ValueError"
    assert said["trace"][0].endswith(
        "test_an_error_tells_its_kind_and_place_and_not_what_it_quotes"
    )
    assert "Hà" not in json.dumps(said, ensure_ascii=False)


def test_django_s_own_lines_lose_the_address_asked_for():
    said = line(name="django.request", msg="%s: %s", args=("Not Found", "/lich-han/secret.ics"))
    assert said["message"] == "Not Found"


# ---------------------------------------------------------------- requests


def fail(request):
    raise RuntimeError(f"{request.user} broke it")


urlpatterns = [path("hong/", fail, name="fail")]


@pytest.mark.django_db
def test_every_answer_carries_the_request_s_id_and_takes_a_proxy_s(client):
    own = client.get("/tai-khoan/dang-nhap/").headers["X-Request-ID"]
    assert len(own) == 32
    given = client.get("/tai-khoan/dang-nhap/", headers={"X-Request-ID": "tu-proxy-0001"})
    assert given.headers["X-Request-ID"] == "tu-proxy-0001"
    bad = client.get("/tai-khoan/dang-nhap/", headers={"X-Request-ID": 'x"y z<script>'})
    assert len(bad.headers["X-Request-ID"]) == 32


@pytest.mark.django_db
def test_the_error_page_names_the_request_so_that_somebody_can_look_it_up(client):
    client.force_login(PersonFactory())
    missing = client.get("/khong-co-trang-nay/")
    assert missing.status_code == 404
    assert missing.headers["X-Request-ID"] in missing.content.decode()


@pytest.mark.django_db
def test_nobody_s_name_address_or_question_is_logged(client, caplog):
    person = PersonFactory(
        username="bi.mat", full_name="Nguyễn Thị Bí Mật", email="bi.mat@example.vn"
    )
    client.force_login(person)
    client.raise_request_exception = False
    with caplog.at_level(logging.DEBUG), caplog.at_level(logging.DEBUG, "chuan.request"):
        client.get("/ke-hoach/?q=Nguyễn+Thị+Bí+Mật&email=bi.mat@example.vn")
        client.get("/lich-han/Jx7a_Sl2-9Qe8bTzY4Wc6Ukd.ics?ten=Bí+Mật")
        client.post("/tai-khoan/dang-nhap/", {"login": "bi.mat@example.vn", "password": "sai"})
        with override_settings(ROOT_URLCONF=__name__):
            failed = client.get("/hong/?ten=Bí+Mật")
    assert failed.status_code == 500
    ours = [one for one in caplog.records if not one.name.startswith(("django.db", "asyncio"))]
    written = "\n".join(JsonFormatter().format(one) for one in ours)
    assert "chuan.request" in {one.name for one in ours}
    assert '"status": 500' in written
    for secret in ("Bí", "bi.mat", "example.vn", "Jx7a_Sl2", "ten=", "q="):
        assert secret not in written
    for one in ours:
        json.loads(JsonFormatter().format(one))
