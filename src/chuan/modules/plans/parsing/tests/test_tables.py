"""Tables as people draw them: merged, split, numbered in every way, with columns of all sorts."""

from __future__ import annotations

import docx
import pytest
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn

from chuan.modules.plans.parsing import ReadPlan, read_bytes
from chuan.modules.plans.parsing.tests.makers import (
    HEADINGS,
    _add_row,
    _escaped,
    docx_of,
    pdf_of,
    plan_head,
    render,
    seed_rows,
)


def read(document) -> ReadPlan:
    return read_bytes("plan.docx", docx_of(document))


def codes(plan: ReadPlan) -> list[str]:
    return [task.code for task in plan.tasks]


def leads(plan: ReadPlan) -> list[list[str]]:
    return [[body.name for body in task.lead] for task in plan.tasks]


def doubts(task) -> set[str]:
    return {doubt.code for doubt in task.doubts}


def annex(*rows, columns: int | None = None):
    document = docx.Document()
    for line in plan_head().splitlines():
        document.add_paragraph(line)
    table = document.add_table(rows=0, cols=columns or len(rows[0]))
    for row in rows:
        _add_row(table, row)
    return document, table


def test_headings_over_two_rows_are_read_together():
    document, table = annex(
        ["STT", "Nội dung nhiệm vụ", "Phân công thực hiện", "", "Thời gian thực hiện", "Ghi chú"],
        ["", "", "Chủ trì", "Phối hợp", "", ""],
        ["(1)", "(2)", "(3)", "(4)", "(5)", "(6)"],
        ["1", "Xây dựng kế hoạch", "Sở Nội vụ", "Sở Tài chính", "Quý I/2026", ""],
    )
    table.cell(0, 2).merge(table.cell(0, 3)).text = "Phân công thực hiện"
    for column in (0, 1, 4, 5):
        text = table.cell(0, column).text
        table.cell(0, column).merge(table.cell(1, column)).text = text
    plan = read(document)
    assert codes(plan) == ["1"]
    assert leads(plan) == [["Sở Nội vụ"]]
    assert [b.name for b in plan.tasks[0].coordinating] == ["Sở Tài chính"]


def test_a_task_merged_over_rows_gathers_their_bodies_and_asks_about_their_deadlines():
    document, table = annex(
        HEADINGS,
        ["1", "Tập huấn", "Sở Nội vụ", "", "Quý I/2026"],
        ["", "", "Sở Y tế", "", "Quý II/2026"],
    )
    for column, text in ((0, "1"), (1, "Tập huấn")):
        table.cell(1, column).merge(table.cell(2, column)).text = text
    plan = read(document)
    assert leads(plan) == [["Sở Nội vụ", "Sở Y tế"]]
    assert plan.tasks[0].time_text == "Quý I/2026; Quý II/2026"
    assert "several_deadlines" in doubts(plan.tasks[0])


def test_a_cell_merged_downwards_counts_for_every_row():
    document, table = annex(
        HEADINGS,
        ["1", "Việc thứ nhất", "Sở Nội vụ", "", "Hàng năm"],
        ["2", "Việc thứ hai", "", "", ""],
        ["3", "Việc thứ ba", "Sở Y tế", "", "Quý I/2026"],
    )
    for column, text in ((2, "Sở Nội vụ"), (4, "Hàng năm")):
        table.cell(1, column).merge(table.cell(2, column)).text = text
    plan = read(document)
    assert leads(plan) == [["Sở Nội vụ"], ["Sở Nội vụ"], ["Sở Y tế"]]
    assert [t.time_text for t in plan.tasks] == ["Hàng năm", "Hàng năm", "Quý I/2026"]
    assert not any(doubts(task) for task in plan.tasks)


def test_years_as_columns_with_crosses_become_the_deadline():
    document, table = annex(
        ["TT", "Nhiệm vụ", "Đơn vị thực hiện", "Thời gian thực hiện", "", "", "Kinh phí"],
        ["", "", "", "2025", "2026", "2027", ""],
        ["1", "Xây dựng cơ sở dữ liệu", "Sở Y tế", "x", "x", "", "500"],
        ["2", "Vận hành cơ sở dữ liệu", "Sở Y tế", "", "", "x", "500"],
    )
    table.cell(0, 3).merge(table.cell(0, 5)).text = "Thời gian thực hiện"
    for column in (0, 1, 2, 6):
        text = table.cell(0, column).text
        table.cell(0, column).merge(table.cell(1, column)).text = text
    plan = read(document)
    assert [t.due.date.year for t in plan.tasks] == [2026, 2027]


def test_every_annex_of_several_is_read_with_codes_of_its_own():
    document = docx.Document()
    for annex_number in ("I", "II"):
        document.add_paragraph(f"PHỤ LỤC {annex_number}")
        table = document.add_table(rows=0, cols=5)
        _add_row(table, HEADINGS)
        _add_row(table, ["I", "Mục một"])
        _add_row(table, ["1", "Làm việc", "Sở Nội vụ", "", "Quý I/2026"])
    plan = read(document)
    assert codes(plan) == ["I.1", "PL2.I.1"]
    assert [s.code for s in plan.sections] == ["I", "PL2.I"]


