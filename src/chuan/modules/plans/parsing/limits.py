"""How large a file may be. A province's plan is below a third of each of these."""

from __future__ import annotations

MAX_BYTES = 50 * 1024 * 1024
MAX_PAGES = 150
MAX_LETTERS = 1_000_000
MAX_UNPACKED_BYTES = 40 * 1024 * 1024
"""Of one part of a DOCX, so that a small file cannot fill the memory."""
MAX_PDF_STREAMS_BYTES = 400 * 1024 * 1024
"""Of all compressed streams of a PDF together."""
MAX_TABLE_ROWS = 5_000
