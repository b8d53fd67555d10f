import tomllib
from datetime import date

import pytest

from chuan.core.documents.layout import BadLayout, layout_for, layout_on
from chuan.core.documents.layout.metrics import FONT_FOLDER
from chuan.core.documents.layout.profile import LAYOUTS_FILE, POINTS_PER_MM, read_layout
from chuan.core.documents.testing import a_letter, a_plan

DECREE_30 = tomllib.loads(LAYOUTS_FILE.read_text(encoding="utf-8"))["layout"][0]


def test_the_layout_of_decree_30_is_in_force_from_its_signing():
    layout = layout_on(date(2020, 3, 5))

    assert (layout.code, layout.valid_from) == ("nd30-2020", date(2020, 3, 5))
    assert "30/2020/NĐ-CP" in layout.source
    assert layout.page.left == pytest.approx(30 * POINTS_PER_MM)


def test_no_layout_is_known_before_the_decree():
    with pytest.raises(LookupError, match="2020-03-04"):
        layout_on(date(2020, 3, 4))


def test_sizes_move_together():
    large, small = layout_on(date(2026, 1, 1)), layout_on(date(2026, 1, 1), size_set="12-13")

    named = ("national_name", "motto", "place_date", "issuer", "body")
    assert [large.components[name].size for name in named] == [13, 14, 14, 13, 14]
    assert [small.components[name].size for name in named] == [12, 13, 13, 12, 13]


def test_a_document_takes_the_largest_sizes_that_leave_its_issuer_on_one_line():
    assert layout_for(a_plan()).size_set == "13-14"
    assert layout_for(a_letter()).size_set == "12-13"
    assert layout_for(a_letter(size_set="13-14")).size_set == "13-14"


def test_an_unknown_size_set_is_refused():
    with pytest.raises(LookupError, match="no size set 'huge'"):
        layout_on(date(2026, 1, 1), size_set="huge")


def test_a_margin_outside_the_law_is_refused():
    narrow = DECREE_30 | {
        "page": DECREE_30["page"] | {"left": DECREE_30["page"]["left"] | {"value": 25}}
    }

    with pytest.raises(BadLayout, match="left is 25, the law allows 30 to 35"):
        read_layout(narrow, "13-14")


def test_a_size_outside_the_law_is_refused():
    sizes = DECREE_30["size_sets"]["13-14"] | {"national_name": 15}

    with pytest.raises(BadLayout, match="size 15 of national_name"):
        read_layout(DECREE_30 | {"size_sets": {"13-14": sizes}}, "13-14")


def test_the_fonts_and_their_licence_are_shipped():
    assert sorted(file.name for file in FONT_FOLDER.iterdir()) == [
        "OFL.txt",
        "Tinos_400Regular.ttf",
        "Tinos_400Regular_Italic.ttf",
        "Tinos_700Bold.ttf",
        "Tinos_700Bold_Italic.ttf",
    ]
