"""Parts of what a consolidation keeps as one JSON value, cut out by the database.

What was added up of a thousand bodies is half a megabyte; a page shows a fiftieth of it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, overload

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    BigIntegerField,
    F,
    Func,
    IntegerField,
    JSONField,
    QuerySet,
    Value,
)

from chuan.flows.annual_report.models import ConsolidatedTask, Consolidation
from chuan.flows.annual_report.queries.rollup import Content


def with_reports_left_out(rows: QuerySet[Consolidation]) -> QuerySet[Any]:
    """`in_short` is the snapshot where `reports` are only those that are not included."""
    left_out = Func(
        F("snapshot"),
        Value("$.reports[*] ? (@.is_included == false)"),
        function="jsonb_path_query_array",
        template="%(function)s(%(expressions)s::jsonpath)",
        output_field=JSONField(),
    )
    return _with_only(left_out, rows)


def with_reports(wanted: Collection[int], rows: QuerySet[Consolidation]) -> QuerySet[Any]:
    """`in_short` is the snapshot where `reports` are only those wanted, by their ids."""
    some = Func(
        F("snapshot"),
        Value(list(wanted), output_field=ArrayField(BigIntegerField())),
        template="(SELECT coalesce(jsonb_agg(report), '[]') FROM jsonb_array_elements(%(expressions)s))",
        arg_joiner=" -> 'reports') AS report WHERE (report ->> 'report_id')::bigint = ANY(",
        output_field=JSONField(),
    )
    return _with_only(some, rows)


def _with_only(reports: Func[Any], rows: QuerySet[Consolidation]) -> QuerySet[Any]:
    return rows.defer("snapshot").annotate(
        in_short=Func(
            F("snapshot"),
            reports,
            function="jsonb_set",
            template="%(function)s(%(expressions)s)",
            arg_joiner=", '{reports}', ",
            output_field=JSONField(),
        )
    )


class Paragraphs(Sequence[Content]):
    """What the bodies wrote on one task, read a slice at a time; a query for each."""

    def __init__(self, row: ConsolidatedTask) -> None:
        self._row = ConsolidatedTask.objects.filter(pk=row.pk)

    def __len__(self) -> int:
        length = Func(F("sources"), function="jsonb_array_length", output_field=IntegerField())
        return int(self._row.values_list(length, flat=True).get())

    @overload
    def __getitem__(self, wanted: int) -> Content: ...

    @overload
    def __getitem__(self, wanted: slice) -> list[Content]: ...

    def __getitem__(self, wanted: int | slice) -> Content | list[Content]:
        if isinstance(wanted, int):
            return self[wanted : wanted + 1][0]
        start, stop, _step = wanted.indices(len(self))
        if stop <= start:
            return []
        found = Func(
            F("sources"),
            Value(f"$[{start} to {stop - 1}]"),
            function="jsonb_path_query_array",
            template="%(function)s(%(expressions)s::jsonpath)",
            output_field=JSONField(),
        )
        return list(self._row.values_list(found, flat=True).get())
