"""What people call the things that are written in the ledger.

Every app names its own actions in `ready()`, so that the ledger's page imports none of them:

    titles.register("plans.plan_approved", _("Phê duyệt kế hoạch"))
"""

from __future__ import annotations

from django.utils.functional import Promise

from chuan.lib.registry import Registry

Text = str | Promise


_titles: Registry[tuple[str, Text]] = Registry(of="ledger action")
_administrative: set[str] = set()


def register(action: str, title: Text) -> None:
    """Name an action with a verb phrase that can stand before its subject: “Phê duyệt kế hoạch”.

    :raises ValueError: the action has a name already.
    """
    _titles.add(action, (action, title))


def register_all(named: dict[str, Text], *, administrative: bool = False) -> None:
    """Name several actions at once.

    :param administrative: they are about accounts, bodies or settings, and show nothing of the work
        itself: who runs the system may read them.
    """
    for action, title in named.items():
        register(action, title)
        if administrative:
            _administrative.add(action)


def administrative_actions() -> frozenset[str]:
    return frozenset(_administrative)


def title_of(action: str) -> str:
    """The action's name; its code when no app has named it, so that no line is ever hidden."""
    try:
        return str(_titles[action][1])
    except LookupError:
        return action


def is_registered(action: str) -> bool:
    return title_of(action) != action


def choices(among: frozenset[str] | None = None) -> list[tuple[str, str]]:
    """Named actions with their names, in order of the code: what belongs together is together."""
    return [(action, str(title)) for action, title in _titles if among is None or action in among]
