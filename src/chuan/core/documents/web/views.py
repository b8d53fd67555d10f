from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chuan.core.documents import operations, queries, rules
from chuan.core.documents.enums import (
    Agreement,
    DocumentState,
    DocumentType,
    FilePurpose,
    RelationKind,
)
from chuan.core.documents.models import DocumentFile, DocumentRelation, OfficialDocument
from chuan.core.documents.operations import ChangedMeanwhile
from chuan.core.documents.parsing.agreement import MOST_ADDED
from chuan.core.documents.parts import NewFile
from chuan.core.documents.web.forms import (
    AttachForm,
    CancelForm,
    DocumentForm,
    DraftForm,
    IssueForm,
    RegisterForm,
    RelateForm,
    SeriesForm,
    own_registers,
)
from chuan.core.documents.web.tables import DocumentTable
from chuan.core.files.parsing.inspection import FileRefused
from chuan.core.orgs.models import Organisation
from chuan.core.orgs.queries import names_on
from chuan.core.people.http import SignedInRequest
from chuan.core.ui.components import FileRow, Text
from chuan.core.ui.forms import Form
from chuan.core.ui.views import Difference, confirm, conflict
from chuan.lib.rules import Denied
from chuan.lib.vietnamese import format_date

# What we draw ourselves: a newer file takes the place of the one before.
DRAWN = frozenset({FilePurpose.DRAFT_DOCX, FilePurpose.DRAFT_PDF, FilePurpose.ANNEX_XLSX})


def _refused(form: Form, error: Exception) -> None:
    if isinstance(error, ValidationError):
        form.add_error(None, error.messages)
    else:
        form.add_error(None, str(error))


def _page(request: SignedInRequest, template: str, form: Form, **context: Any) -> HttpResponse:
    context["form"] = form
    return render(request, template, context, status=422 if form.errors else 200)


def _visible(request: SignedInRequest, document_id: int) -> OfficialDocument:
    rows = queries.documents_visible_to(request.user).select_related(
        "registered_by", "issued_by", "cancelled_by"
    )
    return get_object_or_404(rows, pk=document_id)


@require_safe
def list_documents(request: SignedInRequest) -> HttpResponse:
    table = DocumentTable(request, queries.documents_visible_to(request.user))
    context = {"table": table, "may_register": bool(request.user.organisation_ids(*rules.KEEPERS))}
    return table.download() or render(request, "documents/list.html", context)


@require_safe
def show_document(request: SignedInRequest, document_id: int) -> HttpResponse:
    document = _visible(request, document_id)
    me = request.user
    seen = queries.documents_visible_to(me)
    relations = list(queries.relations_of(document))
    backwards = list(queries.relations_to(document))
    near = {row.target_id for row in relations if row.target_id is not None}
    near |= {row.document_id for row in backwards}
    linkable = set(seen.filter(pk__in=near).values_list("pk", flat=True))
    today = timezone.localdate()
    files = queries.files_of(document, reader=me)
    signed = next((row for row in files if row.purpose == FilePurpose.SIGNED), None)
    context = {
        "document": document,
        "kind": DocumentType(document.kind).label,
        "register": names_on([document.held_by_id], today).get(document.held_by_id),
        "files": _file_rows(document, files),
        "relations": [_relation_row(row, linkable) for row in relations],
        "backwards": [row for row in backwards if row.document_id in linkable],
        "addressees": _addressees(document),
        "may_attach": any(rules.attach_file.allows(me, document, one) for one in FilePurpose),
        "may_change": rules.change_document.allows(me, document),
        "may_issue": rules.issue_document.allows(me, document, today),
        "may_cancel": rules.cancel_document.allows(me, document),
        "is_draft": document.state == DocumentState.DRAFT,
        "differing": signed if signed and signed.agreement == Agreement.DIFFERENT else None,
        "most_added": MOST_ADDED,
    }
    return render(request, "documents/show.html", context)


def _file_rows(document: OfficialDocument, files: list[DocumentFile]) -> list[FileRow]:
    """The files, the newest of a purpose first; of a text of ours only that one is in use."""
    rows, seen = [], set[str]()
    for row in files:
        is_earlier = row.purpose in seen and document.is_ours and row.purpose in DRAWN
        rows.append(_file_row(row, is_earlier=is_earlier))
        seen.add(row.purpose)
    return rows


