import csv
import io
import json
import re
import xml.etree.ElementTree as ET

import pytest
from django.urls import reverse

from chuan.core.files.testing import PDF
from chuan.flows.annual_report.testing import IN_TIME
from chuan.flows.portal import operations, testing
from chuan.flows.portal.models import Publication
from chuan.flows.portal.parsing.fields import resources
from chuan.flows.portal.queries import public
from chuan.flows.portal.web.formats import describe_api, describe_catalogue
from chuan.modules.plans.testing import Difficulty, DifficultyFactory, Task


@pytest.fixture
def addresses(opened):
    plan, period = opened.period.plan_id, opened.period.pk
    answer = Difficulty.objects.get(answered_at__isnull=False).pk
    code = Task.objects.order_by("pk").first().code
    return {
        "home": reverse("portal:home"),
        "plan": reverse("portal:plan", args=[plan]),
        "task": reverse("portal:task", args=[plan, code]),
        "results": reverse("portal:results", args=[period]),
        "answers": reverse("portal:answers"),
        "answer": reverse("portal:answer", args=[answer]),
        "search": reverse("portal:search") + "?q=tieu+chuan",
        "data": reverse("portal:data"),
        "csv": reverse("portal:csv", args=["task"]),
        "json": reverse("portal:json", args=["body_result"]),
        "openapi": reverse("portal:openapi"),
        "dcat": reverse("portal:dcat"),
        "sitemap": reverse("portal:sitemap"),
        "robots": "/robots.txt",
    }


def test_every_cache_may_keep_every_answer_and_no_cookie_is_set(client, addresses):
    for name, address in addresses.items():
        page = client.get(address)
        assert page.status_code == 200, name
        assert page["Cache-Control"] == "public, max-age=300"
        assert page["ETag"]
        assert page["Last-Modified"] == "Tue, 10 Nov 2026 02:00:00 GMT"
        assert "Cookie" not in page.get("Vary", "")
        assert not page.cookies


@pytest.mark.parametrize(("portal", "scan"), [("portal", "scan"), ("portal-en", "scan-en")])
def test_the_portal_leads_to_the_origin_of_goods_and_to_recalls(client, opened, portal, scan):
    page = client.get(reverse(f"{portal}:home")).text

    for name in ("ask", "recalls"):
        address = reverse(f"{scan}:{name}")
        assert f'href="{address}"' in page
        assert client.get(address).status_code == 200


def test_the_same_answer_for_whoever_is_signed_in(client, opened, addresses):
    as_stranger = client.get(addresses["plan"]).content
    client.force_login(opened.leader)
    client.cookies["chuan-theme"] = "dark"
    client.cookies["chuan-language"] = "en"

    assert client.get(addresses["plan"]).content == as_stranger


def test_a_copy_that_still_holds_is_not_sent_again_and_costs_two_queries(
    client, addresses, django_assert_num_queries
):
    for address in addresses.values():
        etag = client.get(address)["ETag"]
        with django_assert_num_queries(2):
            assert client.get(address, headers={"If-None-Match": etag}).status_code == 304


def test_taking_back_changes_the_tag_at_once(client, opened, addresses):
    etag = client.get(addresses["answers"])["ETag"]
    operations.withdraw_publication(
        actor=opened.leader,
        publication=Publication.objects.get(kind="answer"),
        reason="Nhầm",
        at=IN_TIME,
    )

    page = client.get(addresses["answers"], headers={"If-None-Match": etag})

    assert page.status_code == 200
    assert client.get(addresses["answer"]).status_code == 404


def test_pages_cost_the_same_however_much_is_public(
    client, opened, addresses, django_assert_num_queries, django_assert_max_num_queries
):
    counts = {}
    for name, address in addresses.items():
        with django_assert_max_num_queries(10) as queries:
            client.get(address)
        counts[name] = len(queries)
    DifficultyFactory.create_batch(
        3, plan=opened.period.plan, organisation=opened.bodies[0], answered=True
    )
    testing.publish_answers(opened)

    for name, address in addresses.items():
        with django_assert_num_queries(counts[name]):
            client.get(address)


def test_english_has_addresses_of_its_own(client, addresses):
    vietnamese = client.get(addresses["home"])
    english = client.get("/en" + addresses["home"])

    assert vietnamese["Content-Language"] == "vi"
    assert english["Content-Language"] == "en"
    assert '<html lang="en"' in english.content.decode()
    assert f'href="/en{addresses["plan"]}"' in english.content.decode()
    assert f'href="{addresses["home"]}"' in english.content.decode()


