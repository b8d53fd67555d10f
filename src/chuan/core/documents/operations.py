from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, BinaryIO

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chuan.core.audit.operations import record
from chuan.core.documents import queries, rules
from chuan.core.documents.enums import DocumentType, FilePurpose, RelationKind
from chuan.core.documents.layout import IncompleteDocument
from chuan.core.documents.models import (
    Addressee,
    DocumentFile,
    DocumentRelation,
    NumberSeries,
    OfficialDocument,
)
from chuan.core.documents.parsing.agreement import Comparison, compare_signed
from chuan.core.documents.parsing.symbols import parse_symbol
from chuan.core.documents.parts import Mention, NewFile
from chuan.core.documents.registry import drawn_when_issued
from chuan.core.files.models import Upload
from chuan.core.files.operations import store_upload
from chuan.core.files.queries import open_file
from chuan.core.orgs.models import Organisation
from chuan.core.orgs.queries import name_on
from chuan.core.people.models import Person
from chuan.lib.vietnamese import clean

PDF_MEDIA_TYPE = "application/pdf"
# Stands in the ledger for the files the system draws itself.
ISSUING = "documents.issue"


class ChangedMeanwhile(Exception):
    """Somebody saved the document after this person opened it; `document` is as it stands now."""

    def __init__(self, document: OfficialDocument) -> None:
        super().__init__(str(document))
        self.document = document


@transaction.atomic
def register_document(
    *,
    actor: Person,
    held_by: Organisation,
    kind: DocumentType,
    symbol: str,
    issuer_name: str,
    subject: str,
    issued_on: date | None = None,
    issuer: Organisation | None = None,
    signer: str = "",
    recipients: Sequence[str] = (),
    received_on: date | None = None,
    mentions: Iterable[Mention] = (),
    files: Iterable[NewFile] = (),
) -> OfficialDocument:
    """Enter a document that came in from somebody else in an organisation's register.

    :param symbol: as printed: “1703/QĐ-TTg”.
    :param issuer: the body, when it is in our register of organisations.
    :raises Denied: the actor does not work in the organisation.
    :raises FileRefused: a file is not taken.
    """
    rules.keep_register.require(actor, held_by.pk)
    parsed = parse_symbol(symbol)
    document = OfficialDocument.objects.create(
        kind=kind,
        is_ours=False,
        held_by=held_by,
        number=parsed.number,
        notation=parsed.notation,
        printed_symbol=parsed.printed,
        issued_on=issued_on,
        issuer=issuer,
        issuer_name=clean(issuer_name),
        signer=clean(signer),
        subject=clean(subject),
        recipients=_lines(recipients),
        received_on=received_on,
        registered_by=actor,
        registered_at=timezone.now(),
    )
    record(action="documents.registered", actor=actor, subject=document, symbol=document.symbol)
    _mention(document, mentions)
    _link_earlier_mentions(document)
    for file in files:
        _attach(actor, document, file)
    return document


@transaction.atomic
def draft_document(
    *,
    actor: Person,
    issuer: Organisation,
    kind: DocumentType,
    subject: str,
    notation: str = "",
    signer: str = "",
    recipients: Sequence[str] = (),
    addressees: Iterable[Organisation | int] = (),
    mentions: Iterable[Mention] = (),
    files: Iterable[NewFile] = (),
    held_back: str = "",
) -> OfficialDocument:
    """Begin a document of our own: no number yet, everything still open.

    :param notation: what will stand after the number; by default from the kind and the issuer.
    :param addressees: bodies of our register whose people see the document once it is issued.
    :param held_back: why it may get no number yet; see `hold_back`.
    :raises Denied: the actor does not work in the issuing organisation.
    :raises FileRefused: a file is not taken.
    """
    rules.keep_register.require(actor, issuer.pk)
    today = timezone.localdate()
    name = name_on(issuer, today)
    document = OfficialDocument.objects.create(
        kind=kind,
        is_ours=True,
        held_by=issuer,
        issuer=issuer,
        issuer_name=name.name if name else issuer.key,
        notation=clean(notation) or queries.notation_for(kind, issuer.pk, on=today),
        signer=clean(signer),
        subject=clean(subject),
        recipients=_lines(recipients),
        held_back=clean(held_back),
        registered_by=actor,
        registered_at=timezone.now(),
    )
    Addressee.objects.bulk_create(
        [
            Addressee(document=document, organisation_id=pk)
            for pk in dict.fromkeys(one if isinstance(one, int) else one.pk for one in addressees)
        ]
    )
    record(action="documents.drafted", actor=actor, subject=document)
    _mention(document, mentions)
    for file in files:
        _attach(actor, document, file)
    return document


