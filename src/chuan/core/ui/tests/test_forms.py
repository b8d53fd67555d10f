"""Fields as people fill them in, and what they are told."""

import datetime as dt
from decimal import Decimal

import pytest
from django import forms
from django.contrib.contenttypes.models import ContentType
from django.core.files.uploadedfile import SimpleUploadedFile
from django.forms import formset_factory
from django.template import Context, Template
from django.utils import translation

from chuan.core.ui.forms import (
    FilterForm,
    Form,
    VnDateField,
    VnDecimalField,
    VnFileField,
    VnIntegerField,
    VnLongTextField,
    VnTextField,
)


class TaskForm(Form):
    title = VnTextField(label="Tên nhiệm vụ", help_text="Ghi như trong quyết định.", max_length=20)
    due_on = VnDateField(label="Hạn nộp")
    amount = VnDecimalField(label="Kinh phí", places=1, required=False, smallest=0)
    kind = forms.ChoiceField(
        label="Cách giao", widget=forms.RadioSelect, choices=[("a", "A"), ("b", "B")]
    )
    note = VnLongTextField(label="Ghi chú", required=False, max_length=10)
    sure = forms.BooleanField(label="Tôi đã xem lại")


GOOD = {"title": "Đo lường", "due_on": "5/4/2025", "kind": "a", "sure": "on"}


def shown(template, **context):
    return Template(template).render(Context(context))


def refusal(field, typed):
    with pytest.raises(forms.ValidationError) as caught:
        field.clean(typed)
    return " ".join(caught.value.messages)


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize(
    "typed", ["05/04/2025", "5/4/2025", "05-04-2025", "5 tháng 4 năm 2025", " 05/04/2025\u200b"]
)
def test_a_date_is_the_fifth_of_april_in_either_language(language, typed):
    with translation.override(language):
        assert VnDateField(label="Hạn").clean(typed) == dt.date(2025, 4, 5)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", "Nhập hạn nộp, ví dụ 20/11/2026."),
        ("28//2026", "Hạn nộp thiếu tháng. Viết đủ ngày/tháng/năm, ví dụ 20/11/2026."),
        ("8/2026", "Hạn nộp thiếu ngày. Viết đủ ngày/tháng/năm, ví dụ 20/11/2026."),
        ("28/8", "Hạn nộp thiếu năm. Viết đủ ngày/tháng/năm, ví dụ 20/11/2026."),
        ("31/11/2026", "Hạn nộp phải là ngày có thật, ví dụ 20/11/2026."),
        ("1/1/2020", "Hạn nộp không được trước ngày 01/01/2025."),
        ("1/1/2040", "Hạn nộp không được sau ngày 31/12/2030."),
    ],
)
def test_a_date_that_cannot_be_says_which_part_is_missing(typed, told):
    field = VnDateField(label="Hạn nộp", earliest=dt.date(2025, 1, 1), latest=dt.date(2030, 12, 31))
    assert refusal(field, typed) == told


