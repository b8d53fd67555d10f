"""Who may do what stands in a table for every operation that somebody asks for."""

import importlib
import inspect
import pkgutil

import chuan
from chuan.flows.annual_report import operations as annual_report
from chuan.flows.archive.operations import ask_for_package
from chuan.flows.portal.tests.test_permissions import TABLE as OF_PORTAL
from chuan.modules.plans.tests.test_permissions import TABLE as OF_PLANS
from chuan.modules.traceability.tests.test_permissions import STEPS as STEPS_OF_TRACEABILITY
from chuan.modules.traceability.tests.test_permissions import TABLE as OF_TRACEABILITY
from chuan.modules.traceability.tests.test_recall_permissions import TABLE as OF_RECALLS
from tests.permissions.test_core import OF_ONES_OWN, TABLE

# Its rules × roles × states are in its own tests; here, that each operation asks one of them.
BY_RULES = annual_report.__name__
# Steps of operations that have asked already: what they wrote into the ledger, what follows.
STEPS = {
    ("chuan.core.audit.operations", "record"),
    ("chuan.core.audit.operations", "record_many"),
    # Of the middleware, for whoever looks as another person.
    ("chuan.core.access.operations.viewing", "note_page"),
    ("chuan.modules.plans.operations.extensions", "close_outlived"),
    ("chuan.modules.plans.operations.any_of", "settle_any_of"),
    ("chuan.modules.plans.operations.closing", "close_requests"),
    ("chuan.modules.plans.operations.fate_effects", "close"),
    ("chuan.modules.plans.operations.fate_effects", "end"),
    ("chuan.modules.plans.operations.fate_effects", "end_extensions"),
    ("chuan.modules.plans.operations.fate_effects", "reopen"),
    ("chuan.modules.plans.operations.from_drafts", "create_substitutions"),
    ("chuan.modules.plans.operations.from_drafts", "register_decision"),
    ("chuan.modules.plans.operations.from_drafts", "saved_import"),
    ("chuan.modules.plans.operations.locks", "lock_year"),
    (f"{BY_RULES}.locks", "note_step"),
    (f"{BY_RULES}.locks", "note_steps"),
    (f"{BY_RULES}.consolidation", "take_out_of_draft"),
}


def operations():
    """Every public function with an actor in a room called `operations`."""
    for found in pkgutil.walk_packages(chuan.__path__, "chuan."):
        if ".operations" not in found.name or ".tests" in found.name:
            continue
        module = importlib.import_module(found.name)
        for name, thing in inspect.getmembers(module, inspect.isfunction):
            if (
                not name.startswith("_")
                and thing.__module__ == module.__name__
                and "actor" in inspect.signature(thing).parameters
            ):
                yield thing


def key(operation):
    return operation.__module__, operation.__name__


def asks_a_rule(function, *, deep=4):
    """Whether it, or a function of the same package that it calls by name, requires a rule."""
    asked = inspect.getclosurevars(function)
    if "require" in asked.unbound and "rules" in asked.globals:
        return True
    return deep > 0 and any(
        asks_a_rule(called, deep=deep - 1)
        for called in map(inspect.unwrap, filter(inspect.isfunction, asked.globals.values()))
        if called.__module__.startswith(BY_RULES)
    )


def test_every_operation_is_in_a_table_of_who_may():
    # Reconciling is asked for by the clock, not by a person.
    named = {one.__name__ for one in OF_PLANS} | {"reconcile_assignments"}
    tables = (TABLE, OF_ONES_OWN, OF_PORTAL, OF_TRACEABILITY, OF_RECALLS, STEPS_OF_TRACEABILITY)
    known = {key(one) for table in tables for one in table} | {key(ask_for_package)} | STEPS
    missing = [
        key(one)
        for one in operations()
        if key(one) not in known
        and not one.__module__.startswith(BY_RULES)
        and not (one.__module__.startswith("chuan.modules.plans.") and one.__name__ in named)
    ]

    assert missing == []


def test_every_operation_of_the_yearly_report_asks_a_rule():
    asking_none = [
        key(one)
        for one in operations()
        if one.__module__.startswith(BY_RULES)
        and key(one) not in STEPS
        and not asks_a_rule(inspect.unwrap(one))
    ]

    assert asking_none == []
