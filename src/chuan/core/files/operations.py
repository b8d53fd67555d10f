from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from django.core.files.base import File
from django.db import connection, transaction
from django.utils import timezone

from chuan.core.audit.operations import record
from chuan.core.files import queries, rules, store
from chuan.core.files.models import StoredFile, Upload
from chuan.core.files.parsing.inspection import inspect
from chuan.core.files.parsing.names import safe_name
from chuan.core.people.models import Person

BATCH = 1000
# Uploads share this lock, the sweeper of orphans takes it alone. Any number; ours is "files".
_SWEEPING = 0x66696C6573


@transaction.atomic
def store_upload(
    *, actor: Person | None, name: str, content: bytes | BinaryIO | File[Any], made_by: str = ""
) -> Upload:
    """Take a file in, for good: its bytes are kept once and never change.

    Whoever owns the thing the file belongs to opens it to readers (`rules.let_read`). If the
    transaction is rolled back, the bytes stay behind without a row, and `sweep_orphans` removes
    them a day later.

    :param name: as the person's machine called it; kept without what could do harm.
    :param actor: None when the system itself made the file; `made_by` then names the job.
    :raises FileRefused: the file is not taken; the message says why, to the person.
    :raises Denied: the actor has no role today.
    """
    if actor is not None:
        rules.hand_in_file.require(actor)
    name = safe_name(name)
    source: Any = io.BytesIO(content) if isinstance(content, bytes) else content
    kind = inspect(name, source, limit=queries.upload_limit())
    _hold_off_sweeping()
    kept = store.put(source)
    now = timezone.now()
    file, _is_new = StoredFile.objects.get_or_create(
        sha256=kept.sha256,
        defaults={"size": kept.size, "media_type": kind.media_type, "stored_at": now},
    )
    upload = Upload.objects.create(file=file, name=name, uploaded_by=actor, uploaded_at=now)
    record(
        action="files.uploaded",
        actor=actor,
        subject=upload,
        by=made_by,
        sha256=kept.sha256,
        size=kept.size,
    )
    return upload


def _hold_off_sweeping() -> None:
    """Until this transaction ends, no file is swept: its row may not be visible yet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_SWEEPING])


def sweep_orphans(*, older_than: timedelta = timedelta(days=1)) -> int:
    """Remove bytes that no row points at: what rolled-back uploads left. Returns how many.

    Looking through the store may take long and holds nobody up. Only to remove what was found, a
    batch at a time, it waits for running uploads, and they wait for it.
    """
    latest = (timezone.now() - older_than).timestamp()
    removed = 0
    old = _older(store.everything(), latest)
    while batch := list(islice(old, BATCH)):
        removed += _remove_unknown(_unknown(batch))
    for path in _older(store.abandoned(), latest):
        store.remove(path)
        removed += 1
    return removed


def _older(paths: Iterable[Path], latest: float) -> Iterator[Path]:
    for path in paths:
        try:
            if path.stat().st_mtime < latest:
                yield path
        except FileNotFoundError:
            continue  # an upload that was half finished a moment ago


def _unknown(paths: Iterable[Path]) -> list[Path]:
    paths = list(paths)
    known = set(
        StoredFile.objects.filter(sha256__in=[path.name for path in paths]).values_list(
            "sha256", flat=True
        )
    )
    return [path for path in paths if path.name not in known]


@transaction.atomic
def _remove_unknown(paths: list[Path]) -> int:
    if not paths:
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_SWEEPING])
    # Somebody may have handed the same bytes in again since they were looked at.
    orphans = _unknown(paths)
    for path in orphans:
        store.remove(path)
    return len(orphans)
