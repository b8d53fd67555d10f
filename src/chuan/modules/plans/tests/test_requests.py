"""A lead asks coordinators for their part; they give it or decline; nobody is forgotten."""

from datetime import date, datetime

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.urls import reverse

from chuan.core.audit.models import Entry
from chuan.core.notices.models import Notice
from chuan.core.orgs.models import OrganisationVersion
from chuan.core.orgs.testing import OrganisationFactory
from chuan.lib.rules import Denied
from chuan.modules.plans import facade
from chuan.modules.plans.enums import Achievement, FateKind, PartyRole, RequestState
from chuan.modules.plans.models import Assignment, ContributionRequest, ProgressUpdate
from chuan.modules.plans.operations import fates, requests
from chuan.modules.plans.operations.progress import post_update
from chuan.modules.plans.queries.requests import coordinators_to_ask
from chuan.modules.plans.rules import Conflict
from chuan.modules.plans.testing import (
    VIETNAM,
    AssignmentFactory,
    ContributionRequestFactory,
    EvidenceFactory,
    TaskFactory,
    clerk_of,
    coordinator_of,
    leader_of,
)

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 10, 1, 9, tzinfo=VIETNAM)


@pytest.fixture(autouse=True)
def _in_october():
    with time_machine.travel(NOW, tick=False):
        yield


class Scene:
    """A task led by one body, in which two coordinate."""

    def __init__(self):
        self.lead = AssignmentFactory(organisation=OrganisationFactory(name="Sở Chủ trì"))
        self.helpers = [
            AssignmentFactory(
                task=self.lead.task,
                organisation=OrganisationFactory(name=name),
                role=PartyRole.COORDINATING,
            )
            for name in ("Sở Một", "Sở Hai")
        ]
        self.clerk = clerk_of(self.lead.organisation)
        self.helper = clerk_of(self.helpers[0].organisation)

    def ask(self, *, of=(0,), **fields):
        asked = {
            "actor": self.clerk,
            "lead": self.lead,
            "assignment_ids": [self.helpers[number].pk for number in of],
            "text": "Gửi số liệu năm 2026.",
            "due_on": date(2026, 10, 15),
            "at": NOW,
        }
        return requests.ask_for_parts(**(asked | fields))

    def answer(self, request, **fields):
        asked = {
            "actor": self.helper,
            "request": request,
            "version": 1,
            "assignment_version": request.assignment.version,
            "narrative": "Có 12 cơ sở.",
            "achievement": Achievement.SUBSTANTIAL,
            "at": NOW,
        }
        return requests.answer_request(**(asked | fields))


@pytest.fixture
def scene(db):
    return Scene()


# ---------------------------------------------------------------- asking


def test_each_body_that_is_asked_is_told_what_and_by_when(scene):
    scene.ask(of=(0, 1))

    assert ContributionRequest.objects.count() == 2
    notice = Notice.objects.get(person=scene.helper)
    assert notice.title == f"Đề nghị góp phần cho nhiệm vụ {scene.lead.task.code}"
    assert notice.body == "Cần có trước hết ngày 15/10/2026: Gửi số liệu năm 2026."
    assert notice.url == reverse("plans:assignment", args=[scene.helpers[0].pk])
    assert Entry.objects.get(action="plans.parts_asked").details["due_on"] == "2026-10-15"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"of": ()}, "bodies"),
        ({"text": ""}, "text"),
        ({"due_on": date(2026, 9, 30)}, "due_on"),
    ],
)
def test_what_is_missing_is_said_at_its_field(scene, fields, field):
    with pytest.raises(ValidationError) as refused:
        scene.ask(**fields)

    assert set(refused.value.message_dict) == {field}


def test_only_coordinators_of_the_same_task_and_days_are_asked(scene):
    strangers = [
        AssignmentFactory(role=PartyRole.COORDINATING),
        AssignmentFactory(task=scene.lead.task),
        AssignmentFactory(task=scene.lead.task, role=PartyRole.COORDINATING, year=2027),
    ]
    for stranger in strangers:
        with pytest.raises(ValidationError):
            scene.ask(assignment_ids=[stranger.pk])


def test_a_coordinator_whose_assignment_is_closed_is_not_asked(scene):
    helper = scene.helpers[0]
    decision = fates.propose_fates(
        actor=coordinator_of(helper.task.plan),
        plan=helper.task.plan,
        kind=FateKind.CLOSE,
        assignment_ids=[_gone(helper).pk],
        basis="Nghị quyết số 12/NQ-HĐND",
        at=NOW,
    )
    fates.approve_fates(actor=leader_of(helper.task.plan), decision=decision, version=1, at=NOW)

    with pytest.raises(ValidationError, match="Chọn cơ quan phối hợp"):
        scene.ask()

    assert list(coordinators_to_ask(scene.lead, NOW.date())) == [scene.helpers[1]]


def _gone(assignment):
    OrganisationVersion.objects.filter(organisation=assignment.organisation).update(
        valid=(date(2020, 1, 1), date(2026, 7, 1))
    )
    return assignment


