"""Keeping questions under names."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from chuan.core.audit.operations import record
from chuan.modules.traceability import rules
from chuan.modules.traceability.engine.query import read_question
from chuan.modules.traceability.models import AccessKey, NamedQuery, Subscription

# Of one key. A machine that makes a name for every question would never delete one.
MOST_QUERIES = 1_000


class NameTaken(ValueError):
    """This key has a query of this name."""


class TooManyQueries(ValueError):
    """This key keeps as many queries as one may."""


@transaction.atomic
def keep_query(
    *, key: AccessKey, name: str, question: object, namespaces: Mapping[str, str]
) -> NamedQuery:
    """Keep a question under a name of this key.

    :raises Denied: the key is not for querying.
    :raises BadQuestion: it is no object of parameters.
    :raises BadParameter: it has a parameter nobody knows, or a value that one cannot have.
    :raises NameTaken: the key has a query of this name.
    :raises TooManyQueries: see `MOST_QUERIES`.
    """
    # Two machines may show one key at the same moment; the second sees what the first made. Events
    # that are told under it meanwhile do not wait.
    key = AccessKey.objects.select_for_update(no_key=True).get(pk=key.pk)
    rules.keep_queries.require(key)
    read_question(question, namespaces)
    mine = NamedQuery.objects.filter(key=key)
    if mine.filter(name=name).exists():
        raise NameTaken(name)
    if mine.count() >= MOST_QUERIES:
        raise TooManyQueries(f"at most {MOST_QUERIES} queries of one key")
    query = NamedQuery.objects.create(
        key=key,
        name=name,
        question=question,
        namespaces=dict(namespaces),
        created_at=timezone.now(),
    )
    record(
        action="traceability.query_kept", actor=None, by=key.name, subject=query, question=question
    )
    return query


@transaction.atomic
def forget_query(*, key: AccessKey, name: str) -> None:
    """Forget a question; who subscribed to it is sent nothing more.

    :raises Denied: the key is not for querying.
    :raises NamedQuery.DoesNotExist: the key has none of this name.
    """
    rules.keep_queries.require(key)
    query = NamedQuery.objects.select_for_update().get(key=key, name=name)
    ended, _by_kind = Subscription.objects.filter(query=query).delete()
    record(
        action="traceability.query_forgotten",
        actor=None,
        by=key.name,
        subject=query,
        subscriptions=ended,
    )
    query.delete()
