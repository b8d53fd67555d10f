"""One file with everything: the database as of one instant, every stored file, and a manifest that
says what must be in it.

The archive is a plain tar:

    manifest.json     format, product version, row counts, ledger head, SHA-256 of all that follows
    database.dump     pg_dump, custom format
    files/…           the content of var/files

It is read back whole before it is called done, and again before anything of it is restored.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, LiteralString

import psycopg
from psycopg import sql

import chuan
from chuan.config import environment
from chuan.config.postgres import programs
from chuan.config.postgres.locks import Lock
from chuan.config.postgres.programs import ProgramFailed
from chuan.config.trouble import Trouble

FORMAT = 1
MANIFEST, DUMP, FILES = "manifest.json", "database.dump", "files"
CHUNK = 1 << 20
SAFE_NAME = re.compile(r"(?!.*\.\.)[A-Za-z0-9_-][A-Za-z0-9_./-]*")

Say = Callable[[str], None]


class BadArchive(Trouble):
    """The archive is damaged, or not one of ours; nothing was restored from it."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What must be the same before a backup and after its restoration."""

    tables: dict[str, int]
    ledger_position: int
    ledger_hash: str


@dataclass(frozen=True, slots=True)
class Content:
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Summary:
    """What was written or restored, for the operator to read."""

    created_at: str
    version: str
    facts: Facts
    file_count: int
    file_size: int
    archive: Content
    damaged_files: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        rows = sum(self.facts.tables.values())
        return [
            f"Thời điểm dữ liệu | data as of: {self.created_at}, Chuẩn {self.version}",
            f"{len(self.facts.tables)} bảng, {rows} dòng | tables, rows",
            f"{self.file_count} tệp, {self.file_size / 1e6:.1f} MB | stored files",
            f"Sổ nhật ký | ledger: {self.facts.ledger_position} dòng {self.facts.ledger_hash}",
            f"SHA-256: {self.archive.sha256} ({self.archive.size / 1e6:.1f} MB)",
        ]


# ---------------------------------------------------------------- writing


def write(path: Path, *, var: Path, say: Say) -> Summary:
    """Write the archive and read it back.

    :raises Trouble: `path` exists, or the database cannot be dumped.
    """
    if path.exists():
        raise Trouble(f"{path} đã có. The file exists already: name another.")
    path = path.absolute()
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{path.name}-", dir=path.parent) as work:
        dump, part = Path(work, DUMP), Path(work, "archive.tar")
        with environment.connect(var) as connection:
            connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            snapshot = _one(connection, "SELECT pg_export_snapshot()")
            facts = _facts(connection)
            say("Đọc cơ sở dữ liệu…")
            _dump(dump, snapshot=snapshot, server=connection.info.server_version, var=var)
            wanted = _stored_hashes(connection)
            migrations = _migrations(connection)
            server = connection.info.server_version // 10000
        # A stored file is in place before its row is committed, and never changed or removed while
        # it has one: read after the snapshot, all that it names are there.
        say("Đọc các tệp…")
        files = {name: _content(file) for name, file in _stored_files(var, wanted)}
        found = {content.sha256 for name, content in files.items() if name.endswith(content.sha256)}
        manifest = {
            "format": FORMAT,
            "product": "chuan",
            "version": chuan.__version__,
            "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "server": server,
            "migrations": migrations,
            "facts": asdict(facts),
            "damaged_files": sorted(wanted - found),
            "contents": {
                DUMP: asdict(_content(dump)),
                **{f"{FILES}/{name}": asdict(content) for name, content in files.items()},
            },
        }
        _pack(part, manifest, dump=dump, var=var)
        say("Đọc lại để kiểm tra…")
        verify(part)
        _list_dump(dump, server)
        part.chmod(0o600)
        _to_disk(part)
        part.rename(path)
    return _summary(path, manifest)


