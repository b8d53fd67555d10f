from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from django.core.files.base import File
from django.db import connection, transaction
from django.db.models import Count, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from chuan.core.audit.operations import record
from chuan.core.files import queries, rules, store
from chuan.core.files.models import PartialUpload, StoredFile, Upload
from chuan.core.files.parsing.inspection import FileRefused, inspect, look_ahead
from chuan.core.files.parsing.names import safe_name
from chuan.core.people.models import Person

BATCH = 1000
# Files one person may have on their way in at once.
MOST_PARTIAL = 20
# How long a file on its way in waits for its sender.
PARTIAL_KEPT_FOR = timedelta(days=2)
# Uploads share this lock, the sweeper of orphans takes it alone. Any number; ours is "files".
_SWEEPING = 0x66696C6573
# Who counts what a person has on the way takes this lock together with that person's number.
_PARTIAL = 0x70617274


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
    if isinstance(content, queries.ResumedFile):
        _take_once(actor, content)
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


def _take_once(actor: Person | None, content: queries.ResumedFile) -> None:
    """Of two forms sent with the same file, the second finds it gone."""
    partial = (
        PartialUpload.objects.select_for_update().filter(pk=content.partial_id, owner=actor).first()
    )
    if partial is None or not partial.is_whole:
        raise FileRefused(gone())
    partial.delete()
    key = content.partial_id.hex
    transaction.on_commit(lambda: store.remove_part(key))


def gone() -> str:
    return _(
        "Tệp gửi trước đó không còn chờ ở đây: có thể đã được nhận. Xem lại danh sách, nếu chưa có "
        "thì chọn lại tệp."
    )


# ---------------------------------------------------------------- in pieces


class WrongOffset(Exception):
    """The next piece does not begin where the last one ended; `received` is where."""

    def __init__(self, received: int) -> None:
        super().__init__(f"The next byte is {received}")
        self.received = received


@transaction.atomic
def begin_upload(
    *, actor: Person, name: str, size: int, sha256: str, at: datetime
) -> PartialUpload:
    """Announce a file that will come in pieces. What its name and size tell is judged now.

    :param sha256: in small hexadecimal letters, or "" when the sender cannot tell.
    :raises FileRefused: it would not be taken, or this person has too much on the way.
    :raises Denied: the actor has no role today.
    """
    rules.hand_in_file.require(actor)
    name = safe_name(name)
    look_ahead(name, size, limit=queries.upload_limit())
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_PARTIAL, actor.pk % 2**31])
    waiting = queries.uploads_on_their_way(actor).aggregate(count=Count("pk"), bytes=Sum("size"))
    if waiting["count"] >= MOST_PARTIAL or (waiting["bytes"] or 0) + size > queries.partial_quota():
        raise FileRefused(_("Bạn đang có quá nhiều tệp gửi dở. Gửi xong hoặc bỏ bớt rồi thử lại."))
    return PartialUpload.objects.create(
        owner=actor, name=name, size=size, sha256=sha256.lower(), begun_at=at, touched_at=at
    )


def continue_upload(
    *, actor: Person, partial: PartialUpload, offset: int, content: bytes, at: datetime
) -> PartialUpload:
    """Add the next piece. The last one is followed by the checks every file goes through.

    :raises WrongOffset: the piece does not begin where the last one ended.
    :raises FileRefused: more than was announced, or the whole is not what it should be; it is gone.
    :raises Denied: somebody else's file.
    """
    with transaction.atomic():
        try:
            partial = PartialUpload.objects.select_for_update().get(pk=partial.pk)
        except PartialUpload.DoesNotExist:
            raise FileRefused(gone()) from None
        rules.continue_upload.require(actor, partial)
        if offset != partial.received:
            raise WrongOffset(partial.received)
        refusal = ""
        if partial.received + len(content) > partial.size:
            refusal = _("Tệp “%s” dài hơn đã báo. Chọn lại tệp rồi gửi lại.") % partial.name
        else:
            store.append(partial.id.hex, offset, content)
            partial.received += len(content)
            partial.touched_at = at
            partial.save(update_fields=["received", "touched_at"])
            if partial.is_whole:
                refusal = _why_refused(partial)
        key = partial.id.hex
        if refusal:
            partial.delete()
    if refusal:
        store.remove_part(key)
        raise FileRefused(refusal)
    return partial


def _why_refused(partial: PartialUpload) -> str:
    """What is wrong with a file that is whole now; "" when it will be taken."""
    if partial.sha256 and store.sha256_of_part(partial.id.hex) != partial.sha256:
        return _("Tệp “%s” bị hỏng trên đường truyền. Gửi lại tệp.") % partial.name
    with store.open_part(partial.id.hex) as content:
        try:
            inspect(partial.name, content, limit=queries.upload_limit())
        except FileRefused as refused:
            return str(refused)
    return ""


@transaction.atomic
def cancel_upload(*, actor: Person, partial: PartialUpload) -> None:
    """Give up a file on its way in.

    :raises Denied: somebody else's file.
    """
    rules.continue_upload.require(actor, partial)
    key = partial.id.hex
    PartialUpload.objects.filter(pk=partial.pk).delete()
    transaction.on_commit(lambda: store.remove_part(key))


def sweep_partial_uploads() -> int:
    """Remove files on their way in that nobody came back to; return how many."""
    latest = timezone.now() - PARTIAL_KEPT_FOR
    removed, _by_table = PartialUpload.objects.filter(touched_at__lt=latest).delete()
    waiting = {pk.hex for pk in PartialUpload.objects.values_list("pk", flat=True)}
    for path in list(_older(store.parts(), latest.timestamp())):
        if path.name not in waiting:
            store.remove(path)
    return removed


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
