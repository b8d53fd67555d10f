"""Three ways in (text, DOCX, PDF), one form out: a `Sheet`."""
