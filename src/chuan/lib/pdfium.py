"""What PDFium reads in a PDF file, one file at a time: it knows no threads, and two of them in it
at once bring the whole process down."""

from __future__ import annotations

import threading

import pypdfium2  # type: ignore[import-untyped]

_ONE_AT_A_TIME = threading.Lock()

_WRONG_PASSWORD = 4
"""FPDF_ERR_PASSWORD of PDFium."""


class UnreadablePdf(Exception):
    """The file is damaged, or no PDF at all."""


class LockedPdf(UnreadablePdf):
    """The file opens with a password only."""


class TooManyPages(UnreadablePdf):
    """The file is longer than its reader wants; `pages` says how long."""

    def __init__(self, pages: int) -> None:
        super().__init__(pages)
        self.pages = pages


def page_texts(data: bytes, *, most_pages: int) -> list[str]:
    """The text of each page, in PDFium's order of words.

    Everything is opened and closed in here, under one lock of the process: nothing of PDFium gets
    out that somebody could touch, or the collector close, beside another thread.

    :raises UnreadablePdf: `LockedPdf`, `TooManyPages`, or damage.
    """
    with _ONE_AT_A_TIME:
        document = _opened(data)
        try:
            if len(document) > most_pages:
                raise TooManyPages(len(document))
            return [_text_of(document, at) for at in range(len(document))]
        except pypdfium2.PdfiumError:
            raise UnreadablePdf from None
        finally:
            document.close()


def _opened(data: bytes) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        locked = getattr(error, "err_code", None) == _WRONG_PASSWORD or "password" in str(error)
        raise (LockedPdf if locked else UnreadablePdf) from None


def _text_of(document: pypdfium2.PdfDocument, at: int) -> str:
    page = document[at]
    try:
        text_page = page.get_textpage()
        try:
            return str(text_page.get_text_range())
        finally:
            text_page.close()
    finally:
        page.close()
