"""What machines may do, by the scopes of their key."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from chuan.core.people.enums import Role
from chuan.core.people.models import Person
from chuan.lib.rules import Denied, rule
from chuan.modules.traceability.enums import Scope
from chuan.modules.traceability.models import AccessKey
from chuan.modules.traceability.rules.registry import DEPARTMENT


@rule
def capture_events(key: AccessKey) -> None:
    """Only a key for capturing may send events."""
    _opens(key, Scope.CAPTURE)


@rule
def query_events(key: AccessKey) -> None:
    """Only a key for querying may read events."""
    _opens(key, Scope.QUERY)


@rule
def keep_queries(key: AccessKey) -> None:
    """Whoever may read events may keep questions about them, and have answers sent: a subscription
    is a query that is asked again."""
    _opens(key, Scope.QUERY)


@rule
def see_subscriptions(actor: Person) -> None:
    """Where events go, and whether they arrive, concerns whoever runs the server and whoever is in
    charge of traceability; it tells nothing of the events."""
    if not actor.holds(Role.SYSTEM_ADMINISTRATOR, Role.AUDITOR, *DEPARTMENT):
        raise Denied(_("Chỉ quản trị hệ thống và cơ quan phụ trách xem được nơi nhận sự kiện."))


def _opens(key: AccessKey, scope: Scope) -> None:
    if not key.opens(scope, at=timezone.now()):
        # In English, as everything that machines are told.
        raise Denied(f"a key with the scope {scope.value} is needed")
