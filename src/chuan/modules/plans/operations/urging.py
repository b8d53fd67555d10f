"""Urging those who are late: letters in the register and notices to their people, in one act.

Letters are drawn before anything is locked; what was drawn is kept only if it still holds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chuan.core.audit.operations import record
from chuan.core.calendar.queries import working_calendar
from chuan.core.documents.enums import DocumentType, FilePurpose, RelationKind
from chuan.core.documents.issued import as_issued
from chuan.core.documents.layout import Document, render_docx, render_pdf
from chuan.core.documents.models import OfficialDocument
from chuan.core.documents.operations import draft_document
from chuan.core.documents.parts import Mention, NewFile
from chuan.core.notices.operations import Words, tell_each
from chuan.core.people.models import Person
from chuan.core.people.queries import holders_of_each
from chuan.lib.language import in_vietnamese
from chuan.lib.rules import Denied
from chuan.lib.vietnamese import fold, format_date, format_number
from chuan.modules.plans import rules
from chuan.modules.plans.models import Assignment, Plan, Urging, UrgingLetter
from chuan.modules.plans.queries.overdue import last_urged, overdue_work
from chuan.modules.plans.queries.urging import rows_of, urging_letter

# Letters drawn while somebody waits: each takes a good part of a second.
MOST_LETTERS = 30


class UrgedToday(Denied):
    """Some were urged on this day already; `count` of them."""

    def __init__(self, count: int) -> None:
        super().__init__(
            ngettext(
                "%(count)s phân công đã được đôn đốc hôm nay.",
                "%(count)s phân công đã được đôn đốc hôm nay.",
                count,
            )
            % {"count": format_number(count)}
        )
        self.count = count


def urge(
    *,
    actor: Person,
    plan: Plan,
    assignment_ids: Sequence[int],
    one_each: bool,
    again: bool,
    at: datetime,
) -> Urging:
    """Write to the bodies that lead these assignments and are late, and notify their people.

    :param one_each: a letter to each body, not one to all of them.
    :param again: also what was urged on this day already.
    :raises UrgedToday: some were, and `again` was not said.
    :raises Denied: not a coordinator, nothing chosen, too many letters at once, or something chosen
        is no longer late.
    """
    rules.urge.require(actor, plan)
    on = timezone.localdate(at)
    chosen = _chosen(plan, assignment_ids, at)
    _require_not_urged(chosen, at, again=again)
    letters = _letters(chosen, one_each=one_each)
    if len(letters) > MOST_LETTERS:
        raise Denied(
            _(
                "Mỗi lần lập nhiều nhất %(most)s công văn riêng; đang chọn %(count)s cơ quan. Chọn ít "
                "hơn hoặc lập một công văn chung."
            )
            % {"most": format_number(MOST_LETTERS), "count": format_number(len(letters))}
        )
    calendar = working_calendar(on=on)
    drawn = []
    for assignments in letters:
        rows = rows_of(assignments, calendar, on)
        letter = urging_letter(plan, rows, dated=on)
        drawn.append((assignments, rows, letter, _files(letter, _name(plan, rows))))
    return _keep(actor, plan, drawn, again=again, at=at)


def _chosen(plan: Plan, assignment_ids: Sequence[int], at: datetime) -> list[Assignment]:
    if not assignment_ids:
        raise Denied(_("Chọn ít nhất một phân công quá hạn."))
    late = overdue_work(plan, timezone.localdate(at)).filter(pk__in=set(assignment_ids))
    found = list(
        late.order_by(F("body_sort_key"), "organisation", "due_on", "task__position", "pk")
    )
    if len(found) != len(set(assignment_ids)):
        raise Denied(
            _("Có phân công vừa hoàn thành hoặc đổi hạn. Mở lại danh sách quá hạn để chọn lại.")
        )
    return found


def _require_not_urged(chosen: Sequence[Assignment], at: datetime, *, again: bool) -> None:
    today = timezone.localdate(at)
    urged = last_urged([one.pk for one in chosen])
    count = sum(timezone.localdate(last) == today for last in urged.values())
    if count and not again:
        raise UrgedToday(count)


def _letters(chosen: Sequence[Assignment], *, one_each: bool) -> list[list[Assignment]]:
    if not one_each:
        return [list(chosen)]
    by_body: dict[int, list[Assignment]] = defaultdict(list)
    for one in chosen:
        by_body[one.organisation_id].append(one)
    return list(by_body.values())


Drawn = tuple[list[Assignment], list[dict[str, Any]], Document, list[NewFile]]


@transaction.atomic
def _keep(
    actor: Person, plan: Plan, drawn: Sequence[Drawn], *, again: bool, at: datetime
) -> Urging:
    plan = Plan.objects.select_for_update(of=("self",)).select_related("document").get(pk=plan.pk)
    rules.urge.require(actor, plan)
    ids = [one.pk for assignments, *_rest in drawn for one in assignments]
    chosen = _chosen(plan, ids, at)
    # Two coordinators may have had the same list open.
    _require_not_urged(chosen, at, again=again)
    urging = Urging.objects.create(plan=plan, made_by=actor, made_at=at)
    for assignments, rows, letter, files in drawn:
        document = draft_document(
            actor=actor,
            issuer=plan.managed_by,
            kind=DocumentType.LETTER,
            subject=letter.subject,
            recipients=letter.recipients,
            addressees=[one.organisation_id for one in assignments],
            mentions=[Mention(RelationKind.BASED_ON, plan.document.symbol)],
            files=files,
        )
        made = UrgingLetter.objects.create(urging=urging, document=document, rows=rows)
        made.assignments.set(assignments)
    record(
        action="plans.work_urged",
        actor=actor,
        subject=plan,
        urging=urging.pk,
        assignments=sorted(ids),
        letters=len(drawn),
    )
    _tell_urged(urging, chosen)
    return urging


@in_vietnamese
def _tell_urged(urging: Urging, chosen: Sequence[Assignment]) -> None:
    by_body: dict[int, list[Assignment]] = defaultdict(list)
    for one in chosen:
        by_body[one.organisation_id].append(one)
    people = holders_of_each(*rules.UNIT, organisation_ids=by_body)
    tell_each(
        ((people.get(pk, ()), _words_for(mine)) for pk, mine in by_body.items()),
        dedupe_key=f"plans.urged:{urging.pk}",
        urgent=True,
    )


def _words_for(mine: Sequence[Assignment]) -> Words:
    return Words(
        title=ngettext(
            "Đôn đốc %(count)s nhiệm vụ quá hạn",
            "Đôn đốc %(count)s nhiệm vụ quá hạn",
            len(mine),
        )
        % {"count": format_number(len(mine))},
        body="\n".join(
            f"{one.task.code} {one.task.short_text} ({format_date(one.due_on)})"
            for one in mine
            if one.due_on
        ),
        url=reverse("plans:assignment", args=[mine[0].pk]),
    )


def drawn_as_issued(document: OfficialDocument) -> list[NewFile]:
    """The files of an urging letter with number, day and signer; of any other document none."""
    made = (
        UrgingLetter.objects.filter(document=document)
        .select_related("urging__plan__document")
        .first()
    )
    if made is None:
        return []
    plan = made.urging.plan
    text = urging_letter(plan, made.rows, dated=timezone.localdate(made.urging.made_at))
    name = f"{_name(plan, made.rows)}-so-{document.number:02d}"
    return _files(as_issued(text, document), name)


def _name(plan: Plan, rows: Sequence[dict[str, Any]]) -> str:
    bodies = {row["body"] for row in rows}
    whom = f"-{slugify(fold(rows[0]['body']))[:60]}" if len(bodies) == 1 else ""
    return f"cong-van-don-doc-nhiem-vu{whom}"


def _files(letter: Document, name: str) -> list[NewFile]:
    return [
        NewFile(FilePurpose.DRAFT_DOCX, f"{name}.docx", render_docx(letter)),
        NewFile(FilePurpose.DRAFT_PDF, f"{name}.pdf", render_pdf(letter)),
    ]
