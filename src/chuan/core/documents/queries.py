from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Max, Q, QuerySet
from django.urls import reverse

from chuan.core.documents.enums import DocumentType, FilePurpose
from chuan.core.documents.models import (
    DocumentFile,
    DocumentRelation,
    NumberSeries,
    OfficialDocument,
)
from chuan.core.documents.parsing.symbols import parse_symbol
from chuan.core.documents.rules import KEEPERS, LEADERS, READERS
from chuan.core.files.models import Upload
from chuan.core.orgs.queries import version_on
from chuan.core.people.models import Person
from chuan.core.people.queries import holders
from chuan.core.ui.finding import Found, Hit, found_in
from chuan.lib.vietnamese import clean, fold


def documents_visible_to(person: Person) -> QuerySet[OfficialDocument]:
    """The registers of the person's own organisations, what was issued to them, and everything for
    leaders of the province and auditors."""
    rows = OfficialDocument.objects.select_related("held_by", "issuer")
    if person.holds(*READERS):
        return rows
    own = person.organisation_ids(*KEEPERS)
    issued_to_them = Q(addressees__organisation__in=own) & (
        Q(is_ours=False) | Q(number__isnull=False)
    )
    return rows.filter(pk__in=_keys(Q(held_by__in=own) | issued_to_them))


def _keys(wanted: Q) -> QuerySet[OfficialDocument, int]:
    return OfficialDocument.objects.filter(wanted).values_list("pk", flat=True)


def may_read_file(person: Person, upload: Upload) -> bool:
    """A document's files are for those who see it; drafts only for the register's own people."""
    rows = DocumentFile.objects.filter(
        upload=upload, document__in=documents_visible_to(person)
    ).select_related("document")
    return any(
        row.purpose != FilePurpose.DRAFT_DOCX
        or person.holds(*READERS)
        or person.holds(*KEEPERS, organisation_id=row.document.held_by_id)
        for row in rows
    )


def files_of(document: OfficialDocument, *, reader: Person) -> list[DocumentFile]:
    """The files this person may open, by purpose, the newest of each first."""
    rows = (
        DocumentFile.objects.filter(document=document)
        .select_related("upload__file", "upload__uploaded_by")
        .order_by("purpose", "-pk")
    )
    is_own = reader.holds(*KEEPERS, organisation_id=document.held_by_id)
    sees_drafts = is_own or reader.holds(*READERS)
    return [row for row in rows if sees_drafts or row.purpose != FilePurpose.DRAFT_DOCX]


def newest_file(document: OfficialDocument, purpose: FilePurpose) -> DocumentFile | None:
    """The file of a purpose that is in use."""
    return (
        DocumentFile.objects.filter(document=document, purpose=purpose)
        .select_related("upload__file")
        .order_by("-pk")
        .first()
    )


def relations_of(document: OfficialDocument) -> QuerySet[DocumentRelation]:
    """What the document rests on, carries out, replaces or amends."""
    return (
        DocumentRelation.objects.filter(document=document)
        .select_related("target")
        .order_by("kind", "pk")
    )


def relations_to(document: OfficialDocument) -> QuerySet[DocumentRelation]:
    """The documents that rest on this one, carry it out, replace or amend it."""
    return (
        DocumentRelation.objects.filter(target=document)
        .select_related("document")
        .order_by("kind", "pk")
    )


def find_by_symbol(text: str) -> OfficialDocument | None:
    """The one document that has this symbol; None when none has or several have (other years)."""
    symbol = parse_symbol(text)
    if symbol.number is not None:
        found = OfficialDocument.objects.filter(
            number=symbol.number, notation__iexact=symbol.notation, printed_symbol=""
        )
    else:
        found = OfficialDocument.objects.filter(printed_symbol__iexact=symbol.printed)
    candidates = list(found.order_by("pk")[:2])
    return candidates[0] if len(candidates) == 1 else None


def notation_for(kind: DocumentType, issuer_id: int, *, on: date) -> str:
    """What stands after the number: “BC-SKHCN”; for an official letter the issuer alone: “SKHCN”.

    Decree 30/2020/NĐ-CP, Annex I, part II, point 3.
    """
    version = version_on(issuer_id, on)
    issuer = version.notation if version else ""
    parts = [issuer] if kind == DocumentType.LETTER else [kind.value, issuer]
    return "-".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Series:
    """One run of numbers: the last given, and the day it was given for."""

    row: NumberSeries
    last_issued_on: date | None


def series_of(organisation_ids: frozenset[int]) -> list[Series]:
    """The runs of numbers of these organisations, the newest year first."""
    rows = (
        NumberSeries.objects.filter(issuer__in=organisation_ids)
        .select_related("issuer")
        .order_by("-year", "kind", "pk")
    )
    numbered = OfficialDocument.objects.filter(
        is_ours=True, number__isnull=False, issuer__in=organisation_ids
    )
    days = {
        (issuer, kind, year): last
        for issuer, kind, year, last in numbered.values_list("issuer", "kind", "issued_on__year")
        .annotate(last=Max("issued_on"))
        .values_list("issuer", "kind", "issued_on__year", "last")
    }
    return [Series(row, days.get((row.issuer_id, row.kind, row.year))) for row in rows]


def next_number(issuer_id: int, kind: DocumentType, year: int) -> int:
    """What the next document of a run gets, unless another is numbered before it."""
    row = NumberSeries.objects.filter(issuer=issuer_id, kind=kind, year=year).first()
    return row.last_number + 1 if row else 1


def likely_signer(organisation_id: int, *, on: date) -> str:
    """Who is offered as signer: a leader of the department before the head of a unit, and of
    several not a deputy."""
    for role in LEADERS:
        leaders = holders(role, organisation_ids=[organisation_id], on=on)
        likely = leaders.annotate(is_deputy=Q(title__istartswith="phó ")).order_by(
            "is_deputy", "sort_key", "pk"
        )
        if first := likely.first():
            return first.full_name
    return ""


def last_day_numbered(issuer_id: int, kind: DocumentType, year: int) -> date | None:
    """The day of the latest number given in a run."""
    found: date | None = OfficialDocument.objects.filter(
        is_ours=True, issuer=issuer_id, kind=kind, number__isnull=False, issued_on__year=year
    ).aggregate(last=Max("issued_on"))["last"]
    return found


def find_documents(person: Person, text: str, start: int, limit: int) -> Found:
    """Documents in the search across everything, by symbol, subject and issuer."""
    words = fold(clean(text)).split()
    rows = documents_visible_to(person) if words else OfficialDocument.objects.none()
    for word in words:
        rows = rows.filter(search_key__contains=word)
    return found_in(
        rows.order_by("-issued_on", "-pk"),
        start,
        limit,
        lambda row: Hit(
            title=row.subject,
            url=reverse("documents:show", args=[row.pk]),
            text=row.issuer_name,
            ref=row.symbol,
        ),
    )