@transaction.atomic
def hold_back(*, actor: Person, document: OfficialDocument, reason: str) -> OfficialDocument:
    """Say why a draft may get no number yet; an empty reason lets it have one.

    :raises Denied: the actor does not keep the register, or the document has its number.
    """
    document = _locked(document)
    rules.change_document.require(actor, document)
    reason = clean(reason)
    if reason != document.held_back:
        document.held_back = reason
        document.version += 1
        document.save(update_fields=["held_back", "version"])
        record(
            action="documents.held_back" if reason else "documents.let_go",
            actor=actor,
            subject=document,
            reason=reason,
        )
    return document


@transaction.atomic
def attach_file(
    *,
    actor: Person,
    document: OfficialDocument,
    purpose: FilePurpose,
    name: str,
    content: bytes | BinaryIO | File[Any],
) -> DocumentFile:
    """Add a file; earlier ones of the same purpose stay and are no longer the one in use.

    :raises Denied: see `rules.attach_file`.
    :raises FileRefused: the file is not taken.
    """
    rules.attach_file.require(actor, document, purpose)
    upload = store_upload(actor=actor, name=name, content=content)
    return attach_upload(actor=actor, document=document, purpose=purpose, upload=upload)


@transaction.atomic
def attach_upload(
    *, actor: Person, document: OfficialDocument, purpose: FilePurpose, upload: Upload
) -> DocumentFile:
    """Add a file that is in the store already.

    :raises Denied: see `rules.attach_file`.
    """
    rules.attach_file.require(actor, document, purpose)
    # Two long files take seconds to compare: nobody else waits for the row meanwhile.
    beside = _compared(document, purpose, upload)
    document = _locked(document)
    rules.attach_file.require(actor, document, purpose)
    return _join(actor, document, purpose, upload, beside)


def _attach(actor: Person, document: OfficialDocument, file: NewFile) -> DocumentFile:
    """To a document that nobody else knows of yet."""
    rules.attach_file.require(actor, document, file.purpose)
    upload = store_upload(actor=actor, name=file.name, content=file.content)
    beside = _compared(document, file.purpose, upload)
    return _join(actor, document, file.purpose, upload, beside)


def _join(
    actor: Person | None,
    document: OfficialDocument,
    purpose: FilePurpose,
    upload: Upload,
    beside: _Compared | None,
    *,
    made_by: str = "",
) -> DocumentFile:
    draft = queries.newest_file(document, FilePurpose.DRAFT_PDF)
    if draft and (beside is None or beside.draft != draft.pk):
        beside = _compared(document, purpose, upload)
    row = DocumentFile(document=document, upload=upload, purpose=purpose)
    if beside:
        row.agreement = beside.found.agreement
        row.missing_words, row.added_words = list(beside.found.missing), list(beside.found.added)
    row.save()
    record(
        action="documents.file_attached",
        actor=actor,
        subject=document,
        by=made_by,
        purpose=purpose.value,
        name=upload.name,
        sha256=upload.file.sha256,
        agreement=row.agreement,
    )
    return row


@dataclass(frozen=True, slots=True)
class _Compared:
    """What was found beside one draft, by its id: a newer one may come before the row is locked."""

    draft: int
    found: Comparison


def _compared(document: OfficialDocument, purpose: FilePurpose, upload: Upload) -> _Compared | None:
    """The signed file beside our newest draft; None where either is not a PDF."""
    if purpose != FilePurpose.SIGNED or upload.file.media_type != PDF_MEDIA_TYPE:
        return None
    draft = queries.newest_file(document, FilePurpose.DRAFT_PDF)
    if not draft:
        return None
    with open_file(draft.upload) as ours, open_file(upload) as theirs:
        return _Compared(draft.pk, compare_signed(ours.read(), theirs.read()))


