"""Numbers of people and devices that give themselves away by their check digit, whatever the column is called."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from clinpred.records.audit import check_digits
from clinpred.records.audit.column_values import ColumnValues
from clinpred.records.audit.suspect import IDENTIFIER, Suspect

_DAY = 366 / 10_000
_NOT_BY_CHANCE = 1e-9
_MOST = 0.9
_MOST_CODES = 20_000
# a run of at least eight digits, capitals and separators, as all the kinds have it
_CODE = re.compile(r"(?<!\w)[A-Z]{0,6}[0-9](?:[ ./+-]?[0-9A-Z]){7,33}", re.ASCII)
_SEPARATORS = str.maketrans("", "", " -./")


@dataclass(frozen=True)
class NationalNumber:
    """A kind of number: its form, its check, and the chance that a random text of that form passes.

    ``in_ids`` says whether a column named as an id is searched for it too: study ids may carry Luhn's check digit.
    """

    kind: str
    form: str
    check: Callable[[str], bool]
    chance: float
    in_ids: bool = True
    pattern: re.Pattern[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        inside = rf"(?<![\w.,+/-])(?:{self.form})(?![\w/-]|[.,]\w)"
        object.__setattr__(self, "pattern", re.compile(inside, re.ASCII))

    def compact(self, text: str) -> str:
        """Return a text without the signs that keep its groups apart; a Finnish code's sign is a part of it."""
        return text if self.check is check_digits.finnish else text.translate(_SEPARATORS)


_KINDS = (
    NationalNumber("CHI number", "[0-9]{6}[ -]?[0-9]{4}", check_digits.chi_number, _DAY / 11),
    NationalNumber("NHS number", "[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{4}", check_digits.nhs_number, 1 / 11),
    NationalNumber("provider number (NPI)", "[12][0-9]{9}", check_digits.npi, 0.1, in_ids=False),
    NationalNumber(
        "payment card number",
        "3[47][0-9]{13}|[456][0-9]{3}(?:[0-9]{12}|(?: [0-9]{4}){3}|(?:-[0-9]{4}){3})",
        check_digits.luhn,
        0.1,
    ),
    NationalNumber("device serial number (IMEI)", "[0-9]{15}", check_digits.luhn, 0.1, in_ids=False),
    NationalNumber(
        "social insurance number (SIN)",
        "[1-9][0-9]{2}(?:[0-9]{6}|(?: [0-9]{3}){2}|(?:-[0-9]{3}){2})",
        check_digits.luhn,
        0.1,
        in_ids=False,
    ),
    NationalNumber(
        "bank account (IBAN)", "[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?", check_digits.iban, 1 / 97
    ),
    NationalNumber(
        "social security number (NIR)",
        "[12] ?[0-9]{2} ?[0-9]{2} ?(?:[0-9]{2}|2[AB]) ?[0-9]{3} ?[0-9]{3} ?[0-9]{2}",
        check_digits.french_nir,
        1 / 97,
    ),
    NationalNumber("national id number (DNI)", "[0-9XYZ][0-9]{7}-?[A-Z]", check_digits.spanish_dni, 1 / 23),
    NationalNumber("citizen number (BSN)", "[0-9]{9}", check_digits.dutch_bsn, 1 / 11, in_ids=False),
    NationalNumber("health insurance number", "[A-Z][0-9]{9}", check_digits.german_insured, 0.1),
    NationalNumber("tax number", "[1-9][0-9]{10}", check_digits.german_tax_id, 0.1),
    NationalNumber(
        "social insurance number (AHV)",
        r"756\.?[0-9]{4}\.?[0-9]{4}\.?[0-9]{2}",
        check_digits.swiss_ahv,
        0.1,
    ),
    NationalNumber("social insurance number (SVNR)", "[0-9]{4}[ -]?[0-9]{6}", check_digits.austrian_insured, _DAY / 11),
    NationalNumber("birth number", "[0-9]{6} ?[0-9]{5}", check_digits.norwegian, _DAY / 121),
    NationalNumber("personal number", "(?:19|20)?[0-9]{6}[-+]?[0-9]{4}", check_digits.swedish, _DAY / 10),
    NationalNumber("personal number (CPR)", "[0-9]{6}-[0-9]{4}", check_digits.danish, _DAY, in_ids=False),
    NationalNumber("personal identity code", "[0-9]{6}[-+A-FU-Y][0-9]{3}[0-9A-Y]", check_digits.finnish, _DAY / 31),
    NationalNumber(
        "national id number", r"[0-9]{2}\.?[0-9]{2}\.?[0-9]{2}-?[0-9]{3}\.?[0-9]{2}", check_digits.belgian, 2 / 97
    ),
    NationalNumber("national id number (PESEL)", "[0-9]{11}", check_digits.polish_pesel, 0.1),
    NationalNumber("tax number (CPF)", r"[0-9]{3}\.?[0-9]{3}\.?[0-9]{3}-?[0-9]{2}", check_digits.brazilian_cpf, 0.02),
    NationalNumber(
        "national id number (Aadhaar)", "[2-9][0-9]{3} ?[0-9]{4} ?[0-9]{4}", check_digits.aadhaar, 0.1, in_ids=False
    ),
    NationalNumber(
        "Medicare number", "[2-6][0-9]{3} ?[0-9]{5} ?[0-9](?:[ -]?[0-9])?", check_digits.australian_medicare, 0.1
    ),
    NationalNumber("public service number (PPS)", "[0-9]{7}[A-W][A-I]?", check_digits.irish_pps, 1 / 23),
)


def national_numbers(values: ColumnValues) -> list[Suspect]:
    """Return the kinds of numbers that a column's values are, or hold.

    Of the distinct texts of a kind's form at least 90 % must pass its check, and so many must not pass by chance more
    often than once in 10^9 columns: nine where one in eleven passes by chance. Of a column's codes at most 20,000 are
    looked at, taken evenly.
    """
    codes = sorted(set(_CODE.findall(values.lines)))
    lines = "\n".join(codes[:: 1 + len(codes) // _MOST_CODES])
    found: list[Suspect] = []
    taken: set[str] = set()
    for kind in _KINDS if lines else ():
        if values.is_id and not kind.in_ids:
            continue
        tried = {kind.compact(text) for text in kind.pattern.findall(lines)} - taken
        passed = {text for text in tried if kind.check(text)}
        by_chance = check_digits.chance_of(len(passed), len(tried), kind.chance)
        if len(passed) >= _MOST * len(tried) and by_chance <= _NOT_BY_CHANCE:
            taken |= passed
            found.append(Suspect(values.column, IDENTIFIER, kind.kind, _evidence(len(passed), len(tried), kind.chance)))
    return found


def _evidence(passed: int, tried: int, chance: float) -> str:
    return f"{passed} of {tried} different values of its form pass its check, as {chance:.1%} would by chance"
