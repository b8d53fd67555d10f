"""The pages of reorganisations as people walk through them."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from chuan.core.orgs import operations, queries
from chuan.core.orgs.enums import ChangeKind, EventState, OrgKind, Share
from chuan.core.orgs.models import ChangeEvent, OrganisationVersion, Reform
from chuan.core.orgs.queries.dependents import Dependents, Found, Sample, dependents
from chuan.core.orgs.testing import (
    ChangeEventFactory,
    OrganisationFactory,
    SuccessionLinkFactory,
    a_merger,
    commit,
)
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory

pytestmark = pytest.mark.django_db

DAY = date(2026, 7, 1)
LIST = (
    "ma,ten_moi,ma_tinh,tinh_moi,truoc_sap_nhap\n"
    't1,Tỉnh Mới,,,"tỉnh Một và tỉnh Hai"\n'
    'a,Xã A,t1,Tỉnh Mới,"Xã Tân, Xã Một"\n'
    'b,Xã B,t1,Tỉnh Mới,"Xã Tân, Xã Hai (phần còn lại sau khi sáp nhập vào xã C)"\n'
    'c,Xã C,t1,Tỉnh Mới,"Xã Hai"\n'
)


@pytest.fixture
def preparer():
    return PersonFactory(role=Role.DEPARTMENT_COORDINATOR, full_name="Người Soạn")


@pytest.fixture
def confirmer():
    return PersonFactory(role=Role.DEPARTMENT_LEADER, full_name="Người Xác Nhận")


def text_of(page, status=200):
    assert page.status_code == status, page.content.decode()[:2000]
    return page.content.decode()


def queries_of(client, url):
    with CaptureQueriesContext(connection) as asked:
        assert client.get(url).status_code == 200
    return len(asked)


def test_two_departments_are_merged_from_the_first_page_to_undo(client, preparer, confirmer):
    province = OrganisationFactory(province=True, name="Ủy ban nhân dân tỉnh Gia Lai")
    one = OrganisationFactory(name="Sở Công Thương", parent=province)
    other = OrganisationFactory(name="Sở Du lịch", parent=province)
    PersonFactory(role=Role.UNIT_CLERK, organisation=one, full_name="Cán Bộ Cũ")

    client.force_login(preparer)
    assert "Lập sự kiện" in text_of(client.get(reverse("orgs:events")))
    wrong = client.post(reverse("orgs:new_event"), {"kind": "merge", "title": ""})
    assert "Nhập tên sự kiện" in text_of(wrong, 422)
    page = client.post(
        reverse("orgs:new_event"),
        {
            "kind": "merge",
            "title": "Hợp nhất hai sở",
            "effective_on": "1/7/2026",
            "basis_text": "12/NQ-HĐND",
            "clause": "Điều 2",
        },
    )
    event = ChangeEvent.objects.get()
    bodies = reverse("orgs:event_bodies", args=[event.pk])
    assert page["Location"] == bodies

    for body in (one, other):
        found = text_of(client.get(bodies, {"q": body.versions.get().name}))
        assert f'name="end" value="{body.pk}"' in found
        event.refresh_from_db()
        client.post(bodies, {"version": event.version, "end": body.pk})
    event.refresh_from_db()
    new = reverse("orgs:event_body", args=[event.pk, "moi"])
    assert "Cơ quan thành lập mới" in text_of(client.get(new))
    client.post(
        new,
        {
            "version": event.version,
            "name": "Sở Công Thương và Du lịch",
            "kind": "provincial",
            "parent": province.pk,
        },
    )
    event.refresh_from_db()
    page = client.post(bodies, {"version": event.version})
    assert page["Location"] == reverse("orgs:event_links", args=[event.pk])
    links = text_of(client.get(page["Location"]))
    assert "Sở Du lịch chuyển cho" in links
    assert len(queries.proposal_of(ChangeEvent.objects.get()).links) == 2

    show = reverse("orgs:event", args=[event.pk])
    look = text_of(client.get(show))
    assert "danh mục chưa thay đổi" in look
    assert "Sở Công Thương và Du lịch (toàn bộ)" in look
    assert "Cán Bộ Cũ" in look
    assert "Xác nhận sự kiện" not in look
    event.refresh_from_db()
    client.post(reverse("orgs:propose_event", args=[event.pk]), {"version": event.version})
    assert "cần một người khác xác nhận" in text_of(client.get(show))
    assert client.get(reverse("orgs:commit_event", args=[event.pk])).status_code == 403

    client.force_login(confirmer)
    assert "Xác nhận sự kiện" in text_of(client.get(show))
    sure = reverse("orgs:commit_event", args=[event.pk])
    assert "Người Soạn đã soạn" in text_of(client.get(sure))
    event.refresh_from_db()
    client.post(sure, {"version": event.version})
    event.refresh_from_db()
    assert event.state == EventState.COMMITTED
    body = OrganisationVersion.objects.get(name="Sở Công Thương và Du lịch")
    shown = text_of(client.get(reverse("orgs:show", args=[body.organisation_id])))
    assert shown.count("fam-box") == 3
    assert "– 30/06/2026" in shown

    undo = reverse("orgs:reverse_event", args=[event.pk])
    assert "Hoàn tác sự kiện" in text_of(client.get(show))
    assert "sẽ hoạt động trở lại" in text_of(client.get(undo))
    assert "Nhập lý do" in text_of(client.post(undo, {"reason": ""}), 422)
    client.post(undo, {"reason": "Nhầm ngày"})
    assert "Nhầm ngày" in text_of(client.get(show))
    assert one.versions.get().valid_to is None

    client.force_login(preparer)
    page = client.post(reverse("orgs:redraft_event", args=[event.pk]))
    assert "Hợp nhất hai sở" in text_of(client.get(page["Location"]))


def test_a_rename_asks_for_the_new_facts_and_for_no_heirs(client, preparer):
    body = OrganisationFactory(name="Sở Cũ", notation="SC")
    client.force_login(preparer)
    client.post(
        reverse("orgs:new_event"),
        {"kind": "rename", "title": "Đổi tên", "effective_on": "1/7/2026", "basis_text": "1/QĐ"},
    )
    event = ChangeEvent.objects.get()
    bodies = reverse("orgs:event_bodies", args=[event.pk])
    page = client.post(bodies, {"version": event.version, "keep": body.pk})
    edit = reverse("orgs:event_body", args=[event.pk, str(body.pk)])
    assert page["Location"] == edit
    form = text_of(client.get(edit))
    assert 'value="Sở Cũ"' in form
    event.refresh_from_db()
    facts = {"name": "Sở Mới", "short_name": "Sở Cũ", "kind": "provincial", "notation": "SC"}
    client.post(edit, {"version": event.version, **facts})
    [part] = queries.proposal_of(ChangeEvent.objects.get()).parts
    assert part.facts == {"name": "Sở Mới"}
    page = text_of(client.get(reverse("orgs:event", args=[event.pk])))
    assert "Tên: Sở Mới" in page
    assert "Kế thừa" not in page.split("<h1>")[0]


def test_what_is_wrong_is_said_on_the_page_and_nothing_is_handed_over(client, preparer):
    gone = OrganisationFactory(name="Sở Hết", valid_to=date(2026, 1, 1))
    event = a_merger(actor=preparer, before=[gone], basis_text="")
    client.force_login(preparer)
    page = text_of(client.get(reverse("orgs:event", args=[event.pk])))
    assert "Sở Hết đã kết thúc từ ngày 01/01/2026." in page
    assert "Ghi văn bản quyết định" in page
    page = client.post(reverse("orgs:propose_event", args=[event.pk]), {"version": event.version})
    assert "Chưa thể ghi sự kiện này" in text_of(page, 422)


def test_a_page_opened_before_another_person_saved_ends_at_the_conflict_page(client, preparer):
    event = a_merger(actor=preparer, before=[OrganisationFactory()])
    operations.change_draft(actor=preparer, event=event, version=1, at=timezone.now(), title="Khác")
    client.force_login(preparer)
    page = client.post(
        reverse("orgs:event_bodies", args=[event.pk]), {"version": 1, "remove": "+1"}
    )
    assert page.status_code == 409


def test_the_second_person_sends_it_back_with_what_to_mend(client, preparer, confirmer):
    event = a_merger(actor=preparer, before=[OrganisationFactory()])
    operations.propose_event(actor=preparer, event=event, version=1, at=timezone.now())
    client.force_login(confirmer)
    back = reverse("orgs:hand_back_event", args=[event.pk])
    assert "Ghi nội dung cần sửa" in text_of(client.post(back, {"remark": ""}), 422)
    client.post(back, {"remark": "Sai ngày"})
    client.force_login(preparer)
    assert "Sai ngày" in text_of(client.get(reverse("orgs:event", args=[event.pk])))


def test_drafts_are_seen_by_those_who_prepare_and_confirm_and_the_rest_by_everybody(
    client, preparer, confirmer
):
    draft = a_merger(actor=preparer, before=[OrganisationFactory()], title="Bản soạn kín")
    done = a_merger(actor=preparer, before=[OrganisationFactory()], title="Đã ghi xong")
    commit(done, preparer=preparer, confirmer=confirmer)
    for role in Role:
        client.force_login(PersonFactory(role=role))
        sees = role in {
            Role.SYSTEM_ADMINISTRATOR,
            Role.DEPARTMENT_COORDINATOR,
            Role.DEPARTMENT_LEADER,
        }
        page = text_of(client.get(reverse("orgs:events")))
        assert ("Bản soạn kín" in page) == sees
        assert "Đã ghi xong" in page
        found = client.get(reverse("orgs:event", args=[draft.pk])).status_code
        assert found == (200 if sees else 404)
        assert client.get(reverse("orgs:event", args=[done.pk])).status_code == 200
        prepares = role in {Role.SYSTEM_ADMINISTRATOR, Role.DEPARTMENT_COORDINATOR}
        for name in ("orgs:new_event", "orgs:new_reform"):
            assert client.get(reverse(name)).status_code == (200 if prepares else 403)
        assert client.get(reverse("orgs:reforms")).status_code == (200 if sees else 403)


def test_an_event_of_the_data_files_shows_its_links_and_cannot_be_undone(client, confirmer):
    link = SuccessionLinkFactory(event=ChangeEventFactory(title="Hợp nhất tỉnh"))
    client.force_login(confirmer)
    page = text_of(client.get(reverse("orgs:event", args=[link.event.pk])))
    assert "Hợp nhất tỉnh" in page
    assert link.predecessor.versions.get().name in page
    assert "Hoàn tác sự kiện" not in page


def test_pages_cost_the_same_for_few_bodies_and_for_many(client, preparer, confirmer):
    client.force_login(preparer)

    def costs(number):
        bodies = [OrganisationFactory(parent=None) for _number in range(number)]
        event = a_merger(actor=preparer, before=bodies, name=f"Sở {number}")
        names = ("orgs:event", "orgs:event_bodies", "orgs:event_links")
        found = [queries_of(client, reverse(name, args=[event.pk])) for name in names]
        event = commit(event, preparer=preparer, confirmer=confirmer)
        found.append(queries_of(client, reverse("orgs:event", args=[event.pk])))
        new = event.links.first().successor_id
        found.append(queries_of(client, reverse("orgs:show", args=[new])))
        found.append(queries_of(client, reverse("orgs:events")))
        return found

    costs(1)
    assert costs(2) == costs(12)


def test_a_body_with_many_before_it_draws_some_and_counts_the_rest(client, preparer, confirmer):
    bodies = [OrganisationFactory(name=f"Sở Thứ {number}") for number in range(12)]
    event = commit(a_merger(actor=preparer, before=bodies), preparer=preparer, confirmer=confirmer)
    client.force_login(preparer)
    new = event.links.first().successor_id
    page = text_of(client.get(reverse("orgs:show", args=[new])))
    assert "và 4 cơ quan khác" in page
    assert "12 cơ quan trước" in page


def test_the_search_says_what_an_old_name_has_become(client, preparer):
    old = OrganisationFactory(name="Sở Thủy sản", valid_to=DAY)
    new = OrganisationFactory(name="Sở Nông nghiệp", valid_from=DAY)
    SuccessionLinkFactory(
        event=ChangeEventFactory(effective_on=DAY), predecessor=old, successor=new
    )
    client.force_login(preparer)
    page = text_of(client.get(reverse("orgs:list"), {"q": "thuy san", "ngay": "02/07/2026"}))
    assert "Sở Nông nghiệp" in page
    assert "Sở Thủy sản, nay là cơ quan này" in page


def test_the_search_says_of_which_body_of_before_another_has_only_a_part(client, preparer):
    old = OrganisationFactory(name="Sở Thủy sản", short_name="Sở Thủy sản", valid_to=DAY)
    event = ChangeEventFactory(effective_on=DAY)
    for name in ("Sở Nông nghiệp", "Sở Công Thương"):
        new = OrganisationFactory(name=name, valid_from=DAY)
        SuccessionLinkFactory(event=event, predecessor=old, successor=new, share=Share.PARTIAL)
    client.force_login(preparer)

    page = text_of(client.get(reverse("orgs:list"), {"q": "thuy san", "ngay": "02/07/2026"}))
    found = text_of(client.get(reverse("search:results"), {"q": "thuy san"}))

    assert page.count("Tiếp nhận một phần của Sở Thủy sản") == 2
    assert "nay là cơ quan này" not in page
    assert found.count("cơ quan này tiếp nhận một phần") == 2
    assert "nay là cơ quan này" not in found


# ---------------------------------------------------------------- lists of units


def upload(content=LIST, name="bang.csv"):
    return SimpleUploadedFile(name, content.encode())


def test_a_list_is_uploaded_compared_answered_and_made_into_an_event(client, preparer, confirmer):
    client.force_login(preparer)
    form = {"effective_on": "1/7/2026", "basis_text": "99/NQ-UBTVQH"}
    wrong = client.post(reverse("orgs:new_reform"), {**form, "file": upload("a,b\n1,2\n")})
    assert "phải là CSV" in text_of(wrong, 422)
    page = client.post(reverse("orgs:new_reform"), {**form, "file": upload()})
    reform = Reform.objects.get()
    assert page["Location"] == reverse("orgs:reform", args=[reform.pk])
    look = text_of(client.get(page["Location"]))
    assert "1 chỗ chưa rõ" in look
    assert "bang.csv" in text_of(client.get(reverse("orgs:reforms")))
    refused = client.post(page["Location"], {"province": ["t1"]})
    assert "còn 1 chỗ chưa rõ" in text_of(refused, 422)

    province = reverse("orgs:reform_province", args=[reform.pk, "t1"])
    asked = text_of(client.get(province))
    assert "“xã Tân” xuất hiện ở nhiều dòng" in asked
    assert "Xã Hai" in asked
    client.post(province, {"doubt_0": "same"})
    assert "Đã trả lời" in text_of(client.get(province))
    assert "Đã rõ" in text_of(client.get(page["Location"]))
    drafted = client.post(page["Location"], {"province": ["t1"]})
    event = ChangeEvent.objects.get()
    assert drafted["Location"] == reverse("orgs:event", args=[event.pk])
    assert "Có trước, kết thúc từ ngày 01/07/2026" in text_of(client.get(drafted["Location"]))
    commit(event, preparer=preparer, confirmer=confirmer)
    assert event.links.filter(share=Share.PARTIAL).count() == 4
    assert ChangeKind(event.kind) == ChangeKind.MERGE

    client.post(reverse("orgs:abandon_reform", args=[reform.pk]))
    assert client.get(page["Location"]).status_code == 404


def test_the_preview_leads_to_the_whole_list_page_by_page(client, preparer, monkeypatch):
    kind = Dependents(
        "Việc đang làm",
        "Giữ ở cơ quan cũ.",
        "clipboard-list",
        lambda _affected, _reader: Found(
            160, range(160), lambda number: Sample(f"Việc {number}", "chi tiết", f"/viec/{number}/")
        ),
    )
    monkeypatch.setitem(dependents._items, "test.works", kind)
    event = a_merger(actor=preparer, before=[OrganisationFactory(), OrganisationFactory()])
    client.force_login(preparer)
    whole = reverse("orgs:event_consequence", args=[event.pk, "test-works"])

    preview = text_of(client.get(reverse("orgs:event", args=[event.pk])))
    assert f'<a href="{whole}">Xem cả 160' in preview
    assert "Việc 5" not in preview

    first, last = text_of(client.get(whole)), text_of(client.get(whole + "?trang=4"))
    assert 'href="/viec/49/"' in first
    assert 'href="/viec/50/"' not in first
    assert 'href="/viec/159/"' in last
    csv = b"".join(client.get(whole + "?export=csv").streaming_content).decode("utf-8-sig")
    assert csv.count("\r\n") == 161
    gone = reverse("orgs:event_consequence", args=[event.pk, "khong-co"])
    assert client.get(gone).status_code == 404


def test_a_reader_who_may_not_see_the_rows_is_given_no_list(client, preparer, monkeypatch):
    kind = Dependents("Việc", "Giữ.", "clipboard-list", lambda _affected, _reader: Found(160))
    monkeypatch.setitem(dependents._items, "test.works", kind)
    event = a_merger(actor=preparer, before=[OrganisationFactory(), OrganisationFactory()])
    client.force_login(preparer)

    assert "Xem cả 160" not in text_of(client.get(reverse("orgs:event", args=[event.pk])))
    whole = client.get(reverse("orgs:event_consequence", args=[event.pk, "test-works"]))
    assert "Không có gì để xem" in text_of(whole)


def test_a_new_body_is_suggested_to_be_what_those_before_it_were(client, preparer):
    province = OrganisationFactory(province=True, is_home=True)
    communes = [OrganisationFactory(kind=OrgKind.COMMUNE, subtype="xã", parent=province)]
    merger = a_merger(actor=preparer, before=communes)
    empty = operations.draft_event(
        actor=preparer, kind=ChangeKind.MERGE, title="Mới", effective_on=DAY, at=timezone.now()
    )
    client.force_login(preparer)

    def suggested(event):
        form = client.get(reverse("orgs:event_body", args=[event.pk, "moi"])).context["form"]
        return {name: form[name].value() for name in ("kind", "subtype", "parent")}

    assert suggested(merger) == {"kind": "commune", "subtype": "xã", "parent": str(province.pk)}
    assert suggested(empty) == {"kind": "provincial", "subtype": "", "parent": str(province.pk)}


def test_who_may_undo_reads_that_one_person_is_enough(client, preparer, confirmer):
    event = commit(
        a_merger(actor=preparer, before=[OrganisationFactory(), OrganisationFactory()]),
        preparer=preparer,
        confirmer=confirmer,
    )
    client.force_login(confirmer)

    page = text_of(client.get(reverse("orgs:event", args=[event.pk])))

    assert "Hoàn tác chỉ cần một người" in page
