"""What can be looked up about organisations, always as of a day."""

from chuan.core.orgs.queries.groups import group_members, groups_of, members_on
from chuan.core.orgs.queries.lineage import (
    Descent,
    Lineage,
    days_of_change,
    descent_on,
    descents_on,
    lineage,
    lineage_ids,
    successor_on,
    successors_of,
)
from chuan.core.orgs.queries.matching import Candidate, Gazetteer, match_party
from chuan.core.orgs.queries.versions import (
    Name,
    children_on,
    find_organisations,
    home_province_on,
    home_provinces_on,
    name_on,
    names_at,
    names_on,
    organisations_on,
    version_on,
    versions_of,
    versions_on,
)

__all__ = [
    "Candidate",
    "Descent",
    "Gazetteer",
    "Lineage",
    "Name",
    "children_on",
    "days_of_change",
    "descent_on",
    "descents_on",
    "find_organisations",
    "group_members",
    "groups_of",
    "home_province_on",
    "home_provinces_on",
    "lineage",
    "lineage_ids",
    "match_party",
    "members_on",
    "name_on",
    "names_at",
    "names_on",
    "organisations_on",
    "successor_on",
    "successors_of",
    "version_on",
    "versions_of",
    "versions_on",
]
