"""Search in the database as people type: without tones, in any case."""

from __future__ import annotations

from django.db import models
from django.db.models.lookups import GreaterThan

from chuan.lib.vietnamese import clean, fold


class Fold(models.Func):
    """`chuan_fold`, the database's `fold`."""

    function = "chuan_fold"
    output_field = models.TextField()


def folded_contains(text: str, *fields: str) -> models.Q:
    """Rows in which every word of the text stands in one of the fields, tones and case aside.

    For short tables: it reads every row. A long one keeps a stored key (see orgs).
    """
    found = models.Q()
    for word in fold(clean(text)).split():
        somewhere = models.Q()
        for field in fields:
            somewhere |= models.Q(_stands_in(word, field))
        found &= somewhere
    return found


def _stands_in(word: str, field: str) -> GreaterThan:
    place: models.Func = models.Func(
        Fold(models.F(field)),
        models.Value(word),
        function="strpos",
        output_field=models.IntegerField(),
    )
    return GreaterThan(place, 0)