def test_titles_between_tables_are_sections():
    document = docx.Document()
    for title in ("I. Tuyên truyền", "II. Đào tạo"):
        document.add_paragraph(title)
        table = document.add_table(rows=0, cols=5)
        _add_row(table, HEADINGS)
        _add_row(table, ["1", "Làm việc", "Sở Nội vụ", "", "Quý I/2026"])
    plan = read(document)
    assert codes(plan) == ["I.1", "II.1"]
    assert [s.title for s in plan.sections] == ["Tuyên truyền", "Đào tạo"]


@pytest.mark.parametrize("shape", ["docx", "pipes", "pdf"])
def test_lettered_and_bulleted_rows_hang_below_the_row_above(shape):
    rows = [
        ["TT", "Nhiệm vụ", "Chủ trì", "Thời gian"],
        ["I", "Thể chế"],
        ["1", "Hoàn thiện văn bản", "", ""],
        ["a)", "Sửa Quyết định 12", "Sở Tư pháp", "Quý I/2026"],
        ["b)", "Ban hành Quyết định mới", "Sở Nội vụ", "Quý II/2026"],
        ["2", "Tập huấn", "Sở Nội vụ", "Hàng năm"],
        ["-", "Lớp cho cấp xã", "Sở Y tế", "Quý III/2026"],
    ]
    plan = read_bytes(*render(shape, rows))
    assert [s.code for s in plan.sections] == ["I", "I.1"]
    assert codes(plan) == ["I.1.a", "I.1.b", "I.2", "I.2.1"]
    assert doubts(plan.tasks[3]) == {"no_number"}


def test_a_row_without_lead_and_deadline_is_kept_and_doubted():
    document, _table = annex(HEADINGS, ["1", "Việc chưa giao ai", "", "", ""])
    plan = read(document)
    assert doubts(plan.tasks[0]) == {"no_lead", "empty_deadline"}
    assert plan.tasks[0].due.date is None
    assert plan.tasks[0].confidence < 0.3


def test_the_same_number_twice_is_kept_twice_and_warned_about():
    document, _table = annex(
        HEADINGS,
        ["1", "Việc một", "Sở Nội vụ", "", "2026"],
        ["1", "Việc hai", "Sở Nội vụ", "", "2026"],
    )
    plan = read(document)
    assert codes(plan) == ["1", "1"]
    assert [w.code for w in plan.warnings].count("duplicate_code") == 2


def test_as_above_takes_the_bodies_of_the_row_above():
    document, _table = annex(
        HEADINGS,
        ["1", "Việc một", "Sở Nội vụ", "Sở Y tế", "2026"],
        ["2", "Việc hai", "-nt-", "Như trên", '"'],
    )
    plan = read(document)
    assert leads(plan) == [["Sở Nội vụ"], ["Sở Nội vụ"]]
    assert [b.name for b in plan.tasks[1].coordinating] == ["Sở Y tế"]
    assert plan.tasks[1].due == plan.tasks[0].due


def test_one_column_for_lead_and_coordinators_is_parted():
    document, _table = annex(
        ["TT", "Nội dung", "Cơ quan chủ trì, phối hợp", "Thời gian"],
        ["1", "Việc một", "Chủ trì: Sở Nội vụ; Phối hợp: Sở Tài chính, Sở Y tế", "2026"],
        ["2", "Việc hai", "Sở Nội vụ, Sở Tài chính", "2026"],
    )
    plan = read(document)
    assert leads(plan) == [["Sở Nội vụ"], ["Sở Nội vụ"]]
    assert [[b.name for b in t.coordinating] for t in plan.tasks] == [
        ["Sở Tài chính", "Sở Y tế"],
        ["Sở Tài chính"],
    ]
    assert doubts(plan.tasks[0]) == set()
    assert doubts(plan.tasks[1]) == {"roles_guessed"}


def test_other_tables_are_left_alone_but_mentioned():
    document = docx.Document()
    table = document.add_table(rows=0, cols=4)
    for row in (
        ["TT", "Chỉ tiêu", "Đơn vị tính", "Năm 2026"],
        ["1", "Số tiêu chuẩn", "TC", "5"],
        ["2", "Số quy chuẩn", "QC", "2"],
        ["3", "Tỷ lệ", "%", "90"],
    ):
        _add_row(table, row)
    document.add_paragraph("Phụ lục")
    table = document.add_table(rows=0, cols=5)
    for row in (HEADINGS, ["1", "Làm việc", "Sở Nội vụ", "", "2026"]):
        _add_row(table, row)
    plan = read(document)
    assert [t.text for t in plan.tasks] == ["Làm việc"]
    assert "table_not_read" in [w.code for w in plan.warnings]


