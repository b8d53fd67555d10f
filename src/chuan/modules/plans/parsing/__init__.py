"""Reads a decision (DOCX, PDF or text) into its head, points and tasks. No Django, no database.

>>> plan = read_plan(Path("samples/quyet-dinh-1029-2025.txt"))
>>> plan.tasks[0].code
'I.1'
"""

from chuan.modules.plans.parsing.plan import (
    BodyKind,
    Doubt,
    Due,
    DueKind,
    Notice,
    ReadBody,
    ReadBodyPoint,
    ReadDocument,
    ReadPlan,
    ReadReporting,
    ReadSection,
    ReadTask,
    Source,
    SourceLine,
)
from chuan.modules.plans.parsing.reader import read_bytes, read_plan
from chuan.modules.plans.parsing.refusals import UnreadableFile

__all__ = [
    "BodyKind",
    "Doubt",
    "Due",
    "DueKind",
    "Notice",
    "ReadBody",
    "ReadBodyPoint",
    "ReadDocument",
    "ReadPlan",
    "ReadReporting",
    "ReadSection",
    "ReadTask",
    "Source",
    "SourceLine",
    "UnreadableFile",
    "read_bytes",
    "read_plan",
]
