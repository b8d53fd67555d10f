"""What the module keeps in models, by subject. The tables of events are in `store/`."""

from chuan.modules.traceability.models.access import AccessKey, CaptureJob, KeyUse
from chuan.modules.traceability.models.archive import ArchivedMonth
from chuan.modules.traceability.models.asking import ForgottenToken, NamedQuery, Subscription
from chuan.modules.traceability.models.findings import ChainCheck, ChainFinding
from chuan.modules.traceability.models.links import Link, LinkFile, ProblemReport
from chuan.modules.traceability.models.master import MasterRecord
from chuan.modules.traceability.models.production import FaultyWorkbook, Shipment, ShippedLot
from chuan.modules.traceability.models.recalls import (
    Recall,
    RecallAnswer,
    RecallItem,
    RecallNotice,
    RecallRun,
    RecallStep,
)
from chuan.modules.traceability.models.registry import Certificate, Lot, Party, Place, Product

__all__ = [
    "AccessKey",
    "ArchivedMonth",
    "CaptureJob",
    "Certificate",
    "ChainCheck",
    "ChainFinding",
    "FaultyWorkbook",
    "ForgottenToken",
    "KeyUse",
    "Link",
    "LinkFile",
    "Lot",
    "MasterRecord",
    "NamedQuery",
    "Party",
    "Place",
    "ProblemReport",
    "Product",
    "Recall",
    "RecallAnswer",
    "RecallItem",
    "RecallNotice",
    "RecallRun",
    "RecallStep",
    "Shipment",
    "ShippedLot",
    "Subscription",
]
