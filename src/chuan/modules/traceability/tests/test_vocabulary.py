import pytest

from chuan.modules.traceability.engine.vocabulary import Form, Vocabulary, names, web_uri, written

SHIPPING = {
    Form.BARE: "shipping",
    Form.CURIE: "cbv:BizStep-shipping",
    Form.WEB: "https://ref.gs1.org/cbv/BizStep-shipping",
    Form.URN: "urn:epcglobal:cbv:bizstep:shipping",
}


@pytest.mark.parametrize("given", SHIPPING.values())
@pytest.mark.parametrize("form", SHIPPING)
def test_each_form_becomes_each_other(given, form):
    assert written(given, Vocabulary.BIZ_STEP, form) == SHIPPING[form]
    assert web_uri(given, Vocabulary.BIZ_STEP) == SHIPPING[Form.WEB]


def test_readings_have_no_urn_and_give_their_web_uri():
    uri = "https://gs1.org/voc/Temperature"

    assert written("Temperature", Vocabulary.MEASUREMENT, Form.URN) == uri
    assert written("gs1:Temperature", Vocabulary.MEASUREMENT, Form.BARE) == "Temperature"
    assert web_uri("http://www.gs1.org/voc/Temperature") == uri


@pytest.mark.parametrize("value", ["shipped", "https://example.com/steps/shipping", "ex:shipping"])
def test_values_of_other_people_stay_as_they_are(value):
    assert written(value, Vocabulary.BIZ_STEP, Form.WEB) == value


def test_a_bare_name_means_nothing_without_its_vocabulary():
    assert web_uri("shipping") == "shipping"
    assert written("shipping", Vocabulary.DISPOSITION, Form.WEB) == "shipping"


def test_the_tables_have_the_sizes_the_standard_gives_them():
    assert {vocabulary.value: len(names(vocabulary)) for vocabulary in Vocabulary} == {
        "bizStep": 41,
        "disposition": 33,
        "bizTransaction": 13,
        "sourceDestination": 3,
        "errorReason": 2,
        "component": 14,
        "measurement": 72,
        "sensorAlert": 2,
    }
