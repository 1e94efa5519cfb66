"""Columns whose names say that they hold identifiers, where their values bear the name out."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from clinpred.records.audit import identifying_names as names
from clinpred.records.audit.column_values import ColumnValues
from clinpred.records.audit.column_words import column_words
from clinpred.records.audit.identifying_values import EMAIL, IP_ADDRESS, MAC_ADDRESS, UK_POSTCODE, URL, are_whole_names
from clinpred.records.audit.suspect import GEOGRAPHY, IDENTIFIER, Suspect
from clinpred.records.id_names import looks_like_birth

_FEWEST_VALUES = 3
_FEWEST_PLACES = 4
_MANY_VALUES = 20
_PHONE = re.compile(r"[+(]?[0-9](?:[ ()./-]{0,3}[0-9]){6,15}(?: ?(?:x|ext\.?) ?[0-9]{1,5})?")
_LAST_FOUR = re.compile(r"[0-9xX*]{0,3}[ -]?[0-9xX*]{0,2}[ -]?[0-9]{4}")
_LONG_CODE = re.compile(r"(?=(?:[^0-9]*[0-9]){5})[0-9A-Za-z](?:[ ./-]?[0-9A-Za-z]){4,40}")
_CODE = re.compile(r"(?=[^0-9]*[0-9])[0-9A-Za-z](?:[ ./_-]?[0-9A-Za-z]){3,40}")
_WORDS = re.compile(r"[^\W\d_][^\d_]*")
_ADDRESS = re.compile(r"(?=.*[^\W\d_]{3})(?=.*[0-9]).{5,200}")
_PLACE = re.compile(r"[^\W\d_a-z][^\d_]*")
_INITIALS = re.compile(r"[^\W\d_a-z](?:[. -]{0,2}[^\W\d_a-z]){1,3}\.?")
_POSTCODE = re.compile(
    r"[A-Z]{0,2}-?[0-9]{4,10}|[0-9]{5}-[0-9]{3,4}|[0-9]{2}-[0-9]{3}|[0-9]{4} ?[A-Z]{2}"
    r"|[A-Z][0-9][A-Z] ?[0-9][A-Z][0-9]",
    re.IGNORECASE,
)
_AREA = re.compile(r"(?=(?:[^0-9]*[0-9]){4})[0-9A-Z][0-9A-Z.]{4,20}", re.IGNORECASE)
_DATE = re.compile(r"[0-9]{1,4}[-/. ](?:[0-9]{1,2}|[A-Za-z]{3,9})[-/. ][0-9]{2,4}|(?:19|20)[0-9]{6}")

_DISGUISED = frozenset(names.DISGUISED.split(", "))
_PLACES_OF_CARE = frozenset(names.PLACES_OF_CARE.split(", "))
_NOT_OF_PEOPLE = frozenset(names.NOT_OF_PEOPLE.split(", "))
_NOT_PLACES = _PLACES_OF_CARE | frozenset(names.NOT_PLACES.split(", "))


@dataclass(frozen=True)
class _Named:
    """A kind of identifier, the names it goes by (their words, one blank between), and the test of the values."""

    kind: str
    names: str
    holds: Callable[[ColumnValues], bool]
    code: Literal["P-IDENTIFIER", "P-GEO"] = IDENTIFIER
    never_with: frozenset[str] = frozenset()
    alone: str = "-"

    def is_named(self, words: tuple[str, ...]) -> bool:
        """Whether the column's words hold one of the names, or are one of those that only count alone."""
        if _DISGUISED.intersection(words) or self.never_with.intersection(words):
            return False
        said, glued = f" {' '.join(words)} ", "".join(words)
        if any(f" {name} " in said or name.replace(" ", "") == glued for name in self.names.split(", ")):
            return True
        return " ".join(word for word in words if not word.isdecimal()) in self.alone.split(", ")


def suspicious_name(values: ColumnValues, *, has_coordinates: bool) -> Suspect | None:
    """Return what a column is by its name, where its values do not speak against it.

    ``has_coordinates`` says whether the export has a column for either coordinate: then `lat` and `lon` are those.
    """
    words = column_words(values.column)
    if values.type == "empty":
        return None
    for named in _NAMED:
        if named.is_named(words) and named.holds(values):
            return _by_name(values, named.kind, named.code)
    if looks_like_birth(values.column) and _are_full_dates(values):
        return _by_name(values, "date of birth", IDENTIFIER)
    if has_coordinates and is_half_of_coordinates(values.column) and _are_degrees(values):
        return _by_name(values, "coordinates", GEOGRAPHY)
    return None


def is_half_of_coordinates(column: str) -> bool:
    """Whether the name is a short one of a latitude or a longitude."""
    return bool({"lat", "lon", "lng", "long"}.intersection(column_words(column)))


def _by_name(values: ColumnValues, kind: str, code: Literal["P-IDENTIFIER", "P-GEO"]) -> Suspect:
    n_values = len(values.distinct)
    return Suspect(values.column, code, kind, f"by its name, and {n_values} different values that bear it out")


def _several(values: ColumnValues) -> bool:
    return len(values.distinct) >= _FEWEST_VALUES


def _are_several_codes(values: ColumnValues) -> bool:
    """Whether there are several values, of text or of whole numbers: neither dates nor measurements."""
    return _several(values) and (values.type == "category" or values.are_whole_numbers)


def _are_emails(values: ColumnValues) -> bool:
    return values.mostly(EMAIL)


