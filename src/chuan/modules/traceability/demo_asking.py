"""A business's own software, invented: it asks to be sent what happens to its goods."""

from __future__ import annotations

from chuan.modules.traceability.enums import Scope
from chuan.modules.traceability.models import Party
from chuan.modules.traceability.operations import delivery
from chuan.modules.traceability.operations.asking import keep_query
from chuan.modules.traceability.operations.keys import add_key
from chuan.modules.traceability.operations.subscriptions import Wanted, subscribe

# The address belongs to nobody (RFC 2606), so nobody takes what is sent: the page of who is sent what
# shows a receiver that does not answer, and when it is asked again.
_DEST = "https://kho.xoai-cat-hanh.example/epcis"
_AT_SIX = {"hour": "6", "minute": "0", "second": "0"}


def subscribe_software(party: Party) -> None:
    """Two subscriptions: one as events come in, tried once and not taken; one for every morning."""
    key, _text = add_key(
        name="Phần mềm kho của hợp tác xã (minh họa)",
        scopes=[Scope.QUERY],
        by="chuan demo",
        party=party,
    )
    for name, question, schedule in (
        ("nhan-hang", {"EQ_bizStep": ["receiving"]}, {}),
        ("ca-ngay", {"eventType": ["ObjectEvent", "TransformationEvent"]}, _AT_SIX),
    ):
        keep_query(key=key, name=name, question=question, namespaces={})
        subscription = subscribe(
            key=key,
            name=name,
            wanted=Wanted(
                dest=_DEST,
                signature_token="",
                schedule=schedule,
                report_if_empty=not schedule,
                initial_record_time=None,
                epc_format="No_Preference",
            ),
        )
        if not schedule:
            # Nobody need be warned of what is meant to fail.
            delivery.logger.disabled = True
            try:
                delivery.deliver(subscription_id=subscription.pk)
            finally:
                delivery.logger.disabled = False
