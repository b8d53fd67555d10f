"""Codes on labels, read back by a reader that is not ours."""

from datetime import date

import pypdfium2 as pdfium
import pytest
import typst
import zxingcpp
from django.urls import reverse

from chuan.core.orgs.testing import OrganisationFactory
from chuan.core.people.testing import PersonFactory
from chuan.modules.traceability.engine.scanned import read_text
from chuan.modules.traceability.testing import LotFactory

pytestmark = pytest.mark.django_db


def a_lot(client, **facts):
    """A lot whose producer is signed in."""
    lot = LotFactory(product__party__organisation=OrganisationFactory(), **facts)
    client.force_login(PersonFactory(organisation=lot.product.party.organisation))
    return lot


def read_back(client, address, **asked):
    """What a reader of codes makes of the first page of an answer."""
    content = client.get(address, asked).content
    pdf = content if content.startswith(b"%PDF") else svg_as_pdf(content)
    with pdfium.PdfDocument(pdf) as document:
        picture = document[0].render(scale=4).to_pil()
    return zxingcpp.read_barcodes(picture)


def svg_as_pdf(svg):
    return typst.Compiler(
        b'#set page(width: 80mm, height: 80mm)\n#image(bytes(sys.inputs.svg), format: "svg")',
        sys_inputs={"svg": svg.decode()},
    ).compile(format="pdf")


def test_a_datamatrix_says_gtin_expiry_lot_and_serial_to_a_reader(client):
    lot = a_lot(client, number="S-26/1", expires_on=date(2027, 12, 31))
    code = reverse("traceability:code", args=[lot.pk])
    sheet = reverse("traceability:labels", args=[lot.pk])

    [found] = read_back(client, code, loai="datamatrix")
    of_sheet = read_back(client, sheet, count="3", first="7", kind="datamatrix")

    assert found.format == zxingcpp.BarcodeFormat.DataMatrix
    assert found.content_type == zxingcpp.ContentType.GS1
    assert found.text == f"(01){lot.product.gtin}(17)271231(10)S-26/1"
    assert {one.text for one in of_sheet} == {
        f"(01){lot.product.gtin}(17)271231(10)S-26/1(21){n}" for n in (7, 8, 9)
    }
    assert client.get(sheet, {"count": "3", "kind": "aztec"}).status_code == 422
    # What a scanner hands on is read as the same item.
    scanned = read_text(of_sheet[0].bytes.decode())
    assert (scanned.gtin, scanned.lot) == (lot.product.gtin, "S-26%2F1")


def test_a_qr_code_says_the_address_to_a_reader(client, settings):
    settings.CHUAN_URL = "https://txng.example.vn"
    lot = a_lot(client, number="S1")

    [found] = read_back(client, reverse("traceability:code", args=[lot.pk]))

    assert found.text == f"https://txng.example.vn/id/01/{lot.product.gtin}/10/S1"


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("\x1d0108934567000017102611\x1d21A7", "01/08934567000017/10/2611/21/A7"),
        ("]d201089345670000171727123110L1", "01/08934567000017/10/L1"),
        ("010893456700001731030012501\x1d10L/1", None),
        ("010893456700001731030012501", None),
        ("0108934567000017310300125010L/1", "01/08934567000017/10/L/1"),
        ("00389345670000000018", "00/389345670000000018"),
        ("0108934567000018", None),
        ("01089345670000171", None),
        ("99abc", None),
    ],
)
def test_element_strings_are_read_as_scanners_hand_them_on(text, path):
    found = read_text(text)

    assert (found.path if found else None) == path
