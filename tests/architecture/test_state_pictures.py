"""The pictures in docs/reference are drawn from the tables of moves, and nothing else."""

import pytest
from django.utils import translation

from tools.draw_states import PICTURES, REFERENCE, drawn


@pytest.mark.parametrize("name", PICTURES)
def test_the_picture_is_the_table(name):
    with translation.override("vi"):
        assert (REFERENCE / name).read_text(encoding="utf-8") == drawn(*PICTURES[name])


def test_no_picture_is_left_over():
    assert {path.name for path in REFERENCE.glob("*.md")} == set(PICTURES)


@pytest.mark.parametrize("name", PICTURES)
def test_every_state_has_its_moves_and_no_move_leads_out_of_the_table(name):
    moves = PICTURES[name][1]
    states = set(next(iter(moves)).__class__)
    assert set(moves) == states
    assert set().union(*moves.values()) <= states
