"""The unit's pages: what each shows to whom, and what a click does."""

import pytest
from django.urls import reverse

from chuan.flows.annual_report.enums import ReportState
from chuan.flows.annual_report.operations import entry
from chuan.flows.annual_report.testing import (
    IN_TIME,
    a_situation,
    administrator,
    auditor,
    provincial_leader,
)
from chuan.flows.annual_report.tests.pages import words
from chuan.modules.plans.testing import (
    Assignment,
)

pytestmark = pytest.mark.django_db


# ---------------------------------------------------------------- the unit's pages


def test_a_report_not_begun_offers_to_begin(situation, visit):
    page = visit(situation.clerks[0], "show", situation.report.pk)

    assert "Bắt đầu báo cáo" in words(page)


def test_beginning_opens_the_task_list_with_every_task_of_the_body(situation, send):
    task = Assignment.objects.get().task

    page = send(situation.clerks[0], "start", situation.report.pk)

    assert task.short_text in words(page)
    assert situation.report.started_at == IN_TIME


def test_an_item_is_saved_and_the_list_says_done(situation, send):
    item = situation.start().items.get()

    page = send(
        situation.clerks[0],
        "item",
        situation.report.pk,
        item.pk,
        version=item.version,
        narrative="Đã kiểm tra 121 cơ sở.",
        achievement="substantial",
        percent="80",
        is_finished="on",
    )

    item.refresh_from_db()
    assert (item.narrative, item.percent, item.is_finished) == (
        "Đã kiểm tra 121 cơ sở.",
        80,
        True,
    )
    assert "Đã lưu mục" in words(page)


def test_an_item_called_finished_without_text_says_what_is_missing_at_its_field(situation, send):
    item = situation.start().items.get()

    page = send(
        situation.clerks[0],
        "item",
        situation.report.pk,
        item.pk,
        version=item.version,
        narrative="",
        is_finished="on",
    )

    assert page.status_code == 422
    assert set(page.context["form"].errors) == {"narrative", "achievement"}


def test_a_stale_page_gets_the_conflict_page_with_both_texts_and_loses_neither(situation, send):
    item = situation.start().items.get()
    entry.save_item(
        actor=situation.clerks[0],
        item=item,
        version=1,
        narrative="Người thứ nhất viết.",
        outlook="",
        achievement="",
        percent=None,
        is_finished=False,
        at=IN_TIME,
    )

    page = send(
        situation.clerks[0],
        "item",
        situation.report.pk,
        item.pk,
        version=1,
        narrative="Người thứ hai viết.",
    )

    assert page.status_code == 409
    assert "Người thứ nhất viết." in words(page)
    assert "Người thứ hai viết." in words(page)


def test_a_draft_saves_itself_and_hands_back_the_next_version(situation, client):
    item = situation.start().items.get()
    client.force_login(situation.clerks[0])

    answer = client.post(
        reverse("annual_report:autosave_item", args=[situation.report.pk, item.pk]),
        {"version": item.version, "narrative": "Đang viết dở"},
    )

    item.refresh_from_db()
    assert answer.json() == {"saved_at": "09:00", "fields": {"version": str(item.version)}}
    assert item.narrative == "Đang viết dở"


def test_a_draft_that_saves_itself_never_calls_itself_finished(situation, client):
    item = situation.start().items.get()
    client.force_login(situation.clerks[0])

    client.post(
        reverse("annual_report:autosave_item", args=[situation.report.pk, item.pk]),
        {
            "version": item.version,
            "narrative": "Xong",
            "achievement": "limited",
            "is_finished": "on",
        },
    )

    item.refresh_from_db()
    assert not item.is_finished


@pytest.mark.parametrize(("version", "status"), [("0", 409), ("", 422)])
def test_a_draft_that_cannot_be_saved_says_so(situation, client, version, status):
    item = situation.start().items.get()
    client.force_login(situation.clerks[0])

    answer = client.post(
        reverse("annual_report:autosave_item", args=[situation.report.pk, item.pk]),
        {"version": version, "narrative": "Xong"},
    )

    assert answer.status_code == status


def test_a_section_is_saved(situation, send):
    situation.start()

    send(
        situation.clerks[0],
        "section",
        situation.report.pk,
        "difficulties",
        version=situation.report.version,
        difficulties="Thiếu kinh phí.",
        proposals="Bố trí kinh phí.",
        is_finished="on",
    )

    report = situation.report
    assert (report.difficulties, report.finished_sections) == ("Thiếu kinh phí.", ["difficulties"])


def test_a_figure_opens_down_to_its_records(situation, shelf, visit):
    shelf.counts[situation.bodies[0].pk] = 2
    figure = situation.start().figures.get(code="tests.inspections")

    page = visit(situation.clerks[0], "figure", situation.report.pk, figure.pk)

    assert "Cuộc kiểm tra 2" in words(page)
    assert "Số cuộc kiểm tra đã kết thúc trong kỳ." in words(page)


def test_an_override_without_a_reason_is_asked_for_one(situation, shelf, send):
    shelf.counts[situation.bodies[0].pk] = 2
    figure = situation.start().figures.get(code="tests.inspections")

    page = send(
        situation.clerks[0], "override", situation.report.pk, figure.pk, version=1, value="1.234"
    )

    assert page.status_code == 422
    assert page.context["override_form"].errors["reason"] == ["Nhập lý do khác với hệ thống."]


