"""Tags and filters as templates use them."""

import datetime as dt
import re
from decimal import Decimal

import pytest
from django.core.paginator import Paginator
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory
from django.utils.translation import override

from chuan.core.ui.components import (
    Answer,
    Choice,
    Event,
    FileRow,
    Lineage,
    Mark,
    Part,
    Source,
    Task,
)


def shown(template, query="", **context):
    request = RequestFactory().get(f"/danh-sach/{query}")
    return Template(template).render(Context({"request": request, **context}))


def words(html):
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.mark.parametrize(
    ("template", "value", "printed"),
    [
        ("{{ x|vn_number }}", 1234567, "1.234.567"),
        ("{{ x|vn_number }}", Decimal("1234.5"), "1.234,5"),
        ("{{ x|vn_number }}", 0, "0"),
        ("{{ x|vn_number }}", None, "–"),
        ("{{ x|vn_decimal:2 }}", 1234.5, "1.234,50"),
        ("{{ x|vn_decimal }}", None, "–"),
        ("{{ x|vn_percent }}", Decimal("86.84"), "86,8%"),
        ("{{ x|vn_percent }}", None, "–"),
        ("{{ x|vn_size }}", 900, "900 B"),
        ("{{ x|vn_size }}", 86_000, "84 KB"),
        ("{{ x|vn_size }}", 1_250_000, "1,2 MB"),
        ("{{ x|vn_size }}", 5 * 1024**3, "5 GB"),
        ("{{ x|vn_roman }}", 4, "IV"),
        ("{{ x|vn_date }}", dt.date(2026, 11, 5), "05/11/2026"),
        ("{{ x|vn_date }}", None, "–"),
        ("{{ x|vn_weekday_date }}", dt.date(2026, 11, 19), "thứ Năm, 19/11/2026"),
        ("{{ x|vn_weekday }}", dt.date(2026, 11, 22), "Chủ nhật"),
        ("{{ x|vn_datetime }}", dt.datetime(2026, 11, 12, 2, 41, tzinfo=dt.UTC), "09:41, 12/11/2026"),
        ("{{ x|vn_time }}", dt.datetime(2026, 11, 12, 2, 41, tzinfo=dt.UTC), "09:41"),
        ("{{ x|vn_date }}", dt.datetime(2026, 11, 11, 20, 0, tzinfo=dt.UTC), "12/11/2026"),
        ("{{ x|vn_datetime }}", dt.date(2026, 11, 12), "12/11/2026"),
    ],
)  # fmt: skip
def test_numbers_dates_and_sizes_are_printed_the_vietnamese_way(template, value, printed):
    assert shown(template, x=value) == printed


def test_an_icon_alone_is_decoration_and_with_a_label_speaks():
    assert 'aria-hidden="true"' in shown('{% icon "bell" %}')
    assert 'role="img" aria-label="Chắc chắn"' in shown('{% icon "check" label="Chắc chắn" %}')


def test_a_state_is_an_icon_and_words():
    html = shown('{% status "overdue" %}')
    assert words(html) == "Quá hạn"
    assert "#alert-triangle" in html


def test_a_state_that_does_not_exist_is_an_error_of_the_page():
    with pytest.raises(LookupError, match="rotten"):
        shown('{% status "rotten" %}')
    with pytest.raises(TemplateSyntaxError, match="tone"):
        shown('{% tag "pink" "x" %}')


def test_text_is_escaped_wherever_it_comes_from():
    bad = "<script>alert(1)</script>"
    html = shown(
        "{% tag 'ok' x %}{% note 'warn' x %}{{ x }}{% endnote %}{% card x %}{% endcard %}{% more x %}{% endmore %}"
        "{% fact x %}{{ x }}{% endfact %}{% empty_state x %}{% endempty_state %}{% crumbs x '/a/' %}{% chips c %}{% tabs c x %}"
        "{% steps 1 x %}{% bar_key p %}{% task_list t %}{% timeline e %}{% file_list f %}{% check_answers a %}{% lineage l %}"
        "{% source s x %}{% highlight x 'script' %}{% icon 'x' label=x %}{% progress 1 2 x %}",
        x=bad,
        c=[Choice(bad, "/?a=1&b=2", 1)],
        p=[Part("ok", 1, bad)],
        t=[Task(bad, "done", hint=bad, ref=bad)],
        e=[Event(bad, text=bad, meta=[bad])],
        f=[FileRow(bad, "/", notes=[bad])],
        a=[Answer(bad, bad, "/")],
        l=Lineage(bad, 1, bad, 2, bad, bad, definition=bad),
        s=Source(bad, [Mark(0, 3, bad)]),
    )
    assert "<script" not in html.lower()


def test_a_bar_is_drawn_with_points_whatever_the_language():
    html = shown("{% bar p %}", p=[Part("accent", Decimal("33.3")), Part("mute", Decimal("66.7"))])
    assert 'width="32.95"' in html
    assert "," not in html


@pytest.mark.parametrize(("done", "of"), [(0, 12), (0, 0), (12, 12), (20, 12)])
def test_a_bar_never_leaves_its_frame(done, of):
    widths = [
        float(w)
        for w in re.findall(
            r'f-accent" x="[\d.]+" width="([\d.]+)"', shown("{% bar a b %}", a=done, b=of)
        )
    ]
    assert all(0 < width <= 100 for width in widths)


def test_crumbs_take_names_of_urls_and_addresses():
    html = shown('{% crumbs "Trợ giúp" "ui:help" "Mục" "/muc/12345/" %}')
    assert 'href="/tro-giup/"' in html
    assert 'href="/muc/12345/"' in html


