import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuan.modules.traceability.engine import prefixes
from chuan.modules.traceability.engine.digits import (
    check_digit,
    check_pair,
    has_right_check_digit,
    has_right_check_pair,
)
from chuan.modules.traceability.engine.keys import Key, as_urn, canonical, read
from chuan.modules.traceability.engine.scanned import read_path, read_text
from chuan.modules.traceability.engine.schemes import BY_NAME

# The company prefix of the examples in the standards: 4012345 has 7 digits.
PUBLISHED = {
    "urn:epc:id:sgtin:4012345.012345.12": "https://id.gs1.org/01/04012345123456/21/12",
    "urn:epc:id:sscc:4012345.0000000333": "https://id.gs1.org/00/040123450000003338",
    "urn:epc:id:grai:4012345.66666.87": "https://id.gs1.org/8003/0401234566666387",
    "urn:epc:id:giai:4012345.AAbb": "https://id.gs1.org/8004/4012345AAbb",
    "urn:epc:id:gsrn:4012345.9876540000": "https://id.gs1.org/8018/401234598765400000",
    "urn:epc:id:gsrnp:4012345.0000098765": "https://id.gs1.org/8017/401234500000987658",
    "urn:epc:id:gdti:4012345.55555.98": "https://id.gs1.org/253/401234555555498",
    "urn:epc:id:cpi:4012345.ABC.123": "https://id.gs1.org/8010/4012345ABC/8011/123",
    "urn:epc:id:sgcn:4012345.99999.44": "https://id.gs1.org/255/401234599999044",
    "urn:epc:id:ginc:4012345.333": "https://id.gs1.org/401/4012345333",
    "urn:epc:id:gsin:4012345.999987654": "https://id.gs1.org/402/40123459999876541",
    "urn:epc:id:itip:4012345.012345.01.02.999": "https://id.gs1.org/8006/040123451234560102/21/999",
    "urn:epc:id:upui:4012345.012345.AB12": "https://id.gs1.org/01/04012345123456/235/AB12",
    "urn:epc:id:sgln:4012345.00011.987": "https://id.gs1.org/414/4012345000115/254/987",
    "urn:epc:id:sgln:4012345.00011.0": "https://id.gs1.org/414/4012345000115",
    "urn:epc:id:pgln:4012345.00000": "https://id.gs1.org/417/4012345000009",
    "urn:epc:class:lgtin:4054739.099914.20160711": "https://id.gs1.org/01/04054739999148/10/20160711",
    "urn:epc:idpat:sgtin:4054739.099914.*": "https://id.gs1.org/01/04054739999148",
    "urn:epc:idpat:grai:4012345.66666.*": "https://id.gs1.org/8003/04012345666663",
    "urn:epc:idpat:gdti:4012345.55555.*": "https://id.gs1.org/253/4012345555554",
    "urn:epc:idpat:sgcn:4012345.99999.*": "https://id.gs1.org/255/4012345999990",
    "urn:epc:idpat:cpi:4012345.ABC.*": "https://id.gs1.org/8010/4012345ABC",
    "urn:epc:idpat:itip:4012345.012345.01.02.*": "https://id.gs1.org/8006/040123451234560102",
}


@pytest.mark.parametrize("urn", PUBLISHED)
def test_every_scheme_translates_both_ways(urn):
    assert canonical(urn) == PUBLISHED[urn]
    assert read(PUBLISHED[urn]).urn(7) == urn


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("https://example.org/gtin/9506000134352", "01/09506000134352"),
        ("http://example.org/some/path/01/09506000134352/?x=1", "01/09506000134352"),
        ("https://example.org/01/00614141123452/22/2A/10/L1/21/S1", "01/00614141123452/21/S1"),
        ("https://example.org/01/614141123452/lot/lot#there", "01/00614141123452/10/lot"),
        ("https://example.org/414/4012345000054/254/a%2Fb", "414/4012345000054/254/a%2Fb"),
        ("https://example.org/8006/040123451234560102/10/L1", "8006/040123451234560102/10/L1"),
    ],
)
def test_links_on_any_domain_become_the_canonical_one(written, meant):
    assert canonical(written) == "https://id.gs1.org/" + meant


@pytest.mark.parametrize(
    "uri",
    [
        "urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8",
        "urn:epc:id:sgtin:4012345.12345.1",  # 12 digits where 13 belong
        "urn:epc:id:lgtin:4012345.012345.A",
        "urn:epc:class:sgtin:4012345.012345.A",
        "urn:epc:id:cpi:4012345.abc.1",
        "urn:epc:id:adi:35962.PQ7VZ4.M37GXB92",
        "https://example.org/01/1234/21/5",
        "https://example.org/01/09506000134352/99/5",
        "https://example.org/",
        "http://transaction.example.com/po/12345678",
    ],
)
def test_what_is_no_gs1_key_stays_as_it_is(uri):
    assert read(uri) is None
    assert canonical(uri) == uri
    assert as_urn(uri) == uri


