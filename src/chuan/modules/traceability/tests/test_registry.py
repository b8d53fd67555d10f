import io

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from chuan.core.audit.models import Entry
from chuan.core.files.models import Upload
from chuan.core.files.testing import UploadFactory
from chuan.core.orgs.testing import OrganisationFactory
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.lib.rules import Denied
from chuan.modules.traceability.models import Party, Place, Product
from chuan.modules.traceability.operations import pictures, registry
from chuan.modules.traceability.operations.registry import ChangedMeanwhile, NothingChanged
from chuan.modules.traceability.queries.registry import may_read_file, products_visible_to
from chuan.modules.traceability.testing import (
    CertificateFactory,
    LotFactory,
    PartyFactory,
    PlaceFactory,
    ProductFactory,
    a_gln,
)

pytestmark = pytest.mark.django_db

PARTY = {"name": "Hợp tác xã Xoài", "address": "Xã Cát Hanh, tỉnh Gia Lai"}
PRODUCT = {
    "name": "Xoài cát sấy dẻo",
    "category": "Trái cây chế biến",
    "origin": "Gia Lai, Việt Nam",
    "target_market": "Việt Nam",
}


def coordinator():
    return PersonFactory(role=Role.DEPARTMENT_COORDINATOR)


def a_member():
    """Somebody of a business that takes part, and the business."""
    body = OrganisationFactory()
    return PersonFactory(organisation=body), PartyFactory(organisation=body)


def a_picture(size=(2000, 1000), mode="RGBA", kind="PNG"):
    out = io.BytesIO()
    Image.new(mode, size, "orange").save(out, kind)
    return out


@pytest.mark.parametrize("given", ["8934567000017", "89 34567 00001 7", "08934567000017"])
def test_a_gtin_is_kept_with_its_14_digits(given):
    product = registry.add_product(
        actor=coordinator(), party=PartyFactory(), gtin=given, facts=PRODUCT
    )

    assert product.gtin == "08934567000017"
    assert Entry.objects.filter(action="traceability.product_added").count() == 1


@pytest.mark.parametrize("given", ["8934567000018", "893456700001", "", "٨٩٣٤٥٦٧٠٠٠٠١٧", "x" * 13])
def test_what_is_no_gtin_is_refused_at_its_field(given):
    with pytest.raises(ValidationError) as refused:
        registry.add_product(actor=coordinator(), party=PartyFactory(), gtin=given, facts=PRODUCT)

    assert list(refused.value.message_dict) == ["gtin"]
    assert not Product.objects.exists()


def test_one_gtin_stands_for_one_product():
    there = ProductFactory()

    with pytest.raises(ValidationError):
        registry.add_product(
            actor=coordinator(), party=PartyFactory(), gtin=there.gtin, facts=PRODUCT
        )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("gln", "8934567000011"),
        ("gln", "893"),
        ("tax_code", "0101"),
        ("company_prefix", "89"),
    ],
)
def test_numbers_of_a_party_are_checked_at_their_field(field, value):
    with pytest.raises(ValidationError) as refused:
        registry.add_party(actor=coordinator(), facts={**PARTY, field: value})

    assert list(refused.value.message_dict) == [field]


def test_two_parties_do_not_share_a_gln():
    PartyFactory(gln=a_gln(7))

    with pytest.raises(ValidationError, match="là của"):
        registry.add_party(actor=coordinator(), facts={**PARTY, "gln": a_gln(7)})


def test_a_party_without_a_gln_is_named_by_its_code():
    plain, known = PartyFactory(), PartyFactory(gln=a_gln(8))

    assert plain.uri == f"urn:uuid:{plain.code}"
    assert known.uri == f"https://id.gs1.org/417/{a_gln(8)}"


def test_the_second_of_two_people_overwrites_nothing():
    product = ProductFactory()
    registry.change_product(
        actor=coordinator(), product=product, version=1, facts={"name": "Tên của người thứ nhất"}
    )

    with pytest.raises(ChangedMeanwhile):
        registry.change_product(
            actor=coordinator(), product=product, version=1, facts={"name": "Tên của người sau"}
        )

    product.refresh_from_db()
    assert (product.name, product.version) == ("Tên của người thứ nhất", 2)


def test_saving_what_is_there_writes_nothing_and_says_so():
    product = ProductFactory()

    with pytest.raises(NothingChanged):
        registry.change_product(
            actor=coordinator(), product=product, version=1, facts={"name": product.name}
        )

    product.refresh_from_db()
    assert product.version == 1
    assert not Entry.objects.exists()


def test_members_see_their_own_products_and_watchers_all():
    member, party = a_member()
    own, other = ProductFactory(party=party), ProductFactory()

    assert set(products_visible_to(member)) == {own}
    for role in (Role.DEPARTMENT_LEADER, Role.PROVINCIAL_LEADER, Role.AUDITOR):
        assert set(products_visible_to(PersonFactory(role=role))) == {own, other}
    assert not products_visible_to(PersonFactory(role=Role.SYSTEM_ADMINISTRATOR)).exists()


