"""Two years of believable work on a plan, marked as demo and the same at every load."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from chuan.core.audit.operations import record_many
from chuan.core.files.models import Upload
from chuan.core.files.operations import store_upload
from chuan.core.orgs.models import Group, Organisation
from chuan.core.people.models import Person
from chuan.modules.plans.demo_beside import Pair as Pair
from chuan.modules.plans.demo_beside import add_plan as add_plan
from chuan.modules.plans.demo_beside import ask_to_open_locks as ask_to_open_locks
from chuan.modules.plans.demo_beside import link_to_central_tasks as link_to_central_tasks
from chuan.modules.plans.demo_fates import decide_fates as decide_fates
from chuan.modules.plans.engine.draft import (
    Draft,
    DraftDeliverable,
    DraftStandIn,
    Match,
    with_matches,
)
from chuan.modules.plans.engine.reading import reading_of
from chuan.modules.plans.enums import (
    Achievement,
    DifficultyState,
    EvidenceKind,
    PartyKind,
    PartyRole,
    RequestState,
)
from chuan.modules.plans.models import (
    Assignment,
    ContributionRequest,
    Deliverable,
    Difficulty,
    Evidence,
    Plan,
    ProgressUpdate,
    Subtask,
    Task,
)
from chuan.modules.plans.operations import imports
from chuan.modules.plans.parsing import read_bytes
from chuan.modules.plans.queries.assignments import coordinating_beside
from chuan.modules.plans.queries.deadlines import answer_deadline
from chuan.modules.plans.queries.imports import candidates_for, expansion_of_draft, match_of

CONTENT = Path(__file__).parent / "data" / "demo.toml"
JOB = "demo"


@dataclass(frozen=True, slots=True)
class Desk:
    """Who writes for one body, whether it is a commune or district, and until when it existed."""

    clerk: Person
    is_local: bool
    last_day: date | None = None


# What a coordinator would decide about this decision, after reading it.
SHORT_TITLE = "Kế hoạch thực hiện Chỉ thị số 38-CT/TW"
SUCCEEDED_BY = {"ubnd-cap-huyen": "ubnd-cap-xa"}
BASIS = "Nghị quyết số 1664/NQ-UBTVQH15 ngày 16/6/2025"
DELIVERABLES = {
    "I.3": (
        ("Diễn đàn đối thoại với doanh nghiệp", 60, ()),
        ("Chương trình bồi dưỡng kiến thức", 40, ()),
    ),
    "V.3": (
        ("Khen thưởng tổ chức, cá nhân có thành tích", 50, ()),
        ("Biện pháp bảo vệ người tố giác", 50, ()),
    ),
}
HEADING_ONLY = frozenset({"IV.3"})
TAKEN_IN_AT = datetime(2025, 4, 1, 9, 30, tzinfo=timezone.get_default_timezone())


@transaction.atomic
def import_decision(*, actor: Person, file: Path, managed_by_key: str, is_demo: bool) -> int:
    """Take the decision through the wizard's steps as a coordinator would; returns the plan's id."""
    content = file.read_bytes()
    managed_by = Organisation.objects.get(key=managed_by_key)
    plan_import = imports.start_import(
        actor=actor,
        managed_by_id=managed_by.pk,
        upload=store_upload(actor=actor, name=file.name, content=content, made_by=JOB),
        reading=reading_of(read_bytes(file.name, content)),
        at=TAKEN_IN_AT,
    )
    for change in (_head_confirmed, _tasks_reviewed, _names_decided, _stand_ins_decided):
        plan_import = imports.save_import_step(
            actor=actor,
            plan_import=plan_import,
            version=plan_import.version,
            change=change,
            at=TAKEN_IN_AT,
        )
    plan = imports.approve_import(
        actor=actor, plan_import=plan_import, version=plan_import.version, at=TAKEN_IN_AT
    )
    if is_demo:
        Plan.objects.filter(pk=plan.pk).update(is_demo=True)
    return plan.pk


def _head_confirmed(draft: Draft) -> Draft:
    head = draft.document
    return replace(
        draft,
        document=replace(
            head,
            number=head.number or head.stamped_number,
            issued_on=head.issued_on or head.stamped_on,
            short_title=SHORT_TITLE,
        ),
    )


def _tasks_reviewed(draft: Draft) -> Draft:
    content = tomllib.loads(CONTENT.read_text(encoding="utf-8"))
    return replace(
        draft,
        tasks=tuple(
            replace(
                task,
                is_reviewed=True,
                short_text=content.get(task.code, {}).get("short", task.short_text),
                heading_only=task.code in HEADING_ONLY,
                deliverables=tuple(
                    DraftDeliverable(*item) for item in DELIVERABLES.get(task.code, ())
                ),
            )
            for task in draft.tasks
        ),
    )


def _names_decided(draft: Draft) -> Draft:
    nobody = Match(PartyKind.OPEN, is_decided=True)
    return with_matches(
        draft,
        {
            key: match_of(candidates[0], is_decided=True) if candidates else nobody
            for key, candidates in candidates_for(draft).items()
            if key not in draft.matches
        },
    )


def _stand_ins_decided(draft: Draft) -> Draft:
    groups = {group.code: group.pk for group in Group.objects.all()}
    successors = {groups[old]: groups[new] for old, new in SUCCEEDED_BY.items()}
    expansion = expansion_of_draft(draft)
    return replace(
        draft,
        stand_ins=tuple(
            DraftStandIn(
                from_day=question.on,
                group_id=question.group_id,
                organisation_id=question.organisation_id,
                by_group_id=successors.get(question.group_id) if question.group_id else None,
                basis=BASIS,
            )
            for question in (expansion.questions if expansion else ())
        ),
    )


@transaction.atomic
def work_through(
    plan_id: int,
    *,
    until: date,
    desks: Mapping[int, Desk],
    coordinator: Person,
    say: Callable[[str], None],
) -> None:
    """Updates, evidence and difficulties on every assignment that began before `until`.

    Nearly everything of past years is done, some of it late; of the year that runs, a part.
    """
    content = tomllib.loads(CONTENT.read_text(encoding="utf-8"))
    rows = list(
        Assignment.objects.filter(task__plan=plan_id, period_start__lt=until)
        .filter(organisation__in=desks)
        .select_related("task")
        .prefetch_related("task__deliverables")
        .order_by("pk")
    )
    proofs = _proofs(rows, coordinator)
    updates: list[ProgressUpdate] = []
    evidence: list[Evidence] = []
    changed: list[Assignment] = []
    for assignment in rows:
        desk = desks[assignment.organisation_id]
        closes = desk.last_day or until
        story = _story(assignment, until=min(closes, until), is_closed=closes < until)
        if story is None:
            continue
        updates.append(_update(assignment, story, desk, content))
        if story.achievement == Achievement.COMPLETE and not assignment.task.heading_only:
            evidence.extend(_evidence(assignment, story, desk, proofs[assignment.task_id]))
        assignment.achievement = story.achievement
        assignment.percent = story.percent
        assignment.percent_reason = story.reason
        assignment.done_on = story.told_on if story.achievement == Achievement.COMPLETE else None
        assignment.updated_at = _at(story.told_on)
        changed.append(assignment)
    ProgressUpdate.objects.bulk_create(updates, batch_size=2000)
    Evidence.objects.bulk_create(evidence, batch_size=2000)
    Assignment.objects.bulk_update(
        changed,
        ["achievement", "percent", "percent_reason", "done_on", "updated_at"],
        batch_size=1000,
    )
    record_many(action="plans.progress_posted", actor=None, subjects=list(changed), by=JOB)
    say(f"{len(updates)} cập nhật tiến độ, {len(evidence)} minh chứng")
    _difficulties(plan_id, content["difficulties"], desks, coordinator, until)
    _requests(plan_id, content["requests"], desks, until)
    _subtasks(plan_id, content["subtasks"], desks, until)


@dataclass(frozen=True, slots=True)
class _Story:
    achievement: Achievement
    percent: int | None
    reason: str
    told_on: date


def _draw(assignment: Assignment, what: str, size: int) -> int:
    """A number below `size`, always the same for the same task, body, year and purpose."""
    key = f"{assignment.task.code}|{assignment.organisation_id}|{assignment.year}|{what}"
    return int.from_bytes(blake2b(key.encode(), digest_size=4).digest(), "big") % size


def _story(assignment: Assignment, *, until: date, is_closed: bool) -> _Story | None:
    last_day = min(assignment.due_on or assignment.period_end, until) - timedelta(days=1)
    span = max((last_day - assignment.period_start).days, 1)
    told_on = assignment.period_start + timedelta(
        days=span // 3 + _draw(assignment, "day", span * 2 // 3 + 1)
    )
    dice = _draw(assignment, "outcome", 100)
    over = is_closed or (assignment.due_on is not None and assignment.due_on < until)
    if assignment.role == PartyRole.COORDINATING:
        return _Story(Achievement.SUBSTANTIAL, None, "", told_on) if dice < 35 else None
    if over:
        if dice < 84:
            return _Story(Achievement.COMPLETE, None, "", told_on)
        if dice < 95 and assignment.due_on:
            late = assignment.due_on + timedelta(days=5 + _draw(assignment, "late", 40))
            return _Story(Achievement.COMPLETE, None, "", min(late, until - timedelta(days=1)))
        return _Story(Achievement.LIMITED, 40, "Một phần việc chuyển sang năm sau.", told_on)
    if dice < 46:
        return _Story(Achievement.COMPLETE, None, "", told_on)
    if dice < 74:
        percent = 50 + 5 * _draw(assignment, "percent", 9)
        return _Story(Achievement.SUBSTANTIAL, percent, "Ước theo khối lượng đã làm.", told_on)
    if dice < 88:
        return _Story(Achievement.LIMITED, 30, "Mới xong bước chuẩn bị.", told_on)
    return None


def _update(
    assignment: Assignment, story: _Story, desk: Desk, content: dict[str, Any]
) -> ProgressUpdate:
    texts = content.get(assignment.task.code, {}).get("commune" if desk.is_local else "province")
    text = texts[_draw(assignment, "text", len(texts))] if texts else "Đã triển khai theo kế hoạch."
    if assignment.task.heading_only:
        text = "Theo dõi đầu mục."
    scale = 1 if desk.is_local else 3
    narrative = text.format(
        a=scale * (12 + _draw(assignment, "a", 60)),
        b=scale * (3 + _draw(assignment, "b", 9)),
        c=2 + _draw(assignment, "c", 6),
    )
    return ProgressUpdate(
        assignment=assignment,
        narrative=narrative,
        achievement=story.achievement,
        percent=story.percent,
        percent_reason=story.reason,
        made_by=desk.clerk,
        made_at=_at(story.told_on),
    )


def _evidence(assignment: Assignment, story: _Story, desk: Desk, proof: Upload) -> list[Evidence]:
    """One piece for every result the task asks for."""
    number = 10 + _draw(assignment, "number", 400)
    wanted: list[Deliverable | None] = [*assignment.task.deliverables.all()] or [None]
    return [
        Evidence(
            assignment=assignment,
            deliverable=deliverable,
            kind=EvidenceKind.DOCUMENT,
            title=(
                f"Văn bản số {number + position} về kết quả nhiệm vụ {assignment.task.code} "
                f"năm {assignment.year}"
            ),
            upload=proof,
            added_by=desk.clerk,
            added_at=_at(story.told_on),
            first_added_at=_at(story.told_on),
        )
        for position, deliverable in enumerate(wanted)
    ]


def _proofs(rows: list[Assignment], person: Person) -> dict[int, Upload]:
    """One small text file for each task, so that every piece of evidence opens."""
    tasks = {row.task_id: row.task for row in rows}
    return {task_id: _proof(task, person) for task_id, task in tasks.items()}


def _proof(task: Task, person: Person) -> Upload:
    text = (
        "DỮ LIỆU MINH HỌA – KHÔNG PHẢI VĂN BẢN THẬT\n\n"
        f"Minh chứng mẫu cho nhiệm vụ {task.code}:\n{task.text}\n"
    )
    return store_upload(
        actor=person, name=f"minh-chung-mau-{task.code}.txt", content=text.encode(), made_by=JOB
    )


def _difficulties(
    plan_id: int,
    content: list[dict[str, str]],
    desks: Mapping[int, Desk],
    coordinator: Person,
    until: date,
) -> None:
    local = [key for key, desk in desks.items() if desk.is_local and desk.last_day is None]
    bodies = local[:: max(len(local) // 14, 1)]
    rows = []
    for number, body in enumerate(bodies):
        words = content[number % len(content)]
        raised_on = until - timedelta(days=12 + 17 * number)
        answered = bool(words["answer"]) and number > 1
        escalated = answered and "UBND tỉnh" in words["answer"]
        answered_at = _at(raised_on + timedelta(days=6))
        due = answer_deadline(raised_on)
        rows.append(
            Difficulty(
                plan_id=plan_id,
                organisation_id=body,
                title=words["title"],
                text=words["text"],
                proposal=words["proposal"],
                state=DifficultyState.ESCALATED
                if escalated
                else DifficultyState.ANSWERED
                if answered
                else DifficultyState.RAISED,
                raised_by=desks[body].clerk,
                raised_at=_at(raised_on),
                answer_due_on=due.day,
                answer_due_why=due.why,
                answer=words["answer"] if answered and not escalated else "",
                answered_by=coordinator if answered and not escalated else None,
                answered_at=answered_at if answered and not escalated else None,
                escalation=words["answer"] if escalated else "",
                escalated_by=coordinator if escalated else None,
                escalated_at=answered_at if escalated else None,
            )
        )
    Difficulty.objects.bulk_create(rows)
    record_many(action="plans.difficulty_raised", actor=None, subjects=list(rows), by=JOB)


# How each request in turn came out, and how many days from the last of the story it is due.
OUTCOMES = (
    (RequestState.ASKED, 8),
    (RequestState.ANSWERED, -12),
    (RequestState.ASKED, -4),
    (RequestState.DECLINED, -9),
)


def _requests(
    plan_id: int, content: list[dict[str, str]], desks: Mapping[int, Desk], until: date
) -> None:
    """Some leads of the province's own bodies asked two coordinators each."""
    agencies = [key for key, desk in desks.items() if not desk.is_local and desk.last_day is None]
    leads = Assignment.objects.filter(
        task__plan=plan_id,
        task__heading_only=False,
        organisation__in=agencies,
        role=PartyRole.LEAD,
        year=until.year,
    ).order_by("task__position", "organisation")
    rows: list[ContributionRequest] = []
    asking: set[int] = set()
    asked: set[int] = set()
    for lead in leads:
        if lead.organisation_id in asking:
            continue
        beside = coordinating_beside(lead).filter(organisation__in=agencies)
        for assignment in beside.exclude(pk__in=asked)[:2]:
            asking.add(lead.organisation_id)
            asked.add(assignment.pk)
            rows.append(_request(lead, assignment, content, desks, until, len(rows)))
    ContributionRequest.objects.bulk_create(rows)
    record_many(action="plans.parts_asked", actor=None, subjects=list(rows), by=JOB)


