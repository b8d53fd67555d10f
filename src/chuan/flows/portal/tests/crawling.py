"""Canary words in every text that must stay inside, and a walk over every public address."""

from __future__ import annotations

import json
import re
from collections import deque
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import DatabaseError, connection, models, transaction
from django.test import Client
from django.urls import reverse

from chuan.flows.annual_report.models import Consolidation, ReportSnapshot
from chuan.flows.annual_report.queries.canonical import content_hash
from chuan.flows.portal.parsing.fields import resources

WORD = "zqx7canary"
OURS = {config.label for config in apps.get_app_configs() if config.name.startswith("chuan.")}
# Codes, days and hashes steer the programs that read them; words are what people wrote.
_STEERS = re.compile(r"^[\x21-\x7e]*$")
_PUBLIC = ("/cong-khai/", "/en/cong-khai/", "/robots.txt")


def sources():
    """The columns that some published field comes from; for JSON the paths inside."""
    found: dict[str, set[str]] = {}
    for resource in resources().values():
        for field in resource.fields:
            for source in field.source:
                column, _colon, path = source.partition(":")
                found.setdefault(column, set()).add(path)
    return found


def taint_what_is_never_published():
    """A canary into every text column that no published field comes from, in every row.

    Returns how many columns were tainted, and those the database would not let be.
    """
    known, count, refused = sources(), 0, []
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for model in apps.get_models():
            if model._meta.app_label not in OURS:
                continue
            for field in model._meta.concrete_fields:
                name = f"{model._meta.label}.{field.name}"
                if isinstance(field, models.JSONField):
                    _taint_json(model, field, known.get(name, set()))
                    count += 1
                elif name not in known and _holds_words(field):
                    try:
                        _run(cursor, *_statement(model, field))
                        count += 1
                    except DatabaseError:
                        # Some may only be filled together with others: where they are filled.
                        sql, values = _statement(model, field)
                        refused += _refusal(
                            cursor, f'{sql} WHERE "{field.column}" <> %s', values, name
                        )
        cursor.execute("SET LOCAL session_replication_role = origin")
    _hash_again()
    return count, refused


def _run(cursor, sql, values):
    with transaction.atomic():
        cursor.execute(sql, values)


def _refusal(cursor, sql, values, name):
    try:
        _run(cursor, sql, [*values, ""])
    except DatabaseError:
        return [name]
    return []


def taint(rows, *fields):
    """A canary into these fields of these rows, though others of their kind are published."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for name in fields:
            rows.update(**{name: models.functions.Concat(models.Value(WORD), models.F(name))})
        cursor.execute("SET LOCAL session_replication_role = origin")


def _holds_words(field):
    inner = field.base_field if isinstance(field, ArrayField) else field
    is_text = isinstance(inner, models.CharField | models.TextField)
    longest = getattr(inner, "max_length", None)
    fits = longest is None or longest >= len(WORD) + 1
    return is_text and fits and not inner.choices and not isinstance(field, models.GeneratedField)


def _statement(model, field):
    table, column = model._meta.db_table, field.column
    if isinstance(field, ArrayField):
        return f'UPDATE "{table}" SET "{column}" = "{column}" || %s', [[WORD]]  # noqa: S608
    return (
        f'UPDATE "{table}" SET "{column}" = left(%s || "{column}", %s)',  # noqa: S608
        [WORD, field.max_length or 10_000],
    )


def _taint_json(model, field, published):
    for pk, value in model.objects.values_list("pk", field.name):
        tainted = _tainted(value, "", published)
        if tainted != value:
            model.objects.filter(pk=pk).update(**{field.name: tainted})


def _tainted(value, path, published):
    if isinstance(value, dict):
        return {
            key: _tainted(item, f"{path}.{key}" if path else key, published)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_tainted(item, f"{path}[]", published) for item in value]
    if isinstance(value, str) and path not in published and not _STEERS.match(value):
        return f"{WORD} {value}"
    return value


def _hash_again():
    """As if the canaries had been there when the contents were frozen."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for row in ReportSnapshot.objects.all():
            ReportSnapshot.objects.filter(pk=row.pk).update(sha256=content_hash(row.content))
        for made in Consolidation.objects.all():
            Consolidation.objects.filter(pk=made.pk).update(
                snapshot_hash=content_hash(made.snapshot)
            )
        cursor.execute("SET LOCAL session_replication_role = origin")


# ---------------------------------------------------------------- the walk


class _Links(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        self.found += [value for name, value in attrs if name in {"href", "src", "action"}]


def crawl(*more):
    """Every public address the public pages, files and descriptions lead to: {address: answer}.

    An answer is the status and all of its text, headers included.
    """
    client = Client(raise_request_exception=False)
    names = ("home", "answers", "data", "search", "sitemap", "openapi", "dcat")
    queue = deque(
        [reverse(f"{space}:{name}") for space in ("portal", "portal-en") for name in names]
    )
    queue.extend(["/robots.txt", *more])
    seen = {}
    while queue:
        address = queue.popleft()
        if address in seen:
            continue
        answer = client.get(address)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        text = body.decode("utf-8", "replace")
        headers = "\n".join(f"{name}: {value}" for name, value in answer.items())
        seen[address] = (answer.status_code, f"{headers}\n\n{text}")
        queue.extend(link for link in _links(address, answer, text) if link.startswith(_PUBLIC))
    return seen


def _links(address, answer, text):
    kind = answer.headers.get("Content-Type", "")
    if "html" in kind:
        parser = _Links()
        parser.feed(text)
        found = parser.found
    elif "json" in kind:
        found = re.findall(r'"((?:https?://[^"/]+)?/[^"]*)"', json.dumps(json.loads(text)))
    else:
        found = re.findall(r"https?://[^\s<]+", text)
    for link in found:
        if link and not link.startswith("#"):
            parts = urlsplit(urljoin(f"http://testserver{address}", link))
            yield parts.path + (f"?{parts.query}" if parts.query else "")


def leaks(answers):
    return sorted(address for address, (_status, text) in answers.items() if WORD in text)
