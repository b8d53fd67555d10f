"""Keeping parties, places, products and their papers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from stdnum.exceptions import ValidationError as BadNumber
from stdnum.vn import mst

from chuan.core.audit.operations import record
from chuan.core.files.models import Upload
from chuan.core.orgs.models import Organisation
from chuan.core.people.models import Person
from chuan.lib.vietnamese import clean, sort_key
from chuan.modules.traceability import rules
from chuan.modules.traceability.engine.digits import has_right_check_digit
from chuan.modules.traceability.models import Certificate, Party, Place, Product

Kept = TypeVar("Kept", Party, Place, Product)
_GTIN_LENGTHS = {8, 12, 13, 14}


class ChangedMeanwhile(Exception):
    """Somebody saved the row after this person opened it; `row` is as it stands now."""

    def __init__(self, row: Party | Place | Product) -> None:
        super().__init__(str(row))
        self.row = row


# ---------------------------------------------------------------- parties
@transaction.atomic
def add_party(
    *,
    actor: Person,
    facts: Mapping[str, Any],
    organisation: Organisation | None = None,
    is_demo: bool = False,
) -> Party:
    """Enter a business or body that takes part in chains.

    :param facts: fields of `Party` by name.
    :param organisation: whose members keep it from now on.
    :raises ValidationError: a number has the wrong check digit or belongs to somebody else.
    """
    rules.keep_parties.require(actor)
    party = Party(organisation=organisation, is_demo=is_demo)
    _set(party, _numbers(facts))
    _save(party)
    record(action="traceability.party_added", actor=actor, subject=party)
    return party


@transaction.atomic
def change_party(*, actor: Person, party: Party, version: int, facts: Mapping[str, Any]) -> Party:
    """Correct what is known of a party.

    :param version: of the row as the actor saw it.
    :raises ChangedMeanwhile: somebody else saved first; nothing is written.
    """
    party = _locked(Party, party.pk)
    rules.keep_registry.require(actor, party)
    return _change(actor, party, version, _numbers(facts))


@transaction.atomic
def link_organisation(*, actor: Person, party: Party, organisation: Organisation | None) -> Party:
    """Say whose members act for a party; None: nobody's."""
    party = _locked(Party, party.pk)
    rules.keep_parties.require(actor)
    before = party.organisation_id
    party.organisation = organisation
    party.version += 1
    party.save(update_fields=["organisation", "version"])
    record(
        action="traceability.party_linked",
        actor=actor,
        subject=party,
        before=before,
        after=party.organisation_id,
    )
    return party


# ---------------------------------------------------------------- places
@transaction.atomic
def add_place(*, actor: Person, party: Party, facts: Mapping[str, Any]) -> Place:
    """Enter a place where goods of a party are made, kept or sold.

    :raises ValidationError: the GLN is wrong or belongs to another place.
    """
    rules.keep_registry.require(actor, party)
    place = Place(party=party)
    _set(place, _numbers(facts))
    _save(place)
    record(action="traceability.place_added", actor=actor, subject=place)
    return place


@transaction.atomic
def change_place(*, actor: Person, place: Place, version: int, facts: Mapping[str, Any]) -> Place:
    """:raises ChangedMeanwhile: somebody else saved first; nothing is written."""
    place = _locked(Place, place.pk)
    rules.keep_registry.require(actor, place.party)
    return _change(actor, place, version, _numbers(facts))


# ---------------------------------------------------------------- products
@transaction.atomic
def add_product(
    *,
    actor: Person,
    party: Party,
    gtin: str,
    facts: Mapping[str, Any],
    picture: Upload | None = None,
) -> Product:
    """Enter what a GTIN stands for.

    :param gtin: of 8, 12, 13 or 14 digits.
    :raises ValidationError: it is none, or stands for something already.
    """
    rules.keep_registry.require(actor, party)
    product = Product(party=party, gtin=full_gtin(gtin), picture=picture)
    _set(product, facts)
    _save(product)
    record(action="traceability.product_added", actor=actor, subject=product, gtin=product.gtin)
    return product


@transaction.atomic
def change_product(
    *,
    actor: Person,
    product: Product,
    version: int,
    facts: Mapping[str, Any],
    picture: Upload | None = None,
) -> Product:
    """Correct what is known of a product. Its GTIN stays: another GTIN is another product.

    :param picture: a new one; None keeps the one that is there.
    :raises ChangedMeanwhile: somebody else saved first; nothing is written.
    """
    product = _locked(Product, product.pk)
    rules.keep_registry.require(actor, product.party)
    if picture is not None:
        facts = {**facts, "picture": picture}
    return _change(actor, product, version, facts)


