"""What the scripts add, and that nothing is lost without them."""

import re

import pytest
from playwright.sync_api import expect

from chuan.core.people.testing import PersonFactory
from tests.browser import trial_site
from tests.browser.conftest import session_cookie

EVERY = 10_000


@pytest.fixture(autouse=True)
def trial(settings):
    settings.ROOT_URLCONF = "tests.browser.trial_site"
    for kept in (trial_site.saved, trial_site.sent, trial_site.answer_with, trial_site.stored):
        kept.clear()


@pytest.fixture
def person():
    return PersonFactory()


@pytest.fixture
def form(open_page, person):
    """The form, with the browser's clock in the test's hands."""
    page = open_page("/tro-giup/", person=person)
    page.clock.install()
    page.goto("/thu/")
    return page


def test_a_changed_draft_saves_itself_and_says_when(form):
    form.clock.run_for(EVERY)
    assert trial_site.saved == []  # nothing changed, nothing sent
    form.get_by_label("Tên").fill("Đo lường")
    form.clock.run_for(EVERY)
    expect(form.locator("[data-autosave-state]")).to_have_text("Đã lưu lúc 09:41")
    assert [draft["title"] for draft in trial_site.saved] == ["Đo lường"]
    form.clock.run_for(2 * EVERY)
    assert len(trial_site.saved) == 1


def test_text_written_on_a_lost_line_is_offered_again(form):
    trial_site.answer_with += [503, 503]
    form.get_by_label("Kết quả").fill("Đã kiểm tra 121 cơ sở.")
    form.get_by_label("Cơ bản").check()
    form.clock.run_for(EVERY)
    expect(form.locator("[data-autosave-state]")).to_contain_text("chưa lưu được")
    form.goto("/thu/")
    expect(form.get_by_label("Kết quả")).to_have_value("")
    form.get_by_role("button", name="Khôi phục").click()
    expect(form.get_by_label("Kết quả")).to_have_value("Đã kiểm tra 121 cơ sở.")
    expect(form.get_by_label("Cơ bản")).to_be_checked()


def test_text_that_is_not_wanted_any_more_is_dropped(form):
    trial_site.answer_with += [503]
    form.get_by_label("Kết quả").fill("Nháp")
    form.clock.run_for(EVERY)
    expect(form.locator("[data-autosave-state]")).to_contain_text("chưa lưu được")
    form.goto("/thu/")
    form.get_by_role("button", name="Bỏ", exact=True).click()
    form.goto("/thu/")
    expect(form.get_by_role("button", name="Khôi phục")).to_have_count(0)


@pytest.mark.parametrize(
    ("status", "said"), [(409, "Người khác vừa sửa"), (401, "Phiên làm việc đã hết"), (422, "Chưa lưu được: bấm Lưu")]
)  # fmt: skip
def test_a_draft_that_cannot_be_saved_says_why(form, status, said):
    trial_site.answer_with += [status]
    form.get_by_label("Tên").fill("Đo lường")
    form.clock.run_for(EVERY)
    expect(form.locator("[data-autosave-state]")).to_contain_text(said)


def test_a_form_sent_well_leaves_no_draft_behind(form):
    form.get_by_label("Tên").fill("Đo lường")
    form.clock.run_for(1000)
    form.get_by_role("button", name="Gửi").click()
    expect(form.get_by_role("heading", name="Trợ giúp")).to_be_visible()
    assert form.evaluate("Object.keys(localStorage).filter(k => k.startsWith('chuan-draft'))") == []


def test_a_form_sent_well_that_comes_back_with_more_in_it_offers_nothing(form):
    trial_site.stored.update(version="1")
    form.goto("/thu/")
    form.get_by_label("Tên").fill("Đo lường")
    form.get_by_label("Kết quả").fill("Đã kiểm tra.")
    form.clock.run_for(1000)
    form.get_by_role("button", name="Gửi").click()

    expect(form.get_by_label("Kết quả")).to_have_value("Đã kiểm tra. Thêm một đoạn.")
    expect(form.get_by_role("button", name="Khôi phục")).to_have_count(0)
    assert form.evaluate("Object.keys(localStorage).filter(k => k.startsWith('chuan-draft'))") == []


