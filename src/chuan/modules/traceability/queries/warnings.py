"""What people must know before they use goods: recalls and warnings, from whoever keeps them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise

from chuan.lib.registry import Registry

Text = str | Promise


@dataclass(frozen=True, slots=True)
class SafetyWarning:
    """One thing said of goods, shown before everything else.

    `is_recall`: they are to be given back, not only used with care. `todo` are steps in order;
    `scope` says which goods.
    """

    title: Text
    told_on: date
    is_recall: bool
    text: Text = ""
    scope: Text = ""
    todo: Sequence[Text] = ()
    decision: Text = ""
    phone: str = ""


# Asked with canonical links, the finest level first: an item, its lot, its product.
Provider = Callable[[Sequence[str]], list[SafetyWarning]]
_providers: Registry[Provider] = Registry(of="source of warnings")


def warn_from(name: str, provider: Provider) -> None:
    """Let a part of the product say what is wrong with goods; in `ready()`.

    :raises ValueError: the name is taken.
    """
    _providers.add(name, provider)


def warnings_for(levels: Sequence[str]) -> list[SafetyWarning]:
    """Recalls first, the newest first."""
    found = [warning for provider in _providers for warning in provider(levels)]
    return sorted(found, key=lambda one: (not one.is_recall, -one.told_on.toordinal()))
