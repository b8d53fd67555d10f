"""Who stands in for a body that is no more, decided while the plan runs."""

import copy
from datetime import date, datetime

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.urls import reverse

from chuan.core.audit.models import Entry
from chuan.core.notices.models import Notice
from chuan.core.orgs.enums import OrgKind
from chuan.core.orgs.models import OrganisationVersion
from chuan.core.orgs.testing import GroupFactory, OrganisationFactory
from chuan.modules.plans.engine.expansion import StandIn
from chuan.modules.plans.models import Assignment, Plan, Substitution
from chuan.modules.plans.operations.assignments import reconcile_assignments
from chuan.modules.plans.operations.substitutions import decide_substitution
from chuan.modules.plans.rules import Conflict
from chuan.modules.plans.tasks import reconcile_plans
from chuan.modules.plans.testing import (
    VIETNAM,
    DecisionFactory,
    PlanFactory,
    TaskFactory,
    clerk_of,
    coordinator_of,
    leader_of,
)

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 9, tzinfo=VIETNAM)
BASIS = "Nghị quyết số 1664/NQ-UBTVQH15 ngày 16/6/2025"


@pytest.fixture(autouse=True)
def _in_november():
    with time_machine.travel(NOW, tick=False):
        yield


class Scene:
    """A plan whose yearly task is led by districts, which are no more from 1/7/2027 on."""

    def __init__(self):
        province = OrganisationFactory(province=True)
        self.district = OrganisationFactory(
            kind=OrgKind.DISTRICT, parent=province, name="UBND huyện Thử"
        )
        self.communes = OrganisationFactory.create_batch(3, commune=True, parent=province)
        self.districts = GroupFactory(kinds=[OrgKind.DISTRICT], under=province, name="Các huyện")
        self.commune_group = GroupFactory(
            kinds=[OrgKind.COMMUNE], under=province, name="UBND cấp xã"
        )
        self.plan = PlanFactory()
        self.task = TaskFactory(plan=self.plan, lead=[self.districts])
        OrganisationVersion.objects.filter(kind=OrgKind.DISTRICT).update(
            valid=(date(2020, 1, 1), date(2027, 7, 1))
        )
        reconcile_assignments(self.plan, at=NOW)
        self.plan.refresh_from_db()
        self.coordinator = coordinator_of(self.plan)

    def stand_in(self, **fields):
        fields.setdefault("by_group_id", self.commune_group.pk)
        return StandIn(fields.pop("from_day", date(2028, 1, 1)), self.districts.pk, **fields)

    def decide(self, **fields):
        asked = {"actor": self.coordinator, "plan": self.plan, "version": 1, "at": NOW}
        asked |= {"basis": BASIS, "stand_in": self.stand_in()}
        return decide_substitution(**(asked | fields))

    def url(self):
        return reverse("plans:substitute", args=[self.plan.pk, "nhom", self.districts.pk])


@pytest.fixture(scope="module")
def kept(around_the_file):
    with around_the_file(), time_machine.travel(NOW, tick=False):
        return Scene()


@pytest.fixture
def scene(kept, db):
    return copy.deepcopy(kept)


# ---------------------------------------------------------------- deciding


def test_a_decision_creates_what_is_owed_from_its_day_and_takes_nothing_away(scene):
    before = set(Assignment.objects.values_list("pk", flat=True))

    decided = scene.decide()

    assert decided.reconciliation.created == 9  # three communes, 2028 to 2030
    assert decided.reconciliation.questions == ()
    assert before < set(Assignment.objects.values_list("pk", flat=True))
    scene.plan.refresh_from_db()
    assert (scene.plan.open_questions, scene.plan.version) == (0, 2)


def test_a_decision_is_in_the_ledger_with_its_basis(scene):
    scene.decide()

    entry = Entry.objects.get(action="plans.substitution_decided")
    assert entry.details["basis"] == BASIS
    assert entry.details["by_group"] == scene.commune_group.pk
    assert entry.details["created"] == 9


def test_a_basis_that_names_a_document_of_ours_leads_to_it(scene):
    document = DecisionFactory(number=77, notation="QĐ-UBND")

    decided = scene.decide(basis="Quyết định số 77/QĐ-UBND ngày 1/12/2027.")

    assert decided.substitution.basis_document == document


def test_a_duty_may_lapse_by_the_same_decision(scene):
    decided = scene.decide(stand_in=scene.stand_in(by_group_id=None))

    assert decided.reconciliation.created == 0
    scene.plan.refresh_from_db()
    assert scene.plan.open_questions == 0


def test_a_second_decision_over_the_first_is_a_conflict(scene):
    scene.decide()

    with pytest.raises(Conflict):
        scene.decide(stand_in=scene.stand_in(by_group_id=None))
    assert Substitution.objects.count() == 1


