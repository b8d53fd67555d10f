"""What a machine can say about the code without running it. Everything is checked before it ends."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = ROOT / ".venv" / "bin"

CHECKS = {
    "lint": [BIN / "ruff", "check", "--quiet", "."],
    "format": [BIN / "ruff", "format", "--check", "--quiet", "."],
    "locked requirements": [BIN / "python", "tools/lock.py", "--check"],
    "floors and doors": [BIN / "lint-imports", "--no-logo"],
    "system check": [BIN / "chuan", "manage", "check", "--fail-level", "WARNING"],
    "migrations": [BIN / "chuan", "manage", "makemigrations", "--check", "--dry-run"],
    "translations": [BIN / "python", "tools/translations.py"],
    "templates": [BIN / "python", "tools/check_templates.py"],
    "types": [BIN / "mypy", "src"],
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
        failed = [name for name in wanted if not passes(name, environment)]
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
    print(f"  {'ok  ' if done.returncode == 0 else 'FAIL'} {name} ({seconds:.1f} s)", flush=True)
    if done.returncode != 0:
        print(done.stdout, flush=True)
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
