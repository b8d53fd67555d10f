"""The layout in force on a day: margins, sizes, faces and fixed wording, from `data/layouts.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from chuan.core.documents.layout.content import Align

LAYOUTS_FILE = Path(__file__).parent.parent / "data" / "layouts.toml"
POINTS_PER_MM = 72 / 25.4


class BadLayout(ValueError):
    """The layout file asks for something its own legal limits forbid."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of document: its printed name, and whether it has the form of an official letter."""

    name: str
    is_letter: bool


@dataclass(frozen=True, slots=True)
class Component:
    """One component of a document on paper; `size`, `space_before` in points."""

    style: str
    size: float
    align: Align
    bold: bool = False
    italic: bool = False
    upper: bool = False
    spaced: bool = False
    indented: bool = False
    space_before: float = 0


@dataclass(frozen=True, slots=True)
class Page:
    """A4 and its margins in points; `page_number_top` from the upper edge."""

    width: float
    height: float
    top: float
    bottom: float
    left: float
    right: float
    page_number_top: float


@dataclass(frozen=True, slots=True)
class LayoutProfile:
    """A layout for one size set. `source` names the legal document it follows."""

    code: str
    valid_from: date
    source: str
    size_set: str
    page: Page
    first_line_indent: float
    line_spacing: float
    paragraph_space: float
    signature_space: float
    rule_thickness: float
    rule_share: float
    named_font: str
    embedded_font: str
    wording: Mapping[str, str]
    kinds: Mapping[str, Kind]
    components: Mapping[str, Component]


def layout_on(day: date, *, size_set: str = "") -> LayoutProfile:
    """The layout for documents dated this day, in one of its size sets (the first when not given).

    :raises LookupError: no layout was in force yet, or it has no such size set.
    """
    in_force = [layout for layout in _layouts() if layout["valid_from"] <= day]
    if not in_force:
        raise LookupError(f"No document layout is known for {day}")
    layout = max(in_force, key=lambda one: one["valid_from"])
    name = size_set or next(iter(layout["size_sets"]))
    if name not in layout["size_sets"]:
        raise LookupError(f"Layout {layout['code']} has no size set {name!r}")
    return _profile(layout["code"], name)


def size_sets_on(day: date) -> tuple[str, ...]:
    """Names of the size sets of the layout in force, the largest first."""
    code = layout_on(day).code
    return tuple(next(one for one in _layouts() if one["code"] == code)["size_sets"])


@cache
def _layouts() -> tuple[dict[str, Any], ...]:
    return tuple(tomllib.loads(LAYOUTS_FILE.read_text(encoding="utf-8"))["layout"])


@cache
def _profile(code: str, size_set: str) -> LayoutProfile:
    return read_layout(next(one for one in _layouts() if one["code"] == code), size_set)


def read_layout(layout: Mapping[str, Any], size_set: str) -> LayoutProfile:
    """A profile out of one `[[layout]]` of the file.

    :raises BadLayout: a value lies outside the limits beside it, or a component has no size.
    """
    page = {key: _limited(key, value) * POINTS_PER_MM for key, value in layout["page"].items()}
    text = {key: _limited(key, value) for key, value in layout["text"].items()}
    sizes = layout["size_sets"][size_set]
    components: dict[str, Component] = {}
    for key, given in layout["components"].items():
        low, high = given["allowed"]
        size = sizes.get(key)
        if size is None or not low <= size <= high:
            raise BadLayout(f"{size_set}: size {size} of {key} is not within {low}-{high}")
        looks = {name: value for name, value in given.items() if name not in ("allowed", "align")}
        components[key] = Component(size=size, align=Align(given["align"]), **looks)
    return LayoutProfile(
        code=layout["code"],
        valid_from=layout["valid_from"],
        source=layout["source"],
        size_set=size_set,
        page=Page(**page),
        first_line_indent=text["first_line_indent"] * POINTS_PER_MM,
        line_spacing=text["line_spacing"],
        paragraph_space=text["paragraph_space"],
        signature_space=text["signature_space"],
        rule_thickness=text["rule_thickness"],
        rule_share=text["rule_share"],
        named_font=layout["fonts"]["named"],
        embedded_font=layout["fonts"]["embedded"],
        wording=layout["wording"],
        kinds={
            code: Kind(name=kind["name"], is_letter=kind["form"] == "letter")
            for code, kind in layout["kinds"].items()
        },
        components=components,
    )


def _limited(key: str, given: Any) -> float:
    if not isinstance(given, dict):
        return float(given)
    if not given["at_least"] <= given["value"] <= given["at_most"]:
        raise BadLayout(
            f"{key} is {given['value']}, the law allows {given['at_least']} to {given['at_most']}"
        )
    return float(given["value"])
