"""Who may do what, by who asks."""

from chuan.modules.traceability.rules.machines import (
    capture_events,
    keep_queries,
    query_events,
    see_subscriptions,
)
from chuan.modules.traceability.rules.recalls import (
    INSPECTION,
    OVERSIGHT,
    Conflict,
    abandon_recall,
    close_finding,
    end_recall,
    issue_recall,
    open_recall,
    run_recall,
    see_chains,
    work_on_recall,
)
from chuan.modules.traceability.rules.registry import (
    close_problem,
    confirm_number,
    keep_numbers,
    keep_parties,
    keep_registry,
    read_problems,
    see_everything,
    tell_production,
    withdraw_certificate,
)
from chuan.modules.traceability.rules.sight import declare_wrong, tell_of_places

__all__ = [
    "INSPECTION",
    "OVERSIGHT",
    "Conflict",
    "abandon_recall",
    "capture_events",
    "close_finding",
    "close_problem",
    "confirm_number",
    "declare_wrong",
    "end_recall",
    "issue_recall",
    "keep_numbers",
    "keep_parties",
    "keep_queries",
    "keep_registry",
    "open_recall",
    "query_events",
    "read_problems",
    "run_recall",
    "see_chains",
    "see_everything",
    "see_subscriptions",
    "tell_of_places",
    "tell_production",
    "withdraw_certificate",
    "work_on_recall",
]
