"""Spreading the tables of events over several machines."""

from __future__ import annotations

from django.db import transaction

from chuan.modules.traceability.store import distribution


def distribute(*, shards: int) -> None:
    """Do it, all or nothing; whoever captures waits meanwhile.

    No line in the ledger: as with migrations, what was told stays the same.

    :param shards: into how many parts each table is cut.
    :raises store.distribution.Refused: no Citus, no machines, or it is done already.
    """
    with transaction.atomic():
        distribution.check()
        distribution.distribute(shards=shards)
    distribution.tidy_up()
