"""Makes decisions as DOCX and PDF: the seed plan again, and other plans in every shape."""

from __future__ import annotations

import io
import itertools
import json
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import docx
import typst
from docx.document import Document
from docx.table import Table

ROOT = Path(__file__).resolve().parents[6]
SEED = ROOT / "samples" / "quyet-dinh-1029-2025.txt"
ANNEX = json.loads((Path(__file__).parent / "data" / "annex-1029-2025.json").read_text("utf-8"))
HEADINGS = ["TT", "Nội dung nhiệm vụ", "Cơ quan chủ trì", "Cơ quan phối hợp", "Thời gian"]

HEAD = """QUYẾT ĐỊNH
Ban hành Kế hoạch triển khai Quyết định số 1703/QĐ-TTg
Căn cứ Chỉ thị số 38-CT/TW ngày 30/7/2024 của Ban Bí thư;
Căn cứ Quyết định số 1703/QĐ-TTg ngày 31/12/2024 của Thủ tướng Chính phủ;
Theo đề nghị của Sở Khoa học và Công nghệ tại Tờ trình số 09/TTr-SKHCN ngày 17/3/2025.
QUYẾT ĐỊNH:
Điều 1. Ban hành kèm theo Quyết định này Kế hoạch triển khai.
Điều 2. Quyết định này có hiệu lực thi hành kể từ ngày ký.
Điều 3. Chánh Văn phòng UBND tỉnh chịu trách nhiệm thi hành Quyết định này./."""


def seed_points() -> list[str]:
    """The body of the seed between "KẾ HOẠCH" and the annex, as lines."""
    lines = SEED.read_text("utf-8").splitlines()
    start = next(at for at, line in enumerate(lines) if line.strip() == "KẾ HOẠCH")
    end = next(at for at, line in enumerate(lines) if line.strip() == "Phụ lục")
    return [" ".join(line.split()) for line in lines[start : end - 1] if line.strip()]


def seed_rows() -> list[list[str]]:
    """The annex as rows of five cells; a section has only its numeral and its title."""
    return [
        [entry["section"], entry["title"]]
        if "section" in entry
        else [entry[key] for key in ("number", "text", "lead", "coordinating", "time")]
        for entry in ANNEX
    ]


def docx_of(document: Document) -> bytes:
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def start_docx() -> Document:
    """A document with the usual head: two columns above, the order, the plan's title."""
    document = docx.Document()
    top = document.add_table(rows=2, cols=2)
    top.cell(0, 0).text = "ỦY BAN NHÂN DÂN\nTỈNH BÌNH ĐỊNH"
    top.cell(0, 1).text = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc"
    top.cell(1, 0).text = "Số: 1029/QĐ-UBND"
    top.cell(1, 1).text = "Bình Định, ngày 25 tháng 3 năm 2025"
    for line in HEAD.splitlines():
        document.add_paragraph(line)
    foot = document.add_table(rows=1, cols=2)
    foot.cell(0, 0).text = "Nơi nhận:\n- Như Điều 3;\n- Lưu: VT, K8."
    foot.cell(0, 1).text = "TM. ỦY BAN NHÂN DÂN\nKT. CHỦ TỊCH\nPHÓ CHỦ TỊCH\n\n\nLâm Hải Giang"
    return document


def seed_docx(*, breaks: Sequence[int] = (5, 8, 18), split: int | None = 11) -> bytes:
    """The seed with merged cells, its table broken into several.

    Equal neighbours in the columns of bodies and time are merged downwards, titles of sections
    sideways. Before the rows `breaks` a new table begins, with the headings again (but every second
    one without); row `split` is cut: its end opens a table with empty cells around it.
    """
    document = start_docx()
    for line in seed_points():
        document.add_paragraph(line)
    document.add_paragraph("Phụ lục")
    rows = seed_rows()
    table = _new_table(document, headings=True)
    for position, cells in enumerate(rows):
        if position in breaks:
            _merge_equal(table)
            document.add_paragraph("")
            table = _new_table(document, headings=list(breaks).index(position) % 2 == 0)
        if position == split:
            words = cells[1].split()
            half = len(words) // 2
            _add_row(table, [cells[0], " ".join(words[:half]), *cells[2:]])
            _merge_equal(table)
            document.add_paragraph("")
            table = _new_table(document, headings=False)
            _add_row(table, ["", " ".join(words[half:]), "", "", ""])
            continue
        _add_row(table, cells)
    _merge_equal(table)
    return docx_of(document)


def _new_table(document: Document, *, headings: bool) -> Table:
    table = document.add_table(rows=0, cols=len(HEADINGS), style="Table Grid")
    if headings:
        _add_row(table, HEADINGS)
    return table


