"""What hangs on bodies within the register itself: the rules of groups."""

from __future__ import annotations

from django.db.models import Q
from django.urls import reverse

from chuan.core.orgs.models import Group
from chuan.core.orgs.queries.dependents import Affected, Found, Sample


def groups_hanging_on(affected: Affected, _reader: object) -> Found:
    """Groups that a body counts in by name, or whose members stand under a body, that ends."""
    days = (affected.on, None)
    groups = (
        Group.objects.filter(
            Q(rules__under__in=affected.ended, rules__valid__overlap=days)
            | Q(exceptions__organisation__in=affected.ended, exceptions__valid__overlap=days)
        )
        .distinct()
        .order_by("name", "pk")
    )
    found = list(groups)
    return Found(len(found), found, _group)


def _group(group: Group) -> Sample:
    return Sample(group.name, url=reverse("orgs:group", args=[group.code]))