def full_gtin(text: str) -> str:
    """A GTIN with its leading zeros.

    :raises ValidationError: it has another number of digits, or a wrong check digit.
    """
    digits = "".join(text.split())
    if not (digits.isascii() and digits.isdigit()) or len(digits) not in _GTIN_LENGTHS:
        raise ValidationError({"gtin": _("GTIN gồm 8, 12, 13 hoặc 14 chữ số.")})
    if not has_right_check_digit(digits):
        raise ValidationError(
            {"gtin": _("Chữ số cuối của GTIN không khớp. Đối chiếu lại với mã đã được cấp.")}
        )
    return digits.zfill(14)


# ---------------------------------------------------------------- papers
@transaction.atomic
def add_certificate(
    *,
    actor: Person,
    product: Product,
    title: str,
    issuer: str,
    issued_on: date,
    number: str = "",
    lot: str = "",
    valid_until: date | None = None,
    file: Upload | None = None,
) -> Certificate:
    """Show a certificate or test report to whoever scans the product, or one lot of it."""
    rules.keep_registry.require(actor, product.party)
    paper = Certificate(
        product=product,
        lot=clean(lot),
        title=clean(title),
        number=clean(number),
        issuer=clean(issuer),
        issued_on=issued_on,
        valid_until=valid_until,
        file=file,
    )
    paper.full_clean()
    paper.save()
    record(
        action="traceability.certificate_added", actor=actor, subject=paper, product=product.gtin
    )
    return paper


@transaction.atomic
def withdraw_certificate(*, actor: Person, paper: Certificate, at: datetime) -> Certificate:
    """Show a paper no more; what was shown stays known."""
    paper = (
        Certificate.objects.select_for_update(of=("self",))
        .select_related("product__party")
        .get(pk=paper.pk)
    )
    rules.keep_registry.require(actor, paper.product.party)
    if paper.withdrawn_at is None:
        paper.withdrawn_at, paper.withdrawn_by = at, actor
        paper.save(update_fields=["withdrawn_at", "withdrawn_by"])
        record(action="traceability.certificate_withdrawn", actor=actor, subject=paper)
    return paper


# ---------------------------------------------------------------- one way for all
def _locked(kind: type[Kept], pk: int) -> Kept:
    return kind.objects.select_for_update(no_key=True).get(pk=pk)


def _change(actor: Person, row: Kept, version: int, facts: Mapping[str, Any]) -> Kept:
    if row.version != version:
        raise ChangedMeanwhile(row)
    changed = _set(row, facts)
    if changed:
        row.version += 1
        _save(row)
        record(
            action=f"traceability.{row._meta.model_name}_changed",
            actor=actor,
            subject=row,
            changed=changed,
        )
    return row


def _set(row: Party | Place | Product, facts: Mapping[str, Any]) -> list[str]:
    """Set what differs; the names of those fields."""
    changed = []
    for name, value in facts.items():
        if isinstance(value, str):
            value = clean(value)
        if getattr(row, name) != value:
            setattr(row, name, value)
            changed.append(name)
    return changed


def _save(row: Party | Place | Product) -> None:
    row.sort_key = sort_key(row.name)[:600]
    row.full_clean(exclude=["search_key"])
    row.save()


def _numbers(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The same facts with their numbers as they are stored.

    :raises ValidationError: at the field whose number is wrong.
    """
    found = dict(facts)
    gln = "".join(str(found.get("gln", "")).split())
    if gln and not (
        gln.isascii() and gln.isdigit() and len(gln) == 13 and has_right_check_digit(gln)
    ):
        raise ValidationError(
            {"gln": _("GLN gồm 13 chữ số và chữ số cuối phải khớp. Đối chiếu lại với mã đã cấp.")}
        )
    if "gln" in found:
        found["gln"] = gln
    if found.get("tax_code"):
        try:
            found["tax_code"] = str(mst.format(mst.validate(found["tax_code"])))
        except BadNumber:
            raise ValidationError(
                {"tax_code": _("Mã số thuế không đúng. Đối chiếu lại với giấy đăng ký.")}
            ) from None
    prefix = "".join(str(found.get("company_prefix", "")).split())
    if prefix and not (prefix.isascii() and prefix.isdigit() and 6 <= len(prefix) <= 12):
        raise ValidationError({"company_prefix": _("Mã doanh nghiệp GS1 gồm 6 đến 12 chữ số.")})
    if "company_prefix" in found:
        found["company_prefix"] = prefix
    return found
