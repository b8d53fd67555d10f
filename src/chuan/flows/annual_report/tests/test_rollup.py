"""Adding up, with no database: what a consolidation says follows from its parts alone."""

import unicodedata
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuan.flows.annual_report.queries.canonical import canonical_json, content_hash, has_hash
from chuan.flows.annual_report.queries.rollup import (
    MERGED_IN_FULL,
    NAMED_TOGETHER,
    Part,
    PlanTask,
    add_up,
    compare,
    marks_in,
    merged_section,
    merged_text,
    sources_of,
    without_marks,
)

TASKS = [PlanTask(1, "I.1", "Phổ biến", "I. Tuyên truyền")]
PROVINCIAL, COMMUNE = (0, "Sở, ban, ngành"), (3, "UBND xã")


def figure(value=None, share=None, override=None, outlook=None, code="tests.inspections"):
    part, whole = share or (None, None)
    counted = {"value": value, "numerator": part, "denominator": whole}
    if share:
        counted["value"] = str((Decimal(part) * 100 / whole).quantize(Decimal("0.1")))
    reported = counted if override is None else {**counted, "value": override}
    return {
        "code": code,
        "title": "Số cuộc kiểm tra",
        "unit": "percent" if share else "count",
        "definition": "Số cuộc kiểm tra đã kết thúc.",
        "counted": counted,
        "reported": reported,
        "is_overridden": override is not None,
        "override_reason": "Một cuộc chưa nhập hệ thống." if override else "",
        "outlook": outlook,
        "counted_at": "2026-11-10T02:00:00+00:00",
    }


def item(narrative="Đã phổ biến.", role="lead", achievement="complete", timeliness="on_time"):
    return {
        "task_id": 1,
        "role": role,
        "narrative": narrative,
        "outlook": "",
        "achievement": achievement,
        "timeliness": timeliness,
        "percent": 100,
    }


def part(number, figures=(), items=(), group=PROVINCIAL, state="accepted", included=True):
    texts = {"summary": "", "difficulties": "", "proposals": "", "next_year": ""}
    content = {"figures": list(figures), "items": list(items), "texts": texts}
    return Part(
        report_id=number,
        organisation_id=number,
        name=f"Cơ quan {number}",
        group=group,
        state=state,
        content=content if included else None,
        sha256=f"{number:064x}" if included else "",
        is_on_time=True if included else None,
    )


def only(figures):
    (found,) = figures
    return found


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=30), st.data())
def test_a_consolidated_count_is_the_sum_of_the_reports_included(numbers, data):
    chosen = data.draw(st.lists(st.booleans(), min_size=len(numbers), max_size=len(numbers)))
    parts = [
        part(n, [figure(str(value))], included=is_in)
        for n, (value, is_in) in enumerate(zip(numbers, chosen, strict=True))
    ]

    figures = add_up(parts, TASKS)["figures"]

    expected = sum(value for value, is_in in zip(numbers, chosen, strict=True) if is_in)
    assert [Decimal(one["reported"]["value"]) for one in figures] == (
        [expected] if any(chosen) else []
    )


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(1, 500)), min_size=1, max_size=30))
def test_a_consolidated_share_divides_the_sum_of_parts_by_the_sum_of_wholes(pairs):
    shares = [(min(one, whole), whole) for one, whole in pairs]

    rolled = only(
        add_up([part(n, [figure(share=s)]) for n, s in enumerate(shares)], TASKS)["figures"]
    )

    top, bottom = sum(p for p, _w in shares), sum(w for _p, w in shares)
    assert (rolled["reported"]["numerator"], rolled["reported"]["denominator"]) == (top, bottom)
    assert Decimal(rolled["reported"]["value"]) == (Decimal(top) * 100 / bottom).quantize(
        Decimal("0.1")
    )


@given(
    st.lists(
        st.tuples(
            st.sampled_from([PROVINCIAL, COMMUNE]),
            st.sampled_from(["draft", "submitted", "returned", "accepted", "excluded", "closed"]),
            st.booleans(),
        ),
        max_size=40,
    )
)
def test_every_body_stands_in_exactly_one_column_of_the_coverage_table(rows):
    parts = [
        part(n, group=group, state=state, included=is_in)
        for n, (group, state, is_in) in enumerate(rows)
    ]

    coverage = add_up(parts, TASKS)["coverage"]

    columns = ("included", "waiting", "in_review", "returned", "excluded", "missing")
    assert coverage["expected"] == len(rows) == sum(coverage[column] for column in columns)
    for column in ("expected", *columns):
        assert coverage[column] == sum(group[column] for group in coverage["groups"])


