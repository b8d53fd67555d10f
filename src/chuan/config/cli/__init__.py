"""`chuan`: everything an operator does.

A command's module is imported only when the command is called: `chuan plan parse` must not wait for
Django.
"""

from __future__ import annotations

import argparse
import importlib
import signal
import sys
from datetime import date
from pathlib import Path
from types import FrameType

from chuan.config.cli.terminal import say_aside, speak_utf8
from chuan.config.trouble import Trouble

DEFAULT_PORT = 8000


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 done, 1 trouble, 2 misused, 130 interrupted."""
    speak_utf8()
    given = sys.argv[1:] if arguments is None else arguments
    if given[:1] == ["manage"]:  # Django reads the rest itself, options included
        return _call("data:manage", argparse.Namespace(arguments=given[1:]))
    options = _parser().parse_args(given)
    return _call(options.call, options)


def _call(name: str, options: argparse.Namespace) -> int:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may have it ignored
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, _end)
    module, function = name.split(":")
    try:
        command = getattr(importlib.import_module(f"chuan.config.cli.{module}"), function)
        return int(command(options) or 0)
    except Trouble as trouble:
        say_aside(f"chuan: {trouble}")
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader of `chuan … | head` has seen enough
        sys.stderr.close()
        return 0


def _end(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def _month(told: str) -> date:
    try:
        return date.fromisoformat(f"{told}-01")
    except ValueError:
        raise argparse.ArgumentTypeError("a month is written 2026-01") from None


def _day(told: str) -> date:
    try:
        return date.fromisoformat(told)
    except ValueError:
        raise argparse.ArgumentTypeError("a day is written 2026-12-31") from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="chuan",
        description="Chuẩn: công việc tiêu chuẩn, đo lường, chất lượng của một tỉnh. "
        "Without DATABASE_URL it brings its own PostgreSQL, with data in var/pg.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND", title="commands")

    demo = commands.add_parser("demo", help="chạy thử với dữ liệu mẫu | try it with sample data")
    _add_address(demo)
    demo.add_argument("--empty", action="store_true", help="start without sample data")
    demo.set_defaults(call="demo:run")

    serve = commands.add_parser("serve", help="answer browsers (the database must be migrated)")
    _add_address(serve)
    serve.add_argument("--workers", type=int, default=1, help="server processes (default: 1)")
    serve.add_argument("--threads", type=int, default=4, help="threads of each (default: 4)")
    serve.add_argument(
        "--with-worker", action="store_true", help="do the jobs too, in a process beside it"
    )
    serve.add_argument(
        "--lines-port",
        type=_port,
        default=0,
        help="answer WebSockets too, in a process beside it (default: not)",
    )
    serve.add_argument("--parent", type=int, help=argparse.SUPPRESS)
    serve.set_defaults(call="serving:serve")

    lines = commands.add_parser("lines", help="answer WebSockets: subscriptions over open lines")
    _add_address(lines)
    lines.add_argument("--parent", type=int, help=argparse.SUPPRESS)
    lines.set_defaults(call="serving:lines")

    worker = commands.add_parser("worker", help="do the jobs that wait in the queue")
    worker.add_argument("--concurrency", type=int, default=1, help="jobs at once (default: 1)")
    worker.add_argument("--until-empty", action="store_true", help="stop when none is left")
    worker.add_argument("--parent", type=int, help=argparse.SUPPRESS)
    worker.set_defaults(call="serving:work")

    watch = commands.add_parser(
        "watch", help="look every minute whether all is well, tell administrators if not"
    )
    watch.add_argument("--parent", type=int, help=argparse.SUPPRESS)
    watch.set_defaults(call="serving:watch")

    migrate = commands.add_parser("migrate", help="bring the database to this version")
    migrate.set_defaults(call="data:migrate")

    backup = commands.add_parser("backup", help="write one verified archive of data and files")
    backup.add_argument("file", type=Path, metavar="FILE")
    backup.set_defaults(call="data:backup")

    restore = commands.add_parser("restore", help="bring an archive back, all or nothing")
    restore.add_argument("file", type=Path, metavar="FILE")
    restore.add_argument(
        "--replace", action="store_true", help="put it in the place of a database with data in it"
    )
    restore.set_defaults(call="data:restore")

    plan = commands.add_parser("plan", help="decisions and plans").add_subparsers(required=True)
    parse = plan.add_parser("parse", help="read a decision (DOCX, PDF, text); needs no database")
    parse.add_argument("file", type=Path, metavar="FILE")
    parse.add_argument("--json", action="store_true", help="print all that was read, as JSON")
    parse.set_defaults(call="plans:parse")

    chain = commands.add_parser("traceability", help="the traceability service")
    whole = chain.add_subparsers(required=True)
    keys = whole.add_parser("key", help="keys for machines")
    actions = keys.add_subparsers(required=True)
    add_key = actions.add_parser(
        "add",
        help="make a key and print it, once",
        description="Without --party, --organisation or --authority the key sees what is told with it.",
    )
    add_key.add_argument("--name", required=True, help="who will use it; one key in use per name")
    add_key.add_argument("--scope", required=True, help="capture, query, or both with a comma")
    whose = add_key.add_mutually_exclusive_group()
    whose.add_argument(
        "--party",
        help="a party: its GLN, tax code or code; sees what concerns it and its neighbours",
    )
    whose.add_argument("--organisation", help="the party that is this body; its code or full name")
    whose.add_argument(
        "--authority",
        metavar="REMIT",
        help="an authority: GLNs, tax codes or codes of the parties it watches over, with commas, or all",
    )
    add_key.add_argument("--until", type=_day, metavar="YYYY-MM-DD", help="the last day it is good")
    add_key.add_argument(
        "--quota",
        default="",
        help="standard, small or unlimited; else what is usual for its holder",
    )
    add_key.set_defaults(call="traceability:add_key")
    rotate = actions.add_parser("rotate", help="give a key a new text and print it, once")
    rotate.add_argument("--name", required=True)
    rotate.add_argument(
        "--grace", type=int, default=0, metavar="HOURS", help="how long the old text opens still"
    )
    rotate.set_defaults(call="traceability:rotate_key")
    listed = actions.add_parser("list", help="keys in use: whose, for what, until when")
    listed.set_defaults(call="traceability:list_keys")
    led = whole.add_parser(
        "links", help="add and correct resolver links from a CSV or XLSX file; others stay"
    )
    led.add_argument("file", type=Path, metavar="FILE")
    led.add_argument("--party", required=True, help="whose keys: its GLN, tax code or code")
    led.add_argument(
        "--as", dest="username", required=True, help="account of somebody who keeps its links"
    )
    led.set_defaults(call="traceability:load_links")
    put_away = whole.add_parser("archive", help="put what was recorded before a month into files")
    put_away.add_argument("--before", required=True, type=_month, metavar="YYYY-MM")
    put_away.add_argument("--to", required=True, type=Path, metavar="FOLDER")
    put_away.set_defaults(call="traceability:archive")
    put_back = whole.add_parser(
        "restore", help="put a month back from files that are what was written"
    )
    put_back.add_argument("--month", required=True, type=_month, metavar="YYYY-MM")
    put_back.add_argument("--from", dest="source", required=True, type=Path, metavar="FOLDER")
    put_back.set_defaults(call="traceability:restore")
    spread = whole.add_parser(
        "distribute", help="spread the tables of events over several machines (needs Citus)"
    )
    spread.add_argument(
        "--shards", type=int, default=32, help="into how many parts each table is cut"
    )
    spread.set_defaults(call="traceability:distribute")
    revoke_key = actions.add_parser("revoke", help="let nobody in with this key any more")
    revoke_key.add_argument("--name", required=True)
    revoke_key.set_defaults(call="traceability:revoke_key")

    user = commands.add_parser("user", help="accounts").add_subparsers(required=True)
    add = user.add_parser("add", help="make an account; the password is asked for")
    add.add_argument("username")
    add.add_argument("--name", required=True, help="full name, for example 'Nguyễn Thị An'")
    add.add_argument("--email", default="")
    add.add_argument("--role", required=True, help="for example system_administrator")
    add.add_argument("--organisation", required=True, help="code or full name of the organisation")
    add.add_argument(
        "--password-stdin", action="store_true", help="read the password from standard input"
    )
    add.set_defaults(call="people:add")

    orgs = commands.add_parser("orgs", help="the register of bodies").add_subparsers(required=True)
    load = orgs.add_parser("load", help="add the bodies of a province; again, it adds nothing")
    load.add_argument(
        "folder", type=Path, nargs="?", help="folder of TOML files (default: Gia Lai, 2025)"
    )
    load.set_defaults(call="reference:load_bodies")

    audit = commands.add_parser("audit", help="the ledger").add_subparsers(required=True)
    verify = audit.add_parser("verify", help="check every line of the ledger against its seal")
    verify.set_defaults(call="ledger:verify")

    archive = commands.add_parser("archive", help="the yearly archive package").add_subparsers(
        required=True
    )
    make = archive.add_parser("make", help="write the package of a year")
    make.add_argument("year", type=int, metavar="YEAR")
    make.add_argument("file", type=Path, metavar="FILE")
    make.add_argument(
        "--department", type=int, help="number of the department, if there are several"
    )
    make.set_defaults(call="packages:make")
    check = archive.add_parser("verify", help="compare every file with the manifest; no database")
    check.add_argument("file", type=Path, metavar="FILE")
    check.add_argument("--manifest", default="", help="SHA-256 of the manifest as written down")
    check.set_defaults(call="packages:verify")

    doctor = commands.add_parser("doctor", help="kiểm tra hệ thống | find faults, say what to do")
    doctor.add_argument(
        "--thorough", action="store_true", help="also read every stored file and the whole ledger"
    )
    doctor.set_defaults(call="doctor:run")

    commands.add_parser("manage", help="any command of Django's manage.py")
    return parser


def _add_address(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=_port, default=DEFAULT_PORT, help=f"default: {DEFAULT_PORT}")
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: this machine only)"
    )


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65535")
    return int(text)