def _are_ip_addresses(values: ColumnValues) -> bool:
    return values.mostly(IP_ADDRESS)


def _are_mac_addresses(values: ColumnValues) -> bool:
    return values.mostly(MAC_ADDRESS)


def _are_urls(values: ColumnValues) -> bool:
    return values.mostly(URL)


def _are_phones(values: ColumnValues) -> bool:
    return _are_several_codes(values) and values.mostly(_PHONE)


def _are_long_codes(values: ColumnValues) -> bool:
    return _are_several_codes(values) and values.mostly(_LONG_CODE)


def _are_security_numbers(values: ColumnValues) -> bool:
    """Whether the values are long codes, or the last four digits that some systems show."""
    return _are_long_codes(values) or (_are_several_codes(values) and values.mostly(_LAST_FOUR))


def _are_codes_of_patients(values: ColumnValues) -> bool:
    """Whether the values are codes of four signs and more, about as many as patients, and not a running count."""
    if not _are_several_codes(values) or values.is_unlike_patients:
        return False
    is_count = values.type == "number" and float(np.max(values.numbers)) <= 10 * len(values.export.table)
    return not is_count and values.mostly(_CODE)


def _are_record_numbers(values: ColumnValues) -> bool:
    return (
        values.type != "date" and len(values.distinct) >= min(_MANY_VALUES, values.n_patients / 2) and _several(values)
    )


def _are_words(values: ColumnValues) -> bool:
    return values.type == "category" and _several(values) and values.mostly(_WORDS)


def _are_names(values: ColumnValues) -> bool:
    return _are_words(values) and (not values.is_unlike_patients or are_whole_names(values))


def _are_places(values: ColumnValues) -> bool:
    """Whether the values are words of several places: capitalised, or so many that they are no kinds of places."""
    n_places = len(values.distinct)
    return _are_words(values) and (n_places >= _MANY_VALUES or (n_places >= _FEWEST_PLACES and values.mostly(_PLACE)))


def _are_initials(values: ColumnValues) -> bool:
    return values.type == "category" and len(values.distinct) >= _FEWEST_PLACES and values.mostly(_INITIALS)


def _are_addresses(values: ColumnValues) -> bool:
    """Whether the values hold words and a number, or are words, about as many as patients."""
    if values.type != "category" or not _several(values):
        return False
    return values.mostly(_ADDRESS) or (values.mostly(_WORDS) and not values.is_unlike_patients)


def _are_postcodes(values: ColumnValues) -> bool:
    return _are_several_codes(values) and (values.mostly(_POSTCODE) or values.mostly(UK_POSTCODE))


def _are_small_areas(values: ColumnValues) -> bool:
    return _are_several_codes(values) and values.mostly(_AREA)


def _are_degrees(values: ColumnValues) -> bool:
    """Whether the values are numbers of a coordinate's range, with decimals."""
    if values.type != "number":
        return values.mostly(re.compile(r"-?[0-9]{1,3}[.°].*"))
    return bool(np.all(np.abs(values.numbers) <= 180) and np.any(values.numbers != np.floor(values.numbers)))


def _are_full_dates(values: ColumnValues) -> bool:
    """Whether the values are days, and not all the same day of a month, as dates of birth made coarse are."""
    if values.type != "date":
        return values.type != "number" and _several(values) and values.mostly(_DATE)
    days = {text[8:10] for text in values.distinct}
    return len(days) > 1 or len(values.distinct) < _MANY_VALUES


_NAMED = (
    _Named("e-mail address", names.EMAIL, _are_emails),
    _Named("IP address", names.IP_ADDRESS, _are_ip_addresses),
    _Named("MAC address", names.MAC_ADDRESS, _are_mac_addresses),
    _Named("URL", names.URL, _are_urls),
    _Named("phone number", names.PHONE, _are_phones),
    _Named("social security number", names.SOCIAL_SECURITY, _are_security_numbers),
    _Named("national id number", names.NATIONAL_ID, _are_long_codes),
    _Named("passport, licence or account number", names.PASSPORT, _are_codes_of_patients),
    _Named("health record number", names.RECORD, _are_record_numbers),
    _Named("health service number", names.HEALTH_SERVICE, _are_long_codes),
    _Named("hospital number", names.HOSPITAL, _are_codes_of_patients),
    _Named("licence plate", names.PLATE, _are_codes_of_patients),
    _Named("device serial number", names.DEVICE, _are_codes_of_patients),
    _Named("date of birth", names.BIRTH, _are_full_dates),
    _Named("street address", names.ADDRESS, _are_addresses, never_with=_PLACES_OF_CARE | {"type"}),
    _Named("name", names.PERSON, _are_words, never_with=_NOT_OF_PEOPLE),
    _Named("initials", names.INITIALS, _are_initials),
    _Named("name", names.PERSON_PERHAPS, _are_names, alone=names.PERSON_PERHAPS_ALONE),
    _Named("postcode", names.POSTCODE, _are_postcodes, GEOGRAPHY, _PLACES_OF_CARE),
    _Named("street", names.STREET, _are_places, GEOGRAPHY, _NOT_PLACES),
    _Named("city or county", names.CITY, _are_places, GEOGRAPHY, _NOT_PLACES, names.CITY_ALONE),
    _Named("coordinates", names.COORDINATES, _are_degrees, GEOGRAPHY, _PLACES_OF_CARE),
    _Named("census area", names.CENSUS, _are_small_areas, GEOGRAPHY, _PLACES_OF_CARE),
)
