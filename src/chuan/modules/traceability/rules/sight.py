"""Who sees which event, and of what a party may tell.

The principle is that of one step back and one step forward: whoever takes part in a chain can tell
from whom goods came and to whom they went (Circular 02/2024/TT-BKHCN; Decree 37/2026/NĐ-CP, Articles
22 to 28, leaves it to systems who reads what, and gives consumers a subset of their own, Article
23.7). What lies further away is the business of others.

**A party** sees an event when one of these holds:

1. *Its own.* It was captured under a key of the party, or the party told the very same again; or it
   names the party: as a source or destination of whatever type (owning party, possessing party,
   location), or as the place where it happened or where things are afterwards (`readPoint`,
   `bizLocation`). A party is named by its GLN, by the code it has without one, by the places that
   are registered as its own (with all their extensions), and by GLNs of its company prefix.
2. *One step back.* A single thing came to the party: an event `receiving`, `arriving` or `accepting`
   that names the thing and was captured by the party, happened at its place, or names it as
   destination. It sees the nearest event `shipping` or `departing` of this thing before.
3. *One step forward.* A single thing left the party: `shipping` or `departing`, captured by the party,
   at its place, or with it as source. It sees the nearest event `receiving`, `arriving` or
   `accepting` of this thing after.

What was matched so stays, whatever is told later: handovers are matched as they are told, one
document after the other (of one document, by time), among what is known by then. A shipping that was
matched with a receipt is matched with no stranger's that is told afterwards, nor a receipt with a
stranger's shipping, whenever they say it happened. Where two parties that have nothing to do with
each other claim one receipt, whoever told first holds it, and the other sees no more than its own;
nothing in events says who of the two tells the truth. So a party that tells only after its neighbours
on both sides were matched is seen and sees by being named (1), and an event declared wrong gives
back what it held. Whether two events have somebody in common is told by the names of places and tellers in
them, as they stand: the register may say tomorrow whose a place is, and what was matched stays.

Of 2 and 3 it sees nothing when anybody else received the thing (or shipped it) in between, and
nothing when the event on the other side says itself whom it was meant for: then those see it by 1,
and nobody gains sight of a sale by telling that the goods came to them. A lot goes to many at once,
so that nearness in time says nothing: of lots, and of what is named by its kind alone, only 1 holds.
Events that were declared wrong lead nowhere. A declaration of error is an event like others; it
names whom the wrong one named.

**An authority** sees everything, or what the parties in its remit see; which of the two is said when
its key is made. **A key that is nobody's** sees what was told with it. **Whoever scans a label** sees `queries/steps.py` alone.

What somebody does not see is not there for them: an address of it is a 404 like that of what never
was, lists and traces are made of what is seen, and no count tells of more.

**A party tells** what it likes of goods, with two exceptions. A place that the register or a company
prefix gives to somebody else may stand in its event only where the event names the party too, as
source, destination or place: who receives at the dock of another is named. And what others told it
neither changes (nobody does: the first event under an id stays) nor declares wrong.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from chuan.lib.rules import Denied, rule
from chuan.modules.traceability.models import AccessKey


@rule
def declare_wrong(
    key: AccessKey, told_by: AccessKey | None, *, here_since: datetime | None = None
) -> None:
    """A party takes back what it told itself; an authority that watches over everything, all.

    :param told_by: the key under which the event came; None for an event nobody knows.
    :param here_since: where months are in an archive: of what was recorded before, it is not known.
    """
    if key.sees_everything:
        return
    same = told_by is not None and (
        told_by.pk == key.pk or (key.party_id is not None and told_by.party_id == key.party_id)
    )
    if same:
        return
    if told_by is None and here_since is not None:
        raise Denied(
            "an event that is here and was captured under a key of the same party;"
            f" those recorded before {here_since:%Y-%m-%d} are archived, ask for them to be restored"
        )
    raise Denied("an event that was captured under a key of the same party")


@rule
def tell_of_places(key: AccessKey, others: Collection[str], is_named: bool) -> None:
    """Of places of others a party tells where it is named itself.

    :param others: places in one event that are somebody else's.
    :param is_named: whether the event names the party too.
    """
    if key.sees_everything or is_named or not others:
        return
    raise Denied("a place of another party only in an event that names this one too")
