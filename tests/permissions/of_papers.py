"""Documents, files, legal sources, calendar, notices: for whom each operation is."""

from __future__ import annotations

from django.utils import timezone

from chuan.core.calendar import operations as calendar
from chuan.core.calendar.models import DayException
from chuan.core.documents import operations as documents
from chuan.core.documents.enums import DocumentType, FilePurpose, RelationKind
from chuan.core.files import operations as files
from chuan.core.files.testing import PDF, UploadFactory
from chuan.core.legal import operations as legal
from chuan.core.legal.models import SourceRelation
from chuan.core.legal.testing import LegalSourceFactory
from chuan.core.notices import operations as notices
from chuan.core.notices.enums import MailState
from chuan.core.notices.testing import OutgoingMailFactory
from tests.permissions.scene import (
    ADMINISTRATOR,
    ANYWHERE,
    EVERYBODY,
    IN_CHARGE,
    KEEPERS,
    OWN,
    STANDING,
    TODAY,
    Table,
)

TABLE: Table = {
    documents.register_document: (
        lambda s, a: documents.register_document(
            actor=a,
            held_by=s.body,
            kind=DocumentType.DECISION,
            symbol="12/QĐ-UBND",
            issuer_name="Ủy ban nhân dân tỉnh",
            subject="Ban hành Kế hoạch",
            issued_on=TODAY,
        ),
        KEEPERS,
        OWN,
    ),
    documents.draft_document: (
        lambda s, a: documents.draft_document(
            actor=a, issuer=s.body, kind=DocumentType.REPORT, subject="Kết quả năm 2026"
        ),
        KEEPERS,
        OWN,
    ),
    documents.attach_file: (
        lambda s, a: documents.attach_file(
            actor=a,
            document=s.a_document(),
            purpose=FilePurpose.ORIGINAL,
            name="a.pdf",
            content=PDF,
        ),
        KEEPERS,
        OWN,
    ),
    documents.attach_upload: (
        lambda s, a: documents.attach_upload(
            actor=a, document=s.a_document(), purpose=FilePurpose.ORIGINAL, upload=UploadFactory()
        ),
        KEEPERS,
        OWN,
    ),
    documents.relate: (
        lambda s, a: documents.relate(
            actor=a, document=s.a_document(), kind=RelationKind.BASED_ON, symbol="38-CT/TW"
        ),
        KEEPERS,
        OWN,
    ),
    documents.correct_document: (
        lambda s, a: documents.correct_document(
            actor=a,
            document=s.a_document(),
            version=1,
            kind=DocumentType.DECISION,
            symbol="13/QĐ-UBND",
            issuer_name="Ủy ban nhân dân tỉnh",
            subject="Ban hành Kế hoạch",
            issued_on=TODAY,
            issuer=None,
            signer="",
            recipients=[],
            received_on=TODAY,
        ),
        KEEPERS,
        OWN,
    ),
    documents.issue_document: (
        lambda s, a: documents.issue_document(
            actor=a,
            document=s.a_document(draft=True),
            issued_on=timezone.localdate(),
            signer="Lê Văn Đức",
        ),
        KEEPERS,
        OWN,
    ),
    documents.hold_back: (
        lambda s, a: documents.hold_back(
            actor=a, document=s.a_document(draft=True), reason="Chưa chốt số liệu"
        ),
        KEEPERS,
        OWN,
    ),
    documents.cancel_document: (
        lambda s, a: documents.cancel_document(
            actor=a, document=s.a_document(issued=True), reason="Sai số liệu"
        ),
        IN_CHARGE,
        OWN,
    ),
    documents.continue_series: (
        lambda s, a: documents.continue_series(
            actor=a, issuer=s.body, kind=DocumentType.REPORT, year=2026, last_number=40
        ),
        IN_CHARGE,
        OWN,
    ),
    files.store_upload: (
        lambda s, a: files.store_upload(actor=a, name="a.pdf", content=PDF),
        EVERYBODY,
        ANYWHERE,
    ),
    files.begin_upload: (
        lambda s, a: files.begin_upload(
            actor=a, name="a.pdf", size=len(PDF), sha256="", at=timezone.now()
        ),
        EVERYBODY,
        ANYWHERE,
    ),
    legal.add_source: (
        lambda s, a: legal.add_source(
            actor=a,
            code="nd-1-2026",
            notation="1/2026/NĐ-CP",
            title="Nghị định",
            issuer="Chính phủ",
            issued_on=TODAY,
            effective_from=TODAY,
        ),
        STANDING,
        ANYWHERE,
    ),
    legal.confirm_source: (
        lambda s, a: legal.confirm_source(actor=a, source=s.source),
        STANDING,
        ANYWHERE,
    ),
    legal.relate_sources: (
        lambda s, a: legal.relate_sources(
            actor=a,
            source=s.source,
            kind=SourceRelation.Kind.REPLACES,
            target=LegalSourceFactory(),
        ),
        STANDING,
        ANYWHERE,
    ),
    legal.set_parameter: (
        lambda s, a: legal.set_parameter(
            actor=a,
            code="tests.days",
            title="Số ngày",
            value=5,
            source=s.source,
            clause="Điều 1",
            valid_from=TODAY,
        ),
        STANDING,
        ANYWHERE,
    ),
    calendar.set_day: (
        lambda s, a: calendar.set_day(
            actor=a,
            day=TODAY,
            kind=DayException.Kind.HOLIDAY,
            title="Nghỉ lễ",
            source=s.source,
            is_confirmed=False,
        ),
        STANDING,
        ANYWHERE,
    ),
    calendar.forget_day: (
        lambda s, a: calendar.forget_day(actor=a, day=s.day_off.day),
        STANDING,
        ANYWHERE,
    ),
    notices.try_again: (
        lambda s, a: notices.try_again(actor=a, letter=OutgoingMailFactory(state=MailState.FAILED)),
        ADMINISTRATOR,
        ANYWHERE,
    ),
}
