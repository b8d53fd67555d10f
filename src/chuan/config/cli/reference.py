"""Data that come with the product: law, holidays, the register of bodies."""

from __future__ import annotations

import argparse

from chuan.config.cli import session
from chuan.config.cli.terminal import say
from chuan.config.trouble import Trouble


def load_bodies(options: argparse.Namespace) -> int:
    if options.folder and not options.folder.is_dir():
        raise Trouble(f"{options.folder} không phải thư mục. Name the folder with the TOML files.")
    with session.ready():
        from chuan.config import schema  # noqa: PLC0415 - needs Django set up
        from chuan.core.orgs.operations import load_organisations  # noqa: PLC0415

        schema.load_reference_data(say)
        loaded = load_organisations(*filter(None, [options.folder]))
    say(
        f"Cơ quan: thêm {loaded.organisations}, phiên bản {loaded.versions}, "
        f"lần sắp xếp {loaded.events}, nhóm {loaded.groups}"
    )
    return 0
