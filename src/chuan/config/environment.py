"""What the environment says, read once and turned into what Django wants."""

from __future__ import annotations

import ipaddress
import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import psycopg
from psycopg.conninfo import make_conninfo

from chuan.config.postgres import server
from chuan.config.trouble import Trouble


class BadEnvironment(Trouble):
    """A variable of the environment cannot be understood; the message names it and the remedy."""


# Every trigger asks for this setting, and bears with an error for every row where there is none: that
# takes milliseconds each once a transaction has a million foreign keys to check at its end.
NO_TRIGGER_IS_IGNORED = "-c pgtrigger.ignore={}"

# A server answers many at once. Where statistics are old (a month's table is new, much was just captured),
# PostgreSQL calls helpers for a question that one index answers: calling them takes a hundred times longer.
NO_HELPERS = "-c max_parallel_workers_per_gather=0"


def var_folder() -> Path:
    return Path(os.environ.get("CHUAN_VAR") or Path(__file__).resolve().parents[3] / "var")


def secret_key(var: Path) -> str:
    """The signing key: from the environment, or made once and kept readable by its owner alone."""
    given = os.environ.get("CHUAN_SECRET_KEY")
    if given:
        return given
    kept = var / "secret-key"
    if not kept.exists():
        var.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=var) as fresh:  # readable by its owner alone
            fresh.write(secrets.token_urlsafe(50))
            fresh.flush()
            # Two processes starting at once agree on the first one's key.
            with suppress(FileExistsError):
                os.link(fresh.name, kept)
    return kept.read_text().strip()


def hosts() -> list[str]:
    given = [host.strip() for host in os.environ.get("CHUAN_HOSTS", "").split(",")]
    return [host for host in given if host] or ["localhost", "127.0.0.1", "[::1]"]


def log_format(*, is_demo: bool) -> str:
    """`json` for a server, `text` for somebody who tries the product in a terminal.

    :raises BadEnvironment: CHUAN_LOG names neither.
    """
    chosen = os.environ.get("CHUAN_LOG") or ("text" if is_demo else "json")
    if chosen not in {"json", "text"}:
        raise BadEnvironment(f"CHUAN_LOG={chosen}: say json or text.")
    return chosen


def workers_stay() -> bool:
    """Whether each process of the server keeps to one processor."""
    return os.environ.get("CHUAN_STAY", "1") != "0"


def networks(name: str) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    """:raises BadEnvironment: the variable names something that is no network."""
    given = [one.strip() for one in os.environ.get(name, "").split(",") if one.strip()]
    try:
        return tuple(ipaddress.ip_network(one) for one in given)
    except ValueError as error:
        raise BadEnvironment(f"{name}: {error}. Write networks like 10.1.0.0/16.") from None


def database(var: Path) -> dict[str, Any]:
    """Django's settings for the database named by DATABASE_URL, or for the embedded one.

    :raises BadEnvironment: the address is not a PostgreSQL one.
    """
    url = os.environ.get("DATABASE_URL", "")
    found = _named_database(url) if url else _embedded_database(var)
    found["OPTIONS"].setdefault("options", NO_TRIGGER_IS_IGNORED)
    # A pool lives in a process that serves many requests; a command needs one connection.
    if size := int(os.environ.get("CHUAN_POOL") or 0):
        found["OPTIONS"]["options"] += f" {NO_HELPERS}"
        found["OPTIONS"]["pool"] = {"min_size": 1, "max_size": size, "timeout": 10}
    return {"ENGINE": "chuan.config.pooled_postgresql", **found}


def connect(var: Path, *, database: str = "") -> psycopg.Connection:
    """A connection beside Django's, to the same server, that commits every statement by itself.

    :param database: another database of that server.
    :raises psycopg.OperationalError: the server cannot be reached.
    """
    return psycopg.connect(**_parameters(var, database), autocommit=True)


def client_options(var: Path, *, database: str = "") -> tuple[str, dict[str, str]]:
    """The same for PostgreSQL's programs: what follows --dbname, and the environment that carries
    the password, which must not be seen in the list of processes."""
    parameters = _parameters(var, database)
    password = parameters.pop("password", None)
    return make_conninfo("", **parameters), {"PGPASSWORD": password} if password else {}


def _parameters(var: Path, database: str) -> dict[str, Any]:
    url = os.environ.get("DATABASE_URL", "")
    found = _named_database(url) if url else _embedded_database(var)
    named = {
        "host": found["HOST"],
        "port": found.get("PORT"),
        "user": found["USER"],
        "password": found.get("PASSWORD"),
        "dbname": database or found["NAME"],
    }
    given: dict[str, Any] = {name: value for name, value in named.items() if value}
    given.update(found["OPTIONS"])
    return given


def _embedded_database(var: Path) -> dict[str, Any]:
    return {
        "NAME": server.DATABASE,
        "USER": server.ROLE,
        "HOST": str(server.socket_folder(var)),
        "OPTIONS": {},
    }


def _named_database(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise BadEnvironment(
            f"DATABASE_URL starts with {parts.scheme!r}. Chuẩn needs PostgreSQL: "
            "postgresql://user:password@host:5432/name"
        )
    query: dict[str, Any] = dict(parse_qsl(parts.query))
    return {
        "NAME": unquote(parts.path.lstrip("/")) or "chuan",
        "USER": unquote(parts.username or "") or query.pop("user", ""),
        "PASSWORD": unquote(parts.password or "") or query.pop("password", ""),
        "HOST": unquote(parts.hostname or "") or query.pop("host", ""),
        "PORT": str(parts.port or query.pop("port", "")),
        "OPTIONS": query,
    }


def mail() -> tuple[str, dict[str, Any]]:
    """Django's mail backend and its settings, from CHUAN_EMAIL_URL."""
    url = os.environ.get("CHUAN_EMAIL_URL", "")
    if not url:
        return "django.core.mail.backends.console.EmailBackend", {}
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise BadEnvironment("CHUAN_EMAIL_URL must read smtp://user:password@host:port")
    return "django.core.mail.backends.smtp.EmailBackend", {
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if parts.scheme == "smtps" else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parts.scheme == "smtp",
    }
