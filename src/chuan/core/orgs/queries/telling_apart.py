"""Names that tell a body from every other: ended ones, and those that share their name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

from django.utils.translation import gettext as _

from chuan.core.orgs.models import OrganisationVersion
from chuan.core.orgs.queries.versions import as_called, names_at, place_of
from chuan.lib.vietnamese import format_date


def told_apart_on(ids: Iterable[int], day: date) -> dict[int, str]:
    """As `told_apart_at`, for bodies on one day."""
    return {pk: name for (pk, _day), name in told_apart_at((pk, day) for pk in ids).items()}


def told_apart_at(asked: Iterable[tuple[int, date]]) -> dict[tuple[int, date], str]:
    """What to call bodies where they are chosen or approved: “Sở Công Thương (tỉnh Bình Định, đến
    30/06/2025)”.

    A name that only one body ever bore stands alone while that body is there; an ended body says
    whose it was and its last day, a namesake whose it is. Three queries.
    """
    pairs = set(asked)
    versions: dict[int, list[OrganisationVersion]] = defaultdict(list)
    for version in OrganisationVersion.objects.filter(
        organisation_id__in={pk for pk, _day in pairs}
    ).order_by("valid"):
        versions[version.organisation_id].append(version)
    called = {pair: as_called(versions[pair[0]], pair[1]) for pair in pairs if versions[pair[0]]}
    bearers: dict[str, set[int]] = defaultdict(set)
    for name, pk in OrganisationVersion.objects.filter(
        name__in={version.name for version, _former in called.values()}
    ).values_list("name", "organisation_id"):
        bearers[name].add(pk)
    last_days = {
        pair: version.valid.upper - timedelta(days=1)
        for pair, (version, is_former) in called.items()
        if is_former and version.valid.upper is not None and version.valid.upper <= pair[1]
    }
    above = {
        pair: (version.parent_id, last_days.get(pair, pair[1]))
        for pair, (version, _former) in called.items()
        if version.parent_id is not None and (pair in last_days or len(bearers[version.name]) > 1)
    }
    places = names_at(above.values())
    found = {}
    for pair, (version, _former) in called.items():
        what = [place_of(places[above[pair]].name)] if pair in above else []
        if pair in last_days:
            what.append(_("đến %(day)s") % {"day": format_date(last_days[pair])})
        found[pair] = f"{version.name} ({', '.join(what)})" if what else version.name
    return found
