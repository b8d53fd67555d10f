"""Whoever reads the ledger reads sentences: every action the product writes has a name."""

import ast
from pathlib import Path

import chuan
from chuan.core.audit import titles

SOURCE = Path(chuan.__file__).parent


def actions_written():
    """The literal actions of `record(action="…")` and `record_many(action="…")` in the product."""
    for file in SOURCE.rglob("*.py"):
        if "tests" in file.parts or file.name == "testing.py":
            continue
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "").startswith("record"):
                for keyword in node.keywords:
                    if keyword.arg == "action" and isinstance(keyword.value, ast.Constant):
                        yield keyword.value.value


def test_every_action_the_product_writes_has_a_name():
    actions = set(actions_written())
    assert len(actions) > 20
    assert sorted(action for action in actions if not titles.is_registered(action)) == []


def test_a_name_can_stand_before_its_subject():
    for _action, title in titles.choices():
        assert title == title.strip()
        assert title[0].isupper()
        assert not title.endswith((".", ":"))
