"""Under which account of the machine the server runs, and what that account can reach.

PostgreSQL refuses to run as root. Started by root it runs under the owner of its data, by default
the system account `chuan-db`; started by anybody else it runs as that person. A project that lies
in a folder closed to others (under /root, say) stays closed: data and programs then go to
/var/lib/chuan instead.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from chuan.config.postgres import programs
from chuan.config.trouble import Trouble

SYSTEM_ACCOUNT = "chuan-db"
SYSTEM_FOLDER = Path("/var/lib/chuan")


class AccountTrouble(Trouble):
    """The server cannot be run under any suitable account; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Account:
    """The account the server runs under: the present one when `uid` is None."""

    uid: int | None
    gid: int | None

    @property
    def owner(self) -> int:
        return os.geteuid() if self.uid is None else self.uid

    def run(self, command: list[str | Path], **more: float | dict[str, str] | None) -> str:
        return programs.run(command, uid=self.uid, gid=self.gid, **more)  # type: ignore[arg-type]

    def own(self, path: Path) -> None:
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def can_enter(self, folder: Path) -> bool:
        """Whether this account can reach the inside of an existing folder."""
        return self._test('cd -- "$1"', folder)

    def can_run(self, program: Path) -> bool:
        return self._test('"$1" --version >/dev/null', program)

    def _test(self, script: str, path: Path) -> bool:
        if self.uid is None:
            return True
        try:
            self.run(["/bin/sh", "-c", script, "sh", path])
        except programs.ProgramFailed:
            return False
        return True


def account_for(data: Path) -> Account:
    """The account that runs the server whose data lie (or will lie) in `data`.

    :raises AccountTrouble: the data belong to somebody else, or root cannot make an account.
    """
    owner = data.stat().st_uid if data.exists() else None
    if os.geteuid() != 0:
        if owner is not None and owner != os.geteuid():
            raise AccountTrouble(
                f"The database in {data} belongs to the account {_name_of(owner)}. Run chuan as "
                "that account or as root, or set CHUAN_VAR to a folder of your own."
            )
        return Account(None, None)
    if owner:
        return Account(owner, data.stat().st_gid)
    entry = _system_account()
    return Account(entry.pw_uid, entry.pw_gid)


def data_folder(var: Path) -> Path:
    """Where the data of this installation lie: `var/pg`, or what that link points to."""
    return (var / "pg").resolve()


def place_data_folder(var: Path) -> Path:
    """Decide where new data go, so that the server's account can reach them.

    Leaves a link at `var/pg` when they cannot be there.
    """
    link = var / "pg"
    if os.geteuid() != 0 or link.exists() or link.is_symlink():
        data = link.resolve()
        data.parent.mkdir(parents=True, exist_ok=True)
        return data
    account = account_for(link)
    if account.can_enter(var):
        return link.resolve()
    name = hashlib.sha256(f"{var.resolve()}{var.stat().st_ino}".encode()).hexdigest()[:16]
    folder = SYSTEM_FOLDER / name
    folder.mkdir(parents=True, exist_ok=True)
    for opened in (SYSTEM_FOLDER, folder):
        opened.chmod(0o755)
    link.symlink_to(folder / "pg")
    return folder / "pg"


def programs_for(account: Account, version: int) -> Path:
    """The folder with the server's programs, copied out of the way when the account cannot run them
    where the wheel put them."""
    installed = programs.wheel_folder(version)
    if account.can_run(installed / "bin" / "initdb"):
        return installed / "bin"
    copied = SYSTEM_FOLDER / f"postgresql-{version}-{programs.wheel_release()}"
    if not copied.exists():
        _copy_programs(installed, copied)
    moved = copied / installed.parent.name / installed.name / "bin"
    if not account.can_run(moved / "initdb"):
        raise AccountTrouble(
            f"The account {_name_of(account.owner)} cannot run {moved / 'initdb'}. "
            f"Is {SYSTEM_FOLDER} on a file system mounted noexec?"
        )
    return moved


def _copy_programs(installed: Path, target: Path) -> None:
    """Copy one version with the shared libraries that the wheel put beside its package: programs
    find them by the way from one folder to the other."""
    SYSTEM_FOLDER.mkdir(parents=True, exist_ok=True)
    SYSTEM_FOLDER.chmod(0o755)
    fresh = target.with_name(f"{target.name}.{os.getpid()}")
    package = installed.parent
    for folder in (installed, package / ".dylibs", package.with_name(f"{package.name}.libs")):
        if folder.exists():
            shutil.copytree(
                folder,
                fresh / folder.relative_to(package.parent),
                symlinks=True,
                ignore=shutil.ignore_patterns("include", "*.a"),
            )
    for path in [fresh, *fresh.rglob("*")]:
        if not path.is_symlink():
            runnable = path.is_dir() or path.parent.name == "bin"
            path.chmod(path.stat().st_mode | (0o055 if runnable else 0o044))
    try:
        fresh.rename(target)
    except OSError:  # another process was faster
        shutil.rmtree(fresh)


def _system_account() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(SYSTEM_ACCOUNT)
    except KeyError:
        pass
    useradd = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if useradd is None:
        raise AccountTrouble(
            "PostgreSQL refuses to run as root and `useradd` is missing. Run chuan as an ordinary "
            f"user, or make a system account named {SYSTEM_ACCOUNT}."
        )
    made = subprocess.run(  # noqa: S603
        [useradd, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_ACCOUNT],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        return pwd.getpwnam(SYSTEM_ACCOUNT)  # ours, or that of a process that was faster
    except KeyError:
        raise AccountTrouble(
            f"The system account {SYSTEM_ACCOUNT} could not be made: {made.stderr.strip()}"
        ) from None


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
