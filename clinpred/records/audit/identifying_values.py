"""Forms by which values give themselves away as identifying, whatever the column is called; and such forms in prose."""

import re
from dataclasses import dataclass
from typing import Literal

from clinpred.records.audit.column_values import ColumnValues
from clinpred.records.audit.suspect import GEOGRAPHY, IDENTIFIER, Suspect

_FEWEST_NAMES = 20
_NEARLY_ALL = 0.8
_MANY_PARTS = 10
_NO_DIGITS = str.maketrans("", "", "0123456789")
_UPPER, _LETTER = "A-ZÀ-ÖØ-ÞĆČŁŃŚŠŞŹŻŽĐİ", "A-Za-zÀ-ÖØ-öø-ÿĀ-ž"
_OCTET = "(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"
_STREET_WORD = (
    "Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Court|Ct|Close|Crescent|Way|Place|Pl|Terrace|Boulevard|Blvd|Square"
)
_STREET_END = r"(?:straße|strasse|str\.|weg|platz|gasse|allee|straat|laan|gatan|vägen|vej)"
_FULL_DATE = r"(?:[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{1,2}[-/. ](?:[0-9]{1,2}|[A-Za-z]{3,9})[-/. ][0-9]{2,4})"
_NORTH_AMERICAN = (
    r"(?:(?:\+?1|001)[ .-]?)?(?:\([2-9][0-9]{2}\) ?|[2-9][0-9]{2}[ .-])[2-9][0-9]{2}[ .-][0-9]{4}"
    r"(?: ?(?:x|ext\.?) ?[0-9]{1,5})?"
)
_ABROAD = r"(?:\+|00(?=[0-9]{2,7}[ ./-]))[1-9](?:[ ()./-]{0,2}[0-9]){7,14}"
_WORD = f"[{_UPPER}][{_LETTER}'’.-]*"
_LINK = "(?:van|von|de|der|den|del|della|di|da|dos|du|la|le|el|al|bin|ibn|zu|af|ter|ten|y|e)"

