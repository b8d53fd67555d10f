"""A plan that is amended, and the steps of amending it."""

from dataclasses import replace
from datetime import date, datetime

from chuan.modules.plans.engine.draft import Match, with_matches, with_new_task, with_task
from chuan.modules.plans.enums import (
    PartyKind,
)
from chuan.modules.plans.operations.amendments import (
    approve_amendment,
    start_amendment,
)
from chuan.modules.plans.operations.assignments import reconcile_assignments
from chuan.modules.plans.operations.imports import save_import_step
from chuan.modules.plans.queries.amendments import key_of
from chuan.modules.plans.testing import (
    VIETNAM,
    PlanFactory,
    TaskFactory,
)

AT = datetime(2026, 5, 20, 9, tzinfo=VIETNAM)
ISSUED = date(2026, 5, 10)
FROM = date(2026, 6, 15)


def a_plan(body):
    """Two yearly tasks and one of several years, of one body."""
    plan = PlanFactory()
    TaskFactory(plan=plan, lead=[body])  # I.1, yearly
    TaskFactory(plan=plan, lead=[body], until=True)  # I.2
    TaskFactory(plan=plan, lead=[body])  # I.3, yearly
    reconcile_assignments(plan, at=AT)
    return plan


def code(plan, code):
    return plan.tasks.filter(code=code).order_by("-since").first()


def begun(plan, coordinator, content="Quyết định sửa đổi, bổ sung Kế hoạch", **fields):
    return start_amendment(
        actor=coordinator,
        plan=plan,
        name="sua-doi.txt",
        content=content.encode(),
        is_whole=False,
        at=AT,
        **fields,
    )


def changed(plan_import, change, *, from_day=FROM):
    """The draft with a complete head and this change."""

    def with_head(draft):
        head = replace(
            draft.document,
            number="512",
            notation="QĐ-UBND",
            issued_on=ISSUED,
            issuer="Ủy ban nhân dân tỉnh Thử",
            title="Quyết định sửa đổi, bổ sung Kế hoạch",
        )
        return change(replace(draft, document=head, from_day=from_day))

    return save_import_step(
        actor=plan_import.created_by, plan_import=plan_import, version=None, change=with_head, at=AT
    )


def reword(plan, code_, **fields):
    key = key_of(code(plan, code_).pk)
    return lambda draft: with_task(draft, replace(draft.task(key), **fields))


def without(plan, code_):
    key = key_of(code(plan, code_).pk)
    return lambda draft: replace(draft, tasks=tuple(one for one in draft.tasks if one.key != key))


def with_added(body, **fields):
    def change(draft):
        draft, task = with_new_task(draft)
        task = replace(task, text="Việc mới", short_text="Việc mới", lead=("Sở mới",), **fields)
        match = Match(PartyKind.NAMED, organisation_id=body.pk, is_decided=True)
        return with_matches(with_task(draft, task), {"so moi": match})

    return change


def approved(plan_import, coordinator):
    return approve_amendment(
        actor=coordinator, plan_import=plan_import, version=plan_import.version, at=AT
    )


def starts(task):
    return list(task.assignments.order_by("period_start").values_list("period_start", flat=True))