def test_a_changed_query_keeps_the_rest_of_the_address():
    html = shown("{% query_string trang=2 loc=None %}", query="?q=đo&trang=1&loc=x&a=1&a=2")
    assert html == "?q=%C4%91o&amp;a=1&amp;a=2&amp;trang=2"


def test_pages_keep_the_search_and_say_which_is_open():
    page = Paginator(range(100), 10).page(5)
    html = shown("{% pagination page %}", query="?q=hoa&trang=5", page=page)
    assert 'href="?q=hoa&amp;trang=6"' in html
    assert html.count('aria-current="page"') == 1
    assert words(html).startswith("Trang trước Trang 1 … Trang 4 Trang 5 Trang 6 … Trang 10")


def test_one_page_needs_no_pages():
    assert shown("{% pagination page %}", page=Paginator([1], 10).page(1)).strip() == ""


def test_a_search_without_tones_marks_the_text_with_them():
    assert shown("{% highlight x q %}", x="Xã Đống Đa", q="dong d") == "Xã <mark>Đống Đ</mark>a"
    assert shown("{% highlight x q %}", x="Xã Đống Đa", q="") == "Xã Đống Đa"


def test_steps_say_what_is_done_and_where_we_are():
    html = shown('{% steps 2 "Tệp" "Nhiệm vụ" "Phê duyệt" %}')
    assert html.count('class="done"') == 1
    assert '<li aria-current="step"><span>Nhiệm vụ</span></li>' in html


def test_a_task_that_cannot_start_yet_is_no_link():
    html = shown(
        "{% task_list t %}", t=[Task("Gửi", "cannot_start"), Task("Viết", "in_entry", "/viet/")]
    )
    assert html.count("<a ") == 1


def test_an_overridden_figure_shows_both_numbers_and_the_reason():
    html = words(
        shown(
            "{% lineage l %}", l=Lineage("Số cuộc", 12, "cuộc", 14, "đếm thiếu 2 đợt", "12 hồ sơ")
        )
    )
    assert "14 cuộc" in html
    assert "Hệ thống tính 12 cuộc" in html
    assert "Lý do sửa: đếm thiếu 2 đợt" in html


def test_a_figure_with_nothing_to_measure_is_a_dash_and_not_a_zero():
    assert "–" in shown("{% lineage l %}", l=Lineage("Tỷ lệ", None, "%"))


def test_an_answer_left_out_says_so_and_zero_is_an_answer():
    html = words(shown("{% check_answers a %}", a=[Answer("Khó khăn", ""), Answer("Số vụ", 0)]))
    assert html == "Khó khăn Chưa cung cấp Số vụ 0"


def test_marks_never_lose_or_repeat_a_letter_of_the_source():
    source = Source("0123456789", [Mark(5, 7, "b"), Mark(2, 6, "a"), Mark(9, 99, "c"), Mark(3, 3)])
    assert "".join(piece.text for piece in source.pieces()) == "0123456789"
    assert [(p.text, p.mark.ref) for p in source.pieces() if p.mark] == [
        ("2345", "a"),
        ("6", "b"),
        ("9", "c"),
    ]


# ---- in English, and in headings


@pytest.mark.parametrize(
    ("drawn", "vietnamese", "english"),
    [
        ("{{ day|vn_weekday_date }}", "thứ Năm, 19/11/2026", "Thursday, 19/11/2026"),
        ("{{ day|vn_weekday }}", "thứ Năm", "Thursday"),
        ("{{ number|vn_decimal:1 }}", "1.234,5", "1,234.5"),
        ("{{ number|vn_number }}", "1.234,5", "1,234.5"),
        ("{{ size|vn_size }}", "1,2 MB", "1.2 MB"),
    ],
)
def test_days_and_numbers_are_written_for_the_reader(drawn, vietnamese, english):
    context = {"day": dt.date(2026, 11, 19), "number": Decimal("1234.5"), "size": 1_258_291}
    shown = []
    for language in ("vi", "en"):
        with override(language):
            shown.append(Template(drawn).render(Context(context)))

    assert shown == [vietnamese, english]


@pytest.mark.parametrize(
    ("text", "heading"),
    [
        ("Xây dựng tiêu chuẩn", "Xây dựng tiêu chuẩn"),
        (
            "Nâng cao năng lực đo lường, thử nghiệm, chứng nhận, giám định của các tổ chức trên địa bàn",
            "Nâng cao năng lực đo lường",
        ),
        ("một " * 40, "một " * 16 + "một…"),
    ],
)  # fmt: skip
def test_a_heading_takes_the_first_clause_of_a_long_text(text, heading):
    assert Template("{{ text|first_clause }}").render(Context({"text": text})) == heading


@pytest.mark.parametrize(
    ("language", "told"),
    [("vi", "01/11/2026, 07:05, 01/11/2026"), ("en", "1 Nov 2026, 07:05, 1 Nov 2026")],
)
def test_a_day_that_strangers_read_is_the_same_day_abroad(language, told):
    at = dt.datetime(2026, 11, 1, 0, 5, tzinfo=dt.UTC)
    with override(language):
        html = shown("{{ at|clear_date }}, {{ at|clear_datetime }}", at=at)
    assert html == told


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        (
            "(01) 08930001000032 (10) S-2610",
            '(01) 08930001000032 (10) <span class="unbroken">S-2610</span>',
        ),
        ("<S-1>", '<span class="unbroken">&lt;S-1&gt;</span>'),
        ("<b> x", "&lt;b&gt; x"),
        (f"a-{'b' * 30}", f"a-{'b' * 30}"),
        (7, "7"),
    ],
)
def test_numbers_with_hyphens_stay_on_one_line_and_stay_what_they_are(text, drawn):
    assert shown("{{ x|unbroken }}", x=text) == drawn