@pytest.mark.parametrize("language", ["vi", "en"])
def test_money_with_a_point_is_a_thousand_and_not_one(language):
    with translation.override(language):
        assert VnIntegerField(label="Số tiền").clean("1.234") == 1234
        assert VnDecimalField(label="Số tiền").clean("1.234") == 1234
        assert VnDecimalField(label="Số tiền").clean("1.234,5") == Decimal("1234.5")
        assert isinstance(VnIntegerField(label="Số tiền").clean("1.234"), int)


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        (VnDecimalField(label="Kinh phí"), "1.5", "Kinh phí viết “1.5” chưa rõ: dấu chấm ngăn hàng nghìn. Nếu là phần thập phân, viết 1,5."),
        (VnDecimalField(label="Kinh phí"), "1,234.5", "Kinh phí viết “1,234.5” chưa rõ: dấu chấm ngăn hàng nghìn, dấu phẩy ngăn phần thập phân. Có phải bạn muốn viết 1.234,5?"),
        (VnDecimalField(label="Kinh phí"), "1,234", "Kinh phí viết “1,234” chưa rõ: dấu phẩy ngăn phần thập phân. Nếu là hàng nghìn, viết 1.234."),
        (VnDecimalField(label="Kinh phí", places=1), "1,25", "Kinh phí có tối đa 1 chữ số sau dấu phẩy."),
        (VnIntegerField(label="Số cuộc"), "1,5", "Số cuộc phải là số nguyên, ví dụ 1.234."),
        (VnIntegerField(label="Số cuộc"), "1.5", "Số cuộc viết “1.5” chưa rõ: mỗi dấu chấm ngăn đúng ba chữ số, ví dụ 1.234."),
        (VnIntegerField(label="Số cuộc"), "mười", "Số cuộc phải là số, ví dụ 1.234."),
        (VnIntegerField(label="Số cuộc", smallest=0), "-1", "Số cuộc phải từ 0 trở lên."),
        (VnDecimalField(label="Tỷ lệ", largest=100), "1.000", "Tỷ lệ phải từ 100 trở xuống."),
        (VnIntegerField(label="Số cuộc"), "", "Nhập số cuộc."),
    ],
)  # fmt: skip
def test_a_number_two_people_would_read_differently_is_asked_about(field, typed, told):
    assert refusal(field, typed) == told


def test_three_decimals_are_read_where_three_are_allowed():
    assert VnDecimalField(label="Khối lượng", places=3).clean("1,234") == Decimal("1.234")


def test_what_was_stored_is_shown_as_it_would_be_typed():
    form = TaskForm(initial={"amount": Decimal("1234.50"), "due_on": dt.date(2026, 11, 5)})
    assert 'value="1.234,5"' in str(form["amount"])
    assert 'value="05/11/2026"' in str(form["due_on"])


def test_what_was_typed_is_kept_when_it_is_refused():
    form = TaskForm({**GOOD, "due_on": "31/11/2026", "amount": "1.5"})
    assert 'value="31/11/2026"' in str(form["due_on"])
    assert 'value="1.5"' in str(form["amount"])


def test_text_is_stored_composed_and_without_stray_characters():
    assert VnTextField(label="Tên").clean("  hoa\u0300\u200b  bình ") == "hoà bình"


def test_a_line_of_invisible_characters_is_no_answer():
    assert refusal(VnTextField(label="Tên nhiệm vụ"), "\u200b \u00a0") == "Nhập tên nhiệm vụ."


def test_text_too_long_says_by_how_much_and_is_not_cut():
    told = refusal(VnLongTextField(label="Ghi chú", max_length=1000), "a" * 1200)
    assert told == "Ghi chú dài 1.200 ký tự; tối đa 1.000."
    assert "maxlength" not in str(TaskForm()["note"])


def test_an_abbreviation_keeps_its_capitals_inside_a_message():
    assert refusal(VnTextField(label="UBND tỉnh"), "") == "Nhập UBND tỉnh."


def test_a_label_that_is_a_question_is_quoted_and_one_that_begins_with_a_short_word_is_lowered():
    class AskingForm(Form):
        kind = forms.ChoiceField(label="Báo điều gì?", choices=[("1", "Giả")])
        text = VnTextField(label="Bạn thấy gì?")
        where = forms.ChoiceField(label="Ở đâu", choices=[("1", "Vườn")])
        file = VnFileField(label="Tệp đã điền")

    assert AskingForm({}).errors == {
        "kind": ["Trả lời câu hỏi “Báo điều gì?”"],
        "text": ["Trả lời câu hỏi “Bạn thấy gì?”"],
        "where": ["Chọn ở đâu."],
        "file": ["Chọn tệp cho mục “Tệp đã điền”."],
    }