def test_an_overridden_figure_shows_both_numbers_and_the_reason(situation, shelf, send):
    shelf.counts[situation.bodies[0].pk] = 2
    figure = situation.start().figures.get(code="tests.inspections")

    page = send(
        situation.clerks[0],
        "override",
        situation.report.pk,
        figure.pk,
        version=1,
        value="1.234",
        reason="Hồ sơ giấy chưa nhập.",
    )

    figure.refresh_from_db()
    assert figure.override == 1234
    assert "1.234" in words(page)
    assert "Hồ sơ giấy chưa nhập." in words(page)


def test_the_check_page_lists_what_is_missing_with_links_to_it(situation, visit):
    item = situation.start().items.get()

    page = visit(situation.clerks[0], "check", situation.report.pk)

    assert "Chưa gửi được" in words(page)
    assert reverse("annual_report:item", args=[situation.report.pk, item.pk]) in words(page)


def test_the_head_signs_what_the_clerk_laid_before_them(situation, visit, send):
    report = situation.fill()
    send(situation.clerks[0], "make_ready", report.pk)

    page = visit(situation.heads[0], "submit", report.pk)
    assert f'name="revision" value="{situation.report.revision}"' in page.content.decode()
    send(situation.heads[0], "submit", report.pk, revision=situation.report.revision)

    assert situation.report.state == ReportState.SUBMITTED


def test_the_clerk_is_not_offered_the_signature(situation, visit):
    report = situation.fill()

    page = visit(situation.clerks[0], "check", report.pk)
    refused = visit(situation.clerks[0], "submit", report.pk)

    assert "Ký gửi báo cáo năm 2026" not in words(page)
    assert refused.status_code == 403
    assert "Chỉ thủ trưởng cơ quan" in words(refused)


def test_a_report_changed_after_the_head_opened_it_is_not_sent(situation, send):
    report = situation.fill()

    page = send(situation.heads[0], "submit", report.pk, revision=report.revision - 1)

    assert situation.report.state == ReportState.DRAFT
    assert "vừa được sửa" in words(page)


def test_comments_stand_at_the_item_they_are_about_and_are_ticked_off_with_it(
    situation, visit, send
):
    report = situation.return_it(text="Nêu số cơ sở.")
    item, comment = report.items.get(), report.comments.get()

    page = visit(situation.clerks[0], "item", report.pk, item.pk)
    assert "Nêu số cơ sở." in words(page)
    send(
        situation.clerks[0],
        "item",
        report.pk,
        item.pk,
        **{
            "version": item.version,
            "narrative": "Đã kiểm tra 121 cơ sở.",
            "achievement": "substantial",
            "is_finished": "on",
            "resolved": comment.pk,
            f"reply-{comment.pk}": "Đã bổ sung.",
        },
    )

    comment.refresh_from_db()
    assert (comment.resolved_by, comment.reply) == (situation.clerks[0], "Đã bổ sung.")


def test_a_count_that_moved_after_acceptance_is_told_on_the_page(situation, shelf, visit):
    shelf.counts[situation.bodies[0].pk] = 3
    report = situation.accept()
    shelf.counts[situation.bodies[0].pk] = 4

    page = visit(situation.clerks[0], "show", report.pk)

    assert "Số liệu đã thay đổi sau khi chốt" in words(page)


def test_history_tells_every_step_with_the_hash_of_what_was_accepted(situation, visit):
    report = situation.accept()

    page = words(visit(situation.heads[0], "history", report.pk))

    for step in ("Bắt đầu nhập liệu", "Gửi báo cáo", "Duyệt, chốt số liệu"):
        assert step in page
    assert report.accepted.sha256 in page


# ---------------------------------------------------------------- who sees what


def test_a_report_of_another_body_does_not_exist_for_a_clerk(shelf, visit):
    situation = a_situation(bodies=2)

    assert visit(situation.clerks[0], "show", situation.reports[1].pk).status_code == 404


def test_what_was_not_sent_yet_is_not_read_from_above(situation, visit):
    situation.fill()

    for person in (situation.coordinator, situation.leader, auditor(), provincial_leader()):
        page = visit(person, "show", situation.report.pk)
        assert page.status_code == 403
        assert "chưa gửi báo cáo" in words(page)


def test_who_only_manages_accounts_sees_no_reports(situation, visit):
    situation.submit()
    person = administrator()

    assert visit(person, "list").status_code == 403
    assert visit(person, "show", situation.report.pk).status_code == 404
    assert visit(person, "consolidations").status_code == 403


def test_a_unit_sees_no_consolidation(situation, visit):
    situation.accept()
    made = situation.consolidate()

    for person in (situation.clerks[0], situation.heads[0]):
        assert visit(person, "consolidation", made.pk).status_code == 404
        assert visit(person, "collection", situation.period.pk).status_code == 404
        assert visit(person, "consolidations").status_code == 403


def test_leaders_and_auditors_look_and_press_nothing(situation, visit):
    situation.accept()
    made = situation.consolidate()

    for person in (auditor(), provincial_leader()):
        page = words(visit(person, "consolidation", made.pk))
        assert "Tổng hợp lại" not in page
        assert "Chốt bản 1" not in page
        assert visit(person, "task_text", made.pk, made.tasks.get().task_id).status_code == 200
