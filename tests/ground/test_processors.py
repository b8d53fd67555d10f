"""Processes of the server: each on a processor of its own, threads that give way, warm connections first."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections

from chuan.config import environment, processors
from chuan.config.pooled_postgresql.base import DatabaseWrapper, WarmPool

pinned = pytest.mark.skipif(
    not hasattr(os, "sched_setaffinity") or len(os.sched_getaffinity(0)) < 2,
    reason="there is one processor, or none can be chosen",
)
# What a process of the server does when it starts; it stays until its input is closed.
_PROCESS = """
import json, os, sys, threading
from chuan.config import environment, processors
place = processors.stay_on_one(sys.argv[1])
told = []
later = threading.Thread(target=lambda: told.append(sorted(os.sched_getaffinity(0))))
later.start(); later.join()
print(json.dumps([sorted(os.sched_getaffinity(0)), told[0]]), flush=True)
sys.stdin.read()
"""


class _Process:
    def __init__(self, group: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", _PROCESS, group],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.own, self.of_later_threads = json.loads(self.process.stdout.readline())

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def group() -> str:
    return f"chuan-test-{uuid4().hex}"


@pinned
def test_processes_share_the_processors_out(group: str) -> None:
    there = sorted(os.sched_getaffinity(0))
    processes = [_Process(group) for _ in range(2)]
    try:
        assert [one.own for one in processes] == [[there[0]], [there[1]]]
        assert [one.of_later_threads for one in processes] == [[there[0]], [there[1]]]
        # Who comes after one that died takes its place.
        processes[0].end()
        processes.append(_Process(group))
        assert processes[-1].own == [there[0]]
    finally:
        for one in processes:
            one.end()


@pinned
def test_more_processes_than_processors_begin_again_with_the_first(group: str) -> None:
    there = sorted(os.sched_getaffinity(0))
    processes = [_Process(group) for _ in range(len(there) + 1)]
    try:
        assert processes[-1].own == [there[0]]
    finally:
        for one in processes:
            one.end()


@pinned
def test_where_it_is_forbidden_a_process_goes_on_and_takes_no_place(
    group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_told: object) -> None:
        raise PermissionError

    with monkeypatch.context() as patched:
        patched.setattr(os, "sched_setaffinity", forbidden)
        assert processors.stay_on_one(group) is None
    first = _Process(group)
    try:
        assert first.own == sorted(os.sched_getaffinity(0))[:1]
    finally:
        first.end()


def test_an_operator_may_let_workers_go_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHUAN_STAY", raising=False)
    assert environment.workers_stay()
    monkeypatch.setenv("CHUAN_STAY", "0")
    assert not environment.workers_stay()


def test_where_processes_cannot_be_told_where_to_run_they_go_on(
    group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "sched_setaffinity", raising=False)
    assert processors.stay_on_one(group) is None


@pytest.fixture
def parameters(db: None) -> dict[str, Any]:
    return {**connections["default"].get_connection_params(), "autocommit": True}


def test_the_connection_used_last_is_used_next(parameters: dict[str, Any]) -> None:
    with WarmPool(kwargs=parameters, min_size=3, max_size=3) as pool:
        pool.wait()
        first, second = pool.getconn(), pool.getconn()
        pool.putconn(first)
        pool.putconn(second)
        again = pool.getconn()
        assert again is second
        pool.putconn(again)
        assert pool.getconn() is second


def test_the_connection_that_rested_longest_is_closed_first(parameters: dict[str, Any]) -> None:
    with WarmPool(kwargs=parameters, min_size=1, max_size=3) as pool:
        taken = [pool.getconn() for _ in range(3)]
        for one in taken:
            pool.putconn(one)
        pool._nconns_min = 3  # nobody needed any of them for a while
        pool._shrink_pool()
        assert [one.closed for one in taken] == [True, False, False]
        # Nobody rested since: none is closed, and the warmest is still the next.
        pool._nconns_min = 0
        pool._shrink_pool()
        assert [one.closed for one in taken] == [True, False, False]
        assert pool.getconn() is taken[2]


def test_the_server_s_pool_is_such_a_one(monkeypatch: pytest.MonkeyPatch) -> None:
    connection = connections["default"]
    assert isinstance(connection, DatabaseWrapper)
    assert connection.pool is None
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "pool", {"min_size": 1, "max_size": 2})
    monkeypatch.setattr(DatabaseWrapper, "_connection_pools", {})
    assert isinstance(connection.pool, WarmPool)
    assert connection.pool is connection.pool