def test_a_body_is_not_asked_twice_at_once_but_again_after_it_answered(scene):
    (first,) = scene.ask()
    with pytest.raises(ValidationError, match="chưa trả lời"):
        scene.ask()

    scene.answer(first)

    assert scene.ask()


def test_a_coordinator_asks_nobody_and_a_heading_only_task_is_asked_about_on_paper(scene):
    with pytest.raises(Denied):
        scene.ask(actor=scene.helper, lead=scene.helpers[0])
    secret = AssignmentFactory(
        task=TaskFactory(heading_only=True), organisation=scene.lead.organisation
    )
    with pytest.raises(Denied, match="chỉ theo dõi đầu mục"):
        scene.ask(lead=secret)


# ---------------------------------------------------------------- answering


def test_an_answer_is_the_bodys_progress_and_the_lead_is_told(scene):
    (request,) = scene.ask()

    scene.answer(request)

    request.refresh_from_db()
    assert request.state == RequestState.ANSWERED
    assert request.update == ProgressUpdate.objects.get(assignment=scene.helpers[0])
    (contribution, _other) = facade.contributions_to([scene.lead.pk])[scene.lead.pk]
    assert [one.narrative for one in contribution.updates] == ["Có 12 cơ sở."]
    assert Notice.objects.get(person=scene.clerk).body == "Có 12 cơ sở."


def test_a_refusal_needs_a_reason_which_the_lead_reads(scene):
    (request,) = scene.ask()
    with pytest.raises(ValidationError):
        requests.decline_request(actor=scene.helper, request=request, version=1, reason="", at=NOW)

    requests.decline_request(
        actor=scene.helper, request=request, version=1, reason="Không quản lý cơ sở nào.", at=NOW
    )

    assert Notice.objects.get(person=scene.clerk).body == "Không quản lý cơ sở nào."


def test_an_answer_and_a_withdrawal_at_once_are_a_conflict(scene):
    (request,) = scene.ask()
    requests.withdraw_request(
        actor=scene.clerk, request=request, version=1, reason="Đã có số liệu.", at=NOW
    )

    with pytest.raises(Conflict):
        scene.answer(request)
    with pytest.raises(Denied, match="“Đã rút”"):
        scene.answer(request, version=2)


def test_an_answer_the_progress_refuses_changes_nothing(scene):
    (request,) = scene.ask()

    with pytest.raises(ValidationError):
        scene.answer(request, achievement=Achievement.COMPLETE)

    request.refresh_from_db()
    assert request.state == RequestState.ASKED


def test_what_an_answer_does_not_ask_stays_as_it_was_told(scene):
    (request,) = scene.ask()
    told = {"percent": 50, "percent_reason": "Đã họp"}
    post_update(
        actor=scene.helper,
        assignment=request.assignment,
        version=1,
        at=NOW,
        narrative="Một nửa",
        achievement=Achievement.LIMITED,
        **told,
    )
    request.assignment.refresh_from_db()

    scene.answer(request)

    row = Assignment.objects.filter(pk=request.assignment_id)
    assert row.values(*told).get() == told


def test_an_estimate_that_was_the_evidences_own_follows_the_evidence(scene):
    (request,) = scene.ask()
    Assignment.objects.filter(pk=request.assignment_id).update(percent=0)
    EvidenceFactory(assignment=request.assignment)

    scene.answer(request)

    assert Assignment.objects.get(pk=request.assignment_id).percent is None


# ---------------------------------------------------------------- pages


def page_of(client, person, name, *args):
    client.force_login(person)
    return client.get(reverse(f"plans:{name}", args=args))


def part(**fields):
    return {
        "version": 1,
        "assignment_version": 1,
        "narrative": "Có 12 cơ sở.",
        "achievement": "limited",
    } | fields


def test_a_lead_asks_from_the_page_of_its_task(scene, client):
    page = page_of(client, scene.clerk, "assignment", scene.lead.pk)
    address = reverse("plans:ask", args=[scene.lead.pk])
    assert f'href="{address}"' in page.content.decode()

    page = client.post(
        address,
        {
            "bodies": [scene.helpers[0].pk, scene.helpers[1].pk],
            "text": "Gửi số liệu.",
            "due_on": "15/10/2026",
        },
        follow=True,
    )

    text = page.content.decode()
    assert "Đã gửi đề nghị đến 2 cơ quan." in text
    assert text.count("Chờ góp phần") == 2


def test_who_is_asked_already_is_not_offered_again(scene, client):
    scene.ask(of=(0,))

    page = page_of(client, scene.clerk, "ask", scene.lead.pk)

    names = [label for _pk, label in page.context["form"].fields["bodies"].choices]
    assert names == ["Sở Hai"]


