"""Tables whose columns are only kept by spaces, as `pdftotext -layout` writes them."""

from __future__ import annotations

from chuan.modules.plans.parsing.plan import Source
from chuan.modules.plans.parsing.sheet import Table


def cut_aligned_tables(
    lines: list[tuple[Source, str]],
) -> list[list[tuple[Source, str]] | Table]:
    return [lines]
