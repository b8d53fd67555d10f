"""`chuan archive make YEAR FILE` and `chuan archive verify FILE`."""

from __future__ import annotations

import argparse

from chuan.config.cli import session
from chuan.config.cli.terminal import say
from chuan.config.trouble import Trouble


def make(options: argparse.Namespace) -> int:
    with session.ready():
        from chuan.flows.annual_report.models import (  # noqa: PLC0415 - needs Django set up
            ReportingPeriod,
        )
        from chuan.flows.archive import operations  # noqa: PLC0415

        found = ReportingPeriod.objects.filter(year=options.year).values_list(
            "managed_by", flat=True
        )
        departments = sorted(set(found))
        if options.department:
            departments = [pk for pk in departments if pk == options.department]
        if len(departments) != 1:
            raise Trouble(
                f"Năm {options.year} có {len(departments)} cơ quan theo dõi kế hoạch {departments}. "
                "Name one with --department."
            )
        made = operations.write_package(
            managed_by_id=departments[0], year=options.year, target=options.file
        )
    say(f"Đã lập {options.file}: {made.file_count} tệp, bỏ lại {made.left_out_count}")
    say(f"  SHA-256 của MANIFEST.sha256: {made.manifest_sha256}")
    return 0


def verify(options: argparse.Namespace) -> int:
    """Needs neither a database nor the installation that made it."""
    from chuan.flows.archive.engine.packing import check  # noqa: PLC0415

    found = check(options.file, manifest_sha256=options.manifest)
    for fault in found.faults:
        say(f"  HỎNG | {fault}")
    if found.faults:
        say(f"Gói {options.file} không còn nguyên vẹn.")
        return 1
    say(f"Gói nguyên vẹn: {found.file_count} tệp")
    say(f"  SHA-256 của MANIFEST.sha256: {found.manifest_sha256}")
    return 0
