"""What the package keeps, by subject."""

from chuan.modules.plans.models.assignments import Assignment, AssignmentState, timeliness_of
from chuan.modules.plans.models.deadlines import (
    DeadlineExtension,
    LockException,
    Urging,
    UrgingLetter,
    YearLock,
)
from chuan.modules.plans.models.fates import Fate, FateDecision, FateHeir
from chuan.modules.plans.models.imports import PlanImport
from chuan.modules.plans.models.plan import BodyPoint, Plan, PlanVersion, Section
from chuan.modules.plans.models.progress import (
    ContributionRequest,
    Difficulty,
    Evidence,
    ProgressUpdate,
)
from chuan.modules.plans.models.resolution import OpenQuestion, Substitution
from chuan.modules.plans.models.subtasks import Subtask
from chuan.modules.plans.models.tasks import CentralLink, CentralTask, Deliverable, Party, Task
from chuan.modules.plans.models.update_drafts import UpdateDraft

__all__ = [
    "Assignment",
    "AssignmentState",
    "BodyPoint",
    "CentralLink",
    "CentralTask",
    "ContributionRequest",
    "DeadlineExtension",
    "Deliverable",
    "Difficulty",
    "Evidence",
    "Fate",
    "FateDecision",
    "FateHeir",
    "LockException",
    "OpenQuestion",
    "Party",
    "Plan",
    "PlanImport",
    "PlanVersion",
    "ProgressUpdate",
    "Section",
    "Substitution",
    "Subtask",
    "Task",
    "UpdateDraft",
    "Urging",
    "UrgingLetter",
    "YearLock",
    "timeliness_of",
]