@pytest.mark.parametrize(
    ("day", "is_taken"),
    [
        (date(2027, 1, 1), False),  # the districts were there at the beginning of that year
        (date(2027, 1, 2), True),
        (date(2027, 7, 1), True),
        (date(2028, 1, 1), True),
        (date(2028, 1, 2), False),
    ],
)
def test_a_decision_takes_effect_after_the_last_cycle_that_had_bodies(scene, day, is_taken):
    if is_taken:
        assert scene.decide(stand_in=scene.stand_in(from_day=day)).reconciliation.created == 9
        return
    with pytest.raises(ValidationError) as refused:
        scene.decide(stand_in=scene.stand_in(from_day=day))
    assert set(refused.value.message_dict) == {"from_day"}


def test_who_stands_in_must_be_there_on_the_day(scene):
    empty = GroupFactory(kinds=[OrgKind.PRESS])

    with pytest.raises(ValidationError) as refused:
        scene.decide(stand_in=scene.stand_in(by_group_id=empty.pk))

    assert set(refused.value.message_dict) == {"by"}
    assert not Substitution.objects.exists()


def test_a_decision_without_a_basis_is_refused(scene):
    with pytest.raises(ValidationError) as refused:
        scene.decide(basis="")

    assert set(refused.value.message_dict) == {"basis"}


def test_nobody_decides_what_is_not_asked(scene):
    other = GroupFactory(kinds=[OrgKind.COMMUNE])

    with pytest.raises(ValidationError, match="không còn phải quyết định"):
        scene.decide(stand_in=StandIn(date(2028, 1, 1), other.pk))


def test_when_the_one_who_stands_in_vanishes_too_the_next_decision_follows(scene):
    scene.decide()
    OrganisationVersion.objects.filter(kind=OrgKind.COMMUNE).update(
        valid=(date(2020, 1, 1), date(2029, 6, 1))
    )
    reconcile_assignments(scene.plan, at=NOW)
    agency = OrganisationFactory()

    again = scene.decide(
        version=2,
        stand_in=scene.stand_in(
            from_day=date(2030, 1, 1), by_group_id=None, by_organisation_id=agency.pk
        ),
    )

    assert again.reconciliation.questions == ()
    assert Assignment.objects.filter(organisation=agency).count() == 1


def test_a_body_that_vanished_with_nobody_to_follow_is_asked_about_and_answered(scene):
    gone, follows = OrganisationFactory(), OrganisationFactory()
    TaskFactory(plan=scene.plan, lead=[gone])
    gone.versions.update(valid=(date(2020, 1, 1), date(2026, 3, 1)))
    scene.decide()

    decided = scene.decide(
        version=2,
        stand_in=StandIn(date(2027, 1, 1), organisation_id=gone.pk, by_organisation_id=follows.pk),
    )

    assert Assignment.objects.filter(organisation=follows).count() == 4  # 2027 to 2030
    assert decided.reconciliation.questions == ()


# ---------------------------------------------------------------- the way there


def test_the_night_leads_the_coordinator_to_the_questions(scene):
    reconcile_plans()

    notice = Notice.objects.get(person=scene.coordinator)
    assert notice.url == reverse("plans:questions", args=[scene.plan.pk])
    assert "Các huyện" in notice.body


def test_the_plan_page_leads_there_too(scene, client):
    client.force_login(scene.coordinator)
    address = reverse("plans:questions", args=[scene.plan.pk])

    page = client.get(reverse("plans:show", args=[scene.plan.pk]))

    assert f'href="{address}"' in page.content.decode()


def test_questions_are_in_plain_words_and_only_the_coordinator_is_offered_an_answer(scene, client):
    address = reverse("plans:questions", args=[scene.plan.pk])

    client.force_login(scene.coordinator)
    asked = client.get(address).content.decode()
    client.force_login(leader_of(scene.plan))
    read = client.get(address).content.decode()

    assert "Đến ngày 01/01/2028 đã không còn Các huyện; ai nhận 1 nhiệm vụ?" in asked
    assert (scene.url() in asked, scene.url() in read) == (True, False)
    assert "Đến ngày 01/01/2028 đã không còn Các huyện" in read


def test_the_questions_are_those_the_last_reconciliation_found(scene, client):
    """Looking reads what was written down: nothing is worked out anew for every visit."""
    client.force_login(scene.coordinator)
    address = reverse("plans:questions", args=[scene.plan.pk])
    OrganisationVersion.objects.filter(kind=OrgKind.DISTRICT).update(valid=(date(2020, 1, 1), None))

    before = client.get(address).content.decode()
    reconcile_assignments(scene.plan, at=NOW)
    after = client.get(address).content.decode()

    assert "Đến ngày 01/01/2028 đã không còn Các huyện" in before
    assert "Theo lần đối soát với danh mục cơ quan ngày 20/11/2026" in before
    assert "Không còn điểm nào phải quyết định" in after