def test_files_of_a_product_are_read_by_those_who_see_the_product():
    member, party = a_member()
    picture, paper, other = UploadFactory(), UploadFactory(), UploadFactory()
    product = ProductFactory(party=party, picture=picture)
    CertificateFactory(product=product, file=paper)

    assert may_read_file(member, picture)
    assert may_read_file(member, paper)
    assert not may_read_file(member, other)
    assert not may_read_file(PersonFactory(), picture)


# ---------------------------------------------------------------- pictures
def test_a_picture_is_made_small_and_upright_and_forgets_where_it_was_taken():
    tags = Image.Exif()
    tags[0x0112] = 6  # lying on its side
    tags[0x010F] = "a telephone"
    out = io.BytesIO()
    Image.new("RGB", (2000, 1000), "orange").save(out, "JPEG", exif=tags)

    made = Image.open(io.BytesIO(pictures.made_small(out)))

    assert made.size == (320, 640)
    assert made.format == "JPEG"
    assert not made.getexif()


def test_what_is_transparent_becomes_white():
    out = io.BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(out, "PNG")

    made = Image.open(io.BytesIO(pictures.made_small(out)))

    assert made.getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xd8\xff not a picture", a_picture().getvalue()[:99]]
)
def test_a_broken_picture_is_refused_in_words(content):
    with pytest.raises(pictures.NoPicture, match="ảnh"):
        pictures.made_small(io.BytesIO(content))


# ---------------------------------------------------------------- pages
FORM = {
    "gtin": "8934567000017",
    "name": "Xoài sấy",
    "category": "Trái cây chế biến",
    "origin": "Gia Lai",
    "target_market": "Việt Nam",
}


def test_a_member_enters_a_product_with_its_picture(client):
    member, party = a_member()
    client.force_login(member)
    picture = a_picture()
    picture.name = "xoai.png"
    picture.seek(0)

    answer = client.post(
        reverse("traceability:add-product"),
        {**FORM, "party": party.pk, "picture": picture},
        follow=True,
    )

    product = Product.objects.get()
    assert answer.redirect_chain[-1][0] == reverse("traceability:product", args=[product.pk])
    assert (product.party, product.gtin) == (party, "08934567000017")
    assert product.picture.name == "anh-san-pham.jpg"
    shown = client.get(reverse("files:download", args=[product.picture_id]))
    assert b"".join(shown.streaming_content).startswith(b"\xff\xd8")
    shown.close()


def test_a_member_cannot_enter_a_product_of_somebody_else(client):
    member, _party = a_member()
    client.force_login(member)

    answer = client.post(reverse("traceability:add-product"), {**FORM, "party": PartyFactory().pk})

    assert answer.status_code == 422
    assert not Product.objects.exists()


def test_a_wrong_gtin_is_told_at_its_field(client):
    member, party = a_member()
    client.force_login(member)

    answer = client.post(
        reverse("traceability:add-product"),
        {**FORM, "party": party.pk, "gtin": "8934567000018"},
    )

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["gtin"]


def test_a_changed_page_that_somebody_else_changed_too_shows_both(client):
    member, party = a_member()
    product = ProductFactory(party=party)
    client.force_login(member)
    address = reverse("traceability:change-product", args=[product.pk])
    form = {**FORM, "version": 1}
    assert client.post(address, {**form, "name": "Tên một"}).status_code == 302

    answer = client.post(address, {**form, "name": "Tên hai"})

    assert answer.status_code == 409
    assert "Tên một" in answer.text
    assert "Tên hai" in answer.text


def test_a_product_of_somebody_else_is_not_found(client):
    member, _party = a_member()
    client.force_login(member)
    other = ProductFactory()

    for name in ("product", "change-product", "add-certificate"):
        assert client.get(reverse(f"traceability:{name}", args=[other.pk])).status_code == 404


def test_papers_are_added_and_taken_away_again(client):
    member, party = a_member()
    product = ProductFactory(party=party)
    client.force_login(member)
    show = reverse("traceability:product", args=[product.pk])

    client.post(
        reverse("traceability:add-certificate", args=[product.pk]),
        {"title": "Giấy VietGAP", "issuer": "Tổ chức Thử", "issued_on": "1/3/2026"},
    )
    paper = product.certificates.get()
    assert "Giấy VietGAP" in client.get(show).text
    client.post(reverse("traceability:withdraw-certificate", args=[paper.pk]))

    assert "Giấy VietGAP" not in client.get(show).text
    paper.refresh_from_db()
    assert paper.withdrawn_by == member


def test_the_department_adds_a_party_and_says_who_acts_for_it(client):
    body = OrganisationFactory(kind="enterprise")
    client.force_login(coordinator())

    client.post(reverse("traceability:add-party"), PARTY)
    party = Party.objects.get()
    page = reverse("traceability:link-party", args=[party.pk])
    client.post(page, {"organisation": body.pk, "version": party.version})

    party.refresh_from_db()
    assert party.organisation == body


