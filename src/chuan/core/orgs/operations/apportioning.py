"""Stating how figures of a body that went over in parts are divided: two people, and a basis."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from chuan.core.audit.operations import record
from chuan.core.orgs import rules
from chuan.core.orgs.enums import Share
from chuan.core.orgs.models import ApportionedShare, ApportionmentKey, ChangeEvent, Organisation
from chuan.lib.vietnamese import clean

WHOLE = Decimal(100)


@transaction.atomic
def state_key(
    *,
    actor: AbstractBaseUser,
    event: ChangeEvent,
    predecessor: Organisation,
    percents: Mapping[int, Decimal],
    basis: str,
    at: datetime,
) -> ApportionmentKey:
    """Propose shares in percent by successor; one that waited for confirmation gives way to it.

    :raises Denied: the actor prepares no reorganisations, or the event does not hold.
    :raises ValidationError: no basis, no shares, more than 100 percent together, or somebody who took
        over no part.
    """
    event = ChangeEvent.objects.select_for_update().get(pk=event.pk)
    rules.state_key.require(actor, event)
    basis = clean(basis)
    if not basis:
        raise ValidationError({"basis": _("Nhập văn bản làm căn cứ.")})
    given = {pk: percent for pk, percent in percents.items() if percent}
    taken = event.links.filter(predecessor=predecessor, share=Share.PARTIAL)
    if not given or set(given) - set(taken.values_list("successor", flat=True)):
        raise ValidationError(_("Nhập tỷ lệ cho cơ quan đã nhận một phần trong sự kiện này."))
    if any(percent < 0 for percent in given.values()) or sum(given.values()) > WHOLE:
        raise ValidationError(_("Tổng tỷ lệ không quá 100%."))
    for waiting in event.keys.filter(
        predecessor=predecessor, ended_at=None, confirmed_at=None
    ).select_for_update():
        _end(waiting, actor, at)
    key = ApportionmentKey.objects.create(
        event=event, predecessor=predecessor, basis=basis, stated_by_id=actor.pk, stated_at=at
    )
    ApportionedShare.objects.bulk_create(
        ApportionedShare(key=key, successor_id=pk, percent=percent) for pk, percent in given.items()
    )
    record(
        action="orgs.key_stated",
        actor=actor,
        subject=key,
        event=event.pk,
        basis=basis,
        percents={str(pk): str(percent) for pk, percent in given.items()},
    )
    return key


@transaction.atomic
def confirm_key(
    *, actor: AbstractBaseUser, key: ApportionmentKey, at: datetime
) -> ApportionmentKey:
    """Let a stated key hold; the one that held before ends.

    :raises Denied: the actor stated it, may confirm nothing, or it does not wait.
    """
    key = _locked(key)
    rules.confirm_key.require(actor, key)
    for held in key.event.keys.filter(predecessor=key.predecessor_id, ended_at=None).exclude(
        pk=key.pk
    ):
        _end(held, actor, at)
    key.confirmed_by_id, key.confirmed_at = actor.pk, at
    key.save(update_fields=["confirmed_by", "confirmed_at"])
    record(action="orgs.key_confirmed", actor=actor, subject=key, event=key.event_id)
    return key


@transaction.atomic
def end_key(*, actor: AbstractBaseUser, key: ApportionmentKey, at: datetime) -> ApportionmentKey:
    """Take a key back: the figures are allocated to nobody again.

    :raises Denied: the actor may confirm nothing, or it has ended.
    """
    key = _locked(key)
    rules.end_key.require(actor, key)
    _end(key, actor, at)
    record(action="orgs.key_ended", actor=actor, subject=key, event=key.event_id)
    return key


def forget_ended_keys(event: ChangeEvent) -> list[int]:
    """Of an event that is being reversed: keys that have ended divide nothing, and would keep bodies in
    the register that never were. The ledger has what they said.

    :returns: their ids, for the ledger.
    """
    ended = list(event.keys.filter(ended_at__isnull=False).order_by("pk"))
    ApportionedShare.objects.filter(key__in=ended).delete()
    ApportionmentKey.objects.filter(pk__in=[key.pk for key in ended]).delete()
    return [key.pk for key in ended]


def _locked(key: ApportionmentKey) -> ApportionmentKey:
    # Two people may state and confirm at once: they meet at the event.
    ChangeEvent.objects.select_for_update().get(pk=key.event_id)
    return (
        ApportionmentKey.objects.select_for_update(of=("self",))
        .select_related("event")
        .get(pk=key.pk)
    )


def _end(key: ApportionmentKey, actor: AbstractBaseUser, at: datetime) -> None:
    key.ended_by_id, key.ended_at = actor.pk, at
    key.save(update_fields=["ended_by", "ended_at"])
