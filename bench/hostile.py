"""Bodies that nobody sends by mistake."""

from __future__ import annotations

import os
import select
import socket
import time
from contextlib import suppress
from typing import Any

from bench import serving
from bench.serving import JSON, XML, Running


def measure(server: Running) -> dict[str, Any]:
    """What each of them was answered, and what that cost the server."""
    found = {}
    for name, (body, kind) in _bodies().items():
        before = sum(server.worked())
        began = time.perf_counter()
        status = _answered(server, body, kind)
        found[name] = {
            "status": status,
            "megabytes": round(len(body) / 1e6, 1),
            "ms": round(1000 * (time.perf_counter() - began)),
            "cpu_ms": round(1000 * (sum(server.worked()) - before)),
            "load": round(os.getloadavg()[0], 1),
        }
    return found


def _answered(server: Running, body: bytes, kind: str) -> int:
    """The answer, which may come before the body was taken: whoever has read it all hears nothing."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=serving.PATIENCE) as line:
        head = (
            "POST /epcis/v2/capture HTTP/1.1\r\nHost: localhost\r\n"
            f"Authorization: Bearer {server.key}\r\nContent-Type: {kind}\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        said = b""
        with suppress(OSError):
            line.sendall(head.encode())
            for start in range(0, len(body), 1_000_000):
                if select.select([line], [], [], 0)[0]:
                    break
                line.sendall(body[start : start + 1_000_000])
        with suppress(OSError):
            said = line.recv(100)
    return int(said.split()[1]) if said.startswith(b"HTTP/1.1 ") else 0


def _bodies() -> dict[str, tuple[bytes, str]]:
    entities = "".join(
        f'<!ENTITY e{at} "{f"&e{at - 1};" * 10}">' if at else '<!ENTITY e0 "ha">'
        for at in range(12)
    )
    return {
        "100 MB of JSON": (b'{"a": "' + b"x" * 100_000_000 + b'"}', JSON),
        "100 MB of XML": (b"<a>" + b"x" * 100_000_000 + b"</a>", XML),
        "a bomb of entities": (f"<!DOCTYPE a [{entities}]><a>&e11;</a>".encode(), XML),
        "9 MB of brackets": (b"[" * 9_000_000, JSON),
        "9 MB of elements in each other": (b"<a>" * 3_000_000, XML),
        "9 MB of empty events": (
            b'{"@context":[],"type":"EPCISDocument","schemaVersion":"2.0","creationDate":'
            b'"2026-01-01T00:00:00Z","epcisBody":{"eventList":['
            + b",".join([b"{}"] * 3_000_000)
            + b"]}}",
            JSON,
        ),
        "9 MB of broken UTF-8": (b"{" + b"\xff" * 9_000_000, JSON),
        "9 MB of a number": (b'{"a":' + b"9" * 9_000_000 + b"}", JSON),
    }
