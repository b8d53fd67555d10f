"""Keys by which the figures of a body that went over in parts are divided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from chuan.core.orgs import queries, rules
from chuan.core.orgs.enums import EventState
from chuan.core.orgs.models import ApportionmentKey, ChangeEvent, Organisation
from chuan.core.orgs.operations import apportioning as operations
from chuan.core.orgs.queries.apportioning import keys_of, split_in
from chuan.core.orgs.queries.family import ONE_DAY
from chuan.core.orgs.web.signed_in import SignedIn
from chuan.core.ui.forms import Form, VnDecimalField, VnTextField
from chuan.lib.rules import Denied


class KeyForm(Form):
    """A percentage for each who took a part, and the text it rests on."""

    basis = VnTextField(
        label=gettext_lazy("Văn bản làm căn cứ"),
        max_length=500,
        help_text=gettext_lazy("Số, ký hiệu, ngày của văn bản nêu cách chia."),
    )

    def __init__(self, *args: Any, names: Mapping[int, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.successors = list(names)
        for pk, name in names.items():
            self.fields[f"percent_{pk}"] = VnDecimalField(
                label=name,
                places=3,
                smallest=0,
                largest=100,
                required=False,
            )
        self.order_fields([*(f"percent_{pk}" for pk in names), "basis"])

    @property
    def shares(self) -> list[BoundField]:
        """The fields of the shares, in the order of the names."""
        return [self[f"percent_{pk}"] for pk in self.successors]

    @property
    def percents(self) -> dict[int, Decimal]:
        given = {pk: self.cleaned_data[f"percent_{pk}"] for pk in self.successors}
        return {pk: percent for pk, percent in given.items() if percent}


@require_http_methods(["GET", "HEAD", "POST"])
def show_keys(request: SignedIn, event_id: int, organisation_id: int) -> HttpResponse:
    """The key that holds, the one that waits, those of before, and a form to state another."""
    event = get_object_or_404(queries.events_visible_to(request.user), pk=event_id)
    parts = split_in(event).get(organisation_id)
    if event.state != EventState.COMMITTED or parts is None:
        raise Http404(_("Cơ quan này không bị chia trong sự kiện này."))
    names = {
        pk: name.short_name for pk, name in queries.names_on(parts, event.effective_on).items()
    }
    refusal = rules.state_key.refusal(request.user, event)
    form = KeyForm(request.POST or None, names={pk: names[pk] for pk in parts if pk in names})
    if request.method == "POST" and form.is_valid():
        try:
            operations.state_key(
                actor=request.user,
                event=event,
                predecessor=Organisation.objects.get(pk=organisation_id),
                percents=form.percents,
                basis=form.cleaned_data["basis"],
                at=timezone.now(),
            )
        except ValidationError as wrong:
            form.add_error(None, wrong.messages)
        else:
            messages.success(request, _("Đã lập khóa phân bổ. Một người khác xác nhận."))
            return redirect("orgs:keys", event.pk, organisation_id)
    called = queries.names_at([(organisation_id, event.effective_on - ONE_DAY)])
    context = {
        "event": event,
        "name": next((one.name for one in called.values()), ""),
        "keys": [_shown(key, names, request) for key in keys_of(event, organisation_id)],
        "form": form if refusal is None else None,
        "refusal": refusal,
    }
    return render(request, "orgs/keys.html", context, status=422 if form.errors else 200)


def _shown(key: ApportionmentKey, names: Mapping[int, str], request: SignedIn) -> dict[str, Any]:
    shares = sorted(key.shares.all(), key=lambda one: one.pk)
    state = "key_ended" if key.ended_at else "key_held" if key.confirmed_at else "key_waiting"
    return {
        "key": key,
        "status": state,
        "shares": [(names.get(one.successor_id, ""), _short(one.percent)) for one in shares],
        "rest": _short(100 - sum((one.percent for one in shares), Decimal(0))),
        "may_confirm": rules.confirm_key.allows(request.user, key),
        "why_not": ""
        if key.confirmed_at or key.ended_at
        else rules.confirm_key.refusal(request.user, key),
        "may_end": rules.end_key.allows(request.user, key),
    }


def _short(percent: Decimal) -> Decimal:
    """Without zeros after the decimals: 62,5 and not 62,500."""
    return Decimal(f"{percent.normalize():f}")


@require_POST
def confirm_key(request: SignedIn, key_id: int) -> HttpResponse:
    return _moved(request, key_id, operations.confirm_key, _("Khóa phân bổ có hiệu lực."))


@require_POST
def end_key(request: SignedIn, key_id: int) -> HttpResponse:
    return _moved(request, key_id, operations.end_key, _("Đã bỏ khóa phân bổ."))


def _moved(request: SignedIn, key_id: int, operation: Any, said: str) -> HttpResponse:
    key = get_object_or_404(
        ApportionmentKey.objects.filter(event__in=queries.events_visible_to(request.user)),
        pk=key_id,
    )
    try:
        operation(actor=request.user, key=key, at=timezone.now())
    except Denied as denied:
        messages.error(request, str(denied))
    else:
        messages.success(request, said)
    return redirect("orgs:keys", key.event_id, key.predecessor_id)


def split_bodies(event: ChangeEvent) -> Iterable[tuple[int, str]]:
    """Those who went over in parts, by name, for the page of an event."""
    if event.state != EventState.COMMITTED:
        return []
    eve = event.effective_on - ONE_DAY
    names = queries.names_at([(pk, eve) for pk in split_in(event)])
    return sorted(((pk, name.name) for (pk, _day), name in names.items()), key=lambda one: one[1])