@transaction.atomic
def relate(
    *, actor: Person, document: OfficialDocument, kind: RelationKind, symbol: str
) -> DocumentRelation:
    """Say that a document rests on, carries out, replaces or amends another.

    :raises Denied: see `rules.change_document`.
    :raises ValidationError: it is said already, or the document would relate to itself.
    """
    document = _locked(document)
    rules.change_document.require(actor, document)
    relation = DocumentRelation(
        document=document,
        kind=kind,
        target_symbol=clean(symbol),
        target=queries.find_by_symbol(symbol),
    )
    relation.full_clean()
    relation.save()
    record(
        action="documents.related",
        actor=actor,
        subject=document,
        kind=kind.value,
        symbol=relation.target_symbol,
    )
    return relation


def _mention(document: OfficialDocument, mentions: Iterable[Mention]) -> None:
    for mention in dict.fromkeys(mentions):
        symbol = clean(mention.symbol)
        if not symbol:
            continue
        target = queries.find_by_symbol(symbol)
        DocumentRelation.objects.get_or_create(
            document=document,
            kind=mention.kind,
            target_symbol=symbol,
            defaults={"target": target if target != document else None},
        )


def _link_earlier_mentions(document: OfficialDocument) -> None:
    """Documents that named this one before it was registered now point at it."""
    waiting = DocumentRelation.objects.filter(
        target__isnull=True, target_symbol__iexact=document.symbol
    ).exclude(document=document)
    if waiting.exists() and queries.find_by_symbol(document.symbol) == document:
        waiting.update(target=document)


@transaction.atomic
def correct_document(
    *,
    actor: Person,
    document: OfficialDocument,
    version: int,
    kind: DocumentType,
    symbol: str,
    issuer_name: str,
    subject: str,
    issued_on: date | None,
    issuer: Organisation | None,
    signer: str,
    recipients: Sequence[str],
    received_on: date | None,
) -> OfficialDocument:
    """Put right what the register says of a received document or a draft.

    :param symbol: for a draft of ours, what will stand after the number.
    :param version: of the row as the actor saw it.
    :raises Denied: see `rules.change_document`.
    :raises ChangedMeanwhile: somebody else saved first; nothing is written.
    """
    document = _locked(document)
    rules.change_document.require(actor, document)
    if document.version != version:
        raise ChangedMeanwhile(document)
    fields: dict[str, Any] = {
        "kind": kind,
        "signer": clean(signer),
        "subject": clean(subject),
        "recipients": _lines(recipients),
    }
    if document.is_ours:
        fields["notation"] = clean(symbol)
    else:
        parsed = parse_symbol(symbol)
        fields |= {
            "number": parsed.number,
            "notation": parsed.notation,
            "printed_symbol": parsed.printed,
            "issued_on": issued_on,
            "issuer": issuer,
            "issuer_name": clean(issuer_name),
            "received_on": received_on,
        }
    changed = {
        name: [_told(getattr(document, name)), _told(value)]
        for name, value in fields.items()
        if getattr(document, name) != value
    }
    if not changed:
        return document
    for name, value in fields.items():
        setattr(document, name, value)
    document.version += 1
    document.save(update_fields=[*fields, "version"])
    record(action="documents.corrected", actor=actor, subject=document, changed=changed)
    return document


def _told(value: Any) -> Any:
    """A value as the ledger keeps it."""
    if isinstance(value, list | int | None):
        return value
    return str(value)


