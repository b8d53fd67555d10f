"""Links of keys on pages, in files and by command."""

import io
from dataclasses import replace
from datetime import timedelta

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from chuan.core.orgs.testing import OrganisationFactory
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.core.workbooks.opening import BookRefused
from chuan.modules.traceability import facade
from chuan.modules.traceability.engine import linktypes
from chuan.modules.traceability.enums import LINK_TYPES
from chuan.modules.traceability.models import Link, LinkFile
from chuan.modules.traceability.operations.links import (
    NewLink,
    OtherwiseMeanwhile,
    WrongLinks,
    change_link,
    keep_link_file,
    load_link_file,
    set_links,
    undo_link_file,
)
from chuan.modules.traceability.operations.registry import ChangedMeanwhile, NothingChanged
from chuan.modules.traceability.parsing.link_files import read_table
from chuan.modules.traceability.queries.linking import FACTS, links_in, plan_of
from chuan.modules.traceability.testing import ProductFactory

pytestmark = pytest.mark.django_db

GTIN = "09506000134352"
SITE = "https://example.vn/"
HEAD = "Mã,Loại liên kết,Địa chỉ,Tên liên kết,Ngôn ngữ,Mặc định,Số liên kết\n"


@pytest.fixture
def product():
    return ProductFactory(gtin=GTIN, party__organisation=OrganisationFactory(), name="Xoài sấy")


@pytest.fixture
def member(product):
    return PersonFactory(organisation=product.party.organisation)


@pytest.fixture
def signed_in(client, member):
    client.force_login(member)
    return client


def to(name, **more):
    return NewLink(
        **{"anchor": GTIN, "link_type": "pip", "href": SITE + name, "title": name, **more}
    )


def a_link(product, member, name="mot", **more):
    set_links(actor=member, party=product.party, links=[to(name, **more)])
    return Link.objects.get(href=SITE + name)


def sent(product, member, *links):
    return keep_link_file(
        actor=member, party=product.party, name="a.csv", links=links, at=timezone.now()
    )


def loaded(product, member, *links):
    file = sent(product, member, *links)
    counts = plan_of(product.party, links).counts
    return load_link_file(actor=member, file=file, shown=counts, at=timezone.now())


def csv_file(*rows, head=HEAD):
    return SimpleUploadedFile("lien-ket.csv", (head + "".join(rows)).encode())


# ---------------------------------------------------------------- one link
def test_every_type_people_choose_is_one_of_the_vocabulary():
    assert tuple(LINK_TYPES) == linktypes.KNOWN


def test_a_link_is_changed_as_it_stood_when_it_was_opened(product, member):
    row = a_link(product, member)

    changed = change_link(actor=member, link=row, version=1, new=to("hai"))

    assert (changed.pk, changed.href, changed.version) == (row.pk, SITE + "hai", 2)
    with pytest.raises(ChangedMeanwhile):
        change_link(actor=member, link=row, version=1, new=to("ba"))
    with pytest.raises(NothingChanged):
        change_link(actor=member, link=row, version=2, new=to("hai"))


def test_a_link_does_not_become_one_that_is_there(product, member):
    row, _other = a_link(product, member), a_link(product, member, "hai")

    with pytest.raises(WrongLinks, match="đã có"):
        change_link(actor=member, link=row, version=1, new=to("hai"))


def test_a_number_names_only_links_of_the_same_party(product, member):
    other = ProductFactory(party__organisation=OrganisationFactory())
    theirs = PersonFactory(organisation=other.party.organisation)
    row = a_link(other, theirs, anchor=other.gtin)

    with pytest.raises(WrongLinks, match=f"số {row.pk}"):
        set_links(actor=member, party=product.party, links=[to("hai", number=row.pk)])


# ---------------------------------------------------------------- files
def test_a_file_is_read_by_its_headings_in_any_order_and_with_any_separator():
    told = "Tên liên kết;Địa chỉ;mã;Loại liên kết;Ghi chú\r\nTrang;https://a.vn;950;gs1:pip;x\r\n"

    table = read_table("a.csv", b"\xef\xbb\xbf" + told.encode())

    [line] = table.lines
    assert line.number == 2
    assert (line.cells["anchor"], line.cells["href"]) == ("950", "https://a.vn")
    assert (table.letters["anchor"], table.unused) == ("C", ["Ghi chú"])


