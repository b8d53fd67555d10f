"""Who may do what, by who asks."""

from chuan.modules.traceability.rules.machines import capture_events, query_events
from chuan.modules.traceability.rules.registry import (
    close_problem,
    keep_parties,
    keep_registry,
    read_problems,
    see_everything,
    tell_production,
)

__all__ = [
    "capture_events",
    "close_problem",
    "keep_parties",
    "keep_registry",
    "query_events",
    "read_problems",
    "see_everything",
    "tell_production",
]
