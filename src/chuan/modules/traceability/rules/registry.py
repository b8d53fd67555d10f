"""Who keeps what is known of products, parties and places, and who answers what citizens report."""

from __future__ import annotations

from django.utils.translation import gettext as _

from chuan.core.people.enums import Role
from chuan.core.people.models import Person
from chuan.lib.rules import Denied, rule
from chuan.modules.traceability.models import (
    Certificate,
    LinkFile,
    Party,
    Place,
    ProblemReport,
    Product,
)

# Decree 37/2026/NĐ-CP, Article 95: one department of the province is in charge of traceability.
DEPARTMENT = (Role.DEPARTMENT_COORDINATOR, Role.DEPARTMENT_LEADER)
WATCHERS = (*DEPARTMENT, Role.PROVINCIAL_LEADER, Role.AUDITOR)
MEMBERS = (Role.UNIT_CLERK, Role.UNIT_HEAD)


@rule
def see_everything(actor: Person) -> None:
    """The department in charge, leaders of the province and auditors see every party."""
    if not actor.holds(*WATCHERS):
        raise Denied(_("Chỉ cơ quan phụ trách truy xuất nguồn gốc xem được phần này."))


@rule
def keep_parties(actor: Person) -> None:
    """Which businesses take part, and who may act for them, is the department's to say."""
    if not actor.holds(*DEPARTMENT):
        raise Denied(
            _("Chỉ cơ quan phụ trách truy xuất nguồn gốc được thêm đơn vị và gắn tài khoản.")
        )


@rule
def keep_numbers(actor: Person) -> None:
    """Whose tax code, GLN and company prefix they are the department compares with what was
    issued: whoever holds a prefix speaks for every label that begins with it."""
    if not actor.holds(*DEPARTMENT):
        raise Denied(
            _(
                "Mã số thuế, mã GLN và mã doanh nghiệp GS1 do cơ quan phụ trách truy xuất nguồn gốc"
                " đối chiếu và ghi."
            )
        )


@rule
def confirm_number(actor: Person, row: Place | Product) -> None:
    """The department decides on a number that nobody's company prefix covers, once."""
    keep_numbers.require(actor)
    if row.is_confirmed:
        raise Denied(_("Mã này đã được xác nhận rồi."))


@rule
def keep_registry(actor: Person, party: Party) -> None:
    """A party's products, places, papers and links are kept by its own people and the department."""
    own = party.organisation_id is not None and actor.holds(
        *MEMBERS, organisation_id=party.organisation_id
    )
    if not own and not actor.holds(*DEPARTMENT):
        raise Denied(
            _("Chỉ người của “%(party)s” và cơ quan phụ trách được sửa dữ liệu này.")
            % {"party": party.name}
        )


@rule
def load_link_file(actor: Person, party: Party, file: LinkFile) -> None:
    """Whoever keeps a party's links stores a file of them, once."""
    keep_registry.require(actor, party)
    if file.loaded_at is not None:
        raise Denied(_("Tệp này đã được ghi rồi."))


@rule
def undo_link_file(actor: Person, party: Party, file: LinkFile) -> None:
    """Whoever keeps a party's links takes back what a file did, once."""
    keep_registry.require(actor, party)
    if file.loaded_at is None:
        raise Denied(_("Tệp này chưa được ghi nên không có gì để hoàn tác."))
    if file.undone_at is not None:
        raise Denied(_("Tệp này đã được hoàn tác rồi."))


@rule
def withdraw_certificate(actor: Person, paper: Certificate) -> None:
    """Whoever keeps a product takes its papers back, once."""
    keep_registry.require(actor, paper.product.party)
    if paper.withdrawn_at is not None:
        raise Denied(_("Giấy này đã được gỡ rồi."))


@rule
def tell_production(actor: Person, party: Party) -> None:
    """What a business did is told by its own people: the department does not speak for it."""
    if party.organisation_id is None or not actor.holds(
        *MEMBERS, organisation_id=party.organisation_id
    ):
        raise Denied(
            _("Chỉ người của “%(party)s” được ghi việc sản xuất của mình.") % {"party": party.name}
        )


@rule
def read_problems(actor: Person) -> None:
    """Reports of citizens name shops and may name people: the department alone reads them."""
    if not actor.holds(*DEPARTMENT):
        raise Denied(_("Chỉ cơ quan phụ trách truy xuất nguồn gốc đọc phản ánh của người dân."))


@rule
def close_problem(actor: Person, report: ProblemReport) -> None:
    """The department closes what is open."""
    read_problems.require(actor)
    if report.state != ProblemReport.State.OPEN:
        raise Denied(_("Phản ánh này đã xử lý rồi."))
