"""Opening things to the public and taking them back. What is opened is what the preview showed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from chuan.core.audit.operations import record
from chuan.core.people.models import Person
from chuan.flows.annual_report.enums import ConsolidationState
from chuan.flows.annual_report.models import Consolidation, ReportingPeriod
from chuan.flows.portal import rules
from chuan.flows.portal.enums import PublicationKind
from chuan.flows.portal.models import LIVE, Publication, PublishedFile
from chuan.flows.portal.queries.drafts import Draft, answer_draft, plan_draft, results_draft
from chuan.lib.rules import Denied
from chuan.lib.vietnamese import clean
from chuan.modules.plans import facade as plans


class PreviewOutdated(Exception):
    """What would become public is no longer what the person was shown; nothing was published."""


@transaction.atomic
def publish_plan(*, actor: Person, plan_id: int, seen: str, at: datetime) -> Publication:
    """Open a plan and its tasks, or put the present wording in the place of what is open.

    :param seen: the hash of the preview.
    :raises Denied: not a leader of the department that watches over it.
    :raises PreviewOutdated: the plan changed since the preview.
    """
    plan = plans.plan(plan_id)
    rules.publish.require(actor, plan.managed_by_id)
    return _publish(
        actor, PublicationKind.PLAN, plan_id, _as_seen(plan_draft(plan_id), seen), at, {}
    )


@transaction.atomic
def publish_results(
    *, actor: Person, consolidation: Consolidation, seen: str, at: datetime
) -> Publication:
    """Open the numbers and documents of a closed consolidation; they replace those of an earlier one
    of the same period.

    :raises Denied: not a leader of the department, not closed, a later one of the period is closed,
        or the plan itself is not public.
    :raises PreviewOutdated: a document was issued since the preview.
    """
    # Closing locks the period too: no later consolidation closes between this look and the act.
    period = ReportingPeriod.objects.select_for_update().get(pk=consolidation.period_id)
    rules.publish.require(actor, period.managed_by_id)
    _require_public_plan(period.plan_id)
    _require_last_closed(consolidation)
    draft = _as_seen(results_draft(consolidation), seen)
    subject = {"period": period, "consolidation": consolidation}
    return _publish(actor, PublicationKind.RESULTS, period.plan_id, draft, at, subject)


@transaction.atomic
def publish_answer(
    *, actor: Person, difficulty_id: int, plan_id: int, question: str, answer: str, at: datetime
) -> Publication:
    """Open a question and its answer, in the words the department chose for the public.

    :raises Denied: not a leader of the department, nothing answered, or the plan is not public.
    :raises ValidationError: the question or the answer is empty.
    """
    plan = plans.plan(plan_id)
    rules.publish.require(actor, plan.managed_by_id)
    _require_public_plan(plan_id)
    difficulty = answered(plan_id, difficulty_id)
    question, answer = clean(question), answer.strip()
    faults = {}
    if not question:
        faults["question"] = _("Nhập câu hỏi công khai.")
    if not answer:
        faults["answer"] = _("Nhập nội dung trả lời công khai.")
    if faults:
        raise ValidationError(faults)
    draft = answer_draft(difficulty, question=question, answer=answer)
    subject = {"difficulty_id": difficulty_id}
    return _publish(actor, PublicationKind.ANSWER, plan_id, draft, at, subject)


@transaction.atomic
def withdraw_publication(
    *, actor: Person, publication: Publication, reason: str, at: datetime
) -> Publication:
    """Take something back at once; what the public could read stays on record here.

    Results and answers of a plan are out of sight with it, and return with it.

    :raises Denied: not of the department, or taken back already.
    :raises ValidationError: no reason given.
    """
    publication = Publication.objects.select_for_update().get(pk=publication.pk)
    rules.withdraw.require(actor, publication, plans.plan(publication.plan_id).managed_by_id)
    reason = clean(reason)
    if not reason:
        raise ValidationError({"reason": _("Nhập lý do gỡ.")})
    _withdraw(actor, publication, reason, at)
    record(action="portal.withdrawn", actor=actor, subject=publication, reason=reason)
    return publication


def answered(plan_id: int, difficulty_id: int) -> plans.DifficultyRef:
    """:raises Denied: there is no such difficulty in the plan, or it was taken back."""
    for one in plans.difficulties_of(plan_id):
        if one.id == difficulty_id:
            return one
    raise Denied(_("Vướng mắc này không còn trong kế hoạch."))


def _as_seen(draft: Draft, seen: str) -> Draft:
    if draft.sha256 != seen:
        raise PreviewOutdated
    return draft


def _require_public_plan(plan_id: int) -> None:
    if not Publication.objects.filter(LIVE, kind=PublicationKind.PLAN, plan=plan_id).exists():
        raise Denied(_("Hãy công khai kế hoạch trước."))


def _require_last_closed(consolidation: Consolidation) -> None:
    later = Consolidation.objects.filter(
        period=consolidation.period_id,
        state=ConsolidationState.CLOSED,
        number__gt=consolidation.number,
    )
    if later.exists():
        raise Denied(_("Kỳ này đã chốt bản tổng hợp mới hơn; hãy công khai bản đó."))


def _publish(
    actor: Person,
    kind: PublicationKind,
    plan_id: int,
    draft: Draft,
    at: datetime,
    subject: Mapping[str, object],
) -> Publication:
    earlier = {key: value for key, value in subject.items() if key != "consolidation"}
    for one in Publication.objects.select_for_update().filter(
        LIVE, kind=kind, plan=plan_id, **earlier
    ):
        _withdraw(actor, one, _("Thay bằng bản công khai mới."), at)
    made = Publication.objects.create(
        kind=kind,
        plan_id=plan_id,
        content=draft.content,
        sha256=draft.sha256,
        lines=sorted(draft.lines),
        published_by=actor,
        published_at=at,
        **subject,
    )
    PublishedFile.objects.bulk_create(
        PublishedFile(publication=made, upload=upload) for upload in draft.uploads
    )
    record(
        action="portal.published",
        actor=actor,
        subject=made,
        sha256=made.sha256,
        files=[upload.pk for upload in draft.uploads],
    )
    return made


def _withdraw(actor: Person, publication: Publication, reason: str, at: datetime) -> None:
    publication.withdrawn_by, publication.withdrawn_at = actor, at
    publication.withdrawn_reason = reason
    publication.save(update_fields=["withdrawn_by", "withdrawn_at", "withdrawn_reason"])
