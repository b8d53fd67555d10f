"""Which of some goods are being recalled: asked before they are sent, and wherever they are shown.

What that means stands in migration 0095 alone; here it is asked, once for one thing or for many.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from chuan.modules.traceability.engine.keys import ROOT
from chuan.modules.traceability.engine.scanned import read_path
from chuan.modules.traceability.models import Recall
from chuan.modules.traceability.store.lines import listed_texts
from chuan.modules.traceability.store.rows import fetched

# As part of another question: put together by Django it would cost a redirect three times over. Its
# value: what was scanned, the finest level first, as `listed_texts` writes it.
IS_RECALLED = "(SELECT traceability_is_recalled(%s::text[]))"


def is_recalled(levels: Sequence[str]) -> bool:
    """Whether whoever holds this must be warned: it is recalled, or it is a product named without its
    lot, and some of its lots are.

    :param levels: canonical links of one thing: an item, its lot, its product.
    """
    ((found,),) = fetched(f"SELECT {IS_RECALLED}", [listed_texts(levels)])
    return bool(found)


def recalls_of(uris: Collection[str]) -> dict[str, Recall]:
    """The newest recall in force for each of these that has one, as of `every_recall_of`."""
    return {uri: recalls[-1] for uri, recalls in every_recall_of(uris).items()}


def every_recall_of(uris: Collection[str]) -> dict[str, list[Recall]]:
    """The recalls in force for each of these that has any, the oldest first. In two statements, however
    many are asked for.

    :param uris: canonical links.
    """
    levels = {uri: _levels(uri) for uri in uris}
    concerned = _concerned({level for of_one in levels.values() for level in of_one})
    ids = {recall_id for _link, recall_id in concerned}
    in_order = Recall.objects.filter(pk__in=ids).order_by("issued_at", "pk") if ids else ()
    found: dict[str, list[Recall]] = {}
    for recall in in_order:
        for uri, of_one in levels.items():
            if any((level, recall.pk) in concerned for level in of_one):
                found.setdefault(uri, []).append(recall)
    return found


def recalls_scanned(levels: Sequence[str]) -> dict[int, bool]:
    """Recalls in force that concern what was scanned, and whether all of it: by their numbers.

    :param levels: as of `is_recalled`.
    """
    asked = (
        "SELECT recall_id, false FROM traceability_recalls_within(%s)"
        " UNION ALL SELECT recall_id, true FROM traceability_recalls_of(%s::text[])"
    )
    return dict(fetched(asked, [levels[0], listed_texts(levels)])) if levels else {}


def _concerned(links: Collection[str]) -> set[tuple[str, int]]:
    asked = "SELECT link, recall_id FROM traceability_recalls_of(%s::text[])"
    return {(link, recall_id) for link, recall_id in fetched(asked, [listed_texts(links)])}


def _levels(uri: str) -> Sequence[str]:
    """A thing and its kind; what is no key of GS1 by itself."""
    scanned = read_path(uri.removeprefix(ROOT)) if uri.startswith(ROOT) else None
    return scanned.levels if scanned else (uri,)