def test_djangos_own_fields_name_themselves_too():
    errors = TaskForm({}).errors
    assert errors["kind"] == ["Chọn cách giao."]
    assert errors["sure"] == ["Đánh dấu vào ô “Tôi đã xem lại” để tiếp tục."]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("rong.pdf", b"", "Tệp “rong.pdf” rỗng. Mở lại tệp trên máy để kiểm tra rồi chọn lại."),
        ("chuong-trinh.exe", b"MZ", "Tệp “chuong-trinh.exe” không thuộc loại nhận được: PDF, DOCX."),
        ("to.pdf", b"x" * (1024 * 1024 + 1), "Tệp “to.pdf” nặng 1,0 MB, tối đa 1 MB. Hãy giảm dung lượng hoặc tách tệp."),
    ],
)  # fmt: skip
def test_each_file_that_is_refused_says_why(name, content, told):
    field = VnFileField(label="Minh chứng", kinds=["pdf", ".docx"], max_megabytes=1)
    assert refusal(field, SimpleUploadedFile(name, content)) == told


def test_a_file_says_beforehand_what_is_accepted():
    class UploadForm(Form):
        upload = VnFileField(label="Minh chứng", kinds=["pdf"], max_megabytes=20)

    html = shown("{% field form.upload %}", form=UploadForm())
    assert "PDF, tối đa 20 MB." in html
    assert 'accept=".pdf"' in html


def test_a_field_is_described_by_its_hint_its_error_and_its_count():
    html = shown("{{ form.as_div }}", form=TaskForm({**GOOD, "title": "", "note": "a" * 11}))
    assert 'aria-describedby="id_title_helptext id_title_error"' in html
    assert 'aria-describedby="id_note_error id_note_left"' in html
    for name in ("id_title_helptext", "id_title_error", "id_note_error", "id_note_left"):
        assert html.count(f'id="{name}"') == 1


def test_only_what_may_be_left_out_is_marked_so():
    html = shown("{{ form.as_div }}", form=TaskForm())
    assert html.count("(không bắt buộc)") == 2


def test_a_filter_marks_nothing_as_optional():
    class Filter(FilterForm):
        word = VnTextField(label="Từ", required=False)

    assert "không bắt buộc" not in shown("{{ form.as_div }}", form=Filter())


def test_choices_stand_in_a_named_group():
    html = shown("{% field form.kind %}", form=TaskForm())
    assert "<fieldset" in html
    assert "<legend>Cách giao" in html
    assert html.count("<label") == 2


def test_the_summary_leads_to_every_field_with_the_same_words():
    form = TaskForm({})
    html = shown("{% error_summary form %}{{ form.as_div }}", form=form)
    assert 'href="#id_title">Nhập tên nhiệm vụ.' in html
    assert 'href="#id_kind">Chọn cách giao.' in html
    assert 'id="id_kind"' in html
    for messages in form.errors.values():
        assert html.count(str(messages[0])) == 2


def test_a_form_nobody_sent_has_no_summary():
    assert "errors" not in shown("{% error_summary form %}", form=TaskForm())


def test_errors_of_every_form_of_a_set_are_in_the_summary():
    formset = formset_factory(TaskForm, extra=2)({"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "0", "form-0-title": "a", "form-1-title": "b" * 30})  # fmt: skip
    html = shown("{% error_summary formset %}", formset=formset)
    assert 'href="#id_form-0-due_on"' in html
    assert "Tên nhiệm vụ dài 30 ký tự; tối đa 20." in html


def test_the_browser_never_stops_a_form_before_the_server_can_explain():
    assert " required" not in shown("{{ form.as_div }}", form=TaskForm())


def test_a_field_tag_takes_a_unit_a_size_and_other_words():
    html = shown(
        '{% field form.amount unit="nghìn đồng" size="4" label="Tiền" hint="Làm tròn." %}',
        form=TaskForm(),
    )
    assert "<span>nghìn đồng</span>" in html
    assert "w-4" in html
    assert ">Tiền " in html
    assert "Làm tròn." in html


@pytest.mark.parametrize(("required", "words"), [(True, "Chọn"), (False, "Không chọn")])
def test_nothing_chosen_yet_is_said_in_words(required, words):
    class Choosing(Form):
        kind = forms.ModelChoiceField(
            label="Loại", queryset=ContentType.objects.none(), required=required
        )

    assert f'<option value="" selected>{words}</option>' in str(Choosing()["kind"])
