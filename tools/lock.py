"""Pin what `pyproject.toml` asks for, with hashes, for every platform and Python we support.

python tools/lock.py            write requirements/base.txt and requirements/dev.txt
python tools/lock.py --check    only say whether they still fit
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
FILES = {"base": ROOT / "requirements" / "base.txt", "dev": ROOT / "requirements" / "dev.txt"}
GROUPS = {"base": ["build"], "dev": ["build", "dev"]}
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE)


def main() -> int:
    if "--check" in sys.argv:
        faults = find_faults()
        print("\n".join(faults))
        return 1 if faults else 0
    uv = shutil.which("uv", path=f"{ROOT / '.venv' / 'bin'}:{'/usr/local/bin:/usr/bin'}")
    if uv is None:
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "uv"], check=True)
        uv = str(ROOT / ".venv" / "bin" / "uv")
    for kind, path in FILES.items():
        groups = [f"--group={name}" for name in GROUPS[kind]]
        subprocess.run(
            [
                *(uv, "pip", "compile", "pyproject.toml", *groups, "--universal", "--upgrade"),
                *("--python-version=3.11", "--generate-hashes", "--no-emit-index-url"),
                *("--custom-compile-command=make lock", "--quiet"),
                f"--output-file={path}",
            ],
            cwd=ROOT,
            check=True,
        )
    return 0


def find_faults() -> list[str]:
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())
    asked = {
        "base": [*wanted["project"]["dependencies"], *wanted["dependency-groups"]["build"]],
        "dev": [*wanted["project"]["dependencies"], *wanted["dependency-groups"]["dev"]],
    }
    faults: list[str] = []
    pins = {kind: pinned(path) for kind, path in FILES.items()}
    for kind, path in FILES.items():
        text = path.read_text()
        if re.search(r"^\s*--(index-url|extra-index-url|find-links)|https?://", text, re.MULTILINE):
            faults.append(f"{path.name} names a package index")
        blocks = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)
        faults += [
            f"{path.name}: {block.split()[0]} has no hash"
            for block in blocks
            if PIN.match(block) and "--hash=sha256:" not in block
        ]
        for line in asked[kind]:
            requirement = Requirement(line)
            version = pins[kind].get(canonicalize_name(requirement.name))
            if version is None or version not in requirement.specifier:
                faults.append(f"{path.name} does not satisfy {line!r}: run `make lock`")
    faults += [
        f"{name} is {version} in base.txt, {pins['dev'].get(name)} in dev.txt"
        for name, version in pins["base"].items()
        if pins["dev"].get(name) != version
    ]
    return faults


def pinned(path: Path) -> dict[str, Version]:
    return {
        canonicalize_name(name): Version(version) for name, version in PIN.findall(path.read_text())
    }


if __name__ == "__main__":
    sys.exit(main())
