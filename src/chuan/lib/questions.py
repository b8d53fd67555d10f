"""What is asked of the database on every page, put into words once.

Django writes the text of a query anew each time it is asked; where the query is rich, that takes several
times as long as the answer. A `Question` keeps the text and fills in the values.

    _GRANTS = Question(_grants_of, person_id=-1, day=date.min)
    _GRANTS.answers(person_id=person.pk, day=today)
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import QuerySet


class Question:
    """One queryset of plain values, with some of its values left open.

    :param queryset: makes it, given the open values by name.
    :param stand_ins: for each open value one that stands nowhere else in the query. What the query
        converts, a stand-in is not found in; the first asking then raises `LookupError`.
    """

    def __init__(self, queryset: Callable[..., QuerySet[Any, Any]], **stand_ins: Any) -> None:
        self._queryset = queryset
        self._stand_ins = stand_ins

    def answers(self, **values: Any) -> list[tuple[Any, ...]]:
        """The rows as the driver gives them: for columns that Django would not convert."""
        text, parameters = self._words
        with connection.cursor() as cursor:
            cursor.execute(text, [values[name] if name else fixed for name, fixed in parameters])
            rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows

    @cached_property
    def _words(self) -> tuple[str, list[tuple[str, Any]]]:
        """The text, and for each of its values the name of an open one, or the value itself."""
        query = self._queryset(**self._stand_ins).query
        text, values = query.get_compiler(connection=connection).as_sql()
        parameters = [(self._name_of(value), value) for value in values]
        if missing := self._stand_ins.keys() - {name for name, _value in parameters}:
            raise LookupError(f"not in the query: {missing}")
        return text, parameters

    def _name_of(self, value: Any) -> str:
        return next(
            (
                name
                for name, stand_in in self._stand_ins.items()
                if type(stand_in) is type(value) and stand_in == value
            ),
            "",
        )
