"""The standard vocabularies of CBV 2.0 in their four written forms.

A bare name (`shipping`) means something only where a field says which vocabulary is meant; inside,
and in hashes, the web URI is used.
"""

from __future__ import annotations

import json
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

_FILE = Path(__file__).resolve().parents[1] / "data" / "cbv.json"


class Vocabulary(StrEnum):
    BIZ_STEP = "bizStep"
    DISPOSITION = "disposition"
    BIZ_TRANSACTION = "bizTransaction"
    SOURCE_DESTINATION = "sourceDestination"
    ERROR_REASON = "errorReason"
    COMPONENT = "component"
    MEASUREMENT = "measurement"
    SENSOR_ALERT = "sensorAlert"


class Form(StrEnum):
    """How a standard value is written."""

    BARE = "bare"
    CURIE = "curie"
    WEB = "web"
    URN = "urn"


CURIES: Final = MappingProxyType(
    {"cbv:": "https://ref.gs1.org/cbv/", "gs1:": "https://gs1.org/voc/"}
)
_OLD_HOSTS: Final = MappingProxyType(
    {
        "http://ns.gs1.org/cbv/": "https://ref.gs1.org/cbv/",
        "https://ns.gs1.org/cbv/": "https://ref.gs1.org/cbv/",
        "http://gs1.org/voc/": "https://gs1.org/voc/",
        "https://www.gs1.org/voc/": "https://gs1.org/voc/",
        "http://www.gs1.org/voc/": "https://gs1.org/voc/",
    }
)


@cache
def names(vocabulary: Vocabulary) -> frozenset[str]:
    """The bare names of a vocabulary's standard elements."""
    return frozenset(_vocabularies()[vocabulary]["names"])


@lru_cache(maxsize=16_384)
def web_uri(value: str, vocabulary: Vocabulary | None = None) -> str:
    """The web URI of a value in any form; what is in no standard form stays as it is."""
    for urn, web in _urns():
        if value.startswith(urn):
            return web + value[len(urn) :]
    for before, host in (*CURIES.items(), *_OLD_HOSTS.items()):
        if value.startswith(before):
            return host + value[len(before) :]
    if vocabulary is not None and value in names(vocabulary):
        return str(_vocabularies()[vocabulary]["web"]) + value
    return value


@lru_cache(maxsize=16_384)
def written(value: str, vocabulary: Vocabulary, form: Form) -> str:
    """A value in the form asked for; values outside the standard stay as they are.

    Vocabularies without URN form (components, sensor readings) give their web URI instead.
    """
    known = _vocabularies()[vocabulary]
    uri = web_uri(value, vocabulary)
    name = uri.removeprefix(known["web"])
    if name == uri or name not in names(vocabulary):
        return value
    beginning = "" if form is Form.BARE else known[form] or known["web"]
    return str(beginning) + name


@cache
def _vocabularies() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads(_FILE.read_text())["vocabularies"]
    return found


@cache
def _urns() -> tuple[tuple[str, str], ...]:
    return tuple((one["urn"], one["web"]) for one in _vocabularies().values() if one["urn"])
