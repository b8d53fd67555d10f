"""What happens at night."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, time
from typing import TypeVar

from django.db.models import Model
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
from chuan.modules.plans.queries.plans import plans_in_force

Thing = TypeVar("Thing", bound=Model)

logger = logging.getLogger(__name__)


@nightly(at=time(1, 30))
def reconcile_plans() -> None:
    """Create what is missing in every plan in force; tell its coordinators what is left to decide.

    :raises ExceptionGroup: after all plans had their turn, what went wrong with some.
    """
    now = timezone.now()
    _each(
        plans_in_force(timezone.localdate(now)),
        lambda plan: _reconcile(plan, now),
        "Some plans were not reconciled",
    )


def _each(rows: Iterable[Thing], do: Callable[[Thing], object], failed: str) -> None:
    """One thing's trouble must not keep the others from their night."""
    failures: list[Exception] = []
    for row in rows:
        try:
            do(row)
        except Exception as failure:
            logger.exception("%s: %s", failed, row.pk)
            failures.append(failure)
    if failures:
        raise ExceptionGroup(failed, failures)


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
