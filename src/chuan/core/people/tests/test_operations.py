from datetime import date

import pytest
import time_machine
from django.core.exceptions import ValidationError

from chuan.core.audit.models import Entry
from chuan.core.orgs.testing import OrganisationFactory
from chuan.core.people import operations, queries
from chuan.core.people.enums import Role, SigningForm
from chuan.core.people.models import Delegation, Membership, Person
from chuan.core.people.testing import DelegationFactory, MembershipFactory, PersonFactory
from chuan.lib.rules import Denied

pytestmark = pytest.mark.django_db

A_DAY = date(2026, 11, 2)
ROLES = list(Role)


@pytest.fixture(autouse=True)
def on_a_day():
    with time_machine.travel("2026-11-02T09:00:00+07:00", tick=False):
        yield


@pytest.fixture
def administrator():
    return PersonFactory(role=Role.SYSTEM_ADMINISTRATOR)


def actions():
    return list(Entry.objects.order_by("pk").values_list("action", flat=True))


# ---------------------------------------------------------------- accounts


def test_an_account_is_opened_with_clean_values_and_no_usable_password(administrator):
    person = operations.add_person(
        actor=administrator,
        username="ha.nt",
        full_name="  Nguyê\u0303n  Thị Hà ",
        email=" Ha@Example.VN ",
        title="Chuyên viên",
    )

    person.refresh_from_db()
    assert (person.full_name, person.email) == ("Nguyễn Thị Hà", "ha@example.vn")
    assert not person.has_usable_password()
    assert person.search_key == "nguyen thi ha ha.nt ha@example.vn chuyen vien"
    assert actions() == ["people.account_added"]


@pytest.mark.parametrize(
    ("username", "email", "message"),
    [
        ("HA.NT", "la@example.vn", "Tên đăng nhập này đã có người dùng."),
        ("moi", "HA@example.vn", "Địa chỉ thư này đã gắn với một tài khoản."),
        ("Nguyễn Hà", "la@example.vn", "chữ cái không dấu"),
        ("moi", "khong-phai-thu", "email"),
    ],
)
def test_a_taken_or_malformed_name_or_address_is_refused(administrator, username, email, message):
    PersonFactory(username="ha.nt", email="ha@example.vn")
    with pytest.raises(ValidationError, match=message):
        operations.add_person(
            actor=administrator, username=username, full_name="Ai đó", email=email
        )
    assert actions() == []


def test_the_command_line_opens_the_first_account():
    assert not queries.is_somebody_administrator()
    person = operations.add_person(
        actor=None,
        by="chuan user add",
        username="quan-tri",
        full_name="Quản trị",
        password="x" * 12,
    )
    operations.grant_role(
        actor=None,
        by="chuan user add",
        person=person,
        organisation=OrganisationFactory(),
        role=Role.SYSTEM_ADMINISTRATOR,
        start=A_DAY,
    )

    assert queries.is_somebody_administrator()
    assert set(Entry.objects.values_list("actor_name", flat=True)) == {"chuan user add"}


def test_correcting_an_account_keeps_what_it_was(administrator):
    person = PersonFactory(full_name="Nguyễn Hà", email="", title="")

    operations.change_person(
        actor=administrator,
        person=person,
        version=1,
        username=person.username,
        full_name="Nguyễn Thị Hà",
        email="ha@example.vn",
        title="",
    )

    assert Entry.objects.get().details == {
        "changed": {
            "full_name": ["Nguyễn Hà", "Nguyễn Thị Hà"],
            "email": ["", "ha@example.vn"],
        }
    }


def test_saving_without_a_change_leaves_no_line(administrator):
    person = PersonFactory()
    operations.change_person(
        actor=administrator,
        person=person,
        version=1,
        username=person.username,
        full_name=person.full_name,
        email=person.email,
        title=person.title,
    )
    assert actions() == []


def test_a_closed_account_opens_again_with_its_roles(administrator):
    person = PersonFactory(role=Role.UNIT_HEAD)

    closed = operations.close_account(actor=administrator, person=person, reason="chuyển công tác")
    assert not closed.holds(Role.UNIT_HEAD)
    with pytest.raises(Denied, match="đã khóa rồi"):
        operations.close_account(actor=administrator, person=person, reason="lần nữa")
    opened = operations.open_account(actor=administrator, person=person)
    assert opened.holds(Role.UNIT_HEAD)

    assert actions() == ["people.account_closed", "people.account_opened"]
    assert Entry.objects.first().details == {"reason": "chuyển công tác"}


# ---------------------------------------------------------------- roles


