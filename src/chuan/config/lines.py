"""What the server of open lines (WebSocket) calls: lines alone, everything else is answered beside it."""

from __future__ import annotations

import os
from typing import Any, Final

import django
from django.utils.module_loading import import_string

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chuan.config.settings")
django.setup()

# By its name, as addresses are in `urls.py`.
_serve_line = import_string("chuan.modules.traceability.api.lines.serve_line")
_PLAIN: Final = [("content-type", "text/plain; charset=utf-8")]


class Application:
    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        if scope.proto == "ws":
            await _serve_line(scope, protocol)
        else:
            protocol.response_str(426, [*_PLAIN, ("upgrade", "websocket")], "WebSockets alone\n")


application = Application()
