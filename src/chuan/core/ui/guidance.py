"""What the help page answers about each field of work: apps add their own questions in `ready()`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise

from chuan.lib.registry import Registry

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Topic:
    """One heading of the help page with questions and their answers."""

    title: Text
    answers: Sequence[tuple[Text, Text]]


topics: Registry[Topic] = Registry(of="topic of the help page")