def test_a_role_is_granted_for_its_days_and_ended_on_one(administrator):
    person, body = PersonFactory(role=None), OrganisationFactory(key="so-khcn")

    membership = operations.grant_role(
        actor=administrator, person=person, organisation=body, role=Role.UNIT_HEAD, start=A_DAY
    )
    assert person.holds(Role.UNIT_HEAD, organisation_id=body.pk)
    operations.end_role(actor=administrator, membership=membership, end=date(2026, 12, 1))

    person.forget_grants()
    assert person.holds(Role.UNIT_HEAD, on=date(2026, 11, 30))
    assert not person.holds(Role.UNIT_HEAD, on=date(2026, 12, 1))
    assert actions() == ["people.role_granted", "people.role_ended"]
    assert Entry.objects.first().details == {
        "role": "unit_head",
        "organisation": "so-khcn",
        "start": "2026-11-02",
        "end": None,
    }


def test_the_same_role_twice_on_a_day_is_refused_in_words(administrator):
    row = MembershipFactory()
    with pytest.raises(ValidationError, match="đã có vai trò đó ở cơ quan đó"):
        operations.grant_role(
            actor=administrator,
            person=row.person,
            organisation=row.organisation,
            role=Role(row.role),
            start=A_DAY,
        )


@pytest.mark.parametrize(
    ("end", "message"),
    [(date(2026, 1, 1), "sau ngày bắt đầu"), (date(2026, 8, 1), "đã kết thúc trước ngày đó")],
)
def test_a_role_ends_within_its_days(administrator, end, message):
    row = MembershipFactory(valid=(date(2026, 1, 1), date(2026, 7, 1)))
    with pytest.raises(ValidationError, match=message):
        operations.end_role(actor=administrator, membership=row, end=end)


# ---------------------------------------------------------------- delegation


@pytest.fixture
def body():
    return OrganisationFactory()


@pytest.fixture
def head(body):
    return PersonFactory(role=Role.UNIT_HEAD, organisation=body)


@pytest.fixture
def deputy(body):
    return PersonFactory(role=Role.UNIT_CLERK, organisation=body)


def give(actor, membership, delegate, **changes):
    given = {
        "form": SigningForm.KT,
        "start": A_DAY,
        "end": date(2026, 11, 10),
        "basis": "Thông báo số 12/TB-SKHCN",
        **changes,
    }
    return operations.give_delegation(
        actor=actor, membership=membership, delegate=delegate, **given
    )


def test_a_substitute_uses_the_role_until_it_is_taken_back(head, deputy, body):
    delegation = give(head, head.memberships.get(), deputy)

    assert deputy.holds(Role.UNIT_HEAD, organisation_id=body.pk)
    assert not deputy.holds(Role.UNIT_HEAD, on=date(2026, 11, 10))
    operations.revoke_delegation(actor=head, delegation=delegation)
    deputy.forget_grants()
    assert not deputy.holds(Role.UNIT_HEAD)
    with pytest.raises(Denied, match="đã được thu hồi"):
        operations.revoke_delegation(actor=head, delegation=delegation)
    assert actions() == ["people.delegation_given", "people.delegation_revoked"]


def test_what_was_delegated_cannot_be_passed_on(head, deputy, body):
    membership = head.memberships.get()
    give(head, membership, deputy)
    third = PersonFactory(organisation=body)

    with pytest.raises(Denied, match="không được ủy quyền lại"):
        give(deputy, membership, third)


def test_an_administrator_names_the_substitute_of_somebody_who_is_away(administrator, head, deputy):
    assert give(administrator, head.memberships.get(), deputy).given_by == administrator


def test_nobody_else_gives_or_takes_back(head, deputy, body):
    other = PersonFactory(role=Role.UNIT_CLERK, organisation=body)
    with pytest.raises(Denied, match="Chỉ người đang giữ vai trò"):
        give(other, head.memberships.get(), deputy)
    delegation = give(head, head.memberships.get(), deputy)
    for person in (other, deputy, PersonFactory(role=Role.UNIT_HEAD)):
        with pytest.raises(Denied, match="Chỉ người ủy quyền"):
            operations.revoke_delegation(actor=person, delegation=delegation)


def test_the_substitute_must_be_an_open_account_of_the_same_organisation(head, body):
    membership = head.memberships.get()
    cases = {
        "cùng cơ quan": PersonFactory(),
        "cùng cơ quan trong suốt": PersonFactory(
            organisation=body, valid=(date(2020, 1, 1), date(2026, 11, 5))
        ),
        "đang khóa": PersonFactory(organisation=body, is_active=False),
        "phải là người khác": head,
    }
    for message, person in cases.items():
        with pytest.raises(Denied, match=message):
            give(head, membership, person)
    assert not Delegation.objects.exists()


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"end": A_DAY}, ValidationError, "sau ngày bắt đầu"),
        (
            {"start": date(2026, 10, 1), "end": date(2026, 11, 2)},
            ValidationError,
            "Thời gian ủy quyền đã qua",
        ),
        ({"basis": " "}, ValidationError, "basis"),
        ({"form": SigningForm.Q}, Denied, "do bổ nhiệm"),
        ({"start": date(2019, 1, 1)}, Denied, "trong thời gian giữ vai trò"),
    ],
)
def test_days_form_and_paper_of_a_delegation_are_checked(head, deputy, changes, error, message):
    with pytest.raises(error, match=message):
        give(head, head.memberships.get(), deputy, **changes)
    assert actions() == []


