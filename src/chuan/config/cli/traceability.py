"""`chuan traceability …`: letting machines in, putting months of events away and back, several
machines."""

from __future__ import annotations

import argparse
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from chuan.config.cli import session
from chuan.config.cli.people import organisation_called
from chuan.config.cli.terminal import say, say_aside
from chuan.config.trouble import Trouble

COMMAND = "chuan traceability key"


def add_key(options: argparse.Namespace) -> int:
    """Print the key alone on standard output, so that a script can keep it."""
    with session.ready():
        from chuan.modules.traceability import facade  # noqa: PLC0415 - needs Django set up

        body = organisation_called(options.organisation) if options.organisation else None
        watched = _listed(options.authority or "")
        try:
            text = facade.add_key(
                name=options.name,
                scopes=_listed(options.scope),
                by=f"{COMMAND} add",
                party=options.party or "",
                organisation_id=body.pk if body else None,
                remit=[] if watched == ["all"] else watched,
                sees_everything=watched == ["all"],
                expires_at=_end_of(options.until) if options.until else None,
                quota=options.quota,
            )
        except facade.KeyRefused as refused:
            raise Trouble(f"Không cấp được khóa. No key was made: {refused}") from None
    _show(text)
    return 0


def rotate_key(options: argparse.Namespace) -> int:
    """Print the new text alone on standard output, as `add` does."""
    with session.ready():
        from chuan.modules.traceability import facade  # noqa: PLC0415 - needs Django set up

        try:
            text = facade.rotate_key(
                name=options.name, by=f"{COMMAND} rotate", grace=timedelta(hours=options.grace)
            )
        except facade.KeyRefused as refused:
            raise Trouble(f"Không đổi được khóa. No key was changed: {refused}") from None
    _show(text)
    return 0


def list_keys(options: argparse.Namespace) -> int:
    with session.ready():
        from chuan.modules.traceability import facade  # noqa: PLC0415 - needs Django set up

        for key in facade.keys_in_use(at=timezone.now()):
            until = timezone.localtime(key.expires_at) if key.expires_at else None
            told = (key.client_id, key.name, key.holder, ",".join(key.scopes), key.quota)
            ends = f"{until:%d/%m/%Y %H:%M}" if until else ""
            say("\t".join((*told, ends, "" if key.is_good else "hết hạn, expired")).rstrip())
    return 0


def load_links(options: argparse.Namespace) -> int:
    """Everything that is wrong on standard error, one line each, and nothing stored."""
    with session.ready():
        from chuan.modules.traceability import facade  # noqa: PLC0415 - needs Django set up

        try:
            added, changed = facade.load_links(
                party=options.party,
                username=options.username,
                name=options.file.name,
                content=options.file.read_bytes(),
                at=timezone.now(),
            )
        except OSError as error:
            raise Trouble(f"Không đọc được tệp. Cannot read the file: {error}") from None
        except facade.LinksRefused as refused:
            for fault in refused.faults:
                say_aside(fault)
            raise Trouble(f"Chưa ghi liên kết nào. No link was stored: {refused}") from None
    say(f"Đã thêm {added}, đã sửa {changed} liên kết. Added {added}, changed {changed}.")
    return 0


def archive(options: argparse.Namespace) -> int:
    with session.ready():
        from chuan.modules.traceability import facade  # noqa: PLC0415 - needs Django set up

        try:
            months = facade.archive_before(
                end=options.before,
                folder=options.to,
                by="chuan traceability archive",
                at=timezone.now(),
            )
        except facade.CannotArchive as refused:
            raise Trouble(
                f"Không lưu kho được. Not archived, nothing of it was removed: {refused}"
            ) from None
    for month, count in months:
        say(f"{month}\t{count}")
    if not months:
        before = f"{options.before:%Y-%m}"
        say(f"Không có tháng nào trước {before} để lưu kho. Nothing was recorded before {before}.")
    return 0


def restore(options: argparse.Namespace) -> int:
    with session.ready():
        from chuan.modules.traceability import facade  # noqa: PLC0415 - needs Django set up

        try:
            count = facade.restore_month(
                month=options.month,
                folder=options.source,
                by="chuan traceability restore",
            )
        except facade.CannotArchive as refused:
            raise Trouble(f"Không nạp lại được. Nothing was restored: {refused}") from None
    say(f"{options.month:%Y-%m}\t{count}")
    return 0


def distribute(options: argparse.Namespace) -> int:
    with session.ready():
        from chuan.modules.traceability import facade  # noqa: PLC0415 - needs Django set up

        try:
            laid = facade.distribute(shards=options.shards)
        except facade.CannotDistribute as refused:
            raise Trouble(
                f"Không phân tán được. Not distributed, nothing was changed: {refused}"
            ) from None
    for table, column in laid:
        say(f"{table}\t{column or 'every machine'}")
    return 0


def _listed(told: str) -> list[str]:
    return [one.strip() for one in told.split(",") if one.strip()]


def _end_of(day: date) -> datetime:
    """The instant after the last day on which a key is good, here."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


def _show(text: str) -> None:
    say(text)
    say_aside("Khóa chỉ hiện một lần. The key is shown this once; send it as Authorization: Bearer")


def revoke_key(options: argparse.Namespace) -> int:
    with session.ready():
        from chuan.modules.traceability import facade  # noqa: PLC0415 - needs Django set up

        try:
            facade.revoke_key(name=options.name, by=f"{COMMAND} revoke")
        except facade.KeyRefused:
            raise Trouble(
                f"Không có khóa {options.name!r} đang dùng. No such key is in use."
            ) from None
    say(f"Đã thu hồi khóa {options.name}.")
    return 0
