from __future__ import annotations

from django.utils.translation import gettext as _

from chuan.core.people.enums import GIVEN_BY_DELEGATION, Role, SigningForm
from chuan.core.people.models import Delegation, Membership, Person
from chuan.lib.periods import Period
from chuan.lib.rules import Denied, rule


@rule
def administer_accounts(actor: Person) -> None:
    """Accounts and roles are the system administrator's; so is nothing else."""
    if not actor.holds(Role.SYSTEM_ADMINISTRATOR):
        raise Denied(_("Chỉ người quản trị hệ thống được quản lý tài khoản."))


@rule
def close_account(actor: Person, person: Person) -> None:
    """Administrators close other people's open accounts."""
    administer_accounts.require(actor)
    if actor == person:
        raise Denied(_("Bạn không tự khóa tài khoản của mình. Hãy nhờ quản trị viên khác."))
    if not person.is_active:
        raise Denied(_("Tài khoản này đã khóa rồi."))


@rule
def open_account(actor: Person, person: Person) -> None:
    """Administrators open closed accounts."""
    administer_accounts.require(actor)
    if person.is_active:
        raise Denied(_("Tài khoản này đang mở."))


@rule
def grant_role(actor: Person, person: Person) -> None:
    """Administrators give roles to others: who could give one to themselves would hold them all."""
    administer_accounts.require(actor)
    if actor == person:
        raise Denied(_("Bạn không tự giao vai trò cho mình. Hãy nhờ quản trị viên khác."))
    if not person.is_active:
        raise Denied(_("Tài khoản này đang khóa. Hãy mở tài khoản trước khi giao vai trò."))


@rule
def end_role(actor: Person, membership: Membership) -> None:
    """Administrators end other people's roles."""
    administer_accounts.require(actor)
    if actor.pk == membership.person_id:
        raise Denied(_("Bạn không tự kết thúc vai trò của mình. Hãy nhờ quản trị viên khác."))


@rule
def give_delegation(actor: Person, membership: Membership) -> None:
    """The holder of a role names a substitute; for one who is away, the administrator does.

    What somebody holds by delegation cannot be passed on (Decree 30/2020/NĐ-CP, Article 13.3).
    """
    if membership.role == Role.SYSTEM_ADMINISTRATOR:
        raise Denied(
            _("Vai trò quản trị hệ thống không ủy quyền được: hãy giao thêm quản trị viên.")
        )
    if actor.pk == membership.person_id:
        return
    if actor.holds(Role.SYSTEM_ADMINISTRATOR):
        return
    if any(
        grant.delegation_id is not None
        and (grant.role, grant.organisation_id) == (membership.role, membership.organisation_id)
        for grant in actor.grants()
    ):
        raise Denied(_("Người được ủy quyền không được ủy quyền lại cho người khác."))
    raise Denied(
        _("Chỉ người đang giữ vai trò hoặc người quản trị hệ thống được ủy quyền vai trò này.")
    )


@rule
def be_delegate(
    delegate: Person, membership: Membership, *, form: SigningForm, period: Period
) -> None:
    """The substitute works in the same organisation, and all within the days of the role itself."""
    if form not in GIVEN_BY_DELEGATION:
        raise Denied(_("Hình thức ký này do bổ nhiệm, không do ủy quyền. Chọn KT., TL. hoặc TUQ."))
    if delegate.pk == membership.person_id:
        raise Denied(_("Người nhận ủy quyền phải là người khác."))
    if not delegate.is_active:
        raise Denied(_("Tài khoản của người nhận ủy quyền đang khóa."))
    first, last = membership.valid.lower, membership.valid.upper
    if (first and period.start < first) or (last and period.end > last):
        raise Denied(_("Thời gian ủy quyền phải nằm trong thời gian giữ vai trò."))
    if not Membership.objects.filter(
        person=delegate,
        organisation_id=membership.organisation_id,
        valid__contains=(period.start, period.end),
    ).exists():
        raise Denied(
            _("Người nhận ủy quyền phải làm việc tại cùng cơ quan trong suốt thời gian ủy quyền.")
        )


@rule
def revoke_delegation(actor: Person, delegation: Delegation) -> None:
    """Whoever may give a delegation may take it back, as long as it lasts or is still to come."""
    if delegation.revoked_at is not None:
        raise Denied(_("Ủy quyền này đã được thu hồi."))
    is_holder = actor.pk == delegation.membership.person_id
    if not is_holder and not actor.holds(Role.SYSTEM_ADMINISTRATOR):
        raise Denied(_("Chỉ người ủy quyền hoặc người quản trị hệ thống được thu hồi."))
