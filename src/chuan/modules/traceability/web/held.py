"""What a business does that holds goods of a recall: read what is asked, see which goods, answer."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from chuan.core.orgs.queries import names_on
from chuan.core.people.http import SignedInRequest
from chuan.core.ui.forms import Form, VnLongTextField
from chuan.modules.traceability import rules
from chuan.modules.traceability.operations.answers import answer_recall
from chuan.modules.traceability.queries import held, master, registry
from chuan.modules.traceability.web.frame import page, require_part, save
from chuan.modules.traceability.web.recall_tables import amount_of

# Goods that a page tells one by one.
_MOST_GOODS = 200


class AnswerForm(Form):
    text = VnLongTextField(
        label=gettext_lazy("Trả lời cơ quan thu hồi"),
        max_length=2000,
        rows=4,
        help_text=gettext_lazy("Còn giữ bao nhiêu, để ở đâu, đã bán cho ai, đã làm gì."),
    )


@require_safe
def recalls(request: SignedInRequest) -> HttpResponse:
    require_part(request.user, registry.takes_part)
    told = held.notices_to(request.user)
    return page(request, "held_recalls", "held-recalls", notices=told)


def recall(request: SignedInRequest, told_id: int) -> HttpResponse:
    notice = get_object_or_404(held.notices_of(request.user), pk=told_id)
    party = held.party_told(request.user, notice)
    form = AnswerForm(request.POST or None)

    def act() -> None:
        answer_recall(
            actor=request.user,
            recall=notice.recall,
            party=party,
            text=form.cleaned_data["text"],
            at=timezone.now(),
        )

    if request.method == "POST" and form.is_valid() and save(form, act):
        messages.success(request, _("Đã gửi trả lời cho cơ quan thu hồi."))
        return redirect("traceability:held-recall", told_id=notice.pk)
    goods = held.goods_of(notice, party)
    of = notice.recall.organisation_id
    return page(
        request,
        "held_recall",
        "held-recalls",
        status=422 if form.errors else 200,
        notice=notice,
        recall=notice.recall,
        department=names_on([of], timezone.localdate(notice.sent_at)).get(of, ""),
        goods=[(master.shown(one.uri), one, amount_of(one)) for one in goods[:_MOST_GOODS]],
        goods_count=goods.count(),
        answers=list(held.answers_of(notice, party)),
        form=form,
        # What somebody wrote stays in sight, though the recall ended while they wrote.
        shows_form=bool(form.errors)
        or rules.answer_recall.allows(request.user, notice.recall, party),
    )
