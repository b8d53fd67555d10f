"""What producers without a system of their own tell through forms, beside the events."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from chuan.modules.traceability.models.registry import Lot, Party, Place

PERSON = settings.AUTH_USER_MODEL


class Shipment(models.Model):
    """Goods one party sent another and told of through a form, until the other says they came."""

    # Canonical link: an SSCC, or a name of its own.
    uri = models.CharField(max_length=200, unique=True, db_collation="C")
    sender = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    receiver = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    sent_from = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()
    received_in = models.ForeignKey(
        Place, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    received_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["receiver", "sent_at"],
                condition=Q(received_at=None),
                name="traceability_shipments_due",
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="traceability_shipment_received_somewhere",
                condition=Q(received_in=None, received_at=None)
                | Q(received_in__isnull=False, received_at__isnull=False),
                violation_error_message=_("Nhận hàng cần cả nơi nhận và thời điểm."),
            ),
            models.CheckConstraint(
                name="traceability_shipment_comes_after_it_left",
                condition=Q(received_at=None) | Q(received_at__gt=F("sent_at")),
                violation_error_message=_("Thời điểm nhận phải sau thời điểm xuất."),
            ),
        ]

    def __str__(self) -> str:
        return self.uri


class ShippedLot(models.Model):
    """How much of one lot is in a shipment, in the unit of the lot."""

    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="lots")
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="+")
    quantity = models.DecimalField(max_digits=14, decimal_places=3)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gt=0),
                name="traceability_shipped_something",
                violation_error_message=_("Số lượng phải lớn hơn 0."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.lot}: {self.quantity}"


class FaultyWorkbook(models.Model):
    """A filled workbook that could not be taken over, with comments at what is wrong: one of each
    person for each party, until they send the next."""

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    sent_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()
    name = models.CharField(max_length=255)
    # The file as it came, with comments put in.
    content = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["party", "sent_by"],
                name="traceability_one_faulty_workbook_each",
                violation_error_message=_("Đã có một tệp cần sửa của bạn."),
            )
        ]

    def __str__(self) -> str:
        return self.name
