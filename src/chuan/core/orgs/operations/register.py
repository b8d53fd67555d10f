"""Bodies begin, change and end; nothing that was is lost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from stdnum.exceptions import ValidationError as BadNumber
from stdnum.vn import mst

from chuan.core.audit.operations import record
from chuan.core.legal.models import LegalSource
from chuan.core.orgs import rules
from chuan.core.orgs.enums import OrgKind
from chuan.core.orgs.models import Organisation, OrganisationVersion
from chuan.lib.vietnamese import clean, format_date, sort_key


@dataclass(frozen=True, slots=True)
class Facts:
    """What a version of a body says; see `OrganisationVersion`."""

    name: str
    kind: OrgKind
    short_name: str = ""
    subtype: str = ""
    parent: Organisation | None = None
    code: str = ""
    eoffice_code: str = ""
    tax_code: str = ""
    notation: str = ""
    head_position: str = ""
    seat: str = ""
    email: str = ""
    legal_basis: LegalSource | None = None


@transaction.atomic
def create_organisation(
    *,
    actor: AbstractBaseUser,
    key: str,
    facts: Facts,
    valid_from: date,
    is_home: bool = False,
) -> Organisation:
    """Enter a body that begins on a day.

    :raises ValidationError: the key is taken, the tax code is not one, or the body above does not
        exist on that day.
    """
    rules.keep_register.require(actor)
    organisation = Organisation(key=key, is_home=is_home)
    organisation.full_clean()
    organisation.save()
    version = new_version(organisation, facts, valid_from, None)
    _require_parent(version, valid_from)
    version.save()
    record(
        action="orgs.organisation_created",
        actor=actor,
        subject=version,
        key=key,
        valid_from=valid_from.isoformat(),
    )
    return organisation


@transaction.atomic
def change_version(
    *,
    actor: AbstractBaseUser,
    organisation: Organisation,
    on: date,
    **changes: Any,
) -> OrganisationVersion:
    """Let a body have another name, parent, code … from a day on; what it was until then stays.

    :param changes: fields of `Facts`.
    :raises ValidationError: the body does not exist on that day, a later change is known already,
        or the new facts do not hold together.
    """
    rules.keep_register.require(actor)
    lock([organisation.pk])
    current = _version_to_change(organisation, on)
    facts = Facts(**{**_facts_of(current), **changes})
    current.valid = (current.valid.lower, on)
    current.save(update_fields=["valid"])
    version = new_version(organisation, facts, on, None)
    _require_parent(version, on)
    version.save()
    record(
        action="orgs.organisation_changed",
        actor=actor,
        subject=version,
        on=on.isoformat(),
        changed=sorted(changes),
        before=current.name,
    )
    return version


def new_version(
    organisation: Organisation, facts: Facts, valid_from: date | None, valid_to: date | None
) -> OrganisationVersion:
    """An unsaved version, checked.

    :raises ValidationError: a required fact is missing or the tax code is not one.
    """
    given = {key: clean(value) if isinstance(value, str) else value for key, value in _items(facts)}
    given["short_name"] = given["short_name"] or given["name"]
    given["tax_code"] = _tax_code(given["tax_code"], facts.kind)
    version = OrganisationVersion(
        organisation=organisation,
        valid=(valid_from, valid_to),
        sort_key=sort_key(given["name"]),
        **given,
    )
    version.clean_fields(exclude=["organisation", "parent", "legal_basis"])
    return version


def _items(facts: Facts) -> list[tuple[str, Any]]:
    return [(one.name, getattr(facts, one.name)) for one in fields(facts)]


def _facts_of(version: OrganisationVersion) -> dict[str, Any]:
    return {one.name: getattr(version, one.name) for one in fields(Facts)}


def _tax_code(code: str, kind: OrgKind) -> str:
    if not code:
        if kind == OrgKind.ENTERPRISE:
            raise ValidationError({"tax_code": _("Nhập mã số thuế của doanh nghiệp.")})
        return ""
    try:
        return str(mst.format(mst.validate(code)))
    except BadNumber:
        message = _(
            "Mã số thuế “%(code)s” không đúng: kiểm tra lại 10 chữ số, "
            "thêm 3 chữ số sau dấu gạch nếu là đơn vị phụ thuộc."
        )
        raise ValidationError(
            {"tax_code": ValidationError(message, params={"code": code})}
        ) from None


def lock(ids: Iterable[int]) -> None:
    """Hold these bodies until the transaction ends."""
    # Two people can change the same body; the second must see the first one's version.
    rows = Organisation.objects.select_for_update(no_key=True).filter(pk__in=set(ids))
    list(rows.order_by("pk"))


def _version_to_change(organisation: Organisation, on: date) -> OrganisationVersion:
    versions = OrganisationVersion.objects.filter(organisation=organisation)
    later = versions.filter(valid__startswith__gte=on).order_by("valid").first()
    if later is not None:
        raise ValidationError(
            _("Đã có thông tin mới từ ngày %(day)s. Chọn ngày sau ngày đó."),
            code="later_version",
            params={"day": format_date(later.valid.lower)},
        )
    current = versions.on(on).first()
    if current is None:
        raise ValidationError(
            _("Cơ quan này không còn hoặc chưa có vào ngày %(day)s."),
            code="not_there",
            params={"day": format_date(on)},
        )
    return current


def _require_parent(version: OrganisationVersion, on: date) -> None:
    parent = version.parent
    if parent is None:
        return
    if parent.pk == version.organisation_id:
        raise ValidationError({"parent": _("Một cơ quan không thể trực thuộc chính nó.")})
    if not OrganisationVersion.objects.on(on).filter(organisation=parent).exists():
        raise ValidationError(
            {
                "parent": ValidationError(
                    _("Cơ quan cấp trên không có vào ngày %(day)s."),
                    params={"day": format_date(on)},
                )
            }
        )
