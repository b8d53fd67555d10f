"""`chuan audit verify`."""

from __future__ import annotations

import argparse

from chuan.config.cli import session
from chuan.config.cli.terminal import say


def verify(_options: argparse.Namespace) -> int:
    with session.ready():
        from chuan.core.audit import queries  # noqa: PLC0415 - needs Django set up

        found = queries.breaks()
        head = queries.head()
    if not found:
        say(f"Sổ nhật ký nguyên vẹn: {head.position} dòng, dấu cuối {head.hash}")
        return 0
    say(f"Sổ nhật ký bị can thiệp ở {len(found)} chỗ:")
    for fault in found:
        say(f"  dấu niêm {fault.position or '—'}, dòng {fault.entry_id or '—'}: {fault.reason}")
    return 1
