"""Where each thing was last and in what state, as follows from all events that stand."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import TypeAlias

from django.db import connection

from chuan.modules.traceability.store import archive
from chuan.modules.traceability.store.lines import Message, listed
from chuan.modules.traceability.store.rows import numbers

PIECE = 2_000
# The last event and when it happened; a place and a disposition, each with when it was told.
State: TypeAlias = tuple[int, str, int | None, str | None, int | None, str | None]


def note(message: Message, latest: Mapping[int, State]) -> None:
    """Note what was told of things, whatever was told of them before: the latest counts."""
    message.add(
        "SELECT traceability_note_state(%s::bigint[], %s::bigint[], %s::timestamptz[],"
        " %s::bigint[], %s::timestamptz[], %s::bigint[], %s::timestamptz[])",
        listed(latest),
        *(listed(row[at] for row in latest.values()) for at in range(6)),
    )


def restate(message: Message, idents: Collection[int], declared: Collection[str]) -> None:
    """Find the states of things out anew, once something was taken back.

    A state whose last event is in an archive stays; one that rested on what was taken back is what
    the events say that are here, until the others come back.

    :param declared: ids of events that are declared wrong now, in hexadecimal digits.
    """
    message.add(
        "SELECT traceability_restate(%s::bigint[], %s::uuid[])", numbers(idents), listed(declared)
    )


def note_month(month: date) -> None:
    """Note what was recorded in a month that is back: states were found out anew without it."""
    idents = archive.things_of_month(month)
    with connection.cursor() as cursor:
        for at in range(0, len(idents), PIECE):
            cursor.execute(
                "SELECT traceability_note_states_of(%s::bigint[], false)",
                [numbers(idents[at : at + PIECE])],
            )
