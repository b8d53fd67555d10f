"""Recalls: opening, searching, ordering, telling holders, noting what became of the goods."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from chuan.core.audit.operations import record
from chuan.core.jobs.registry import job
from chuan.core.notices.operations import tell
from chuan.core.people.enums import Role
from chuan.core.people.models import Person
from chuan.core.people.queries import holders, holders_of_each
from chuan.lib.rules import Rule
from chuan.lib.vietnamese import clean
from chuan.modules.traceability import rules
from chuan.modules.traceability.engine.walk import Mode
from chuan.modules.traceability.enums import OUTCOME_MOVES, Outcome, RecallState
from chuan.modules.traceability.models import (
    Recall,
    RecallItem,
    RecallNotice,
    RecallRun,
    RecallStep,
)
from chuan.modules.traceability.operations.finds import keep_finds
from chuan.modules.traceability.queries import master
from chuan.modules.traceability.queries.affected import search
from chuan.modules.traceability.queries.recalls import (
    STILL_OUT,
    Holder,
    concerned_by,
    holders_of,
    last_run,
)

NIGHT = "traceability.search_again"


@transaction.atomic
def open_recall(
    *,
    actor: Person,
    organisation_id: int,
    title: str,
    reason: str,
    advice: str = "",
    identifiers: Sequence[str] = (),
    place: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    mode: Mode = Mode.STRICT,
    at: datetime,
) -> Recall:
    """Begin looking for goods, and look for the first time.

    :param identifiers: canonical links, or patterns of them.
    :raises Denied: the actor is no inspector of that body.
    :raises ValidationError: it begins nowhere, or ends before it begins.
    """
    rules.open_recall.require(actor, organisation_id)
    recall = Recall(
        organisation_id=organisation_id,
        title=clean(title),
        reason=clean(reason),
        advice=clean(advice),
        identifiers=list(dict.fromkeys(identifiers)),
        place=place,
        since=since,
        until=until,
        mode=mode.value,
        opened_by=actor,
        opened_at=at,
    )
    recall.full_clean()
    recall.save()
    record(
        action="traceability.recall_opened",
        actor=actor,
        subject=recall,
        identifiers=recall.identifiers,
        place=place,
        since=since and since.isoformat(),
        until=until and until.isoformat(),
    )
    _search(recall, run_by=actor, at=at)
    _ask_leaders(recall)
    return recall


def _ask_leaders(recall: Recall) -> None:
    """Whoever may order the recall learns that it waits; not who opened it, who may not."""
    leaders = holders_of_each(Role.DEPARTMENT_LEADER, organisation_ids={recall.organisation_id})
    tell(
        [one for one in leaders.get(recall.organisation_id, ()) if one.pk != recall.opened_by_id],
        dedupe_key=f"traceability.recall_opened:{recall.pk}",
        title=_("Đợt thu hồi chờ quyết định: %(title)s") % {"title": recall.title},
        body=_("%(person)s đã mở và truy tìm. Xem kết quả rồi ban hành hoặc bỏ.")
        % {"person": recall.opened_by.full_name},
        url=reverse("chains:recall", args=[recall.pk]),
        urgent=True,
    )


@transaction.atomic
def run_recall(*, actor: Person, recall: Recall, at: datetime) -> RecallRun:
    """Look again, and note what is new, gone or elsewhere since the last time.

    :raises Denied: the actor is of another body, or the recall has ended.
    """
    recall = Recall.objects.select_for_update().get(pk=recall.pk)
    rules.run_recall.require(actor, recall)
    run = _search(recall, run_by=actor, at=at)
    record(
        action="traceability.recall_run",
        actor=actor,
        subject=recall,
        number=run.number,
        items=run.item_count,
        new=run.new_count,
    )
    return run


@transaction.atomic
def search_again(*, recall: Recall, at: datetime) -> RecallRun | None:
    """Look again at night for a recall in force; its department is told when there is more than
    before."""
    recall = Recall.objects.select_for_update().get(pk=recall.pk)
    if recall.state != RecallState.ISSUED:
        return None
    run = _search(recall, run_by=None, at=at)
    record(
        action="traceability.recall_run",
        actor=None,
        by=NIGHT,
        subject=recall,
        number=run.number,
        items=run.item_count,
        new=run.new_count,
    )
    if run.new_count:
        tell(
            holders(*rules.INSPECTION, organisation_ids=[recall.organisation_id]),
            dedupe_key=f"traceability.recall_grew:{run.pk}",
            title=_("Thu hồi “%(title)s”: có thêm %(count)d mã hàng")
            % {"title": recall.title, "count": run.new_count},
            url=reverse("chains:recall", args=[recall.pk]),
            urgent=True,
        )
    return run


@job()
def search_for_recall(*, recall_id: int) -> None:
    """Look again for the goods of one recall, where it is still in force."""
    search_again(recall=Recall.objects.get(pk=recall_id), at=timezone.now())


def _search(recall: Recall, *, run_by: Person | None, at: datetime) -> RecallRun:
    return keep_finds(recall, search(recall), run_by=run_by, at=at)


@transaction.atomic
def issue_recall(
    *,
    actor: Person,
    recall: Recall,
    basis: str,
    advice: str,
    public_text: str = "",
    phone: str = "",
    version: int,
    at: datetime,
) -> Recall:
    """Order the recall: from now on holders are told and goods are taken in. What became of them since
    they were looked for last is looked for at once.

    :param basis: the decision it rests on.
    :param public_text: what people read who scan a label; the reason it was opened for is not shown.
    :param phone: whom they call.
    :raises Denied: the actor is no leader of the department, opened it, or it is in force already.
    :raises Conflict: somebody else changed it meanwhile.
    """
    recall = _locked(recall, version)
    rules.issue_recall.require(actor, recall)
    recall.state = RecallState.ISSUED
    recall.basis, recall.advice = clean(basis), clean(advice)
    recall.public_text, recall.phone = clean(public_text), clean(phone)
    recall.issued_by, recall.issued_at = actor, at
    _save(recall, "state", "basis", "advice", "public_text", "phone", "issued_by", "issued_at")
    record(action="traceability.recall_issued", actor=actor, subject=recall, basis=recall.basis)
    search_for_recall.after_commit(recall_id=recall.pk)
    return recall


@transaction.atomic
def abandon_recall(
    *, actor: Person, recall: Recall, conclusion: str, version: int, at: datetime
) -> Recall:
    """Put a search away that leads to no recall.

    :raises Denied: it is of another body, or in force.
    :raises Conflict: somebody else changed it meanwhile.
    """
    return _end(rules.abandon_recall, RecallState.ABANDONED, actor, recall, conclusion, version, at)


@transaction.atomic
def end_recall(
    *, actor: Person, recall: Recall, conclusion: str, version: int, at: datetime
) -> Recall:
    """End a recall in force, whatever is still out.

    :raises Denied: the actor is no leader of the department, or it is not in force.
    :raises Conflict: somebody else changed it meanwhile.
    """
    return _end(rules.end_recall, RecallState.ENDED, actor, recall, conclusion, version, at)


def _end(
    rule: Rule[[Person, Recall]],
    state: RecallState,
    actor: Person,
    recall: Recall,
    conclusion: str,
    version: int,
    at: datetime,
) -> Recall:
    recall = _locked(recall, version)
    rule.require(actor, recall)
    recall.state, recall.conclusion = state, clean(conclusion)
    recall.ended_by, recall.ended_at = actor, at
    _save(recall, "state", "conclusion", "ended_by", "ended_at")
    record(
        action=f"traceability.recall_{state.value}",
        actor=actor,
        subject=recall,
        still_out=concerned_by(recall).filter(STILL_OUT).count(),
    )
    return recall


@transaction.atomic
def record_outcome(
    *,
    actor: Person,
    recall: Recall,
    items: QuerySet[RecallItem],
    outcome: Outcome,
    happened_on: date,
    note: str = "",
    where: str = "",
    shown: tuple[int, int] | None = None,
    at: datetime,
) -> RecallStep:
    """Note what became of some of the goods, all in one.

    :param items: of this recall.
    :param shown: of a list that is taken as a whole: how many the page showed, and after which
        search. Nobody answers for goods they have not seen.
    :raises Denied: the actor is of another body, or the recall is not in force.
    :raises ValidationError: there are none, or others than were shown, or one of them cannot come to
        this any more; a day ahead.
    """
    recall = Recall.objects.select_for_update().get(pk=recall.pk)
    rules.work_on_recall.require(actor, recall)
    chosen = list(items.filter(recall=recall).select_for_update(of=("self",)).order_by("pk"))
    if not chosen:
        raise ValidationError(_("Hãy chọn ít nhất một mã hàng."))
    newest = last_run(recall)
    if shown is not None and shown != (len(chosen), newest.number if newest else 0):
        raise ValidationError(
            _("Danh sách vừa đổi: bây giờ có %(count)d mã. Hãy xem lại rồi ghi.")
            % {"count": len(chosen)}
        )
    if happened_on > timezone.localdate(at):
        raise ValidationError({"happened_on": _("Ngày xử lý không thể sau hôm nay.")})
    stuck = [item for item in chosen if outcome not in OUTCOME_MOVES[Outcome(item.outcome)]]
    if stuck:
        raise ValidationError(
            _("%(count)d mã đã ở trạng thái “%(state)s”, không chuyển sang “%(next)s” được.")
            % {
                "count": len(stuck),
                "state": stuck[0].get_outcome_display(),
                "next": outcome.label,
            }
        )
    step = RecallStep.objects.create(
        recall=recall,
        outcome=outcome,
        happened_on=happened_on,
        note=clean(note),
        where=clean(where)[:300],
        item_ids=[item.pk for item in chosen],
        recorded_by=actor,
        recorded_at=at,
    )
    RecallItem.objects.filter(pk__in=step.item_ids).update(outcome=outcome, step=step)
    record(
        action="traceability.recall_outcome",
        actor=actor,
        subject=recall,
        outcome=outcome.value,
        items=len(chosen),
        where=step.where,
    )
    return step


@transaction.atomic
def notify_holders(
    *, actor: Person, recall: Recall, wanted: Collection[tuple[str, str]] | None, at: datetime
) -> list[RecallNotice]:
    """Tell those who have goods of a recall; whoever has accounts here finds it in the inbox.

    Told again when asked again: a holder may have got more since.

    :param wanted: link and name of each holder; None for all who have goods still out.
    :raises Denied: the actor is of another body, or the recall is not in force.
    :raises ValidationError: nobody is left to be told.
    """
    recall = Recall.objects.select_for_update().get(pk=recall.pk)
    rules.work_on_recall.require(actor, recall)
    to_tell = holders_of(recall)
    if wanted is not None:
        chosen = set(wanted)
        to_tell = [one for one in to_tell if (one.uri, one.name) in chosen]
    if not to_tell:
        raise ValidationError(_("Không còn cơ sở nào giữ hàng phải thu hồi."))
    people = _people_of(to_tell)
    notices = RecallNotice.objects.bulk_create(
        RecallNotice(
            recall=recall,
            holder=holder.uri,
            holder_name=holder.name,
            item_count=holder.item_count,
            told_count=0,
            sent_by=actor,
            sent_at=at,
        )
        for holder in to_tell
    )
    for notice in notices:
        if people[notice.holder]:
            _tell(recall, notice, people[notice.holder])
    record(
        action="traceability.holders_notified",
        actor=actor,
        subject=recall,
        holders=len(notices),
        accounts=sum(notice.told_count for notice in notices),
    )
    return notices


def _people_of(to_tell: Collection[Holder]) -> dict[str, list[Person]]:
    """Who reads for each holder; most of thousands have nobody here."""
    bodies = master.organisations_of({holder.uri for holder in to_tell})
    people = holders_of_each(
        Role.UNIT_HEAD,
        Role.UNIT_CLERK,
        organisation_ids={body for of in bodies.values() for body in of},
    )
    return {
        uri: list({one.pk: one for body in of for one in people.get(body, ())}.values())
        for uri, of in bodies.items()
    }


def _tell(recall: Recall, notice: RecallNotice, people: Collection[Person]) -> None:
    notice.told_count = tell(
        people,
        dedupe_key=f"traceability.recall_notice:{notice.pk}",
        title=_("Thu hồi hàng hóa: %(title)s") % {"title": recall.title},
        body=_("Cơ sở đang giữ %(count)d mã hàng phải thu hồi. %(advice)s")
        % {"count": notice.item_count, "advice": recall.advice},
        url=reverse("traceability:held-recall", args=[notice.pk]),
        urgent=True,
    )
    notice.save(update_fields=["told_count"])


def _locked(recall: Recall, version: int) -> Recall:
    stored = Recall.objects.select_for_update().get(pk=recall.pk)
    if stored.version != version:
        raise rules.Conflict(stored)
    return stored


def _save(recall: Recall, *fields: str) -> None:
    recall.version += 1
    recall.full_clean()
    recall.save(update_fields=[*fields, "version"])