def _add_row(table: Table, cells: Sequence[str]) -> None:
    row = table.add_row()
    for cell, text in zip(row.cells, cells, strict=False):
        cell.text = text
    if len(cells) == 2:
        title = row.cells[1].merge(row.cells[len(row.cells) - 1])
        title.text = cells[1]


def _merge_equal(table: Table) -> None:
    """Merge runs of equal cells downwards, as a typist does with "Hàng năm"."""
    texts = [[cell.text for cell in row.cells] for row in table.rows]
    for column in range(2, len(HEADINGS)):
        first = 0
        for row in range(1, len(texts) + 1):
            same = (
                row < len(texts)
                and texts[row][column] == texts[first][column]
                and len(set(texts[row])) > 2
                and len(set(texts[first])) > 2
                and texts[row][column] != ""
            )
            if same:
                continue
            if row - first > 1:
                for below in range(first + 1, row):
                    table.cell(below, column).text = ""
                merged = table.cell(first, column).merge(table.cell(row - 1, column))
                merged.text = texts[first][column]
            first = row


@dataclass(frozen=True)
class Page:
    """A sheet of paper for typst, in millimetres."""

    width: int = 297
    height: int = 210
    size: int = 11


def seed_pdf(page: Page = Page(height=150)) -> bytes:
    """The seed as a born-digital PDF; with this page its table runs over five pages or more."""
    rows = []
    for cells in seed_rows():
        if len(cells) == 2:
            rows.append(f"[{_escaped(cells[0])}], table.cell(colspan: 4)[{_escaped(cells[1])}],")
        else:
            rows.append(", ".join(f"[{_escaped(cell)}]" for cell in cells) + ",")
    body = "\n\n".join(_escaped(line) for line in joined_lines(seed_points()))
    return pdf_of(
        f"""
{_pdf_head()}
#pagebreak()
{body}
#set smartquote(enabled: false)
#set page(width: {page.width}mm, height: {page.height}mm, margin: 15mm, numbering: "1", number-align: top + center)
#align(center)[Phụ lục]
#set text(size: {page.size}pt)
#table(columns: (10mm, 4fr, 2fr, 2fr, 1.2fr),
  table.header({", ".join(f"[{heading}]" for heading in HEADINGS)}),
{chr(10).join(rows)}
)
"""
    )


def joined_lines(lines: Sequence[str]) -> list[str]:
    """Lines of a text joined to paragraphs, so that another page can break them elsewhere."""
    paragraphs: list[str] = []
    for line in lines:
        opens = line[:2].strip(" .)").isalnum() and line[1:3].strip() in (".", ")", ".)", ". ")
        numbered = line.split(" ")[0].endswith((".", ")")) and len(line.split(" ")[0]) <= 5
        if not paragraphs or opens or numbered or line.isupper():
            paragraphs.append(line)
        else:
            paragraphs[-1] += f" {line}"
    return paragraphs


def _pdf_head() -> str:
    head = "\n\n".join(_escaped(line) for line in HEAD.splitlines())
    return f"""
#grid(columns: (2fr, 3fr), align: center,
  [ỦY BAN NHÂN DÂN \\ TỈNH BÌNH ĐỊNH], [CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM \\ Độc lập - Tự do - Hạnh phúc])
#grid(columns: (2fr, 3fr), align: center, [Số: 1029/QĐ-UBND], [Bình Định, ngày 25 tháng 3 năm 2025])
{head}
#grid(columns: (1fr, 1fr),
  [Nơi nhận: \\ \\- Như Điều 3; \\ \\- Lưu: VT, K8.],
  align(center)[TM. ỦY BAN NHÂN DÂN \\ KT. CHỦ TỊCH \\ PHÓ CHỦ TỊCH \\ #v(15mm) Lâm Hải Giang])
"""


def pdf_of(source: str) -> bytes:
    return typst.compile(source.encode())


def _escaped(text: str) -> str:
    for mark in "\\#$*_`<>@[]~":
        text = text.replace(mark, f"\\{mark}")
    return text.replace("- ", "\\- ").replace("/", "\\/").replace("1.", "1\\.")


def plan_head(kind: str = "KẾ HOẠCH", title: str = "Thực hiện nhiệm vụ năm 2026") -> str:
    return f"""ỦY BAN NHÂN DÂN
TỈNH GIA LAI
CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc
Số: 15/KH-UBND
Gia Lai, ngày 05 tháng 01 năm 2026

{kind}
{title}

Thực hiện Quyết định số 1703/QĐ-TTg ngày 31/12/2024 của Thủ tướng Chính phủ, Ủy ban nhân dân tỉnh ban hành Kế hoạch như sau:
I. MỤC ĐÍCH, YÊU CẦU
1. Mục đích
a) Nâng cao hiệu quả công tác quản lý.
II. TỔ CHỨC THỰC HIỆN
Các sở, ban, ngành báo cáo kết quả về Sở Khoa học và Công nghệ trước ngày 15/12 hằng năm để tổng hợp.
Nơi nhận:
- Các sở, ban, ngành;
- Lưu: VT.
TM. ỦY BAN NHÂN DÂN
CHỦ TỊCH

Phạm Anh Tuấn
"""


