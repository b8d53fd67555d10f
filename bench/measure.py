"""One size in a process and a database of its own: `python -m bench.measure 160 50000`.

Says on standard output, a line of JSON each, what setting up and consolidating took, then answers:
for the name of a page on standard input, how long a round of looking at it took.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

YEAR = 2026
WARM_UP = 3


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("bodies", type=int)
    arguments.add_argument("evidence", type=int)
    wanted = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="chuan-bench-", dir="/tmp") as folder:
        Path(folder).chmod(0o711)
        os.environ |= {"CHUAN_VAR": folder, "CHUAN_SECRET_KEY": "bench", "CHUAN_DEMO": "1"}
        from chuan.config.cli import session  # noqa: PLC0415 - reads the environment set above

        with session.ready(_aside):
            pages = _set_up(wanted.bodies, wanted.evidence)
            for line in sys.stdin:
                name, rounds = json.loads(line)
                _answer(pages[name].look(rounds))


def _answer(found: Any) -> None:
    print(json.dumps(found, ensure_ascii=False), flush=True)


def _aside(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def _set_up(bodies: int, evidence: int) -> dict[str, View]:
    from chuan.config import schema  # noqa: PLC0415 - once set up

    schema.migrate(_aside)
    from bench import data, pages, reporting  # noqa: PLC0415 - once set up
    from chuan.config.memory import keep_what_is_loaded  # noqa: PLC0415 - once set up

    began = time.perf_counter()
    _aside(f"{bodies} bodies, {evidence} pieces of evidence…")
    volume = data.make(bodies, evidence=evidence)
    data.settle()
    _aside("reports…")
    period = reporting.reports(volume, year=YEAR)
    unanswered = reporting.unanswered(volume, year=YEAR - 1)
    data.settle()
    set_up = time.perf_counter() - began
    _aside("consolidation…")
    _first, seconds = reporting.consolidation(volume, period)
    made, again = reporting.consolidation(volume, period)
    data.settle()
    # As servers do.
    keep_what_is_loaded()
    views = {
        page.name: View(page.url, page.reader)
        for page in pages.pages(volume, period, unanswered, made)
    }
    _answer(
        {
            "bodies": bodies,
            "assignments": bodies * 21 * 6,
            "evidence": evidence,
            "reports": bodies,
            "set_up_s": round(set_up, 1),
            # The same reports twice, as drafts are added up again.
            "consolidation_s": round(max(seconds, again), 3),
            "pages": list(views),
        }
    )
    return views


@dataclass
class View:
    """One page as one person sees it, in this process and without a network."""

    address: str
    reader: Any

    @cached_property
    def _client(self) -> Any:
        from django.test import Client  # noqa: PLC0415 - once set up

        client = Client(SERVER_NAME="localhost")
        client.force_login(self.reader)
        return client

    @cached_property
    def _counted(self) -> dict[str, int]:
        """Queries and kilobytes, once the page is warm."""
        from django.db import connection  # noqa: PLC0415 - once set up
        from django.test.utils import CaptureQueriesContext  # noqa: PLC0415 - once set up

        for _ in range(WARM_UP):
            self._ask()
        with CaptureQueriesContext(connection) as captured:
            size = self._ask()
            # The next request forgets them.
            queries = len(captured)
        return {"queries": queries, "kilobytes": round(size / 1024)}

    def look(self, rounds: int) -> dict[str, Any]:
        counted = self._counted
        times = []
        for _ in range(rounds):
            began = time.perf_counter()
            self._ask()
            times.append(1000 * (time.perf_counter() - began))
        return {**counted, "ms": times}

    def _ask(self) -> int:
        answer = self._client.get(self.address)
        if answer.status_code != 200:
            raise SystemExit(f"{self.address} answered {answer.status_code}")
        return len(b"".join(answer) if answer.streaming else answer.content)


if __name__ == "__main__":
    main()
