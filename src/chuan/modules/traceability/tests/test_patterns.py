import pytest

from chuan.modules.traceability.engine.keys import canonical
from chuan.modules.traceability.engine.patterns import BadPattern, read_pattern

ITEM = canonical("urn:epc:id:sgtin:4012345.012345.12")
LOT = canonical("urn:epc:class:lgtin:4012345.012345.L1")
OTHER = canonical("urn:epc:id:sgtin:4012345.012346.12")
STRANGER = canonical("urn:epc:id:sgtin:0614141.012345.12")
CASE = canonical("urn:epc:id:sscc:4012345.0000000333")


@pytest.mark.parametrize(
    ("pattern", "matched"),
    [
        ("urn:epc:id:sgtin:4012345.012345.12", {ITEM}),
        ("https://example.org/01/04012345123456/21/12", {ITEM}),
        ("urn:epc:idpat:sgtin:4012345.012345.*", {ITEM}),
        ("urn:epc:idpat:sgtin:4012345.012345.[10-12]", {ITEM}),
        ("urn:epc:idpat:sgtin:4012345.012345.[13-14]", set()),
        ("urn:epc:idpat:sgtin:4012345.*.*", {ITEM, OTHER}),
        ("urn:epc:idpat:sgtin:*.*.*", {ITEM, OTHER, STRANGER}),
        ("urn:epc:idpat:lgtin:4012345.012345.*", {LOT}),
        ("urn:epc:idpat:sscc:4012345.*", {CASE}),
        ("urn:epc:idpat:sscc:*.*", {CASE}),
        ("https://id.gs1.org/01/04012345123456/21/*", {ITEM}),
        ("https://id.gs1.org/01/04012345123456/*", {ITEM, LOT}),
    ],
)
def test_a_pattern_matches_what_it_names(pattern, matched):
    found = {
        link for link in (ITEM, LOT, OTHER, STRANGER, CASE) if read_pattern(pattern).matches(link)
    }

    assert found == matched


def test_the_pattern_of_a_class_matches_the_class_itself():
    product = "https://id.gs1.org/01/04012345123456"

    assert read_pattern("urn:epc:idpat:sgtin:4012345.012345.*").matches(product)


@pytest.mark.parametrize(
    "pattern",
    [
        "urn:epc:idpat:nothing:1.2.3",
        "urn:epc:idpat:sgtin:4012345.*.12",
        "urn:epc:idpat:sgtin:4012345.*",
        "urn:epc:idpat:sgtin:40.*.*",
        "urn:epc:idpat:sgtin:4012345.012345.[9-1]",
        "urn:epc:idpat:sgtin:4012345.012345.[1-999999999]",
        f"urn:epc:idpat:sgtin:4012345.012345.[1-{'9' * 5000}]",
        "urn:epc:idpat:sgtin:4012345.0123.*",
        "urn:epc:idpat:sgtin:4012345.01234x.*",
    ],
)
def test_a_pattern_that_means_nothing_is_refused(pattern):
    with pytest.raises(BadPattern):
        read_pattern(pattern)
