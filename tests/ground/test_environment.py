"""What the environment says becomes what Django and PostgreSQL's programs want."""

import os
import stat
import threading
from pathlib import Path

import pytest

from chuan.config import environment, testing
from chuan.config.environment import BadEnvironment
from chuan.config.postgres.locks import Lock


@pytest.fixture
def url(monkeypatch):
    return lambda value: monkeypatch.setenv("DATABASE_URL", value)


def test_a_server_is_read_from_its_address(url, tmp_path):
    url("postgresql://ch%C3%BA:m%40t%3Akh%E1%BA%A9u@db.example:6543/chuan?sslmode=require")
    assert environment.database(tmp_path) == {
        "ENGINE": "chuan.config.pooled_postgresql",
        "NAME": "chuan",
        "USER": "chú",
        "PASSWORD": "m@t:khẩu",
        "HOST": "db.example",
        "PORT": "6543",
        "OPTIONS": {"sslmode": "require", "options": environment.NO_TRIGGER_IS_IGNORED},
    }


def test_a_socket_may_be_named_in_the_address(url, tmp_path):
    url("postgresql:///chuan?host=/run/postgresql&user=app")
    found = environment.database(tmp_path)
    assert (found["HOST"], found["USER"], found["NAME"]) == ("/run/postgresql", "app", "chuan")
    assert found["OPTIONS"] == {"options": environment.NO_TRIGGER_IS_IGNORED}


def test_the_password_is_kept_off_the_command_line(url, tmp_path):
    url("postgresql://app:secret@db.example/chuan?sslmode=require")
    where, secrets = environment.client_options(tmp_path, database="other")
    assert "secret" not in where
    assert "dbname=other" in where
    assert "sslmode=require" in where
    assert secrets == {"PGPASSWORD": "secret"}


def test_without_an_address_it_is_the_embedded_server(monkeypatch, tmp_path):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    found = environment.database(tmp_path)
    assert (found["NAME"], found["USER"]) == ("chuan", "chuan")
    assert found["HOST"] == str(tmp_path / "pg")


def test_a_pool_is_as_large_as_asked(monkeypatch, tmp_path):
    monkeypatch.setenv("CHUAN_POOL", "7")
    assert environment.database(tmp_path)["OPTIONS"]["pool"]["max_size"] == 7


def test_whoever_serves_many_calls_no_helpers_for_one_of_them(monkeypatch, tmp_path):
    monkeypatch.setenv("CHUAN_POOL", "7")
    asked = environment.database(tmp_path)["OPTIONS"]["options"]

    assert asked == f"{environment.NO_TRIGGER_IS_IGNORED} {environment.NO_HELPERS}"


@pytest.mark.parametrize("value", ["mysql://x/y", "chuan", "sqlite:///x"])
def test_another_kind_of_database_is_refused(url, tmp_path, value):
    url(value)
    with pytest.raises(BadEnvironment, match="PostgreSQL"):
        environment.database(tmp_path)


@pytest.mark.parametrize(
    ("value", "port", "tls", "ssl"),
    [
        ("smtp://u:p@mail.example", 587, True, False),
        ("smtps://u:p@mail.example", 465, False, True),
        ("smtp://u:p@mail.example:2525", 2525, True, False),
    ],
)
def test_a_mail_server_is_read_from_its_address(monkeypatch, value, port, tls, ssl):
    monkeypatch.setenv("CHUAN_EMAIL_URL", value)
    backend, found = environment.mail()
    assert backend.endswith("smtp.EmailBackend")
    assert (found["EMAIL_PORT"], found["EMAIL_USE_TLS"], found["EMAIL_USE_SSL"]) == (port, tls, ssl)


@pytest.mark.parametrize("value", ["mail.example", "http://mail.example", "smtp://"])
def test_a_mail_address_that_makes_no_sense_is_refused(monkeypatch, value):
    monkeypatch.setenv("CHUAN_EMAIL_URL", value)
    with pytest.raises(BadEnvironment, match="CHUAN_EMAIL_URL"):
        environment.mail()


def test_the_signing_key_is_made_once_by_many_and_read_by_its_owner_alone(monkeypatch, tmp_path):
    monkeypatch.delenv("CHUAN_SECRET_KEY", raising=False)
    var, keys = tmp_path / "var", []
    makers = [
        threading.Thread(target=lambda: keys.append(environment.secret_key(var))) for _ in range(8)
    ]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join()
    assert len(keys) == 8
    assert len(set(keys)) == 1
    assert len(keys[0]) > 50
    assert stat.S_IMODE((var / "secret-key").stat().st_mode) == 0o600
    assert os.listdir(var) == ["secret-key"]


def test_a_given_signing_key_is_used_and_not_written(monkeypatch, tmp_path):
    monkeypatch.setenv("CHUAN_SECRET_KEY", "given")
    assert environment.secret_key(tmp_path) == "given"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("value", "hosts"),
    [
        ("", ["localhost", "127.0.0.1", "[::1]"]),
        ("tdc.example, www.tdc.example ,", ["tdc.example", "www.tdc.example"]),
    ],
)
def test_hosts_are_those_named_or_this_machine(monkeypatch, value, hosts):
    monkeypatch.setenv("CHUAN_HOSTS", value)
    assert environment.hosts() == hosts


@pytest.mark.parametrize(("room", "is_in_memory"), [(0, True), (2**60, False)])
def test_databases_of_tests_are_in_memory_where_there_is_room(
    monkeypatch, tmp_path, room, is_in_memory
):
    monkeypatch.setattr(testing, "MEMORY", tmp_path)
    monkeypatch.setattr(testing, "ROOM", room)

    made = testing.new_folder("chuan-room-")

    assert (made.parent == tmp_path) == is_in_memory
    assert stat.S_IMODE(made.stat().st_mode) == 0o711  # the server's account gets in
    made.rmdir()


def test_databases_of_tests_are_on_the_disk_where_nothing_may_be_written_to_memory(
    monkeypatch, tmp_path
):
    monkeypatch.setattr(testing, "MEMORY", tmp_path / "not here")
    made = testing.new_folder("chuan-room-")
    assert made.parent == Path("/tmp")  # noqa: S108
    made.rmdir()


def test_a_run_gives_back_the_memory_of_runs_that_were_killed(monkeypatch, tmp_path):
    monkeypatch.setattr(testing, "MEMORY", tmp_path)
    left, in_use, young = (tmp_path / f"chuan-test-{name}" for name in ("left", "used", "young"))
    held = Lock(in_use / "pg.users")
    for folder in (left, in_use, young):
        folder.mkdir()
        (folder / "pg.users").touch()
    for folder in (left, in_use):
        os.utime(folder / "pg.users", (0, 0))
    held.share()

    testing._give_memory_back()

    held.release()
    assert not left.exists()
    assert in_use.exists()
    assert young.exists()
