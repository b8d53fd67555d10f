"""What other journeys may ask about reminders."""

from chuan.flows.reminders.queries.digests import last_run

__all__ = ["last_run"]
