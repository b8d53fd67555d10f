"""Numbers of locks that are held in the database until a transaction ends, each told apart here."""

from __future__ import annotations

from typing import Final

# The function that interns names (migration 0002) holds 7301, with a bucket.
SIDES: Final = 7302
FEED: Final = 7303
