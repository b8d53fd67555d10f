"""Each operation of plans on a scene of its own, by whoever is given."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from chuan.core.files.testing import PDF, UploadFactory
from chuan.core.orgs.enums import OrgKind
from chuan.core.orgs.testing import GroupFactory, OrganisationFactory
from chuan.modules.plans.engine.draft import Draft, to_json
from chuan.modules.plans.engine.expansion import StandIn
from chuan.modules.plans.enums import (
    Achievement,
    EvidenceKind,
    FateKind,
    ImportState,
    LockKind,
    PartyRole,
)
from chuan.modules.plans.models import Assignment
from chuan.modules.plans.operations import (
    amendments,
    central,
    deliverables,
    difficulties,
    ending,
    extensions,
    fates,
    imports,
    locks,
    progress,
    requests,
    substitutions,
    subtasks,
    update_drafts,
    urging,
)
from chuan.modules.plans.operations.from_drafts import NotReady
from chuan.modules.plans.parsing import UnreadableFile
from chuan.modules.plans.testing import (
    VIETNAM,
    AssignmentFactory,
    ContributionRequestFactory,
    DeadlineExtensionFactory,
    DifficultyFactory,
    EvidenceFactory,
    LockExceptionFactory,
    PlanFactory,
    PlanImportFactory,
    SubtaskFactory,
    TaskFactory,
    coordinator_of,
)

NOW = datetime(2026, 10, 1, 9, tzinfo=VIETNAM)
READING = {
    "plan": {"document": {}, "sections": [], "body_points": [], "tasks": []},
    "stamped": {"number": None, "issued_on": None},
}


class Scene:
    """One plan, watched over by a department, in which one body has one task."""

    def __init__(self):
        self.department = OrganisationFactory(notation="SKHCN")
        self.body = OrganisationFactory()
        self.plan = PlanFactory(managed_by=self.department)
        self.assignment = AssignmentFactory(
            task=TaskFactory(plan=self.plan), organisation=self.body
        )

    def an_import(self, **fields):
        return PlanImportFactory(managed_by=self.department, draft=to_json(Draft()), **fields)

    def a_request_to_the_body(self):
        lead = AssignmentFactory(task__plan=self.plan)
        return ContributionRequestFactory(
            lead=lead,
            assignment=AssignmentFactory(
                task=lead.task, organisation=self.body, role=PartyRole.COORDINATING
            ),
        )

    def a_proposal(self):
        """About what a body left undone that ended on 1 July 2026."""
        body = OrganisationFactory(valid_to=date(2026, 7, 1))
        row = AssignmentFactory(task=self.assignment.task, organisation=body)
        return fates.propose_fates(
            actor=coordinator_of(self.plan),
            plan=self.plan,
            kind=FateKind.CLOSE,
            assignment_ids=[row.pk],
            basis="Nghị quyết số 12/NQ-HĐND",
            at=NOW,
        )

    def an_approved_decision(self):
        return fates.approve_fates(
            actor=coordinator_of(self.plan), decision=self.a_proposal(), version=1, at=NOW
        )

    def a_difficulty(self, **fields):
        return DifficultyFactory(plan=self.plan, organisation=self.body, **fields)


def start_import(scene, actor):
    imports.start_import(
        actor=actor,
        managed_by_id=scene.department.pk,
        upload=UploadFactory(name="qd.txt"),
        reading=READING,
        at=NOW,
    )


def take_in_decision(scene, actor):
    try:
        imports.take_in_decision(
            actor=actor, managed_by_id=scene.department.pk, name="qd.txt", content=b"", at=NOW
        )
    except UnreadableFile:
        return  # allowed in, and told that the file is empty


def import_again(scene, actor):
    upload = UploadFactory(name="qd.txt", content="Không phải quyết định.\n".encode())
    try:
        imports.import_again(actor=actor, plan_import=scene.an_import(upload=upload), at=NOW)
    except UnreadableFile:
        return


def save_import_step(scene, actor):
    imports.save_import_step(
        actor=actor,
        plan_import=scene.an_import(),
        version=1,
        change=lambda draft: replace(draft, tasks=()),
        at=NOW,
    )


def abandon_import(scene, actor):
    imports.abandon_import(actor=actor, plan_import=scene.an_import(), version=1, at=NOW)


def reopen_import(scene, actor):
    gone = scene.an_import(state=ImportState.ABANDONED)
    imports.reopen_import(actor=actor, plan_import=gone, version=1, at=NOW)


def approve_import(scene, actor):
    try:
        imports.approve_import(actor=actor, plan_import=scene.an_import(), version=1, at=NOW)
    except NotReady:
        return  # allowed in, and told what is missing


def start_amendment(scene, actor):
    amendments.start_amendment(
        actor=actor,
        plan=scene.plan,
        name="sua-doi.txt",
        content="Quyết định sửa đổi".encode(),
        is_whole=False,
        at=NOW,
    )


def approve_amendment(scene, actor):
    amends = {"amends": scene.plan, "base_version": 1}
    try:
        amendments.approve_amendment(
            actor=actor, plan_import=scene.an_import(**amends), version=1, at=NOW
        )
    except NotReady:
        return  # allowed in, and told what is missing


def set_central_links(scene, actor):
    central.set_central_links(actor=actor, task=scene.assignment.task, seen=(), wanted=(), at=NOW)


def decide_substitution(scene, actor):
    gone = GroupFactory(kinds=[OrgKind.DISTRICT])
    TaskFactory(plan=scene.plan, lead=[gone])
    substitutions.decide_substitution(
        actor=actor,
        plan=scene.plan,
        version=1,
        stand_in=StandIn(scene.plan.valid.lower, group_id=gone.pk),
        basis="Nghị quyết số 1664/NQ-UBTVQH15",
        at=NOW,
    )


def propose_fates(scene, actor):
    body = OrganisationFactory(valid_to=date(2026, 7, 1))
    row = AssignmentFactory(task=scene.assignment.task, organisation=body)
    fates.propose_fates(
        actor=actor,
        plan=scene.plan,
        kind=FateKind.LAPSE,
        assignment_ids=[row.pk],
        basis="Nghị quyết số 12/NQ-HĐND",
        at=NOW,
    )


def approve_fates(scene, actor):
    fates.approve_fates(actor=actor, decision=scene.a_proposal(), version=1, at=NOW)


def hand_back_fates(scene, actor):
    fates.hand_back_fates(actor=actor, decision=scene.a_proposal(), at=NOW, reason="Xem lại")


def undo_fates(scene, actor):
    decision = scene.an_approved_decision()
    fates.undo_fates(
        actor=actor, decision=decision, version=decision.version, at=NOW, reason="Nhầm"
    )


def urge(scene, actor):
    Assignment.objects.filter(pk=scene.assignment.pk).update(due_on=date(2026, 9, 1))
    urging.urge(
        actor=actor,
        plan=scene.plan,
        assignment_ids=[scene.assignment.pk],
        one_each=False,
        again=True,
        at=NOW,
    )


def end_plan(scene, actor):
    ending.end_plan(
        actor=actor,
        plan=scene.plan,
        version=1,
        last_day=date(2027, 6, 30),
        basis="Quyết định số 12/QĐ-UBND",
        at=NOW,
    )


def set_deliverables(scene, actor):
    deliverables.set_deliverables(
        actor=actor,
        task=scene.assignment.task,
        version=1,
        wanted=[deliverables.Wanted("Kết quả")],
    )


def keep_update_draft(scene, actor):
    update_drafts.keep_update_draft(
        actor=actor, assignment=scene.assignment, typed={"narrative": "Đang"}, at=NOW
    )


def post_update(scene, actor):
    progress.post_update(
        actor=actor,
        assignment=scene.assignment,
        version=1,
        at=NOW,
        narrative="Đã làm",
        achievement=Achievement.LIMITED,
    )


def a_subtask(scene):
    return SubtaskFactory(assignment=scene.assignment)


def add_subtask(scene, actor):
    subtasks.add_subtask(
        actor=actor, assignment=scene.assignment, title="Soạn", division="Văn phòng", at=NOW
    )


def change_subtask(scene, actor):
    subtasks.change_subtask(
        actor=actor,
        subtask=a_subtask(scene),
        version=1,
        title="Soạn",
        division="Văn phòng",
        at=NOW,
    )


def finish_subtask(scene, actor):
    subtasks.finish_subtask(actor=actor, subtask=a_subtask(scene), at=NOW)


def reopen_subtask(scene, actor):
    done = SubtaskFactory(assignment=scene.assignment, done=True)
    subtasks.reopen_subtask(actor=actor, subtask=done, at=NOW)


def drop_subtask(scene, actor):
    subtasks.drop_subtask(actor=actor, subtask=a_subtask(scene), at=NOW)


def restore_subtask(scene, actor):
    dropped = SubtaskFactory(assignment=scene.assignment, dropped=True)
    subtasks.restore_subtask(actor=actor, subtask=dropped, at=NOW)


def add_evidence(scene, actor):
    progress.add_evidence(
        actor=actor,
        assignment=scene.assignment,
        at=NOW,
        kind=EvidenceKind.DOCUMENT,
        title="Báo cáo",
        name="bao-cao.pdf",
        content=PDF,
    )


def withdraw_evidence(scene, actor):
    progress.withdraw_evidence(
        actor=actor,
        evidence=EvidenceFactory(assignment=scene.assignment),
        reason="Nhầm",
        at=NOW,
    )


def replace_evidence(scene, actor):
    progress.replace_evidence(
        actor=actor,
        evidence=EvidenceFactory(assignment=scene.assignment, link="https://a.vn/1"),
        at=NOW,
        title="Bản mới",
        link="https://a.vn/2",
    )


def reuse_evidence(scene, actor):
    progress.reuse_evidence(
        actor=actor,
        evidence=EvidenceFactory(assignment__organisation=scene.body),
        assignment=scene.assignment,
        at=NOW,
    )


def ask_for_parts(scene, actor):
    helper = AssignmentFactory(task=scene.assignment.task, role=PartyRole.COORDINATING)
    requests.ask_for_parts(
        actor=actor,
        lead=scene.assignment,
        assignment_ids=[helper.pk],
        text="Gửi số liệu",
        due_on=NOW.date(),
        at=NOW,
    )


def answer_request(scene, actor):
    requests.answer_request(
        actor=actor,
        request=scene.a_request_to_the_body(),
        version=1,
        assignment_version=1,
        narrative="Đã gửi",
        achievement=Achievement.LIMITED,
        at=NOW,
    )


def decline_request(scene, actor):
    requests.decline_request(
        actor=actor, request=scene.a_request_to_the_body(), version=1, reason="Không có", at=NOW
    )


def withdraw_request(scene, actor):
    asked = ContributionRequestFactory(lead=scene.assignment)
    requests.withdraw_request(actor=actor, request=asked, version=1, reason="Nhầm", at=NOW)


def ask_for_extension(scene, actor):
    extensions.ask_for_extension(
        actor=actor,
        assignment=scene.assignment,
        reason="Chờ kinh phí",
        proposed_due_on=date(2027, 3, 31),
        at=NOW,
    )


def grant_extension(scene, actor):
    extensions.grant_extension(
        actor=actor,
        extension=DeadlineExtensionFactory(assignment=scene.assignment),
        version=1,
        due_on=date(2027, 3, 31),
        basis="Công văn số 12/SKHCN",
        at=NOW,
    )


def refuse_extension(scene, actor):
    extensions.refuse_extension(
        actor=actor,
        extension=DeadlineExtensionFactory(assignment=scene.assignment),
        version=1,
        reason="Đã đủ thời gian",
        at=NOW,
    )


def withdraw_extension(scene, actor):
    extensions.withdraw_extension(
        actor=actor,
        extension=DeadlineExtensionFactory(assignment=scene.assignment),
        version=1,
        reason="Đã kịp",
        at=NOW,
    )


def ask_for_exception(scene, actor):
    locks.ask_for_exception(
        actor=actor,
        plan=scene.plan,
        organisation_id=scene.body.pk,
        kind=LockKind.YEAR,
        number=2026,
        title="Kết quả năm 2026",
        reason="Ghi nhầm",
        expires_at=NOW + timedelta(days=3),
        at=NOW,
    )


def approve_exception(scene, actor):
    locks.approve_exception(
        actor=actor,
        exception=LockExceptionFactory(plan=scene.plan, organisation=scene.body, requested_at=NOW),
        version=1,
        expires_at=NOW + timedelta(days=3),
        at=NOW,
    )


def close_exception(scene, actor):
    locks.close_exception(
        actor=actor,
        exception=LockExceptionFactory(plan=scene.plan, organisation=scene.body, requested_at=NOW),
        version=1,
        reason="Không cần",
        at=NOW,
    )


def raise_difficulty(scene, actor):
    difficulties.raise_difficulty(
        actor=actor,
        plan=scene.plan,
        organisation_id=scene.body.pk,
        title="Vướng",
        text="Nội dung",
        at=NOW,
    )


def withdraw_difficulty(scene, actor):
    difficulties.withdraw_difficulty(
        actor=actor, difficulty=scene.a_difficulty(), version=1, reason="Đã xong", at=NOW
    )


def answer_difficulty(scene, actor):
    difficulties.answer_difficulty(
        actor=actor, difficulty=scene.a_difficulty(), version=1, answer="Trả lời", at=NOW
    )


def escalate_difficulty(scene, actor):
    difficulties.escalate_difficulty(
        actor=actor, difficulty=scene.a_difficulty(), version=1, escalation="Trình", at=NOW
    )


def settle_difficulty(scene, actor):
    difficulties.settle_difficulty(
        actor=actor,
        difficulty=scene.a_difficulty(escalated=True),
        version=1,
        direction="Chỉ đạo",
        at=NOW,
    )
