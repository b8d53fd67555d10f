"""Who takes part in chains, where, with which products: what the department and businesses keep."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from chuan.modules.traceability.engine.keys import ROOT, quoted

PERSON = settings.AUTH_USER_MODEL


def _folded(*names: str) -> Func:
    """Fields put together as one tone-free text to search in."""
    parts: list[F | Value] = [F(names[0])]
    for name in names[1:]:
        parts += [Value(" "), F(name)]
    joined = Func(*parts, template="(%(expressions)s)", arg_joiner=" || ")
    return Func(joined, function="chuan_fold")


class Party(models.Model):
    """A business or other body that takes part in chains.

    `organisation` is the same body in the register of organisations, where it is one: its members
    keep what stands here. Until a business has a GLN it is told apart in events by `code`.
    """

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=300)
    name_en = models.CharField(max_length=300, blank=True)
    tax_code = models.CharField(max_length=14, blank=True)
    gln = models.CharField(max_length=13, blank=True)
    # What GS1 lent it: GTINs, GLNs and numbers of shipments begin with these digits.
    company_prefix = models.CharField(max_length=12, blank=True)
    address = models.CharField(max_length=300)
    phone = models.CharField(max_length=30, blank=True)
    email = models.EmailField(blank=True)
    website = models.URLField(blank=True)
    organisation = models.ForeignKey(
        "orgs.Organisation", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    shipment_count = models.PositiveIntegerField(default=0)
    is_demo = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    sort_key = models.CharField(max_length=600, db_collation="C", editable=False)
    search_key = models.GeneratedField(
        expression=_folded("name", "name_en", "tax_code", "gln", "address"),
        output_field=models.TextField(),
        db_persist=True,
    )

    class Meta:
        indexes = [models.Index(fields=["organisation"], name="traceability_party_of_body")]
        constraints = [
            models.UniqueConstraint(
                fields=["gln"],
                condition=~Q(gln=""),
                name="traceability_one_party_of_a_gln",
                violation_error_message=_("Đã có đơn vị khác mang mã GLN này."),
            ),
            models.UniqueConstraint(
                fields=["tax_code"],
                condition=~Q(tax_code=""),
                name="traceability_one_party_of_a_tax_code",
                violation_error_message=_("Đã có đơn vị khác mang mã số thuế này."),
            ),
            models.UniqueConstraint(
                fields=["company_prefix"],
                condition=~Q(company_prefix=""),
                name="traceability_one_party_of_a_prefix",
                violation_error_message=_("Đã có đơn vị khác mang mã doanh nghiệp GS1 này."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def uri(self) -> str:
        """How events name it."""
        return f"{ROOT}417/{self.gln}" if self.gln else f"urn:uuid:{self.code}"

    @property
    def uris(self) -> frozenset[str]:
        """With the name from before it had a GLN: what was told then stays told."""
        return frozenset((self.uri, f"urn:uuid:{self.code}"))


class Place(models.Model):
    """Where something happens to goods: a field, a boat, a plant, a shop."""

    class Kind(models.TextChoices):
        FARM = "farm", _("Vùng trồng, vùng nuôi")
        BOAT = "boat", _("Tàu cá")
        PORT = "port", _("Cảng cá, bến bãi")
        PLANT = "plant", _("Cơ sở sơ chế, chế biến")
        PACKHOUSE = "packhouse", _("Cơ sở đóng gói")
        WAREHOUSE = "warehouse", _("Kho")
        SHOP = "shop", _("Nơi bán")
        OTHER = "other", _("Nơi khác")

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="places")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    name = models.CharField(max_length=300)
    gln = models.CharField(max_length=13, blank=True)
    # Whether the GLN is known to be lent to its party; until then nothing is named by it.
    is_confirmed = models.BooleanField(default=True)
    # A code of planting areas, a boat's registration: whatever the trade calls it by.
    local_code = models.CharField(max_length=40, blank=True)
    address = models.CharField(max_length=300)
    # Degrees; what tells that goods cannot have travelled so far in so short a time.
    latitude = models.DecimalField(max_digits=8, decimal_places=5, null=True, blank=True)
    longitude = models.DecimalField(max_digits=8, decimal_places=5, null=True, blank=True)
    # Shown to whoever scans a label, with its name and address.
    is_public = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)
    sort_key = models.CharField(max_length=600, db_collation="C", editable=False)
    search_key = models.GeneratedField(
        expression=_folded("name", "gln", "local_code", "address"),
        output_field=models.TextField(),
        db_persist=True,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["gln"],
                condition=~Q(gln=""),
                name="traceability_one_place_of_a_gln",
                violation_error_message=_("Đã có địa điểm khác mang mã GLN này."),
            ),
            models.CheckConstraint(
                condition=Q(latitude=None, longitude=None)
                | Q(
                    latitude__isnull=False,
                    longitude__isnull=False,
                    latitude__range=(-90, 90),
                    longitude__range=(-180, 180),
                ),
                name="traceability_place_has_both_degrees",
                violation_error_message=_("Tọa độ cần cả vĩ độ và kinh độ, tính bằng độ."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def uri(self) -> str:
        """How events name it."""
        has_gln = self.gln and self.is_confirmed
        return f"{ROOT}414/{self.gln}" if has_gln else f"urn:uuid:{self.code}"

    @property
    def uris(self) -> frozenset[str]:
        """With the name from before it had a GLN: what was told then stays told."""
        return frozenset((self.uri, f"urn:uuid:{self.code}"))


class Product(models.Model):
    """What one GTIN stands for: the fields registered with GS1 (Decree 37/2026/NĐ-CP, Article 28.2)
    and what consumers and passports are owed besides (Articles 23.5, 32.1)."""

    gtin = models.CharField(max_length=14, unique=True)
    # Whether the GTIN is known to be lent to its party; until then only who keeps it sees it.
    is_confirmed = models.BooleanField(default=True)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="products")
    name = models.CharField(max_length=300)
    name_en = models.CharField(max_length=300, blank=True)
    brand = models.CharField(max_length=200, blank=True)
    description = models.TextField(blank=True)
    category = models.CharField(max_length=200)
    net_content = models.CharField(max_length=100, blank=True)
    origin = models.CharField(max_length=200)
    target_market = models.CharField(max_length=200)
    standard = models.CharField(max_length=300, blank=True)
    safety_note = models.TextField(blank=True)
    picture = models.ForeignKey(
        "files.Upload", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    picture_text = models.CharField(max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1)
    sort_key = models.CharField(max_length=600, db_collation="C", editable=False)
    search_key = models.GeneratedField(
        expression=_folded("name", "name_en", "brand", "gtin", "category"),
        output_field=models.TextField(),
        db_persist=True,
    )

    class Meta:
        indexes = [models.Index(fields=["party"], name="traceability_product_of_party")]
        constraints = [
            models.CheckConstraint(
                condition=Q(gtin__regex=r"^[0-9]{14}$"),
                name="traceability_gtin_has_14_digits",
                violation_error_message=_("GTIN được lưu đủ 14 chữ số."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def uri(self) -> str:
        return f"{ROOT}01/{self.gtin}"

    def lot_uri(self, number: str) -> str:
        """How events name a lot of it, whatever its number is written with."""
        return f"{self.uri}/10/{quoted(number)}"


class Certificate(models.Model):
    """A certificate or test report of a product, or of one lot of it (Article 32.1)."""

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="certificates")
    lot = models.CharField(max_length=20, blank=True)
    title = models.CharField(max_length=300)
    number = models.CharField(max_length=100, blank=True)
    issuer = models.CharField(max_length=300)
    issued_on = models.DateField()
    # The last day on which it is good; none where it has no end.
    valid_until = models.DateField(null=True, blank=True)
    file = models.ForeignKey(
        "files.Upload", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        indexes = [models.Index(fields=["product"], name="traceability_papers_of_product")]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("issued_on")),
                name="traceability_paper_ends_after_it_begins",
                violation_error_message=_("Ngày hết hiệu lực phải từ ngày cấp trở đi."),
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="traceability_paper_withdrawn_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Lot(models.Model):
    """Goods of one product made together, as their producer told through forms."""

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="lots")
    number = models.CharField(max_length=20)
    made_at = models.DateTimeField()
    made_in = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    expires_on = models.DateField(null=True, blank=True)
    quantity = models.DecimalField(max_digits=14, decimal_places=3)
    # A unit of UN/ECE Recommendation 20; empty for pieces.
    uom = models.CharField(max_length=3, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["product", "number"],
                name="traceability_one_lot_of_a_number",
                violation_error_message=_("Sản phẩm này đã có lô mang số đó."),
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0),
                name="traceability_lot_has_something",
                violation_error_message=_("Số lượng phải lớn hơn 0."),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def uri(self) -> str:
        """How events name it."""
        return self.product.lot_uri(self.number)
