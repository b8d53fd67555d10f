"""The table of what may be published: one row for each field of each resource."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

TABLE = Path(__file__).parents[1] / "data" / "fields.toml"

# How a type of the table is written in JSON, by the words of JSON Schema.
JSON_TYPES: dict[str, dict[str, Any]] = {
    "integer": {"type": "integer"},
    "string": {"type": "string"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    # Exact numbers are text, so that no reader rounds them.
    "decimal": {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"},
    "list": {"type": "array", "items": {"type": "string"}},
}


class NotPublished(RuntimeError):
    """Something was about to leave the house that is not in the table."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field the public may read. `heading`: also of a task whose heading alone is public.

    `source` are the columns it comes from, "app.Model.column", with the path inside for JSON.
    """

    resource: str
    name: str
    type: str
    vi: str
    en: str
    source: tuple[str, ...]
    heading: bool = False


@dataclass(frozen=True, slots=True)
class Resource:
    name: str
    vi: str
    en: str
    about_vi: str
    about_en: str
    fields: tuple[Field, ...]


@cache
def resources() -> dict[str, Resource]:
    """Every published resource by name, in the order of the table."""
    table = _table()
    fields = [
        Field(
            resource=row["resource"],
            name=row["name"],
            type=row["type"],
            vi=row["vi"],
            en=row["en"],
            source=tuple(row["source"]),
            heading=row.get("heading", False),
        )
        for row in table["field"]
    ]
    return {
        name: Resource(
            name=name,
            fields=tuple(field for field in fields if field.resource == name),
            **words,
        )
        for name, words in table["resource"].items()
    }


@cache
def never() -> dict[str, str]:
    """Columns that stay inside, each with the reason."""
    return {row["source"]: row["reason"] for row in _table()["never"]}


@cache
def open_figures() -> frozenset[str]:
    """Codes of the indicators the public may read."""
    return frozenset(_table()["figures"]["open"])


@cache
def closed_figures() -> dict[str, str]:
    """Codes of the indicators that stay inside, each with the reason."""
    return dict(_table()["figures"]["closed"])


def emit(resource: str, **values: Any) -> dict[str, Any]:
    """The values in the order of the table; the only way into the content of a publication.

    :raises NotPublished: a value has no row in the table, or a row has no value.
    """
    fields = resources()[resource].fields
    extra = values.keys() - {field.name for field in fields}
    missing = {field.name for field in fields} - values.keys()
    if extra or missing:
        raise NotPublished(
            f"{resource}: {sorted(extra)} not in the table, {sorted(missing)} missing"
        )
    return {field.name: values[field.name] for field in fields}


def heading_of(resource: str, values: dict[str, Any]) -> dict[str, Any]:
    """The same with nothing left but what a heading says: texts empty, lists empty, no days."""
    empty: dict[str, Any] = {"string": "", "list": []}
    return {
        field.name: values[field.name] if field.heading else empty.get(field.type)
        for field in resources()[resource].fields
    }


def _table() -> dict[str, Any]:
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))