def _file_row(row: DocumentFile, *, is_earlier: bool) -> FileRow:
    upload = row.upload
    by = upload.uploaded_by.full_name if upload.uploaded_by else _("Hệ thống lập")
    notes: list[Text] = [
        FilePurpose(row.purpose).label,
        by,
        format_date(timezone.localdate(upload.uploaded_at)),
        f"SHA-256 {upload.file.sha256[:12]}…",
    ]
    if is_earlier:
        notes.insert(1, _("bản trước, không còn dùng"))
    if row.agreement:
        notes.append(Agreement(row.agreement).label)
    return FileRow(
        name=upload.name,
        url=reverse("files:download", args=[upload.pk]),
        size=upload.file.size,
        notes=notes,
    )


def _relation_row(row: DocumentRelation, linkable: set[int]) -> dict[str, Any]:
    return {
        "kind": RelationKind(row.kind).label,
        "symbol": row.target_symbol,
        "target": row.target if row.target_id in linkable else None,
    }


def _addressees(document: OfficialDocument) -> list[str]:
    ids = list(document.addressees.values_list("organisation", flat=True))
    names = names_on(ids, document.issued_on or timezone.localdate()) if ids else {}
    return sorted(str(name) for name in names.values())


def register_document(request: SignedInRequest) -> HttpResponse:
    """Enter a document that came in."""
    if not own_registers(request.user):
        raise Denied(_("Chỉ cán bộ của cơ quan giữ sổ được ghi vào sổ văn bản của cơ quan đó."))
    form = RegisterForm(
        request.POST or None,
        request.FILES or None,
        person=request.user,
        initial={"received_on": timezone.localdate()},
    )
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            document = operations.register_document(
                actor=request.user,
                held_by=Organisation(pk=form.cleaned_data["held_by"]),
                mentions=form.mentions,
                files=[NewFile(FilePurpose.ORIGINAL, file.name, file)] if file else [],
                **form.given(),
            )
        except (Denied, FileRefused, ValidationError) as error:
            _refused(form, error)
        else:
            messages.success(request, _("Đã ghi vào sổ."))
            return redirect("documents:show", document_id=document.pk)
    return _page(request, "documents/register.html", form)


def correct_document(request: SignedInRequest, document_id: int) -> HttpResponse:
    document = _visible(request, document_id)
    rules.change_document.require(request.user, document)
    form = _correction_form(request.POST or None, document)
    if request.method == "POST" and form.is_valid():
        try:
            operations.correct_document(
                actor=request.user,
                document=document,
                version=int(request.POST.get("version", 0)),
                **_corrections(form, document),
            )
        except ChangedMeanwhile as changed:
            return _conflict(request, form, changed.document)
        except (Denied, ValidationError) as error:
            _refused(form, error)
        else:
            messages.success(request, _("Đã lưu."))
            return redirect("documents:show", document_id=document.pk)
    version = request.POST.get("version", document.version)
    return _page(request, "documents/correct.html", form, document=document, version=version)


def _correction_form(data: QueryDict | None, document: OfficialDocument) -> Form:
    initial: dict[str, Any] = {
        "kind": document.kind,
        "subject": document.subject,
        "signer": document.signer,
        "recipients": "\n".join(document.recipients),
    }
    if document.is_ours:
        return DraftForm(data, initial={**initial, "notation": document.notation})
    initial |= {
        "symbol": document.symbol if document.has_symbol else "",
        "issued_on": document.issued_on,
        "issuer_name": document.issuer_name,
        "received_on": document.received_on,
    }
    return DocumentForm(data, initial=initial)


def _corrections(form: Form, document: OfficialDocument) -> dict[str, Any]:
    if isinstance(form, DocumentForm):
        return form.given()
    data = form.cleaned_data
    return {
        "kind": DocumentType(data["kind"]),
        "symbol": data["notation"],
        "subject": data["subject"],
        "signer": data["signer"],
        "recipients": data["recipients"].splitlines(),
        "issuer_name": document.issuer_name,
        "issuer": document.issuer,
        "issued_on": None,
        "received_on": None,
    }


def _conflict(request: SignedInRequest, form: Form, stored: OfficialDocument) -> HttpResponse:
    now = _correction_form(None, stored)
    differences = [
        Difference(bound.label, now[bound.name].value(), bound.value())
        for bound in form
        if str(now[bound.name].value() or "").strip() != str(bound.value() or "").strip()
    ]
    return conflict(
        request,
        back_url=reverse("documents:correct", args=[stored.pk]),
        differences=differences,
    )


def attach_file(request: SignedInRequest, document_id: int) -> HttpResponse:
    document = _visible(request, document_id)
    rules.keep_register.require(request.user, document.held_by_id)
    form = AttachForm(
        request.POST or None, request.FILES or None, person=request.user, document=document
    )
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            operations.attach_file(
                actor=request.user,
                document=document,
                purpose=FilePurpose(form.cleaned_data["purpose"]),
                name=file.name,
                content=file,
            )
        except (Denied, FileRefused) as error:
            _refused(form, error)
        else:
            messages.success(request, _("Đã thêm tệp."))
            return redirect("documents:show", document_id=document.pk)
    return _page(request, "documents/attach.html", form, document=document)


