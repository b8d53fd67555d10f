"""What happens by the clock."""

from __future__ import annotations

from datetime import time, timedelta

from django.utils import timezone

from chuan.core.jobs.registry import every_minute, nightly
from chuan.modules.traceability.enums import RecallState
from chuan.modules.traceability.models import Recall
from chuan.modules.traceability.operations.delivery import wake
from chuan.modules.traceability.operations.findings import check_chains
from chuan.modules.traceability.operations.metering import KEEP, forget_use
from chuan.modules.traceability.operations.recalls import search_for_recall
from chuan.modules.traceability.operations.tokens import clear_tokens
from chuan.modules.traceability.store.distribution import is_distributed
from chuan.modules.traceability.store.tidying import tidy, untidy
from chuan.modules.traceability.store.writing import make_months

AHEAD = timedelta(days=92)
# Most of what is told late is told by then.
SETTLED = timedelta(days=3)


@nightly(at=time(0, 30))
def make_partitions() -> None:
    """Have the tables of the coming months before their first event; forget ended page tokens."""
    now = timezone.now()
    make_months(now, now + AHEAD)
    clear_tokens(at=now)


@nightly(at=time(1, 20))
def look_for_what_does_not_fit() -> None:
    """Put into the inspectors' list what events told since last night does not fit."""
    check_chains(until=timezone.now())


@nightly(at=time(2, 10))
def search_for_recalls() -> None:
    """Look again for the goods of every recall in force: events told since may lead to more.

    Each by itself: what goes wrong with one, or takes long, keeps no other from being searched.
    """
    in_force = Recall.objects.filter(state=RecallState.ISSUED)
    for pk in in_force.order_by("pk").values_list("pk", flat=True):
        search_for_recall.after_commit(recall_id=pk)


@every_minute()
def serve_subscriptions() -> None:
    """Serve whoever waits: what a dead worker left, what came in while another stream was told."""
    wake(at=timezone.now())


@nightly(at=time(3, 20))
def forget_counts_of_keys() -> None:
    """What keys asked and told is counted for quotas, not kept for ever."""
    forget_use(before=timezone.now() - KEEP)


@nightly(at=time(4, 10))
def tidy_months() -> None:
    """Pack the indexes of months that are over, once each."""
    # Parts on several machines are for whoever runs those.
    if not is_distributed():
        for table in untidy((timezone.now() - SETTLED).date()):
            tidy(table)