def test_work_nobody_owes_any_more_is_listed_until_a_reconciliation_finds_who_does(scene, client):
    client.force_login(scene.coordinator)
    address = reverse("plans:questions", args=[scene.plan.pk])
    rows = Assignment.objects.filter(organisation=scene.district)
    assert rows.count() == 3  # 2025 to 2027
    OrganisationVersion.objects.filter(kind=OrgKind.DISTRICT).update(
        valid=(date(2020, 1, 1), date(2026, 7, 1))
    )

    reconcile_assignments(scene.plan, at=NOW)
    page = client.get(address)
    assert [row.year for row in page.context["extra"]] == [2027]
    assert "1 phân công vẫn được giữ nguyên" in page.content.decode()

    OrganisationVersion.objects.filter(kind=OrgKind.DISTRICT).update(
        valid=(date(2020, 1, 1), date(2027, 7, 1))
    )
    reconcile_assignments(scene.plan, at=NOW)
    assert not client.get(address).context["extra"]


@pytest.mark.parametrize("bodies", [1, 12])
def test_the_page_of_questions_costs_the_same_however_many_bodies(
    scene, client, bodies, django_assert_max_num_queries
):
    TaskFactory(plan=scene.plan, lead=OrganisationFactory.create_batch(bodies))
    reconcile_assignments(scene.plan, at=NOW)
    client.force_login(scene.coordinator)
    client.get(reverse("plans:questions", args=[scene.plan.pk]))

    with django_assert_max_num_queries(30) as done:
        client.get(reverse("plans:questions", args=[scene.plan.pk]))

    assert not any("plans_party" in query["sql"] for query in done.captured_queries)


def test_a_unit_does_not_see_the_questions(scene, client):
    client.force_login(clerk_of(scene.communes[0]))

    assert client.get(reverse("plans:questions", args=[scene.plan.pk])).status_code == 403
    assert client.get(scene.url()).status_code == 403


def form(scene, **fields):
    return {
        "version": "1",
        "by": f"group:{scene.commune_group.pk}",
        "other": "",
        "from_day": "1/1/2028",
        "basis": BASIS,
    } | fields


def test_the_first_look_shows_what_would_be_created_and_creates_nothing(scene, client):
    client.force_login(scene.coordinator)

    page = client.post(scene.url(), form(scene))

    assert page.status_code == 200
    assert "Sẽ lập 9 phân công" in page.content.decode()
    assert not Substitution.objects.exists()


@pytest.mark.parametrize(("by", "said"), [("lapses", "nhiệm vụ chấm dứt"), ("group", "đã có sẵn")])
def test_when_nothing_would_be_created_the_page_says_why(scene, client, by, said):
    scene.decide()
    Substitution.objects.all().delete()
    Plan.objects.update(version=1)
    reconcile_assignments(scene.plan, at=NOW)
    client.force_login(scene.coordinator)
    chosen = form(scene) if by == "group" else form(scene, by=by)

    page = client.post(scene.url(), chosen)

    assert "Sẽ lập 0 phân công" in page.content.decode()
    assert said in " ".join(page.content.decode().split())


def test_deciding_creates_them_and_goes_back_to_the_list(scene, client):
    client.force_login(scene.coordinator)

    page = client.post(scene.url(), form(scene, decide="9"), follow=True)

    assert Substitution.objects.get().by_group == scene.commune_group
    assert "lập 9 phân công" in page.content.decode()
    assert "Không còn điểm nào phải quyết định" in page.content.decode()


def test_when_the_count_is_not_the_one_seen_it_is_shown_again(scene, client):
    client.force_login(scene.coordinator)

    page = client.post(scene.url(), form(scene, decide="8"))

    assert "khác với lúc xem trước" in page.content.decode()
    assert not Substitution.objects.exists()


def test_a_body_is_chosen_by_the_name_it_has_on_the_day(scene, client):
    agency = OrganisationFactory(name="Sở Mới Lập", valid_from=date(2027, 9, 1))
    client.force_login(scene.coordinator)

    client.post(scene.url(), form(scene, by="", other="sở mới lập", decide="3"))

    assert Substitution.objects.get().by_organisation == agency


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"by": ""}, "by"),
        ({"other": "Sở Mới Lập"}, "other"),
        ({"by": "", "other": "Sở Không Có"}, "other"),
        ({"from_day": "2/1/2028"}, "from_day"),
        ({"basis": ""}, "basis"),
    ],
)
def test_what_is_missing_or_wrong_is_said_at_its_field(scene, client, fields, field):
    client.force_login(scene.coordinator)

    page = client.post(scene.url(), form(scene, **fields))

    assert page.status_code == 422
    assert list(page.context["form"].errors) == [field]


def test_a_colleague_who_decided_meanwhile_is_shown_beside_ones_own_choice(scene, client):
    Plan.objects.filter(pk=scene.plan.pk).update(version=2)
    client.force_login(scene.coordinator)

    page = client.post(scene.url(), form(scene, decide="9"))

    assert page.status_code == 409
    assert "UBND cấp xã" in page.content.decode()


def test_an_answered_question_is_a_conflict_for_who_sends_and_a_way_back_for_who_looks(
    scene, client
):
    scene.decide()
    client.force_login(scene.coordinator)

    assert client.post(scene.url(), form(scene, decide="9")).status_code == 409
    assert client.get(scene.url()).headers["Location"] == reverse(
        "plans:questions", args=[scene.plan.pk]
    )
