"""The matrix of bodies and tasks."""

import re
import time

import pytest
from django.template import Context, Template

from chuan.core.ui.components import Matrix, MatrixCell, MatrixColumn, MatrixGroup, MatrixRow


def shown(matrix):
    return Template("{% matrix m %}").render(Context({"m": matrix}))


def matrix(*rows, columns=("I.1", "I.2", "II.1")):
    group = MatrixGroup(
        "Sở", [MatrixRow(f"Sở {n}", cells, f"/co-quan/{n}/") for n, cells in enumerate(rows)]
    )
    return Matrix(
        [MatrixColumn(ref, f"Việc {ref}", "/viec/") for ref in columns], [group], "Ma trận"
    )


def test_every_cell_says_its_state_in_words():
    html = shown(matrix([MatrixCell("on_time"), MatrixCell("overdue", "quá 5 ngày"), MatrixCell()]))
    assert re.findall(r'<td class="s[^>]*>([^<]+)', html) == [
        "Đúng hạn",
        "Quá hạn (quá 5 ngày)",
        "Không giao",
    ]


def test_columns_of_a_section_stand_under_its_number():
    html = shown(matrix([MatrixCell()] * 3))
    assert re.findall(r'<th colspan="(\d)" scope="colgroup">(\w+)', html) == [
        ("2", "I"),
        ("1", "II"),
    ]


def test_the_line_of_a_group_counts_what_is_overdue():
    late = MatrixCell("overdue")
    html = shown(
        matrix([late, MatrixCell("open"), MatrixCell()], [late, MatrixCell("open"), MatrixCell()])
    )
    assert re.findall(
        r'<td class="(?:first )?(has-bad)?">(\d*)</td>', html.partition("</tr></tbody>")[0]
    ) == [("has-bad", "2"), ("", "0"), ("", "")]


def test_done_late_is_done_and_nothing_assigned_is_no_share():
    assert MatrixRow("a", [MatrixCell("late"), MatrixCell("open"), MatrixCell()]).share_done == 50
    assert MatrixRow("a", [MatrixCell()]).share_done is None


def test_a_row_with_a_cell_too_few_is_an_error_and_not_a_shift():
    with pytest.raises(ValueError, match="zip"):
        shown(matrix([MatrixCell()]))


def test_names_are_escaped():
    bad = Matrix(
        [MatrixColumn("I.1", "<script>")],
        [
            MatrixGroup(
                "<script>", [MatrixRow("<script>", [MatrixCell("open", "<script>")], '"><script>')]
            )
        ],
        "<script>",
    )
    assert "<script" not in shown(bad)


def test_a_whole_province_is_drawn_at_once():
    cells = [MatrixCell("on_time")] * 21
    columns = [f"{s}.{n}" for s in ("I", "II", "III") for n in range(7)]
    province = matrix(*[cells] * 160, columns=columns)
    shown(province)
    begun = time.perf_counter()
    shown(province)
    assert time.perf_counter() - begun < 0.5
