"""Which of some goods are being recalled: asked before they are sent, and wherever they are shown."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import OuterRef

from chuan.modules.traceability.engine.keys import Key, read
from chuan.modules.traceability.enums import RecallState
from chuan.modules.traceability.models import Recall, RecallItem
from chuan.modules.traceability.queries.recalls import newest_run


def recalls_of(uris: Collection[str]) -> dict[str, Recall]:
    """The newest recall in force for each of these that has one: found by its last search, or begun
    with the thing or with all of its kind. In two statements, however many are asked for.

    :param uris: canonical links.
    """
    in_force = list(Recall.objects.filter(state=RecallState.ISSUED).order_by("issued_at", "pk"))
    if not in_force or not uris:
        return {}
    items = RecallItem.objects.filter(
        recall__in=in_force, uri__in=uris, last_in=newest_run(OuterRef("recall"))
    )
    found = set(items.values_list("recall_id", "uri"))
    concerned: dict[str, Recall] = {}
    for recall in in_force:
        begun = set(recall.identifiers)
        for uri in uris:
            if (recall.pk, uri) in found or not begun.isdisjoint(_names_of(uri)):
                concerned[uri] = recall
    return concerned


def _names_of(uri: str) -> set[str]:
    """A thing by itself and by its kind, as recalls begin with them."""
    key = read(uri)
    kinds = {uri, Key("01", key.gtin).link} if key and key.ai == "01" and key.gtin else {uri}
    return kinds | {f"{kind}/*" for kind in kinds}
