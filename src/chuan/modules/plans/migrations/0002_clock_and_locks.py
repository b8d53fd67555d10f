"""What triggers ask: which day it is, and whether somebody may write in a locked year."""

from django.db import migrations

FUNCTIONS = """
    CREATE FUNCTION plans_clock(is_demo boolean) RETURNS timestamptz
    LANGUAGE sql VOLATILE AS $clock$
        SELECT CASE
            WHEN is_demo OR current_database() LIKE 'chuan\\_test\\_%'
            THEN coalesce(
                nullif(current_setting('chuan.clock', true), '')::timestamptz, clock_timestamp()
            )
            ELSE clock_timestamp()
        END
    $clock$;
    CREATE FUNCTION plans_lock_is_open(
        of_plan bigint, of_body bigint, of_kind text, of_number bigint
    ) RETURNS boolean LANGUAGE sql VOLATILE AS $open$
        SELECT EXISTS (
            SELECT 1 FROM plans_lockexception one JOIN plans_plan plan ON plan.id = one.plan_id
            WHERE one.plan_id = of_plan AND one.organisation_id = of_body
                AND one.kind = of_kind AND one.number = of_number
                AND one.approved_at IS NOT NULL AND one.closed_at IS NULL
                AND one.expires_at > plans_clock(plan.is_demo)
        )
    $open$;
"""
NO_FUNCTIONS = """
    DROP FUNCTION IF EXISTS plans_lock_is_open(bigint, bigint, text, bigint);
    DROP FUNCTION IF EXISTS plans_clock(boolean);
"""


class Migration(migrations.Migration):
    replaces = [
        ("plans", "0002_find_by_days"),
        ("plans", "0003_end_and_substitute"),
        ("plans", "0004_count_from_an_index"),
        ("plans", "0005_requests_and_versions"),
        ("plans", "0006_evidence_counts_from_its_first_version"),
        ("plans", "0007_questions_are_written_down"),
        ("plans", "0008_requests_know_who_was_told"),
        ("plans", "0009_assignments_as_they_were"),
        ("plans", "0010_versions_and_central_tasks"),
        ("plans", "0011_reminders_moved_to_digests"),
        ("plans", "0012_extensions"),
        ("plans", "0013_locks_and_exceptions"),
        ("plans", "0014_fates_of_open_assignments"),
        ("plans", "0015_evidence_is_found_by_its_title"),
        ("plans", "0016_urging_letters"),
        ("plans", "0017_any_one_of_several"),
        ("plans", "0018_shared_out_inside_a_body"),
        ("plans", "0019_states_by_when_written"),
        ("plans", "0020_states_by_when_they_ended"),
        ("plans", "0021_states_of_assignments_by_task_and_days"),
        ("plans", "0022_what_is_typed_is_kept"),
        ("plans", "0023_assignments_tallied"),
    ]
    dependencies = [("plans", "0001_initial")]

    operations = [migrations.RunSQL(FUNCTIONS, NO_FUNCTIONS)]
