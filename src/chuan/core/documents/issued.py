"""A text drawn anew once its document is issued."""

from __future__ import annotations

from dataclasses import replace

from chuan.core.documents.layout.content import Document, IssueDate, Signature
from chuan.core.documents.models import OfficialDocument
from chuan.core.documents.rules import LEADERS
from chuan.core.people.queries import holders
from chuan.lib.vietnamese import fold


def as_issued(text: Document, document: OfficialDocument) -> Document:
    """A text with what the register says of its document: number, day, signer, and what was
    corrected there before the number was given."""
    assert document.issued_on is not None  # noqa: S101 - a constraint of the table
    own = ("nhu tren", "luu:")
    return replace(
        text,
        kind=document.kind,
        number=document.number,
        notation=document.notation,
        dated=IssueDate.on(document.issued_on),
        subject=document.subject,
        signature=_signed_by(document, text.signature.positions[0]),
        recipients=tuple(
            line
            for line in document.recipients
            if line not in text.addressees and not fold(line).startswith(own)
        ),
        on_paper=True,
        is_draft=False,
    )


def _signed_by(document: OfficialDocument, head_position: str) -> Signature:
    """A deputy signs for the head (Decree 30/2020/NĐ-CP, Article 13); who is not among the leaders
    with an account is taken for the head."""
    leaders = holders(
        *LEADERS, organisation_ids=[document.held_by_id], on=document.issued_on
    ).filter(full_name=document.signer)
    title = leaders.values_list("title", flat=True).first() or ""
    if fold(title).startswith("pho "):
        deputy = title[: len("Phó ") + len(head_position)]
        if fold(deputy) != fold(f"Phó {head_position}"):
            deputy = title
        return Signature((head_position, deputy), document.signer, "KT.")
    return Signature((head_position,), document.signer)
