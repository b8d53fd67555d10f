"""Where progress that is told today goes next, in the words of the journeys that take it up.

A module knows none of the journeys above it: they put their sentence on this shelf at start-up.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from chuan.lib.registry import Registry

# (plan id, organisation id, day) → a sentence for the person who writes, or "".
Teller = Callable[[int, int, date], str]

tellers: Registry[Teller] = Registry(of="teller")


def where_updates_go(plan_id: int, organisation_id: int, on: date) -> str:
    """What becomes of progress told on a day; empty where nobody takes it up."""
    return " ".join(filter(None, (tell(plan_id, organisation_id, on) for tell in tellers)))
