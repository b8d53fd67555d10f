"""From the words of a decision to the bodies and groups they name."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.db.models import Q

from chuan.core.orgs.enums import OrgKind
from chuan.core.orgs.models import Group, OrganisationVersion, VersionQuerySet
from chuan.core.orgs.queries.lineage import descents_on
from chuan.lib.vietnamese import clean, fold, same_spelling

CERTAIN = 1.0
WITHOUT_TONES = 0.95
FORMER_NAME = 0.85
FORMER_NAME_IN_PART = 0.4
# Below this two names are not alike enough to offer one for the other.
_ALIKE = 0.82
_AT_MOST = 8

# What plans abbreviate, small letters, with every way of joining. Longer ones first.
_ABBREVIATIONS = [
    (r"ubnd", "ủy ban nhân dân"),
    (r"hđnd", "hội đồng nhân dân"),
    (r"(?:ub\s*)?mttq\s*(?:vn|việt nam)", "ủy ban mặt trận tổ quốc việt nam"),
    (r"kh\s*[&-]?\s*cn", "khoa học và công nghệ"),
    (r"gd\s*[&-]?\s*đt", "giáo dục và đào tạo"),
    (r"nn\s*[&-]?\s*mt", "nông nghiệp và môi trường"),
    (r"vh\s*,?\s*tt\s*[&-]?\s*dl", "văn hóa thể thao và du lịch"),
    (r"dt\s*[&-]?\s*tg", "dân tộc và tôn giáo"),
    (r"tt\s*[&-]?\s*tt", "thông tin và truyền thông"),
    (r"pt\s*[&-]?\s*th", "phát thanh và truyền hình"),
    (r"btg\s*[&-]?\s*dv", "ban tuyên giáo và dân vận"),
    (r"bộ chqs|bchqs", "bộ chỉ huy quân sự"),
    (r"chqs", "chỉ huy quân sự"),
    (r"bqlkkt", "ban quản lý khu kinh tế"),
    (r"bql", "ban quản lý"),
    (r"kkt", "khu kinh tế"),
    (r"gdnn", "giáo dục nghề nghiệp"),
    (r"tx\.?", "thị xã"),
    (r"tp\.?", "thành phố"),
]
_EXPAND = [(re.compile(rf"(?<!\w){short}(?!\w)"), long) for short, long in _ABBREVIATIONS]
# Before a collective: “Thủ trưởng các sở, ban, ngành” are those bodies.
_LEADING = re.compile(
    r"^(?:(?:thu truong|lanh dao|giam doc|chu tich|toan the|tat ca|cac|nhung)\s+)+"
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One reading of a phrase: a group, one body, or words that name nobody in particular.

    `kind` is "group", "named" or "open". `confidence` is between 0 and 1; only 1 needs no second
    look. `why` is for the person who decides.
    """

    kind: str
    name: str
    confidence: float
    why: str = ""
    group_id: int | None = None
    organisation_id: int | None = None


def match_party(name: str, *, on: date) -> list[Candidate]:
    """What a phrase of a decision may mean on a day, best first; nothing means: ask a person.

    For many phrases of one decision make one `Gazetteer`.
    """
    return Gazetteer(on).match(name)


