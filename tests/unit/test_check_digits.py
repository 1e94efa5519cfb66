"""Check digits: published examples pass, and a wrong digit, or two changed places, do not."""

import numpy as np
import pytest

from clinpred.records.audit import check_digits

# Published specimens, none of which is given to a person.
RIGHT = {
    "luhn": ["79927398713", "4111111111111111", "490154203237518", "046454286"],
    "nhs_number": ["9434765919", "9876543210"],
    "npi": ["1234567893"],
    "iban": ["GB82WEST12345698765432", "DE89370400440532013000", "FR1420041010050500013M02606"],
    "french_nir": ["255081416802538"],
    "spanish_dni": ["12345678Z", "X1234567L"],
    "dutch_bsn": ["111222333", "123456782"],
    "german_insured": ["A123456780"],
    "german_tax_id": ["86095742719", "65929970489"],
    "swiss_ahv": ["7569217076985"],
    "swedish": ["8112189876"],
    "finnish": ["131052-308T"],
    "polish_pesel": ["44051401359"],
    "brazilian_cpf": ["52998224725", "11144477735"],
    "aadhaar": ["234123412346"],
    "australian_medicare": ["2123456701"],
    "irish_pps": ["1234567T", "1234567FA"],
    "belgian": ["85073003328", "17073003384"],
    "danish": ["0707614285"],
    "norwegian": ["29029600013"],
    "austrian_insured": ["1237010180"],
}
EXAMPLES = [(name, text) for name, texts in RIGHT.items() for text in texts]
WITHOUT_DIGIT = {"danish"}


@pytest.mark.parametrize(("name", "text"), EXAMPLES)
def test_a_published_example_passes(name, text):
    assert getattr(check_digits, name)(text)


@pytest.mark.parametrize(("name", "text"), [each for each in EXAMPLES if each[0] not in WITHOUT_DIGIT])
def test_one_wrong_digit_is_seen(name, text):
    check = getattr(check_digits, name)
    places = [at for at, sign in enumerate(text[:8] if name == "australian_medicare" else text) if sign.isdecimal()]
    wrong = [text[:at] + other + text[at + 1 :] for at in places for other in "0123456789" if other != text[at]]
    assert sum(map(check, wrong)) <= 0.05 * len(wrong)


@pytest.mark.parametrize(
    ("check", "form", "chance"),
    [("luhn", 16, 0.1), ("nhs_number", 10, 1 / 11), ("chi_number", 10, 366 / 110_000), ("dutch_bsn", 9, 1 / 11)],
)
def test_random_digits_pass_as_often_as_is_said(check, form, chance):
    digits = np.random.default_rng(3).integers(0, 10, (20_000, form)).astype(str)
    passed = sum(getattr(check_digits, check)("".join(row)) for row in digits)
    assert abs(passed - 20_000 * chance) < 5 * np.sqrt(20_000 * chance)


def test_the_chance_bound_holds_against_the_exact_binomial():
    from scipy.stats import binom

    for tried in (1, 5, 9, 20, 300):
        for passed in range(tried + 1):
            for chance in (0.0033, 1 / 11, 0.1):
                exact = binom.sf(passed - 1, tried, chance)
                assert check_digits.chance_of(passed, tried, chance) >= exact * (1 - 1e-9)


def test_when_all_pass_the_bound_is_exact():
    assert check_digits.chance_of(9, 9, 0.1) == pytest.approx(1e-9, rel=1e-12)


def test_a_birthday_that_never_was_is_no_day():
    assert not check_digits.is_day("99", "02", "30")
    assert not check_digits.is_day("99", "13", "01")
    assert check_digits.is_day("96", "02", "29")
