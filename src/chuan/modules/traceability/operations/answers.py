"""What holders answer when they were told of a recall."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from chuan.core.audit.operations import record
from chuan.core.notices.operations import tell
from chuan.core.people.models import Person
from chuan.lib.vietnamese import clean
from chuan.modules.traceability import rules
from chuan.modules.traceability.models import Party, Recall, RecallAnswer


@transaction.atomic
def answer_recall(
    *, actor: Person, recall: Recall, party: Party, text: str, at: datetime
) -> RecallAnswer:
    """A holder says what it found and did; whoever opened the recall and ordered it is told.

    :raises Denied: the actor does not speak for the party, the party was not told of the recall, or
        that is not in force.
    :raises ValidationError: nothing is said.
    """
    recall = Recall.objects.select_for_update().get(pk=recall.pk)
    rules.answer_recall.require(actor, recall, party)
    said = clean(text)
    if not said:
        raise ValidationError({"text": _("Ghi số lượng còn giữ và việc đã làm.")})
    answer = RecallAnswer.objects.create(
        recall=recall,
        holder=party.uri,
        holder_name=party.name,
        text=said,
        answered_by=actor,
        answered_at=at,
    )
    tell(
        [one for one in (recall.opened_by, recall.issued_by) if one is not None],
        dedupe_key=f"traceability.recall_answer:{answer.pk}",
        title=_("%(party)s trả lời về thu hồi") % {"party": party.name},
        body=f"{recall.title}: {said}",
        url=reverse("chains:recall", args=[recall.pk]),
    )
    record(action="traceability.recall_answered", actor=actor, subject=recall, party=party.pk)
    return answer