def test_english_pages_are_english_but_for_words_marked_as_vietnamese(client, addresses):
    data = {"csv", "json", "openapi", "dcat", "sitemap", "robots"}
    for name in addresses.keys() - data:
        page = client.get("/en" + addresses[name]).content.decode()
        main = page[page.index("<main") : page.index("</main>")]
        marked = re.sub(r'<(\w+)[^>]*lang="vi"[^>]*>.*?</\1>', "", main, flags=re.DOTALL)
        words = re.sub(r"<[^>]+>", " ", marked)
        # Numbers of documents are written as they are: “1029/QĐ-UBND”.
        left = [
            word
            for word in words.split()
            if re.search("[ăâđêôơư\u1ea0-\u1ef9]", word, re.IGNORECASE) and "/" not in word
        ]
        assert left == [], name
        assert "năm 2026" not in words


def test_it_is_found_without_tones_in_any_case_and_in_any_form_of_unicode(client, opened):
    import unicodedata  # noqa: PLC0415 - only here

    task = Task.objects.filter(heading_only=False).first()
    word = task.short_text.split()[0]
    forms = (word, word.upper(), unicodedata.normalize("NFD", word))
    found = {tuple(hit.key for hit in public.search(form)) for form in forms}

    assert len(found) == 1
    assert task.code in found.pop()


def test_everything_public_is_found_by_what_it_says_and_no_more_of_it_than_asked(
    opened, django_assert_num_queries
):
    testing.publish_answers(opened, question="Ai chi trả?", answer="Ngân sách tỉnh.")
    period, task = opened.period, Task.objects.filter(heading_only=False).first()
    body = opened.bodies[0].versions.get().name
    (figure,) = {row["title"] for row in public.rows_of("figure")} or {None}

    def found(words):
        return {(hit.kind, hit.key) for hit in public.search(words)}

    assert ("task", task.code) in found(f"{task.code} {task.short_text}")
    assert {kind for kind, _key in found("ngan sach tinh")} == {"answer"}
    assert ("body", str(period.pk)) in found(body)
    assert figure is None or ("figure", str(period.pk)) in found(figure)
    assert found("ngan sach khong dau co") == set()
    with django_assert_num_queries(5):
        assert len(public.search("i", at_most=2)) == 2


def test_no_page_has_a_script_or_a_form_that_posts(client, addresses):
    for name in ("home", "plan", "task", "results", "answers", "answer", "search", "data"):
        text = client.get(addresses[name]).content.decode()
        assert "<script" not in text
        assert 'method="post"' not in text
        assert "csrf" not in text


def test_a_file_of_a_published_document_is_served_as_it_is(client, plain):
    row = public.rows_of("document")[0]

    page = client.get(reverse("portal:file", args=[row["id"]]))

    assert b"".join(page.streaming_content) == PDF + b"% issued"
    assert page["Content-Type"] == "application/pdf"


def test_csv_and_json_say_the_same(client, addresses):
    for name in resources():
        table = client.get(reverse("portal:csv", args=[name])).content.decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(table)))
        data = client.get(reverse("portal:json", args=[name])).json()["data"]
        assert len(rows) == len(data)
        if rows:
            assert list(rows[0]) == list(data[0])


def test_a_cell_cannot_be_taken_for_a_formula(client, opened):
    Task.objects.filter(heading_only=False).update(text="=1+1")
    testing.publish_plan(opened)

    table = client.get(reverse("portal:csv", args=["task"])).content.decode()

    assert "'=1+1" in table


def test_the_description_fits_what_is_sent(client, opened):
    described = describe_api()
    kinds = {"integer": int, "string": str, "boolean": bool, "array": list}

    assert described["openapi"] == "3.0.3"
    for name in resources():
        address = reverse("portal:json", args=[name])
        answer = described["paths"][address]["get"]["responses"]["200"]
        schema = described["components"]["schemas"][name]
        assert answer["content"]["application/json"]["schema"]["properties"]["data"]["items"] == {
            "$ref": f"#/components/schemas/{name}"
        }
        for row in client.get(address).json()["data"]:
            assert set(row) == set(schema["properties"]) == set(schema["required"])
            for key, value in row.items():
                wanted = schema["properties"][key]
                assert (value is None and wanted.get("nullable")) or isinstance(
                    value, kinds[wanted["type"]]
                ), (name, key, value)


