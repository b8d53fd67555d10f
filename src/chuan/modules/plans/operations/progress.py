"""Telling progress and showing evidence."""

from __future__ import annotations

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.core.validators import URLValidator
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chuan.core.audit.operations import record
from chuan.core.files.models import Upload
from chuan.core.files.operations import store_upload
from chuan.core.people.models import Person
from chuan.lib.language import in_vietnamese
from chuan.lib.rules import Denied
from chuan.lib.vietnamese import format_date
from chuan.modules.plans import rules
from chuan.modules.plans.enums import Achievement, EvidenceKind, LeadMode, PartyRole
from chuan.modules.plans.models import Assignment, Deliverable, Evidence, ProgressUpdate
from chuan.modules.plans.operations.any_of import settle_any_of
from chuan.modules.plans.operations.update_drafts import drop_update_draft
from chuan.modules.plans.queries.any_of import shared_by_any
from chuan.modules.plans.queries.assignments import Proof, Shown, proof_of

_is_web_address = URLValidator(schemes=["http", "https"])


@transaction.atomic
def post_update(
    *,
    actor: Person,
    assignment: Assignment,
    version: int,
    at: datetime,
    narrative: str = "",
    achievement: Achievement,
    percent: int | None = None,
    percent_reason: str = "",
    finished_on: date | None = None,
) -> ProgressUpdate:
    """Tell how far a body is with one assignment, and make that its standing.

    :param version: of the assignment as the person saw it.
    :param percent: when the body's own estimate differs from what its evidence shows.
    :param finished_on: for a complete task, the day it was done; the day of telling when left out.
    :raises Denied: not a clerk or head of the body, the period has not begun, or the plan has
        ended.
    :raises Conflict: somebody changed the assignment since that version.
    :raises ValidationError: by field: nothing told, an estimate without a reason, a completion
        without the evidence the task asks for.
    """
    assignment = _locked(assignment)
    on = timezone.localdate(at)
    rules.post_update.require(actor, assignment, on)
    if assignment.version != version:
        raise rules.Conflict(assignment)
    proof = _proof(assignment)
    done_on = _done_on(assignment, achievement, finished_on, on)
    _check_not_dated_back(assignment, done_on)
    _check_told(assignment, narrative, percent, percent_reason, proof)
    if achievement == Achievement.COMPLETE and not assignment.task.heading_only:
        _check_proven(proof)

    before, done_before = assignment.achievement, assignment.done_on
    assignment.achievement = achievement
    assignment.percent, assignment.percent_reason = percent, percent_reason
    assignment.done_on = done_on
    if done_on is not None:
        assignment.relieved_on = None
    assignment.version += 1
    assignment.updated_at = at
    assignment.save(
        update_fields=[
            "achievement",
            "percent",
            "percent_reason",
            "done_on",
            "relieved_on",
            "version",
            "updated_at",
        ]
    )
    update = ProgressUpdate.objects.create(
        assignment=assignment,
        narrative=narrative,
        achievement=achievement,
        percent=percent,
        percent_reason=percent_reason,
        made_by=actor,
        made_at=at,
    )
    drop_update_draft(actor=actor, assignment=assignment)
    others = (
        settle_any_of([assignment.task_id], at=at, actor=actor)
        if assignment.role == PartyRole.LEAD and done_on != done_before
        else []
    )
    record(
        action="plans.progress_posted",
        actor=actor,
        subject=assignment,
        update=update.pk,
        before=before,
        after=str(achievement),
        done_on=done_on.isoformat() if done_on else None,
        others_changed=[one.pk for one in others if one.pk != assignment.pk],
    )
    return update


@transaction.atomic
def add_evidence(
    *,
    actor: Person,
    assignment: Assignment,
    at: datetime,
    kind: EvidenceKind,
    title: str,
    deliverable: Deliverable | None = None,
    name: str = "",
    content: File[bytes] | bytes | None = None,
    link: str = "",
) -> Evidence:
    """Attach one file or one link that proves something was done.

    :param name: of the file, as the person's machine called it.
    :raises Denied: as for `post_update`, and for a task followed by its heading alone.
    :raises FileRefused: the file is not taken; the message says why.
    :raises ValidationError: neither or both of file and link, a link that is no web address, a
        deliverable of another task or taken off this one meanwhile.
    """
    assignment = _locked(assignment)
    rules.add_evidence.require(actor, assignment, timezone.localdate(at))
    _check_deliverable(assignment, deliverable)
    upload = _checked_upload(actor, title=title, name=name, content=content, link=link)
    evidence = Evidence.objects.create(
        assignment=assignment,
        deliverable=deliverable,
        kind=kind,
        title=title,
        upload=upload,
        link=link,
        added_by=actor,
        added_at=at,
        first_added_at=at,
    )
    record(
        action="plans.evidence_added",
        actor=actor,
        subject=evidence,
        assignment=assignment.pk,
        sha256=upload.file.sha256 if upload else None,
    )
    return evidence


