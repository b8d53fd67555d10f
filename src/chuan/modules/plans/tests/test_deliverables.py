import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from chuan.lib.rules import Denied
from chuan.modules.plans.enums import EvidenceKind
from chuan.modules.plans.operations.deliverables import Wanted, checked_weights, set_deliverables
from chuan.modules.plans.rules import Conflict
from chuan.modules.plans.testing import (
    AssignmentFactory,
    EvidenceFactory,
    TaskFactory,
    coordinator_of,
)


def put(task, *wanted, **changes):
    given_ = {
        "actor": coordinator_of(task.plan),
        "task": task,
        "version": task.version,
        "wanted": wanted,
    }
    return set_deliverables(**given_ | changes)


@given(st.integers(1, 30))
def test_without_weights_results_weigh_the_same_and_sum_to_a_hundred(how_many):
    weights = checked_weights([Wanted("Kết quả")] * how_many)

    assert sum(weights) == 100
    assert max(weights) - min(weights) <= 1


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ([60, 30], "cộng lại bằng 100; hiện là 90"),
        ([100, None], "Nhập tỷ trọng cho mọi kết quả"),
        ([100, 0], "từ 1 trở lên"),
        ([], "ít nhất một kết quả"),
    ],
)
def test_weights_that_do_not_make_a_whole_are_refused(weights, said):
    with pytest.raises(ValidationError, match=said):
        checked_weights([Wanted("Kết quả", weight) for weight in weights])


@pytest.mark.django_db
class TestSettingThem:
    def test_they_are_changed_added_and_put_in_order(self):
        task = TaskFactory()
        old = task.deliverables.get()

        put(
            task,
            Wanted("Diễn đàn", 60, (EvidenceKind.PHOTO,)),
            Wanted("Lớp bồi dưỡng", 40, id=old.pk),
        )

        rows = task.deliverables.order_by("position").values_list("title", "weight")
        assert list(rows) == [("Diễn đàn", 60), ("Lớp bồi dưỡng", 40)]
        assert task.deliverables.get(title="Lớp bồi dưỡng").pk == old.pk

    def test_one_with_evidence_stays(self):
        task = TaskFactory()
        assignment = AssignmentFactory(task=task)
        EvidenceFactory(assignment=assignment, deliverable=task.deliverables.get())

        with pytest.raises(ValidationError, match="đã có minh chứng"):
            put(task, Wanted("Khác"))

        assert task.deliverables.count() == 1

    def test_a_colleagues_change_is_not_overwritten(self):
        task = TaskFactory()
        put(task, Wanted("Của đồng nghiệp"))

        with pytest.raises(Conflict):
            put(task, Wanted("Của tôi"))

    def test_a_result_of_another_task_is_refused(self):
        with pytest.raises(ValidationError, match="không thuộc nhiệm vụ này"):
            put(TaskFactory(), Wanted("Kết quả", id=TaskFactory().deliverables.get().pk))

    def test_a_heading_only_task_has_none(self):
        with pytest.raises(Denied, match="chỉ theo dõi đầu mục"):
            put(TaskFactory(heading_only=True), Wanted("Kết quả"))
