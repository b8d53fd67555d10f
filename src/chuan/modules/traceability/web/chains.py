"""A chain as a timeline with its places, and what does not fit in it."""

from __future__ import annotations

import itertools

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from chuan.core.people.http import SignedInRequest
from chuan.core.ui.components import Event
from chuan.core.ui.forms import Form, VnTextField
from chuan.modules.traceability import rules
from chuan.modules.traceability.engine.checks import Finding, Seen, checks
from chuan.modules.traceability.engine.keys import read
from chuan.modules.traceability.engine.picture import Box, Kind, picture_of
from chuan.modules.traceability.engine.typed import NotAnIdentifier, read_typed
from chuan.modules.traceability.queries import master
from chuan.modules.traceability.queries.archive import here_since
from chuan.modules.traceability.queries.chains import Chain, Stop, chain_of
from chuan.modules.traceability.queries.lookup import goods_like, newest_goods
from chuan.modules.traceability.queries.recalled import recalls_of
from chuan.modules.traceability.queries.recalls import recalls_visible_to
from chuan.modules.traceability.titles import icon_of_step, title_of_step
from chuan.modules.traceability.web.events import address_of
from chuan.modules.traceability.web.pictures import chain_svg, rows_of

_MOST_SHOWN = 200
# Lots offered to whoever has no number at hand.
_NEWEST = 10
# Boxes that stand open at once.
_MOST_OPENED = 5


class ChainForm(Form):
    ma = VnTextField(
        label=gettext_lazy("Mã hàng, số lô hoặc tên sản phẩm"),
        max_length=500,
        help_text=gettext_lazy("Mã như in trên nhãn, ví dụ (01)08934567123457(10)L1."),
    )

    def clean_ma(self) -> str:
        """The link of a code; what is none stays as words to look for."""
        try:
            return read_typed(self.cleaned_data["ma"])
        except NotAnIdentifier:
            return str(self.cleaned_data["ma"])


@require_safe
def show_chain(request: SignedInRequest) -> HttpResponse:
    rules.see_chains.require(request.user)
    form = ChainForm(request.GET if "ma" in request.GET else None)
    context: dict[str, object] = {"form": form}
    if form.is_bound and form.is_valid():
        uri = form.cleaned_data["ma"]
        chain = chain_of(uri, until=timezone.now())
        if chain is None:
            key = read(uri)
            is_product = key is not None and key.ai == "01" and not key.qualifier_ai
            context["goods"] = goods_like(uri, product_uri=uri if is_product else "")
        recall = recalls_of([uri]).get(uri)
        may_recall = bool(request.user.organisation_ids(*rules.INSPECTION))
        context |= {
            "uri": uri,
            "shown": master.shown(uri),
            "chain": chain,
            "may_recall": may_recall,
            "here_since": here_since(),
            "recall": recall,
            "sees_recall": recall is not None
            and recalls_visible_to(request.user).filter(pk=recall.pk).exists(),
        }
        if chain is not None:
            context |= _told(chain) | _drawn(chain, request.GET.getlist("mo"))
    elif not form.is_bound:
        context["newest"] = newest_goods(_NEWEST)
    return render(request, "traceability/chain.html", context, status=422 if form.errors else 200)


def _told(chain: Chain) -> dict[str, object]:
    moments = _moments(chain.events)
    return {
        "findings": [
            (*told, address_of(told[1].events)) for told in _grouped(chain.findings)[:_MOST_SHOWN]
        ],
        "stops": [
            (chain.names[stop.place], stop, _days_between(before, stop))
            for before, stop in zip([chain.stops[0], *chain.stops], chain.stops, strict=False)
        ]
        if chain.stops
        else [],
        "timeline": [_point(chain, group) for group in moments[:_MOST_SHOWN]],
        "is_cut": chain.truncated or len(moments) > _MOST_SHOWN,
    }


def _days_between(before: Stop, stop: Stop) -> int:
    return (timezone.localdate(stop.first) - timezone.localdate(before.first)).days


def _moments(events: list[Seen]) -> list[list[Seen]]:
    """Events one after the other of the same step, place and day are one; the newest first."""
    groups = itertools.groupby(
        events, key=lambda seen: (seen.step, seen.place, timezone.localdate(seen.at))
    )
    return [list(group) for _key, group in groups][::-1]


def _point(chain: Chain, group: list[Seen]) -> Event:
    things = len({part.uri for seen in group for part in seen.parts})
    meta = [group[-1].step] if group[-1].step else []
    meta.append(ngettext("%(n)d mã", "%(n)d mã", things) % {"n": things})
    if len(group) > 1:
        meta.append(
            ngettext("%(n)d sự kiện", "%(n)d sự kiện", len(group)) % {"n": len(group)},
        )
    return Event(
        title=title_of_step(group[-1].step),
        at=group[-1].at,
        icon=icon_of_step(group[-1].step),
        text=chain.names.get(group[-1].place, ""),
        meta=meta,
        url=address_of(seen.event_id for seen in group),
    )


def _drawn(chain: Chain, opened: list[str]) -> dict[str, object]:
    """The drawing and its words; boxes lead to the chain of their one thing, or open."""
    picture = picture_of(chain.things, chain.links, focus=chain.uri, opened=opened)
    shown = [box for column in picture.columns for box in column]
    products = master.names_of({box.product for box in shown} - {""})

    def name(uri: str) -> str:
        return chain.names.get(uri) or products.get(uri) or (master.shown(uri) if uri else "")

    def address(box: Box) -> str:
        if box.is_focus:
            return ""
        if box.kind is Kind.REST:
            return "#su-kien"
        if box.count == 1:
            return reverse("chains:chain", query={"ma": box.uris[0]})
        query = {"ma": chain.uri, "mo": [*opened[-_MOST_OPENED:], box.key]}
        return f"{reverse('chains:chain', query=query)}#so-do"

    return {
        "picture": chain_svg(picture, name, address),
        "boxes": rows_of(picture, name, address),
        "is_opened": bool(opened),
        "thing_count": len(chain.things),
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
