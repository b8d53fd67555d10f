"""How long something is overdue, as lists and charts divide it (`data/ages.toml`)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.translation import gettext as _

_AGES = Path(__file__).resolve().parents[1] / "data" / "ages.toml"


@dataclass(frozen=True, slots=True)
class Age:
    """From `first` to `last` days past the deadline, both counted; without a last, any longer."""

    code: str
    first: int
    last: int | None = None

    @property
    def label(self) -> str:
        if self.last is None:
            return _("Trên %s ngày") % (self.first - 1)
        return _("%(first)s–%(last)s ngày") % {"first": self.first, "last": self.last}


@cache
def ages() -> tuple[Age, ...]:
    """From the shortest to the longest; every number of days from one on is in exactly one."""
    content = tomllib.loads(_AGES.read_text(encoding="utf-8"))
    return tuple(Age(**one) for one in content["age"])


def age_called(code: str) -> Age:
    """:raises KeyError: there is none of this code."""
    return {age.code: age for age in ages()}[code]
