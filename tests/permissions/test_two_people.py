"""What takes two people: one table, and a search of the code for whatever is missing from it."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import textwrap
from datetime import date, timedelta
from decimal import Decimal
from types import FunctionType, ModuleType

import pytest
import time_machine
from django.apps import apps
from django.db import models

import chuan
from chuan.core.access import operations as access
from chuan.core.access.testing import ViewingFactory
from chuan.core.orgs.enums import Share
from chuan.core.orgs.operations import apportioning, events
from chuan.core.orgs.testing import (
    ChangeEventFactory,
    OrganisationFactory,
    SuccessionLinkFactory,
    a_merger,
)
from chuan.core.people.enums import Role
from chuan.core.people.testing import MembershipFactory, PersonFactory
from chuan.flows.annual_report.operations import consolidation, extensions, review, submission
from chuan.flows.annual_report.queries.parts import revision_of
from chuan.flows.annual_report.testing import (
    IN_TIME,
    ReportExtensionFactory,
    Shelf,
    a_situation,
)
from chuan.lib.rules import Denied, Rule
from chuan.modules.plans.enums import FateKind
from chuan.modules.plans.operations import extensions as more_time
from chuan.modules.plans.operations import fates, locks
from chuan.modules.plans.testing import (
    Assignment,
    AssignmentFactory,
    DeadlineExtensionFactory,
    LockExceptionFactory,
)
from chuan.modules.traceability.operations import recalls
from chuan.modules.traceability.testing import a_recall
from tests.architecture.test_operations import key, operations


def also(person, role, organisation):
    """The first person holds the second one's role too: only being the same person is in the way."""
    MembershipFactory(person=person, role=role, organisation=organisation)
    return person


# Each makes what waits for the second person, and returns the first one, who could do it but for having
# done the first half; somebody else who may; and the act.


def confirm_a_reorganisation(world):
    first = PersonFactory(role=Role.DEPARTMENT_COORDINATOR)
    event = a_merger(actor=first, before=[OrganisationFactory()])
    event = events.propose_event(actor=first, event=event, version=event.version, at=IN_TIME)

    def act(actor):
        events.commit_event(actor=actor, event=event, version=event.version, at=IN_TIME)

    return first, PersonFactory(role=Role.DEPARTMENT_LEADER), act


def let_a_key_divide_figures(world):
    first = PersonFactory(role=Role.DEPARTMENT_COORDINATOR)
    event = ChangeEventFactory()
    link = SuccessionLinkFactory(event=event, share=Share.PARTIAL)
    stated = apportioning.state_key(
        actor=first,
        event=event,
        predecessor=link.predecessor,
        percents={link.successor_id: Decimal(60)},
        basis="12/NQ-HĐND",
        at=IN_TIME,
    )

    def act(actor):
        apportioning.confirm_key(actor=actor, key=stated, at=IN_TIME)

    return first, PersonFactory(role=Role.DEPARTMENT_LEADER), act


def let_a_decision_about_duties_hold(world):
    gone = OrganisationFactory(valid_to=date(2026, 7, 1))
    owed = AssignmentFactory(task=Assignment.objects.first().task, organisation=gone)
    decision = fates.propose_fates(
        actor=world.coordinator,
        plan=world.period.plan,
        kind=FateKind.CLOSE,
        assignment_ids=[owed.pk],
        basis="Nghị quyết số 12/NQ-HĐND",
        at=IN_TIME,
    )

    def act(actor):
        fates.approve_fates(actor=actor, decision=decision, version=decision.version, at=IN_TIME)

    return world.coordinator, world.leader, act


def open_a_lock(world):
    first = also(world.heads[0], Role.DEPARTMENT_COORDINATOR, world.department)
    exception = LockExceptionFactory(
        plan=world.period.plan,
        organisation=world.bodies[0],
        requested_by=first,
        requested_at=IN_TIME,
    )

    def act(actor):
        locks.approve_exception(
            actor=actor,
            exception=exception,
            version=exception.version,
            expires_at=IN_TIME + timedelta(days=3),
            at=IN_TIME,
        )

    return first, world.coordinator, act


def _more_time_for_work(world, first):
    return DeadlineExtensionFactory(assignment=Assignment.objects.first(), asked_by=first)


def _more_time_for_a_report(world, first):
    return ReportExtensionFactory(report=world.report, asked_by=first)


