import pytest
from django.urls import reverse
from django.utils import timezone

from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.modules.traceability.models import Subscription
from chuan.modules.traceability.operations.asking import keep_query
from chuan.modules.traceability.operations.subscriptions import Wanted, subscribe
from chuan.modules.traceability.testing import make_key, revoked

pytestmark = pytest.mark.django_db
SEES = {
    *(Role.SYSTEM_ADMINISTRATOR, Role.AUDITOR),
    *(Role.DEPARTMENT_COORDINATOR, Role.DEPARTMENT_LEADER),
}


def a_subscription(name="q", schedule=None, **more):
    key = make_key()[0]
    keep_query(key=key, name=name, question={}, namespaces={})
    made = subscribe(
        key=key,
        name=name,
        wanted=Wanted(
            dest="https://client.example.com/secret?who=1",
            signature_token="word-of-both",
            schedule=schedule or {},
            report_if_empty=False,
            initial_record_time=None,
            epc_format="No_Preference",
        ),
    )
    Subscription.objects.filter(pk=made.pk).update(**more)
    return made


def shown(client, **asked):
    answer = client.get(reverse("traceability:subscriptions"), asked)
    assert answer.status_code == 200
    return answer.text


@pytest.mark.parametrize("role", Role)
def test_who_runs_the_server_and_who_is_in_charge_sees_where_events_go(client, role):
    client.force_login(PersonFactory(role=role))

    answer = client.get(reverse("traceability:subscriptions"))

    assert answer.status_code == (200 if role in SEES else 403)
    link = reverse("traceability:subscriptions")
    assert (link in client.get(reverse("ui:help")).text) is (role in SEES)


def test_the_state_of_each_is_told_and_no_secret(client):
    client.force_login(PersonFactory(role=Role.SYSTEM_ADMINISTRATOR))
    a_subscription("Tốt", {"minute": "5"}, notified_at=timezone.now())
    a_subscription("Hỏng", failure_count=3, failed_at=timezone.now(), failure="HTTP 500 <b>")
    revoked(a_subscription("Cũ").query.key)

    page = shown(client)

    for told in ("Tốt", "Hỏng", "Cũ", "client.example.com", "phút 5", "HTTP 500 &lt;b&gt;"):
        assert told in page
    for told in ("Đang gửi", "Bên nhận chưa nhận", "Khóa hết hiệu lực", "3 lần", "Ngay khi có"):
        assert told in page
    assert "secret" not in page
    assert "word-of-both" not in page
    failing = shown(client, tinh_trang="loi")
    assert ("Hỏng" in failing, "Tốt" in failing) == (True, False)


def test_times_and_failures_are_told_in_words(client):
    client.force_login(PersonFactory(role=Role.SYSTEM_ADMINISTRATOR))
    a_subscription("Sáng", {"hour": "6", "minute": "0", "second": "0"})
    a_subscription("Thứ", {"hour": "[6-8]", "dayOfWeek": "1"})
    unknown = "client.example.com: [Errno -2] Name or service not known"
    a_subscription("Hỏng", failure_count=1, failed_at=timezone.now(), failure=unknown)

    page = shown(client)

    assert "Hằng ngày lúc 06:00" in page
    assert "giờ [6-8]" in page
    assert "ngày trong tuần (1 là thứ Hai) 1" in page
    assert "Không tìm thấy máy chủ này" in page
    assert "Errno" not in page


def test_the_list_costs_the_same_whatever_its_length(client, django_assert_max_num_queries):
    client.force_login(PersonFactory(role=Role.SYSTEM_ADMINISTRATOR))
    a_subscription()
    shown(client)
    with django_assert_max_num_queries(100) as few:
        shown(client)
    for _number in range(3):
        a_subscription()

    with django_assert_max_num_queries(len(few)):
        shown(client)
