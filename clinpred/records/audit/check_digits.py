"""Check digits and built-in dates of the numbers that states and registries give to people and devices."""

from collections.abc import Sequence
from datetime import date
from math import exp, log

_QUINARY = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
    (1, 5, 7, 6, 2, 8, 3, 0, 9, 4),
    (5, 8, 0, 3, 7, 9, 6, 1, 4, 2),
    (8, 9, 1, 6, 0, 4, 3, 5, 2, 7),
    (9, 4, 5, 3, 1, 2, 6, 8, 7, 0),
    (4, 2, 8, 6, 5, 7, 3, 9, 0, 1),
    (2, 7, 9, 3, 8, 0, 6, 4, 1, 5),
    (7, 0, 4, 6, 9, 1, 3, 2, 5, 8),
)
_FINNISH_SIGNS = "0123456789ABCDEFHJKLMNPRSTUVWXY"
_SPANISH_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
_IRISH_LETTERS = "WABCDEFGHIJKLMNOPQRSTUV"


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit after Luhn (ISO/IEC 7812-1): payment cards, IMEI, Canadian SIN.

    Examples
    --------
    >>> luhn("79927398713"), luhn("79927398710")
    (True, False)
    """
    total = sum(
        sum(divmod(int(digit) * 2, 10)) if place % 2 else int(digit) for place, digit in enumerate(reversed(digits))
    )
    return total % 10 == 0


def weighted(digits: str, weights: Sequence[int], modulus: int) -> int:
    """Return the weighted sum of the first digits, modulo ``modulus``."""
    return sum(weight * int(digit) for weight, digit in zip(weights, digits, strict=False)) % modulus


def nhs_number(digits: str) -> bool:
    """Whether ten digits carry the check digit of an NHS number, modulo 11 (NHS Data Dictionary).

    Examples
    --------
    >>> nhs_number("9434765919"), nhs_number("9434765910"), nhs_number("0000000000")
    (True, False, False)
    """
    return weighted(digits, range(10, 0, -1), 11) == 0 and len(set(digits)) > 1


def chi_number(digits: str) -> bool:
    """Whether ten digits are a Scottish CHI number: the day of birth, and the check digit of an NHS number."""
    return nhs_number(digits) and is_day(digits[4:6], digits[2:4], digits[0:2])


def npi(digits: str) -> bool:
    """Whether ten digits are a US National Provider Identifier: Luhn's check digit after the prefix 80840.

    Examples
    --------
    >>> npi("1234567893"), npi("1234567890")
    (True, False)
    """
    return luhn("80840" + digits)


def iban(text: str) -> bool:
    """Whether a text is an International Bank Account Number (ISO 13616: the rest modulo 97 is 1).

    Examples
    --------
    >>> iban("GB82WEST12345698765432"), iban("GB83WEST12345698765432")
    (True, False)
    """
    moved = text[4:] + text[:4]
    return int("".join(str(int(sign, 36)) for sign in moved)) % 97 == 1


def french_nir(text: str) -> bool:
    """Whether fifteen signs are a French social security number; Corsica's 2A and 2B count as 19 and 18."""
    digits = text.replace("2A", "19").replace("2B", "18")
    return digits.isdecimal() and int(digits[13:]) == 97 - int(digits[:13]) % 97


def spanish_dni(text: str) -> bool:
    """Whether the letter of a Spanish DNI or NIE is that of its number modulo 23.

    Examples
    --------
    >>> spanish_dni("12345678Z"), spanish_dni("X1234567L"), spanish_dni("12345678A")
    (True, True, False)
    """
    number = int(text[:8].translate(str.maketrans("XYZ", "012")))
    return text[8] == _SPANISH_LETTERS[number % 23]


def dutch_bsn(digits: str) -> bool:
    """Whether nine digits are a Dutch citizen service number (modulo 11, the last digit weighs -1)."""
    return weighted(digits, (9, 8, 7, 6, 5, 4, 3, 2, -1), 11) == 0 and len(set(digits)) > 1


def german_insured(text: str) -> bool:
    """Whether a letter and nine digits are a German health insurance number: Luhn's sum from the left.

    Examples
    --------
    >>> german_insured("A123456780"), german_insured("A123456781")
    (True, False)
    """
    digits = f"{ord(text[0]) - 64:02d}{text[1:9]}"
    return sum(sum(divmod(int(digit) * (1 + place % 2), 10)) for place, digit in enumerate(digits)) % 10 == int(text[9])


def german_tax_id(digits: str) -> bool:
    """Whether eleven digits are a German tax identification number (ISO/IEC 7064, MOD 11,10)."""
    product = 10
    for digit in digits[:10]:
        product = ((int(digit) + product) % 10 or 10) * 2 % 11
    return (11 - product) % 10 == int(digits[10]) and len(set(digits)) > 1


def swiss_ahv(digits: str) -> bool:
    """Whether thirteen digits are a Swiss AHV number: the check digit of a European article number.

    Examples
    --------
    >>> swiss_ahv("7569217076985"), swiss_ahv("7569217076984")
    (True, False)
    """
    return weighted(digits, (1, 3) * 6 + (1,), 10) == 0


