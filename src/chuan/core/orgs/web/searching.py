"""Lists that are searched by the names of bodies."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, ClassVar

from django.db.models import Q

from chuan.core.orgs.queries import known_as
from chuan.core.ui.tables import Column, Table


class BodySearch(Table):
    """Rows are found by what they show, and by every name their body has or had, or a body it took
    over from: who looks for a commune of before finds the work of the one it went into.

    `of_body` is where a row has the id of its body.
    """

    of_body: ClassVar[str] = "organisation"

    @cached_property
    def known_as(self) -> set[int]:
        """Bodies by any of their names; two queries."""
        return known_as(self.searched)

    def wanted(self, words: Sequence[str]) -> Q:
        return super().wanted(words) | Q(**{f"{self.of_body}__in": self.known_as})

    def is_wanted(self, row: Any, words: Sequence[str]) -> bool:
        body = Column(self.of_body, "").value_of(row)
        return body in self.known_as or super().is_wanted(row, words)