def test_a_member_adds_a_place_and_corrects_it(client):
    member, party = a_member()
    client.force_login(member)
    form = {"party": party.pk, "kind": "farm", "name": "Vườn 1", "address": "Xã Cát Hanh"}

    client.post(reverse("traceability:add-place"), {**form, "latitude": "14,05"})
    assert not Place.objects.exists()  # one degree alone says nothing
    client.post(
        reverse("traceability:add-place"), {**form, "latitude": "14,05", "longitude": "109,03"}
    )
    place = Place.objects.get()
    client.post(
        reverse("traceability:change-place", args=[place.pk]),
        {**form, "version": 1, "name": "Vườn xoài 1"},
    )

    place.refresh_from_db()
    assert (place.name, place.is_public, place.latitude) == ("Vườn xoài 1", False, None)


def test_who_has_nothing_to_do_with_it_does_not_see_it(client):
    client.force_login(PersonFactory())

    for name in ("products", "parties", "places", "add-product"):
        assert client.get(reverse(f"traceability:{name}")).status_code == 403
    assert reverse("traceability:home") not in client.get("/tro-giup/").text


@pytest.mark.parametrize(
    ("name", "maker"),
    [("products", ProductFactory), ("parties", PartyFactory), ("places", PlaceFactory)],
)
def test_a_list_costs_the_same_whatever_its_length(
    client, django_assert_max_num_queries, name, maker
):
    client.force_login(coordinator())
    maker()
    address = reverse(f"traceability:{name}")
    client.get(address)
    with django_assert_max_num_queries(100) as few:
        assert client.get(address).status_code == 200
    maker.create_batch(3)

    with django_assert_max_num_queries(len(few)):
        client.get(address)


# ---------------------------------------------------------------- papers and their photographs
def a_photograph_with_its_place():
    exif = Image.Exif()
    exif[0x010F] = "Máy của bà Hoa"
    out = io.BytesIO()
    Image.new("RGB", (3000, 1500), "white").save(out, "JPEG", exif=exif)
    return SimpleUploadedFile("giay chung nhan.jpg", out.getvalue(), "image/jpeg")


PAPER = {"title": "Giấy chứng nhận", "issuer": "Tổ chức Thử", "issued_on": "01/03/2026"}


def test_a_photographed_paper_keeps_nothing_of_the_camera(client):
    product = ProductFactory()
    client.force_login(coordinator())
    assert Image.open(a_photograph_with_its_place()).getexif()

    page = reverse("traceability:add-certificate", args=[product.pk])
    client.post(page, {**PAPER, "file": a_photograph_with_its_place()})

    paper = product.certificates.get()
    shown = Image.open(io.BytesIO(b"".join(client.get(f"/truy-xuat/giay/{paper.pk}/"))))
    assert not shown.getexif()
    assert max(shown.size) == 2400


def test_a_file_of_a_refused_form_is_not_kept(client):
    product = ProductFactory()
    client.force_login(coordinator())
    page = reverse("traceability:add-certificate", args=[product.pk])

    answer = client.post(
        page, {**PAPER, "valid_until": "01/01/2020", "file": a_photograph_with_its_place()}
    )

    assert answer.status_code == 422
    assert not Upload.objects.exists()


def test_a_paper_is_taken_back_once():
    paper, keeper = CertificateFactory(), coordinator()
    registry.withdraw_certificate(actor=keeper, paper=paper, at=timezone.now())

    with pytest.raises(Denied, match="gỡ rồi"):
        registry.withdraw_certificate(actor=keeper, paper=paper, at=timezone.now())


def test_the_second_to_link_a_party_overwrites_nothing():
    party, first, second = PartyFactory(), OrganisationFactory(), OrganisationFactory()
    registry.link_organisation(actor=coordinator(), party=party, version=1, organisation=first)

    with pytest.raises(ChangedMeanwhile):
        registry.link_organisation(actor=coordinator(), party=party, version=1, organisation=second)

    party.refresh_from_db()
    assert party.organisation == first


def test_pages_say_how_much_they_leave_out(client):
    product = ProductFactory()
    ProductFactory.create_batch(51, party=product.party)
    LotFactory.create_batch(22, product=product)
    client.force_login(coordinator())

    party = client.get(reverse("traceability:party", args=[product.party.pk])).text
    lots = client.get(reverse("traceability:product", args=[product.pk])).text

    assert "Còn 2 sản phẩm khác" in party
    assert "Còn 2 lô cũ hơn" in lots


def test_a_place_leads_to_its_form_only_for_whoever_may_change_it(client):
    place = PlaceFactory()
    form = reverse("traceability:change-place", args=[place.pk])

    for who, is_led in (
        (coordinator(), True),
        (PersonFactory(role=Role.PROVINCIAL_LEADER), False),
        (PersonFactory(role=Role.AUDITOR), False),
    ):
        client.force_login(who)
        shown = client.get(reverse("traceability:places")).content.decode()
        assert place.name in shown
        assert (f'href="{form}"' in shown) == is_led
