"""Make `.venv` and install the locked requirements into it. Needs nothing but Python 3.11.

    python3 tools/setup.py base|dev

Does nothing when `.venv` already holds them. Two at once take turns.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCKS = {"base": ROOT / "requirements" / "base.txt", "dev": ROOT / "requirements" / "dev.txt"}


def main() -> int:
    kind = sys.argv[1] if len(sys.argv) > 1 else "base"
    if is_installed(kind):
        return 0
    with (ROOT / ".setup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another setup of this folder is running, waiting for it…")
            fcntl.flock(lock, fcntl.LOCK_EX)
        return 0 if is_installed(kind) else install(kind)


def is_installed(kind: str) -> bool:
    """Whether this kind, or dev which contains base, is there as locked now."""
    return PYTHON.exists() and any(
        stamp(wanted).exists() and stamp(wanted).read_text() == fingerprint(wanted)
        for wanted in {kind, "dev"}
    )


def stamp(kind: str) -> Path:
    return VENV / f"installed-{kind}"


def fingerprint(kind: str) -> str:
    """Changes with the locked requirements, the project's own metadata, Python, and the place."""
    digest = hashlib.sha256(f"{VENV}\n{sys.version}".encode())
    for path in (LOCKS[kind], ROOT / "pyproject.toml", ROOT / "src" / "chuan" / "__init__.py"):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def install(kind: str) -> int:
    started = time.monotonic()
    say(f"Cài đặt vào {VENV} (lần đầu mất vài phút)… | Installing, minutes the first time…")
    for name in LOCKS:
        stamp(name).unlink(missing_ok=True)
    uv = shutil.which("uv")
    if not venv_works() and not make_venv(uv):
        return 1
    wanted = LOCKS[kind]
    done = uv is not None and run(
        [uv, "pip", "install", "--python", PYTHON, "--require-hashes", "-r", wanted]
    )
    if not done and not run(pip("install", "--require-hashes", "-r", wanted)):
        say("Installation failed; the lines above say why. Is a package index reachable?")
        return 1
    if not run(pip("install", "--quiet", "--no-deps", "--no-build-isolation", "-e", ROOT)):
        return 1
    stamp(kind).write_text(fingerprint(kind))
    say(f"Xong sau {time.monotonic() - started:.0f} s. | Installed.")
    return 0


def pip(*words: object) -> list[object]:
    return [PYTHON, "-m", "pip", "--disable-pip-version-check", *words]


def venv_works() -> bool:
    """A `.venv` of this Python, in this place (one that was moved runs the old one's programs)."""
    if not PYTHON.exists():
        return False
    asked = subprocess.run(
        [PYTHON, "-c", "import sys, pip; print(sys.prefix, sys.version)"],
        capture_output=True,
        text=True,
        check=False,
    )
    return asked.stdout.strip() == f"{VENV} {sys.version}"


def make_venv(uv: str | None) -> bool:
    if VENV.exists():
        shutil.rmtree(VENV)
    if has_ensurepip() or install_venv_package():
        return run([sys.executable, "-m", "venv", VENV])
    if uv is not None:
        return run([uv, "venv", "--seed", "--python", sys.executable, VENV])
    say(
        "Python thiếu mô-đun venv. Python cannot make virtual environments here. Install the "
        f"missing package, then call make again:\n    sudo apt-get install {venv_package()}"
    )
    return False


def has_ensurepip() -> bool:
    return run([sys.executable, "-c", "import ensurepip, venv"], quiet=True)


def install_venv_package() -> bool:
    """Debian and Ubuntu keep venv in a package of its own; root may install it."""
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        return False
    say(f"Installing Debian's package {venv_package()}…")
    return (
        run([apt, "update", "-qq"])
        and run([apt, "install", "-y", "-qq", venv_package()])
        and has_ensurepip()
    )


def venv_package() -> str:
    return f"python{sysconfig.get_python_version()}-venv"


def run(command: list[object], *, quiet: bool = False) -> bool:
    output = subprocess.DEVNULL if quiet else None
    words = [str(word) for word in command]
    try:
        return subprocess.run(words, check=False, stdout=output, stderr=output).returncode == 0
    except OSError as error:
        say(f"{words[0]}: {error}")
        return False


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