def _answered(asked, operation, **answer):
    """More time that somebody asked for who could also give it, answered by the operation."""

    def prepare(world):
        first = also(world.heads[0], Role.DEPARTMENT_COORDINATOR, world.department)
        extension = asked(world, first)
        words = {name: value(extension) for name, value in answer.items()}

        def act(actor):
            operation(
                actor=actor, extension=extension, version=extension.version, at=IN_TIME, **words
            )

        return first, world.coordinator, act

    return prepare


GIVEN = {
    "due_on": lambda extension: extension.proposed_due_on,
    "basis": lambda _extension: "Công văn số 5/SKHCN",
}
REFUSED = {"reason": lambda _extension: "Đủ thời gian"}


def send_what_another_entered(world):
    report = world.fill(0)
    first = also(world.clerks[0], Role.UNIT_HEAD, world.bodies[0])

    def act(actor):
        submission.submit_report(actor=actor, report=report, revision=report.revision, at=IN_TIME)

    return first, world.heads[0], act


def accept_what_another_sent(world):
    report = world.submit(0)
    first = also(world.heads[0], Role.DEPARTMENT_COORDINATOR, world.department)

    def act(actor):
        review.accept_report(actor=actor, report=report, revision=report.revision, at=IN_TIME)

    return first, world.coordinator, act


def close_what_another_added_up(world):
    world.accept(0)
    made = world.consolidate()
    first = also(world.coordinator, Role.DEPARTMENT_LEADER, world.department)

    def act(actor):
        consolidation.close_consolidation(
            actor=actor, consolidation=made, revision=revision_of(made), at=IN_TIME
        )

    return first, world.leader, act


def let_somebody_view(world):
    first = also(PersonFactory(role=Role.SYSTEM_ADMINISTRATOR), Role.UNIT_HEAD, world.bodies[0])
    viewing = ViewingFactory(person=world.clerks[0], asked_by=first)

    def act(actor):
        access.answer_viewing(actor=actor, viewing=viewing, agrees=True, at=IN_TIME)

    return first, world.heads[0], act


def order_a_recall(world):
    first = also(world.coordinator, Role.DEPARTMENT_LEADER, world.department)
    recall = a_recall(actor=first)

    def act(actor):
        recalls.issue_recall(
            actor=actor,
            recall=recall,
            basis="12/QĐ",
            advice="Ngừng bán.",
            version=recall.version,
            at=IN_TIME,
        )

    return first, world.leader, act


# operation: (what waits for the second person, the constraint that forbids it in the database too)
TABLE = {
    events.commit_event: (confirm_a_reorganisation, "orgs_event_is_confirmed_by_another"),
    apportioning.confirm_key: (let_a_key_divide_figures, "orgs_key_is_confirmed_by_another"),
    fates.approve_fates: (let_a_decision_about_duties_hold, "plans_fates_are_approved_by_another"),
    locks.approve_exception: (open_a_lock, "plans_exception_needs_two_people"),
    more_time.grant_extension: (
        _answered(_more_time_for_work, more_time.grant_extension, **GIVEN),
        "",
    ),
    more_time.refuse_extension: (
        _answered(_more_time_for_work, more_time.refuse_extension, **REFUSED),
        "",
    ),
    extensions.grant_more_time: (
        _answered(_more_time_for_a_report, extensions.grant_more_time, **GIVEN),
        "",
    ),
    extensions.refuse_more_time: (
        _answered(_more_time_for_a_report, extensions.refuse_more_time, **REFUSED),
        "",
    ),
    submission.submit_report: (send_what_another_entered, "annual_report_signer_is_not_the_clerk"),
    review.accept_report: (accept_what_another_sent, ""),
    consolidation.close_consolidation: (
        close_what_another_added_up,
        "annual_report_closed_by_somebody_else",
    ),
    recalls.issue_recall: (order_a_recall, ""),
    access.answer_viewing: (let_somebody_view, "access_viewing_is_answered_by_another"),
}


@pytest.fixture
def world(monkeypatch, settings, tmp_path, db):
    settings.CHUAN_FILES = tmp_path / "files"
    Shelf(counts={}, shares={}).put(monkeypatch)
    with time_machine.travel(IN_TIME, tick=False):
        yield a_situation()


@pytest.mark.parametrize("operation", TABLE, ids=lambda operation: operation.__qualname__)
def test_the_same_person_is_refused_and_another_passes(world, operation):
    wait_for_the_second, _constraint = TABLE[operation]
    first, second, act = wait_for_the_second(world)
    first.forget_grants()

    with pytest.raises(Denied, match=r"người khác|không tự|do bạn nhập"):
        act(first)
    act(second)


# ---------------------------------------------------------------- nothing else takes two


