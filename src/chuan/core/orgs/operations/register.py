"""Bodies begin, change and end; nothing that was is lost."""

from __future__ import annotations

from collections.abc import Sequence
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
from chuan.core.orgs.enums import ChangeKind, OrgKind, Share
from chuan.core.orgs.models import (
    ChangeEvent,
    Organisation,
    OrganisationVersion,
    SuccessionLink,
)
from chuan.lib.vietnamese import clean, format_date, sort_key

# After these the body before no longer exists.
ENDING = frozenset({ChangeKind.MERGE, ChangeKind.SPLIT, ChangeKind.DISSOLVE})


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


@dataclass(frozen=True, slots=True)
class LinkFacts:
    """One body taking over all or part of another."""

    predecessor: Organisation
    successor: Organisation
    share: Share = Share.FULL
    note: str = ""
    is_confirmed: bool = True


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
    _lock(organisation)
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


@transaction.atomic
def record_change_event(
    *,
    actor: AbstractBaseUser,
    kind: ChangeKind,
    title: str,
    effective_on: date,
    links: Sequence[LinkFacts],
    legal_basis: LegalSource | None = None,
    clause: str = "",
) -> ChangeEvent:
    """Enter a reorganisation: who took over what from whom on one day, and by which text.

    A merger, split or dissolution ends the bodies before on that day; they keep their history.
    Every successor must begin a version on the same day: enter the new body first, or change the
    existing one from that day. A transfer of functions ends nobody.

    :raises ValidationError: a body before ended on another day or still has bodies below it; a
        successor begins no version on the day; a whole goes to several.
    """
    rules.keep_register.require(actor)
    if not links:
        raise ValidationError(_("Ghi ít nhất một cặp cơ quan trước và cơ quan kế thừa."))
    predecessors = {link.predecessor.pk: link.predecessor for link in links}
    _lock(*predecessors.values(), *(link.successor for link in links))
    ended = []
    if kind in ENDING:
        for predecessor in predecessors.values():
            ended.append(_end(predecessor, effective_on))
    _require_beginnings(links, effective_on, must_begin=kind in ENDING)
    _require_whole_to_one(links)
    event = ChangeEvent(
        kind=kind,
        title=clean(title),
        effective_on=effective_on,
        legal_basis=legal_basis,
        clause=clean(clause),
    )
    event.full_clean()
    event.save()
    for link in links:
        row = SuccessionLink(
            event=event,
            predecessor=link.predecessor,
            successor=link.successor,
            share=link.share,
            note=clean(link.note),
            is_confirmed=link.is_confirmed,
        )
        row.full_clean()
        row.save()
    _require_nobody_below(list(predecessors) if kind in ENDING else [], effective_on)
    record(
        action="orgs.change_recorded",
        actor=actor,
        subject=event,
        kind=kind,
        links=[f"{link.predecessor.key} → {link.successor.key} ({link.share})" for link in links],
        ended=[version.name for version in ended],
    )
    return event


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


def _lock(*organisations: Organisation) -> None:
    # Two administrators can change the same body; the second must see the first one's version.
    ids = sorted({organisation.pk for organisation in organisations})
    rows = Organisation.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    list(rows)


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


def _end(organisation: Organisation, on: date) -> OrganisationVersion:
    """The last version of a body, ended on the day if it was open."""
    last = organisation.versions.order_by("-valid").first()
    if last is None or (last.valid.lower is not None and last.valid.lower >= on):
        raise ValidationError(
            _("%(name)s chưa có vào trước ngày %(day)s nên không thể kết thúc vào ngày đó."),
            code="not_there",
            params={"name": last or organisation, "day": format_date(on)},
        )
    if last.valid.upper is None:
        last.valid = (last.valid.lower, on)
        last.save(update_fields=["valid"])
    elif last.valid.upper != on:
        raise ValidationError(
            _(
                "%(name)s đã kết thúc ngày %(end)s, khác ngày %(day)s của sự kiện. "
                "Ngày kết thúc của cơ quan trước phải là ngày bắt đầu của cơ quan kế thừa."
            ),
            code="ends_another_day",
            params={
                "name": last.name,
                "end": format_date(last.valid.upper),
                "day": format_date(on),
            },
        )
    return last


def _require_beginnings(links: Sequence[LinkFacts], on: date, *, must_begin: bool) -> None:
    for successor in {link.successor.pk: link.successor for link in links}.values():
        version = OrganisationVersion.objects.on(on).filter(organisation=successor).first()
        if version is not None and (not must_begin or version.valid.lower == on):
            continue
        raise ValidationError(
            _(
                "%(name)s không có thông tin bắt đầu từ ngày %(day)s. Ngày kết thúc của cơ quan "
                "trước phải là ngày bắt đầu của cơ quan kế thừa: tạo cơ quan mới, hoặc đổi thông "
                "tin cơ quan này từ ngày đó."
            ),
            code="begins_another_day",
            params={"name": version or successor, "day": format_date(on)},
        )


def _require_whole_to_one(links: Sequence[LinkFacts]) -> None:
    for link in links:
        others = [other for other in links if other.predecessor.pk == link.predecessor.pk]
        if link.share == Share.FULL and len(others) > 1:
            raise ValidationError(
                _(
                    "%(name)s không thể chuyển toàn bộ cho một cơ quan và một phần cho cơ quan khác."
                ),
                code="whole_to_several",
                params={"name": link.predecessor},
            )


def _require_nobody_below(ended: list[int], on: date) -> None:
    orphans = OrganisationVersion.objects.on(on).filter(parent_id__in=ended).order_by("pk")[:3]
    if names := [orphan.name for orphan in orphans]:
        raise ValidationError(
            _("Còn cơ quan trực thuộc vào ngày %(day)s: %(names)s. Chuyển hoặc kết thúc trước."),
            code="bodies_below",
            params={"day": format_date(on), "names": "; ".join(names)},
        )


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