@transaction.atomic
def issue_document(
    *, actor: Person, document: OfficialDocument, issued_on: date, signer: str = ""
) -> OfficialDocument:
    """Give a draft the next number of its issuer, kind and year: no gap, none twice.

    A text the system made is drawn again with the number, the day and the signer. The run of numbers
    stays locked until the transaction ends, so that a rolled-back issue gives its number back before
    the next one is given.

    :param signer: by default the one the draft names already.
    :raises Denied: not the issuer's people, not a draft, a day to come, or before the last number's
        day; see `rules.issue_document` and `rules.number_in_order`.
    :raises ValidationError: nobody signs it, or the text lacks what a numbered one must have.
    """
    document = _locked(document)
    rules.issue_document.require(actor, document, issued_on)
    issuer, kind = document.issuer_id, DocumentType(document.kind)
    if issuer is None:
        raise ValidationError(_("Chọn cơ quan ban hành trước khi cấp số."))
    signer = clean(signer) or document.signer
    if not signer:
        raise ValidationError(_("Nhập người ký trước khi cấp số."))
    series = _locked_series(issuer, kind, issued_on.year)
    rules.number_in_order.require(
        queries.last_day_numbered(issuer, kind, issued_on.year), issued_on
    )
    series.last_number += 1
    series.save(update_fields=["last_number"])
    document.number, document.issued_on = series.last_number, issued_on
    document.issued_by, document.issued_at = actor, timezone.now()
    document.signer = signer
    document.version += 1
    document.save(
        update_fields=["number", "issued_on", "issued_by", "issued_at", "signer", "version"]
    )
    record(
        action="documents.issued",
        actor=actor,
        subject=document,
        symbol=document.symbol,
        issued_on=issued_on.isoformat(),
    )
    _link_earlier_mentions(document)
    _draw_as_issued(document)
    return document


def _draw_as_issued(document: OfficialDocument) -> None:
    """The text of an issued document is closed to people; the system adds what was left blank."""
    try:
        files = [file for draw in drawn_when_issued for file in draw(document)]
    except IncompleteDocument as incomplete:
        raise ValidationError(incomplete.problems) from incomplete
    for file in files:
        upload = store_upload(actor=None, name=file.name, content=file.content, made_by=ISSUING)
        _join(None, document, file.purpose, upload, None, made_by=ISSUING)


def _locked_series(issuer_id: int, kind: DocumentType, year: int) -> NumberSeries:
    NumberSeries.objects.bulk_create(
        [NumberSeries(issuer_id=issuer_id, kind=kind, year=year)], ignore_conflicts=True
    )
    return NumberSeries.objects.select_for_update().get(issuer=issuer_id, kind=kind, year=year)


@transaction.atomic
def cancel_document(*, actor: Person, document: OfficialDocument, reason: str) -> OfficialDocument:
    """Take back a draft or an issued document; a number that was given stays given.

    :raises Denied: see `rules.cancel_document`.
    :raises ValidationError: no reason.
    """
    document = _locked(document)
    rules.cancel_document.require(actor, document)
    reason = clean(reason)
    if not reason:
        raise ValidationError(_("Nhập lý do hủy."))
    document.cancelled_reason = reason
    document.cancelled_by, document.cancelled_at = actor, timezone.now()
    document.version += 1
    document.save(update_fields=["cancelled_reason", "cancelled_by", "cancelled_at", "version"])
    record(action="documents.cancelled", actor=actor, subject=document, reason=reason)
    return document


@transaction.atomic
def continue_series(
    *, actor: Person, issuer: Organisation, kind: DocumentType, year: int, last_number: int
) -> NumberSeries:
    """Take a paper register over in the middle of a year: numbers go on after its last one.

    :raises Denied: not one in charge, or numbers of that year were given here already.
    """
    series = _locked_series(issuer.pk, kind, year)
    has_given = queries.last_day_numbered(issuer.pk, kind, year) is not None
    rules.continue_series.require(actor, issuer.pk, has_given_numbers=has_given)
    series.last_number = last_number
    series.save(update_fields=["last_number"])
    record(
        action="documents.series_continued", actor=actor, subject=series, last_number=last_number
    )
    return series


def _lines(recipients: Sequence[str]) -> list[str]:
    cleaned = (clean(line).lstrip("-– ").rstrip(";.") for line in recipients)
    return [line for line in cleaned if line]


def _locked(document: OfficialDocument) -> OfficialDocument:
    return OfficialDocument.objects.select_for_update().get(pk=document.pk)