def relate(request: SignedInRequest, document_id: int) -> HttpResponse:
    document = _visible(request, document_id)
    rules.change_document.require(request.user, document)
    form = RelateForm(request.POST or None, initial={"kind": RelationKind.BASED_ON})
    if request.method == "POST" and form.is_valid():
        try:
            operations.relate(
                actor=request.user,
                document=document,
                kind=RelationKind(form.cleaned_data["kind"]),
                symbol=form.cleaned_data["symbol"],
            )
        except ValidationError:
            form.add_error("symbol", _("Quan hệ này đã ghi rồi, hoặc là chính văn bản này."))
        except Denied as error:
            _refused(form, error)
        else:
            messages.success(request, _("Đã ghi quan hệ."))
            return redirect("documents:show", document_id=document.pk)
    return _page(request, "documents/relate.html", form, document=document)


def issue_document(request: SignedInRequest, document_id: int) -> HttpResponse:
    document = _visible(request, document_id)
    today = timezone.localdate()
    rules.issue_document.require(request.user, document, today)
    form = IssueForm(
        request.POST or None,
        initial={
            "issued_on": today,
            "signer": document.signer or queries.likely_signer(document.held_by_id, on=today),
        },
    )
    if request.method == "POST" and form.is_valid():
        try:
            issued = operations.issue_document(
                actor=request.user, document=document, **form.cleaned_data
            )
        except (Denied, ValidationError) as error:
            _refused(form, error)
        else:
            messages.success(
                request,
                _("Đã cấp số %(symbol)s ngày %(day)s. Hãy thêm bản đã ký khi có.")
                % {"symbol": issued.symbol, "day": format_date(form.cleaned_data["issued_on"])},
            )
            return redirect("documents:show", document_id=document.pk)
    given = form.cleaned_data.get("issued_on") if form.is_bound else None
    number, year = None, (given or today).year
    if document.issuer_id is not None:
        number = queries.next_number(document.issuer_id, DocumentType(document.kind), year)
    return _page(
        request,
        "documents/issue.html",
        form,
        document=document,
        year=year,
        kind=DocumentType(document.kind).label,
        symbol=document.symbol_with(number) if number else "",
        is_first=number == 1,
    )


def cancel_document(request: SignedInRequest, document_id: int) -> HttpResponse:
    document = _visible(request, document_id)
    rules.cancel_document.require(request.user, document)
    form = CancelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        operations.cancel_document(
            actor=request.user, document=document, reason=form.cleaned_data["reason"]
        )
        messages.success(request, _("Đã hủy văn bản."))
        return redirect("documents:show", document_id=document.pk)
    consequences = [_("Văn bản và các tệp vẫn còn trong sổ, ghi rõ đã hủy.")]
    if document.number:
        consequences.append(_("Số %s không cấp lại cho văn bản khác.") % document.symbol)
    return confirm(
        request,
        title=_("Hủy văn bản %s?") % document.symbol if document.number else _("Hủy dự thảo này?"),
        action=_("Hủy văn bản"),
        back_url=reverse("documents:show", args=[document.pk]),
        lines=[document.subject],
        consequences=consequences,
        form=form,
        is_destructive=True,
    )


def list_series(request: SignedInRequest) -> HttpResponse:
    """The runs of numbers of my organisations, and where a paper register is taken over."""
    mine = request.user.organisation_ids(*rules.KEEPERS)
    if not mine:
        raise Denied(_("Chỉ cán bộ của cơ quan giữ sổ được xem các dãy số."))
    form = SeriesForm(request.POST or None, person=request.user)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            operations.continue_series(
                actor=request.user,
                issuer=Organisation(pk=given["issuer"]),
                kind=DocumentType(given["kind"]),
                year=given["year"],
                last_number=given["last_number"],
            )
        except Denied as error:
            _refused(form, error)
        else:
            messages.success(request, _("Hệ thống cấp số tiếp theo sổ giấy."))
            return redirect("documents:series")
    names = names_on(mine, timezone.localdate())
    return _page(
        request,
        "documents/series.html",
        form,
        rows=[
            {
                "series": one,
                "kind": DocumentType(one.row.kind).label,
                "issuer": names.get(one.row.issuer_id, ""),
            }
            for one in queries.series_of(mine)
        ],
        may_continue=request.user.holds(*rules.CANCELLERS),
    )
