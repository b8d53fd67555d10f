"""What people call the things that are written in the ledger.

Every app names its own actions in `ready()`, so that the ledger's page imports none of them:

    titles.register("plans.plan_approved", _("Phê duyệt kế hoạch"))
"""

from __future__ import annotations

from django.utils.functional import Promise

from chuan.lib.registry import Registry

Text = str | Promise


_titles: Registry[tuple[str, Text]] = Registry(of="ledger action")


def register(action: str, title: Text) -> None:
    """Name an action with a verb phrase that can stand before its subject: “Phê duyệt kế hoạch”.

    :raises ValueError: the action has a name already.
    """
    _titles.add(action, (action, title))


def register_all(named: dict[str, Text]) -> None:
    """Name several actions at once."""
    for action, title in named.items():
        register(action, title)


def title_of(action: str) -> str:
    """The action's name; its code when no app has named it, so that no line is ever hidden."""
    try:
        return str(_titles[action][1])
    except LookupError:
        return action


def is_registered(action: str) -> bool:
    return title_of(action) != action


def choices() -> list[tuple[str, str]]:
    """Every named action with its name, in order of the code: what belongs together is together."""
    return [(action, str(title)) for action, title in _titles]
