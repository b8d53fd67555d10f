"""What can be done to organisations, groups and their history."""

from chuan.core.orgs.operations.groups import (
    add_group_rule,
    create_group,
    end_group_rule,
    except_from_group,
)
from chuan.core.orgs.operations.loading import LoadedOrganisations, load_organisations
from chuan.core.orgs.operations.register import (
    Facts,
    LinkFacts,
    change_version,
    create_organisation,
    record_change_event,
)

__all__ = [
    "Facts",
    "LinkFacts",
    "LoadedOrganisations",
    "add_group_rule",
    "change_version",
    "create_group",
    "create_organisation",
    "end_group_rule",
    "except_from_group",
    "load_organisations",
    "record_change_event",
]