def test_an_override_explains_the_difference_from_what_the_system_counted():
    parts = [part(1, [figure("12", override="14")]), part(2, [figure("3")])]

    rolled = only(add_up(parts, TASKS)["figures"])

    assert (rolled["reported"]["value"], rolled["counted"]["value"]) == ("17", "15")
    assert rolled["difference"] == "2"
    assert [(o["name"], o["counted"], o["reported"]) for o in rolled["overrides"]] == [
        ("Cơ quan 1", "12", "14")
    ]


def test_nothing_to_measure_is_no_zero():
    parts = [part(1, [figure(None)]), part(2, [figure(None)])]

    rolled = only(add_up(parts, TASKS)["figures"])

    assert rolled["reported"]["value"] is None
    assert rolled["report_count"] == 0


def test_where_a_body_gives_no_estimate_for_the_year_its_count_stands():
    parts = [part(1, [figure("12", outlook="15")]), part(2, [figure("3")])]

    assert only(add_up(parts, TASKS)["figures"])["outlook"] == "18"


def test_only_leading_bodies_are_counted_in_achievement_and_timeliness():
    parts = [part(1, items=[item(), item(role="coordinating", timeliness="overdue")])]

    summed = add_up(parts, TASKS)

    assert summed["achievement"] == {"complete": 1}
    assert summed["timeliness"] == {"on_time": 1}
    assert only(summed["tasks"])["lead_count"] == 1


def test_sources_carry_marks_in_the_order_of_the_coverage_table_leads_first():
    parts = [
        part(1, items=[item("Cấp xã làm.")], group=COMMUNE),
        part(2, items=[item("Sở phối hợp.", role="coordinating")]),
        part(3, items=[item("Sở chủ trì.")]),
    ]

    sources = sources_of(1, parts)

    assert [(s["mark"], s["narrative"]) for s in sources] == [
        (1, "Sở chủ trì."),
        (2, "Cấp xã làm."),
        (3, "Sở phối hợp."),
    ]
    assert merged_text(sources).splitlines()[0] == "- Cơ quan 3: Sở chủ trì. [1]"


def test_where_very_many_bodies_wrote_the_first_text_has_those_of_the_province():
    parts = [part(0, items=[item("Sở làm.")])] + [
        part(n, items=[item(f"Xã {n} làm.")], group=COMMUNE) for n in range(1, MERGED_IN_FULL + 5)
    ]

    assert merged_text(sources_of(1, parts)).splitlines() == [
        "- Cơ quan 0: Sở làm. [1]",
        f"- {MERGED_IN_FULL + 4} cơ quan, đơn vị, địa phương khác: nội dung tại Phụ lục IV (tệp "
        "XLSX kèm theo).",
    ]


def test_of_very_many_texts_those_that_most_bodies_share_have_the_room_that_is_left():
    written = ["Chung."] * 30 + ["Ít chung."] * 2 + [f"Riêng {n}." for n in range(MERGED_IN_FULL)]
    parts = [part(0, items=[item("Sở làm.")])] + [
        part(n, items=[item(text)], group=COMMUNE) for n, text in enumerate(written, start=1)
    ]

    lines = merged_text(sources_of(1, parts)).splitlines()

    assert [line.split(": ")[1].split(" [")[0] for line in lines] == [
        "Sở làm.",
        "Chung.",
        "nội dung tại Phụ lục IV (tệp XLSX kèm theo).",
    ]


def test_comparing_two_consolidations_says_who_came_who_left_and_what_moved():
    before = add_up(
        [part(1, [figure("5")]), part(2, [figure("7")]), part(3, included=False)], TASKS
    )
    after = add_up([part(1, [figure("5")]), part(2, included=False), part(3, [figure("9")])], TASKS)

    changes = compare(before, after)

    assert [row["report_id"] for row in changes["joined"]] == [3]
    assert [row["report_id"] for row in changes["left"]] == [2]
    assert changes["rewritten"] == []
    moved = only(changes["figures"])
    assert (moved["before"], moved["after"], moved["difference"]) == ("12", "14", "2")


def nested(inner):
    return st.lists(inner) | st.dictionaries(st.text(), inner)


json_content = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), nested, max_leaves=20
)


@pytest.mark.slow
@given(st.dictionaries(st.text(), json_content))
def test_the_same_content_has_the_same_hash_however_its_keys_were_ordered(content):
    turned_round = dict(reversed(list(content.items())))

    assert content_hash(turned_round) == content_hash(content)


