"""Reads one file from the command line: `python -m chuan.modules.plans.parsing FILE [--json]`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from chuan.modules.plans.parsing.plan import ReadPlan
from chuan.modules.plans.parsing.reader import read_plan
from chuan.modules.plans.parsing.refusals import UnreadableFile


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m chuan.modules.plans.parsing")
    parser.add_argument("file", type=Path)
    parser.add_argument("--json", action="store_true", help="the published shape")
    given = parser.parse_args(arguments)
    try:
        plan = read_plan(given.file)
    except UnreadableFile as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 2
    text = json.dumps(plan.as_json(), ensure_ascii=False, indent=2) if given.json else outline(plan)
    sys.stdout.write(f"{text}\n")
    return 0


def outline(plan: ReadPlan) -> str:
    """A plan at a glance: one line a task, then what to look at."""
    document = plan.document
    lines = [
        f"Số: {document.number or '…'}/{document.notation or '…'}  {document.issued_on or '…'}",
        f"{document.issuer or '…'}: {document.title or '…'}",
        "",
    ]
    for task in plan.tasks:
        leads = "; ".join(body.name for body in task.lead) or "…"
        due = task.due.date.isoformat() if task.due.date else task.due.kind.value
        lines.append(f"{task.code:8} {due:11} {leads[:50]:50} {task.text[:60]}")
    lines.append("")
    lines.extend(f"[{w.code}] {w.message} {w.where}".rstrip() for w in plan.warnings)
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
