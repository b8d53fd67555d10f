"""What the command line says."""

from __future__ import annotations

import sys


def say(text: str = "") -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def say_aside(text: str) -> None:
    """Progress and warnings, kept out of the way of output that a program may read."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def speak_utf8() -> None:
    """Vietnamese must come out whatever the terminal's locale claims."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
