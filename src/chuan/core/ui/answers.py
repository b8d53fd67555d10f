"""Answers that are no pages."""

from __future__ import annotations

from typing import Any

from django.http import JsonResponse


class JsonAnswer(JsonResponse):
    """JSON with letters as they are written: Vietnamese that is escaped nobody can read in a terminal."""

    def __init__(self, data: Any, **kwargs: Any) -> None:
        super().__init__(data, json_dumps_params={"ensure_ascii": False}, **kwargs)
