"""From a proposed reorganisation to the exact rows that end, begin and are linked.

A preview, the confirmation and the tests all come through `plan`, so that they never disagree. The
rules it keeps:

* a body has at most one version a day, and a body that ended never comes back;
* who takes over begins a version on the very day the one before ends (a transfer of functions ends
  nobody and needs no such seam);
* the successors of a body that ends are its full set: one that takes the whole, or several parts;
* on one day nobody hands on what comes back to them;
* on the day every body stands under one that exists, and goes on existing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext as _

from chuan.core.orgs.engine.proposals import (
    FACTS,
    WITH_SEAM,
    WITHOUT_LINKS,
    Amendment,
    Beginning,
    Ending,
    Facts,
    Fault,
    Known,
    Link,
    Part,
    Plan,
    Problem,
    Proposal,
    Ref,
    Spell,
)
from chuan.core.orgs.enums import ChangeKind, OrgKind, Share, Stance
from chuan.lib.vietnamese import format_date


def plan(proposal: Proposal, known: Known) -> Plan:
    """What the event does, and everything that speaks against it, found at once."""
    return _Planner(proposal, known).plan()


class _Planner:
    def __init__(self, proposal: Proposal, known: Known) -> None:
        self.proposal = proposal
        self.on = proposal.on
        self.known = known
        self.spells: dict[Ref, list[Spell]] = defaultdict(list)
        for spell in known.spells:
            self.spells[spell.ref].append(spell)
        for spells in self.spells.values():
            spells.sort(key=lambda one: (one.start or date.min, one.pk))
        self.parts = {part.ref: part for part in proposal.parts}
        self.given: dict[Ref, list[Link]] = defaultdict(list)
        self.taken: dict[Ref, list[Link]] = defaultdict(list)
        for link in proposal.links:
            self.given[link.predecessor].append(link)
            self.taken[link.successor].append(link)
        self.problems: list[Problem] = []
        self.endings: list[Ending] = []
        self.beginnings: list[Beginning] = []
        self.amendments: list[Amendment] = []
        # What stands under whom on the day, once the event has happened.
        self.above: dict[Ref, Ref] = {}

    def plan(self) -> Plan:
        self._check_shape()
        for part in self.proposal.parts:
            getattr(self, f"_{part.stance.value}")(part)
        self._check_links()
        self._carry_those_below()
        self._check_parents()
        return Plan(
            tuple(self.endings),
            tuple(self.beginnings),
            tuple(self.amendments),
            self.proposal.links,
            tuple(self.problems),
        )

    # ------------------------------------------------------------ the whole

    def _check_shape(self) -> None:
        kind = self.proposal.kind
        stances = [part.stance for part in self.proposal.parts]
        if len(self.parts) < len(stances):
            self._problem(Fault.TWICE, _("Mỗi cơ quan chỉ ghi một lần trong một sự kiện."))
        if kind in WITHOUT_LINKS:
            if not stances:
                self._problem(Fault.NOTHING_CHANGES, _("Chọn ít nhất một cơ quan."))
            if self.proposal.links or set(stances) - {Stance.GOES_ON}:
                self._problem(
                    Fault.LINKS_NOT_ASKED,
                    _(
                        "Đổi tên và chuyển cơ quan cấp trên không làm cơ quan nào kết thúc hay "
                        "thành lập. Chọn loại sự kiện khác nếu có cơ quan kế thừa."
                    ),
                )
            return
        if kind == ChangeKind.TRANSFER:
            if Stance.ENDS in stances or Stance.WAS in stances:
                self._problem(
                    Fault.LINKS_NOT_ASKED,
                    _(
                        "Chuyển chức năng không làm cơ quan nào kết thúc. Nếu có cơ quan kết thúc, "
                        "chọn “Hợp nhất, sáp nhập”, “Chia, tách” hoặc “Giải thể”."
                    ),
                )
        elif kind == ChangeKind.DISSOLVE and not {Stance.ENDS, Stance.WAS} & set(stances):
            self._problem(Fault.NOBODY_ENDS, _("Chọn cơ quan kết thúc hoạt động."))
        if kind != ChangeKind.DISSOLVE and not self.proposal.links:
            self._problem(
                Fault.NO_LINKS, _("Ghi ít nhất một cặp cơ quan trước và cơ quan kế thừa.")
            )

    # ------------------------------------------------------------ one body

    def _ends(self, part: Part) -> None:
        spell = self._last_open(part)
        if spell is None:
            return
        if spell.start is not None and spell.start >= self.on:
            self._problem(
                Fault.NOT_THERE,
                _("%(name)s chưa có vào trước ngày %(day)s nên không thể kết thúc vào ngày đó."),
                part.ref,
            )
            return
        if any(after == part.ref for _before, after in self.known.same_day):
            self._problem(
                Fault.NOT_THERE,
                _(
                    "%(name)s nhận chức năng theo một sự kiện khác cùng ngày nên không thể kết thúc "
                    "ngày đó. Chọn ngày muộn hơn."
                ),
                part.ref,
            )
            return
        self.endings.append(Ending(spell, is_last=True))

    def _goes_on(self, part: Part) -> None:
        spell = self._last_open(part)
        if spell is None:
            return
        facts = {**spell.facts, **part.facts}
        facts["parent"] = self._heir_above(facts["parent"]) or facts["parent"]
        has_changed = facts != dict(spell.facts)
        if self.proposal.kind in WITHOUT_LINKS and not has_changed:
            self._problem(
                Fault.NOTHING_CHANGES,
                _("%(name)s chưa có gì thay đổi. Nhập thông tin mới hoặc bỏ khỏi sự kiện."),
                part.ref,
            )
            return
        self._require_name(part.ref, facts)
        self.above[part.ref] = facts["parent"]
        if spell.start == self.on:
            if has_changed:
                self.amendments.append(Amendment(spell, facts))
        elif has_changed or self.proposal.kind in WITH_SEAM:
            self.endings.append(Ending(spell, is_last=False))
            self.beginnings.append(Beginning(part.ref, facts, self.on, after=spell))

    def _begins(self, part: Part) -> None:
        facts = self._all_facts(part)
        self._require_name(part.ref, facts)
        self.above[part.ref] = facts["parent"]
        self.beginnings.append(Beginning(part.ref, facts, self.on))

    def _was(self, part: Part) -> None:
        facts = self._all_facts(part)
        self._require_name(part.ref, facts)
        self.beginnings.append(Beginning(part.ref, facts, None, until=self.on))

    def _last_open(self, part: Part) -> Spell | None:
        """The version that holds on the day and for good, or a problem."""
        spells = self.spells.get(part.ref, [])
        if not spells:
            self._problem(Fault.STRANGER, _("Cơ quan này không có trong danh mục."), part.ref)
            return None
        last = spells[-1]
        if last.end is not None:
            self._problem(
                Fault.ENDED_ALREADY,
                _("%(name)s đã kết thúc từ ngày %(when)s."),
                part.ref,
                when=format_date(last.end),
            )
            return None
        if last.start is not None and last.start > self.on:
            is_later = len(spells) > 1
            self._problem(
                Fault.LATER_VERSION if is_later else Fault.NOT_THERE,
                _(
                    "%(name)s đã có thông tin mới từ ngày %(when)s. Chọn ngày muộn hơn, hoặc hoàn "
                    "tác sự kiện sau trước."
                )
                if is_later
                else _("%(name)s đến ngày %(when)s mới có."),
                part.ref,
                when=format_date(last.start),
            )
            return None
        return last

    def _all_facts(self, part: Part) -> dict[str, str]:
        facts = {name: part.facts.get(name, "") for name in FACTS}
        facts["short_name"] = facts["short_name"] or facts["name"]
        return facts

    def _require_name(self, ref: Ref, facts: Facts) -> None:
        if not facts["name"] or facts["kind"] not in OrgKind.values:
            self._problem(Fault.NO_NAME, _("Nhập tên và loại của mọi cơ quan trong sự kiện."), ref)

    # ------------------------------------------------------------ links

    def _check_links(self) -> None:
        pairs = [(link.predecessor, link.successor) for link in self.proposal.links]
        if len(set(pairs)) < len(pairs):
            self._problem(Fault.TWICE, _("Một cặp cơ quan được ghi hai lần."))
        for link in self.proposal.links:
            self._check_link(link)
        for part in self.proposal.parts:
            if part.stance in {Stance.ENDS, Stance.WAS}:
                self._check_full_set(part)
            elif part.stance == Stance.BEGINS and not self.taken[part.ref]:
                self._problem(
                    Fault.FROM_NOWHERE,
                    _("%(name)s chưa kế thừa cơ quan nào. Nối với cơ quan trước."),
                    part.ref,
                )
            elif (
                part.stance == Stance.GOES_ON
                and self.proposal.kind not in WITHOUT_LINKS
                and not self.taken[part.ref]
                and not self.given[part.ref]
                and not part.facts
            ):
                self._problem(
                    Fault.NOTHING_CHANGES,
                    _("%(name)s không nhận, không giao và không thay đổi gì. Bỏ khỏi sự kiện."),
                    part.ref,
                )
        if _has_cycle([*pairs, *self.known.same_day]):
            self._problem(
                Fault.CYCLE,
                _(
                    "Các cơ quan kế thừa nhau thành vòng tròn trong cùng một ngày. Bỏ một chiều, "
                    "hoặc tách thành hai sự kiện khác ngày."
                ),
            )

    def _check_link(self, link: Link) -> None:
        before, after = self.parts.get(link.predecessor), self.parts.get(link.successor)
        if before is None or after is None:
            self._problem(
                Fault.STRANGER, _("Có cặp kế thừa nhắc tới cơ quan không có trong sự kiện.")
            )
        elif before is after:
            self._problem(Fault.ITSELF, _("Một cơ quan không thể kế thừa chính nó."), before.ref)
        elif before.stance == Stance.BEGINS or after.stance in {Stance.ENDS, Stance.WAS}:
            self._problem(
                Fault.NOT_THERE,
                _(
                    "Cơ quan kế thừa phải có từ ngày %(day)s và cơ quan trước phải có trước ngày đó."
                ),
                after.ref,
            )
        elif before.stance == Stance.GOES_ON and link.share == Share.FULL:
            self._problem(
                Fault.GOES_ON_WHOLE,
                _("%(name)s còn hoạt động nên chỉ giao được một phần."),
                before.ref,
            )

    def _check_full_set(self, part: Part) -> None:
        links = self.given[part.ref]
        whole = [link for link in links if link.share == Share.FULL]
        if whole and len(links) > 1:
            self._problem(
                Fault.WHOLE_TO_SEVERAL,
                _(
                    "%(name)s không thể chuyển toàn bộ cho một cơ quan và một phần cho cơ quan khác."
                ),
                part.ref,
            )
        elif self.proposal.kind == ChangeKind.DISSOLVE or whole:
            return
        elif len(links) < 2:
            self._problem(
                Fault.INCOMPLETE,
                _(
                    "%(name)s kết thúc nhưng chưa đủ cơ quan kế thừa: ghi một cơ quan nhận toàn bộ, "
                    "hoặc từ hai cơ quan trở lên cùng nhận từng phần."
                ),
                part.ref,
            )

    # ------------------------------------------------------------ above and below

    def _carry_those_below(self) -> None:
        """Bodies under one that ends follow whoever takes the whole of it; else they are asked for."""
        ended = {one.spell.ref for one in self.endings if one.is_last}
        left: dict[Ref, list[str]] = defaultdict(list)
        for ref, spells in self.spells.items():
            under = [spell for spell in spells if self._lasts(spell)]
            above = next((one.facts["parent"] for one in under if one.facts["parent"] in ended), "")
            if not above or ref in self.parts:
                continue
            last = spells[-1]
            heir = self._heir_above(above)
            if not heir or len(under) > 1 or last.end is not None or not last.holds(self.on):
                left[above].append(last.facts["name"])
                continue
            facts = {**last.facts, "parent": heir}
            self.above[ref] = heir
            if last.start == self.on:
                self.amendments.append(Amendment(last, facts, is_carried=True))
            else:
                self.endings.append(Ending(last, is_last=False))
                self.beginnings.append(Beginning(ref, facts, self.on, after=last, is_carried=True))
        for above, names in left.items():
            self._problem(
                Fault.BODIES_BELOW,
                _(
                    "%(name)s kết thúc nhưng còn %(count)s cơ quan trực thuộc: %(names)s. Đưa các cơ "
                    "quan này vào sự kiện, hoặc chuyển, kết thúc trước."
                ),
                above,
                count=str(len(names)),
                names="; ".join(names[:3]) + ("…" if len(names) > 3 else ""),
            )

    def _heir_above(self, parent: Ref) -> Ref:
        """Who takes the place of a body above that ends in this event, where one takes the whole."""
        part = self.parts.get(parent)
        if part is None or part.stance != Stance.ENDS:
            return ""
        heirs = self.given[parent]
        is_simple = len(heirs) == 1 and heirs[0].share == Share.FULL
        return heirs[0].successor if is_simple else ""

    def _lasts(self, spell: Spell) -> bool:
        return spell.end is None or spell.end > self.on

    def _check_parents(self) -> None:
        ended = {one.spell.ref for one in self.endings if one.is_last}
        told = {one.ref: one.facts["name"] for one in self.beginnings if one.until is None}
        for ref, parent in self.above.items():
            name = told.get(ref) or self._name(ref)
            if not parent:
                continue
            part = self.parts.get(parent)
            if part is not None and part.stance == Stance.BEGINS:
                is_there = True
            else:
                spells = self.spells.get(parent, [])
                last = spells[-1] if spells else None
                is_there = (
                    last is not None
                    and last.end is None
                    and any(spell.holds(self.on) for spell in spells)
                    and parent not in ended
                )
            if not is_there:
                self._problem(
                    Fault.PARENT_GONE,
                    _("Cơ quan cấp trên của %(name)s không có từ ngày %(day)s. Chọn cơ quan khác."),
                    ref,
                    name=name,
                )
            elif self._stands_under_itself(ref):
                self._problem(
                    Fault.PARENT_CYCLE,
                    _("%(name)s không thể trực thuộc chính nó, kể cả qua cơ quan khác."),
                    ref,
                    name=name,
                )

    def _stands_under_itself(self, ref: Ref) -> bool:
        seen = {ref}
        at = self._parent_of(ref)
        while at:
            if at in seen:
                return at == ref
            seen.add(at)
            at = self._parent_of(at)
        return False

    def _parent_of(self, ref: Ref) -> Ref:
        if ref in self.above:
            return self.above[ref]
        return next(
            (spell.facts["parent"] for spell in self.spells.get(ref, []) if spell.holds(self.on)),
            "",
        )

    # ------------------------------------------------------------ telling

    def _problem(self, fault: Fault, text: str, ref: Ref = "", **values: str) -> None:
        told = {"name": self._name(ref), "day": format_date(self.on), **values}
        self.problems.append(Problem(fault, text % told, ref))

    def _name(self, ref: Ref) -> str:
        part = self.parts.get(ref)
        if part is not None and part.stance in {Stance.BEGINS, Stance.WAS}:
            return part.facts.get("name") or _("Cơ quan mới")
        spells = self.spells.get(ref, [])
        return spells[-1].facts["name"] if spells else _("Cơ quan này")


def _has_cycle(pairs: Iterable[tuple[Ref, Ref]]) -> bool:
    """Whether one can come back to where one was: bodies nobody precedes are taken away in turn."""
    follow: dict[Ref, list[Ref]] = defaultdict(list)
    before: dict[Ref, int] = defaultdict(int)
    for one, other in {pair for pair in pairs if pair[0] != pair[1]}:
        follow[one].append(other)
        before[other] += 1
    free = [ref for ref in follow if not before[ref]]
    while free:
        for other in follow.pop(free.pop(), []):
            before[other] -= 1
            if not before[other]:
                free.append(other)
    return any(before.values())


def default_links(proposal: Proposal) -> tuple[Link, ...]:
    """The links that go without saying: everybody to the only heir, or one body to all its parts.

    None where a person has to say more.
    """
    givers = [one for one in proposal.parts if one.stance in {Stance.ENDS, Stance.WAS}]
    begun = [one for one in proposal.parts if one.stance == Stance.BEGINS]
    going_on = [one for one in proposal.parts if one.stance == Stance.GOES_ON]
    takers = begun + going_on
    if proposal.kind in WITHOUT_LINKS:
        return ()
    if givers and len(takers) == 1:
        return tuple(Link(one.ref, takers[0].ref) for one in givers)
    if len(givers) == 1 and len(takers) > 1:
        return tuple(Link(givers[0].ref, one.ref, Share.PARTIAL) for one in takers)
    if not givers and len(going_on) == 1 and begun:
        return tuple(Link(going_on[0].ref, one.ref, Share.PARTIAL) for one in begun)
    return ()
