from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuan.modules.plans.engine.comparison import Compared, compare
from chuan.modules.plans.engine.draft import (
    Doubt,
    Draft,
    DraftDeliverable,
    DraftDocument,
    DraftReporting,
    DraftStandIn,
    DraftTask,
    Match,
    Titled,
    draft_from,
    from_json,
    name_key,
    short_text_of,
    to_json,
    with_matches,
    with_new_task,
    with_task_split,
    without_task,
)
from chuan.modules.plans.engine.problems import Step, blocking, problems_of
from chuan.modules.plans.engine.reading import reading_of, stretches_of
from chuan.modules.plans.enums import DueKind, EvidenceKind, PartyKind
from chuan.modules.plans.parsing import read_bytes
from chuan.modules.plans.tests.conftest import DECISION

TEXT = st.text(max_size=20)
NAMES = st.lists(TEXT, max_size=3).map(tuple)
DAYS = st.none() | st.dates()
TASKS = st.builds(
    DraftTask,
    key=TEXT,
    code=TEXT,
    text=TEXT,
    due_kind=st.none() | st.sampled_from(DueKind),
    due_on=DAYS,
    lead=NAMES,
    coordinating=NAMES,
    deliverables=st.lists(
        st.builds(
            DraftDeliverable,
            TEXT,
            st.none() | st.integers(1, 100),
            st.lists(st.sampled_from(EvidenceKind), max_size=2).map(tuple),
        ),
        max_size=2,
    ).map(tuple),
    doubts=st.lists(st.builds(Doubt, TEXT, TEXT, TEXT), max_size=2).map(tuple),
    texts=st.dictionaries(TEXT, TEXT, max_size=2),
    is_reviewed=st.booleans(),
)
DRAFTS = st.builds(
    Draft,
    document=st.builds(DraftDocument, number=TEXT, issued_on=DAYS, based_on=NAMES),
    last_day=DAYS,
    reporting=st.builds(
        DraftReporting, st.none() | st.integers(1, 28), st.none() | st.integers(1, 12)
    ),
    sections=st.lists(st.builds(Titled, TEXT, TEXT), max_size=2).map(tuple),
    tasks=st.lists(TASKS, max_size=3).map(tuple),
    matches=st.dictionaries(
        TEXT,
        st.builds(Match, st.sampled_from(PartyKind), st.none() | st.integers(1, 9)),
        max_size=2,
    ),
    stand_ins=st.lists(
        st.builds(DraftStandIn, from_day=st.dates(), group_id=st.integers(1, 9), basis=TEXT),
        max_size=2,
    ).map(tuple),
)


def a_task(**changes):
    given_ = {
        "key": "t1",
        "section": "I",
        "code": "I.1",
        "text": "Tổ chức tuyên truyền",
        "short_text": "Tuyên truyền",
        "due_kind": DueKind.YEARLY,
        "lead": ("Sở Tài chính",),
    }
    return DraftTask(**given_ | changes)


def a_draft(*tasks, **changes):
    given_ = {
        "document": DraftDocument(
            number="1029",
            notation="QĐ-UBND",
            issued_on=date(2025, 3, 25),
            issuer="Ủy ban nhân dân tỉnh",
            title="Ban hành Kế hoạch",
            short_title="Kế hoạch",
        ),
        "last_day": date(2030, 12, 31),
        "sections": (Titled("I", "Tuyên truyền"),),
        "tasks": tasks or (a_task(),),
        "matches": {"so tai chinh": Match(PartyKind.NAMED, organisation_id=1)},
    }
    return Draft(**given_ | changes)


@given(DRAFTS)
def test_a_draft_comes_back_from_json_as_it_went(draft):
    assert from_json(to_json(draft)) == draft


@given(DRAFTS)
def test_no_draft_is_too_strange_to_be_told_what_is_wrong(draft):
    assert all(problem.message for problem in problems_of(draft))


def test_a_whole_draft_has_no_problem():
    assert problems_of(a_draft()) == []


@pytest.mark.parametrize(
    ("change", "step", "said"),
    [
        ({"number": ""}, Step.DOCUMENT, "Nhập số văn bản."),
        ({"number": "12a"}, Step.DOCUMENT, "Số văn bản chỉ gồm chữ số."),
        ({"issued_on": None}, Step.DOCUMENT, "Nhập ngày ban hành."),
        ({"title": ""}, Step.DOCUMENT, "Nhập trích yếu."),
    ],
)
def test_number_and_day_must_be_entered_by_a_person(change, step, said):
    draft = a_draft()

    problems = problems_of(replace(draft, document=replace(draft.document, **change)))

    assert (step, said) in [(problem.step, problem.message) for problem in problems]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"lead": ()}, "Nhiệm vụ I.1: chưa có cơ quan chủ trì."),
        ({"due_kind": None}, "Nhiệm vụ I.1: chọn loại thời hạn."),
        ({"due_kind": DueKind.ONCE}, "Nhiệm vụ I.1: nhập ngày hết hạn."),
        (
            {"due_on": date(2026, 1, 1)},
            "Nhiệm vụ I.1: loại thời hạn này không có ngày hết hạn.",
        ),
        (
            {"due_kind": DueKind.UNTIL, "due_on": date(2031, 1, 1)},
            "Nhiệm vụ I.1: ngày hết hạn sau ngày kết thúc kế hoạch.",
        ),
        ({"section": "IX"}, "Nhiệm vụ I.1: chọn nhóm nhiệm vụ."),
        (
            {"lead": ("Sở Xa lạ",)},
            "“Sở Xa lạ” (nhiệm vụ I.1): chọn nhóm hoặc cơ quan.",
        ),
    ],
)
def test_every_gap_of_a_task_is_named(change, said):
    problems = problems_of(a_draft(a_task(**change)))

    assert [problem.message for problem in blocking(problems)] == [said]


