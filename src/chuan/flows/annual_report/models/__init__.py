"""What the package keeps, by subject."""

from chuan.flows.annual_report.models.consolidations import (
    ConsolidatedTask,
    Consolidation,
    ConsolidationEntry,
    Output,
    Urging,
)
from chuan.flows.annual_report.models.guards import CONTENT_FIELDS
from chuan.flows.annual_report.models.periods import FigurePlacement, ReportingPeriod
from chuan.flows.annual_report.models.reports import (
    FilledWorkbook,
    ReportExtension,
    ReportFigure,
    ReportItem,
    ReportSnapshot,
    ReportStep,
    ReturnComment,
    UnitReport,
)

__all__ = [
    "CONTENT_FIELDS",
    "ConsolidatedTask",
    "Consolidation",
    "ConsolidationEntry",
    "FigurePlacement",
    "FilledWorkbook",
    "Output",
    "ReportExtension",
    "ReportFigure",
    "ReportItem",
    "ReportSnapshot",
    "ReportStep",
    "ReportingPeriod",
    "ReturnComment",
    "UnitReport",
    "Urging",
]
