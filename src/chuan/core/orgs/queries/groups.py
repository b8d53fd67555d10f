"""Who belongs to a collective on a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from chuan.core.orgs.models import (
    Group,
    GroupException,
    GroupRule,
    Organisation,
    OrganisationVersion,
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


def groups_of(organisation: Organisation, on: date) -> list[Group]:
    """The groups a body belongs to on a day, by name. Four queries."""
    groups = list(Group.objects.order_by("name", "pk"))
    members = members_on(groups, [on])
    return [
        group
        for group in groups
        if any(version.organisation_id == organisation.pk for version in members[group.pk, on])
    ]


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
