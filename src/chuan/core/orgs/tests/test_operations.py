from datetime import date

import pytest
from django.core.exceptions import ValidationError

from chuan.core.audit.models import Entry
from chuan.core.orgs import operations
from chuan.core.orgs.enums import OrgKind
from chuan.core.orgs.models import (
    Group,
    GroupException,
    GroupRule,
    Organisation,
    OrganisationVersion,
)
from chuan.core.orgs.operations import Facts
from chuan.core.orgs.queries import group_members, organisations_on, version_on
from chuan.core.orgs.testing import GroupFactory, OrganisationFactory
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.lib.rules import Denied

pytestmark = pytest.mark.django_db

DAY = date(2026, 7, 1)


@pytest.fixture
def keeper():
    return PersonFactory(role=Role.SYSTEM_ADMINISTRATOR)


def department(**changed):
    return Facts(**{"name": "Sở Y tế", "kind": OrgKind.PROVINCIAL, **changed})


# ---------------------------------------------------------------- beginning and changing


def test_a_body_begins_with_its_first_version_and_a_line_in_the_ledger(keeper):
    province = OrganisationFactory(province=True)
    body = operations.create_organisation(
        actor=keeper,
        key="so-y-te",
        facts=department(name="Sở  Y tê\u0301", parent=province),
        valid_from=DAY,
    )
    version = version_on(body, DAY)
    assert (version.name, version.short_name, version.parent) == ("Sở Y tế", "Sở Y tế", province)
    assert list(organisations_on(DAY, under=province)) == [version]
    entry = Entry.objects.get(action="orgs.organisation_created")
    assert (entry.actor, entry.details["valid_from"]) == (keeper, "2026-07-01")


def test_a_change_closes_what_was_and_keeps_everything_not_changed(keeper):
    body = OrganisationFactory(name="Sở Cũ", notation="SC", head_position="Giám đốc")
    operations.change_version(actor=keeper, organisation=body, on=DAY, name="Sở Mới", short_name="")
    before, after = body.versions.order_by("valid")
    assert (before.name, before.valid_to) == ("Sở Cũ", DAY)
    assert (after.name, after.valid_from, after.valid_to) == ("Sở Mới", DAY, None)
    assert (after.short_name, after.notation, after.head_position) == ("Sở Mới", "SC", "Giám đốc")
    assert after.sort_key != before.sort_key
    assert Entry.objects.get().details == {
        "on": "2026-07-01",
        "changed": ["name", "short_name"],
        "before": "Sở Cũ",
    }


def test_a_change_before_a_later_one_or_outside_the_life_of_a_body_is_refused(keeper):
    body = OrganisationFactory(valid_from=date(2025, 1, 1))
    operations.change_version(actor=keeper, organisation=body, on=DAY, name="Sở Mới")
    for day in (DAY, date(2026, 1, 1)):
        with pytest.raises(ValidationError, match="Đã có thông tin mới từ ngày 01/07/2026"):
            operations.change_version(actor=keeper, organisation=body, on=day, name="Sở Khác")
    gone = OrganisationFactory(valid_to=date(2025, 7, 1))
    with pytest.raises(ValidationError, match="không còn hoặc chưa có vào ngày 01/07/2026"):
        operations.change_version(actor=keeper, organisation=gone, on=DAY, name="Sở Khác")
    assert gone.versions.count() == 1


def test_a_body_stands_under_one_that_exists_and_is_not_itself(keeper):
    gone = OrganisationFactory(province=True, valid_to=date(2025, 7, 1))
    with pytest.raises(ValidationError, match="Cơ quan cấp trên không có vào ngày 01/07/2026"):
        operations.create_organisation(
            actor=keeper, key="so-y-te", facts=department(parent=gone), valid_from=DAY
        )
    body = OrganisationFactory()
    with pytest.raises(ValidationError, match="không thể trực thuộc chính nó"):
        operations.change_version(actor=keeper, organisation=body, on=DAY, parent=body)
    assert body.versions.get().valid_to is None


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("0100109106", "0100109106"), ("01 00109106-001", "0100109106-001")],
)
def test_the_tax_code_of_an_enterprise_is_checked_and_stored_in_one_form(keeper, typed, stored):
    facts = Facts(name="Công ty A", kind=OrgKind.ENTERPRISE, tax_code=typed)
    body = operations.create_organisation(actor=keeper, key="a", facts=facts, valid_from=DAY)
    assert version_on(body, DAY).tax_code == stored