class Gazetteer:
    """The names in use on a day, read once: three queries, three more when an old name is met."""

    def __init__(self, on: date) -> None:
        self.on = on

    def match(self, name: str) -> list[Candidate]:
        """What a phrase may mean, best first, at most eight; nothing means: ask a person."""
        asked = self._canonical(name)
        if not asked:
            return []
        exact = [
            self._weighed(candidate, name, written)
            for candidate, written in self._names.get(asked, [])
        ]
        found = exact or self._former(asked) or self._alike(asked)
        best: dict[tuple[int | None, int | None, str], Candidate] = {}
        for candidate in sorted(found, key=lambda one: -one.confidence):
            best.setdefault(
                (candidate.group_id, candidate.organisation_id, candidate.kind), candidate
            )
        return list(best.values())[:_AT_MOST]

    # ------------------------------------------------------------ names

    @cached_property
    def _provinces(self) -> list[str]:
        """Names of the home provinces of any day: “Bình Định”, “Gia Lai”."""
        names = OrganisationVersion.objects.filter(
            organisation__is_home=True, kind=OrgKind.PROVINCE
        ).values_list("name", flat=True)
        bare = (re.sub(r"^.*?\btỉnh\s+", "", clean(name), flags=re.IGNORECASE) for name in names)
        return list(dict.fromkeys(bare))

    @cached_property
    def _names(self) -> dict[str, list[tuple[Candidate, str]]]:
        names: dict[str, list[tuple[Candidate, str]]] = {}
        for group in Group.objects.order_by("pk"):
            candidate = Candidate(
                kind="open" if group.is_open else "group",
                name=group.name,
                confidence=CERTAIN,
                group_id=group.pk,
            )
            for phrase in {group.name, *group.phrases}:
                names.setdefault(self._canonical(phrase), []).append((candidate, phrase))
        for version in self._versions.on(self.on).in_order():
            candidate = Candidate(
                kind="named",
                name=version.name,
                confidence=CERTAIN,
                organisation_id=version.organisation_id,
            )
            for key in self._keys_of(version):
                names.setdefault(key, []).append((candidate, version.name))
        return names

    @property
    def _versions(self) -> VersionQuerySet:
        """Bodies a decision of a home province can name: its own, the nation's, the unattached."""
        at_home = Q(organisation__is_home=True) | Q(parent__is_home=True) | Q(parent=None)
        elsewhere = Q(kind=OrgKind.PROVINCE, organisation__is_home=False)
        return OrganisationVersion.objects.filter(at_home | Q(kind=OrgKind.NATIONAL)).exclude(
            elsewhere
        )

    @cached_property
    def _former_names(self) -> dict[str, set[int]]:
        names: dict[str, set[int]] = {}
        for version in self._versions.filter(valid__fully_lt=(self.on, None)):
            for key in self._keys_of(version):
                names.setdefault(key, set()).add(version.organisation_id)
        return names

    def _keys_of(self, version: OrganisationVersion) -> set[str]:
        keys: set[str] = set()
        for name in (version.name, version.short_name):
            key = self._canonical(name)
            keys.add(key)
            if version.kind in {OrgKind.DISTRICT, OrgKind.COMMUNE}:
                keys.add(key.removeprefix("uy ban nhan dan "))
            else:
                keys |= self._with_and_without_province(key)
        return keys

    def _with_and_without_province(self, key: str) -> set[str]:
        ways = set()
        for province in (fold(name) for name in self._provinces):
            bare = re.sub(rf"(?: tinh)?(?: {re.escape(province)})?$", "", key)
            if " " in bare:
                ways |= {bare, f"{bare} tinh", f"{bare} tinh {province}", f"{bare} {province}"}
        return ways

    def _canonical(self, text: str) -> str:
        """Small letters without tones, abbreviations written out, no punctuation, no “Các”."""
        text = clean(text)
        for province in self._provinces:
            initials = "".join(word[0] for word in province.split())
            text = re.sub(rf"(?<!\w){re.escape(initials)}(?!\w)", province, text)
        text = text.lower()
        for short, long in _EXPAND:
            text = short.sub(long, text)
        bare = " ".join(re.sub(r"[^\w]+", " ", fold(text)).split())
        return _LEADING.sub("", bare)

    # ------------------------------------------------------------ weighing

    def _weighed(self, candidate: Candidate, asked: str, written: str) -> Candidate:
        """A name whose tones differ from what is written may be another one: look twice."""
        words, known = _words(asked), _words(written)
        tones_differ = any(
            any(fold(word) == fold(other) for other in known)
            and not any(same_spelling(word, other) for other in known)
            for word in words
        )
        if not tones_differ:
            return candidate
        return _with(candidate, WITHOUT_TONES, f"Khác dấu với “{written}”.")

    def _former(self, asked: str) -> list[Candidate]:
        """Bodies that took over from one of that name."""
        former = sorted(self._former_names.get(asked, ()))
        if not former:
            return []
        found = []
        for descent in descents_on(former, self.on).values():
            if descent.organisation_id is not None:
                why = "" if descent.is_itself else "Tên cũ; cơ quan này đã kế thừa toàn bộ."
                heirs = [(descent.organisation_id, FORMER_NAME, why or "Tên cũ của cơ quan này.")]
            else:
                why = "Tên cũ; cơ quan này chỉ nhận một phần."
                heirs = [(pk, FORMER_NAME_IN_PART, why) for pk in descent.candidates]
            for pk, confidence, reason in heirs:
                if pk in self._valid_by_id:
                    found.append(
                        Candidate(
                            kind="named",
                            name=self._valid_by_id[pk].name,
                            confidence=confidence,
                            why=reason,
                            organisation_id=pk,
                        )
                    )
        return found

    @cached_property
    def _valid_by_id(self) -> dict[int, Candidate]:
        return {
            candidate.organisation_id: candidate
            for named in self._names.values()
            for candidate, _written in named
            if candidate.organisation_id is not None
        }

    def _alike(self, asked: str) -> list[Candidate]:
        """Names that differ by a slip of the pen."""
        near = difflib.get_close_matches(asked, self._names, n=_AT_MOST, cutoff=_ALIKE)
        return [
            _with(
                candidate,
                round(0.9 * difflib.SequenceMatcher(None, asked, key).ratio(), 2),
                f"Gần giống “{written}”.",
            )
            for key in near
            for candidate, written in self._names[key]
        ]


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", clean(text).lower())


def _with(candidate: Candidate, confidence: float, why: str) -> Candidate:
    return Candidate(
        kind=candidate.kind,
        name=candidate.name,
        confidence=confidence,
        why=why,
        group_id=candidate.group_id,
        organisation_id=candidate.organisation_id,
    )
