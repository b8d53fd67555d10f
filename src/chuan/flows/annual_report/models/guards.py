"""Triggers that keep what is sent or closed as it was."""

from __future__ import annotations

import pgtrigger

# The day from which no unit writes a report: unless it was given time of its own, or somebody opened
# the lock for it (`plans_lock_is_open`, by the time of the database).
_LOCKED_ON = """
    SELECT period.locks_on INTO locks_on
    FROM annual_report_unitreport report
        JOIN annual_report_reportingperiod period ON period.id = report.period_id
        JOIN plans_plan plan ON plan.id = period.plan_id
        CROSS JOIN LATERAL (
            SELECT (plans_clock(plan.is_demo) AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS today
        ) clock
    WHERE report.id IN ({ids}) AND today >= period.locks_on
        AND NOT coalesce(today <= report.returned_due_on, false)
        AND NOT coalesce(today <= report.extended_due_on, false)
        AND NOT plans_lock_is_open(
            period.plan_id, report.organisation_id, 'reports', period.id
        )
    LIMIT 1;
    IF locks_on IS NOT NULL THEN
        RAISE EXCEPTION 'annual_report: report % is locked: its period was locked on %',
            {id}, locks_on;
    END IF;
"""


def unless_report_is_open(name: str) -> pgtrigger.Trigger:
    """Refuse changes to the content of a report that is out of the unit's hands, or of a period that
    is locked."""
    both = "NEW.report_id, OLD.report_id"
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        declare=[("report_state", "text"), ("locks_on", "date")],
        func=f"""
            -- A row moved from one report to another concerns both.
            SELECT state INTO report_state FROM annual_report_unitreport
            WHERE id IN (NEW.report_id, OLD.report_id) AND state NOT IN ('draft', 'returned')
            LIMIT 1;
            IF report_state IS NOT NULL THEN
                RAISE EXCEPTION 'annual_report: report % is % and locked',
                    COALESCE(NEW.report_id, OLD.report_id), report_state;
            END IF;
            {_LOCKED_ON.format(ids=both, id="COALESCE(NEW.report_id, OLD.report_id)")}
            RETURN COALESCE(NEW, OLD);
        """,  # noqa: S608 - names of our own columns
    )


def unless_consolidation_is_draft(name: str) -> pgtrigger.Trigger:
    """Refuse changes to the parts of a consolidation that is closed or has a successor."""
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        declare=[("consolidation_state", "text")],
        func="""
            SELECT state INTO consolidation_state FROM annual_report_consolidation
            WHERE id IN (NEW.consolidation_id, OLD.consolidation_id) AND state <> 'draft'
            LIMIT 1;
            IF consolidation_state IS NOT NULL THEN
                RAISE EXCEPTION 'annual_report: consolidation % is %',
                    COALESCE(NEW.consolidation_id, OLD.consolidation_id), consolidation_state;
            END IF;
            RETURN COALESCE(NEW, OLD);
        """,
    )


# What a unit writes in the report itself; its items and figures have rows of their own.
CONTENT_FIELDS = ("summary", "difficulties", "proposals", "next_year", "finished_sections")


def texts_of_open_report() -> pgtrigger.Trigger:
    """Refuse changes to a report's own texts while it is out of the unit's hands, and sending it once
    its period is locked."""
    columns = [*CONTENT_FIELDS, "difficulties_prefilled", "period_id", "organisation_id"]
    old, new = (f"({', '.join(f'{row}.{name}' for name in columns)})" for row in ("OLD", "NEW"))
    return pgtrigger.Trigger(
        name="texts_of_open_report",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        declare=[("locks_on", "date")],
        func=f"""
            IF OLD.state NOT IN ('draft', 'returned') AND {old} IS DISTINCT FROM {new} THEN
                RAISE EXCEPTION 'annual_report: report % is % and locked', OLD.id, OLD.state;
            END IF;
            IF {old} IS DISTINCT FROM {new}
                OR (OLD.state IN ('draft', 'returned') AND NEW.state = 'submitted')
            THEN {_LOCKED_ON.format(ids="OLD.id", id="OLD.id")} END IF;
            RETURN NEW;
        """,
    )
