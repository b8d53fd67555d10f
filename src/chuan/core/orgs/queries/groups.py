"""Who belongs to a collective on a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Count, Q

from chuan.core.orgs.models import (
    Group,
    GroupException,
    GroupRule,
    Organisation,
    OrganisationVersion,
    VersionQuerySet,
)


def group_members(group: Group, on: date) -> list[OrganisationVersion]:
    """The bodies of a group on a day, by kind and name. Three queries."""
    return members_on([group], [on])[group.pk, on]


def members_on(
    groups: Iterable[Group], days: Iterable[date]
) -> dict[tuple[int, date], list[OrganisationVersion]]:
    """The bodies of several groups on several days, by (group id, day), in three queries.

    An exception weighs more than a rule; a body that does not exist on a day is in no group.
    """
    groups, days = list(groups), sorted(set(days))
    if not groups or not days:
        return {}
    span = (days[0], _day_after(days[-1]))
    rules: dict[int, list[GroupRule]] = defaultdict(list)
    for rule in GroupRule.objects.filter(group__in=groups, valid__overlap=span):
        rules[rule.group_id].append(rule)
    exceptions: dict[int, list[GroupException]] = defaultdict(list)
    for one in GroupException.objects.filter(group__in=groups, valid__overlap=span).order_by("pk"):
        exceptions[one.group_id].append(one)
    versions = list(
        OrganisationVersion.objects.filter(valid__overlap=span)
        .select_related("organisation")
        .in_order()
    )
    return {
        (group.pk, day): _members(rules[group.pk], exceptions[group.pk], versions, day)
        for group in groups
        for day in days
    }


def members(group: Group, on: date) -> VersionQuerySet:
    """The same bodies of one group as rows to page through. Two queries before they are read."""
    found = OrganisationVersion.objects.on(on).filter(_belonging([group], on)[group.pk])
    return found.select_related("organisation").in_order()


def member_counts(groups: Iterable[Group], on: date) -> dict[int, int]:
    """How many bodies each group has on a day, by group id. Three queries."""
    belonging = _belonging(groups, on)
    return _counts(OrganisationVersion.objects.on(on), belonging)


def groups_of(organisation: Organisation, on: date) -> list[Group]:
    """The groups a body belongs to on a day, by name. Four queries."""
    groups = list(Group.objects.order_by("name", "pk"))
    versions = OrganisationVersion.objects.on(on).filter(organisation=organisation)
    counts = _counts(versions, _belonging(groups, on))
    return [group for group in groups if counts[group.pk]]


def _counts(versions: VersionQuerySet, belonging: dict[int, Q]) -> dict[int, int]:
    if not belonging:
        return {}
    counted = versions.aggregate(
        **{f"group_{pk}": Count("pk", filter=wanted) for pk, wanted in belonging.items()}
    )
    return {pk: counted[f"group_{pk}"] for pk in belonging}


def _belonging(groups: Iterable[Group], on: date) -> dict[int, Q]:
    """What the versions of a day fulfil that are in each group, by group id. Two queries."""
    belonging = {group.pk: Q(pk__in=[]) for group in groups}
    for rule in GroupRule.objects.filter(group__in=belonging, valid__contains=on):
        belonging[rule.group_id] |= Q(parent=rule.under_id, kind__in=rule.kinds)
    named: dict[int, dict[int, bool]] = defaultdict(dict)
    for one in GroupException.objects.filter(group__in=belonging, valid__contains=on).order_by(
        "pk"
    ):
        named[one.group_id][one.organisation_id] = one.is_member
    for pk, bodies in named.items():
        joined = [body for body, is_member in bodies.items() if is_member]
        belonging[pk] = Q(organisation__in=joined) | (
            belonging[pk] & ~Q(organisation__in=list(bodies))
        )
    return belonging


def _members(
    rules: list[GroupRule],
    exceptions: list[GroupException],
    versions: list[OrganisationVersion],
    day: date,
) -> list[OrganisationVersion]:
    wanted = {
        (rule.under_id, kind) for rule in rules if _holds(rule.valid, day) for kind in rule.kinds
    }
    named = {one.organisation_id: one.is_member for one in exceptions if _holds(one.valid, day)}
    return [
        version
        for version in versions
        if _holds(version.valid, day)
        and named.get(version.organisation_id, (version.parent_id, version.kind) in wanted)
    ]


def _holds(valid: Any, day: date) -> bool:
    return (valid.lower is None or valid.lower <= day) and (
        valid.upper is None or day < valid.upper
    )


def _day_after(day: date) -> date:
    return date.fromordinal(day.toordinal() + 1)