def test_operations_of_the_description_have_names_of_their_own(db):
    names = [path["get"]["operationId"] for path in describe_api()["paths"].values()]
    assert len(names) == len(set(names)) == 2 * len(resources())


def test_the_catalogue_names_every_dataset_with_both_formats(client, opened):
    catalogue = describe_catalogue()

    assert [one["dct:identifier"] for one in catalogue["dcat:dataset"]] == list(resources())
    for one in catalogue["dcat:dataset"]:
        for distribution in one["dcat:distribution"]:
            path = re.sub(r"^https?://[^/]+", "", distribution["@id"])
            assert client.get(path).status_code == 200
    assert json.loads(client.get(reverse("portal:dcat")).content) == catalogue


def test_the_sitemap_leads_to_pages_that_open(client, addresses):
    tree = ET.fromstring(client.get(addresses["sitemap"]).content)  # noqa: S314 - our own
    found = [
        re.sub(r"^https?://[^/]+", "", one.text) for one in tree.iter() if one.tag.endswith("loc")
    ]

    assert addresses["task"] in found
    assert [path for path in found if client.get(path).status_code != 200] == []


# ---------------------------------------------------------------- the desk


def test_the_preview_shows_every_field_and_its_button_publishes_it(client, world):
    client.force_login(world.leader)
    address = reverse("publishing:plan", args=[world.period.plan_id])
    text = client.get(address).content.decode()
    seen = re.search(r'name="seen" value="([0-9a-f]{64})"', text)[1]

    for field in resources()["plan"].fields:
        assert field.vi in text
    answer = client.post(address, {"seen": seen, "publish": "1"})

    assert answer["Location"] == reverse("publishing:desk")
    assert Publication.objects.get().kind == "plan"


def test_an_answer_is_worded_then_previewed_then_published(client, world):
    testing.publish_plan(world)
    answered = Difficulty.objects.get(answered_at__isnull=False)
    client.force_login(world.leader)
    address = reverse("publishing:answer", args=[answered.plan_id, answered.pk])
    words = {"question": "Kinh phí lấy ở đâu?", "answer": "Từ nguồn sự nghiệp."}

    assert answered.text in client.get(address).content.decode()
    preview = client.post(address, words).content.decode()
    assert answered.text not in preview
    assert not Publication.objects.filter(kind="answer").exists()
    client.post(address, {**words, "publish": "1"})

    row = public.rows_of("answer")[0]
    assert (row["question"], row["answer"]) == (words["question"], words["answer"])


def test_the_desk_and_the_preview_say_why_documents_stay_inside(client, world):
    testing.publish_plan(world)
    client.force_login(world.leader)
    why = "Không công khai văn bản đã ban hành"
    pages = [
        reverse("publishing:desk"),
        reverse("publishing:results", args=[world.closed.pk]),
    ]

    assert [why in client.get(page).content.decode() for page in pages] == [True, True]
    Task.objects.update(heading_only=False)
    assert [why in client.get(page).content.decode() for page in pages] == [False, False]


def test_the_desk_costs_the_same_for_one_answer_and_many(
    client, opened, django_assert_num_queries, django_assert_max_num_queries
):
    client.force_login(opened.leader)
    client.get(reverse("publishing:desk"))
    with django_assert_max_num_queries(40) as queries:
        client.get(reverse("publishing:desk"))
    DifficultyFactory.create_batch(
        3, plan=opened.period.plan, organisation=opened.bodies[0], answered=True
    )

    with django_assert_num_queries(len(queries)):
        client.get(reverse("publishing:desk"))


def test_taking_back_is_confirmed_with_a_reason(client, opened):
    client.force_login(opened.coordinator)
    row = Publication.objects.get(kind="answer")
    address = reverse("publishing:withdraw", args=[row.pk])

    assert client.get(address).status_code == 200
    assert client.post(address, {"reason": ""}).status_code == 422
    client.post(address, {"reason": "Nhầm"})

    row.refresh_from_db()
    assert row.withdrawn_reason == "Nhầm"


def test_an_answer_says_that_what_the_unit_wrote_stays_inside(client, opened, addresses):
    page = client.get(reverse("portal:answer", args=[public.rows_of("answer")[0]["id"]]))

    assert "đã viết không công khai" in page.content.decode()


def test_who_signs_in_is_shown_the_way_to_what_is_published(client, db):
    page = client.get(reverse("account_login")).content.decode()

    assert f'href="{reverse("portal:home")}"' in page
