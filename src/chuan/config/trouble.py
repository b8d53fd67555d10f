from __future__ import annotations


class Trouble(Exception):
    """Something the person at the keyboard can put right; the message says what and how."""
