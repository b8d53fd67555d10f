from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from chuan.core.audit.operations import record
from chuan.core.jobs.registry import job
from chuan.core.orgs.models import Organisation
from chuan.core.people.models import Person
from chuan.flows.archive import rules
from chuan.flows.archive.engine.packing import RULES, Packer
from chuan.flows.archive.models import Package
from chuan.flows.archive.queries.contents import LeftOut, Year, heading_only_lines, pack
from chuan.lib.language import in_vietnamese

# Names the lock under which one package is made.
_MAKING = 7306


@dataclass(frozen=True, slots=True)
class Made:
    manifest_sha256: str
    file_count: int
    left_out_count: int
    size: int
    heading_only: frozenset[int]


@transaction.atomic
def ask_for_package(*, actor: Person, managed_by: Organisation, year: int, at: datetime) -> Package:
    """Put a package in the queue; a worker makes it.

    :raises Denied: neither a coordinator of the department nor an auditor.
    """
    rules.make_package.require(actor, managed_by.pk)
    package = Package.objects.create(year=year, managed_by=managed_by, asked_by=actor, asked_at=at)
    record(action="archive.asked", actor=actor, subject=package, year=year)
    make_package.after_commit(package_id=package.pk)
    return package


@transaction.atomic
def note_made(*, package: Package, made: Made, at: datetime) -> Package:
    """Keep the hash of the manifest here and in the ledger: who alters the file cannot alter both."""
    package.made_at = at
    package.manifest_sha256, package.size = made.manifest_sha256, made.size
    package.file_count, package.left_out_count = made.file_count, made.left_out_count
    package.rules, package.heading_only = RULES, sorted(made.heading_only)
    package.save()
    record(
        action="archive.made",
        actor=None,
        by="archive.make_package",
        subject=package,
        manifest_sha256=made.manifest_sha256,
        files=made.file_count,
    )
    return package


@in_vietnamese
def write_package(*, managed_by_id: int, year: int, target: Path) -> Made:
    """Write the package of a year; the same state gives the same bytes.

    Everything is read in one snapshot of the database. The file appears whole or not at all.
    """
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = target.with_name(f"{target.name}.part")
    left_out = LeftOut()
    try:
        with draft.open("wb") as out, transaction.atomic():
            _read_one_moment()
            packer, asked = Packer(out), Year(year, managed_by_id)
            heading_only = heading_only_lines(managed_by_id)
            pack(packer, asked, left_out)
            manifest = packer.finish()
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return Made(
        manifest, len(packer.lines), len(left_out.rows), target.stat().st_size, heading_only
    )


@job()
def make_package(package_id: int) -> None:
    """Once, however often the queue asks and however many workers it asks: what was made stays."""
    with _alone(package_id):
        package = Package.objects.get(pk=package_id)
        if package.made_at is not None:
            return
        made = write_package(
            managed_by_id=package.managed_by_id, year=package.year, target=place_of(package)
        )
        note_made(package=package, made=made, at=timezone.now())


@contextmanager
def _alone(package_id: int) -> Iterator[None]:
    """Of the session, not of a transaction: writing has one of its own, which reads one moment."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [_MAKING, package_id])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_MAKING, package_id])


def _read_one_moment() -> None:
    """Changes made meanwhile are in none of the tables or in all; a test's own transaction has begun."""
    if len(connection.savepoint_ids) == 0:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


def place_of(package: Package) -> Path:
    return Path(settings.VAR) / "archives" / f"{package.pk}.zip"
