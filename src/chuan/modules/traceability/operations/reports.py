"""What citizens report about what they scanned, and what became of it."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db import transaction
from django.utils.translation import gettext as _

from chuan.core.audit.operations import record
from chuan.core.people.models import Person
from chuan.lib.rules import Denied
from chuan.lib.vietnamese import clean
from chuan.modules.traceability import rules
from chuan.modules.traceability.models import ProblemReport

# More within an hour are marked as sent in bulk, whoever sent them: nobody is kept from speaking by
# somebody else's flood. Behind one address of a telephone company are many people.
MOST_OF_A_SENDER, MOST_OF_A_KEY, MOST_OF_ALL = 10, 20, 500
# One address is refused beyond this, except when goods are unsafe.
REFUSED_FROM = 50
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
    sender: str = "",
) -> ProblemReport:
    """Take what somebody says about goods; nobody has to say who they are.

    :param uri: canonical link of what was scanned.
    :param sender: the address it came from, counted for an hour and kept nowhere.
    :raises Denied: too many came from this address within an hour, and this one tells of no danger.
    """
    sent = _count_of(sender)
    if sent > REFUSED_FROM and kind != ProblemReport.Kind.UNSAFE:
        raise Denied(
            _(
                "Từ địa chỉ mạng này vừa có quá nhiều phản ánh. Hãy gửi lại sau một giờ hoặc gọi điện"
                " cho chúng tôi."
            )
        )
    lately = ProblemReport.objects.filter(sent_at__gt=at - HOUR)
    is_bulk = (
        sent > MOST_OF_A_SENDER
        or lately.filter(uri=uri).count() >= MOST_OF_A_KEY
        or lately.count() >= MOST_OF_ALL
    )
    report = ProblemReport(
        uri=uri,
        kind=kind,
        text=clean(text),
        where_bought=clean(where_bought),
        contact=clean(contact),
        sent_at=at,
        is_bulk=is_bulk,
    )
    report.full_clean()
    report.save()
    record(
        action="traceability.problem_reported", actor=None, by="traceability.scan", subject=report
    )
    return report


def _count_of(sender: str) -> int:
    """How many reports this address has sent within the hour, with this one."""
    if not sender:
        return 0
    key = f"traceability.reports.{hashlib.sha256(sender.encode()).hexdigest()}"
    cache.add(key, 0, timeout=HOUR.total_seconds())
    try:
        return cache.incr(key)
    except ValueError:  # the hour ended in between
        return 1


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
