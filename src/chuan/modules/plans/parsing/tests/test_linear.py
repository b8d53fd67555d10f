"""Text whose columns are lost: page breaks, repeated headings, loose numbers."""

from __future__ import annotations

from chuan.modules.plans.parsing import DueKind, ReadPlan, read_bytes
from chuan.modules.plans.parsing.tests.makers import plan_head

HEADINGS = "TT Nội dung nhiệm vụ Cơ quan chủ trì Cơ quan phối hợp Thời gian\n"


def rows(first: int, last: int) -> str:
    return "".join(
        f"\n{n}\n\nTổ chức thực hiện nhiệm vụ số {n} về đo lường trong\nlĩnh vực thương mại của tỉnh\n\n"
        "Sở Khoa học và\nCông nghệ\n\nCác sở, ban,\nngành\n\nHàng năm\n"
        for n in range(first, last + 1)
    )


def read(annex: str, head: str | None = None) -> ReadPlan:
    return read_bytes("a.txt", f"{plan_head() if head is None else head}\n{annex}".encode())


def codes(plan: ReadPlan) -> list[str]:
    return [task.code for task in plan.tasks]


def test_headings_printed_on_every_page_do_not_cut_a_row():
    plan = read(
        f"\fPHỤ LỤC\n{HEADINGS}{rows(1, 2)}\n3\n\nTổ chức hội nghị tổng kết công tác\n"
        f"\f3\n{HEADINGS}đo lường của tỉnh\n\nSở Nội vụ\n\nSở Y tế\n\nQuý II/2026\n{rows(4, 5)}"
        f"\f4\n{HEADINGS}{rows(6, 7)}"
    )
    assert codes(plan) == [str(n) for n in range(1, 8)]
    assert plan.tasks[2].text == "Tổ chức hội nghị tổng kết công tác đo lường của tỉnh"
    assert [b.name for b in plan.tasks[2].lead] == ["Sở Nội vụ"]
    assert [t.source.page for t in plan.tasks] == [2, 2, 2, 3, 3, 4, 4]


def test_a_page_number_inside_a_row_is_not_taken_for_the_next_row():
    cut = rows(3, 3).replace("trong\n", "trong\n4\n")
    plan = read(f"PHỤ LỤC\n{HEADINGS}{rows(1, 2)}{cut}{rows(4, 5)}")
    assert codes(plan) == ["1", "2", "3", "4", "5"]
    assert all(t.due.kind is DueKind.YEARLY for t in plan.tasks)


def test_the_rest_of_every_cell_finds_its_way_home():
    plan = read(
        f"PHỤ LỤC\n{HEADINGS}1\nĐầu tư trang thiết bị cho các đơn vị sự nghiệp, gồm thiết bị\n"
        "Các Sở: Khoa học và Công nghệ,\nXây dựng; Công an tỉnh;\nCác đơn vị sự nghiệp công lập\nĐến 2030\n"
        "thử nghiệm thuộc thẩm quyền quản lý của các sở, ban, ngành và\nđịa phương\n"
        "UBND các huyện, thị xã, thành\nphố\nvà các tổ chức, cơ quan liên\nquan\n"
        "2\nKiểm tra đo lường\nSở Công Thương\nSở Y tế\nHàng năm\n"
    )
    first = plan.tasks[0]
    assert first.text.endswith(
        "gồm thiết bị thử nghiệm thuộc thẩm quyền quản lý của các sở, ban, ngành và địa phương"
    )
    assert [b.name for b in first.lead][-1] == "UBND các huyện, thị xã, thành phố"
    assert [b.name for b in first.coordinating] == [
        "Các đơn vị sự nghiệp công lập",
        "Các tổ chức, cơ quan liên quan",
    ]


def test_cells_on_one_line_are_parted_by_the_names_in_them():
    plan = read(
        f"PHỤ LỤC\n{HEADINGS}1 Xây dựng hệ thống tiêu chuẩn của tỉnh\n"
        "Các sở, ban, ngành UBND các huyện, thị xã, thành\nphố\nHàng năm\n"
        "2 Đánh giá kết quả thực hiện kế hoạch\nBộ Chỉ huy Quân sự tỉnh Các sở, ban, ngành Đến 2030\n"
    )
    found = [[b.name for b in (*t.lead, *t.coordinating)] for t in plan.tasks]
    assert found == [
        ["Các sở, ban, ngành", "UBND các huyện, thị xã, thành phố"],
        ["Bộ Chỉ huy Quân sự tỉnh", "Các sở, ban, ngành"],
    ]


def test_rows_without_deadline_are_kept():
    plan = read(
        f"PHỤ LỤC\n{HEADINGS}1\nViệc không ghi hạn của tỉnh\nSở Nội vụ\nSở Y tế\n"
        "2\nViệc có ghi hạn của tỉnh\nSở Nội vụ\nSở Y tế\nHàng năm\n"
    )
    assert codes(plan) == ["1", "2"]
    assert "empty_deadline" in {d.code for d in plan.tasks[0].doubts}


def test_what_follows_the_table_is_no_part_of_its_last_row():
    plan = read(
        f"PHỤ LỤC\n{HEADINGS}{rows(1, 2)}\nGhi chú: thực hiện theo quy định.\nNơi nhận:\n- Lưu: VT.\n"
    )
    assert plan.tasks[1].text.endswith("thương mại của tỉnh")


def test_two_annexes_of_one_text_are_both_read():
    plan = read(f"PHỤ LỤC I\n{HEADINGS}{rows(1, 2)}\nPHỤ LỤC II\nDANH MỤC\n{HEADINGS}{rows(1, 2)}")
    assert codes(plan) == ["1", "2", "PL2.1", "PL2.2"]
    assert plan.tasks[1].text.endswith("thương mại của tỉnh")


def test_text_whose_columns_were_torn_apart_is_called_so():
    torn = "".join(f"{n}\n" for n in range(1, 7)) + "Tổ chức thực hiện nhiệm vụ\n" * 6
    plan = read(f"PHỤ LỤC\n{HEADINGS}{torn}{'Sở Nội vụ' + chr(10)}" + "Hàng năm\n" * 6)
    assert len(plan.tasks) == 6
    assert "columns_mixed" in [w.code for w in plan.warnings]
