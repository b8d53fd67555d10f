"""Styles, scripts and pictures, gathered under hashed names for the server to hand out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

import chuan


def collect(say: Callable[[str], None]) -> None:
    """Gather them again if any changed since the last time."""
    root = Path(settings.STATIC_ROOT)
    mark, print_now = root / ".fingerprint", _fingerprint()
    if mark.exists() and mark.read_text() == print_now:
        return
    say("Chuẩn bị giao diện…")
    mark.unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, verbosity=0, clear=root.exists())
    mark.write_text(print_now)


def _fingerprint() -> str:
    digest = hashlib.sha256(chuan.__version__.encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            found = Path(storage.path(path)).stat()
            digest.update(f"{path}\0{found.st_size}\0{found.st_mtime_ns}\n".encode())
    return digest.hexdigest()
