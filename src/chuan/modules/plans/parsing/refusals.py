"""The files that cannot be read, each with words that say what to do."""

from __future__ import annotations

from collections.abc import Mapping


def gettext_noop(message: str) -> str:
    """Marks a sentence for translation; the parser itself knows no Django and no language."""
    return message


MESSAGES: Mapping[str, str] = {
    "missing_file": gettext_noop("Không tìm thấy tệp %(name)s. Hãy kiểm tra lại đường dẫn."),
    "not_a_file": gettext_noop("%(name)s không phải là một tệp. Hãy chọn tệp của quyết định."),
    "no_permission": gettext_noop(
        "Không có quyền mở tệp %(name)s. Hãy cấp quyền đọc hoặc chép tệp sang thư mục khác."
    ),
    "empty_file": gettext_noop(
        "Tệp %(name)s trống (không có dữ liệu). Hãy kiểm tra tệp gốc rồi tải lên lại."
    ),
    "no_text": gettext_noop(
        "Tệp %(name)s không có chữ nào. Hãy mở tệp xem có nội dung không, "
        "rồi tải lên tệp có nội dung quyết định."
    ),
    "too_large": gettext_noop(
        "Tệp %(name)s nặng %(size)s MB, vượt mức %(limit)s MB. "
        "Hãy bỏ hình ảnh hoặc tách riêng quyết định và phụ lục rồi tải lên lại."
    ),
    "too_many_pages": gettext_noop(
        "Tệp %(name)s có %(pages)s trang, vượt mức %(limit)s trang của một kế hoạch. "
        "Hãy chỉ giữ các trang quyết định, kế hoạch và phụ lục nhiệm vụ rồi tải lên lại."
    ),
    "too_long": gettext_noop(
        "Tệp %(name)s quá dài (%(letters)s chữ, mức tối đa %(limit)s). "
        "Hãy chỉ giữ phần quyết định, kế hoạch và phụ lục nhiệm vụ rồi tải lên lại."
    ),
    "program": gettext_noop(
        "Tệp %(name)s là một chương trình, không phải văn bản, nên đã bị từ chối. "
        "Không mở tệp này; hãy báo người quản trị nếu bạn nhận nó qua thư."
    ),
    "wrong_content": gettext_noop(
        "Tệp %(name)s mang đuôi %(suffix)s nhưng nội dung là %(actual)s. "
        "Hãy đặt lại đúng đuôi tệp hoặc lưu lại từ phần mềm soạn thảo rồi tải lên."
    ),
    "unsupported": gettext_noop(
        "Tệp %(name)s là %(actual)s, hệ thống chưa đọc được. "
        "Hãy lưu thành DOCX hoặc PDF rồi tải lên lại."
    ),
    "unknown_format": gettext_noop(
        "Không nhận ra định dạng của tệp %(name)s. Hãy dùng DOCX, PDF có chữ hoặc văn bản (.txt)."
    ),
    "image": gettext_noop(
        "Tệp %(name)s là ảnh chụp. Hãy xin bản DOCX hoặc PDF gốc, hoặc nhận dạng chữ (OCR) trước."
    ),
    "legacy_doc": gettext_noop(
        "Tệp %(name)s là Word đời cũ (.doc). "
        "Hãy mở bằng Word hoặc LibreOffice, lưu thành DOCX rồi tải lên lại."
    ),
    "password_docx": gettext_noop(
        "Tệp Word %(name)s có mật khẩu. Hãy mở bằng Word, bỏ mật khẩu, lưu lại rồi tải lên."
    ),
    "password_pdf": gettext_noop(
        "Tệp PDF %(name)s có mật khẩu. Hãy xuất lại bản không đặt mật khẩu rồi tải lên."
    ),
    "scanned_pdf": gettext_noop(
        "Tệp PDF %(name)s là bản quét (ảnh), không có chữ để đọc. "
        "Hãy xin bản DOCX hoặc PDF gốc, hoặc nhận dạng chữ (OCR) trước rồi tải lên lại."
    ),
    "garbled_text": gettext_noop(
        "Tệp %(name)s dùng phông chữ không tra ngược được ra chữ Việt. "
        "Hãy xin bản DOCX, hoặc xuất lại PDF với phông Unicode rồi tải lên lại."
    ),
    "broken_pdf": gettext_noop(
        "Tệp PDF %(name)s bị hỏng, không mở được. Hãy tải lại từ nguồn hoặc xuất lại PDF."
    ),
    "broken_docx": gettext_noop(
        "Tệp Word %(name)s bị hỏng, không mở được. Hãy mở bằng Word, lưu lại rồi tải lên."
    ),
    "zip_bomb": gettext_noop(
        "Tệp %(name)s bung ra lớn bất thường nên đã bị từ chối. "
        "Hãy mở bằng phần mềm soạn thảo, lưu lại rồi tải lên."
    ),
    "unknown_encoding": gettext_noop(
        "Không đọc được bảng mã của tệp %(name)s. "
        "Hãy lưu lại dạng văn bản với bảng mã UTF-8 rồi tải lên."
    ),
    "legacy_encoding": gettext_noop(
        "Tệp %(name)s gõ bằng bảng mã cũ (TCVN3 hoặc VNI). "
        "Hãy chuyển sang Unicode (ví dụ bằng UniKey) rồi tải lên lại."
    ),
    "no_decision": gettext_noop(
        "Tệp %(name)s không có nhiệm vụ, cũng không có số, ký hiệu, trích yếu hay cơ quan ban hành của "
        "một văn bản. Hãy kiểm tra xem có chọn nhầm tệp không rồi tải lên lại."
    ),
    "unreadable": gettext_noop(
        "Không đọc được tệp %(name)s. Hãy lưu lại thành DOCX hoặc PDF rồi thử lần nữa."
    ),
}


class UnreadableFile(Exception):
    """A file the parser refuses. `code` names the reason, `str()` says what to do, in Vietnamese.

    `msgid` and `params` let a page translate the message.
    """

    def __init__(self, code: str, *, name: str, **params: object) -> None:
        self.code = code
        self.msgid = MESSAGES[code]
        self.params: dict[str, object] = {"name": name, **params}
        super().__init__(self.msgid % self.params)

    @property
    def message(self) -> str:
        return str(self)