def test_a_draft_is_not_offered_when_what_was_typed_stands_on_the_page_already(form):
    trial_site.answer_with += [503]
    form.get_by_label("Kết quả").fill("Đã kiểm tra.")
    form.clock.run_for(EVERY)
    expect(form.locator("[data-autosave-state]")).to_contain_text("chưa lưu được")
    # Saved all the same, and another field was filled in since by somebody else.
    trial_site.stored.update(narrative="Đã kiểm tra.", title="Đo lường")
    form.goto("/thu/")

    expect(form.get_by_label("Kết quả")).to_have_value("Đã kiểm tra.")
    expect(form.get_by_role("button", name="Khôi phục")).to_have_count(0)


def test_a_draft_belongs_to_the_person_who_wrote_it(form, open_page):
    trial_site.answer_with += [503]
    form.get_by_label("Kết quả").fill("Của tôi")
    form.clock.run_for(EVERY)
    expect(form.locator("[data-autosave-state]")).to_contain_text("chưa lưu được")
    form.context.add_cookies([session_cookie(PersonFactory(), form.url.removesuffix("thu/"))])
    form.goto("/thu/")
    expect(form.get_by_role("button", name="Khôi phục")).to_have_count(0)


def test_a_second_click_does_not_send_twice(form):
    form.get_by_label("Tên").fill("Đo lường")
    form.evaluate(
        "() => { const b = document.querySelector('#thu button[type=submit]'); b.click(); b.click(); }"
    )
    expect(form.get_by_role("heading", name="Trợ giúp")).to_be_visible()
    assert len(trial_site.sent) == 1


def test_errors_take_the_focus_and_lead_to_the_field(form):
    form.get_by_role("button", name="Gửi").click()
    summary = form.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(form).to_have_title(re.compile("^Lỗi: "))
    summary.get_by_role("link", name="Nhập tên.").click()
    expect(form.get_by_label("Tên")).to_be_focused()


def test_characters_left_are_counted_and_too_many_are_not_cut(form):
    left = form.locator("#id_narrative_left")
    expect(left).to_have_text("Còn 100 ký tự.")
    form.get_by_label("Kết quả").fill("a" * 130)
    form.clock.run_for(500)
    expect(left).to_have_text("Thừa 30 ký tự.")


def test_a_file_too_large_or_of_the_wrong_kind_is_refused_before_it_travels(form, tmp_path):
    large = tmp_path / "to.pdf"
    large.write_bytes(b"x" * (1024 * 1024 + 1))
    form.get_by_label("Tệp").set_input_files(large)
    expect(form.get_by_role("alert")).to_have_text("Tệp này lớn hơn 1 MB.")
    form.get_by_label("Tệp").set_input_files({"name": "a.exe", "mimeType": "x/y", "buffer": b"MZ"})
    expect(form.get_by_role("alert")).to_have_text("Loại tệp này không nhận. Nhận: PDF.")
    here = form.url
    form.locator("main form button[type=submit]").first.click()
    expect(form.get_by_role("alert")).to_have_text("Loại tệp này không nhận. Nhận: PDF.")
    expect(form.get_by_label("Tệp")).to_be_focused()
    assert form.url == here
    form.get_by_label("Tệp").set_input_files(
        {"name": "a.pdf", "mimeType": "x/y", "buffer": b"%PDF"}
    )
    expect(form.get_by_role("alert")).to_have_count(0)


def test_last_years_words_can_be_taken_over(form):
    form.get_by_role("button", name="Chép sang năm nay").click()
    expect(form.get_by_label("Kết quả")).to_have_value("Năm 2025 đã kiểm tra 138 cơ sở.")


def test_a_list_narrows_without_tones(form):
    form.get_by_label("Lọc xã").fill("dong")
    expect(form.get_by_text("Đống Đa")).to_be_visible()
    expect(form.get_by_text("Ia Băng")).to_be_hidden()


def test_the_menu_closes_with_escape_and_gives_the_focus_back(form):
    menu = form.locator("details.menu > summary")
    menu.click()
    expect(form.get_by_role("button", name="Nền tối")).to_be_visible()
    form.keyboard.press("Escape")
    expect(form.get_by_role("button", name="Nền tối")).to_be_hidden()
    expect(menu).to_be_focused()


