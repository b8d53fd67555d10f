"""Names of bodies: one, many, a collective, or nobody in particular."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuan.modules.plans.parsing import BodyKind
from chuan.modules.plans.parsing.bodies import holds_bodies, read_bodies
from chuan.modules.plans.parsing.spelling import fold

KINDS = {BodyKind.GROUP: "*", BodyKind.NAMED: "", BodyKind.OPEN: "~", None: ""}


def read(cell: str, document: str = "") -> list[str]:
    """Names as read: a group with *, an open word with ~, an unknown one with ?."""
    return [
        f"{KINDS[body.kind]}{body.name}{'' if body.known else '?'}"
        for body in read_bodies(cell, document=fold(document))
    ]


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("Sở Tài chính", ["Sở Tài chính"]),
        ("Sở Tài chính.", ["Sở Tài chính"]),
        ("SỞ TÀI CHÍNH", ["Sở Tài chính"]),
        ("Sở Văn hoá, Thể thao và Du lịch", ["Sở Văn hóa, Thể thao và Du lịch"]),
        ("Sở Văn hóa, Thể thao và Du lịch, Sở Lao động - Thương binh và Xã hội",
         ["Sở Văn hóa, Thể thao và Du lịch", "Sở Lao động - Thương binh và Xã hội"]),
        ("Sở Nông nghiệp và Môi trường và Sở Y tế", ["Sở Nông nghiệp và Môi trường", "Sở Y tế"]),
        ("Các Sở: Khoa học và Công nghệ, Xây dựng, Nông nghiệp và Môi trường, Y tế; Công an tỉnh",
         ["Sở Khoa học và Công nghệ", "Sở Xây dựng", "Sở Nông nghiệp và Môi trường", "Sở Y tế",
          "Công an tỉnh"]),
        ("Các Sở: Tài chính, Nội vụ và Tư pháp", ["Sở Tài chính", "Sở Nội vụ", "Sở Tư pháp"]),
        ("Các sở Tài chính, Nội vụ", ["Sở Tài chính", "Sở Nội vụ"]),
        ("Sở Tài chính, Xây dựng, Y tế", ["Sở Tài chính", "Sở Xây dựng", "Sở Y tế"]),
        ("Các Sở: Tài chính, Kinh tế biển", ["Sở Tài chính", "Sở Kinh tế biển?"]),
        ("Các sở, ban, ngành", ["*Các sở, ban, ngành"]),
        ("Các Sở, Ban, Ngành", ["*Các sở, ban, ngành"]),
        ("Sở, ban, ngành", ["*Các sở, ban, ngành"]),
        ("Các sở, ban, ngành, đoàn thể cấp tỉnh", ["*Các sở, ban, ngành, đoàn thể cấp tỉnh"]),
        ("Các sở, ban, ngành; UBND các huyện, thị xã, thành phố",
         ["*Các sở, ban, ngành", "*UBND các huyện, thị xã, thành phố"]),
        ("Các sở, ban, ngành UBND các xã, phường", ["*Các sở, ban, ngành", "*UBND các xã, phường"]),
        ("Các sở, ban, ngành và địa phương", ["*Các sở, ban, ngành", "*Các địa phương"]),
        ("UBND cấp xã", ["*UBND cấp xã"]),
        ("Uỷ ban nhân dân các xã, phường, đặc khu", ["*Ủy ban nhân dân các xã, phường, đặc khu"]),
        ("135 xã, phường", ["*135 xã, phường"]),
        ("các trường đại học, cao đẳng trên địa bàn tỉnh",
         ["*Các trường đại học, cao đẳng trên địa bàn tỉnh"]),
        ("các cơ sở giáo dục nghề nghiệp", ["*Các cơ sở giáo dục nghề nghiệp"]),
        ("Doanh nghiệp", ["*Doanh nghiệp"]),
        ("cơ quan liên quan", ["~Cơ quan liên quan"]),
        ("Các đơn vị có liên quan", ["~Các đơn vị có liên quan"]),
        ("các tổ chức, cơ quan liên quan", ["~Các tổ chức, cơ quan liên quan"]),
        ("các sở, ngành, địa phương liên quan", ["~Các sở, ngành, địa phương liên quan"]),
        ("Các sở, ban, ngành và các đơn vị liên quan",
         ["*Các sở, ban, ngành", "~Các đơn vị liên quan"]),
        ("UBND tỉnh", ["UBND tỉnh"]),
        ("UBND huyện Tuy Phước, thị xã An Nhơn và thành phố Quy Nhơn",
         ["UBND huyện Tuy Phước", "UBND thị xã An Nhơn", "UBND thành phố Quy Nhơn"]),
        ("UBND các huyện: An Lão, Hoài Ân", ["UBND huyện An Lão", "UBND huyện Hoài Ân"]),
        ("Công an tỉnh Gia Lai", ["Công an tỉnh Gia Lai"]),
        ("Báo và Phát thanh, Truyền hình Gia Lai", ["Báo và Phát thanh, Truyền hình Gia Lai"]),
        ("Ngân hàng Nhà nước chi nhánh tỉnh Gia Lai", ["Ngân hàng Nhà nước chi nhánh tỉnh Gia Lai"]),
        ("Thủ trưởng các sở, ban, ngành; Chủ tịch UBND các xã, phường",
         ["*Các sở, ban, ngành", "*UBND các xã, phường"]),
        ("Chủ trì: Sở Công Thương", ["Sở Công Thương"]),
        ("Sở Khoa học và Công nghệ (Chi cục Tiêu chuẩn Đo lường Chất lượng)",
         ["Sở Khoa học và Công nghệ"]),
        ("- Sở Tài chính\n- Sở Nội vụ", ["Sở Tài chính", "Sở Nội vụ"]),
        ("Sở Tài chính\nSở Nội vụ\nCông an tỉnh", ["Sở Tài chính", "Sở Nội vụ", "Công an tỉnh"]),
        ("Bộ Chỉ huy\nQuân sự tỉnh", ["Bộ Chỉ huy Quân sự tỉnh"]),
        ("Sở Tài chính; Sở Tài chính", ["Sở Tài chính"]),
        ("VNPT Gia Lai, Tổ công nghệ số", ["VNPT Gia Lai?", "Tổ công nghệ số?"]),
        ("Trung tâm Kỹ thuật\nTiêu chuẩn Đo lường Chất lượng",
         ["Trung tâm Kỹ thuật Tiêu chuẩn Đo lường Chất lượng"]),
        ("", []),
        ("-", []),
    ],
)  # fmt: skip
def test_a_cell_gives_its_bodies(cell, names):
    assert read(cell) == names


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("UBND các huyện, thị xã, thanh phố", "UBND các huyện, thị xã, thành phố"),
        ("Sở Khoa hoc và Công nghệ", "Sở Khoa học và Công nghệ"),
        ("Các sở, ban, nganh", "Các sở, ban, ngành"),
    ],
)
def test_a_wrong_tone_mark_is_mended_and_told(written, name):
    (body,) = read_bodies(written)
    assert (body.name, body.text, body.mended) == (name, written, True)


def test_accepted_spellings_are_no_mistakes():
    (body,) = read_bodies("Sở Văn hoá và Thể thao")
    assert (body.name, body.mended) == ("Sở Văn hóa và Thể thao", False)


def test_an_abbreviation_is_kept_unless_the_document_writes_it_out():
    assert read("Sở KH&CN") == ["Sở KH&CN"]
    assert read("Sở KH&CN", document="theo Sở Khoa học và Công nghệ") == [
        "Sở Khoa học và Công nghệ"
    ]
    (body,) = read_bodies("Bộ CHQS tỉnh")
    assert (body.name, body.full_name) == ("Bộ CHQS tỉnh", "Bộ Chỉ huy Quân sự tỉnh")


def test_words_that_begin_like_a_body_are_none():
    assert holds_bodies("Tổ chức hội nghị tổng kết công tác") == 0
    assert holds_bodies("Ban hành quy chế phối hợp") == 0
    assert holds_bodies("Sở Tài chính; Sở Nội vụ") == 1


@given(st.text(alphabet="Sởở Các,;.và UBNDtỉnhThành phốáệ\n-&()", max_size=120))
def test_any_cell_is_read_and_nothing_of_it_is_invented(cell):
    for body in read_bodies(cell):
        assert body.text in " ".join(cell.split()) or "-" in cell or "&" in cell or "." in cell
        assert body.name
