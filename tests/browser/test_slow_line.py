"""A phone on a bad line: a commune officer tells progress with a photo, and it arrives once, whole."""

import hashlib
import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from chuan.core.files.models import PartialUpload, StoredFile, Upload
from chuan.modules.plans.models import Evidence, ProgressUpdate
from chuan.modules.plans.testing import AssignmentFactory, clerk_of

# A photo as phones take them, to the server's eye; as many bytes as a small one has.
PHOTO = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 4000
SLOW = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 400_000,
    "uploadThroughput": 150_000,
}
CUT = {**SLOW, "offline": True}


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path):
    settings.CHUAN_FILES = tmp_path / "files"


@pytest.fixture
def assignment(transactional_db):
    return AssignmentFactory(year=timezone.localdate().year)


@pytest.fixture
def phone(open_page, assignment):
    return open_page(
        f"/ke-hoach/phan-cong/{assignment.pk}/", person=clerk_of(assignment.organisation), width=360
    )


def line(page, how):
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", how)
    return session


def add_evidence(page, assignment):
    page.goto(f"/ke-hoach/phan-cong/{assignment.pk}/minh-chung/")
    page.get_by_label("Ảnh", exact=True).check()
    page.get_by_label("Tên minh chứng").fill("Ảnh buổi tập huấn ngày 20/11")


def choose_photo(page):
    page.get_by_label("Tệp", exact=True).set_input_files(
        {"name": "buoi tap huan.jpg", "mimeType": "image/jpeg", "buffer": PHOTO}
    )


def progress(page):
    return page.get_by_role("progressbar", name="Phần tệp đã gửi")


def whole_and_once():
    evidence = Evidence.objects.get()
    stored = StoredFile.objects.get()
    assert stored.sha256 == hashlib.sha256(PHOTO).hexdigest()
    assert evidence.upload == Upload.objects.get()
    assert not PartialUpload.objects.exists()


def test_an_officer_tells_progress_with_a_photo_over_a_line_that_breaks(
    phone, assignment, axe, fits
):
    phone.get_by_role("link", name="Ghi tiến độ").first.click()
    phone.get_by_role("textbox", name="Đã làm được gì").fill("Đã tập huấn 45 người.")
    phone.get_by_label("Cơ bản").check()
    phone.get_by_role("button", name="Ghi tiến độ").click()
    phone.wait_for_url(re.compile(r"/phan-cong/\d+/$"))
    add_evidence(phone, assignment)
    session = line(phone, SLOW)
    choose_photo(phone)
    expect(phone.get_by_text("Đang gửi “buoi tap huan.jpg”")).to_be_visible()
    phone.get_by_role("button", name="Thêm minh chứng").click()
    expect(phone.get_by_text("Biểu mẫu sẽ được gửi ngay khi tệp gửi xong.")).to_be_visible()
    expect(progress(phone)).not_to_have_attribute("value", "0")
    axe(phone)
    fits(phone)

    session.send("Network.emulateNetworkConditions", CUT)
    expect(phone.get_by_text("Tệp tự gửi tiếp khi có mạng")).to_be_visible()
    assert not Evidence.objects.exists()
    session.send("Network.emulateNetworkConditions", SLOW)

    phone.wait_for_url(re.compile(r"/phan-cong/\d+/$"), timeout=60_000)
    expect(phone.get_by_text("Ảnh buổi tập huấn ngày 20/11").first).to_be_visible()
    whole_and_once()
    assert ProgressUpdate.objects.get().narrative == "Đã tập huấn 45 người."


def test_a_photo_half_sent_goes_on_after_the_page_was_loaded_again(phone, assignment):
    add_evidence(phone, assignment)
    session = line(phone, SLOW)
    choose_photo(phone)
    expect(phone.get_by_text(re.compile(r"Đang gửi .*, (?!0 KB)\d"))).to_be_visible()
    session.send("Network.emulateNetworkConditions", CUT)
    expect(phone.get_by_text("Tệp tự gửi tiếp khi có mạng")).to_be_visible()
    half = PartialUpload.objects.get()
    session.send("Network.emulateNetworkConditions", {**SLOW, "uploadThroughput": 2_000_000})

    add_evidence(phone, assignment)

    expect(phone.get_by_text("Đã gửi xong: “buoi tap huan.jpg”")).to_be_visible(timeout=60_000)
    assert 0 < half.received < half.size
    assert PartialUpload.objects.get().pk == half.pk
    phone.get_by_role("button", name="Thêm minh chứng").click()
    phone.wait_for_url(re.compile(r"/phan-cong/\d+/$"))
    whole_and_once()


def test_a_file_given_up_is_gone_on_both_sides(phone, assignment):
    add_evidence(phone, assignment)
    line(phone, SLOW)
    choose_photo(phone)
    phone.get_by_role("button", name="Hủy gửi").click()

    expect(progress(phone)).to_be_hidden()
    phone.wait_for_timeout(1500)
    assert not PartialUpload.objects.exists()
    phone.get_by_role("button", name="Thêm minh chứng").click()
    expect(phone.get_by_text("Chọn một tệp hoặc nhập một liên kết.").first).to_be_visible()


def test_a_file_the_server_refuses_is_told_while_the_form_stands(phone, assignment):
    add_evidence(phone, assignment)
    phone.get_by_label("Tệp", exact=True).set_input_files(
        {"name": "anh.jpg", "mimeType": "image/jpeg", "buffer": b"MZ" + bytes(500)}
    )

    expect(phone.get_by_role("alert")).to_contain_text("chương trình chạy trên Windows")
    assert not PartialUpload.objects.exists()


def test_a_file_sent_already_stays_when_the_form_comes_back_with_an_error(phone, assignment):
    add_evidence(phone, assignment)
    phone.get_by_label("Tên minh chứng").fill("")
    choose_photo(phone)
    expect(phone.get_by_text("Đã gửi xong: “buoi tap huan.jpg”")).to_be_visible()
    phone.get_by_role("button", name="Thêm minh chứng").click()
    phone.get_by_role("alert").wait_for()

    expect(phone.get_by_text("Đã gửi xong: “buoi tap huan.jpg”")).to_be_visible()
    phone.get_by_label("Ảnh", exact=True).check()
    phone.get_by_label("Tên minh chứng").fill("Ảnh buổi tập huấn")
    phone.get_by_role("button", name="Thêm minh chứng").click()
    phone.wait_for_url(re.compile(r"/phan-cong/\d+/$"))
    whole_and_once()


def test_without_scripts_the_file_travels_with_the_form(open_page, assignment):
    page = open_page("/tro-giup/", person=clerk_of(assignment.organisation), javascript=False)
    add_evidence(page, assignment)
    choose_photo(page)
    page.get_by_role("button", name="Thêm minh chứng").click()
    page.wait_for_url(re.compile(r"/phan-cong/\d+/$"))
    whole_and_once()


def test_the_next_person_on_the_phone_finds_no_file_of_the_one_before(phone, assignment):
    add_evidence(phone, assignment)
    choose_photo(phone)
    expect(phone.get_by_text("Đã gửi xong: “buoi tap huan.jpg”")).to_be_visible()
    phone.locator("details.menu summary").last.click()
    phone.get_by_role("button", name="Đăng xuất").click()
    phone.wait_for_url("**/dang-nhap/**")

    assert phone.evaluate("Object.keys(localStorage).filter(k => k.startsWith('chuan-'))") == []
    kept = phone.evaluate("indexedDB.databases().then(all => all.map(one => one.name))")
    assert kept == []
