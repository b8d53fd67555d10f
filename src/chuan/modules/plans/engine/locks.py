"""What is locked, in SQL: the conditions that triggers here and upstairs ask.

`plans_clock` (made by migration 0013, with `plans_lock_is_open`) is the time of the database. A demonstration plan and the databases of tests may be told
another (`SET chuan.clock`), because they tell of days that are past or still to come; for any other
plan the setting is not heard.
"""

from __future__ import annotations

# Of an assignment: the last day on which a year that its period touches was closed and nobody has
# opened it for the body.
_CLOSED_ON = """
    SELECT max((yearlock.locked_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date) INTO closed_on
    FROM plans_task task JOIN plans_yearlock yearlock
        ON yearlock.plan_id = task.plan_id
        AND yearlock.year BETWEEN extract(year FROM {row}.period_start)
            AND extract(year FROM {row}.period_end - 1)
    WHERE task.id = {row}.task_id AND NOT plans_lock_is_open(
        task.plan_id, {row}.organisation_id, 'year', yearlock.year
    );
"""

_REFUSED = """
    RAISE EXCEPTION 'plans: assignment % of % is locked: its year was closed on %',
        {id}, {year}, closed_on;
"""

# What was done before its year was closed stays as it was told and is judged by the same day; nothing
# is dated back into it.
STANDING = f"""
    IF (OLD.achievement, OLD.percent, OLD.percent_reason, OLD.done_on, OLD.due_on,
            OLD.original_due_on)
        IS NOT DISTINCT FROM (NEW.achievement, NEW.percent, NEW.percent_reason, NEW.done_on,
            NEW.due_on, NEW.original_due_on) THEN
        RETURN NEW;
    END IF;
    {_CLOSED_ON.format(row="OLD")}
    IF closed_on IS NOT NULL AND (OLD.done_on < closed_on OR NEW.done_on < closed_on) THEN
        {_REFUSED.format(id="OLD.id", year="OLD.year")}
    END IF;
    RETURN NEW;
"""

# Of what is done nothing is told or shown any more; of what is still owed what was shown before stays.
PROOF = f"""
    FOR assignment IN SELECT * FROM plans_assignment
        WHERE id IN (NEW.assignment_id, OLD.assignment_id)
    LOOP
        closed_on := NULL;
        {_CLOSED_ON.format(row="assignment")}
        IF closed_on IS NOT NULL AND (
            assignment.done_on < closed_on
            OR (OLD.added_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date < closed_on
        ) THEN
            {_REFUSED.format(id="assignment.id", year="assignment.year")}
        END IF;
    END LOOP;
    RETURN COALESCE(NEW, OLD);
"""  # noqa: S608 - names of our own columns

TOLD = f"""
    FOR assignment IN SELECT * FROM plans_assignment WHERE id = NEW.assignment_id LOOP
        {_CLOSED_ON.format(row="assignment")}
        IF assignment.done_on < closed_on THEN
            {_REFUSED.format(id="assignment.id", year="assignment.year")}
        END IF;
    END LOOP;
    RETURN NEW;
"""  # noqa: S608 - names of our own columns