@pytest.mark.parametrize("javascript", [True, False])
def test_the_theme_changes_and_stays(open_page, person, javascript):
    page = open_page("/thu/", person=person, javascript=javascript)
    page.locator("details.menu > summary").click()
    page.get_by_role("button", name="Nền tối").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.goto("/tro-giup/")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_the_first_stop_of_the_keyboard_skips_to_the_content(open_page, person):
    page = open_page("/thu/", person=person)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Đến nội dung chính")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


@pytest.mark.parametrize("width", [1280, 360])
def test_without_scripts_the_form_is_sent_and_refused_all_the_same(open_page, person, width):
    page = open_page("/thu/", person=person, width=width, javascript=False)
    page.get_by_role("button", name="Gửi").click()
    expect(page.get_by_role("link", name="Nhập tên.")).to_be_visible()
    expect(page.get_by_role("button", name="Chép sang năm nay")).to_be_hidden()
    page.get_by_label("Tên").fill("Đo lường")
    page.get_by_role("button", name="Gửi").click()
    expect(page.get_by_role("heading", name="Trợ giúp")).to_be_visible()
    assert len(trial_site.sent) == 1


def test_without_scripts_the_drawer_of_a_phone_opens_and_closes(open_page, person):
    page = open_page("/thu/", person=person, width=360, javascript=False)
    page.get_by_role("link", name="Danh mục", exact=True).first.click()
    expect(page.locator("#dieu-huong")).to_be_visible()
    page.locator(".nav-close").click()
    expect(page.locator("#dieu-huong")).to_be_hidden()


@pytest.mark.parametrize("width", [1280, 360])
def test_a_form_with_errors_is_accessible(open_page, person, axe, fits, width):
    page = open_page("/thu/", person=person, width=width)
    page.get_by_role("button", name="Gửi").click()
    axe(page)
    fits(page)


def drafts(page):
    return page.evaluate("Object.keys(localStorage).filter(k => k.startsWith('chuan-draft'))")


def test_a_draft_written_on_a_lost_line_is_sent_when_the_line_is_back(form):
    form.context.set_offline(True)
    form.get_by_label("Kết quả").fill("Viết lúc mất mạng.")
    form.clock.run_for(EVERY)
    expect(form.locator("[data-autosave-state]")).to_have_text(
        "Mất kết nối, chưa lưu được. Bản nháp giữ trên máy này."
    )
    assert len(drafts(form)) == 1

    form.context.set_offline(False)

    expect(form.locator("[data-autosave-state]")).to_have_text("Đã lưu lúc 09:41")
    assert [draft["narrative"] for draft in trial_site.saved] == ["Viết lúc mất mạng."]
    assert drafts(form) == []


def test_losing_the_line_is_told_at_once_to_whoever_is_writing(form):
    form.get_by_label("Kết quả").fill("Đang viết")
    form.context.set_offline(True)

    expect(form.locator("[data-autosave-state]")).to_contain_text("Bản nháp giữ trên máy này")
    form.context.set_offline(False)


def lose_the_line_over_a_draft(form):
    trial_site.answer_with += [503]
    form.get_by_label("Kết quả").fill("Bí mật của tôi")
    form.clock.run_for(EVERY)
    expect(form.locator("[data-autosave-state]")).to_contain_text("chưa lưu được")
    assert len(drafts(form)) == 1


def sign_out(form):
    form.locator("details.menu summary").last.click()
    form.get_by_role("button", name="Đăng xuất").click()


def test_signing_out_deletes_what_was_not_sent_after_asking(form):
    asked = []
    lose_the_line_over_a_draft(form)
    form.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    sign_out(form)
    assert len(drafts(form)) == 1
    form.once("dialog", lambda dialog: dialog.accept())

    form.get_by_role("button", name="Đăng xuất").click()

    form.wait_for_url("**/dang-nhap/**")
    assert "Đăng xuất sẽ xóa nội dung đó" in asked[0]
    assert drafts(form) == []


def test_the_next_person_on_the_same_phone_finds_nothing_of_the_one_before(form):
    lose_the_line_over_a_draft(form)
    form.context.add_cookies([session_cookie(PersonFactory(), form.url.removesuffix("thu/"))])

    form.goto("/tro-giup/")

    assert drafts(form) == []