@transaction.atomic
def replace_evidence(
    *,
    actor: Person,
    evidence: Evidence,
    at: datetime,
    title: str,
    name: str = "",
    content: File[bytes] | bytes | None = None,
    link: str = "",
) -> Evidence:
    """Put a corrected file or link in the place of one; it proves the same and counts instead.

    The earlier version is kept as it was, with its hash, and leads to the new one.

    :raises Denied: as for `add_evidence`, or the evidence counts no more.
    :raises FileRefused: the file is not taken; the message says why.
    :raises ValidationError: neither or both of file and link, a link that is no web address, no
        title, or the very same bytes again.
    """
    assignment = _locked(evidence.assignment)
    evidence = Evidence.objects.select_for_update().get(pk=evidence.pk)
    evidence.assignment = assignment
    rules.replace_evidence.require(actor, evidence, timezone.localdate(at))
    upload = _checked_upload(actor, title=title, name=name, content=content, link=link)
    before = evidence.upload
    if (upload and before and upload.file_id == before.file_id) or (link and link == evidence.link):
        raise ValidationError({"content": _("Bản này giống hệt bản đang có.")})
    evidence.withdrawn_by, evidence.withdrawn_at = actor, at
    evidence.withdrawn_reason = _replaced()
    evidence.save(update_fields=["withdrawn_by", "withdrawn_at", "withdrawn_reason"])
    newer = Evidence.objects.create(
        assignment=assignment,
        deliverable_id=evidence.deliverable_id,
        kind=evidence.kind,
        title=title,
        upload=upload,
        link=link,
        replaces=evidence,
        added_by=actor,
        added_at=at,
        first_added_at=evidence.first_added_at,
    )
    record(
        action="plans.evidence_replaced",
        actor=actor,
        subject=newer,
        assignment=assignment.pk,
        replaces=evidence.pk,
        before=before.file.sha256 if before else None,
        sha256=upload.file.sha256 if upload else None,
    )
    return newer


@in_vietnamese
def _replaced() -> str:
    return _("Đã thay bằng bản mới.")


@transaction.atomic
def reuse_evidence(
    *,
    actor: Person,
    evidence: Evidence,
    assignment: Assignment,
    at: datetime,
    deliverable: Deliverable | None = None,
) -> Evidence:
    """Show evidence of one assignment for another of the same body, without a second copy.

    :raises Denied: as for `add_evidence`.
    :raises ValidationError: evidence of another body, withdrawn, or shown here already; a
        deliverable of another task.
    """
    assignment = _locked(assignment)
    rules.add_evidence.require(actor, assignment, timezone.localdate(at))
    evidence = Evidence.objects.select_related("assignment").get(pk=evidence.pk)
    if (
        evidence.assignment.organisation_id != assignment.organisation_id
        or evidence.withdrawn_at is not None
    ):
        raise ValidationError({"evidence": _("Chọn minh chứng đang được tính của cơ quan bạn.")})
    shown = assignment.evidence.filter(withdrawn_at__isnull=True, deliverable=deliverable)
    if shown.filter(upload__file=evidence.upload.file_id if evidence.upload else None).filter(
        link=evidence.link
    ):
        raise ValidationError({"evidence": _("Minh chứng này đã có ở đây.")})
    _check_deliverable(assignment, deliverable)
    reused = Evidence.objects.create(
        assignment=assignment,
        deliverable=deliverable,
        kind=evidence.kind,
        title=evidence.title,
        upload=evidence.upload,
        link=evidence.link,
        reused_from=evidence,
        added_by=actor,
        added_at=at,
        first_added_at=at,
    )
    record(
        action="plans.evidence_reused",
        actor=actor,
        subject=reused,
        assignment=assignment.pk,
        reused_from=evidence.pk,
    )
    return reused


def _check_deliverable(assignment: Assignment, deliverable: Deliverable | None) -> None:
    if (
        deliverable is not None
        and not assignment.task.deliverables.filter(pk=deliverable.pk).exists()
    ):
        raise ValidationError({"deliverable": _("Chọn kết quả đầu ra của nhiệm vụ này.")})


def _checked_upload(
    actor: Person, *, title: str, name: str, content: File[bytes] | bytes | None, link: str
) -> Upload | None:
    """The file taken in, or None for a link; one of the two, and a name for it."""
    if (content is None) == (not link):
        raise ValidationError({"content": _("Chọn một tệp hoặc nhập một liên kết.")})
    if not title:
        raise ValidationError({"title": _("Nhập tên minh chứng.")})
    if content is not None:
        return store_upload(actor=actor, name=name, content=content)
    try:
        _is_web_address(link)
    except ValidationError:
        message = _("Liên kết phải là địa chỉ trang web, bắt đầu bằng https:// hoặc http://.")
        raise ValidationError({"link": message}) from None
    return None


