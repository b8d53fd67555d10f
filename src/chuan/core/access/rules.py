from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from chuan.core.access.enums import GOING_ON, MOST_ASKED_A_DAY, VIEWING_WAITS, ViewingState
from chuan.core.access.models import Viewing
from chuan.core.people import rules as people
from chuan.core.people.enums import Role
from chuan.core.people.models import Person
from chuan.lib.rules import Denied, rule


@rule
def hand_out_password_link(actor: Person, person: Person) -> None:
    """Administrators let people choose a password; for a closed account there is nothing to open."""
    people.administer_accounts.require(actor)
    if not person.is_active:
        raise Denied(_("Tài khoản này đang khóa. Hãy mở tài khoản trước."))


@rule
def reset_second_factor(actor: Person, person: Person, *, has_one: bool) -> None:
    """An administrator mends other people's second factor, never their own."""
    people.administer_accounts.require(actor)
    if actor == person:
        raise Denied(
            _("Bạn không tự đặt lại xác thực hai bước của mình. Hãy nhờ quản trị viên khác.")
        )
    if not has_one:
        raise Denied(_("Người này chưa bật xác thực hai bước."))


# Who is asked for help by people everywhere, and can only help when they see the same page.
HELPERS = (Role.SYSTEM_ADMINISTRATOR, Role.DEPARTMENT_COORDINATOR)


@rule
def help_people(actor: Person) -> None:
    """Administrators, and coordinators of the department."""
    if not actor.holds(*HELPERS):
        raise Denied(
            _(
                "Chỉ người quản trị hệ thống và chuyên viên theo dõi, tổng hợp xin xem như người khác."
            )
        )


@rule
def ask_to_view(actor: Person, person: Person) -> None:
    """Who helps may ask to see what somebody of a unit sees; nobody whose word binds other units is
    ever looked in on."""
    help_people.require(actor)
    if actor == person:
        raise Denied(_("Bạn đang thấy đúng những gì của mình, không cần xin xem."))
    if not person.is_active:
        raise Denied(_("Tài khoản này đang khóa."))
    if person.needs_second_factor:
        raise Denied(
            _(
                "Chỉ xem được như cán bộ đầu mối hoặc thủ trưởng đơn vị. Không ai xem như lãnh đạo, "
                "chuyên viên tổng hợp, kiểm toán hay quản trị hệ thống."
            )
        )
    if not person.grants():
        raise Denied(_("Người này không có vai trò nào hôm nay."))


@rule
def ask_anew(earlier: Sequence[Viewing], *, at: datetime) -> None:
    """Not while the same is still asked or going on, not for a day after a no, and not again and
    again.

    :param earlier: what the same one asked of the same person before.
    """
    if any(one.state_at(at) in GOING_ON for one in earlier):
        raise Denied(_("Bạn đã xin xem như người này và yêu cầu đó chưa kết thúc."))
    yesterday = at - VIEWING_WAITS
    if any(one.declined_at and one.declined_at > yesterday for one in earlier):
        raise Denied(_("Yêu cầu trước không được đồng ý. Hãy đợi 24 giờ rồi xin lại."))
    if sum(one.asked_at > yesterday for one in earlier) >= MOST_ASKED_A_DAY:
        raise Denied(_("Bạn đã xin xem như người này nhiều lần hôm nay. Hãy đợi 24 giờ."))


def bodies_seen_by(person: Person) -> frozenset[int]:
    """Whose papers somebody sees: of the bodies they work in, and of those that are no more."""
    return person.organisation_ids() | person.archived_organisation_ids(*Role)


def answers_for(actor: Person, person: Person) -> bool:
    """The person; and whoever heads every body whose papers they see: nobody opens the papers of a
    body that is not theirs."""
    headed = actor.organisation_ids(Role.UNIT_HEAD) | actor.archived_organisation_ids(
        Role.UNIT_HEAD
    )
    return actor == person or bodies_seen_by(person) <= headed


def _stops_for(actor: Person, person: Person) -> bool:
    """The person; and whoever heads one of the bodies they work in."""
    return actor == person or not person.organisation_ids().isdisjoint(
        actor.organisation_ids(Role.UNIT_HEAD)
    )


@rule
def answer_viewing(actor: Person, viewing: Viewing, *, at: datetime) -> None:
    """The one to be looked in on agrees, or their head does; never the one who asked."""
    if actor.pk == viewing.asked_by_id:
        raise Denied(_("Người xin xem không tự đồng ý cho mình."))
    if not answers_for(actor, viewing.person):
        raise Denied(
            _(
                "Chỉ người được xem hoặc thủ trưởng của họ trả lời được. Người đó làm việc ở nhiều cơ "
                "quan thì thủ trưởng phải đứng đầu tất cả."
            )
        )
    if viewing.state_at(at) != ViewingState.ASKED:
        raise Denied(_("Yêu cầu này đã được trả lời hoặc đã hết hạn."))


@rule
def start_viewing(actor: Person, viewing: Viewing, *, at: datetime, is_fresh: bool) -> None:
    """Who asked, once it is agreed to, who has just proved anew who they are."""
    if actor.pk != viewing.asked_by_id:
        raise Denied(_("Chỉ người đã xin mới bắt đầu xem được."))
    ask_to_view.require(actor, viewing.person)
    if viewing.state_at(at) != ViewingState.GRANTED:
        raise Denied(_("Yêu cầu chưa được đồng ý, đã dùng rồi hoặc đã hết hạn."))
    _sees_no_more_than_agreed(viewing)
    if not is_fresh:
        raise Denied(_("Hãy xác nhận lại đúng là bạn rồi bắt đầu xem."))


@rule
def go_on_viewing(actor: Person, viewing: Viewing, *, at: datetime) -> None:
    """Asked anew at every page: a role or an account may have ended in between."""
    if actor.pk != viewing.asked_by_id or viewing.state_at(at) != ViewingState.OPEN:
        raise Denied(_("Lượt xem như người khác đã kết thúc."))
    ask_to_view.require(actor, viewing.person)
    _sees_no_more_than_agreed(viewing)


def _sees_no_more_than_agreed(viewing: Viewing) -> None:
    if not bodies_seen_by(viewing.person) <= set(viewing.bodies):
        raise Denied(_("Người này vừa làm việc thêm ở cơ quan khác. Hãy xin xem lại."))


@rule
def end_viewing(actor: Person, viewing: Viewing, *, at: datetime) -> None:
    """Who looks stops; who is looked in on, their head and the administrators stop it."""
    if not (
        actor.pk == viewing.asked_by_id
        or _stops_for(actor, viewing.person)
        or actor.holds(Role.SYSTEM_ADMINISTRATOR)
    ):
        raise Denied(_("Bạn không kết thúc được lượt xem này."))
    if viewing.state_at(at) not in GOING_ON:
        raise Denied(_("Lượt xem này đã kết thúc rồi."))


@rule
def open_while_viewing(*, is_look: bool, is_their_own: bool) -> None:
    """As another person one looks and touches nothing, and not at how they get in."""
    if not is_look:
        raise Denied(
            _(
                "Bạn đang xem như người khác: chỉ xem, không gửi, không lưu. Hãy kết thúc lượt xem trước."
            )
        )
    if is_their_own:
        raise Denied(
            _("Trang tài khoản, mật khẩu, mã xác thực và lịch riêng là của riêng người đó.")
        )
