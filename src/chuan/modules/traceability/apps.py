from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.core.signals import request_finished
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from chuan.core.people.models import Person


class TraceabilityConfig(AppConfig):
    name = "chuan.modules.traceability"
    label = "traceability"

    def ready(self) -> None:
        from chuan.core.audit import titles  # noqa: PLC0415 - apps are ready here
        from chuan.core.files.rules import let_read  # noqa: PLC0415
        from chuan.core.ui import navigation, status  # noqa: PLC0415
        from chuan.core.ui.guidance import topics  # noqa: PLC0415
        from chuan.core.ui.navigation import Item, Section  # noqa: PLC0415
        from chuan.modules.traceability import rules  # noqa: PLC0415
        from chuan.modules.traceability import titles as words  # noqa: PLC0415
        from chuan.modules.traceability.operations.metering import hand_in  # noqa: PLC0415
        from chuan.modules.traceability.queries import recall_warnings, registry  # noqa: PLC0415
        from chuan.modules.traceability.queries.warnings import warn_from  # noqa: PLC0415

        request_finished.connect(hand_in, dispatch_uid="traceability.metering")
        warn_from("recalls", recall_warnings.warnings_of)
        for one in words.ALL:
            status.add(one)
        topics.add("traceability", words.HELP)
        navigation.add(
            Item(
                Section.FIELD,
                _("Chuỗi hàng hóa"),
                "hierarchy",
                "chains:chain",
                visible=rules.see_chains.allows,
                order=39,
            )
        )
        navigation.add(
            Item(
                Section.FIELD,
                _("Thu hồi hàng hóa"),
                "package",
                "chains:recalls",
                visible=rules.see_chains.allows,
                order=40,
            )
        )

        def takes_part(person: Person) -> bool:
            return registry.takes_part(person)

        navigation.add(
            Item(
                Section.FIELD,
                _("Truy xuất nguồn gốc"),
                "qrcode",
                "traceability:home",
                visible=takes_part,
                covers=("traceability",),
            )
        )
        navigation.add(
            Item(
                Section.SYSTEM,
                _("Gửi sự kiện truy xuất"),
                "send",
                "traceability:subscriptions",
                visible=rules.see_subscriptions.allows,
                order=45,
            )
        )
        let_read("traceability", registry.may_read_file)
        titles.register_all(
            {
                "traceability.key_added": _("Cấp khóa truy cập truy xuất nguồn gốc"),
                "traceability.key_rotated": _("Đổi khóa truy cập truy xuất nguồn gốc"),
                "traceability.token_given": _("Cấp mã truy cập ngắn hạn cho máy"),
                "traceability.key_revoked": _("Thu hồi khóa truy cập truy xuất nguồn gốc"),
                "traceability.query_kept": _("Lưu câu hỏi truy xuất nguồn gốc của máy"),
                "traceability.query_forgotten": _("Bỏ câu hỏi truy xuất nguồn gốc của máy"),
                "traceability.subscribed": _("Đăng ký gửi sự kiện truy xuất nguồn gốc"),
                "traceability.listened": _("Mở đường nhận sự kiện truy xuất nguồn gốc"),
                "traceability.unsubscribed": _("Ngừng gửi sự kiện truy xuất nguồn gốc"),
                "traceability.month_archived": _("Lưu kho một tháng sự kiện truy xuất nguồn gốc"),
                "traceability.month_restored": _("Nạp lại một tháng sự kiện đã lưu kho"),
                "traceability.document_captured": _("Nhận tài liệu sự kiện truy xuất nguồn gốc"),
                "traceability.events_captured": _("Nhận sự kiện truy xuất nguồn gốc"),
                "traceability.party_added": _("Thêm đơn vị truy xuất nguồn gốc"),
                "traceability.party_changed": _("Sửa đơn vị truy xuất nguồn gốc"),
                "traceability.party_linked": _("Gắn đơn vị truy xuất nguồn gốc với tài khoản"),
                "traceability.number_confirmed": _("Xác nhận mã thuộc về đơn vị"),
                "traceability.number_refused": _("Bỏ mã không thuộc về đơn vị"),
                "traceability.place_added": _("Thêm địa điểm truy xuất nguồn gốc"),
                "traceability.place_changed": _("Sửa địa điểm truy xuất nguồn gốc"),
                "traceability.product_added": _("Khai sản phẩm truy xuất nguồn gốc"),
                "traceability.product_changed": _("Sửa sản phẩm truy xuất nguồn gốc"),
                "traceability.certificate_added": _("Thêm giấy chứng nhận sản phẩm"),
                "traceability.certificate_withdrawn": _("Gỡ giấy chứng nhận sản phẩm"),
                "traceability.harvest_told": _("Ghi thu hoạch, đánh bắt"),
                "traceability.packing_told": _("Ghi chế biến, đóng gói"),
                "traceability.shipping_told": _("Ghi xuất hàng"),
                "traceability.chains_checked": _("Xem lại các chuỗi hàng hóa"),
                "traceability.finding_closed": _("Xem xét chỗ không khớp trong chuỗi hàng hóa"),
                "traceability.lot_taken_back": _("Bỏ lô ghi nhầm"),
                "traceability.shipment_taken_back": _("Bỏ chuyến hàng ghi nhầm"),
                "traceability.receiving_told": _("Ghi nhận hàng"),
                "traceability.workbook_taken_over": _("Ghi sản xuất từ bảng tính"),
                "traceability.workbook_returned": _("Trả bảng tính sản xuất để sửa"),
                "traceability.links_set": _("Khai liên kết của mã"),
                "traceability.link_changed": _("Sửa liên kết của mã"),
                "traceability.link_file_sent": _("Gửi tệp liên kết của mã"),
                "traceability.link_file_loaded": _("Ghi tệp liên kết của mã"),
                "traceability.link_file_undone": _("Hoàn tác tệp liên kết của mã"),
                "traceability.link_removed": _("Gỡ liên kết của mã"),
                "traceability.problem_reported": _("Nhận phản ánh của người quét mã"),
                "traceability.problem_closed": _("Xử lý xong phản ánh của người quét mã"),
                "traceability.recall_opened": _("Mở đợt thu hồi hàng hóa"),
                "traceability.recall_run": _("Truy tìm hàng hóa phải thu hồi"),
                "traceability.recall_issued": _("Ban hành thu hồi hàng hóa"),
                "traceability.recall_abandoned": _("Bỏ đợt truy tìm hàng hóa"),
                "traceability.recall_ended": _("Kết thúc đợt thu hồi hàng hóa"),
                "traceability.recall_outcome": _("Ghi kết quả thu hồi hàng hóa"),
                "traceability.recall_answered": _("Trả lời thông báo thu hồi hàng hóa"),
                "traceability.holders_notified": _("Thông báo thu hồi cho cơ sở giữ hàng"),
            }
        )
