"""Keeping parties, places, products and their papers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
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
from chuan.modules.traceability.models import Certificate, Link, Party, Place, Product
from chuan.modules.traceability.queries import numbers

Kept = TypeVar("Kept", Party, Place, Product)
_GTIN_LENGTHS = {8, 12, 13, 14}
_ISSUED = ("tax_code", "gln", "company_prefix")


class NothingChanged(Exception):
    """What was given is what stands there already."""


class ChangedMeanwhile(Exception):
    """Somebody saved the row after this person opened it; `row` is as it stands now."""

    def __init__(self, row: Link | Party | Place | Product) -> None:
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
    _check_issued(party)
    _save(party)
    record(action="traceability.party_added", actor=actor, subject=party)
    return party


@transaction.atomic
def change_party(*, actor: Person, party: Party, version: int, facts: Mapping[str, Any]) -> Party:
    """Correct what is known of a party.

    :param version: of the row as the actor saw it.
    :raises Denied: also when somebody but the department changes a number that was issued to it.
    :raises ChangedMeanwhile: somebody else saved first; nothing is written.
    """
    party = _locked(Party, party.pk)
    rules.keep_registry.require(actor, party)
    told = _numbers(facts)
    if any(getattr(party, name) != told[name] for name in _ISSUED if name in told):
        rules.keep_numbers.require(actor)
    return _change(actor, party, version, told)


@transaction.atomic
def link_organisation(
    *, actor: Person, party: Party, version: int, organisation: Organisation | None
) -> Party:
    """Say whose members act for a party; None: nobody's.

    :param version: of the row as the actor saw it.
    :raises ChangedMeanwhile: somebody else saved first; nothing is written.
    """
    party = _locked(Party, party.pk)
    rules.keep_parties.require(actor)
    if party.version != version:
        raise ChangedMeanwhile(party)
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
    party = _locked(Party, party.pk)
    rules.keep_registry.require(actor, party)
    place = Place(party=party)
    _set(place, _numbers(facts))
    place.is_confirmed = _is_confirmed(actor, party, "gln", place.gln)
    _save(place)
    record(action="traceability.place_added", actor=actor, subject=place)
    return place


@transaction.atomic
def change_place(*, actor: Person, place: Place, version: int, facts: Mapping[str, Any]) -> Place:
    """:raises ChangedMeanwhile: somebody else saved first; nothing is written."""
    place = _locked(Place, place.pk)
    rules.keep_registry.require(actor, place.party)
    told = _numbers(facts)
    if told.get("gln", place.gln) != place.gln:
        told["is_confirmed"] = _is_confirmed(actor, place.party, "gln", told["gln"])
    return _change(actor, place, version, told)


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
    :raises ValidationError: it is none, stands for something already, or is another party's.
    """
    party = _locked(Party, party.pk)
    rules.keep_registry.require(actor, party)
    product = Product(party=party, gtin=full_gtin(gtin), picture=picture)
    product.is_confirmed = _is_confirmed(actor, party, "gtin", product.gtin[1:])
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


# ---------------------------------------------------------------- whose numbers they are
@transaction.atomic
def confirm_number(*, actor: Person, row: Place | Product) -> None:
    """Say that a number was lent to the party that gave it: from now on it is public."""
    row = _locked(Product, row.pk) if isinstance(row, Product) else _locked(Place, row.pk)
    rules.confirm_number.require(actor, row)
    row.is_confirmed = True
    row.version += 1
    row.save(update_fields=["is_confirmed", "version"])
    record(action="traceability.number_confirmed", actor=actor, subject=row)


@transaction.atomic
def refuse_number(*, actor: Person, row: Place | Product) -> None:
    """Take a number away from a party that cannot show it is its own: a place stays without one,
    a product goes with its papers."""
    row = _locked(Product, row.pk) if isinstance(row, Product) else _locked(Place, row.pk)
    rules.confirm_number.require(actor, row)
    number = row.gtin if isinstance(row, Product) else row.gln
    record(action="traceability.number_refused", actor=actor, subject=row.party, number=number)
    if isinstance(row, Product):
        row.certificates.all().delete()
        row.delete()
    else:
        row.gln, row.is_confirmed = "", True
        row.version += 1
        row.save(update_fields=["gln", "is_confirmed", "version"])


def _is_confirmed(actor: Person, party: Party, field: str, digits: str) -> bool:
    """Whether nobody has to look whose a number is.

    :param digits: from the company prefix on.
    :raises ValidationError: at the field, when it is another party's.
    """
    if not digits:
        return True
    return _is_lent_to(party, field, digits) or rules.keep_numbers.allows(actor)


def _is_lent_to(party: Party, field: str, digits: str) -> bool:
    """Whether its company prefix says so; ValidationError when it says it is another's."""
    holder = numbers.holder_of(digits)
    other = holder if holder is not None and holder != party else None
    if other is None and field == "gln":
        other = numbers.other_with_gln(digits, party)
    if other is not None:
        raise ValidationError({field: _("Mã này là của “%(party)s”.") % {"party": other.name}})
    return holder is not None


def _check_issued(party: Party) -> None:
    """:raises ValidationError: a GLN or company prefix of a party is another's."""
    if party.gln:
        _is_lent_to(party, "gln", party.gln)
    rival = numbers.rival_of(party.company_prefix, party) if party.company_prefix else None
    if rival is not None:
        raise ValidationError(
            {"company_prefix": _("Mã này trùng với mã của “%(party)s”.") % {"party": rival.name}}
        )


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
    party = _locked(Party, product.party_id)
    rules.keep_registry.require(actor, party)
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
    """Show a paper no more; what was shown stays known.

    :raises Denied: also when it is shown no more already.
    """
    paper = (
        Certificate.objects.select_for_update(of=("self",))
        .select_related("product__party")
        .get(pk=paper.pk)
    )
    rules.withdraw_certificate.require(actor, paper)
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
    if not changed:
        raise NothingChanged
    if isinstance(row, Party):
        _check_issued(row)
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
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        # Somebody's row came between the check and the saving; now the check sees it and says so.
        row.full_clean(exclude=["search_key"])
        raise


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
