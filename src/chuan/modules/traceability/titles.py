"""What people read: for states of goods and recalls, for the standard's words in events, and in the help.

Every page takes them from here, so that one word is called the same wherever it stands; the words of
the standard are listed in `data/cbv.json`, and a test wants each of them here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chuan.core.ui.guidance import Topic
from chuan.core.ui.status import Status
from chuan.lib.language import shown_number
from chuan.modules.traceability.engine.vocabulary import Form, Vocabulary, written

_RECALL = _("Thu hồi hàng hóa")
_GOODS = _("Hàng hóa, theo sự kiện")
_OUTCOME = _("Kết quả thu hồi")

ALL = (
    Status("recall_draft", _("Đang truy tìm"), "info", "search", _RECALL),
    Status("recall_issued", _("Đang thu hồi"), "bad", "alert-octagon", _RECALL),
    Status("recall_ended", _("Đã kết thúc"), "done", "check", _RECALL),
    Status("recall_abandoned", _("Đã bỏ"), "line", "ban", _RECALL),
    Status("goods_held", _("Đang lưu giữ"), "accent", "package", _GOODS),
    Status("goods_in_transit", _("Đang vận chuyển"), "info", "truck", _GOODS),
    Status("goods_sold", _("Đã bán lẻ"), "warn", "users", _GOODS),
    Status("goods_exported", _("Đã xuất khẩu"), "warn", "world", _GOODS),
    Status("goods_consumed", _("Đã dùng để chế biến"), "line", "git-merge", _GOODS),
    Status("goods_destroyed", _("Đã tiêu hủy"), "done", "trash", _GOODS),
    Status("goods_ended", _("Đã ngừng dùng mã"), "line", "ban", _GOODS),
    Status("outcome_open", _("Chưa xử lý"), "", "circle", _OUTCOME),
    Status("outcome_found", _("Đã tìm thấy"), "info", "eye", _OUTCOME),
    Status("outcome_returned", _("Đã thu về"), "ok", "corner-up-left", _OUTCOME),
    Status("outcome_destroyed", _("Đã tiêu hủy"), "done", "trash", _OUTCOME),
    Status("outcome_lost", _("Không thu được"), "warn", "x", _OUTCOME),
)


@dataclass(frozen=True, slots=True)
class Said:
    """A word of an event: what it is called here, and as the standard writes it ("" where that is
    what it is called: nobody else knows the word)."""

    title: str | Promise
    word: str


def said(value: str, vocabulary: Vocabulary) -> Said:
    """In whatever form the event writes it."""
    bare = written(value, vocabulary, Form.BARE)
    title = _OF[vocabulary].get(bare)
    return Said(title, bare) if title else Said(bare, "")


def title_of_step(step: str) -> Promise:
    """Of a bare word. Of what happened in no step of the standard one knows that it was seen."""
    return _STEPS.get(step, _SEEN)


def icon_of_step(step: str) -> str:
    return _ICONS.get(step, "eye")


def kind_of(event_type: str) -> Said:
    return Said(_KINDS.get(event_type) or event_type, event_type if event_type in _KINDS else "")


def action_of(action: str) -> Said:
    return Said(_ACTIONS.get(action) or action, action if action in _ACTIONS else "")


def attribute(name: str) -> Said:
    """Of goods, by its name with or without the prefix of a namespace."""
    title = _ATTRIBUTES.get(name.rpartition(":")[2])
    return Said(title, name) if title else Said(name, "")


def unit(code: str) -> str:
    """As people write it after a number; codes nobody here knows as they are."""
    return str(_UNITS.get(code, code))


def amount(quantity: float, uom: str) -> str:
    """How much, in its unit; pieces where none is told."""
    shown = shown_number(Decimal(str(round(quantity, 2))).normalize())
    return f"{shown} {unit(uom or 'EA')}"


_SEEN: Final = _("Ghi nhận")
_STEPS: Final[Mapping[str, Promise]] = {
    "accepting": _("Chấp nhận hàng"),
    "arriving": _("Đến nơi"),
    "assembling": _("Lắp ráp"),
    "collecting": _("Thu gom"),
    "commissioning": _("Gắn mã cho hàng"),
    "consigning": _("Gửi hàng"),
    "creating_class_instance": _("Tạo lô hàng"),
    "cycle_counting": _("Kiểm đếm định kỳ"),
    "decommissioning": _("Ngừng dùng mã"),
    "departing": _("Rời đi"),
    "destroying": _("Tiêu hủy"),
    "disassembling": _("Tháo rời"),
    "dispensing": _("Cấp phát"),
    "encoding": _("Ghi mã vào thẻ"),
    "entering_exiting": _("Qua cửa ra vào"),
    "holding": _("Tạm giữ"),
    "inspecting": _("Kiểm tra"),
    "installing": _("Lắp đặt"),
    "killing": _("Khóa hẳn thẻ mã"),
    "loading": _("Bốc lên xe"),
    "other": _("Bước khác"),
    "packing": _("Đóng gói"),
    "picking": _("Lấy hàng theo đơn"),
    "receiving": _("Nhận hàng"),
    "removing": _("Tháo ra"),
    "repackaging": _("Đóng gói lại"),
    "repairing": _("Sửa chữa"),
    "replacing": _("Thay thế"),
    "reserving": _("Giữ mã để dùng sau"),
    "retail_selling": _("Bán lẻ"),
    "sampling": _("Lấy mẫu"),
    "sensor_reporting": _("Cảm biến gửi số đo"),
    "shipping": _("Xuất hàng"),
    "staging_outbound": _("Tập kết chờ xuất"),
    "stock_taking": _("Kiểm kê"),
    "stocking": _("Lên kệ"),
    "storing": _("Lưu kho"),
    "transporting": _("Vận chuyển"),
    "unloading": _("Dỡ hàng"),
    "unpacking": _("Mở kiện"),
    "void_shipping": _("Hủy việc xuất hàng"),
}
_ICONS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("commissioning", "creating_class_instance"), "leaf"),
    **dict.fromkeys(("packing", "repackaging", "unpacking", "picking"), "package"),
    **dict.fromkeys(("staging_outbound", "collecting"), "package"),
    **dict.fromkeys(("loading", "departing", "transporting"), "truck"),
    **dict.fromkeys(("shipping", "consigning", "unloading"), "truck"),
    **dict.fromkeys(("arriving", "retail_selling", "dispensing"), "map-pin"),
    **dict.fromkeys(("receiving", "accepting"), "inbox"),
    **dict.fromkeys(("storing", "stocking"), "building"),
    **dict.fromkeys(("holding", "reserving"), "lock"),
    "destroying": "trash",
    "sampling": "file-search",
    **dict.fromkeys(("decommissioning", "void_shipping", "killing"), "ban"),
}
_DISPOSITIONS: Final[Mapping[str, Promise]] = {
    "active": _("Mới đưa vào lưu thông"),
    "available": _("Sẵn sàng sử dụng"),
    "completeness_inferred": _("Suy ra là đủ"),
    "completeness_verified": _("Đã kiểm tra là đủ"),
    "conformant": _("Phù hợp yêu cầu"),
    "container_closed": _("Vật chứa đã đóng"),
    "container_open": _("Vật chứa đang mở"),
    "damaged": _("Bị hư hỏng"),
    "destroyed": _("Đã tiêu hủy"),
    "dispensed": _("Đã cấp phát hết"),
    "disposed": _("Đã thải bỏ"),
    "encoded": _("Thẻ đã ghi mã"),
    "expired": _("Đã quá hạn dùng"),
    "in_progress": _("Đang đi trong chuỗi"),
    "in_transit": _("Đang vận chuyển"),
    "inactive": _("Đã ngừng dùng mã"),
    "mismatch_class": _("Sai loại hàng"),
    "mismatch_instance": _("Sai mã của từng sản phẩm"),
    "mismatch_quantity": _("Sai số lượng"),
    "needs_replacement": _("Cần thay thế"),
    "no_pedigree_match": _("Không khớp hồ sơ nguồn gốc"),
    "non_conformant": _("Không phù hợp yêu cầu"),
    "non_sellable_other": _("Không bán được, vì lý do khác"),
    "partially_dispensed": _("Đã cấp phát một phần"),
    "recalled": _("Bị thu hồi"),
    "reserved": _("Mã đã giữ để dùng sau"),
    "retail_sold": _("Đã bán lẻ"),
    "returned": _("Đã trả lại"),
    "sellable_accessible": _("Đang bày bán"),
    "sellable_not_accessible": _("Bán được, chưa bày ra"),
    "stolen": _("Bị mất trộm"),
    "unavailable": _("Không sẵn sàng sử dụng"),
    "unknown": _("Chưa rõ tình trạng"),
}
_TRANS_ACTIONS: Final[Mapping[str, Promise]] = {
    "bol": _("Vận đơn"),
    "cert": _("Giấy chứng nhận"),
    "desadv": _("Thông báo giao hàng"),
    "inv": _("Hóa đơn"),
    "pedigree": _("Hồ sơ nguồn gốc"),
    "po": _("Đơn đặt hàng"),
    "poc": _("Xác nhận đơn đặt hàng"),
    "prodorder": _("Lệnh sản xuất"),
    "recadv": _("Thông báo nhận hàng"),
    "rma": _("Chấp thuận trả hàng"),
    "testprd": _("Quy trình thử nghiệm"),
    "testres": _("Kết quả thử nghiệm"),
    "upevt": _("Sự kiện trước đó"),
}
_SIDES: Final[Mapping[str, Promise]] = {
    "location": _("Địa điểm"),
    "owning_party": _("Bên sở hữu"),
    "possessing_party": _("Bên giữ hàng"),
}
_REASONS: Final[Mapping[str, Promise]] = {
    "did_not_occur": _("Việc này không xảy ra"),
    "incorrect_data": _("Dữ liệu sai"),
}
_COMPONENTS: Final[Mapping[str, Promise]] = {
    "altitude": _("Độ cao so với mực nước biển"),
    "axial_distance": _("Khoảng cách đến trục"),
    "azimuth": _("Góc phương vị"),
    "easting": _("Tọa độ đông"),
    "elevation_angle": _("Góc nâng"),
    "height": _("Chiều cao"),
    "latitude": _("Vĩ độ"),
    "longitude": _("Kinh độ"),
    "northing": _("Tọa độ bắc"),
    "polar_angle": _("Góc cực"),
    "spherical_radius": _("Bán kính cầu"),
    "x": _("Trục x"),
    "y": _("Trục y"),
    "z": _("Trục z"),
}
_MEASUREMENTS: Final[Mapping[str, Promise]] = {
    "AbsoluteHumidity": _("Độ ẩm tuyệt đối"),
    "AbsorbedDose": _("Liều hấp thụ"),
    "AbsorbedDoseRate": _("Suất liều hấp thụ"),
    "Acceleration": _("Gia tốc"),
    "Altitude": _("Độ cao"),
    "AmountOfSubstance": _("Lượng chất"),
    "AmountOfSubstancePerUnitVolume": _("Lượng chất trên đơn vị thể tích"),
    "Angle": _("Góc"),
    "AngularAcceleration": _("Gia tốc góc"),
    "AngularMomentum": _("Mô men động lượng"),
    "AngularVelocity": _("Vận tốc góc"),
    "Area": _("Diện tích"),
    "Capacitance": _("Điện dung"),
    "Conductance": _("Độ dẫn điện"),
    "Conductivity": _("Điện dẫn suất"),
    "Count": _("Số đếm"),
    "Density": _("Khối lượng riêng"),
    "Dimensionless": _("Đại lượng không thứ nguyên"),
    "DoseEquivalent": _("Liều tương đương"),
    "DoseEquivalentRate": _("Suất liều tương đương"),
    "DynamicViscosity": _("Độ nhớt động lực"),
    "ElectricCharge": _("Điện tích"),
    "ElectricCurrent": _("Cường độ dòng điện"),
    "ElectricCurrentDensity": _("Mật độ dòng điện"),
    "ElectricFieldStrength": _("Cường độ điện trường"),
    "Energy": _("Năng lượng"),
    "Exposure": _("Liều chiếu xạ"),
    "Force": _("Lực"),
    "Frequency": _("Tần số"),
    "Illuminance": _("Độ rọi"),
    "Inductance": _("Độ tự cảm"),
    "Irradiance": _("Độ rọi năng lượng"),
    "KinematicViscosity": _("Độ nhớt động học"),
    "Length": _("Độ dài"),
    "LinearMomentum": _("Động lượng"),
    "Luminance": _("Độ chói"),
    "LuminousFlux": _("Quang thông"),
    "LuminousIntensity": _("Cường độ sáng"),
    "MagneticFlux": _("Từ thông"),
    "MagneticFluxDensity": _("Cảm ứng từ"),
    "MagneticVectorPotential": _("Thế vectơ từ"),
    "Mass": _("Khối lượng"),
    "MassConcentration": _("Nồng độ khối lượng"),
    "MassFlowRate": _("Lưu lượng khối lượng"),
    "MassPerAreaTime": _("Khối lượng trên diện tích và thời gian"),
    "MemoryCapacity": _("Dung lượng bộ nhớ"),
    "MolalityOfSolute": _("Nồng độ molan"),
    "MolarEnergy": _("Năng lượng mol"),
    "MolarMass": _("Khối lượng mol"),
    "MolarVolume": _("Thể tích mol"),
    "Power": _("Công suất"),
    "Pressure": _("Áp suất"),
    "RadiantFlux": _("Thông lượng bức xạ"),
    "RadiantIntensity": _("Cường độ bức xạ"),
    "Radioactivity": _("Độ phóng xạ"),
    "RelativeHumidity": _("Độ ẩm tương đối"),
    "Resistance": _("Điện trở"),
    "Resistivity": _("Điện trở suất"),
    "SolidAngle": _("Góc khối"),
    "SpecificVolume": _("Thể tích riêng"),
    "Speed": _("Tốc độ"),
    "SurfaceDensity": _("Khối lượng trên diện tích"),
    "SurfaceTension": _("Sức căng bề mặt"),
    "Temperature": _("Nhiệt độ"),
    "Time": _("Thời gian"),
    "Torque": _("Mô men lực"),
    "Voltage": _("Điện áp"),
    "Volume": _("Thể tích"),
    "VolumeFlowRate": _("Lưu lượng thể tích"),
    "VolumeFraction": _("Tỷ lệ thể tích"),
    "VolumetricFlux": _("Lưu lượng thể tích trên diện tích"),
    "Wavenumber": _("Số sóng"),
}
_ALERTS: Final[Mapping[str, Promise]] = {
    "ALARM_CONDITION": _("Báo động"),
    "ERROR_CONDITION": _("Cảm biến lỗi"),
}
_OF: Final[Mapping[Vocabulary, Mapping[str, Promise]]] = {
    Vocabulary.BIZ_STEP: _STEPS,
    Vocabulary.DISPOSITION: _DISPOSITIONS,
    Vocabulary.BIZ_TRANSACTION: _TRANS_ACTIONS,
    Vocabulary.SOURCE_DESTINATION: _SIDES,
    Vocabulary.ERROR_REASON: _REASONS,
    Vocabulary.COMPONENT: _COMPONENTS,
    Vocabulary.MEASUREMENT: _MEASUREMENTS,
    Vocabulary.SENSOR_ALERT: _ALERTS,
}
# Of goods themselves, as their first event tells them.
_ATTRIBUTES: Final[Mapping[str, Promise]] = {
    "bestBeforeDate": _("Dùng tốt nhất trước ngày"),
    "countryOfExport": _("Nước xuất khẩu"),
    "countryOfOrigin": _("Nước xuất xứ"),
    "drainedWeight": _("Khối lượng ráo nước"),
    "farmList": _("Vùng nuôi trồng"),
    "firstFreezeDate": _("Ngày cấp đông lần đầu"),
    "grossWeight": _("Khối lượng cả bì"),
    "growingMethodCode": _("Cách nuôi trồng"),
    "harvestEndDate": _("Thu hoạch đến ngày"),
    "harvestStartDate": _("Thu hoạch từ ngày"),
    "itemExpirationDate": _("Hạn sử dụng"),
    "lotNumber": _("Số lô"),
    "measurement": _("Số đo"),
    "measurementUnitCode": _("Đơn vị đo"),
    "netWeight": _("Khối lượng tịnh"),
    "preservationTechniqueCode": _("Cách bảo quản"),
    "productionMethodForFishAndSeafoodCode": _("Cách khai thác thủy sản"),
    "sellByDate": _("Bán trước ngày"),
    "storageStateCode": _("Tình trạng bảo quản"),
    "vesselCatchInformationList": _("Tàu và vùng đánh bắt"),
}
# UN/ECE Recommendation 20; a test wants every unit of `engine/units.py`.
_UNITS: Final[Mapping[str, str | Promise]] = {
    **{"CEL": "°C", "FAH": "°F", "KEL": "K", "KGM": "kg", "GRM": "g", "MGM": "mg"},
    **{"LBR": "lb", "ONZ": "oz", "MTR": "m", "CMT": "cm", "MMT": "mm", "KMT": "km"},
    **{"INH": "in", "FOT": "ft", "MTK": "m²", "CMK": "cm²", "HAR": "ha", "MTQ": "m³"},
    **{"LTR": "l", "MLT": "ml", "MTS": "m/s", "KMH": "km/h", "PAL": "Pa", "KPA": "kPa"},
    **{"A97": "hPa", "BAR": "bar", "MBR": "mbar", "JOU": "J", "KJO": "kJ", "KWH": "kWh"},
    **{"WTT": "W", "KWT": "kW", "P1": "%", "59": "ppm", "C62": ""},
    **dict.fromkeys(("EA", "H87"), _("cái")),
    "TNE": _("tấn"),
    "SEC": _("giây"),
    "MIN": _("phút"),
    "HUR": _("giờ"),
    "DAY": _("ngày"),
}
# Of EPCIS itself: the types of events, and what an event does to what it names.
_KINDS: Final[Mapping[str, Promise]] = {
    "ObjectEvent": _("Sự kiện về hàng"),
    "AggregationEvent": _("Đóng vào, lấy ra"),
    "TransactionEvent": _("Gắn với giao dịch"),
    "TransformationEvent": _("Biến đổi thành hàng khác"),
    "AssociationEvent": _("Gắn vào thiết bị, địa điểm"),
}
_ACTIONS: Final[Mapping[str, Promise]] = {
    "ADD": _("Bắt đầu"),
    "OBSERVE": _("Ghi nhận"),
    "DELETE": _("Kết thúc"),
}


HELP = Topic(
    _("Truy xuất nguồn gốc"),
    (
        (
            _("Quét mã ở đâu, thấy gì?"),
            _(
                "Mở “Truy xuất nguồn gốc”, phần “Quét mã”: dùng máy ảnh, hoặc gõ dãy số dưới mã vạch. "
                "Cán bộ quản lý thấy cảnh báo rồi đi tiếp đến chuỗi hàng hóa, chỗ không khớp, thu hồi; "
                "người khác thấy trang mà người tiêu dùng thấy."
            ),
        ),
        (
            _("Cơ sở chưa có phần mềm thì ghi thế nào?"),
            _(
                "Mở “Ghi sản xuất”: thu hoạch, đóng gói, xuất hàng, nhận hàng, mỗi việc ghi một lần, "
                "trên điện thoại cũng được. Nhiều việc thì tải bảng tính về điền rồi gửi lên."
            ),
        ),
        (
            _("In nhãn có mã QR thế nào?"),
            _(
                "Mở lô hàng, bấm “In nhãn”: tờ A4 có 24 nhãn mang mã QR hoặc GS1 DataMatrix, có thể "
                "đánh số từng nhãn. In đúng khổ, không co giãn."
            ),
        ),
        (
            _("Thu hồi hàng bắt đầu từ đâu?"),
            _(
                "Mở “Thu hồi hàng hóa”, bấm “Mở đợt thu hồi”, ghi mã hàng hoặc địa điểm. Hệ thống "
                "tìm ngay hàng đang ở đâu, ai giữ. Chỉ khi lãnh đạo ban hành thì cơ sở giữ hàng mới "
                "được báo và người quét mã mới thấy cảnh báo."
            ),
        ),
        (
            _("Người tiêu dùng xem hàng đang bị thu hồi ở đâu?"),
            _(
                "Quét mã trên nhãn, hoặc mở trang “Hàng đang bị thu hồi” từ trang tra nguồn gốc và "
                "cổng công khai. Không cần tài khoản."
            ),
        ),
        (
            _("Phần mềm của chúng tôi kết nối thế nào?"),
            _(
                "Xin khóa truy cập cho phần mềm, rồi gửi và hỏi sự kiện theo EPCIS 2.0. Trang “Kết "
                "nối phần mềm”, mở từ trang tra nguồn gốc, có các lệnh đầu tiên để thử."
            ),
        ),
    ),
)
