"""What a lead body asks of those that coordinate in its task, and what they answer."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chuan.core.audit.operations import record
from chuan.core.people.models import Person
from chuan.modules.plans import rules
from chuan.modules.plans.enums import Achievement, RequestState
from chuan.modules.plans.models import Assignment, ContributionRequest
from chuan.modules.plans.operations import telling
from chuan.modules.plans.operations.progress import post_update
from chuan.modules.plans.queries.assignments import coordinators_still_there

# Declining and taking back: both end a request with a reason.
Closing = Callable[..., ContributionRequest]


@transaction.atomic
def ask_for_parts(
    *,
    actor: Person,
    lead: Assignment,
    assignment_ids: Collection[int],
    text: str,
    due_on: date,
    at: datetime,
) -> list[ContributionRequest]:
    """Ask coordinators of a task for their part by a day; each is told.

    :param assignment_ids: the coordinators' assignments of the same task and days.
    :raises Denied: the actor's body does not lead the task, or nothing can be told about it.
    :raises ValidationError: by field: nobody is asked, a body that does not coordinate or has an
        open request already, no text, a day that is past.
    """
    # Two people of one body can ask at once; the second sees what the first has asked.
    lead = (
        Assignment.objects.select_for_update(of=("self",))
        .select_related("task__plan")
        .get(pk=lead.pk)
    )
    on = timezone.localdate(at)
    rules.ask_for_part.require(actor, lead, on)
    asked = _checked(lead, set(assignment_ids), text, due_on, on)
    made = ContributionRequest.objects.bulk_create(
        ContributionRequest(
            lead=lead, assignment=one, text=text, due_on=due_on, asked_by=actor, asked_at=at
        )
        for one in asked
    )
    record(
        action="plans.parts_asked",
        actor=actor,
        subject=lead,
        of=[one.organisation_id for one in asked],
        due_on=due_on.isoformat(),
    )
    for one in made:
        telling.part_asked(one, by=actor)
    return made


def _checked(
    lead: Assignment, wanted: set[int], text: str, due_on: date, on: date
) -> list[Assignment]:
    if not wanted:
        raise ValidationError({"bodies": _("Chọn ít nhất một cơ quan phối hợp.")})
    if not text:
        raise ValidationError({"text": _("Nhập nội dung đề nghị.")})
    if due_on < on:
        raise ValidationError({"due_on": _("Ngày cần có không thể trước hôm nay.")})
    begun = coordinators_still_there(lead).filter(period_start__lte=on)
    found = list(begun.filter(pk__in=wanted).select_related("task"))
    if len(found) != len(wanted):
        raise ValidationError({"bodies": _("Chọn cơ quan phối hợp của nhiệm vụ này.")})
    if lead.requests_made.filter(assignment__in=wanted, state=RequestState.ASKED).exists():
        raise ValidationError(
            {"bodies": _("Có cơ quan đang được đề nghị, chưa trả lời. Tải lại trang rồi chọn lại.")}
        )
    return found


@transaction.atomic
def answer_request(
    *,
    actor: Person,
    request: ContributionRequest,
    version: int,
    assignment_version: int,
    narrative: str,
    achievement: Achievement,
    at: datetime,
) -> ContributionRequest:
    """Give the part that was asked for: it becomes the body's progress, which the lead reads.

    What is not asked here, the body's own estimate and its reason, stays as it was told before.

    :param assignment_version: of the body's assignment as the person saw it.
    :raises Denied: not of the body that was asked, or the request waits no more.
    :raises Conflict: somebody dealt with the request since that version, or told progress since
        that of the assignment; `stored` says which.
    :raises ValidationError: as for `post_update`.
    """
    request = _locked(request, version)
    rules.answer_request.require(actor, request, timezone.localdate(at))
    standing = request.assignment
    # An estimate without a reason is what the evidence shows, and that speaks for itself.
    percent = standing.percent if standing.percent_reason else None
    request.update = post_update(
        actor=actor,
        assignment=standing,
        version=assignment_version,
        at=at,
        narrative=narrative,
        achievement=achievement,
        percent=percent,
        percent_reason=standing.percent_reason,
        finished_on=standing.done_on,
    )
    _close(request, RequestState.ANSWERED, by=actor, at=at)
    record(action="plans.part_given", actor=actor, subject=request, update=request.update.pk)
    telling.part_dealt_with(request, by=actor)
    return request


@transaction.atomic
def decline_request(
    *, actor: Person, request: ContributionRequest, version: int, reason: str, at: datetime
) -> ContributionRequest:
    """Say that the part will not come, and why; the lead is told.

    :raises Denied: not of the body that was asked, or the request waits no more.
    :raises Conflict: somebody dealt with the request since that version.
    :raises ValidationError: no reason is given.
    """
    request = _locked(request, version)
    rules.decline_request.require(actor, request)
    _close_with_reason(
        request,
        RequestState.DECLINED,
        reason,
        missing=_("Nhập lý do từ chối."),
        action="plans.part_declined",
        by=actor,
        at=at,
    )
    return request


@transaction.atomic
def withdraw_request(
    *, actor: Person, request: ContributionRequest, version: int, reason: str, at: datetime
) -> ContributionRequest:
    """Take a request back; the body that was asked is told.

    :raises Denied: not of the body that asked, or the request waits no more.
    :raises Conflict: somebody dealt with the request since that version.
    :raises ValidationError: no reason is given.
    """
    request = _locked(request, version)
    rules.withdraw_request.require(actor, request)
    _close_with_reason(
        request,
        RequestState.WITHDRAWN,
        reason,
        missing=_("Nhập lý do rút đề nghị."),
        action="plans.part_withdrawn",
        by=actor,
        at=at,
    )
    return request


def _close_with_reason(
    request: ContributionRequest,
    state: RequestState,
    reason: str,
    *,
    missing: str,
    action: str,
    by: Person,
    at: datetime,
) -> None:
    if not reason:
        raise ValidationError({"reason": missing})
    request.reason = reason
    _close(request, state, by=by, at=at)
    record(action=action, actor=by, subject=request, reason=reason)
    telling.part_dealt_with(request, by=by)


def _locked(request: ContributionRequest, version: int | None = None) -> ContributionRequest:
    # The body that was asked may answer while the one that asked takes it back.
    found = (
        ContributionRequest.objects.select_for_update(of=("self",))
        .select_related("lead__task__plan", "assignment__task__plan")
        .get(pk=request.pk)
    )
    if version is not None and found.version != version:
        raise rules.Conflict(found)
    return found


def _close(request: ContributionRequest, state: RequestState, *, by: Person, at: datetime) -> None:
    request.state = state
    request.closed_by, request.closed_at = by, at
    request.version += 1
    request.save(update_fields=["state", "update", "reason", "closed_by", "closed_at", "version"])
