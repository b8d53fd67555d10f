"""The bench makes large databases of copies: are they what capture would have stored?"""

import json
import os
import random
from datetime import timedelta

import pytest
from django.db import connection, transaction

from bench import chains, multiplied
from chuan.modules.traceability.engine.reading_json import read_json
from chuan.modules.traceability.enums import ErrorBehaviour
from chuan.modules.traceability.operations.capture import capture_document
from chuan.modules.traceability.store.writing import make_months
from chuan.modules.traceability.testing import make_key

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        bool(os.environ.get("CHUAN_TEST_CITUS")), reason="copies are for one machine"
    ),
]
# Every number of an identifier or an event by what it stands for.
NAMES = "(SELECT uri FROM traceability_ident WHERE id = {})"
LIST = (
    "(SELECT array_agg(i.uri ORDER BY u.o) FROM unnest({}) WITH ORDINALITY u(id, o)"
    " JOIN traceability_ident i ON i.id = u.id)"
)
COLUMNS = {
    "traceability_event": {
        "named": (
            "biz_step",
            "disposition",
            "read_point",
            "biz_location",
            "transformation",
            "parent",
        ),
        "lists": ("things", "children", "inputs", "outputs"),
        "plain": (
            "event_time",
            "kind",
            "action",
            "declared_at",
            "captured_by",
            "namespaces",
            "body",
        ),
    },
    "traceability_event_ident": {
        "named": ("ident",),
        "plain": ("event_time", "role", "quantity", "uom"),
    },
    "traceability_lot_member": {"named": ("lot", "item")},
    "traceability_move": {"named": ("child", "parent"), "plain": ("happened", "opens")},
    "traceability_containment": {"named": ("child", "parent"), "plain": ("t_from", "t_to")},
    "traceability_ident_state": {
        "named": ("ident", "location", "disposition"),
        "plain": ("last_time", "location_time", "disposition_time"),
    },
    "traceability_sight": {"named": ("who", "ident"), "plain": ("event_time",)},
    "traceability_handover": {
        "named": ("ident",),
        "lists": ("actors",),
        "plain": ("event_time", "leaves", "is_addressed"),
    },
}
# Columns that point to an event, or are made of its id.
POINTING = {
    "traceability_ident_state": "last_event",
    "traceability_containment": "open_event",
    "traceability_handover": "told",
}


def captured(number, key):
    """A chain as the copy of chain 0 tells it, under another number."""
    began = chains.FIRST + chains.BETWEEN * number
    told = chains._Told(number, random.Random("1:0"), began).chain()
    document = read_json(chains.in_json(told.events))
    capture_document(key=key, document=document, behaviour=ErrorBehaviour.ROLLBACK)


def rows_of(table):
    columns = COLUMNS[table]
    shown = [NAMES.format(f"t.{name}") for name in columns.get("named", ())]
    shown += [LIST.format(f"t.{name}") for name in columns.get("lists", ())]
    shown += [f"t.{name}" for name in columns.get("plain", ())]
    event = POINTING.get(table, "event_id")
    shown.append(f"(SELECT e.event_time FROM traceability_event e WHERE e.event_id = t.{event})")  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(shown)} FROM {table} t")  # noqa: S608
        return sorted(map(repr, map(without_id, cursor.fetchall())))


def without_id(row):
    """The ids of copies are made of those of the originals, and not of what they say."""
    return [
        {**json.loads(value), "eventID": ""}
        if isinstance(value, str) and value[:1] == "{"
        else value
        for value in row
    ]


def all_rows():
    return {table: rows_of(table) for table in COLUMNS}


def test_a_copy_has_the_rows_that_capture_writes():
    key, _text = make_key()
    make_months(chains.FIRST, chains.FIRST + timedelta(days=120))
    captured(0, key)
    with transaction.atomic():
        captured(multiplied.stride(1), key)
        expected = all_rows()
        transaction.set_rollback(True)
    with connection.cursor() as cursor:
        multiplied.choose(cursor, 1)
        cursor.execute(multiplied.SPANS)
        idents, events = cursor.fetchone()
        multiplied.copy(cursor, 1, 1, idents=idents, events=events)
        cursor.execute(multiplied.GO_ON_BEHIND)
        cursor.execute(
            "SELECT count(*) FROM traceability_event e JOIN traceability_event_key k"
            " ON k.event_id = e.event_id AND k.eid = e.eid AND k.record_time = e.record_time"
        )
        assert cursor.fetchone()[0] == 2 * chains.EVENTS_OF_A_CHAIN
    found = all_rows()
    for table, rows in expected.items():
        assert rows == found[table], table
    assert len(expected["traceability_event"]) == 2 * chains.EVENTS_OF_A_CHAIN
    captured(multiplied.stride(1) + 1, key)
