"""What happens at night."""

from __future__ import annotations

import logging
from datetime import datetime, time

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chuan.core.jobs.registry import nightly
from chuan.core.notices.operations import tell
from chuan.core.people.enums import Role
from chuan.core.people.queries import holders
from chuan.lib.language import in_vietnamese
from chuan.lib.vietnamese import format_date, format_number
from chuan.modules.plans.engine.problems import asked
from chuan.modules.plans.models import Plan
from chuan.modules.plans.operations.assignments import Reconciliation, reconcile_assignments
from chuan.modules.plans.operations.telling import part_due
from chuan.modules.plans.queries.plans import plans_in_force
from chuan.modules.plans.queries.requests import due_soon_or_late

logger = logging.getLogger(__name__)


@nightly(at=time(1, 30))
def reconcile_plans() -> None:
    """Create what is missing in every plan in force; tell its coordinators what is left to decide.

    :raises ExceptionGroup: after all plans had their turn, what went wrong with some.
    """
    now = timezone.now()
    failures: list[Exception] = []
    for plan in plans_in_force(timezone.localdate(now)):
        try:
            _reconcile(plan, now)
        except Exception as failure:
            # One plan's trouble must not keep the others from theirs.
            logger.exception("Plan %s was not reconciled", plan.pk)
            failures.append(failure)
    if failures:
        raise ExceptionGroup("Some plans were not reconciled", failures)


@nightly(at=time(6, 0))
def remind_of_parts() -> None:
    """Remind bodies of contributions that are due soon; tell both sides of those that are late."""
    today = timezone.localdate()
    for request in due_soon_or_late(today):
        part_due(request, on=today)


def _reconcile(plan: Plan, now: datetime) -> None:
    found = reconcile_assignments(plan, at=now)
    if found.created:
        logger.info("Plan %s: %s assignments created", plan.pk, found.created)
    if found.extra or found.questions:
        _tell(plan, found)


@in_vietnamese
def _tell(plan: Plan, found: Reconciliation) -> None:
    today = timezone.localdate()
    coordinators = holders(Role.DEPARTMENT_COORDINATOR, organisation_ids=[plan.managed_by_id])
    lines = [problem.message for problem in map(asked, found.questions)]
    if found.extra:
        count = len(found.extra)
        lines.append(
            ngettext(
                "%(count)s phân công không còn ứng với cơ quan nào trong danh mục.",
                "%(count)s phân công không còn ứng với cơ quan nào trong danh mục.",
                count,
            )
            % {"count": format_number(count)}
        )
    tell(
        coordinators,
        dedupe_key=f"plans.reconcile:{plan.pk}:{today:%Y-%W}",
        title=_("%(plan)s: có phân công cần quyết định") % {"plan": plan.short_title},
        body="\n".join([_("Đối soát ngày %(day)s:") % {"day": format_date(today)}, *lines]),
        url=reverse("plans:questions", args=[plan.pk]),
    )
