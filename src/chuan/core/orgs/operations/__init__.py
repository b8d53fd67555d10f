"""What can be done to organisations, groups and their history."""

from chuan.core.orgs.operations.apportioning import confirm_key, end_key, state_key
from chuan.core.orgs.operations.events import (
    Conflict,
    NotReady,
    abandon_event,
    change_draft,
    commit_event,
    draft_event,
    hand_back_event,
    propose_event,
    redraft_event,
    reverse_event,
)
from chuan.core.orgs.operations.groups import (
    add_group_rule,
    create_group,
    end_group_rule,
    except_from_group,
)
from chuan.core.orgs.operations.loading import LoadedOrganisations, load_organisations
from chuan.core.orgs.operations.reform import (
    abandon_reform,
    answer_doubts,
    draft_reform_events,
    take_in_reform,
)
from chuan.core.orgs.operations.register import (
    Facts,
    change_version,
    create_organisation,
)

__all__ = [
    "Conflict",
    "Facts",
    "LoadedOrganisations",
    "NotReady",
    "abandon_event",
    "abandon_reform",
    "add_group_rule",
    "answer_doubts",
    "change_draft",
    "change_version",
    "commit_event",
    "confirm_key",
    "create_group",
    "create_organisation",
    "draft_event",
    "draft_reform_events",
    "end_group_rule",
    "end_key",
    "except_from_group",
    "hand_back_event",
    "load_organisations",
    "propose_event",
    "redraft_event",
    "reverse_event",
    "state_key",
    "take_in_reform",
]