def test_columns_without_known_headings_are_told_by_what_is_in_them():
    document, _table = annex(
        ["A", "B", "C", "D"],
        ["1", "Tổ chức kiểm tra việc thực hiện đo lường trên địa bàn", "Sở Nội vụ", "Quý I/2026"],
        ["2", "Tổ chức tập huấn cho cán bộ, công chức cấp xã của tỉnh", "Sở Y tế", "Hàng năm"],
    )
    plan = read(document)
    assert codes(plan)[-2:] == ["1", "2"]
    assert leads(plan)[-2:] == [["Sở Nội vụ"], ["Sở Y tế"]]
    assert "guessed_columns" in [w.code for w in plan.warnings]


def test_numbers_word_prints_by_itself_are_counted():
    document, table = annex(
        HEADINGS,
        ["", "Việc một", "Sở Nội vụ", "", "2026"],
        ["", "Việc hai", "Sở Nội vụ", "", "2026"],
    )
    for row in table.rows[1:]:
        row.cells[0].paragraphs[0].style = document.styles["List Number"]
    assert codes(read(document)) == ["1", "2"]


def test_text_a_tracked_change_deleted_is_left_out_and_inserted_text_read():
    document, table = annex(HEADINGS, ["1", "Việc", "Sở Nội vụ", "", "2026"])
    paragraph = table.cell(1, 1).paragraphs[0]._p
    for tag, inner in (("w:del", "<w:delText> cũ</w:delText>"), ("w:ins", "<w:t> mới</w:t>")):
        change = parse_xml(f'<{tag} {nsdecls("w")} w:id="1"><w:r>{inner}</w:r></{tag}>')
        change[0][0].set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        paragraph.append(change)
    assert read(document).tasks[0].text == "Việc mới"


def test_pages_of_a_docx_are_known_where_word_noted_its_breaks():
    document, table = annex(
        HEADINGS, ["1", "Việc một", "Sở Y tế", "", "2026"], ["2", "Việc hai", "Sở Y tế", "", "2026"]
    )
    for cell in table.rows[2].cells:
        run = cell.paragraphs[0]._p.find(qn("w:r"))
        if run is not None:
            run.insert(0, OxmlElement("w:lastRenderedPageBreak"))
    plan = read(document)
    assert [task.source.page for task in plan.tasks] == [1, 2]


def test_text_in_a_text_box_and_capitals_by_format_are_read():
    document = docx.Document()
    document.add_paragraph("ỦY BAN NHÂN DÂN TỈNH GIA LAI")
    run = document.add_paragraph().add_run("Quyết định")
    run.font.all_caps = True
    document.add_paragraph("Ban hành Kế hoạch")
    box = parse_xml(
        f'<w:p {nsdecls("w")} xmlns:v="urn:schemas-microsoft-com:vml"><w:r><w:pict><v:shape>'
        "<v:textbox><w:txbxContent><w:p><w:r><w:t>Căn cứ Nghị quyết số 57-NQ/TW;</w:t></w:r></w:p>"
        "</w:txbxContent></v:textbox></v:shape></w:pict></w:r></w:p>"
    )
    document.element.body.insert(3, box)
    plan = read(document)
    assert plan.document.title == "Ban hành Kế hoạch"
    assert plan.document.based_on == ("57-NQ/TW",)


def seed_table(options: str) -> bytes:
    cells = []
    for row in [HEADINGS, *seed_rows()[:14]]:
        if len(row) == 2:
            cells.append(f"[{row[0]}], table.cell(colspan: 4)[{_escaped(row[1])}],")
        else:
            cells.append(", ".join(f"[{_escaped(cell)}]" for cell in row) + ",")
    return pdf_of(
        "#set smartquote(enabled: false)\n#set page(width: 297mm, height: 130mm, margin: 12mm)\n"
        f"#set text(size: 10pt)\nPHỤ LỤC\n#table({options}"
        "columns: (10mm, 4fr, 2fr, 2fr, 1.2fr),\n" + "\n".join(cells) + ")"
    )


@pytest.mark.parametrize("options", ["align: horizon, ", "stroke: none, gutter: 5mm, "])
def test_a_pdf_table_with_centred_cells_or_without_lines_is_read(options):
    plan = read_bytes("a.pdf", seed_table(options))
    expected = [row for row in seed_rows()[:14] if len(row) > 2]
    assert [task.text for task in plan.tasks] == [row[1] for row in expected]
    assert [task.time_text for task in plan.tasks] == [row[4] for row in expected]


def test_a_merged_cell_cut_by_a_page_break_counts_on_both_pages():
    rows = "".join(
        f"[{n}], [Việc thứ {n} #v(30mm)], {'table.cell(rowspan: 4)[Sở Nội vụ],' if n == 1 else ''}"
        f"[Sở Y tế], [Quý I/2026],\n"
        for n in range(1, 5)
    )
    plan = read_bytes(
        "a.pdf",
        pdf_of(
            "#set page(width: 250mm, height: 110mm, margin: 10mm)\n"
            f"#table(columns: (10mm, 1fr, 1fr, 1fr, 30mm), {''.join(f'[{h}],' for h in HEADINGS)}\n{rows})"
        ),
    )
    assert codes(plan) == ["1", "2", "3", "4"]
    assert leads(plan) == [["Sở Nội vụ"]] * 4
