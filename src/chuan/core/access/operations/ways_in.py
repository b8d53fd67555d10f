"""Other ways in than the sign-in page, which end with the password."""

from __future__ import annotations

from collections.abc import Callable

from chuan.core.people.models import Person
from chuan.lib.registry import Registry

# What shuts them: packages above add theirs in `ready()`.
ways_in: Registry[Callable[[Person], None]] = Registry(of="way in")


def shut_ways_in(person: Person) -> None:
    """Whoever changes the password because somebody knows it expects that nothing else still opens."""
    for shut in ways_in:
        shut(person)