EMAIL = re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}")
IP_ADDRESS = re.compile(
    rf"{_OCTET}(?:\.{_OCTET}){{3}}(?:/[0-9]{{1,2}})?"
    r"|(?=[0-9a-fA-F:]*::|(?:[0-9a-fA-F]{1,4}:){7})[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,7}"
)
MAC_ADDRESS = re.compile(
    r"[0-9A-Fa-f]{2}(?:([:-])[0-9A-Fa-f]{2})(?:\1[0-9A-Fa-f]{2}){4}|(?:[0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4}"
)
URL = re.compile(r"(?:https?://|ftp://|www\.)[^ ]{3,2000}", re.IGNORECASE)
PHONE = re.compile(
    rf"{_NORTH_AMERICAN}|{_ABROAD}"
    r"|\(?0[1-9][0-9]{1,3}\)?[ -][0-9]{3,4}[ -][0-9]{3,4}"
    r"|07[1-9][0-9]{8}|0[67][0-9]{8}"
    r"|0[1-9](?:[ .-][0-9]{2}){4}|[6789][0-9]{2}(?: [0-9]{3}){2}|[6789][0-9]{2}(?: [0-9]{2}){3}"
)
_PHONE_IN_TWO = re.compile(r"(?=(?:[^0-9]*[0-9]){9})\(?0[1-9][0-9]{1,4}\)?[ ]?[-/ ][ ]?[0-9]{4,9}")
SSN = r"(?!000|666|9)[0-9]{3}-(?!00)[0-9]{2}-(?!0000)[0-9]{4}"
ADDRESS = re.compile(
    rf"[0-9]{{1,5}}[A-Za-z]?,? (?:[{_UPPER}][{_LETTER}'’.-]* ){{1,4}}(?:{_STREET_WORD})\b\.?.*"
    rf"|(?:[{_UPPER}][{_LETTER}.-]*[ -]){{0,3}}[{_LETTER}-]*{_STREET_END} [0-9]{{1,4}} ?[a-z]?\b.*"
    r"|[0-9]{1,4}(?: ?(?:bis|ter))?,? (?:rue|avenue|boulevard|place|chemin|impasse|allée|quai|route) .*"
    r"|(?:Calle|C/|Avenida|Avda\.?|Plaza|Paseo|Carrer|Via|Viale|Piazza|Corso|Rua) .*[0-9].*",
)
UK_POSTCODE = re.compile(r"[A-PR-UWYZ][A-HK-Y]?[0-9][0-9A-HJKMNPR-Y]? ?[0-9][ABD-HJLNP-UW-Z]{2}", re.IGNORECASE)
_CANADIAN_POSTCODE = re.compile(r"[ABCEGHJ-NPRSTVXY][0-9][A-Z][ -]?[0-9][A-Z][0-9]", re.IGNORECASE)
_DUTCH_POSTCODE = re.compile(r"[1-9][0-9]{3} [A-Z]{2}")
_COORDINATES = re.compile(r"\(?-?[0-9]{1,2}\.[0-9]{4,15}(?:, ?| )-?[0-9]{1,3}\.[0-9]{4,15}\)?")
_BRITISH_INSURANCE = re.compile(r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?(?:[0-9]{2} ?){3}[A-D]")
_ITALIAN_TAX = re.compile(r"[A-Z]{6}[0-9]{2}[A-EHLMPRST][0-9]{2}[A-Z][0-9]{3}[A-Z]", re.IGNORECASE)
_US_BENEFICIARY = re.compile(
    r"[1-9][AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y][0-9]-?[AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y][0-9]"
    r"-?[AC-HJKMNP-RT-Y]{2}[0-9]{2}"
)
_PLATE = re.compile(
    r"[A-Z]{2}[0-9]{2} ?[A-Z]{3}|[A-Z]{2}-[0-9]{3}-[A-Z]{2}|[0-9]{2,3}-[A-Z]{3}-[0-9]{2}"
    r"|[A-ZÄÖÜ]{1,3}-[A-Z]{1,2}[ -][0-9]{1,4}|[0-9]{4} [B-DF-HJ-NP-TV-Z]{3}"
)
_PERSON = re.compile(
    rf"(?:(?:{_LINK}|pan|pani) )?{_WORD}(?: (?:{_WORD}|{_LINK})){{0,3}}, {_WORD}(?: {_WORD}){{0,2}}"
    rf"|{_WORD}(?: (?:{_WORD}|{_LINK})){{0,3}} {_WORD}"
)
_SURNAME = re.compile(rf"[{_UPPER}][a-zß-öø-ÿĀ-ž'’-]+(?:[ -]?[{_UPPER}][a-zß-öø-ÿĀ-ž'’]+)?")
_HOUSE = re.compile(
    rf"[0-9]{{1,5}}[A-Za-z]?,? [{_UPPER}][{_LETTER}'’.-]*(?:[ ,]{{1,2}}[{_UPPER}][{_LETTER}'’.-]*){{1,5}}[^\n]{{0,80}}"
    rf"|[{_LETTER}.]{{2,20}}(?:[ -][{_LETTER}'’.]+){{0,5}},? [0-9]{{1,4}}(?:[ /-]?[0-9A-Za-z]{{1,3}})?"
    r"(?:,? [^\n]{0,80})?"
)
_NO_PERSON = re.compile(
    r"\b(?:cancer|carcinoma|disease|syndrome|disorder|acute|chronic|failure|infection|infarction|fracture|tumou?r"
    r"|left|right|hospital|clinic|klinik\w*|infirmary|centre|center|ward|unit|university|school|health|medical|care"
    r"|trust|north|south|east|west"
    r"|street|road|city|saint|grade|stage|type|class|group|no|not|yes|unknown|other|none|normal|therapy|surgery|acid"
    r"|sodium|oral|tablets?|injection|mg|ml|seen|was|dose|day|week|visit|review|pain|blood|patient|scan|lab)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class _Form:
    """A form of whole values: the share of the distinct values that must have it, and how many at least."""

    kind: str
    pattern: re.Pattern[str]
    share: float = 0.9
    fewest: int = 5
    code: Literal["P-IDENTIFIER", "P-GEO"] = IDENTIFIER
    in_ids: bool = True
    letters_vary: bool = False

    def fits(self, values: ColumnValues) -> bool:
        """Whether the values have the form; where letters must vary, they do, unlike those of a series of samples."""
        if (values.is_id and not self.in_ids) or not values.mostly(self.pattern, share=self.share, fewest=self.fewest):
            return False
        return not self.letters_vary or _vary({text.translate(_NO_DIGITS) for text in values.distinct}, values)


_FORMS = (
    _Form("IP address", IP_ADDRESS),
    _Form("MAC address", MAC_ADDRESS),
    _Form("URL", URL, share=0.5),
    _Form("phone number", PHONE, share=0.6, in_ids=False),
    _Form("phone number", _PHONE_IN_TWO, in_ids=False),
    _Form("street address", ADDRESS, share=0.5),
    _Form("national insurance number", _BRITISH_INSURANCE),
    _Form("tax number (codice fiscale)", _ITALIAN_TAX),
    _Form("Medicare beneficiary number", _US_BENEFICIARY, fewest=10),
    _Form("licence plate", _PLATE, fewest=20, in_ids=False, letters_vary=True),
    _Form("postcode", UK_POSTCODE, code=GEOGRAPHY, in_ids=False, letters_vary=True),
    _Form("postcode", _CANADIAN_POSTCODE, code=GEOGRAPHY, in_ids=False, letters_vary=True),
    _Form("postcode", _DUTCH_POSTCODE, fewest=20, code=GEOGRAPHY, in_ids=False, letters_vary=True),
    _Form("coordinates", _COORDINATES, code=GEOGRAPHY),
)


@dataclass(frozen=True)
class _Written:
    """What may be written into prose; where none of the signs or words (in lower case) stands, none is searched for."""

    kind: str
    pattern: re.Pattern[str]
    words: tuple[str, ...]


_WRITTEN = (
    _Written("e-mail address", EMAIL, ("@",)),
    _Written(
        "name",
        re.compile(
            rf"\b(?:Mr|Mrs|Ms|Miss|Herrn?|Frau|Mme|Mlle|Monsieur|Madame|Señora?|Signora?)\.? [{_UPPER}][a-zà-öø-ÿ]+"
        ),
        ("mr", "ms", "miss", "herr", "frau", "mme", "mlle", "monsieur", "madame", "señor", "signor"),
    ),
    _Written(
        "street address",
        re.compile(
            rf"(?<![\w.])[1-9][0-9]{{0,4}}[A-Za-z]? (?:[{_UPPER}][a-zà-öø-ÿ'’-]+ ){{1,3}}"
            r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Drive|Boulevard|Blvd|Crescent|Terrace)\b"
        ),
        (" st", " road", " rd", " ave", " lane", " drive", " boulevard", " blvd", " crescent", " terrace"),
    ),
    _Written(
        "phone number",
        re.compile(rf"(?<![\w+./-])(?:{_NORTH_AMERICAN}|\+[1-9](?:[ ()./-]{{0,2}}[0-9]){{8,14}})(?![\w-])"),
        ("+", "-", ".", ") "),
    ),
    _Written(
        "phone number",
        re.compile(
            r"\b(?:tel|phone|mobile|fax|telefon|handy|tél|teléfono|móvil)\b"
            r"[ .:#]{0,3}(?:(?:no|nr|number)\b[ .:#]{0,3})?[+(]{0,2}[0-9](?:[ ()./-]{0,2}[0-9]){6,14}",
            re.IGNORECASE,
        ),
        ("tel", "phone", "mobile", "fax", "handy", "tél", "móvil"),
    ),
    _Written("social security number", re.compile(rf"(?<![\w-]){SSN}(?![\w-])"), ("-",)),
    _Written(
        "health record number",
        re.compile(
            r"\b(?:MRN|NHS|CHI|SSN|medical record|hospital|health card|insurance)(?: (?:no|number|nr))?\b[ .:#]{0,3}"
            r"[0-9](?:[ -]?[0-9]){5,14}\b",
            re.IGNORECASE,
        ),
        ("mrn", "nhs", "chi", "ssn", "medical record", "hospital", "health card", "insurance"),
    ),
    _Written(
        "date of birth",
        re.compile(
            r"\b(?:DOB|date of birth|born(?: on)?|geb(?:oren)?(?: am)?|née?(?: le)?|nacid[oa](?: el)?)\b[ .:]{1,3}"
            rf"{_FULL_DATE}",
            re.IGNORECASE,
        ),
        ("dob", "birth", "born", "geb", "né", "nacid"),
    ),
)


def suspicious_forms(values: ColumnValues) -> list[Suspect]:
    """Return what a column's values are by their form alone."""
    found = [_suspect(values, form.kind, values.count(form.pattern), form.code) for form in _FORMS if form.fits(values)]
    if _are_security_numbers(values):
        found.append(_suspect(values, "social security number", len(values.distinct)))
    if _is_nearly_unique(values) and (are_whole_names(values) or _are_surnames(values)):
        found.append(_suspect(values, "name", len(values.distinct)))
    elif not found and _are_houses(values):
        found.append(_suspect(values, "street address", len(values.distinct)))
    return found


def suspicious_prose(values: ColumnValues) -> list[Suspect]:
    """Return what is written somewhere into a column's values: one is enough."""
    if not values.prose and "@" not in values.lines:
        return []
    counts: dict[str, int] = {}
    for written in _WRITTEN:
        if any(word in values.lower for word in written.words):
            lines = values.lines if written.pattern is EMAIL else values.prose
            counts[written.kind] = counts.get(written.kind, 0) + _lines_with(written.pattern, lines)
    return [_suspect(values, kind, count) for kind, count in counts.items() if count]


def are_whole_names(values: ColumnValues) -> bool:
    """Whether nine in ten distinct values are two to five capitalised words, or a name, a comma and another."""
    return values.mostly(_PERSON, share=0.9) and not _say_medicine(values)


def _are_surnames(values: ColumnValues) -> bool:
    return values.mostly(_SURNAME, share=0.95) and not _say_medicine(values)


def _say_medicine(values: ColumnValues) -> bool:
    """Whether more than one value in twenty has a word of medicine, care or measurement in it."""
    return len(_NO_PERSON.findall(values.lines)) > 0.05 * len(values.distinct)


def _are_security_numbers(values: ColumnValues) -> bool:
    """Whether the values have the form of US social security numbers, whose middle groups vary."""
    if values.is_id or not values.mostly(re.compile(SSN), share=0.9, fewest=5):
        return False
    return _vary({text[4:6] for text in values.distinct}, values)


def _vary(parts: set[str], values: ColumnValues) -> bool:
    """Whether a part of the values is about as varied as chance makes it, and not a trial's site, arm or series."""
    return len(parts) >= min(_MANY_PARTS, len(values.distinct) / 3)


def _is_nearly_unique(values: ColumnValues) -> bool:
    return len(values.distinct) >= max(_FEWEST_NAMES, _NEARLY_ALL * values.n_patients)


def _are_houses(values: ColumnValues) -> bool:
    """Whether the values are words and a house's number, the words as varied as streets are."""
    if values.is_id or not _is_nearly_unique(values) or not values.mostly(_HOUSE, share=0.9):
        return False
    words = {text.translate(_NO_DIGITS) for text in values.distinct}
    return len(words) >= _NEARLY_ALL * len(values.distinct) and not _say_medicine(values)


def _lines_with(pattern: re.Pattern[str], lines: str) -> int:
    return sum(pattern.search(line) is not None for line in lines.split("\n")) if pattern.search(lines) else 0


def _suspect(
    values: ColumnValues, kind: str, count: int, code: Literal["P-IDENTIFIER", "P-GEO"] = IDENTIFIER
) -> Suspect:
    evidence = f"{count} of {len(values.distinct)} different values hold one"
    return Suspect(values.column, code, kind, evidence)
