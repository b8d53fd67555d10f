"""The list of the national reform of 2025 taken over: `python -m bench.reform [FILE]`, JSON on standard output.

Everything a province does once, for all of them: the list is read, its doubts are answered as suggested, an
event a province is drafted, handed over and confirmed by a second person.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LIST = ROOT.parent / "shared" / "data" / "vn-admin-units" / "merge_map_2025.csv"
MOST_SECONDS = 60


def main() -> int:
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else LIST
    if not path.exists():
        print(f"The national list is not at {path}: nothing measured.", file=sys.stderr)
        return 0
    with tempfile.TemporaryDirectory(prefix="chuan-bench-", dir="/tmp") as folder:
        Path(folder).chmod(0o711)
        os.environ |= {"CHUAN_VAR": folder, "CHUAN_SECRET_KEY": "bench", "CHUAN_DEMO": "1"}
        from chuan.config.cli import session  # noqa: PLC0415 - reads the environment set above

        with session.ready(_aside):
            measured = _measure(path.read_bytes())
    json.dump(measured, sys.stdout, ensure_ascii=False)
    print()
    return 0 if measured["seconds"] < MOST_SECONDS else 1


def _aside(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def _measure(content: bytes) -> dict[str, Any]:
    from chuan.config import schema  # noqa: PLC0415 - once set up

    schema.migrate(_aside)
    from django.utils import timezone  # noqa: PLC0415 - once set up

    from chuan.core.legal.operations import load_legal_sources  # noqa: PLC0415 - once set up
    from chuan.core.orgs import operations, queries  # noqa: PLC0415 - once set up
    from chuan.core.orgs.enums import OrgKind  # noqa: PLC0415 - once set up
    from chuan.core.orgs.models import SuccessionLink  # noqa: PLC0415 - once set up
    from chuan.core.orgs.testing import commit  # noqa: PLC0415 - once set up
    from chuan.core.people.enums import Role  # noqa: PLC0415 - once set up
    from chuan.core.people.testing import PersonFactory  # noqa: PLC0415 - once set up

    load_legal_sources()
    operations.load_organisations()
    preparer = PersonFactory(role=Role.DEPARTMENT_COORDINATOR)
    confirmer = PersonFactory(role=Role.SYSTEM_ADMINISTRATOR)
    day = date(2025, 7, 1)
    began = time.perf_counter()
    reform = operations.take_in_reform(
        actor=preparer,
        name="merge_map_2025.csv",
        content=content,
        effective_on=day,
        at=timezone.now(),
        basis_text="60-NQ/TW",
    )
    provinces = queries.reading_of(reform).provinces
    answers = {doubt.key: doubt.suggestion for one in provinces for doubt in one.doubts}
    reform = operations.answer_doubts(actor=preparer, reform=reform, answers=answers)
    read = time.perf_counter()
    events = operations.draft_reform_events(
        actor=preparer, reform=reform, provinces=[one.code for one in provinces], at=timezone.now()
    )
    drafted = time.perf_counter()
    for event in events:
        commit(event, preparer=preparer, confirmer=confirmer)
    done = time.perf_counter()
    eve = date(2025, 6, 30)
    return {
        "units": queries.organisations_on(day, kind=OrgKind.COMMUNE).count(),
        "units_before": queries.organisations_on(eve, kind=OrgKind.COMMUNE).count(),
        "links": SuccessionLink.objects.count(),
        "doubts": len(answers),
        "read_s": round(read - began, 1),
        "draft_s": round(drafted - read, 1),
        "commit_s": round(done - drafted, 1),
        "seconds": round(done - began, 1),
    }


if __name__ == "__main__":
    sys.exit(main())
