"""A smaller plan beside the first: amended once, about to be amended again, with tasks that one of
several bodies has to do; and what people asked of the department: more time, a lock opened."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from chuan.core.files.operations import store_upload
from chuan.core.orgs.models import Organisation
from chuan.core.people.models import Person
from chuan.modules.plans.engine.draft import (
    Draft,
    DraftDocument,
    DraftReporting,
    DraftTask,
    Titled,
)
from chuan.modules.plans.engine.reading import reading_of
from chuan.modules.plans.enums import (
    Achievement,
    DueKind,
    EvidenceKind,
    FateKind,
    LeadMode,
    LockKind,
    PartyRole,
)
from chuan.modules.plans.models import (
    Assignment,
    CentralTask,
    Plan,
    PlanImport,
    PlanVersion,
    Task,
)
from chuan.modules.plans.operations import (
    amendments,
    central,
    extensions,
    fates,
    imports,
    locks,
    progress,
)
from chuan.modules.plans.parsing import ReadDocument, ReadPlan
from chuan.modules.plans.queries import fates as fate_queries

CONTENT = Path(__file__).parent / "data" / "demo-beside.toml"
MADE_UP = "DỮ LIỆU MINH HỌA – KHÔNG PHẢI VĂN BẢN THẬT\n\n"
BASIS = "Nghị quyết số 202/2025/QH15"
CENTRAL = "qd-1703-2024-ttg"
REPORT_DAY = DraftReporting(day=20, month=11)
OPEN_DAYS = 12
AGRICULTURE = "gl-so-nong-nghiep-va-moi-truong"
INDUSTRY = "gl-so-cong-thuong"


@dataclass(frozen=True, slots=True)
class Pair:
    """Who enters and who signs for one body."""

    clerk: Person
    head: Person


@transaction.atomic
def add_plan(
    *,
    coordinator: Person,
    leader: Person,
    managed_by_key: str,
    desks: Mapping[str, Pair],
    until: date,
    say: Callable[[str], None],
) -> int:
    """The plan, its amendments and what was asked about it; returns its id.

    :param desks: people by the key of their body.
    """
    told = tomllib.loads(CONTENT.read_text("utf-8"))
    plan = _first_version(told, coordinator, managed_by_key)
    _pass_on(plan, coordinator=coordinator, leader=leader, at=_at(date(2025, 9, 10)))
    lists, guide = told["done"]["list"], told["done"]["guide"]
    _finish(plan, "I.1", 2025, desks[AGRICULTURE], lists, _at(date(2025, 10, 14)))
    _second_version(told, plan, coordinator)
    # One of three bodies had to do it: the others owe nothing more.
    _finish(plan, "I.2", 2026, desks[INDUSTRY], guide, _at(date(2026, 9, 15)))
    _start_amendment(told, "third", plan, coordinator, _at(until - timedelta(days=5)))
    for one in told["extension"]:
        _extension(one, plan, desks, leader, until)
    say(f"{plan.short_title}: phiên bản 2, bản sửa đổi chờ duyệt, xin gia hạn")
    return plan.pk


def link_to_central_tasks(plan_id: int, *, coordinator: Person, at: datetime) -> None:
    """Every task carries out the group of the central plan that its section is named after."""
    groups = dict(CentralTask.objects.filter(source__code=CENTRAL).values_list("code", "pk"))
    for task in Task.objects.filter(plan=plan_id).select_related("section").order_by("position"):
        if task.section.code in groups:
            central.set_central_links(
                actor=coordinator, task=task, seen=[], wanted=[groups[task.section.code]], at=at
            )


@transaction.atomic
def ask_to_open_locks(
    plan_id: int, *, year: int, desks: Mapping[str, Pair], leader: Person, at: datetime
) -> None:
    """Bodies ask to open a closed year: one waits, one was approved, one refused."""
    plan = Plan.objects.get(pk=plan_id)
    bodies = dict(Organisation.objects.values_list("key", "pk"))
    for number, one in enumerate(tomllib.loads(CONTENT.read_text("utf-8"))["exception"], start=1):
        asked_at = at - timedelta(days=3 * number)
        until = at + timedelta(days=OPEN_DAYS)
        exception = locks.ask_for_exception(
            actor=desks[one["body"]].clerk,
            plan=plan,
            organisation_id=bodies[one["body"]],
            kind=LockKind.YEAR,
            number=year,
            title=str(year),
            reason=one["reason"],
            expires_at=until,
            at=asked_at,
        )
        decided: dict[str, Any] = {
            "actor": leader,
            "exception": exception,
            "version": exception.version,
            "at": asked_at + timedelta(days=1),
        }
        if one["outcome"] == "open":
            locks.approve_exception(**decided, expires_at=until)
        elif one["outcome"] == "closed":
            locks.close_exception(**decided, reason=one["answer"])


def _first_version(told: dict[str, Any], actor: Person, managed_by_key: str) -> Plan:
    at = _at(told["first"]["issued_on"] + timedelta(days=5))
    text = MADE_UP + told["title"]
    plan_import = imports.start_import(
        actor=actor,
        managed_by_id=Organisation.objects.get(key=managed_by_key).pk,
        upload=store_upload(
            actor=actor, name="quyet-dinh-9001-minh-hoa.txt", content=text.encode()
        ),
        reading=reading_of(ReadPlan(ReadDocument(), (), (), (), None, ())),
        at=at,
    )
    plan_import = imports.save_import_step(
        actor=actor,
        plan_import=plan_import,
        version=plan_import.version,
        change=lambda draft: replace(
            draft,
            document=_document(told, "first"),
            last_day=told["last_day"],
            reporting=REPORT_DAY,
            sections=tuple(Titled(one["code"], one["text"]) for one in told["section"]),
            tasks=tuple(_task(one) for one in told["first"]["task"]),
        ),
        at=at,
    )
    plan = imports.approve_import(
        actor=actor, plan_import=plan_import, version=plan_import.version, at=at
    )
    Plan.objects.filter(pk=plan.pk).update(is_demo=True)
    plan.is_demo = True
    return plan


def _second_version(told: dict[str, Any], plan: Plan, actor: Person) -> PlanVersion:
    at = _at(told["second"]["issued_on"] + timedelta(days=2))
    draft = _start_amendment(told, "second", plan, actor, at)
    return amendments.approve_amendment(
        actor=actor, plan_import=draft, version=draft.version, at=at
    )


def _start_amendment(
    told: dict[str, Any], which: str, plan: Plan, actor: Person, at: datetime
) -> PlanImport:
    decision = told[which]
    started = amendments.start_amendment(
        actor=actor,
        plan=plan,
        name=f"quyet-dinh-{decision['number']}-minh-hoa.txt",
        content=(MADE_UP + decision["title"]).encode(),
        is_whole=False,
        at=at,
    )
    return imports.save_import_step(
        actor=actor,
        plan_import=started,
        version=started.version,
        change=lambda draft: _amended(draft, told, which),
        at=at,
    )


def _amended(draft: Draft, told: dict[str, Any], which: str) -> Draft:
    decision = told[which]
    tasks = {one.code: one for one in draft.tasks if one.code not in decision.get("removed", ())}
    for one in decision["task"]:
        before = tasks.get(one["code"])
        made = _task(one, key=before.key if before else "")
        # What proves a task stays as it was where the decision says nothing of it.
        tasks[made.code] = replace(made, deliverables=before.deliverables if before else ())
    return replace(
        draft,
        document=_document(told, which),
        from_day=decision["from_day"],
        sections=tuple(Titled(one["code"], one["text"]) for one in told["section"]),
        tasks=tuple(tasks[code] for code in sorted(tasks)),
    )


def _document(told: dict[str, Any], which: str) -> DraftDocument:
    decision = told[which]
    return DraftDocument(
        number=decision["number"],
        notation=told["notation"],
        issued_on=decision["issued_on"],
        issuer=decision.get("issuer", told["issuer"]),
        title=decision.get("title", told["title"]),
        short_title=told["short_title"],
    )


def _task(told: dict[str, Any], key: str = "") -> DraftTask:
    return DraftTask(
        key=key or f"n{told['code'].replace('.', '-').lower()}",
        section=told["section"],
        code=told["code"],
        text=told["text"],
        short_text=told["short_text"],
        product=told.get("product", ""),
        time_text=told["time_text"],
        due_kind=DueKind(told["due_kind"]),
        due_on=told.get("due_on"),
        lead=tuple(told["lead"]),
        coordinating=tuple(told.get("coordinating", ())),
        lead_mode=LeadMode(told.get("lead_mode", LeadMode.EACH)),
        is_reviewed=True,
    )


def _pass_on(plan: Plan, *, coordinator: Person, leader: Person, at: datetime) -> None:
    """What the bodies of the former province left goes to those that took them over."""
    on = timezone.localdate(at)
    ended = {one.organisation_id: one.ended_on for one in fate_queries.bodies_of(plan, on)}
    left = list(fate_queries.undecided(fate_queries.left_over(ended, plan)))
    heirs = fate_queries.suggestions_for(ended, on)
    proposed = fates.propose_fates(
        actor=coordinator,
        plan=plan,
        kind=FateKind.TRANSFER,
        assignment_ids=[row.pk for row in left],
        basis=BASIS,
        receivers={row.organisation_id: heirs[row.organisation_id].heirs for row in left},
        at=at,
    )
    fates.approve_fates(actor=leader, decision=proposed, version=proposed.version, at=at)


def _finish(plan: Plan, code: str, year: int, desk: Pair, told: str, at: datetime) -> None:
    """A body tells that it is done, with a small text file that proves it."""
    assignment = Assignment.objects.get(
        task__plan=plan,
        task__code=code,
        role=PartyRole.LEAD,
        year=year,
        organisation__in=desk.clerk.organisation_ids(),
    )
    progress.add_evidence(
        actor=desk.clerk,
        assignment=assignment,
        at=at,
        kind=EvidenceKind.DOCUMENT,
        title=f"Kết quả nhiệm vụ {code} năm {year} (minh họa)",
        name=f"minh-chung-mau-{code}-{year}.txt",
        content=f"{MADE_UP}{told}\n".encode(),
    )
    assignment.refresh_from_db()
    progress.post_update(
        actor=desk.clerk,
        assignment=assignment,
        version=assignment.version,
        at=at,
        narrative=told,
        achievement=Achievement.COMPLETE,
    )


def _extension(
    told: dict[str, Any], plan: Plan, desks: Mapping[str, Pair], leader: Person, until: date
) -> None:
    asked_at = _at(until - timedelta(days=told["days_ago"]))
    asked = extensions.ask_for_extension(
        actor=desks[told["body"]].head,
        assignment=Assignment.objects.get(
            task__plan=plan,
            task__code=told["task"],
            task__since=2,
            role=PartyRole.LEAD,
            year=until.year,
            organisation__key=told["body"],
        ),
        reason=told["reason"],
        proposed_due_on=told["to_day"],
        at=asked_at,
    )
    decided: dict[str, Any] = {
        "extension": asked,
        "version": asked.version,
        "at": asked_at + timedelta(days=2),
    }
    if told["outcome"] == "granted":
        extensions.grant_extension(
            actor=leader, **decided, due_on=told["granted_to"], basis=told["answer"]
        )
    elif told["outcome"] == "refused":
        extensions.refuse_extension(actor=leader, **decided, reason=told["answer"])
    elif told["outcome"] == "withdrawn":
        extensions.withdraw_extension(
            actor=desks[told["body"]].head, **decided, reason=told["answer"]
        )


def _at(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(9, 30)))
