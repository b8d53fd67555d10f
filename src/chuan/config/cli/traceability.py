"""`chuan traceability key add`: letting machines in."""

from __future__ import annotations

import argparse

from chuan.config.cli import session
from chuan.config.cli.terminal import say, say_aside
from chuan.config.trouble import Trouble

COMMAND = "chuan traceability key"


def add_key(options: argparse.Namespace) -> int:
    """Print the key alone on standard output, so that a script can keep it."""
    with session.ready():
        from chuan.modules.traceability import facade  # noqa: PLC0415 - needs Django set up

        scopes = [scope.strip() for scope in options.scope.split(",") if scope.strip()]
        try:
            text = facade.add_key(name=options.name, scopes=scopes, by=f"{COMMAND} add")
        except facade.KeyRefused as refused:
            raise Trouble(f"Không cấp được khóa. No key was made: {refused}") from None
    say(text)
    say_aside("Khóa chỉ hiện một lần. The key is shown this once; send it as Authorization: Bearer")
    return 0


def revoke_key(options: argparse.Namespace) -> int:
    with session.ready():
        from chuan.modules.traceability import facade  # noqa: PLC0415 - needs Django set up

        try:
            facade.revoke_key(name=options.name, by=f"{COMMAND} revoke")
        except facade.KeyRefused:
            raise Trouble(
                f"Không có khóa {options.name!r} đang dùng. No such key is in use."
            ) from None
    say(f"Đã thu hồi khóa {options.name}.")
    return 0
