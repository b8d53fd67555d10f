from __future__ import annotations

import io
from datetime import timedelta
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


@transaction.atomic
def sweep_orphans(*, older_than: timedelta = timedelta(days=1)) -> int:
    """Remove bytes that no row points at: what rolled-back uploads left. Returns how many.

    It waits for running uploads, and they wait for it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_SWEEPING])
    latest = (timezone.now() - older_than).timestamp()
    old = [path for path in store.everything() if path.stat().st_mtime < latest]
    known: set[str] = set()
    for start in range(0, len(old), 1000):
        names = [path.name for path in old[start : start + 1000]]
        known.update(StoredFile.objects.filter(sha256__in=names).values_list("sha256", flat=True))
    orphans = [path for path in old if path.name not in known]
    orphans += [path for path in store.abandoned() if path.stat().st_mtime < latest]
    for path in orphans:
        store.remove(path)
    return len(orphans)