def test_every_operation_that_takes_two_people_is_in_the_table():
    rules = two_person_rules()
    found = {key(one) for one in operations() if requires(inspect.unwrap(one), rules)}

    assert found == {key(one) for one in TABLE}


def test_no_operation_compares_people_by_itself():
    comparing = [
        f"{module.__name__}.{function.__name__}"
        for module in rooms("operations")
        for function in functions_of(module)
        if refuses_the_same_person(function)
    ]
    assert comparing == []


def test_every_constraint_between_two_people_is_in_the_table():
    found = {
        constraint.name
        for model in apps.get_models()
        for constraint in model._meta.constraints
        if isinstance(constraint, models.CheckConstraint)
        and compares_two_people(model, constraint.condition)
    }
    # Nobody looks at what they see themselves: one person, two places in the row.
    assert found - {"access_nobody_views_as_themselves"} == {
        name for _wait, name in TABLE.values() if name
    }


def test_the_search_finds_a_rule_that_compares_two_people():
    """A rule as somebody would write a new one, and one that only calls it."""
    found = importlib.import_module("tests.permissions.new_rules")

    assert {one.__name__ for one in closed_over([found])} == {"approve_payment", "approve_all"}


def rooms(room: str) -> list[ModuleType]:
    return [
        importlib.import_module(found.name)
        for found in pkgutil.walk_packages(chuan.__path__, "chuan.")
        if ".tests" not in found.name and room in found.name.split(".")
    ]


def two_person_rules() -> set[FunctionType]:
    return closed_over(rooms("rules"))


def closed_over(modules: list[ModuleType]) -> set[FunctionType]:
    """Functions that refuse whoever did the first half, and those that ask one of them."""
    every = {one for module in modules for one in functions_of(module)}
    found = {one for one in every if refuses_the_same_person(one)}
    while more := {one for one in every - found if requires(one, found, deep=0)}:
        found |= more
    return found


def functions_of(module: ModuleType) -> list[FunctionType]:
    things = (checked(thing) for thing in vars(module).values())
    return [one for one in things if inspect.isfunction(one) and one.__module__ == module.__name__]


def checked(thing):
    return (
        thing._check
        if isinstance(thing, Rule)
        else inspect.unwrap(thing)
        if callable(thing)
        else thing
    )


def tree_of(function) -> ast.AST:
    return ast.parse(textwrap.dedent(inspect.getsource(function)))


def refuses_the_same_person(function) -> bool:
    """`if actor.pk == thing.asked_by_id: raise Denied(…)`, however it is written."""
    return any(
        isinstance(node, ast.If)
        # `if not (actor.pk == …)` lets exactly that person in.
        and not isinstance(node.test, ast.UnaryOp)
        and any(isinstance(step, ast.Raise) and "Denied" in ast.unparse(step) for step in node.body)
        and any(
            isinstance(test, ast.Compare)
            and isinstance(test.ops[0], ast.Eq | ast.In | ast.Is)
            and "actor" in ast.unparse(test)
            and any(
                isinstance(part, ast.Attribute) and part.attr.endswith(("_by", "_by_id"))
                for part in ast.walk(test)
            )
            for test in ast.walk(node.test)
        )
        for node in ast.walk(tree_of(function))
    )


def requires(function, rules: set[FunctionType], *, deep: int = 3) -> bool:
    """Whether it asks one of the rules, itself or through a function of its own package."""
    for node in ast.walk(tree_of(function)):
        if not isinstance(node, ast.Call):
            continue
        called = named(function, node.func)
        if inspect.isfunction(called) and called in rules:
            return True
        if (
            deep
            and inspect.isfunction(called)
            and called.__module__.split(".")[:3] == function.__module__.split(".")[:3]
            and called is not function
            and requires(called, rules, deep=deep - 1)
        ):
            return True
    return False


def named(function, node):
    """What `rules.close.require`, or a bare name, stands for in a function's module."""
    names = ast.unparse(node).split(".")
    if names[-1] == "require":
        names.pop()
    thing = vars(inspect.getmodule(function)).get(names[0])
    for name in names[1:]:
        thing = getattr(thing, name, None)
    return checked(thing)


def compares_two_people(model, condition) -> bool:
    if not isinstance(condition, models.Q):
        if not (isinstance(condition, tuple) and isinstance(condition[1], models.F)):
            return False
        fields = [
            model._meta.get_field(name)
            for name in (condition[0], condition[1].name)
            if name in {one.name for one in model._meta.get_fields()}
        ]
        return len(fields) == 2 and all(
            field.is_relation and field.related_model._meta.label == "people.Person"
            for field in fields
        )
    return any(compares_two_people(model, child) for child in condition.children)
