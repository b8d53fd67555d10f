"""Documents made on the way: letters that urge, and the report of a consolidation to each reader.

Drawing takes seconds and is done before anything is locked; what was drawn is kept only if nothing
changed meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from chuan.core.audit.operations import record
from chuan.core.documents.enums import DocumentState, DocumentType, FilePurpose, RelationKind
from chuan.core.documents.issued import as_issued
from chuan.core.documents.layout import Document, render_docx, render_pdf, render_xlsx
from chuan.core.documents.models import OfficialDocument
from chuan.core.documents.operations import attach_file, draft_document, hold_back
from chuan.core.documents.parts import Mention, NewFile
from chuan.core.people.models import Person
from chuan.flows.annual_report import rules
from chuan.flows.annual_report.enums import Audience, ConsolidationState, StepKind
from chuan.flows.annual_report.models import (
    Consolidation,
    Output,
    ReportingPeriod,
    UnitReport,
    Urging,
)
from chuan.flows.annual_report.operations import telling
from chuan.flows.annual_report.operations.locks import (
    day_of,
    locked_consolidation,
    locked_period,
    note_steps,
)
from chuan.flows.annual_report.queries.letters.annexes import detail_annex
from chuan.flows.annual_report.queries.letters.common import in_a_file_name, issued_document
from chuan.flows.annual_report.queries.letters.consolidated import consolidated_report
from chuan.flows.annual_report.queries.letters.urging import as_they_stood, urging_letter
from chuan.flows.annual_report.queries.reports import reports_to_urge
from chuan.lib.language import in_vietnamese
from chuan.lib.rules import Denied
from chuan.modules.plans import facade as plans

_AUDIENCE_FILES = {Audience.PROVINCE: "ubnd-tinh", Audience.MINISTRY: "bo-khcn"}


def urge_reports(
    *, actor: Person, period: ReportingPeriod, reports: Sequence[UnitReport], at: datetime
) -> tuple[Urging, int]:
    """Urge the bodies of these reports: notices to their people and one official letter, drafted.

    Returns the urging and how many people were told.

    :raises Denied: not a coordinator, nobody chosen, or one of them has reported or was given time
        meanwhile.
    """
    rules.urge.require(actor, period)
    if not reports:
        raise Denied(_("Chọn ít nhất một cơ quan để đôn đốc."))
    letter = urging_letter(period, reports, dated=day_of(at))
    files = _drawn(letter, _urging_name(period))
    return _keep_urging(actor, period, reports, letter, files, at)


@transaction.atomic
def _keep_urging(
    actor: Person,
    period: ReportingPeriod,
    reports: Sequence[UnitReport],
    letter: Document,
    files: list[NewFile],
    at: datetime,
) -> tuple[Urging, int]:
    period = locked_period(period)
    rules.urge.require(actor, period)
    chosen = {report.pk for report in reports}
    if chosen - set(reports_to_urge(period, on=day_of(at)).values_list("pk", flat=True)):
        raise Denied(
            _(
                "Có cơ quan vừa gửi báo cáo, còn thời gian gia hạn hoặc không còn hoạt động. Mở lại "
                "danh sách để chọn lại."
            )
        )
    document = draft_document(
        actor=actor,
        issuer=period.managed_by,
        kind=DocumentType.LETTER,
        subject=letter.subject,
        recipients=letter.recipients,
        addressees=[report.organisation_id for report in reports],
        mentions=[Mention(RelationKind.BASED_ON, plans.plan(period.plan_id).symbol)],
        files=files,
    )
    urging = Urging.objects.create(period=period, document=document, made_by=actor, made_at=at)
    urging.reports.set(reports)
    note_steps(reports, StepKind.URGED, actor, at)
    record(
        action="annual_report.reports_urged",
        actor=actor,
        subject=period,
        reports=sorted(chosen),
        document=document.pk,
    )
    return urging, telling.tell_units_urged(period, reports, at)


def make_output(
    *, actor: Person, consolidation: Consolidation, audience: Audience, at: datetime
) -> Output:
    """Draw the consolidated report for one reader as DOCX, PDF and XLSX and put it in the register.

    A draft that has no number yet gets new files. What is made before the consolidation is closed is
    marked as a draft and may get no number.

    :raises Denied: not of the department, superseded, this reader's document has its number, or
        somebody changed the consolidation while it was drawn.
    """
    rules.make_documents.require(actor, consolidation)
    _require_not_issued(consolidation, audience)
    is_draft = consolidation.state == ConsolidationState.DRAFT
    report = replace(
        consolidated_report(consolidation, audience, dated=day_of(at)), is_draft=is_draft
    )
    name = _output_name(consolidation, audience)
    if is_draft:
        name = f"du-thao-{name}"
    files = _drawn_with_workbook(report, consolidation, name)
    return _keep_output(actor, consolidation, audience, report, files, at)


def _require_not_issued(consolidation: Consolidation, audience: Audience) -> None:
    """One consolidation speaks once to one reader."""
    issued = issued_document(consolidation, audience)
    if issued is not None:
        raise Denied(
            _(
                "Báo cáo gửi %(reader)s đã ban hành, số %(symbol)s, nên không tạo lại. Nếu sai, hủy văn "
                "bản đó rồi tạo văn bản khác."
            )
            % {"reader": audience.label, "symbol": issued.symbol}
        )


def drawn_as_issued(document: OfficialDocument) -> list[NewFile]:
    """The files of a letter or report of this journey with number, day and signer; of any other
    document none."""
    output = (
        Output.objects.filter(document=document)
        .select_related("consolidation__period")
        .order_by("-made_at", "-pk")
        .first()
    )
    if output is not None:
        return _report_as_issued(document, output)
    urging = Urging.objects.filter(document=document).select_related("period").first()
    if urging is not None:
        return _urging_as_issued(document, urging)
    return []


def _report_as_issued(document: OfficialDocument, output: Output) -> list[NewFile]:
    made, audience = output.consolidation, Audience(output.audience)
    text = consolidated_report(made, audience, dated=day_of(output.made_at))
    name = f"{_output_name(made, audience)}-so-{document.number:02d}"
    return _drawn_with_workbook(as_issued(text, document), made, name)


def _urging_as_issued(document: OfficialDocument, urging: Urging) -> list[NewFile]:
    text = urging_letter(
        urging.period,
        as_they_stood(urging.reports.all(), urging.made_at),
        dated=day_of(urging.made_at),
    )
    name = f"{_urging_name(urging.period)}-so-{document.number:02d}"
    return _drawn(as_issued(text, document), name)


def _urging_name(period: ReportingPeriod) -> str:
    return f"cong-van-don-doc-{in_a_file_name(period.phrase)}"


def _output_name(consolidation: Consolidation, audience: Audience) -> str:
    what = in_a_file_name(consolidation.period.phrase)
    return f"bao-cao-{what}-{_AUDIENCE_FILES[audience]}"


@transaction.atomic
def _keep_output(
    actor: Person,
    consolidation: Consolidation,
    audience: Audience,
    report: Document,
    files: list[NewFile],
    at: datetime,
) -> Output:
    drawn_from = consolidation.updated_at
    consolidation = locked_consolidation(consolidation)
    rules.make_documents.require(actor, consolidation)
    if consolidation.updated_at != drawn_from:
        raise Denied(_("Bản tổng hợp vừa được sửa trong lúc tạo văn bản. Hãy tạo lại."))
    _require_not_issued(consolidation, audience)
    period = consolidation.period
    document = _unnumbered_draft(consolidation, audience)
    held_back = _until_closed() if report.is_draft else ""
    if document is None:
        document = draft_document(
            actor=actor,
            issuer=period.managed_by,
            kind=DocumentType.REPORT,
            subject=report.subject,
            recipients=(*report.addressees, *report.recipients),
            mentions=[Mention(RelationKind.IMPLEMENTS, plans.plan(period.plan_id).symbol)],
            files=files,
            held_back=held_back,
        )
    else:
        hold_back(actor=actor, document=document, reason=held_back)
        for file in files:
            attach_file(
                actor=actor,
                document=document,
                purpose=file.purpose,
                name=file.name,
                content=file.content,
            )
    output = Output.objects.create(
        consolidation=consolidation,
        audience=audience,
        document=document,
        snapshot_hash=consolidation.snapshot_hash,
        made_by=actor,
        made_at=at,
    )
    record(
        action="annual_report.output_made",
        actor=actor,
        subject=consolidation,
        audience=audience.value,
        document=document.pk,
        sha256=consolidation.snapshot_hash,
    )
    return output


@in_vietnamese
def _until_closed() -> str:
    return _(
        "Đây là dự thảo lập từ bản tổng hợp chưa chốt. Sau khi lãnh đạo chốt bản tổng hợp, tạo lại văn "
        "bản ở trang tổng hợp rồi cấp số."
    )


def _unnumbered_draft(consolidation: Consolidation, audience: Audience) -> OfficialDocument | None:
    last = (
        consolidation.outputs.filter(audience=audience)
        .select_related("document")
        .order_by("-made_at", "-pk")
        .first()
    )
    if last is None or last.document.state != DocumentState.DRAFT:
        return None
    return last.document


def _drawn_with_workbook(
    report: Document, consolidation: Consolidation, name: str
) -> list[NewFile]:
    files = _drawn(report, name)
    annexes = render_xlsx(replace(report, annexes=(*report.annexes, detail_annex(consolidation))))
    if annexes is not None:
        files.append(NewFile(FilePurpose.ANNEX_XLSX, f"{name}-phu-luc.xlsx", annexes))
    return files


def _drawn(document: Document, name: str) -> list[NewFile]:
    return [
        NewFile(FilePurpose.DRAFT_DOCX, f"{name}.docx", render_docx(document)),
        NewFile(FilePurpose.DRAFT_PDF, f"{name}.pdf", render_pdf(document)),
    ]