def test_a_letter_typed_in_two_ways_is_the_same_content():
    assert content_hash({"a": "ò"}) == content_hash({"a": "ò"})


def test_a_float_is_no_content_because_it_is_written_differently_everywhere():
    with pytest.raises(TypeError, match=r"1\.5"):
        canonical_json({"share": 1.5})


@pytest.mark.parametrize(
    ("text", "is_kept"),
    [
        ("Không có.", False),
        ("Không có vướng mắc lớn.", False),
        ("Hiện chưa phát sinh khó khăn, vướng mắc", False),
        ("Không có cán bộ chuyên trách ở cấp xã.", True),
        ("Chưa có kinh phí thử nghiệm mẫu.", True),
    ],
)
def test_saying_that_there_is_nothing_is_no_paragraph(text, is_kept):
    one = part(1)
    one.content["texts"]["difficulties"] = text

    assert (merged_section([one], "difficulties") != "") == is_kept


def test_the_same_words_of_many_bodies_stand_once_with_their_number():
    parts = [part(n) for n in range(1, NAMED_TOGETHER + 2)]
    for one in parts:
        one.content["texts"]["proposals"] = "Tổ chức tập huấn."

    assert merged_section(parts[:2], "proposals") == "- Cơ quan 1, Cơ quan 2: Tổ chức tập huấn."
    assert merged_section(parts, "proposals") == (
        f"- {NAMED_TOGETHER + 1} cơ quan, đơn vị, địa phương: Tổ chức tập huấn."
    )


def test_the_same_words_on_a_task_stand_once_with_the_marks_of_all_who_wrote_them():
    parts = [part(n, items=[item("Không phát sinh.")]) for n in range(1, NAMED_TOGETHER + 3)]
    parts.append(part(99, items=[item("Đã kiểm tra 12 chợ.")]))

    merged = merged_text(sources_of(1, parts))

    count = NAMED_TOGETHER + 2
    assert merged.splitlines() == [
        f"- {count} cơ quan, đơn vị, địa phương: Không phát sinh. [1–{count}]",
        f"- Cơ quan 99: Đã kiểm tra 12 chợ. [{count + 1}]",
    ]
    assert marks_in(merged) == set(range(1, count + 2))


def test_a_report_being_mended_is_returned_and_not_among_those_that_were_not_sent():
    parts = [part(1, state="returned", included=False), part(2, state="draft", included=False)]

    coverage = add_up(parts, TASKS)["coverage"]

    assert (coverage["returned"], coverage["missing"]) == (1, 1)


def test_points_of_lists_are_told_apart_and_said_once_each():
    parts = [part(1), part(2), part(3)]
    for one, text in zip(
        parts,
        ("- Thiếu kinh phí.\n- Thiếu người.", "- Thiếu người.", "Thiếu\nkinh phí."),
        strict=True,
    ):
        one.content["texts"]["difficulties"] = text

    assert merged_section(parts, "difficulties").splitlines() == [
        "- Cơ quan 1, Cơ quan 3: Thiếu kinh phí.",
        "- Cơ quan 1, Cơ quan 2: Thiếu người.",
    ]


def test_bodies_that_have_not_begun_or_only_help_are_not_in_the_first_text():
    parts = [
        part(1, items=[item("Đã làm.")]),
        part(2, items=[item("Chưa triển khai.", achievement="not_started")]),
        part(3, items=[item("Phối hợp tốt.", role="coordinating")]),
    ]

    assert merged_text(sources_of(1, parts)) == "- Cơ quan 1: Đã làm. [1]"


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_content_is_known_by_its_hash_however_its_letters_are_composed(form):
    text = unicodedata.normalize(form, 'Đo lường nói “được”, "không"')
    content = {"b": [text, 1, None, True], "a": {text: text}}

    assert has_hash(content, content_hash(content))
    assert not has_hash(content | {"c": 1}, content_hash(content))


def test_marks_are_taken_out_and_other_brackets_stay():
    assert without_marks("Kiểm tra 121 cơ sở [1]. Phối hợp [2, 5–9].") == (
        "Kiểm tra 121 cơ sở. Phối hợp."
    )
    told = "Gọi [0256-3822794], [9-3], [xem phụ lục], [12-]"
    assert without_marks(told) == told


def test_a_number_in_brackets_that_is_no_mark_costs_nothing():
    assert marks_in("[0256-3822794] [1-99999999999] [9–3]") == set()
    assert marks_in("[1] [3, 5–7]") == {1, 3, 5, 6, 7}