@pytest.mark.parametrize(
    ("digits", "length"),
    [("893456700001", 7), ("893600000000", 9), ("893850000001", 10), ("893500100000", 8)],
)
def test_lengths_of_vietnamese_company_prefixes_are_known(digits, length):
    assert prefixes.company_prefix_length(digits) == length


def test_a_key_without_known_prefix_length_keeps_its_link():
    link = "https://id.gs1.org/01/09990000000005"

    assert read(link).urn() is None
    assert as_urn(link) == link


def test_a_wrong_check_digit_is_seen():
    assert read("https://id.gs1.org/01/04012345123456").has_right_check_digit
    assert not read("https://id.gs1.org/01/04012345123457").has_right_check_digit
    assert read("https://id.gs1.org/8004/4012345AAbb").has_right_check_digit


@pytest.mark.parametrize(
    ("uri", "is_class"),
    [
        ("urn:epc:idpat:sgtin:4012345.012345.*", True),
        ("urn:epc:class:lgtin:4012345.012345.L1", True),
        ("urn:epc:id:sgtin:4012345.012345.1", False),
        ("urn:epc:id:upui:4012345.012345.1", False),
        ("urn:epc:idpat:grai:4012345.66666.*", True),
        ("urn:epc:id:grai:4012345.66666.1", False),
        ("urn:epc:id:sscc:4012345.0000000333", False),
        ("urn:epc:id:sgln:4012345.00011.0", False),
    ],
)
def test_kinds_and_lots_are_told_from_single_things(uri, is_class):
    assert read(uri).is_class is is_class


def test_the_prefix_and_the_product_of_a_key_can_be_asked_for():
    key = read("urn:epc:id:sgtin:4012345.012345.1")

    assert (key.after_lead, key.gtin) == ("4012345123456", "04012345123456")
    assert read("urn:epc:id:sscc:4012345.0000000333").gtin is None


# ------------------------------------------------------------------ keys and their qualifiers
GMN = "1987654Ad4X4bL5ttr2310c2K"  # the example of the General Specifications
# What a link may say of each key, and the levels it has, from the finest.
LEVELS = {
    "00/040123450000003338": [""],
    "01/04012345123456/22/2A/10/L1/21/S1": ["21/S1", "10/L1", ""],
    "01/04012345123456/22/2A": [""],
    "01/04012345123456/235/T%2F1": ["235/T%2F1", ""],
    "253/4012345555554": [""],
    "255/4012345999990": [""],
    "401/4012345333": [""],
    "402/40123459999876541": [""],
    "414/4012345000115/254/987": ["254/987", ""],
    "414/4012345000115/7040/1ABC": ["7040/1ABC", ""],
    "415/4012345000115/8020/HD-7": ["8020/HD-7"],
    "417/4012345000009/7040/0%22A_": ["7040/0%22A_", ""],
    "8003/04012345666663": [""],
    "8004/4012345AAbb/7040/9AZz": ["7040/9AZz", ""],
    "8006/040123451234560102/22/V/10/L/21/7": ["21/7", "10/L", ""],
    "8010/4012345ABC/8011/0": ["8011/0", ""],
    f"8013/{GMN}": [""],
    "8017/401234500000987658/8019/1234567890": ["8019/1234567890", ""],
    "8018/401234598765400000/8019/7": ["8019/7", ""],
}


@pytest.mark.parametrize("path", LEVELS)
def test_a_link_has_a_level_for_each_qualifier_that_says_something(path):
    scanned = read_path(path)
    key = "https://id.gs1.org/" + "/".join(path.split("/")[:2])

    assert list(scanned.levels) == [f"{key}/{level}" if level else key for level in LEVELS[path]]
    assert canonical(f"https://example.org/a/path/{path}?x=1") == scanned.link


@pytest.mark.parametrize(
    "path",
    [
        "00/040123450000003338/10/L1",  # takes none
        "01/04012345123456/21/S1/10/L1",  # the finer before the coarser
        "01/04012345123456/10/L1/10/L2",
        "01/04012345123456/10/L1/235/T1",  # the one or the other
        f"01/04012345123456/10/{'1' * 21}",
        f"01/04012345123456/22/{'1' * 21}/10/L1",
        "01/04012345123456/254/1",
        "414/4012345000115/254/1/7040/1ABC",
        "414/4012345000115/7040/AABC",  # begins with a figure
        "414/4012345000115/7040/1AB",
        "414/4012345000115/7040/1AB.",  # no importer is called so
        "415/4012345000115",  # whom to pay, but not what
        "8004/4012345AAbb/8019/1",
        "8010/4012345ABC/8011/01",  # no zeros before a number
        f"8013/{GMN}/21/7",
        f"8013/{GMN[:-1]}L",
        f"8013/{GMN[:-2]}",
        f"8013/{'1' * 26}",
        "8017/401234500000987658/8019/12345678901",
        "8018/401234598765400000/8019/1A",
        "8026/040123451234560102",  # no key of a link
    ],
)
def test_what_the_syntax_does_not_allow_is_no_link(path):
    assert read_path(path) is None