def test_all_problems_are_told_at_once():
    draft = a_draft(a_task(lead=()), a_task(key="t2", text="", due_kind=None), last_day=None)

    messages = {problem.message for problem in problems_of(draft)}

    assert {
        "Nhập ngày kết thúc kế hoạch.",
        "Nhiệm vụ I.1: chưa có cơ quan chủ trì.",
        "Nhiệm vụ I.1: nhập nội dung.",
        "Nhiệm vụ I.1: chọn loại thời hạn.",
        "Mã I.1 dùng cho hai nhiệm vụ.",
    } <= messages


def test_a_doubt_warns_until_somebody_has_looked():
    doubtful = a_task(doubts=(Doubt("split_row", "Dòng bị ngắt.", "text"),))

    assert [p.is_blocking for p in problems_of(a_draft(doubtful))] == [False]
    assert problems_of(a_draft(replace(doubtful, is_reviewed=True))) == []


def test_doubtful_tasks_come_first_the_least_certain_before_the_others():
    doubt = (Doubt("x", "x", "text"),)
    draft = a_draft(
        a_task(key="sure"),
        a_task(key="some", doubts=doubt, confidence=0.9),
        a_task(key="less", doubts=doubt, confidence=0.5),
    )

    assert [task.key for task in draft.in_order_of_doubt] == ["less", "some", "sure"]


def test_splitting_leaves_two_rows_with_codes_of_their_own():
    draft, copy = with_task_split(a_draft(), "t1")

    assert [(task.key, task.code) for task in draft.tasks] == [("t1", "I.1"), ("t2", "I.1.1")]
    assert copy.text == "Tổ chức tuyên truyền"


def test_a_new_task_stands_after_the_one_it_was_added_to():
    draft, added = with_new_task(a_draft(a_task(), a_task(key="t2", code="I.2")), after="t1")

    assert [task.key for task in draft.tasks] == ["t1", added.key, "t2"]
    assert (added.section, added.code) == ("I", "I.3")


def test_names_no_task_has_any_more_are_forgotten():
    draft = without_task(a_draft(a_task(), a_task(key="t2", code="I.2", lead=("Sở Y tế",))), "t1")

    assert with_matches(draft, {}).matches == {}


@pytest.mark.parametrize(
    ("one", "other"),
    [("Sở Tài chính", "SỞ TÀI CHÍNH"), ("Các sở, ban, ngành", "Các sở,ban,  ngành")],
)
def test_names_written_differently_are_one_name(one, other):
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("Ngắn gọn", "Ngắn gọn"),
        (
            "Tổ chức nghiên cứu, quán triệt, tuyên truyền, phổ biến nội dung các văn bản, bằng "
            "nhiều hình thức khác nhau trên địa bàn tỉnh",
            "Tổ chức nghiên cứu, quán triệt, tuyên truyền, phổ biến nội dung các văn bản",
        ),
    ],
)
def test_a_short_name_ends_at_a_clause(text, short):
    assert short_text_of(text) == short


def test_the_real_decision_makes_a_draft_with_every_task_and_point():
    draft = draft_from(reading_of(read_bytes(DECISION.name, DECISION.read_bytes())))

    assert (len(draft.sections), len(draft.tasks), len(draft.body_points)) == (6, 21, 22)
    assert (draft.document.number, draft.document.stamped_number) == ("", "1029")
    assert draft.last_day == date(2030, 12, 31)
    assert (draft.reporting.day, draft.reporting.month) == (20, 11)
    assert {task.code for task in draft.tasks if task.needs_review} == {"I.1", "III.1"}


def test_each_line_of_an_excerpt_is_marked_with_the_field_it_came_from():
    draft = draft_from(reading_of(read_bytes(DECISION.name, DECISION.read_bytes())))
    broken_row = next(task for task in draft.tasks if task.code == "III.1")

    found = stretches_of(broken_row.excerpt, broken_row)

    assert [one.field for one in found] == ["text", "lead", "coordinating", "time_text", "text"]
    tail = broken_row.excerpt[found[-1].start : found[-1].end]
    assert tail.startswith("và phục vụ công tác công an")


def test_comparing_tells_what_was_added_removed_and_changed_in_words_alone():
    def row(code, text="Nội dung", lead=("Sở A",)):
        return Compared(code, text, lead, (), "Hàng năm")

    found = compare(
        [row("I.1"), row("I.2"), row("I.3", text="Hoà bình")],
        [row("I.1", lead=("Sở B",)), row("I.3", text="Hòa bình"), row("I.4")],
    )

    assert [(one.code, one.fields) for one in found] == [
        ("I.1", ("lead",)),
        ("I.2", ()),
        ("I.4", ()),
    ]
    assert (found[1].right, found[2].left) == (None, None)