def test_one_person_stands_in_once_a_day_for_a_role(head, deputy):
    give(head, head.memberships.get(), deputy)
    with pytest.raises(ValidationError, match="đã được ủy quyền vai trò đó"):
        give(head, head.memberships.get(), deputy, start=date(2026, 11, 9), end=date(2026, 11, 12))


def test_the_administration_of_the_system_is_not_delegated(administrator):
    delegate = PersonFactory(
        role=Role.UNIT_CLERK, organisation=administrator.memberships.get().organisation
    )
    with pytest.raises(Denied, match="không ủy quyền được"):
        give(administrator, administrator.memberships.get(), delegate)


# ---------------------------------------------------------------- looking up


def test_holders_are_those_with_the_role_and_their_substitutes(head, deputy, body):
    PersonFactory(role=Role.UNIT_HEAD)
    PersonFactory(role=Role.UNIT_HEAD, organisation=body, is_active=False)
    DelegationFactory(membership=head.memberships.get(), delegate=deputy)

    found = queries.holders(Role.UNIT_HEAD, organisation_ids=[body.pk])

    assert set(found) == {head, deputy}
    assert set(queries.holders(Role.UNIT_HEAD, on=date(2019, 1, 1))) == set()


def test_people_are_listed_by_given_name_in_vietnamese_order():
    for number, name in enumerate(["Trần Văn Đức", "Lê Ánh", "Nguyễn Thị Ân", "Bùi Dung"]):
        operations.add_person(actor=None, username=f"p{number}", full_name=name)
    names = list(queries.people().values_list("full_name", flat=True))
    assert names == ["Lê Ánh", "Nguyễn Thị Ân", "Bùi Dung", "Trần Văn Đức"]


# ---------------------------------------------------------------- role × action × own/other

ADMINISTER = {
    "add_person": lambda actor, it: operations.add_person(
        actor=actor, username="moi", full_name="Người mới"
    ),
    "change_person": lambda actor, it: operations.change_person(
        actor=actor, person=it, version=1, username="doi", full_name="Đổi", email="", title=""
    ),
    "close_account": lambda actor, it: operations.close_account(
        actor=actor, person=it, reason="nghỉ"
    ),
    "grant_role": lambda actor, it: operations.grant_role(
        actor=actor,
        person=it,
        organisation=OrganisationFactory(),
        role=Role.AUDITOR,
        start=A_DAY,
    ),
    "end_role": lambda actor, it: operations.end_role(
        actor=actor, membership=it.memberships.get(), end=date(2026, 12, 1)
    ),
}
# What even an administrator does not do to the own account.
NEVER_OWN = {"close_account", "grant_role", "end_role"}


@pytest.mark.parametrize("action", ADMINISTER)
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("whose", ["own", "same organisation", "other organisation"])
def test_accounts_and_roles_are_the_administrators_business_alone(role, action, whose):
    actor = PersonFactory(role=role)
    organisation = actor.memberships.get().organisation
    it = {
        "own": actor,
        "same organisation": PersonFactory(organisation=organisation),
        "other organisation": PersonFactory(),
    }[whose]
    allowed = role == Role.SYSTEM_ADMINISTRATOR and not (whose == "own" and action in NEVER_OWN)
    before = (Person.objects.count(), Membership.objects.count())

    if allowed:
        ADMINISTER[action](actor, it)
        assert len(actions()) == 1
    else:
        with pytest.raises(Denied):
            ADMINISTER[action](actor, it)
        assert actions() == []
        assert (Person.objects.count(), Membership.objects.count()) == before


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("whose", ["own", "same organisation", "other organisation"])
def test_a_role_is_delegated_by_its_holder_or_an_administrator(role, whose):
    actor = PersonFactory(role=role)
    organisation = actor.memberships.get().organisation
    holder = {
        "own": actor,
        "same organisation": PersonFactory(role=Role.PROVINCIAL_LEADER, organisation=organisation),
        "other organisation": PersonFactory(role=Role.PROVINCIAL_LEADER),
    }[whose]
    membership = holder.memberships.get()
    delegate = PersonFactory(organisation=membership.organisation)
    is_administrator = role == Role.SYSTEM_ADMINISTRATOR
    # A colleague with the very same role is no holder of this one, and is told so.
    allowed = is_administrator != (whose == "own")

    if allowed:
        assert give(actor, membership, delegate).membership == membership
    else:
        with pytest.raises(Denied):
            give(actor, membership, delegate)
        assert actions() == []