@pytest.mark.parametrize("typed", ["", "0100109107", "123", "không có"])
def test_a_wrong_or_missing_tax_code_of_an_enterprise_is_refused(keeper, typed):
    facts = Facts(name="Công ty A", kind=OrgKind.ENTERPRISE, tax_code=typed)
    with pytest.raises(ValidationError, match="ã số thuế"):
        operations.create_organisation(actor=keeper, key="a", facts=facts, valid_from=DAY)
    assert not Organisation.objects.filter(key="a").exists()


# ---------------------------------------------------------------- groups


def test_a_group_follows_its_rules_from_the_day_they_begin_to_the_day_they_end(keeper):
    province = OrganisationFactory(province=True)
    inside = OrganisationFactory(parent=province)
    group = operations.create_group(actor=keeper, code="so", name="Các sở", phrases=["các  sở"])
    assert group.phrases == ["các sở"]
    rule = operations.add_group_rule(
        actor=keeper, group=group, kinds=[OrgKind.PROVINCIAL], under=province, valid_from=DAY
    )
    assert [version.organisation for version in group_members(group, DAY)] == [inside]
    operations.end_group_rule(actor=keeper, rule=rule, on=date(2027, 1, 1))
    assert group_members(group, date(2027, 1, 1)) == []
    assert [version.organisation for version in group_members(group, DAY)] == [inside]
    with pytest.raises(ValidationError, match="phải sau ngày bắt đầu"):
        operations.end_group_rule(actor=keeper, rule=rule, on=DAY)


def test_an_exception_needs_a_reason_and_does_not_overlap_another(keeper):
    group, body = GroupFactory(), OrganisationFactory()

    def let_in(reason):
        return operations.except_from_group(
            actor=keeper,
            group=group,
            organisation=body,
            is_member=True,
            valid_from=DAY,
            reason=reason,
        )

    with pytest.raises(ValidationError, match="Nhập lý do"):
        let_in("  ")
    let_in("Theo quyết định bổ sung")
    with pytest.raises(ValidationError, match="đã có ngoại lệ"):
        let_in("Lần nữa")
    assert GroupException.objects.count() == 1


def test_a_group_of_nobody_in_particular_has_no_members(keeper):
    group = operations.create_group(actor=keeper, code="lq", name="Cơ quan liên quan", is_open=True)
    with pytest.raises(ValidationError, match="không có thành viên"):
        operations.add_group_rule(
            actor=keeper,
            group=group,
            kinds=[OrgKind.PROVINCIAL],
            under=OrganisationFactory(),
            valid_from=DAY,
        )
    assert not GroupRule.objects.exists()


# ---------------------------------------------------------------- who may


@pytest.mark.parametrize("role", [role for role in Role if role != Role.SYSTEM_ADMINISTRATOR])
def test_nobody_else_changes_the_register(role):
    actor, body = PersonFactory(role=role), OrganisationFactory()
    group = GroupFactory(kinds=[OrgKind.PROVINCIAL], under=body)
    attempts = [
        lambda: operations.create_organisation(
            actor=actor, key="x", facts=department(), valid_from=DAY
        ),
        lambda: operations.change_version(actor=actor, organisation=body, on=DAY, name="x"),
        lambda: operations.create_group(actor=actor, code="x", name="x"),
        lambda: operations.add_group_rule(
            actor=actor, group=group, kinds=[], under=body, valid_from=DAY
        ),
        lambda: operations.end_group_rule(actor=actor, rule=group.rules.get(), on=DAY),
        lambda: operations.except_from_group(
            actor=actor,
            group=group,
            organisation=body,
            is_member=True,
            valid_from=DAY,
            reason="x",
        ),
    ]
    before = list(OrganisationVersion.objects.order_by("pk").values_list("pk", "name", "valid"))
    for attempt in attempts:
        with pytest.raises(Denied, match="Chỉ quản trị hệ thống"):
            attempt()
    assert list(OrganisationVersion.objects.order_by("pk").values_list("pk", "name", "valid")) == (
        before
    )
    assert Group.objects.count() == 1
    assert not Entry.objects.exists()
