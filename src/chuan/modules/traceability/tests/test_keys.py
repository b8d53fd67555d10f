import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuan.modules.traceability.engine import prefixes
from chuan.modules.traceability.engine.digits import check_digit, has_right_check_digit
from chuan.modules.traceability.engine.keys import Key, as_urn, canonical, read
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


# ------------------------------------------------------------------ for every key there is
SERIALS = st.text(st.sampled_from("!\"%&'()*+,-./0123456789:;<=>?ABCXYZ_abcxyz"), min_size=1)


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
    if scheme.serial:
        serial = draw(SERIALS if scheme.serial_letters != "[0-9]" else st.text("123", min_size=1))
        serial = serial[: scheme.serial]
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
