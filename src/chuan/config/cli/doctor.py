"""`chuan doctor`: what is wrong, and what to do about it."""

from __future__ import annotations

import argparse
import importlib.util
import os
import shutil
import smtplib
import ssl
import stat
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from pathlib import Path

import psycopg
from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from chuan.config import environment, schema
from chuan.config.cli import session
from chuan.config.cli.terminal import say
from chuan.config.trouble import Trouble

LEAST_FREE = 1 << 30
# A job that may run waits longer than this only when nobody does jobs.
LONGEST_WAIT = timedelta(minutes=10)
FONT_FACES = 4


class State(Enum):
    FINE = "✓"
    NOTE = "!"
    FAULT = "✗"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; `remedy` says what to do, in Vietnamese and then in English."""

    state: State
    what: str
    remedy: tuple[str, ...] = ()


Check = Callable[[], Iterator[Finding]]


def run(options: argparse.Namespace) -> int:
    found = list(_write_access())
    if not _faults(found):
        try:
            with session.ready(lambda _text: None):
                for check in CHECKS:
                    found += check()
                if not schema.pending_migrations():
                    for check in [*CHECKS_OF_TABLES, *(THOROUGH if options.thorough else [])]:
                        found += check()
        except (Trouble, psycopg.Error, DatabaseError) as error:
            found.append(
                Finding(
                    State.FAULT,
                    f"Cơ sở dữ liệu: {error}",
                    (
                        "Xem nhật ký trong var/pg/log, hoặc sửa DATABASE_URL.",
                        "See the log in var/pg/log, or correct DATABASE_URL.",
                    ),
                )
            )
    for finding in found:
        say(f"{finding.state.value} {finding.what}")
        for line in finding.remedy:
            say(f"    → {line}")
    faults = _faults(found)
    say()
    say(f"{faults} lỗi cần xử lý | faults." if faults else "Mọi thứ ổn | All is well.")
    return 1 if faults else 0


def _faults(found: list[Finding]) -> int:
    return sum(finding.state is State.FAULT for finding in found)


def _write_access() -> Iterator[Finding]:
    var = environment.var_folder()
    try:
        var.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=var):
            pass
    except OSError as error:
        yield Finding(
            State.FAULT,
            f"Thư mục dữ liệu: không ghi được vào {var} ({error.strerror})",
            (
                f"Cấp quyền ghi {var} cho người chạy chuan, hoặc đặt CHUAN_VAR sang thư mục khác.",
                "Let the account that runs chuan write there, or set CHUAN_VAR.",
            ),
        )
        return
    yield Finding(State.FINE, f"Thư mục dữ liệu: {var}")


def _database() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version'), current_setting('fsync'),"
            " pg_encoding_to_char(encoding), pg_size_pretty(pg_database_size(datname))"
            " FROM pg_database WHERE datname = current_database()"
        )
        version, fsync, encoding, size = cursor.fetchone()
    where = "máy chủ riêng (DATABASE_URL)" if os.environ.get("DATABASE_URL") else "đi kèm Chuẩn"
    yield Finding(State.FINE, f"Cơ sở dữ liệu: PostgreSQL {version}, {where}, {size}")
    if fsync != "on":
        yield Finding(
            State.FAULT,
            "Cơ sở dữ liệu: fsync đang tắt, mất điện là mất dữ liệu",
            ("Bật fsync trên máy chủ PostgreSQL.", "Turn fsync on in postgresql.conf."),
        )
    if encoding != "UTF8":
        yield Finding(
            State.FAULT,
            f"Cơ sở dữ liệu: mã chữ là {encoding}, tiếng Việt cần UTF8",
            (
                "Tạo lại cơ sở dữ liệu với ENCODING 'UTF8' rồi khôi phục bản sao lưu.",
                "Create the database anew with ENCODING 'UTF8' and restore a backup.",
            ),
        )


def _migrations() -> Iterator[Finding]:
    pending = schema.pending_migrations()
    if not pending:
        yield Finding(State.FINE, "Cấu trúc dữ liệu: đúng phiên bản")
        return
    yield Finding(
        State.FAULT,
        f"Cấu trúc dữ liệu: còn {len(pending)} bước chưa làm (bước đầu: {pending[0]})",
        ("Sao lưu rồi chạy: chuan migrate", "Take a backup, then run: chuan migrate"),
    )


def _fonts() -> Iterator[Finding]:
    spec = importlib.util.find_spec("chuan.core.documents")
    folder = Path(spec.submodule_search_locations[0]) if spec else Path()  # type: ignore[index]
    faces = [path for path in folder.rglob("Tinos*.ttf") if path.stat().st_size > 0]
    if len(faces) >= FONT_FACES:
        yield Finding(State.FINE, "Phông chữ văn bản: Tinos, đủ bốn kiểu")
        return
    yield Finding(
        State.FAULT,
        f"Phông chữ văn bản: chỉ thấy {len(faces)}/{FONT_FACES} kiểu Tinos, văn bản PDF sẽ sai",
        (
            "Lấy lại mã nguồn đầy đủ (git checkout) hoặc cài lại: make setup",
            "Font files are missing: restore them with git checkout, or install again.",
        ),
    )


def _disk() -> Iterator[Finding]:
    free = shutil.disk_usage(settings.VAR).free
    said = f"Ổ đĩa: còn trống {free / 1e9:.1f} GB"
    if free >= LEAST_FREE:
        yield Finding(State.FINE, said)
        return
    yield Finding(
        State.FAULT,
        f"{said}, quá ít",
        (
            f"Giải phóng chỗ trên ổ chứa {settings.VAR}; cơ sở dữ liệu dừng khi ổ đầy.",
            "Free space on that disk: the database stops when it is full.",
        ),
    )


def _stored_files() -> Iterator[Finding]:
    from chuan.core.files import store  # noqa: PLC0415 - needs Django set up
    from chuan.core.files.models import StoredFile  # noqa: PLC0415

    known = list(StoredFile.objects.values_list("sha256", flat=True))
    missing = [sha256 for sha256 in known if not store.path_of(sha256).exists()]
    yield from _about_files(missing, f"Tệp đã lưu: đủ {len(known)} tệp")


def _files_as_handed_in() -> Iterator[Finding]:
    from chuan.core.files.queries import damaged_files  # noqa: PLC0415 - needs Django set up

    damaged = [damage.sha256 for damage in damaged_files()]
    yield from _about_files(damaged, "Tệp đã lưu: nội dung đúng như khi nhận")


def _about_files(damaged: list[str], fine: str) -> Iterator[Finding]:
    if not damaged:
        yield Finding(State.FINE, fine)
        return
    yield Finding(
        State.FAULT,
        f"Tệp đã lưu: mất hoặc hỏng {len(damaged)} tệp (ví dụ {damaged[0]})",
        (
            f"Lấy lại tệp cùng tên từ bản sao lưu (tar xf) vào {settings.CHUAN_FILES}.",
            "Bring the file of that name back from a backup: tar xf FILE files/…",
        ),
    )


def _duties() -> Iterator[Finding]:
    from chuan.modules.plans.facade import duties_left  # noqa: PLC0415 - needs Django set up

    left = duties_left()
    if not left.adds_up:
        yield Finding(
            State.FAULT,
            f"Nghĩa vụ của cơ quan đã kết thúc: tổng {left.total} không khớp "
            f"({left.undecided} chưa quyết định, {left.proposed} chờ duyệt, {left.approved} đã duyệt)",
            (
                "Giữ nguyên dữ liệu, sao lưu và báo người phát triển.",
                "Duties of bodies that are no more do not add up: take a backup and report it.",
            ),
        )
        return
    if left.undecided:
        yield Finding(
            State.NOTE,
            f"Nghĩa vụ của cơ quan đã kết thúc: {left.undecided}/{left.total} chưa có quyết định",
            (
                "Chuyên viên theo dõi mở kế hoạch, trang “Nghĩa vụ còn lại”.",
                "A coordinator decides them on the plan's page of remaining duties.",
            ),
        )
        return
    yield Finding(State.FINE, f"Nghĩa vụ của cơ quan đã kết thúc: đủ {left.total}, không sót")


def _ledger() -> Iterator[Finding]:
    from chuan.core.audit import queries  # noqa: PLC0415 - needs Django set up

    if faults := queries.breaks(limit=1):
        yield Finding(
            State.FAULT,
            f"Sổ nhật ký: bị can thiệp, {faults[0].reason}",
            (
                "Chạy chuan audit verify, giữ nguyên máy và báo người có trách nhiệm.",
                "The ledger was tampered with: run `chuan audit verify`, preserve the machine.",
            ),
        )
        return
    yield Finding(State.FINE, f"Sổ nhật ký: nguyên vẹn, {queries.head().position} dòng")


def _queue() -> Iterator[Finding]:
    from chuan.core.jobs.queries import queue_facts  # noqa: PLC0415 - needs Django set up

    now = timezone.now()
    facts = queue_facts(at=now)
    if facts.stuck:
        yield Finding(
            State.FAULT,
            f"Hàng việc: {facts.stuck} việc bị kẹt",
            (
                "Chạy chuan worker; việc kẹt được xếp lại sau một phút.",
                "Run `chuan worker`: stuck jobs are queued again within a minute.",
            ),
        )
    if facts.waiting_since and now - facts.waiting_since > LONGEST_WAIT:
        waited = (now - facts.waiting_since) // timedelta(minutes=1)
        remedy = (
            ("Khởi động lại chuan worker và xem nhật ký.", "Restart `chuan worker`, see its log.")
            if facts.live_workers
            else ("Không có tiến trình làm việc: chạy chuan worker.", "Start `chuan worker`.")
        )
        yield Finding(
            State.FAULT,
            f"Hàng việc: {facts.waiting} việc chờ, lâu nhất {waited} phút",
            remedy,
        )
    if facts.failed_lately:
        yield Finding(
            State.NOTE,
            f"Hàng việc: {facts.failed_lately} việc thất bại trong 7 ngày qua",
            (
                "Xem nhật ký của chuan worker.",
                "See the worker's log; list them: chuan manage procrastinate shell, list_jobs.",
            ),
        )
    yield Finding(
        State.FINE,
        f"Hàng việc: {facts.waiting} chờ, {facts.running} đang làm, "
        f"{facts.live_workers} tiến trình làm việc",
    )


def _mail() -> Iterator[Finding]:
    if not settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        yield Finding(
            State.NOTE,
            "Thư điện tử: chưa cấu hình, thư chỉ ghi ra nhật ký",
            (
                "Đặt CHUAN_EMAIL_URL=smtp://người-dùng:mật-khẩu@máy-chủ:587 và CHUAN_EMAIL_FROM.",
                "Mail is only written to the log. Set CHUAN_EMAIL_URL and CHUAN_EMAIL_FROM.",
            ),
        )
        return
    if settings.DEFAULT_FROM_EMAIL.endswith("@localhost"):
        yield Finding(
            State.FAULT,
            f"Thư điện tử: địa chỉ gửi là {settings.DEFAULT_FROM_EMAIL}, máy chủ khác sẽ từ chối",
            ("Đặt CHUAN_EMAIL_FROM.", "Set CHUAN_EMAIL_FROM to an address of yours."),
        )
    where = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    try:
        _greet_mail_server()
    except (OSError, smtplib.SMTPException) as error:
        yield Finding(
            State.FAULT,
            f"Thư điện tử: {where} không nhận ({error})",
            (
                "Kiểm tra địa chỉ, cổng, tài khoản trong CHUAN_EMAIL_URL.",
                "Check address, port and account in CHUAN_EMAIL_URL.",
            ),
        )
        return
    yield Finding(State.FINE, f"Thư điện tử: {where}")


def _outbox() -> Iterator[Finding]:
    from chuan.core.notices.queries import outbox  # noqa: PLC0415 - needs Django set up

    letters = outbox()
    oldest = letters.oldest_waiting
    if oldest and timezone.now() - oldest > LONGEST_WAIT:
        yield Finding(
            State.FAULT,
            f"Thư điện tử: {letters.waiting} thư chưa gửi được, cũ nhất từ "
            f"{timezone.localtime(oldest):%H:%M %d/%m/%Y}",
            (
                "Xem chuan worker có chạy không và máy chủ thư có nhận không.",
                "Letters are not going out: is `chuan worker` running, is the mail server?",
            ),
        )
    if letters.failed:
        yield Finding(
            State.NOTE,
            f"Thư điện tử: {letters.failed} thư bị từ chối",
            (
                "Kiểm tra địa chỉ thư trong danh sách tài khoản.",
                "Some addresses refuse mail: correct them in the list of accounts.",
            ),
        )


def _greet_mail_server() -> None:
    context = ssl.create_default_context()
    host, port = settings.EMAIL_HOST, settings.EMAIL_PORT
    server = (
        smtplib.SMTP_SSL(host, port, timeout=10, context=context)
        if getattr(settings, "EMAIL_USE_SSL", False)
        else smtplib.SMTP(host, port, timeout=10)
    )
    with server:
        if getattr(settings, "EMAIL_USE_TLS", False):
            server.starttls(context=context)
        if settings.EMAIL_HOST_USER:
            server.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)


def _safety() -> Iterator[Finding]:
    if settings.DEBUG:
        yield Finding(
            State.FAULT,
            "An toàn: CHUAN_DEBUG đang bật, trang lỗi lộ dữ liệu",
            ("Bỏ CHUAN_DEBUG.", "Unset CHUAN_DEBUG."),
        )
    key = environment.var_folder() / "secret-key"
    if key.exists() and stat.S_IMODE(key.stat().st_mode) & 0o077:
        yield Finding(
            State.FAULT,
            f"An toàn: {key} người khác đọc được",
            (f"Chạy: chmod 600 {key}", "Others can read the signing key: chmod it to 600."),
        )
    elsewhere = set(settings.ALLOWED_HOSTS) - {"localhost", "127.0.0.1", "[::1]"}
    if elsewhere and not settings.HTTPS:
        yield Finding(
            State.FAULT,
            f"An toàn: {', '.join(sorted(elsewhere))} chạy không có HTTPS",
            (
                "Đặt máy chủ TLS phía trước và CHUAN_HTTPS=1 (docs/operations.md).",
                "Put a TLS proxy in front and set CHUAN_HTTPS=1 (docs/operations.md).",
            ),
        )


CHECKS: list[Check] = [_database, _migrations, _fonts, _disk, _mail, _safety]
CHECKS_OF_TABLES: list[Check] = [_stored_files, _duties, _queue, _outbox]
THOROUGH: list[Check] = [_files_as_handed_in, _ledger]
