"""Somebody on this machine who takes what is posted."""

from __future__ import annotations

import ipaddress
import threading
import time
from contextlib import contextmanager, suppress
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

LOOPBACK = [ipaddress.ip_network("127.0.0.0/8")]


class Heard(NamedTuple):
    path: str
    headers: Message
    body: bytes


@contextmanager
def receiver(*statuses, headers=(), drip=b""):
    """Its address, and what it heard; it answers with the statuses in turn, then with the last.

    :param drip: it answers this and then a byte at a time, for ten seconds.
    """
    heard: list[Heard] = []
    left = list(statuses) or [200]

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard.append(Heard(self.path, self.headers, body))
            if drip:
                with suppress(OSError):
                    self.wfile.write(drip)
                    for _time in range(200):
                        self.wfile.write(b"x")
                        time.sleep(0.05)
                return
            self.send_response(left.pop(0) if len(left) > 1 else left[0])
            for name, value in headers:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(b"y" * 5000)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/in?a=b", heard
    finally:
        server.shutdown()
        server.server_close()
