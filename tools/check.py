"""What a machine can say about the code without running it. Everything is checked before it ends."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = ROOT / ".venv" / "bin"

# Two at a time, the one that takes longest first.
CHECKS = {
    "types": [BIN / "mypy", "src"],
    "lint": [BIN / "ruff", "check", "--quiet", "."],
    "format": [BIN / "ruff", "format", "--check", "--quiet", "."],
    "locked requirements": [BIN / "python", "tools/lock.py", "--check"],
    "floors and doors": [BIN / "lint-imports", "--no-logo"],
    "system check": [BIN / "chuan", "manage", "check", "--fail-level", "WARNING"],
    "migrations": [BIN / "chuan", "manage", "makemigrations", "--check", "--dry-run"],
    "translations": [BIN / "python", "tools/translations.py"],
    "templates": [BIN / "python", "tools/check_templates.py"],
}


def main() -> int:
    wanted = sys.argv[1:] or list(CHECKS)
    # `manage check` must not see, or make, the data of whoever runs this.
    with tempfile.TemporaryDirectory(prefix="chuan-check-", dir="/tmp") as folder:
        Path(folder).chmod(0o711)
        environment = os.environ | {
            "CHUAN_VAR": folder,
            "CHUAN_SECRET_KEY": "only for checks",
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
            "DJANGO_SETTINGS_MODULE": "chuan.config.settings",
        }
        environment.pop("DATABASE_URL", None)
        with ThreadPoolExecutor(max_workers=2) as lanes:
            passed = lanes.map(lambda name: passes(name, environment), wanted)
            failed = [name for name, is_good in zip(wanted, passed, strict=True) if not is_good]
    if failed:
        print(f"checks failed: {', '.join(failed)}", flush=True)
    return 1 if failed else 0


def passes(name: str, environment: dict[str, str]) -> bool:
    started = time.monotonic()
    done = subprocess.run(
        [str(word) for word in CHECKS[name]],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    seconds = time.monotonic() - started
    is_good = done.returncode == 0
    said = f"  {'ok  ' if is_good else 'FAIL'} {name} ({seconds:.1f} s)\n"
    sys.stdout.write(said if is_good else f"{said}{done.stdout}\n")
    sys.stdout.flush()
    return is_good


if __name__ == "__main__":
    sys.exit(main())
