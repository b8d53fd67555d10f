"""The kinds of file people may hand in; what they are and why stands in data/kinds.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file, known by its extension and proved by its bytes."""

    extension: str
    label: str
    media_type: str
    container: str
    inline: bool = False
    # Folder every OOXML file of this kind has; stream every OLE file of this kind has.
    part: str = ""
    stream: str = ""


def _read() -> dict[str, Kind]:
    text = files("chuan.core.files").joinpath("data/kinds.toml").read_text(encoding="utf-8")
    return {row["extension"]: Kind(**row) for row in tomllib.loads(text)["kind"]}


KINDS = _read()
EXTENSIONS = tuple(KINDS)
# What a browser may show by itself, instead of saving it.
SHOWN_INLINE = frozenset(kind.media_type for kind in KINDS.values() if kind.inline)
