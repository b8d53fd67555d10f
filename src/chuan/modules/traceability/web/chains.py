"""A chain as a timeline with its places, and what does not fit in it."""

from __future__ import annotations

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from chuan.core.people.http import SignedInRequest
from chuan.core.ui.components import Event
from chuan.core.ui.forms import Form, VnTextField
from chuan.modules.traceability import rules
from chuan.modules.traceability.engine.checks import Finding, checks
from chuan.modules.traceability.engine.typed import NotAnIdentifier, read_typed
from chuan.modules.traceability.queries import master
from chuan.modules.traceability.queries.chains import Chain, chain_of
from chuan.modules.traceability.queries.steps import words_of_step

_MOST_SHOWN = 200


class ChainForm(Form):
    ma = VnTextField(
        label=gettext_lazy("Mã hàng"),
        max_length=500,
        help_text=gettext_lazy("Như in trên nhãn, ví dụ (01)08934567123457(10)L1."),
    )

    def clean_ma(self) -> str:
        try:
            return read_typed(self.cleaned_data["ma"])
        except NotAnIdentifier:
            raise forms.ValidationError(
                _("Mã hàng: không đọc được mã này. Kiểm tra lại số.")
            ) from None


@require_safe
def show_chain(request: SignedInRequest) -> HttpResponse:
    rules.see_chains.require(request.user)
    form = ChainForm(request.GET if "ma" in request.GET else None)
    context: dict[str, object] = {"form": form}
    if form.is_bound and form.is_valid():
        uri = form.cleaned_data["ma"]
        chain = chain_of(uri, until=timezone.now())
        context |= {"uri": uri, "shown": master.shown(uri), "chain": chain}
        if chain is not None:
            context |= _told(chain)
    return render(request, "traceability/chain.html", context, status=422 if form.errors else 200)


def _told(chain: Chain) -> dict[str, object]:
    newest = chain.events[::-1][:_MOST_SHOWN]
    return {
        "findings": _grouped(chain.findings)[:_MOST_SHOWN],
        "stops": [(chain.names[place], first, count) for place, first, count in chain.stops],
        "timeline": [
            Event(
                title=words_of_step(seen.step),
                at=seen.at,
                icon="package",
                text=chain.names.get(seen.place, ""),
                meta=[ngettext("%(n)d mã", "%(n)d mã", len(seen.parts)) % {"n": len(seen.parts)}],
            )
            for seen in newest
        ],
        "is_cut": chain.truncated or len(chain.events) > _MOST_SHOWN,
    }


def _grouped(findings: list[Finding]) -> list[tuple[Promise, Finding, str]]:
    """One line for all things of which the same events show the same."""
    groups: dict[tuple[str, str, tuple[int, ...]], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.rule, finding.text, finding.events), []).append(finding)
    told = []
    for (rule, _text, _events), found in groups.items():
        count = len(found)
        things = (
            master.shown(found[0].uri)
            if count == 1
            else ngettext("%(n)d mã", "%(n)d mã", count) % {"n": count}
        )
        told.append((checks[rule].title, found[0], things))
    return told
