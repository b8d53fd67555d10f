"""Who may do what, by who asks."""

from chuan.modules.traceability.rules.machines import capture_events, query_events

__all__ = ["capture_events", "query_events"]
