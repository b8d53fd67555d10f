from __future__ import annotations

from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from chuan.core.documents.enums import DocumentState, FilePurpose
from chuan.core.documents.models import OfficialDocument
from chuan.core.people.enums import Role
from chuan.core.people.models import Person
from chuan.lib.rules import Denied, rule
from chuan.lib.vietnamese import format_date

# Who keeps the register of their own organisation.
KEEPERS = (
    Role.UNIT_CLERK,
    Role.UNIT_HEAD,
    Role.DEPARTMENT_COORDINATOR,
    Role.DEPARTMENT_LEADER,
)
# In whose name an organisation's documents are signed.
LEADERS = (Role.DEPARTMENT_LEADER, Role.UNIT_HEAD)
# Who may take back what was issued in its name.
CANCELLERS = (Role.UNIT_HEAD, Role.DEPARTMENT_COORDINATOR, Role.DEPARTMENT_LEADER)
# Who reads every organisation's register.
READERS = (Role.PROVINCIAL_LEADER, Role.AUDITOR)


@rule
def keep_register(actor: Person, organisation_id: int) -> None:
    """A register is kept by those who work in its organisation."""
    if not actor.holds(*KEEPERS, organisation_id=organisation_id):
        raise Denied(_("Chỉ cán bộ của cơ quan giữ sổ được ghi vào sổ văn bản của cơ quan đó."))


@rule
def change_document(actor: Person, document: OfficialDocument) -> None:
    """What was issued or cancelled stays as it is; the rest is put right by the register's people."""
    keep_register.require(actor, document.held_by_id)
    if document.state == DocumentState.CANCELLED:
        raise Denied(_("Văn bản đã hủy nên không sửa được nữa."))
    if document.state == DocumentState.ISSUED:
        raise Denied(
            _("Văn bản đã cấp số nên không sửa được. Nếu sai, hãy hủy và ban hành văn bản khác.")
        )


@rule
def attach_file(actor: Person, document: OfficialDocument, purpose: FilePurpose) -> None:
    """Files join a document that counts; the text of an issued one is closed, its signed copy is not."""
    keep_register.require(actor, document.held_by_id)
    if document.state == DocumentState.CANCELLED:
        raise Denied(_("Văn bản đã hủy nên không thêm tệp được nữa."))
    if document.state == DocumentState.ISSUED and purpose not in {
        FilePurpose.SIGNED,
        FilePurpose.ORIGINAL,
    }:
        raise Denied(_("Văn bản đã cấp số: chỉ thêm được bản đã ký hoặc bản gốc."))
    if document.state == DocumentState.RECEIVED and purpose not in {
        FilePurpose.ORIGINAL,
        FilePurpose.ANNEX_XLSX,
    }:
        raise Denied(_("Văn bản đến chỉ có bản gốc và phụ lục."))


@rule
def issue_document(actor: Person, document: OfficialDocument, issued_on: date) -> None:
    """A draft gets its number from its own organisation, once, for a day that has come, and not
    while it is held back."""
    keep_register.require(actor, document.held_by_id)
    if document.state != DocumentState.DRAFT:
        raise Denied(_("Chỉ dự thảo chưa có số mới cấp số được."))
    if document.held_back:
        raise Denied(document.held_back)
    if issued_on > timezone.localdate():
        raise Denied(_("Ngày ban hành không được sau hôm nay."))


@rule
def number_in_order(last_issued_on: date | None, issued_on: date) -> None:
    """Numbers follow the days: a later number never has an earlier day."""
    if last_issued_on is not None and issued_on < last_issued_on:
        raise Denied(
            _("Số gần nhất đã cấp cho ngày %s; ngày ban hành không được trước ngày đó.")
            % format_date(last_issued_on)
        )


@rule
def cancel_document(actor: Person, document: OfficialDocument) -> None:
    """Issued documents are cancelled by those in charge, drafts by whoever keeps the register."""
    if document.state == DocumentState.CANCELLED:
        raise Denied(_("Văn bản này đã hủy rồi."))
    if document.state == DocumentState.RECEIVED:
        raise Denied(_("Văn bản đến do cơ quan khác ban hành nên không hủy được ở đây."))
    if document.state == DocumentState.DRAFT:
        keep_register.require(actor, document.held_by_id)
    elif not actor.holds(*CANCELLERS, organisation_id=document.held_by_id):
        raise Denied(
            _("Chỉ thủ trưởng, lãnh đạo hoặc chuyên viên tổng hợp được hủy văn bản đã cấp số.")
        )


@rule
def continue_series(actor: Person, organisation_id: int, *, has_given_numbers: bool) -> None:
    """A paper register is continued by those in charge, before the first number is given here."""
    if not actor.holds(*CANCELLERS, organisation_id=organisation_id):
        raise Denied(_("Chỉ thủ trưởng, lãnh đạo hoặc chuyên viên tổng hợp được đặt số bắt đầu."))
    if has_given_numbers:
        raise Denied(
            _("Hệ thống đã cấp số cho sổ này trong năm nên không đặt lại số bắt đầu được.")
        )