@transaction.atomic
def withdraw_evidence(*, actor: Person, evidence: Evidence, reason: str, at: datetime) -> Evidence:
    """Take back a piece of evidence; it stays on record with the reason.

    :raises Denied: not of the actor's body, withdrawn already, or a completed task would be left
        without the evidence it asks for.
    :raises ValidationError: no reason is given.
    """
    assignment = _locked(evidence.assignment)
    evidence = Evidence.objects.select_for_update().get(pk=evidence.pk)
    evidence.assignment = assignment
    rules.withdraw_evidence.require(actor, evidence, timezone.localdate(at))
    if not reason:
        raise ValidationError({"reason": _("Nhập lý do rút minh chứng.")})
    if (
        assignment.achievement == Achievement.COMPLETE
        and not _proof(assignment, without=evidence).is_whole
    ):
        raise Denied(
            _(
                "Nhiệm vụ đang ghi “Hoàn thành” và cần minh chứng này. "
                "Thêm minh chứng thay thế hoặc ghi lại mức độ hoàn thành trước khi rút."
            )
        )
    evidence.withdrawn_by, evidence.withdrawn_at = actor, at
    evidence.withdrawn_reason = reason
    evidence.save(update_fields=["withdrawn_by", "withdrawn_at", "withdrawn_reason"])
    record(
        action="plans.evidence_withdrawn",
        actor=actor,
        subject=evidence,
        assignment=assignment.pk,
        reason=reason,
    )
    return evidence


def _locked(assignment: Assignment) -> Assignment:
    # Two people of one body can tell at once; and evidence may not leave while another completes.
    # Nor may what the task must bring forth change meanwhile: a shared lock, for bodies do not wait
    # for each other, only for `set_deliverables`, and it for them.
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM plans_task WHERE id = %s FOR SHARE", [assignment.task_id])
    # Where one body is enough, two may finish at once: all of theirs in one order.
    if assignment.role == PartyRole.LEAD and assignment.task.lead_mode == LeadMode.ANY:
        list(
            shared_by_any([assignment.task_id])
            .order_by("pk")
            .select_for_update(of=("self",))
            .values_list("pk")
        )
    return (
        Assignment.objects.select_for_update(of=("self",))
        .select_related("task__plan")
        .get(pk=assignment.pk)
    )


def _proof(assignment: Assignment, without: Evidence | None = None) -> Proof:
    shown: list[Shown] = [
        (given_for, kind)
        for pk, given_for, kind in assignment.evidence.filter(
            withdrawn_at__isnull=True
        ).values_list("pk", "deliverable_id", "kind")
        if without is None or pk != without.pk
    ]
    return proof_of(assignment.task.deliverables.order_by("position", "pk"), shown)


def _check_told(
    assignment: Assignment, narrative: str, percent: int | None, reason: str, proof: Proof
) -> None:
    if assignment.task.heading_only:
        if narrative or percent is not None or reason:
            message = _("Nhiệm vụ này chỉ theo dõi đầu mục: chỉ ghi mức độ hoàn thành.")
            raise ValidationError({"narrative": message})
        return
    if not narrative:
        raise ValidationError({"narrative": _("Nhập nội dung tiến độ.")})
    if percent is None:
        return
    if not 0 <= percent <= 100:
        raise ValidationError({"percent": _("Tiến độ phải từ 0 đến 100.")})
    if percent != proof.percent and not reason:
        message = _(
            "Minh chứng cho thấy %(shown)s%%, bạn ghi %(told)s%%. Nhập lý do khác nhau."
        ) % {"shown": proof.percent, "told": percent}
        raise ValidationError({"percent_reason": message})


def _check_proven(proof: Proof) -> None:
    if proof.is_whole:
        return
    wanted = "; ".join(_wanted(item) for item in proof.missing)
    message = _("Chưa ghi “Hoàn thành” được: còn thiếu minh chứng cho %(wanted)s.")
    raise ValidationError({"achievement": message % {"wanted": wanted}})


def _wanted(item: Deliverable) -> str:
    kinds = [EvidenceKind(kind).label.lower() for kind in item.evidence_kinds]
    return (
        f"“{item.title}” ({' {} '.format(_('hoặc')).join(kinds)})" if kinds else f"“{item.title}”"
    )


def _check_not_dated_back(assignment: Assignment, done_on: date | None) -> None:
    if done_on is None:
        return
    closing = rules.closing_of(assignment)
    if closing is not None and done_on < closing.on:
        message = _(
            "Năm %(year)s đã chốt ngày %(day)s: ngày hoàn thành từ ngày đó trở đi. Nếu thực sự xong "
            "trước, xin mở khóa ở trang “Khóa và mở khóa”."
        ) % {"year": closing.year, "day": format_date(closing.on)}
        raise ValidationError({"finished_on": message})


def _done_on(
    assignment: Assignment, achievement: Achievement, finished_on: date | None, on: date
) -> date | None:
    if achievement != Achievement.COMPLETE:
        return None
    if finished_on is None:
        return assignment.done_on or on
    if finished_on > on:
        raise ValidationError({"finished_on": _("Ngày hoàn thành không thể sau hôm nay.")})
    if finished_on < assignment.period_start:
        message = _("Ngày hoàn thành không thể trước ngày bắt đầu kỳ, %(day)s.")
        raise ValidationError(
            {"finished_on": message % {"day": format_date(assignment.period_start)}}
        )
    return finished_on
