"""What the server calls for every request."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

import psycopg
from django.core.wsgi import get_wsgi_application

from chuan.config import environment, processors
from chuan.config.memory import keep_what_is_loaded

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chuan.config.settings")

HEALTH = "/-/health"
ALIVE = "/healthz"

_django = get_wsgi_application()
keep_what_is_loaded()


def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer `/-/health` (with the database) for load balancers and for another `chuan demo`, and
    `/healthz` (this process alone) for whoever would restart it; leave the rest to Django."""
    if environ["PATH_INFO"] == HEALTH:
        return _health(start_response)
    if environ["PATH_INFO"] == ALIVE:
        return _said(start_response, "200 OK", b"chuan: alive\n")
    return _django(environ, start_response)


def _health(start_response: StartResponse) -> Iterable[bytes]:
    try:
        environment.connect(environment.var_folder()).close()
        status, said = "200 OK", b"chuan: ok\n"
    except psycopg.OperationalError:
        status, said = "503 Service Unavailable", b"chuan: no database\n"
    return _said(start_response, status, said)


def _said(start_response: StartResponse, status: str, said: bytes) -> Iterable[bytes]:
    start_response(
        status, [("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store")]
    )
    return [said]


def _end_with(parent: multiprocessing.process.BaseProcess) -> None:
    """A killed server must not leave workers behind that keep its port."""
    parent.join()
    os._exit(1)


if _parent := multiprocessing.parent_process():
    processors.take_turns()
    _place = processors.stay_on_one() if environment.workers_stay() else None
    threading.Thread(target=_end_with, args=[_parent], daemon=True).start()