def _subtasks(
    plan_id: int, content: list[dict[str, str]], desks: Mapping[int, Desk], until: date
) -> None:
    """The province's own bodies shared out the first task they lead and have not finished."""
    agencies = [key for key, desk in desks.items() if not desk.is_local and desk.last_day is None]
    leads = (
        Assignment.objects.filter(
            task__plan=plan_id,
            task__heading_only=False,
            organisation__in=agencies,
            role=PartyRole.LEAD,
            year=until.year,
            done_on__isnull=True,
        )
        .order_by("organisation", "task__position", "pk")
        .distinct("organisation")
    )
    rows = []
    for lead in leads:
        clerk = desks[lead.organisation_id].clerk
        for number, words in enumerate(content):
            is_done = words["state"] == "done"
            rows.append(
                Subtask(
                    assignment=lead,
                    title=words["title"],
                    person=None if words["division"] else clerk,
                    division=words["division"],
                    due_on=until + timedelta(days=20 * number - 15),
                    made_by=clerk,
                    made_at=_at(until - timedelta(days=40)),
                    done_on=until - timedelta(days=20) if is_done else None,
                    done_by=clerk if is_done else None,
                )
            )
    Subtask.objects.bulk_create(rows)
    record_many(action="plans.subtask_added", actor=None, subjects=list(rows), by=JOB)


def _request(
    lead: Assignment,
    assignment: Assignment,
    content: list[dict[str, str]],
    desks: Mapping[int, Desk],
    until: date,
    number: int,
) -> ContributionRequest:
    state, due = OUTCOMES[number % len(OUTCOMES)]
    words = content[number % len(content)]
    due_on = until + timedelta(days=due)
    told = assignment.updates.order_by("-made_at", "-pk").first()
    if state == RequestState.ANSWERED and told is None:
        state = RequestState.DECLINED
    is_closed = state != RequestState.ASKED
    return ContributionRequest(
        lead=lead,
        assignment=assignment,
        text=words["text"],
        due_on=due_on,
        state=state,
        asked_by=desks[lead.organisation_id].clerk,
        asked_at=_at(min(due_on, until) - timedelta(days=14)),
        update=told if state == RequestState.ANSWERED else None,
        reason=words["refusal"] if state == RequestState.DECLINED else "",
        closed_by=desks[assignment.organisation_id].clerk if is_closed else None,
        closed_at=_at(due_on - timedelta(days=2)) if is_closed else None,
    )


def _at(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(9, 30)))
