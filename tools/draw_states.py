"""Draw docs/reference/*-states.md from the tables of moves; a test compares the result.

DJANGO_SETTINGS_MODULE=chuan.config.settings python -m tools.draw_states
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import django
from django.db.models import TextChoices

from chuan.core.orgs.enums import EVENT_MOVES
from chuan.flows.annual_report.enums import REPORT_MOVES
from chuan.modules.plans.enums import (
    DIFFICULTY_MOVES,
    FATE_MOVES,
    IMPORT_MOVES,
    REQUEST_MOVES,
)
from chuan.modules.traceability.enums import OUTCOME_MOVES, RECALL_MOVES

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT / "docs" / "reference"

Moves = Mapping[TextChoices, frozenset[TextChoices]]

PICTURES: dict[str, tuple[str, Moves]] = {
    "unit-report-states.md": ("States of a unit's report", REPORT_MOVES),
    "plan-import-states.md": ("States of an import", IMPORT_MOVES),
    "fate-states.md": ("States of a decision about remaining duties", FATE_MOVES),
    "difficulty-states.md": ("States of a difficulty", DIFFICULTY_MOVES),
    "contribution-request-states.md": (
        "States of a request for a contribution",
        REQUEST_MOVES,
    ),
    "reorganisation-states.md": ("States of a reorganisation", EVENT_MOVES),
    "recall-states.md": ("States of a recall", RECALL_MOVES),
    "recalled-goods-states.md": ("What becomes of recalled goods", OUTCOME_MOVES),
}


def drawn(title: str, moves: Moves) -> str:
    """A page with the picture and, under it, what each state is called on the screen."""
    states = list(moves)
    arrows = [
        f"    {state.value} --> {target.value}"
        for state in states
        for target in sorted(moves[state], key=lambda one: one.value)
    ]
    names = [f"| `{state.value}` | {state.label} |" for state in states]
    return "\n".join(
        [
            f"# {title}",
            "",
            "```mermaid",
            "stateDiagram-v2",
            *arrows,
            "```",
            "",
            "| State | Screen |",
            "|---|---|",
            *names,
            "",
        ]
    )


def main() -> None:
    REFERENCE.mkdir(parents=True, exist_ok=True)
    for name, (title, moves) in PICTURES.items():
        (REFERENCE / name).write_text(drawn(title, moves), encoding="utf-8")


if __name__ == "__main__":
    django.setup()
    main()
