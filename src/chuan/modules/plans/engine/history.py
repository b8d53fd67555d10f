"""How each assignment is kept as it was: which columns, and the triggers that write them down.

A row of `plans_assignmentstate` says how one assignment stood from `since` until `until` (none: it
still does). Only triggers write there, one statement at a time with all its rows, so that nothing
that changes an assignment can leave its history out, and a thousand rows cost hardly more than one.
"""

from __future__ import annotations

# What lists and counts read of an assignment. A column that does not matter to them belongs into
# NOT_KEPT; a test refuses one that is in neither.
KEPT = (
    "task_id",
    "organisation_id",
    "role",
    "year",
    "period_start",
    "period_end",
    "resolved_on",
    "due_on",
    "original_due_on",
    "is_paused",
    "achievement",
    "percent",
    "done_on",
    "is_extra",
    "closed_on",
    "counted_with_id",
    "relieved_on",
)
NOT_KEPT = (
    "id",
    # Never changes.
    "is_passed_on",
    # Follows from the deadline, and tells of it in words.
    "due_why",
    "percent_reason",
    "version",
    "created_at",
    # Becomes `since`.
    "updated_at",
)
# What the database works out of these, of an assignment and of a state of one alike.
FOLLOWS = ("tally",)

_STATES = "plans_assignmentstate"


def _columns(alias: str) -> str:
    return ", ".join(f"{alias}.{name}" for name in KEPT)


ADDED = f"""
    INSERT INTO {_STATES} (assignment_id, since, {", ".join(KEPT)})
    SELECT added.id, added.updated_at, {_columns("added")} FROM new_rows added;
    RETURN NULL;
"""  # noqa: S608 - names of our own columns

# A change holds from `updated_at`, which operations set to the moment they are given; where one left
# it alone, from now on. A second change at the very same moment takes the place of the first.
CHANGED = f"""
    UPDATE {_STATES} state
    SET until = CASE
        WHEN changed.updated_at <> before.updated_at AND changed.updated_at > state.since
            THEN changed.updated_at
        WHEN now() > state.since THEN now()
        ELSE state.since
    END
    FROM new_rows changed JOIN old_rows before USING (id)
    WHERE state.assignment_id = changed.id AND state.until IS NULL
        AND ({_columns("changed")}) IS DISTINCT FROM ({_columns("before")});

    INSERT INTO {_STATES} (assignment_id, since, {", ".join(KEPT)})
    SELECT changed.id, coalesce(last.until, changed.updated_at), {_columns("changed")}
    FROM new_rows changed JOIN old_rows before USING (id)
    LEFT JOIN LATERAL (
        SELECT state.until FROM {_STATES} state WHERE state.assignment_id = changed.id
        ORDER BY state.since DESC, state.id DESC LIMIT 1
    ) last ON true
    WHERE ({_columns("changed")}) IS DISTINCT FROM ({_columns("before")});

    DELETE FROM {_STATES} state USING new_rows changed
    WHERE state.assignment_id = changed.id AND state.until = state.since;
    RETURN NULL;
"""  # noqa: S608 - names of our own columns

TAKEN_AWAY = f"""
    UPDATE {_STATES} state SET until = greatest(state.since, now()) FROM old_rows gone
    WHERE state.assignment_id = gone.id AND state.until IS NULL;
    RETURN NULL;
"""  # noqa: S608 - names of our own columns