def test_a_workbook_is_read_with_titles_above_and_numbers_as_numbers():
    book = openpyxl.Workbook()
    book.active.append(["Liên kết của hợp tác xã"])
    book.active.append([])
    book.active.append(["anchor", "link_type", "href", "title"])
    book.active.append([9506000134352, "Trang thông tin sản phẩm", "https://a.vn", "Trang"])
    out = io.BytesIO()
    book.save(out)

    [link], faults = links_in(read_table("a.xlsx", out.getvalue()))

    assert (link.anchor, link.link_type, faults) == ("9506000134352", "pip", [])


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", "Mã;Tên liên kết\n1;2\n".encode(), "thiếu cột"),
        ("a.csv", HEAD.encode(), "chưa có dòng"),
        ("a.csv", HEAD.encode() + b"\xff\xfe", "UTF-8"),
        ("a.csv", b"a\0b", "hỏng"),
        ("a.xlsx", b"PK nothing", "hỏng|không phải"),
        ("a.exe", b"MZ", "không phải"),
        ("a.csv", (HEAD + f"{GTIN},pip,{SITE},x,,,\n" * 5001).encode(), "5.000"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_as_a_whole(name, content, words):
    with pytest.raises(BookRefused, match=words):
        read_table(name, content)


def test_a_file_changes_nothing_until_its_sender_says_so(product, member):
    file = sent(product, member, to("mot"))

    assert not Link.objects.exists()
    again = sent(product, member, to("hai"))
    assert list(LinkFile.objects.all()) == [again]
    assert file.pk != again.pk


def test_what_is_not_in_a_file_stays_and_all_of_it_can_be_taken_back(product, member):
    kept, changed = a_link(product, member), a_link(product, member, "hai")

    file = loaded(
        product, member, to("ba"), to("bon", number=changed.pk), to("hai-en", language="en")
    )
    after = set(Link.objects.values_list("href", flat=True))
    counts = undo_link_file(actor=member, file=file, at=timezone.now())

    assert after == {SITE + one for one in ("mot", "ba", "bon", "hai-en")}
    assert counts == (3, 0)
    assert set(Link.objects.values_list("pk", "href")) == {
        (kept.pk, SITE + "mot"),
        (changed.pk, SITE + "hai"),
    }


def test_taking_back_leaves_what_somebody_touched_since(product, member):
    first = a_link(product, member)
    file = loaded(product, member, to("moi", number=first.pk), to("hai"), to("ba"))
    now = Link.objects.get(pk=first.pk)
    change_link(actor=member, link=now, version=now.version, new=to("nguoi-khac"))
    second = Link.objects.get(href=SITE + "hai")
    change_link(actor=member, link=second, version=1, new=to("hai", title="Khác"))

    counts = undo_link_file(actor=member, file=file, at=timezone.now())

    assert counts == (1, 2)
    assert set(Link.objects.values_list("href", "title")) == {
        (SITE + "nguoi-khac", "nguoi-khac"),
        (SITE + "hai", "Khác"),
    }


def test_a_file_does_what_was_shown_or_nothing(product, member):
    file = sent(product, member, to("mot"))
    a_link(product, member)

    with pytest.raises(OtherwiseMeanwhile):
        load_link_file(actor=member, file=file, shown=(1, 0), at=timezone.now())

    assert Link.objects.count() == 1


def test_lines_that_contradict_each_other_are_told(product, member):
    row = a_link(product, member)
    plan = plan_of(
        product.party,
        [
            to("hai"),
            to("hai", title="Khác"),
            to("ba", number=row.pk),
            to("bon", number=row.pk),
            to("ba", title="mot"),
        ],
    )

    assert [(one.at, one.field) for one in plan.faults] == [
        (1, "href"),
        (3, "number"),
        (4, "href"),
    ]


def test_all_that_is_wrong_with_a_line_is_told_at_once_in_the_order_of_its_columns(product):
    wrong = NewLink(
        anchor="không",
        link_type="gs1:khong-co",
        href="ftp://x",
        title=" ",
        language="tiếng Việt",
        media_type="html",
        context="dài" * 20,
    )
    plan = plan_of(product.party, [wrong, replace(wrong, title="Trang", anchor="cũng không")])

    fields = [*FACTS[:-1]]
    assert [fault.field for fault in plan.faults if fault.at == 0] == fields
    assert [fault.field for fault in plan.faults if fault.at == 1] == [
        name for name in fields if name != "title"
    ]


def test_five_thousand_links_are_looked_at_with_few_questions(
    product, member, django_assert_max_num_queries
):
    links = [to(f"{n}", anchor=f"01/{GTIN}/10/L{n}") for n in range(5000)]

    with django_assert_max_num_queries(40):
        set_links(actor=member, party=product.party, links=links)

    assert Link.objects.count() == 5000


# ---------------------------------------------------------------- pages
def test_a_file_is_sent_seen_stored_and_taken_back_on_pages(signed_in, product, member):
    row = a_link(product, member)
    file = csv_file(
        f"{GTIN},gs1:pip,{SITE}moi,Trang mới,,x,{row.pk}\n",
        f"01/{GTIN}/10/LO1,Chứng nhận,{SITE}{{lot}},Chứng nhận,vi,,\n",
    )

    seen = signed_in.post(
        reverse("traceability:send-link-file"),
        {"party": product.party_id, "table": file},
        follow=True,
    )
    address = seen.request["PATH_INFO"]
    assert Link.objects.get().href == SITE + "mot"
    assert f"<del>{SITE}mot</del>" in seen.text
    sender = str(LinkFile.objects.get().sent_by)
    assert f"<span>{sender}</span>" in seen.text
    assert f"<span>{sender}</span>" in signed_in.get(reverse("traceability:links")).text
    stored = signed_in.post(address, {"added": "1", "changed": "1"}, follow=True)

    assert Link.objects.count() == 2
    assert "Hoàn tác tệp này" in stored.text
    signed_in.post(f"{address}hoan-tac/")
    assert list(Link.objects.values_list("href", flat=True)) == [SITE + "mot"]


def test_every_fault_of_a_file_is_shown_by_its_cell_and_nothing_kept(signed_in, product):
    file = csv_file(
        f"{GTIN},gs1:pip,{SITE}mot,Trang,,,\n",
        f"{GTIN},gs1:khong-co,ftp://x,Trang,,,\n",
        f"08934567000017,gs1:pip,{SITE},Trang,,,\n",
        f"{GTIN},gs1:pip,{SITE}hai,,tiếng Việt,,\n",
    )

    page = signed_in.post(
        reverse("traceability:send-link-file"), {"party": product.party_id, "table": file}
    )

    assert page.status_code == 422
    assert "5 chỗ cần sửa" in page.text
    assert all(f'class="num">{cell}<' in page.text for cell in ("B3", "C3", "A4", "D5", "E5"))
    assert not LinkFile.objects.exists()


def test_marks_that_cannot_be_read_are_shown_by_their_cell(signed_in, product):
    file = csv_file(f"{GTIN},gs1:pip,{SITE}mot,Trang,,có lẽ,bảy\n")

    page = signed_in.post(
        reverse("traceability:send-link-file"), {"party": product.party_id, "table": file}
    )

    assert all(f'class="num">{cell}<' in page.text for cell in ("F2", "G2"))


def test_what_cannot_be_read_and_what_is_wrong_are_shown_together(signed_in, product):
    file = csv_file(
        f"{GTIN},gs1:pip,{SITE}mot,Trang,,có lẽ,\n",
        f"{GTIN},gs1:khong-co,{SITE}hai,Trang,,,\n",
    )

    page = signed_in.post(
        reverse("traceability:send-link-file"), {"party": product.party_id, "table": file}
    )

    assert all(f'class="num">{cell}<' in page.text for cell in ("F2", "B3"))


def test_what_is_downloaded_can_be_sent_back_and_changes_nothing(signed_in, product, member):
    a_link(product, member, language="vi", is_default=True)
    for kind in ("csv", "xlsx"):
        answer = signed_in.get(reverse("traceability:links"), {"export": kind})
        links, faults = links_in(read_table(f"a.{kind}", b"".join(answer.streaming_content)))

        plan = plan_of(product.party, links)

        assert (faults, plan.faults, plan.counts, plan.unchanged) == ([], [], (0, 0), [0])


def test_a_link_is_added_changed_and_removed_on_pages(signed_in, product):
    facts = {
        "party": product.party_id,
        "anchor": GTIN,
        "link_type": "pip",
        "href": f"{SITE}a",
        "title": "Trang",
    }
    assert signed_in.post(reverse("traceability:add-link"), facts).status_code == 302
    row = Link.objects.get()
    wrong = signed_in.post(
        reverse("traceability:change-link", args=[row.pk]), facts | {"version": 1, "href": "ftp:x"}
    )
    assert (wrong.status_code, "https://" in wrong.text) == (422, True)
    signed_in.post(
        reverse("traceability:change-link", args=[row.pk]), facts | {"version": 1, "title": "Mới"}
    )
    assert Link.objects.get().title == "Mới"
    late = signed_in.post(
        reverse("traceability:change-link", args=[row.pk]), facts | {"version": 1, "title": "Cũ"}
    )
    assert late.status_code == 409

    remove = reverse("traceability:remove-link", args=[row.pk])
    assert signed_in.get(remove).status_code == 200
    assert Link.objects.exists()
    signed_in.post(remove)
    assert not Link.objects.exists()


def test_members_see_and_touch_the_links_of_their_own_party_alone(client, product, member):
    row = a_link(product, member)
    stranger = ProductFactory(party__organisation=OrganisationFactory())
    client.force_login(PersonFactory(organisation=stranger.party.organisation))

    assert SITE not in client.get(reverse("traceability:links")).text
    assert client.get(reverse("traceability:change-link", args=[row.pk])).status_code == 404
    assert client.post(reverse("traceability:remove-link", args=[row.pk])).status_code == 404


def test_watchers_see_links_without_changing_them(client, product, member):
    row = a_link(product, member)
    client.force_login(PersonFactory(role=Role.AUDITOR))

    assert SITE in client.get(reverse("traceability:links")).text
    assert client.get(reverse("traceability:change-link", args=[row.pk])).status_code == 403


def test_a_scan_can_be_tried_with_its_wishes(signed_in, product, member):
    a_link(product, member, "vi", language="vi", is_default=True)
    a_link(product, member, "en", language="en", is_default=True)

    def tried(**asked):
        page = signed_in.get(reverse("traceability:try-link"), {"ma": GTIN, **asked})
        return page.context["left"]

    assert [one.href for one in tried(ngon_ngu="vi")] == [SITE + "vi"]
    assert [one.href for one in tried(ngon_ngu="en")] == [SITE + "en"]
    assert len(tried(ngon_ngu="")) == 2
    assert tried(loai="recipeInfo") == []
    assert "/truy-xuat/" in tried(loai="traceability")[0].href
    assert signed_in.get(reverse("traceability:try-link"), {"ma": "xyz"}).status_code == 422


def test_the_list_asks_as_much_for_many_links_as_for_one(
    signed_in, product, member, django_assert_num_queries
):
    address = reverse("traceability:links")
    a_link(product, member)
    loaded(product, member, to("tep-1"))
    signed_in.get(address)
    with CaptureQueriesContext(connection) as one:
        signed_in.get(address)
    for n in range(5):
        loaded(product, member, to(f"nhieu-{n}"))
    with django_assert_num_queries(len(one)):
        signed_in.get(address)


# ---------------------------------------------------------------- by command
def test_the_command_loads_a_file_or_tells_all_that_is_wrong(product, member):
    def load(*rows, party=None, username=member.username):
        return facade.load_links(
            party=party or str(product.party.code),
            username=username,
            name="a.csv",
            content=(HEAD + "".join(rows)).encode(),
            at=timezone.now() - timedelta(minutes=1),
        )

    assert load(f"{GTIN},pip,{SITE}a,Trang,,,\n") == (1, 0)
    assert load(f"{GTIN},pip,{SITE}a,Trang mới,,,\n") == (0, 1)
    with pytest.raises(facade.LinksRefused) as refused:
        load(f"{GTIN},pip,x,Trang,,,\n", f"{GTIN},pip,{SITE},,,,\n")
    assert [one[:2] for one in refused.value.faults] == ["C2", "D3"]
    with pytest.raises(facade.LinksRefused, match="khong-ai"):
        load(username="khong-ai")
    with pytest.raises(facade.LinksRefused, match="party"):
        load(f"{GTIN},pip,{SITE}a,Trang,,,\n", party="0000")
    assert Link.objects.count() == 1
