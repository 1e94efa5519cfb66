"""What one text says as a number: its kind, its sign and digits, and what its marks can mean."""

import math
import re
import unicodedata
from typing import Literal, NamedTuple

from clinpred.records.values.missing_words import is_missing_word
from clinpred.records.values.units import known_unit

Kind = Literal["number", "censored", "infinite", "odd", "code", "spelling", "word", "other"]
Mark = Literal["none", "point", "comma", "either point", "either comma"]
Decimal = Literal["point", "comma"]

# Whole numbers of up to 15 digits are exact in float64; one of 17 or more is an id, whether a float holds it or not.
_EXACT_DIGITS, _FEWEST_ID_DIGITS = 15, 17

_PLAIN = re.compile(r"[+-]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_EXPONENT_CODE = re.compile(r"[0-9]+[eE][0-9]+")
_INTEGER = re.compile(r"[+-]?[0-9]+")
_INFINITE = re.compile(r"[+-]?inf(?:inity)?", re.IGNORECASE)
_EITHER_POINT = re.compile(r"[+-]?[1-9][0-9]{0,2}\.[0-9]{3}")
_PARTS = re.compile(
    r"(?P<side>[<>]=?\s*)?(?P<sign>[+-]?)\s?"
    r"(?P<body>(?:[0-9]|[.,][0-9])[0-9.,' ]*(?:[eE][+-]?[0-9]+(?![0-9]))?)(?P<unit>.*)"
)
_THOUSANDS = r"[1-9][0-9]{0,2}"
_EITHER_COMMA = re.compile(rf"{_THOUSANDS},[0-9]{{3}}")
_DECIMAL_COMMA = re.compile(r"(?:0|[1-9][0-9]*)?,[0-9]+(?:[eE][+-]?[0-9]+)?")
_COMMA_GROUPS = re.compile(rf"{_THOUSANDS}(?:(?:,[0-9]{{3}}){{2,}}|(?:,[0-9]{{3}})+\.[0-9]*)")
_POINT_GROUPS = re.compile(rf"{_THOUSANDS}(?:(?:\.[0-9]{{3}}){{2,}}|(?:\.[0-9]{{3}})+,[0-9]*)")
_BLANK_GROUPS = re.compile(rf"{_THOUSANDS}(?:(?: [0-9]{{3}})+|(?:'[0-9]{{3}})+)(?P<decimals>[.,][0-9]+)?")
_MARKED: tuple[tuple[re.Pattern[str], Mark, bool], ...] = (
    (_EITHER_COMMA, "either comma", False),
    (_DECIMAL_COMMA, "comma", False),
    (_COMMA_GROUPS, "point", True),
    (_POINT_GROUPS, "comma", True),
)
_LEADING_ZERO = re.compile(r"[+-]?0[0-9]+(?:[.,][0-9]*)?")
_DOTTED = re.compile(r"[0-9]+(?:\.[0-9]+){2,}")
_ODD = re.compile(r"[(~≈]?\s*[+-]*[0-9.,_' ]*[0-9][0-9.,_' ]*\)?[+-]?%?")
_ODD_SIGN = re.compile(r"[_,(~≈]|--|\+-|-\+|-$|\.\.")
_WORDS = re.compile(r"[^0-9]+|[^\W0-9][^0-9]*\s.*", re.DOTALL)

_DIGIT_LIKE = {"−": "-", "－": "-", "﹣": "-", "–": "-", "＋": "+", "．": ".", "，": ",", "٫": ".", "٬": ","}
_SPACE_LIKE = {"\u00a0": " ", "\u202f": " ", "\u2009": " ", "’": "'", "≤": "<=", "≥": ">=", "＜": "<", "＞": ">"}
_IN_ASCII = {**_DIGIT_LIKE, **_SPACE_LIKE}


class NumberText(NamedTuple):
    """A text as a number.

    Parameters
    ----------
    kind : str
        ``odd`` looks like a number in a way that has no one meaning (``4_5``, ``(3.2)``, ``9,0,0``); a ``code`` is
        of digits but no measurement (``007``, 18 digits, ``12E03``); a ``spelling`` is a word for "missing".
    digits : str
        Sign, digits and marks, of a number or censored value.
    mark : str
        What its marks show of the decimal mark. ``1.234`` and ``1,234`` can be read either way.
    grouped : bool
        Whether thousands are surely apart.
    unit, side : str
        The unit behind it; ``<`` or ``>`` before it. Empty where there is none.
    unusual : bool
        Whether digits or signs are others than those of ASCII.
    """

    kind: Kind
    digits: str = ""
    mark: Mark = "none"
    grouped: bool = False
    unit: str = ""
    side: str = ""
    unusual: bool = False

    def value(self, decimal: Decimal) -> float:
        """Return the number, where ``decimal`` settles a mark that can be read either way."""
        if not self.grouped and self.mark in {"none", "point"}:
            return float(self.digits)
        if not self.mark.startswith("either"):
            decimal = "comma" if self.mark == "comma" else "point"
        bare = self.digits.replace(" ", "").replace("'", "")
        bare = bare.replace(".", "").replace(",", ".") if decimal == "comma" else bare.replace(",", "")
        return float(bare)


_OTHER = NumberText("other")


def read_number(text: str) -> NumberText:
    """Return what a text without outer blanks says as a number.

    Examples
    --------
    >>> [read_number(text).kind for text in ("61.5", "<4.0", "1e400", "4_5", "007", "NA", "haemolysed", "I10")]
    ['number', 'censored', 'infinite', 'odd', 'code', 'spelling', 'word', 'other']
    >>> [read_number(text).mark for text in ("203.9", "5,5", "1.234", "1,234", "1.234,5")]
    ['point', 'comma', 'either point', 'either comma', 'comma']
    """
    if _PLAIN.fullmatch(text):
        return _plain(text)
    if _ISO_DAY.fullmatch(text):
        return _OTHER
    if is_missing_word(text):
        return NumberText("spelling")
    if _INFINITE.fullmatch(text):
        return NumberText("infinite")
    digits, unusual = _in_ascii(text)
    return _otherwise(digits)._replace(unusual=unusual)


def _plain(text: str) -> NumberText:
    if len(text) <= _EXACT_DIGITS and "." not in text and text.lstrip("+-").isdecimal():
        return NumberText("number", text)
    if _INTEGER.fullmatch(text):
        return NumberText("number", text) if _is_measurement(text) else NumberText("code")
    if math.isinf(float(text)):
        return NumberText("infinite")
    if _EXPONENT_CODE.fullmatch(text):
        return NumberText("code")
    if "." not in text:
        return NumberText("number", text)
    return NumberText("number", text, "either point" if _EITHER_POINT.fullmatch(text) else "point")


def _is_measurement(integer: str) -> bool:
    digits = len(integer.lstrip("+-"))
    return digits <= _EXACT_DIGITS or (digits < _FEWEST_ID_DIGITS and int(float(integer)) == int(integer))


def _in_ascii(text: str) -> tuple[str, bool]:
    """Return the text with ASCII digits and signs, and whether it had others."""
    if text.isascii():
        return text, False
    written, unusual = [], False
    for character in text:
        digit = unicodedata.decimal(character, None)
        if not character.isascii() and (digit is not None or character in _DIGIT_LIKE):
            unusual = True
        written.append(_IN_ASCII.get(character, character) if digit is None else str(digit))
    return "".join(written), unusual


def _otherwise(text: str) -> NumberText:
    if _PLAIN.fullmatch(text):
        return _plain(text)
    if _LEADING_ZERO.fullmatch(text):
        return NumberText("code")
    parts = _PARTS.fullmatch(text)
    found = _with_parts(parts) if parts else None
    if found is not None:
        return found
    if _DOTTED.fullmatch(text):
        return NumberText("code")
    if _ODD.fullmatch(text) and _ODD_SIGN.search(text):
        return NumberText("odd")
    return NumberText("word" if _WORDS.fullmatch(text) else "other")


def _with_parts(parts: re.Match[str]) -> NumberText | None:
    """Return a number with a limit, thousands, a decimal comma or a unit; None where the parts make none."""
    body = parts["body"].rstrip(" ")
    blank = parts["body"][len(body) :]
    unit = known_unit(blank + parts["unit"]) if parts["unit"] else ""
    found = _body(body) if unit is not None else None
    if found is None:
        return None
    side = (parts["side"] or "")[:1]
    number = found._replace(digits=parts["sign"] + body, unit=unit or "", side=side)
    if math.isinf(number.value("point")):
        return NumberText("infinite")
    return number._replace(kind="censored") if side else number


def _body(body: str) -> NumberText | None:
    if _PLAIN.fullmatch(body):
        plain = _plain(body)
        return plain if plain.kind == "number" else None
    for pattern, mark, grouped in _MARKED:
        if pattern.fullmatch(body):
            return NumberText("number", mark=mark, grouped=grouped)
    blanks = _BLANK_GROUPS.fullmatch(body)
    if not blanks:
        return None
    decimals = blanks["decimals"] or ""
    return NumberText("number", mark=_mark_of(decimals), grouped=True)


def _mark_of(decimals: str) -> Mark:
    return "none" if not decimals else "comma" if decimals[0] == "," else "point"