def austrian_insured(digits: str) -> bool:
    """Whether ten digits are an Austrian social insurance number: its check digit and the day of birth."""
    check = weighted(digits, (3, 7, 9, 0, 5, 8, 4, 2, 1, 6), 11)
    return check == int(digits[3]) and is_day(digits[8:10], digits[6:8], digits[4:6])


def norwegian(digits: str) -> bool:
    """Whether eleven digits are a Norwegian birth number: two check digits modulo 11, and the day of birth."""
    first = weighted(digits, (3, 7, 6, 1, 8, 9, 4, 5, 2, 1), 11)
    second = weighted(digits, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1), 11)
    return first == second == 0 and is_day(digits[4:6], digits[2:4], digits[0:2])


def swedish(digits: str) -> bool:
    """Whether ten or twelve digits are a Swedish personal number: Luhn's check digit, and the day of birth.

    Examples
    --------
    >>> swedish("8112189876"), swedish("198112189876"), swedish("8112189875")
    (True, True, False)
    """
    last = digits[-10:]
    return luhn(last) and is_day(last[0:2], last[2:4], last[4:6])


def danish(digits: str) -> bool:
    """Whether the first six of ten digits are the day of birth; newer Danish numbers carry no check digit."""
    return is_day(digits[4:6], digits[2:4], digits[0:2])


def finnish(text: str) -> bool:
    """Whether a text is a Finnish personal identity code: the day of birth, and a check sign modulo 31.

    Examples
    --------
    >>> finnish("131052-308T"), finnish("131052-308U")
    (True, False)
    """
    check = _FINNISH_SIGNS[int(text[0:6] + text[7:10]) % 31]
    return text[10] == check and is_day(text[4:6], text[2:4], text[0:2])


def belgian(digits: str) -> bool:
    """Whether eleven digits are a Belgian national number; a 2 goes before those born since 2000."""
    return any(int(digits[9:]) == 97 - int(century + digits[:9]) % 97 for century in ("", "2"))


def polish_pesel(digits: str) -> bool:
    """Whether eleven digits are a Polish PESEL number: its check digit, and the day of birth."""
    month = int(digits[2:4]) % 20
    is_checked = weighted(digits, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1), 10) == 0
    return is_checked and is_day(digits[0:2], f"{month:02d}", digits[4:6])


def brazilian_cpf(digits: str) -> bool:
    """Whether eleven digits are a Brazilian CPF number: two check digits modulo 11."""
    first = weighted(digits, range(10, 1, -1), 11)
    second = weighted(digits, range(11, 1, -1), 11)
    checks = tuple(0 if rest < 2 else 11 - rest for rest in (first, second))
    return (int(digits[9]), int(digits[10])) == checks and len(set(digits)) > 1


def aadhaar(digits: str) -> bool:
    """Whether twelve digits carry Verhoeff's check digit, as an Indian Aadhaar number does.

    Examples
    --------
    >>> aadhaar("234123412346"), aadhaar("234123412347")
    (True, False)
    """
    check = 0
    for place, digit in enumerate(reversed(digits)):
        check = _dihedral(check, _QUINARY[place % 8][int(digit)])
    return check == 0


def australian_medicare(digits: str) -> bool:
    """Whether the ninth of ten or eleven digits is the check digit of an Australian Medicare number."""
    return weighted(digits, (1, 3, 7, 9, 1, 3, 7, 9), 10) == int(digits[8])


def irish_pps(text: str) -> bool:
    """Whether the letter after seven digits is that of an Irish PPS number, modulo 23.

    Examples
    --------
    >>> irish_pps("1234567T"), irish_pps("1234567A"), irish_pps("1234567FA")
    (True, False, True)
    """
    more = 9 * (ord(text[8]) - 64) if len(text) > 8 else 0
    return text[7] == _IRISH_LETTERS[(weighted(text, range(8, 1, -1), 23) + more) % 23]


def is_day(year: str, month: str, day: str) -> bool:
    """Whether two digits each of year, month and day make a day of this or the last century.

    Examples
    --------
    >>> is_day("00", "02", "29"), is_day("01", "02", "29")
    (True, False)
    """
    try:
        date(2000 + int(year), int(month), int(day))
    except ValueError:
        return False
    return True


def chance_of(passed: int, tried: int, chance: float) -> float:
    """Return an upper bound of the chance that so many of ``tried`` random texts pass a check, or more (Chernoff).

    Parameters
    ----------
    passed, tried : int
        Texts that pass, of those that have the form.
    chance : float
        The chance of one random text of that form, in (0, 1).

    Examples
    --------
    >>> chance_of(3, 3, 0.1) < 0.0011, chance_of(18, 20, 0.1) < 1e-15, chance_of(2, 20, 0.1)
    (True, True, 1.0)
    """
    if not tried or passed <= chance * tried:
        return 1.0
    share = passed / tried
    distance = share * log(share / chance)
    if share < 1:
        distance += (1 - share) * log((1 - share) / (1 - chance))
    return exp(-tried * distance)


def _dihedral(left: int, right: int) -> int:
    """Return the product of two elements of the dihedral group of ten."""
    turned = (left + right) % 5 if left < 5 else (left - right) % 5
    return turned + (5 if (left < 5) != (right < 5) else 0)