@pytest.mark.parametrize(
    ("label", "path"),
    [
        (f"(8013){GMN}", f"8013/{GMN}"),
        (f"8013{GMN}", f"8013/{GMN}"),
        ("(8018)401234598765400000(8019)12", "8018/401234598765400000/8019/12"),
        ("8018401234598765400000\x1d801912", "8018/401234598765400000/8019/12"),
        ("(415)4012345000115(8020)HD-7", "415/4012345000115/8020/HD-7"),
        ("(417)4012345000009(7040)1ABC", "417/4012345000009/7040/1ABC"),
        ("(00)040123450000003338(414)4012345000115", "00/040123450000003338"),
        ("(17)261231", None),
    ],
)
def test_labels_with_any_key_are_read(label, path):
    scanned = read_text(label)

    assert (scanned and scanned.path) == path


def test_the_number_of_a_model_is_checked_by_its_last_two_letters():
    assert check_pair(GMN[:-2]) == "2K"
    assert has_right_check_pair(GMN)
    assert not has_right_check_pair("2K")
    swapped = GMN[0] + GMN[2] + GMN[1] + GMN[3:]
    assert not has_right_check_pair(swapped)
    assert read(f"https://id.gs1.org/8013/{GMN}").is_class
    assert as_urn(f"https://id.gs1.org/8013/{GMN}") == f"https://id.gs1.org/8013/{GMN}"
    assert read(f"urn:epc:id:gmn:1987654.{GMN[7:]}") is None  # EPC has no name for it


# ------------------------------------------------------------------ for every key there is
SERIALS = st.text(st.sampled_from("!\"%&'()*+,-./0123456789:;<=>?ABCXYZ_abcxyz"), min_size=1)


LONGEST_SERIALS = {
    **dict.fromkeys(("sgtin", "lgtin", "sgln", "itip"), 20),
    **{"upui": 28, "grai": 16, "gdti": 17, "sgcn": 12, "cpi": 12},
}


@st.composite
def urns(draw):
    scheme = draw(st.sampled_from(sorted(BY_NAME.values(), key=lambda one: one.name)))
    length = draw(st.integers(6, 12 if scheme.digits >= 12 else 11))
    prefix = draw(st.text("0123456789", min_size=length, max_size=length))
    if scheme.digits:
        size = scheme.digits - length
        parts = [prefix, draw(st.text("0123456789", min_size=size, max_size=size))]
    else:
        letters = "-0123456789AB" if scheme.name == "cpi" else "-.0123456789ABab"
        parts = [prefix, draw(st.text(letters, min_size=1, max_size=30 - length))]
    if scheme.pieces:
        parts += ["01", "02"]
    if longest := LONGEST_SERIALS.get(scheme.name):
        serial = draw(st.text("123", min_size=1) if scheme.name in ("sgcn", "cpi") else SERIALS)
        serial = serial[:longest]
        scheme_serial = "".join(
            f"%{ord(letter):02X}" if letter in '"%&/<>?' else letter for letter in serial
        )
        parts.append(scheme_serial)
    return f"{scheme.urn}{scheme.name}:" + ".".join(parts), length


@given(urns())
def test_every_urn_comes_back_from_its_link(urn_and_length):
    urn, length = urn_and_length

    link = canonical(urn)

    assert link.startswith("https://id.gs1.org/")
    assert canonical(link) == link
    assert read(link) == read(urn)
    assert read(link).urn(length) == urn


@given(st.text("0123456789", min_size=1, max_size=20), st.integers(0, 9))
def test_one_wrong_digit_is_always_noticed(digits, wrong):
    right = check_digit(digits)

    assert has_right_check_digit(digits + right)
    assert has_right_check_digit(digits + str(wrong)) is (str(wrong) == right)


@given(st.text())
def test_no_text_breaks_the_reader(text):
    for uri in (text, f"https://x/{text}", f"urn:epc:id:{text}", f"urn:epc:id:sgtin:{text}"):
        key = read(uri)
        assert key is None or isinstance(key, Key)


@given(
    st.text("!%&'()*+,-./09:;<=>?AZ_az", min_size=1, max_size=23),
    st.integers(0, 22),
    st.sampled_from("!09AZaz"),
)
def test_one_wrong_letter_of_a_model_is_always_noticed(text, at, other):
    right = text + check_pair(text)
    at %= len(text)
    wrong = right[:at] + other + right[at + 1 :]

    assert has_right_check_pair(right)
    assert has_right_check_pair(wrong) is (wrong == right)
