"""What citizens report about what they scanned, and what became of it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from chuan.core.audit.operations import record
from chuan.core.people.models import Person
from chuan.lib.rules import Denied
from chuan.lib.vietnamese import clean
from chuan.modules.traceability import rules
from chuan.modules.traceability.models import ProblemReport

# More within an hour are no longer read one by one; who must be heard can telephone.
MOST_OF_A_KEY, MOST_OF_ALL = 20, 500
HOUR = timedelta(hours=1)


@transaction.atomic
def report_problem(
    *,
    uri: str,
    kind: ProblemReport.Kind,
    text: str,
    at: datetime,
    where_bought: str = "",
    contact: str = "",
) -> ProblemReport:
    """Take what somebody says about goods; nobody has to say who they are.

    :param uri: canonical link of what was scanned.
    :raises Denied: too many came within an hour.
    """
    lately = ProblemReport.objects.filter(sent_at__gt=at - HOUR)
    if lately.filter(uri=uri).count() >= MOST_OF_A_KEY or lately.count() >= MOST_OF_ALL:
        raise Denied(
            _(
                "Mã này vừa nhận nhiều phản ánh. Hãy gửi lại sau một giờ hoặc gọi điện cho chúng tôi."
            )
        )
    report = ProblemReport(
        uri=uri,
        kind=kind,
        text=clean(text),
        where_bought=clean(where_bought),
        contact=clean(contact),
        sent_at=at,
    )
    report.full_clean()
    report.save()
    record(
        action="traceability.problem_reported", actor=None, by="traceability.scan", subject=report
    )
    return report


@transaction.atomic
def close_problem(
    *, actor: Person, report: ProblemReport, outcome: str, at: datetime
) -> ProblemReport:
    """Write down what was found; how to reach whoever reported it is forgotten."""
    report = ProblemReport.objects.select_for_update(no_key=True).get(pk=report.pk)
    rules.close_problem.require(actor, report)
    report.state = ProblemReport.State.CLOSED
    report.outcome = clean(outcome)
    report.contact = ""
    report.closed_at, report.closed_by = at, actor
    report.full_clean()
    report.save()
    record(action="traceability.problem_closed", actor=actor, subject=report)
    return report