def _dump(target: Path, *, snapshot: str, server: int, var: Path) -> None:
    where, password = environment.client_options(var)
    try:
        programs.run(
            [
                *(programs.client("pg_dump", server=server // 10000), "--format=custom"),
                *("--no-owner", "--no-privileges", f"--snapshot={snapshot}"),
                *(f"--file={target}", f"--dbname={where}"),
            ],
            environment=password,
        )
    except ProgramFailed as failed:
        raise Trouble(f"Không đọc được cơ sở dữ liệu. {failed}") from None


def _list_dump(dump: Path, server: int) -> None:
    """The dump must be one that can be restored, not only one with the right hash."""
    programs.run([programs.client("pg_restore", server=server), "--list", dump])


def _pack(target: Path, manifest: dict[str, Any], *, dump: Path, var: Path) -> None:
    with tarfile.open(target, "x", format=tarfile.PAX_FORMAT) as tar:
        text = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
        with tempfile.TemporaryFile() as spool:
            spool.write(text)
            spool.seek(0)
            _add(tar, MANIFEST, spool, len(text))
        for name, content in manifest["contents"].items():
            source = dump if name == DUMP else var / name
            with source.open("rb") as stream:
                _add(tar, name, stream, content["size"])


def _add(tar: tarfile.TarFile, name: str, stream: IO[bytes], size: int) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode, member.mtime = size, 0o600, int(time.time())
    tar.addfile(member, stream)


def _stored_files(var: Path, wanted: set[str]) -> Iterator[tuple[str, Path]]:
    """The files the database knows, by their path in the store; their names are their SHA-256."""
    root = var / FILES
    for path in sorted(root.rglob("*")):
        if path.name in wanted and path.is_file():
            yield path.relative_to(root).as_posix(), path


# ---------------------------------------------------------------- reading back


def verify(path: Path) -> dict[str, Any]:
    """Read the whole archive and compare it with its manifest, which is returned.

    :raises BadArchive: something is missing, changed or added.
    """
    with _opened(path) as members:
        manifest = _manifest(members)
        awaited = {name: Content(**content) for name, content in manifest["contents"].items()}
        for name, stream in members:
            content = _content_of(stream)
            if awaited.pop(name, None) != content:
                raise BadArchive(
                    f"Bản sao lưu hỏng: {name}. This part of {path} is not what the manifest says."
                )
    if awaited:
        raise BadArchive(f"Bản sao lưu thiếu {min(awaited)}. {path} is incomplete.")
    return manifest


@contextmanager
def _opened(path: Path) -> Iterator[Iterator[tuple[str, IO[bytes]]]]:
    try:
        with tarfile.open(path, "r:") as tar:
            yield _members(tar)
    except (tarfile.TarError, EOFError) as error:
        raise BadArchive(f"Không phải bản sao lưu của Chuẩn. {path}: {error}") from None
    except FileNotFoundError:
        raise BadArchive(f"Không có tệp {path}. There is no such file.") from None


def _members(tar: tarfile.TarFile) -> Iterator[tuple[str, IO[bytes]]]:
    for member in tar:
        stream = tar.extractfile(member) if member.isreg() else None
        if stream is None or not SAFE_NAME.fullmatch(member.name):
            raise BadArchive(f"Bản sao lưu có phần lạ: {member.name!r}. Unexpected member.")
        yield member.name, stream


def _manifest(members: Iterator[tuple[str, IO[bytes]]]) -> dict[str, Any]:
    name, stream = next(members, (None, None))
    if name != MANIFEST or stream is None:
        raise BadArchive("Không phải bản sao lưu của Chuẩn. The archive has no manifest.")
    try:
        manifest: dict[str, Any] = json.load(stream)
        if manifest["product"] != "chuan":
            raise BadArchive("Không phải bản sao lưu của Chuẩn. Another product wrote it.")
        newer = manifest["format"] > FORMAT or _number(manifest["version"]) > _number(
            chuan.__version__
        )
        if newer:
            raise BadArchive(
                f"Bản sao lưu của phiên bản mới hơn ({manifest['version']}). "
                f"Restore it with Chuẩn {manifest['version']}."
            )
    except (ValueError, KeyError, TypeError) as error:
        raise BadArchive(f"Bản sao lưu hỏng. Its manifest cannot be read: {error}") from None
    return manifest


# ---------------------------------------------------------------- restoring


def restore(path: Path, *, var: Path, replace: bool, say: Say) -> Summary:
    """Put the archive's data in the place of the present ones: all of them or none.

    They are restored into a database of their own, checked there, and take over by a change of
    name. With `replace`, what was there before is kept as `<name>_before_restore`.

    :raises BadArchive: the archive is not sound.
    :raises Trouble: there are data and `replace` is not given, a demo is running, or the server is
        older than the archive's.
    """
    with _nobody_else(var):
        say("Kiểm tra bản sao lưu…")
        manifest = verify(path)
        facts = Facts(**manifest["facts"])
        with environment.connect(var) as connection:
            name, server = connection.info.dbname, connection.info.server_version // 10000
            present = _facts(connection)
        if present.tables and not replace:
            raise Trouble(
                f"Cơ sở dữ liệu {name} đang có dữ liệu. It has tables in it; to put the archive in "
                "their place: chuan restore --replace FILE"
            )
        if server < manifest["server"]:
            raise Trouble(
                f"The archive was written by PostgreSQL {manifest['server']}, this server is "
                f"{server}: restore it to a server of that version or newer."
            )
        say("Ghi các tệp…")
        _restore_files(path, var)
        with (
            environment.connect(var, database="postgres") as maintenance,
            _fresh_database(maintenance, name) as fresh,
        ):
            say("Ghi cơ sở dữ liệu…")
            _restore_database(path, fresh, server=server, var=var)
            with environment.connect(var, database=fresh) as connection:
                connection.execute("ANALYZE")
                _compare(facts, _facts(connection))
            _swap(maintenance, name, fresh, keep=bool(present.tables))
    return _summary(path, manifest)


def _restore_files(archive: Path, var: Path) -> None:
    (var / FILES).mkdir(mode=0o700, parents=True, exist_ok=True)
    with _opened(archive) as members:
        contents = _manifest(members)["contents"]
        for name, stream in members:
            if not name.startswith(f"{FILES}/"):
                continue
            target = var / name
            if target.exists() and asdict(_content(target)) == contents[name]:
                continue
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            part = target.with_name(f".{target.name}.part")
            with part.open("wb") as copy:
                shutil.copyfileobj(stream, copy, CHUNK)
            _to_disk(part)
            part.chmod(0o400)
            part.rename(target)


def _restore_database(archive: Path, database: str, *, server: int, var: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="restore-", dir=var) as work:
        dump = Path(work, DUMP)
        with _opened(archive) as members:
            stream = next(stream for name, stream in members if name == DUMP)
            with dump.open("wb") as copy:
                shutil.copyfileobj(stream, copy, CHUNK)
        where, password = environment.client_options(var, database=database)
        try:
            programs.run(
                [
                    *(programs.client("pg_restore", server=server), "--exit-on-error"),
                    *("--no-owner", "--no-privileges", "--jobs=2", f"--dbname={where}", dump),
                ],
                environment=password,
            )
        except ProgramFailed as failed:
            raise Trouble(f"Không khôi phục được; dữ liệu cũ còn nguyên. {failed}") from None


@contextmanager
def _fresh_database(maintenance: psycopg.Connection, name: str) -> Iterator[str]:
    fresh = f"{name}_restoring"
    _drop(maintenance, fresh)  # of a restoration that was killed
    maintenance.execute(
        sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(
            sql.Identifier(fresh)
        )
    )
    try:
        yield fresh
    finally:
        _drop(maintenance, fresh)  # gone already under its new name when all went well


def _swap(maintenance: psycopg.Connection, name: str, fresh: str, *, keep: bool) -> None:
    """Let the fresh database take the name; running servers are cut off for that moment."""
    before = f"{name}_before_restore"
    _drop(maintenance, before)
    _allow_connections(maintenance, name, False)
    try:
        for database in (name, fresh):
            maintenance.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s",
                [database],
            )
        with maintenance.transaction():
            _rename(maintenance, name, before)
            _rename(maintenance, fresh, name)
    except BaseException:
        _allow_connections(maintenance, name, True)
        raise
    if keep:
        _allow_connections(maintenance, before, True)
    else:
        _drop(maintenance, before)


def _allow_connections(maintenance: psycopg.Connection, database: str, allowed: bool) -> None:
    maintenance.execute(
        sql.SQL("ALTER DATABASE {} WITH ALLOW_CONNECTIONS {}").format(
            sql.Identifier(database), sql.Literal(allowed)
        )
    )


def _rename(maintenance: psycopg.Connection, database: str, name: str) -> None:
    maintenance.execute(
        sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
            sql.Identifier(database), sql.Identifier(name)
        )
    )