def test_when_nobody_can_be_asked_the_page_says_why(scene, client):
    alone = AssignmentFactory(organisation=scene.lead.organisation)
    later = AssignmentFactory(organisation=scene.lead.organisation)
    AssignmentFactory(task=later.task, role=PartyRole.COORDINATING, period_start=date(2026, 11, 1))
    scene.ask(of=(0, 1))

    said = [
        page_of(client, scene.clerk, "ask", lead.pk).content.decode()
        for lead in (alone, later, scene.lead)
    ]

    assert "Kế hoạch không giao cơ quan nào phối hợp nhiệm vụ này" in said[0]
    assert "Các cơ quan phối hợp chưa đến kỳ thực hiện" in said[1]
    assert "Mọi cơ quan phối hợp đều đang có đề nghị chưa trả lời." in said[2]


def test_a_coordinator_sees_what_is_asked_and_answers(scene, client):
    (request,) = scene.ask()
    page = page_of(client, scene.helper, "assignment", scene.helpers[0].pk)
    assert "Gửi số liệu năm 2026." in page.content.decode()

    page = client.post(
        reverse("plans:answer_request", args=[request.pk]),
        part(achievement="substantial"),
        follow=True,
    )

    assert "Đã gửi phần góp của cơ quan bạn." in page.content.decode()
    lead_page = page_of(client, scene.clerk, "assignment", scene.lead.pk).content.decode()
    assert "Có 12 cơ sở." in lead_page
    assert "Đã góp phần" in lead_page


def test_a_request_that_is_late_is_seen_by_the_lead(scene, client):
    ContributionRequestFactory(
        lead=scene.lead, assignment=scene.helpers[0], due_on=date(2026, 9, 30)
    )

    assert (
        "Quá hạn góp phần"
        in page_of(client, scene.clerk, "assignment", scene.lead.pk).content.decode()
    )


def test_declining_and_taking_back_ask_for_a_reason(scene, client):
    (first,) = scene.ask(of=(0,))
    (second,) = scene.ask(of=(1,))
    for person, name, request, state in (
        (scene.helper, "decline_request", first, RequestState.DECLINED),
        (scene.clerk, "withdraw_request", second, RequestState.WITHDRAWN),
    ):
        assert page_of(client, person, name, request.pk).status_code == 200
        client.post(
            reverse(f"plans:{name}", args=[request.pk]), {"version": 1, "reason": "Có lý do"}
        )
        request.refresh_from_db()
        assert (request.state, request.reason) == (state, "Có lý do")


def test_a_form_sent_over_a_newer_state_shows_both(scene, client):
    (request,) = scene.ask()
    requests.withdraw_request(
        actor=scene.clerk, request=request, version=1, reason="Đã có số liệu.", at=NOW
    )
    client.force_login(scene.helper)

    page = client.post(
        reverse("plans:answer_request", args=[request.pk]),
        part(),
    )

    assert page.status_code == 409
    assert "Đã có số liệu." in page.content.decode()
    assert "Có 12 cơ sở." in page.content.decode()


def test_an_answer_over_a_colleagues_progress_shows_both_and_writes_nothing(scene, client):
    (request,) = scene.ask()
    colleague = clerk_of(scene.helpers[0].organisation, full_name="Trần Thị Đồng Sự")
    page = page_of(client, scene.helper, "answer_request", request.pk)
    assert page.context["form"].initial["assignment_version"] == 1
    EvidenceFactory(assignment=scene.helpers[0])
    post_update(
        actor=colleague,
        assignment=scene.helpers[0],
        version=1,
        at=NOW,
        narrative="Đã xong toàn bộ.",
        achievement=Achievement.COMPLETE,
        finished_on=date(2026, 9, 15),
    )

    page = client.post(reverse("plans:answer_request", args=[request.pk]), part())

    text = page.content.decode()
    assert page.status_code == 409
    for said in ("Trần Thị Đồng Sự", "Đã xong toàn bộ.", "Có 12 cơ sở.", "Hoàn thành"):
        assert said in text
    row, asked = Assignment.objects.get(pk=scene.helpers[0].pk), type(request).objects.get()
    assert (row.achievement, row.done_on) == (Achievement.COMPLETE, date(2026, 9, 15))
    assert asked.state == RequestState.ASKED


def test_a_request_does_not_exist_for_a_body_it_is_not_about(scene, client):
    (request,) = scene.ask(of=(0,))
    stranger = clerk_of(scene.helpers[1].organisation)

    for name in ("answer_request", "decline_request", "withdraw_request"):
        assert page_of(client, stranger, name, request.pk).status_code == 404


# ---------------------------------------------------------------- in the lead's report


def test_the_lead_reads_what_is_missing_before_what_came_or_was_refused(scene):
    (refused,) = scene.ask(of=(0,))
    scene.ask(of=(1,))
    requests.decline_request(
        actor=scene.helper, request=refused, version=1, reason="Không có số liệu.", at=NOW
    )

    found = facade.parts_asked_for(scene.lead.pk, on=NOW.date())
    later = facade.parts_asked_for(scene.lead.pk, on=date(2027, 1, 1))

    assert [(one.status, one.reason) for one in found] == [
        ("request_asked", ""),
        ("request_declined", "Không có số liệu."),
    ]
    assert found[0].organisation_id == scene.helpers[1].organisation_id
    assert later[0].status == "request_overdue"
