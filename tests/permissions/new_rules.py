"""Rules nobody has: the search for what takes two people must find them."""

from chuan.lib.rules import Denied, rule


@rule
def approve_payment(actor, payment):
    if payment.state != "waiting":
        raise Denied("It does not wait.")
    if getattr(actor, "pk", None) in {payment.asked_by_id, payment.entered_by_id}:
        raise Denied("Somebody else.")


@rule
def approve_all(actor, payments):
    for payment in payments:
        approve_payment.require(actor, payment)


@rule
def take_back_payment(actor, payment):
    if actor.pk != payment.asked_by_id:
        raise Denied("Only who asked.")