def _drop(maintenance: psycopg.Connection, database: str) -> None:
    maintenance.execute(
        sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database))
    )


def _compare(awaited: Facts, found: Facts) -> None:
    if awaited == found:
        return
    differing = [
        table
        for table in sorted({*awaited.tables, *found.tables})
        if awaited.tables.get(table) != found.tables.get(table)
    ]
    raise Trouble(
        "Dữ liệu khôi phục không khớp bản sao lưu; dữ liệu cũ còn nguyên. Not the same after "
        f"restoring: {', '.join(differing) or 'the head of the ledger'}"
    )


@contextmanager
def _nobody_else(var: Path) -> Iterator[None]:
    demo, restoring = Lock(var / "demo.lock"), Lock(var / "restore.lock")
    try:
        if not demo.try_alone():
            raise Trouble("Bản demo đang chạy trên dữ liệu này. Stop the running demo first.")
        if not restoring.try_alone():
            raise Trouble("Another restoration of these data is under way.")
        yield
    finally:
        demo.release()
        restoring.release()


# ---------------------------------------------------------------- what is in the database

_TABLES = """
    SELECT relname FROM pg_class JOIN pg_namespace space ON space.oid = relnamespace
    WHERE nspname = 'public' AND relkind IN ('r', 'p') ORDER BY relname
"""


