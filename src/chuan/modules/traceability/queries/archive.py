"""What is not in the database any more."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from chuan.modules.traceability.engine.facts import eid_of
from chuan.modules.traceability.models import ArchivedMonth
from chuan.modules.traceability.store import archive
from chuan.modules.traceability.store.rows import fetched

# Every answer with events asks this; written out, it costs a fraction of what Django takes.
_LAST = f"SELECT max(month) FROM {ArchivedMonth._meta.db_table}"  # noqa: S608


def here_since() -> datetime | None:
    """From when on all that was recorded is here; None where nothing is in an archive."""
    ((last,),) = fetched(_LAST, [])
    return None if last is None else datetime.combine(archive.after(last), time.min, UTC)


def left_out_before(at: datetime) -> datetime | None:
    """Before when events were recorded that somebody who looked at this instant did not find and
    would not find now; None where there were none."""
    months = ArchivedMonth.objects.filter(archived_at__lte=at)
    last = months.order_by("-month").values_list("month", flat=True).first()
    return None if last is None else datetime.combine(archive.after(last), time.min, UTC)


def archived_month_of(event_uri: str) -> date | None:
    """The month in whose archive an event is."""
    month = archive.month_of(eid_of(event_uri))
    known = month is not None and ArchivedMonth.objects.filter(month=month).exists()
    return month if known else None
