"""What the letters share: the words for units, the parts of a document, names of its files."""

from __future__ import annotations

from decimal import Decimal

from django.utils.text import slugify
from django.utils.translation import gettext as _

from chuan.core.documents.layout.content import (
    Block,
    Heading,
    HeadingLevel,
    Paragraph,
    narrative,
)
from chuan.core.documents.models import OfficialDocument
from chuan.core.indicators.registry import Unit
from chuan.flows.annual_report.enums import Audience
from chuan.flows.annual_report.models import (
    Consolidation,
)
from chuan.flows.annual_report.queries.rollup import without_marks
from chuan.lib.vietnamese import fold

UNIT_NAMES = {
    Unit.COUNT.value: "",
    Unit.PERCENT.value: "%",
    Unit.VND.value: "đồng",
}


def detail_title() -> str:
    return _("Chi tiết nhiệm vụ chủ trì của từng cơ quan")


def issued_document(consolidation: Consolidation, audience: Audience) -> OfficialDocument | None:
    """The document that told this reader of this consolidation, if one was issued and still counts."""
    rows = consolidation.outputs.filter(
        audience=audience, document__number__isnull=False, document__cancelled_at__isnull=True
    )
    found = rows.select_related("document").order_by("-made_at", "-pk").first()
    return found.document if found else None


def in_a_file_name(phrase: str) -> str:
    """`quý II năm 2026` as `quy-ii-nam-2026`."""
    return slugify(fold(phrase))


def as_text(text: str, instead: str = "") -> tuple[Block, ...]:
    blocks = narrative(without_marks(text))
    return blocks or ((Paragraph(instead),) if instead else ())


def as_section(title: str) -> Heading:
    return Heading(HeadingLevel.SECTION, title)


def as_clause(title: str) -> Heading:
    return Heading(HeadingLevel.CLAUSE, title)


def without_number(section: str) -> str:
    return section.partition(". ")[2] or section


def decimal_of(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)