def _facts(connection: psycopg.Connection) -> Facts:
    names = [row[0] for row in connection.execute(_TABLES)]
    tables = {
        name: int(_one(connection, sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name))))
        for name in names
    }
    last = (
        connection.execute(
            "SELECT position, encode(hash, 'hex') FROM audit_seal ORDER BY position DESC LIMIT 1"
        ).fetchone()
        if "audit_seal" in tables
        else None
    )
    position, digest = last or (0, "")
    return Facts(tables=tables, ledger_position=position, ledger_hash=digest)


def _stored_hashes(connection: psycopg.Connection) -> set[str]:
    if not _one(connection, "SELECT to_regclass('public.files_storedfile') IS NOT NULL"):
        return set()
    return {row[0] for row in connection.execute("SELECT sha256 FROM files_storedfile")}


def _migrations(connection: psycopg.Connection) -> list[str]:
    if not _one(connection, "SELECT to_regclass('public.django_migrations') IS NOT NULL"):
        return []
    rows = connection.execute("SELECT app || '.' || name FROM django_migrations ORDER BY id")
    return [row[0] for row in rows]


def _one(connection: psycopg.Connection, query: LiteralString | sql.Composed) -> Any:
    row = connection.execute(query).fetchone()
    return row[0] if row else None


# ---------------------------------------------------------------- bytes


def _content(path: Path) -> Content:
    with path.open("rb") as stream:
        return _content_of(stream)


def _content_of(stream: IO[bytes]) -> Content:
    digest, size = hashlib.sha256(), 0
    while chunk := stream.read(CHUNK):
        digest.update(chunk)
        size += len(chunk)
    return Content(sha256=digest.hexdigest(), size=size)


def _to_disk(path: Path) -> None:
    with path.open("rb") as stream:
        os.fsync(stream.fileno())


def _number(version: str) -> tuple[int, ...]:
    with suppress(ValueError):
        return tuple(int(part) for part in version.split("."))
    return ()


def _summary(path: Path, manifest: dict[str, Any]) -> Summary:
    files = [content for name, content in manifest["contents"].items() if name != DUMP]
    return Summary(
        created_at=manifest["created_at"],
        version=manifest["version"],
        facts=Facts(**manifest["facts"]),
        file_count=len(files),
        file_size=sum(content["size"] for content in files),
        archive=_content(path),
        damaged_files=manifest["damaged_files"],
    )