SHAPES = ("docx", "pdf", "pipes", "tabs", "aligned", "linear")


def render(shape: str, rows: Sequence[Sequence[str]], *, head: str = "") -> tuple[str, bytes]:
    """A plan in one of `SHAPES`; the first row has the headings, a row of two cells is a title.

    A title has its label and its text; an empty label is a title without number.
    """
    head = head or plan_head()
    if shape == "docx":
        return "plan.docx", _docx(head, rows)
    if shape == "pdf":
        return "plan.pdf", _pdf(head, rows)
    drawn = {"pipes": _pipes, "tabs": _tabs, "aligned": _aligned, "linear": _linear}[shape]
    return "plan.txt", f"{head}\nPHỤ LỤC\n\n{drawn(rows)}".encode()


def _docx(head: str, rows: Sequence[Sequence[str]]) -> bytes:
    document = docx.Document()
    for line in head.splitlines():
        document.add_paragraph(line)
    document.add_paragraph("PHỤ LỤC")
    table = document.add_table(rows=0, cols=len(rows[0]))
    for cells in rows:
        _add_row(table, cells)
    return docx_of(document)


def _pdf(head: str, rows: Sequence[Sequence[str]]) -> bytes:
    width = len(rows[0])
    drawn = []
    for cells in rows:
        if len(cells) == 2 and width > 2:
            drawn.append(
                f"[{_escaped(cells[0])}], table.cell(colspan: {width - 1})[{_escaped(cells[1])}],"
            )
        else:
            drawn.append(", ".join(f"[{_escaped(cell)}]" for cell in cells) + ",")
    longest = [
        max((len(row[at]) for row in rows[1:] if len(row) == width), default=8)
        for at in range(width)
    ]
    fractions = ", ".join(
        "10mm" if size <= 4 else f"{min(4.0, size / 25 + 0.8):.1f}fr" for size in longest
    )
    body = "\n\n".join(_escaped(line) for line in head.splitlines() if line.strip())
    return pdf_of(
        f"""#set smartquote(enabled: false)
{body}
#set page(width: 297mm, height: 210mm, margin: 15mm)
PHỤ LỤC
#table(columns: ({fractions}),
{chr(10).join(drawn)}
)"""
    )


def _pipes(rows: Sequence[Sequence[str]]) -> str:
    return "\n".join("| " + " | ".join(_padded(row, rows[0])) + " |" for row in rows)


def _tabs(rows: Sequence[Sequence[str]]) -> str:
    return "\n".join("\t".join(_padded(row, rows[0])) for row in rows)


def _padded(row: Sequence[str], headings: Sequence[str]) -> list[str]:
    return [*row, *[""] * (len(headings) - len(row))]


def _widths(rows: Sequence[Sequence[str]]) -> list[int]:
    longest = [
        max((len(row[at]) for row in rows if len(row) == len(rows[0])), default=6)
        for at in range(len(rows[0]))
    ]
    return [min(38 if size > 60 else 20, max(size, 4)) for size in longest]


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    widths = _widths(rows)
    out: list[str] = []
    for row in rows:
        if len(row) == 2 and len(rows[0]) > 2:
            wide = sum(widths[1:]) + 3 * (len(widths) - 2)
            columns = [textwrap.wrap(row[0], widths[0]), textwrap.wrap(row[1], wide)]
            sizes = [widths[0], wide]
        else:
            columns = [
                textwrap.wrap(c, w, break_long_words=False) or [""]
                for c, w in zip(row, widths, strict=True)
            ]
            sizes = widths
        for pieces in itertools.zip_longest(*columns, fillvalue=""):
            line = "   ".join(p.ljust(w) for p, w in zip(pieces, sizes, strict=True))
            out.append(line.rstrip())
        out.append("")
    return "\n".join(out)


def _linear(rows: Sequence[Sequence[str]]) -> str:
    """Cell after cell, lines broken at the width of their column, as converters write tables."""
    widths = _widths(rows)
    out = [" ".join(rows[0]), ""]
    for row in rows[1:]:
        if len(row) == 2 and len(rows[0]) > 2:
            out += [row[0], row[1], ""]
            continue
        for cell, width in zip(row, widths, strict=True):
            out += textwrap.wrap(cell, width, break_long_words=False)
            out.append("")
    return "\n".join(out)
