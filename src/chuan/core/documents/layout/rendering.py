"""A document in, a file out."""

from __future__ import annotations

from chuan.core.documents.layout.checking import IncompleteDocument, check_document
from chuan.core.documents.layout.composing import compose, layout_for
from chuan.core.documents.layout.content import Document
from chuan.core.documents.layout.docx_file import draw_docx
from chuan.core.documents.layout.pdf_file import draw_pdf
from chuan.core.documents.layout.profile import LayoutProfile
from chuan.core.documents.layout.sheets import Composition, TableSheet
from chuan.core.documents.layout.xlsx_file import draw_xlsx


def render_docx(document: Document, profile: LayoutProfile | None = None) -> bytes:
    """The document as an editable DOCX; without a profile, in the layout of its own date.

    :raises IncompleteDocument: something is missing; nothing is drawn.
    """
    return draw_docx(_composed(document, profile))


def render_pdf(document: Document, profile: LayoutProfile | None = None) -> bytes:
    """The document as PDF/A-2b and PDF/UA-1; without a profile, in the layout of its own date.

    :raises IncompleteDocument: something is missing; nothing is drawn.
    """
    return draw_pdf(_composed(document, profile))


def render_xlsx(document: Document, profile: LayoutProfile | None = None) -> bytes | None:
    """The annexes that hold a table, as a workbook; None when the document has none.

    :raises IncompleteDocument: something is missing; nothing is drawn.
    """
    composition = _composed(document, profile)
    annexes = [
        section
        for section in composition.sections[1:]
        if any(isinstance(item, TableSheet) for item in section.flow)
    ]
    return draw_xlsx(composition, annexes) if annexes else None


def _composed(document: Document, profile: LayoutProfile | None) -> Composition:
    problems = check_document(document)
    if problems:
        raise IncompleteDocument(problems)
    return compose(document, profile or layout_for(document))
