"""Collectives that decisions address."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from chuan.core.audit.operations import record
from chuan.core.orgs import rules
from chuan.core.orgs.enums import OrgKind
from chuan.core.orgs.models import Group, GroupException, GroupRule, Organisation
from chuan.lib.vietnamese import clean


@transaction.atomic
def create_group(
    *,
    actor: AbstractBaseUser,
    code: str,
    name: str,
    phrases: Iterable[str] = (),
    is_open: bool = False,
) -> Group:
    """Enter a collective and the other ways decisions write it.

    :param is_open: words that name nobody in particular; such a group never has members.
    :raises ValidationError: the code is taken.
    """
    rules.keep_register.require(actor)
    group = Group(
        code=code,
        name=clean(name),
        phrases=[clean(phrase) for phrase in phrases],
        is_open=is_open,
    )
    group.full_clean()
    group.save()
    record(action="orgs.group_created", actor=actor, subject=group, code=code)
    return group


@transaction.atomic
def add_group_rule(
    *,
    actor: AbstractBaseUser,
    group: Group,
    kinds: Iterable[OrgKind],
    under: Organisation,
    valid_from: date,
    valid_to: date | None = None,
) -> GroupRule:
    """From a day on, let bodies of some kinds right below one body belong to the group.

    :raises ValidationError: the group is open, or no kind is named.
    """
    rules.keep_register.require(actor)
    _require_closed(group)
    rule = GroupRule(group=group, kinds=list(kinds), under=under, valid=(valid_from, valid_to))
    rule.full_clean()
    rule.save()
    record(
        action="orgs.group_rule_added",
        actor=actor,
        subject=group,
        kinds=[str(kind) for kind in rule.kinds],
        under=under.key,
        valid_from=valid_from.isoformat(),
    )
    return rule


@transaction.atomic
def end_group_rule(*, actor: AbstractBaseUser, rule: GroupRule, on: date) -> GroupRule:
    """Let a rule no longer hold from a day on; membership of the days before stays as it was.

    :raises ValidationError: the rule begins on that day or later.
    """
    rule = GroupRule.objects.select_for_update(no_key=True).select_related("group").get(pk=rule.pk)
    rules.keep_register.require(actor)
    if rule.valid.lower is not None and rule.valid.lower >= on:
        raise ValidationError(
            _("Ngày kết thúc phải sau ngày bắt đầu."), code="ends_before_it_begins"
        )
    rule.valid = (rule.valid.lower, on)
    rule.save(update_fields=["valid"])
    record(action="orgs.group_rule_ended", actor=actor, subject=rule.group, on=on.isoformat())
    return rule


@transaction.atomic
def except_from_group(
    *,
    actor: AbstractBaseUser,
    group: Group,
    organisation: Organisation,
    is_member: bool,
    valid_from: date,
    valid_to: date | None = None,
    reason: str,
) -> GroupException:
    """For some days, count one body in or out whatever the rules say, and say why.

    :raises ValidationError: the group is open, no reason is given, or another exception of the
        body holds on one of those days.
    """
    Group.objects.select_for_update(no_key=True).get(pk=group.pk)
    rules.keep_register.require(actor)
    _require_closed(group)
    valid = (valid_from, valid_to)
    if not reason.strip():
        raise ValidationError({"reason": _("Nhập lý do thêm hoặc bớt cơ quan khỏi nhóm.")})
    if group.exceptions.filter(organisation=organisation, valid__overlap=valid).exists():
        raise ValidationError(
            _("Cơ quan này đã có ngoại lệ trong khoảng ngày đó."), code="exception_overlaps"
        )
    exception = GroupException(
        group=group,
        organisation=organisation,
        is_member=is_member,
        valid=valid,
        reason=clean(reason),
    )
    exception.full_clean()
    exception.save()
    record(
        action="orgs.group_exception_added",
        actor=actor,
        subject=group,
        organisation=organisation.key,
        is_member=is_member,
        reason=exception.reason,
    )
    return exception


def _require_closed(group: Group) -> None:
    if group.is_open:
        raise ValidationError(
            _("Nhóm “%(name)s” không chỉ cơ quan cụ thể nên không có thành viên."),
            code="open_group",
            params={"name": group.name},
        )
