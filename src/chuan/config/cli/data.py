"""The data as a whole: bring them to this version, take them away, bring them back."""

from __future__ import annotations

import argparse
import os

from chuan.config import archive, environment
from chuan.config.cli import session
from chuan.config.cli.terminal import say


def migrate(_options: argparse.Namespace) -> int:
    with session.ready():
        from chuan.config import schema  # noqa: PLC0415 - needs Django set up

        schema.migrate(say)
        schema.load_reference_data(say)
    say("Cơ sở dữ liệu đã đúng phiên bản.")
    return 0


def backup(options: argparse.Namespace) -> int:
    var = environment.var_folder()
    with session.database():
        summary = archive.write(options.file, var=var, say=say)
    say(f"Đã sao lưu vào {options.file}")
    for line in summary.lines():
        say(f"  {line}")
    for name in summary.damaged_files:
        say(f"  MẤT HOẶC HỎNG TỆP | file missing or damaged: {name}")
    return 1 if summary.damaged_files else 0


def restore(options: argparse.Namespace) -> int:
    var = environment.var_folder()
    with session.database():
        summary = archive.restore(options.file, var=var, replace=options.replace, say=say)
    say(f"Đã khôi phục từ {options.file}")
    for line in summary.lines():
        say(f"  {line}")
    say("Bước tiếp theo | next: chuan migrate && chuan doctor")
    return 0


def manage(options: argparse.Namespace) -> int:
    """Django's own commands. Those that need no database do not start one."""
    words = options.arguments
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chuan.config.settings")
    from django.core.management import execute_from_command_line  # noqa: PLC0415

    if not words or words[0] in WITHOUT_DATABASE or "--help" in words:
        execute_from_command_line(["chuan manage", *words])
        return 0
    with session.database():
        execute_from_command_line(["chuan manage", *words])
    return 0


WITHOUT_DATABASE = {
    "help",
    "makemessages",
    "compilemessages",
    "collectstatic",
    "findstatic",
    "version",
}
