"""Pages of parties, places and products."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Case, Count, When
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from chuan.core.orgs.enums import OrgKind
from chuan.core.orgs.queries import names_on, versions_on
from chuan.core.people.http import SignedInRequest
from chuan.core.ui.forms import Form
from chuan.lib.rules import Denied
from chuan.modules.traceability import rules
from chuan.modules.traceability.models import Certificate, Party, Place, Product
from chuan.modules.traceability.operations import pictures
from chuan.modules.traceability.operations import registry as operations
from chuan.modules.traceability.operations.registry import ChangedMeanwhile, NothingChanged
from chuan.modules.traceability.queries import registry as queries
from chuan.modules.traceability.web.forms import (
    CertificateForm,
    OrganisationForm,
    PartyForm,
    PlaceForm,
    ProductForm,
)
from chuan.modules.traceability.web.frame import (
    facts_of,
    keeps,
    page,
    require_part,
    save,
    show_conflict,
    version_in,
    with_parties,
)
from chuan.modules.traceability.web.tables import PartyTable, PlaceTable, ProductTable

# Who may be a party of chains in the register of organisations.
_BUSINESSES = (OrgKind.ENTERPRISE, OrgKind.ASSOCIATION, OrgKind.PUBLIC_SERVICE)

MOST_SHOWN, MOST_LOTS = 50, 20


# ---------------------------------------------------------------- products
@require_safe
def products(request: SignedInRequest) -> HttpResponseBase:
    require_part(request.user, queries.takes_part)
    rows = queries.products_visible_to(request.user)
    can_add = keeps(request).exists()
    action = (_("Khai sản phẩm"), reverse("traceability:add-product")) if can_add else None
    table = ProductTable(request, rows, empty_action=action)
    return table.download() or page(request, "products", "products", table=table, can_add=can_add)


@require_safe
def product(request: SignedInRequest, product_id: int) -> HttpResponse:
    found = _product(request, product_id)
    lots = queries.lots_visible_to(request.user).filter(product=found)
    return page(
        request,
        "product",
        "products",
        product=found,
        public_path=f"01/{found.gtin}",
        papers=queries.every_paper_of(found),
        lots=lots.order_by("-made_at", "pk")[:MOST_LOTS],
        more_lots=max(0, lots.count() - MOST_LOTS),
        can_change=rules.keep_registry.allows(request.user, found.party),
        can_confirm=rules.confirm_number.allows(request.user, found),
    )


def add_product(request: SignedInRequest) -> HttpResponse:
    require_part(request.user, queries.takes_part)
    form = with_parties(request, ProductForm(request.POST or None, request.FILES or None))
    done: list[Product] = []

    def act() -> None:
        done.append(
            operations.add_product(
                actor=request.user,
                party=form.cleaned_data["party"],
                gtin=form.cleaned_data["gtin"],
                facts=facts_of(form, without=("party", "gtin", "picture")),
                picture=_stored("picture", pictures.store_picture, request, form),
            )
        )

    if request.method == "POST" and form.is_valid() and save(form, act):
        messages.success(
            request,
            _("Đã khai sản phẩm.")
            if done[0].is_confirmed
            else _("Đã khai sản phẩm. Cơ quan phụ trách sẽ đối chiếu mã GTIN trước khi công khai."),
        )
        return redirect("traceability:product", product_id=done[0].pk)
    return _form(request, form, "products", _("Khai sản phẩm"), reverse("traceability:products"))


def change_product(request: SignedInRequest, product_id: int) -> HttpResponse:
    found = _product(request, product_id)
    rules.keep_registry.require(request.user, found.party)
    form = ProductForm(
        request.POST or None, request.FILES or None, initial=_facts(found, ProductForm)
    )
    del form.fields["party"], form.fields["gtin"]

    def act() -> None:
        operations.change_product(
            actor=request.user,
            product=found,
            version=version_in(request),
            facts=facts_of(form, without=("picture",)),
            picture=_stored("picture", pictures.store_picture, request, form),
        )

    back = reverse("traceability:product", args=[found.pk])
    return _changed(request, form, act, found, "products", _("Sửa sản phẩm"), back)


def add_certificate(request: SignedInRequest, product_id: int) -> HttpResponse:
    found = _product(request, product_id)
    rules.keep_registry.require(request.user, found.party)
    form = CertificateForm(request.POST or None, request.FILES or None)

    def act() -> None:
        operations.add_certificate(
            actor=request.user,
            product=found,
            file=_stored("file", pictures.store_paper, request, form),
            **facts_of(form, without=("file",)),
        )

    back = reverse("traceability:product", args=[found.pk])
    if request.method == "POST" and form.is_valid() and save(form, act):
        messages.success(request, _("Đã thêm giấy chứng nhận."))
        return redirect(back)
    return _form(request, form, "products", _("Thêm giấy chứng nhận, phiếu kết quả"), back)


@require_POST
def withdraw_certificate(request: SignedInRequest, paper_id: int) -> HttpResponse:
    visible = queries.products_visible_to(request.user)
    paper = get_object_or_404(Certificate, pk=paper_id, product__in=visible)
    try:
        operations.withdraw_certificate(actor=request.user, paper=paper, at=timezone.now())
    except Denied as denied:
        messages.error(request, str(denied))
    else:
        messages.success(request, _("Người quét mã không còn thấy giấy này."))
    return redirect("traceability:product", product_id=paper.product_id)


# ---------------------------------------------------------------- parties
@require_safe
def parties(request: SignedInRequest) -> HttpResponseBase:
    require_part(request.user, queries.takes_part)
    rows = queries.parties_visible_to(request.user).annotate(
        product_count=Count("products", distinct=True)
    )
    can_add = rules.keep_parties.allows(request.user)
    table = PartyTable(request, rows)
    return table.download() or page(request, "parties", "parties", table=table, can_add=can_add)


@require_safe
def party(request: SignedInRequest, business_id: int) -> HttpResponse:
    found = _party(request, business_id)
    today = timezone.localdate()
    products = list(found.products.order_by("sort_key", "pk"))
    names = names_on([found.organisation_id], today) if found.organisation_id else {}
    return page(
        request,
        "party",
        "parties",
        party=found,
        organisation=names.get(found.organisation_id) if found.organisation_id else None,
        places=found.places.order_by("sort_key", "pk"),
        products=products[:MOST_SHOWN],
        more_products=max(0, len(products) - MOST_SHOWN),
        can_change=rules.keep_registry.allows(request.user, found),
        can_link=rules.keep_parties.allows(request.user),
    )


def add_party(request: SignedInRequest) -> HttpResponse:
    rules.keep_parties.require(request.user)
    form = PartyForm(request.POST or None)
    done: list[Party] = []

    def act() -> None:
        done.append(operations.add_party(actor=request.user, facts=facts_of(form)))

    if request.method == "POST" and form.is_valid() and save(form, act):
        messages.success(request, _("Đã thêm đơn vị."))
        return redirect("traceability:party", business_id=done[0].pk)
    return _form(request, form, "parties", _("Thêm đơn vị"), reverse("traceability:parties"))


def change_party(request: SignedInRequest, business_id: int) -> HttpResponse:
    found = _party(request, business_id)
    rules.keep_registry.require(request.user, found)
    form = PartyForm(request.POST or None, initial=_facts(found, PartyForm))
    if not rules.keep_numbers.allows(request.user):
        del form.fields["tax_code"], form.fields["gln"], form.fields["company_prefix"]

    def act() -> None:
        operations.change_party(
            actor=request.user, party=found, version=version_in(request), facts=facts_of(form)
        )

    back = reverse("traceability:party", args=[found.pk])
    return _changed(request, form, act, found, "parties", _("Sửa đơn vị"), back)


def link_organisation(request: SignedInRequest, business_id: int) -> HttpResponse:
    found = _party(request, business_id)
    rules.keep_parties.require(request.user)
    versions = versions_on(timezone.localdate()).filter(kind__in=_BUSINESSES).in_order()
    choices = [(one.organisation_id, one.name) for one in versions]
    form = OrganisationForm(
        request.POST or None, choices=choices, initial={"organisation": found.organisation_id}
    )

    def act() -> None:
        operations.link_organisation(
            actor=request.user,
            party=found,
            version=version_in(request),
            organisation=form.cleaned_data["organisation"],
        )

    back = reverse("traceability:party", args=[found.pk])
    return _changed(request, form, act, found, "parties", _("Gắn đơn vị với tài khoản"), back)


# ---------------------------------------------------------------- places
@require_safe
def places(request: SignedInRequest) -> HttpResponseBase:
    require_part(request.user, queries.takes_part)
    own = keeps(request)
    can_add = own.exists()
    action = (_("Thêm địa điểm"), reverse("traceability:add-place")) if can_add else None
    rows = queries.places_visible_to(request.user).annotate(
        may_change=Case(When(party__in=own, then=True), default=False)
    )
    table = PlaceTable(request, rows, empty_action=action)
    return table.download() or page(request, "places", "places", table=table, can_add=can_add)


def add_place(request: SignedInRequest) -> HttpResponse:
    require_part(request.user, queries.takes_part)
    form = with_parties(request, PlaceForm(request.POST or None))

    def act() -> None:
        operations.add_place(
            actor=request.user,
            party=form.cleaned_data["party"],
            facts=facts_of(form, without=("party",)),
        )

    if request.method == "POST" and form.is_valid() and save(form, act):
        messages.success(request, _("Đã thêm địa điểm."))
        return redirect("traceability:places")
    return _form(request, form, "places", _("Thêm địa điểm"), reverse("traceability:places"))


def change_place(request: SignedInRequest, place_id: int) -> HttpResponse:
    found = get_object_or_404(queries.places_visible_to(request.user), pk=place_id)
    rules.keep_registry.require(request.user, found.party)
    form = PlaceForm(request.POST or None, initial=_facts(found, PlaceForm))
    del form.fields["party"]

    def act() -> None:
        operations.change_place(
            actor=request.user, place=found, version=version_in(request), facts=facts_of(form)
        )

    back = reverse("traceability:places")
    more = {
        "pending": None if found.is_confirmed else found,
        "can_confirm": rules.confirm_number.allows(request.user, found),
    }
    return _changed(request, form, act, found, "places", _("Sửa địa điểm"), back, **more)


# ---------------------------------------------------------------- whose numbers they are
@require_POST
def decide_gtin(request: SignedInRequest, product_id: int) -> HttpResponse:
    found = _product(request, product_id)
    if _decided(request, found):
        return redirect("traceability:product", product_id=product_id)
    return redirect("traceability:products")


@require_POST
def decide_gln(request: SignedInRequest, place_id: int) -> HttpResponse:
    _decided(request, get_object_or_404(queries.places_visible_to(request.user), pk=place_id))
    return redirect("traceability:places")


def _decided(request: SignedInRequest, row: Place | Product) -> bool:
    """Whether the number stays."""
    refuses = request.POST.get("answer") == "refuse"
    try:
        if refuses:
            operations.refuse_number(actor=request.user, row=row)
            messages.success(request, _("Đã bỏ mã không phải của đơn vị."))
        else:
            operations.confirm_number(actor=request.user, row=row)
            messages.success(request, _("Đã xác nhận mã. Người quét mã thấy được từ bây giờ."))
    except Denied as denied:
        messages.error(request, str(denied))
        return True
    return not refuses


# ---------------------------------------------------------------- one way for all
def _product(request: SignedInRequest, product_id: int) -> Product:
    return get_object_or_404(queries.products_visible_to(request.user), pk=product_id)


def _party(request: SignedInRequest, business_id: int) -> Party:
    return get_object_or_404(queries.parties_visible_to(request.user), pk=business_id)


def _facts(row: Any, form: type[Form]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in form.base_fields if name != "picture"}


def _stored(field: str, store: Callable[..., Any], request: SignedInRequest, form: Form) -> Any:
    """The file of a field, kept.

    :raises ValidationError: it cannot be opened as a picture.
    """
    given = form.cleaned_data[field]
    if given is None:
        return None
    try:
        return store(actor=request.user, file=given)
    except pictures.NoPicture as no_picture:
        raise ValidationError({field: str(no_picture)}) from None


def _changed(
    request: SignedInRequest,
    form: Form,
    act: Any,
    row: Any,
    current: str,
    title: str,
    back: str,
    **more: Any,
) -> HttpResponse:
    try:
        if request.method == "POST" and form.is_valid() and save(form, act):
            messages.success(request, _("Đã lưu."))
            return redirect(back)
    except ChangedMeanwhile as changed:
        return show_conflict(request, form, changed, request.path)
    except NothingChanged:
        messages.info(request, _("Không có gì thay đổi."))
        return redirect(back)
    version = request.POST.get("version", row.version)
    return _form(request, form, current, title, back, version=version, sub=str(row), **more)


def _form(
    request: SignedInRequest, form: Form, current: str, title: str, back: str, **more: Any
) -> HttpResponse:
    return page(
        request,
        "form",
        current,
        status=422 if form.errors else 200,
        form=form,
        title=title,
        back=back,
        **more,
    )
