from django.db import migrations

# Closing a year's consolidation locks the year since `plans.0013`; the first one counts.
LOCK_YEARS = """
    INSERT INTO plans_yearlock (plan_id, year, reason, locked_by_id, locked_at)
    SELECT DISTINCT ON (period.plan_id, period.year)
        period.plan_id, period.year, 'Đã chốt bản tổng hợp ' || lower(period.title),
        made.closed_by_id, made.closed_at
    FROM annual_report_consolidation made
        JOIN annual_report_reportingperiod period ON period.id = made.period_id
    WHERE period.kind = 'yearly' AND made.state = 'closed'
    ORDER BY period.plan_id, period.year, made.closed_at, made.id
    ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [
        ("annual_report", "0007_reviews_of_several_years"),
        ("plans", "0013_locks_and_exceptions"),
    ]

    operations = [migrations.RunSQL(LOCK_YEARS, migrations.RunSQL.noop)]
