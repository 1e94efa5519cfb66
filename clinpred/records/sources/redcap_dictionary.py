"""The data dictionary of a REDCap project, from the CSV that REDCap writes: fields, choices and limits."""

import csv
import hashlib
import html
import io
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from clinpred.errors import InputRefused, ResourceRefused
from clinpred.records.text.encoding import decode

_COLUMNS = {
    "name": ("Variable / Field Name", "field_name"),
    "form": ("Form Name", "form_name"),
    "type": ("Field Type", "field_type"),
    "label": ("Field Label", "field_label"),
    "choices": ("Choices, Calculations, OR Slider Labels", "select_choices_or_calculations"),
    "validation": ("Text Validation Type OR Show Slider Number", "text_validation_type_or_show_slider_number"),
    "lowest": ("Text Validation Min", "text_validation_min"),
    "highest": ("Text Validation Max", "text_validation_max"),
    "identifier": ("Identifier?", "identifier"),
    "condition": ("Branching Logic (Show field only if...)", "branching_logic"),
}
_NEEDED = ("name", "form", "type", "label", "choices")
_OTHER_WORDS = {"textarea": "notes", "select": "dropdown"}
_CHOSEN = {"radio", "dropdown", "checkbox"}
_FIELD_NAME = re.compile(r"[A-Za-z0-9_]+")
_CODE = re.compile(r"\S+")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")


@dataclass(frozen=True)
class Choice:
    """One answer of a field: the code that is stored, and the words that are shown."""

    code: str
    label: str


_YES_NO = (Choice("0", "No"), Choice("1", "Yes"))
_TRUE_FALSE = (Choice("0", "False"), Choice("1", "True"))
STATUS = (Choice("0", "Incomplete"), Choice("1", "Unverified"), Choice("2", "Complete"))


@dataclass(frozen=True)
class Field:
    """One line of the dictionary.

    Parameters
    ----------
    name, form, type, label : str
        The field's name, the instrument it stands on, REDCap's word for its kind, and the question, without HTML.
    choices : tuple of Choice
        The answers in the dictionary's order; of yesno and truefalse fields the 0 comes first.
    validation, lowest, highest : str
        The validation of a text field and its limits, as written; empty where there is none.
    is_identifier, is_conditional : bool
        Whether the project marks the field as identifying; whether it is shown only under a condition.
    is_unclear : bool
        Whether the text of the choices reads in more than one way, as where a label holds a bar (``|``).
    """

    name: str
    form: str
    type: str
    label: str = ""
    choices: tuple[Choice, ...] = ()
    validation: str = ""
    lowest: str = ""
    highest: str = ""
    is_identifier: bool = False
    is_conditional: bool = False
    is_unclear: bool = False


@dataclass(frozen=True)
class Dictionary:
    """A project's data dictionary: the file's name and SHA-256, and its fields in order."""

    name: str
    sha256: str
    fields: tuple[Field, ...]

    @property
    def record_id(self) -> str:
        """The name of the field that numbers the records: the first one of every project."""
        return self.fields[0].name

    @property
    def forms(self) -> tuple[str, ...]:
        """The instruments, in order."""
        return tuple(dict.fromkeys(field.form for field in self.fields if field.form))


def read_dictionary(path: Path) -> Dictionary:
    """Read the data dictionary that REDCap offers under Project Setup, or that its API gives as metadata.

    Raises
    ------
    InputRefused
        E-NOT-FOUND: there is no such file. E-DICTIONARY: it is no data dictionary, or a damaged one.
    ResourceRefused
        R-PATH: the file cannot be opened.
    """
    content = _content(path)
    rows = _rows(decode(content, path.name).text, path.name)
    places = _places(rows[0] if rows else [], path.name)
    _refuse_long_rows(rows, path.name)
    fields = [_field(row, places, path.name, line) for line, row in enumerate(rows[1:], start=2) if any(row)]
    names = [field.name for field in fields]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        verb = "name stands" if len(twice) == 1 else "names stand"
        raise _no_dictionary(path.name, f"{len(twice)} field {verb} there more than once")
    if not fields:
        raise _no_dictionary(path.name, "its header is followed by no field")
    return Dictionary(path.name, hashlib.sha256(content).hexdigest(), tuple(fields))


def plain_text(text: str) -> str:
    """Return the words of a label: without HTML, its blanks single, its accents composed.

    Examples
    --------
    >>> plain_text("<b>Age</b> at  visit (<18 &amp; >80)")
    'Age at visit (<18 & >80)'
    """
    return unicodedata.normalize("NFC", " ".join(html.unescape(_TAG.sub(" ", text)).split()))


def read_choices(text: str) -> tuple[Choice, ...] | None:
    """Return the choices of a field, None where the text reads in more than one way.

    Choices stand between bars, a code before the first comma; where no choice has a comma, each is its own label.

    Examples
    --------
    >>> [(choice.code, choice.label) for choice in read_choices("1, Yes, by mouth | -99, Unknown |")]
    [('1', 'Yes, by mouth'), ('-99', 'Unknown')]
    >>> read_choices("1, One | or | 2, Two") is None
    True
    """
    parts = [part.strip() for part in re.split(r"\||\\n|\n", text)]
    parts = [part for part in parts if part]
    with_comma = sum("," in part for part in parts)
    if not with_comma:
        choices = tuple(Choice(part, plain_text(part)) for part in parts)
    elif with_comma < len(parts):
        return None
    else:
        choices = tuple(_choice(part) for part in parts)
        if not all(_CODE.fullmatch(choice.code) for choice in choices):
            return None
    return choices if choices and len({choice.code for choice in choices}) == len(choices) else None


def _choice(part: str) -> Choice:
    code, _, label = part.partition(",")
    return Choice(code.strip(), plain_text(label))


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise InputRefused(
            "E-NOT-FOUND",
            f"{path.name}: there is no such file",
            expected="a REDCap data dictionary",
            to_fix="check the path that --dictionary names",
        ) from None
    except OSError as fault:
        raise ResourceRefused(
            "R-PATH",
            f"{path.name}: cannot be opened ({fault.strerror})",
            expected="a file that may be read",
            to_fix="check the path and its permissions",
        ) from None


def _rows(text: str, name: str) -> list[list[str]]:
    first_line = text.partition("\n")[0]
    delimiter = max(",;\t", key=first_line.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        raise _no_dictionary(name, "its quotes or cells are damaged") from None
    return [[cell.strip() for cell in row] for row in rows]


def _refuse_long_rows(rows: Sequence[Sequence[str]], name: str) -> None:
    """Refuse a row with a cell more than the header: a comma that stood in no quotes moves what follows."""
    for number, row in enumerate(rows, start=1):
        if any(row[len(rows[0]) :]):
            raise _no_dictionary(name, f"its row {number} has more cells than its first line")


def _places(header: Sequence[str], name: str) -> dict[str, int]:
    """Return where each property of a field stands in a line."""
    known = {written.casefold(): part for part, names in _COLUMNS.items() for written in names}
    places = {known[cell.casefold()]: at for at, cell in enumerate(header) if cell.casefold() in known}
    absent = [f"`{_COLUMNS[part][0]}`" for part in _NEEDED if part not in places]
    if absent:
        raise _no_dictionary(name, f"its first line lacks {', '.join(absent)}")
    return places


def _field(row: Sequence[str], places: Mapping[str, int], name: str, line: int) -> Field:
    cells = {part: row[at] if at < len(row) else "" for part, at in places.items()}
    if len(row) <= max(places[part] for part in _NEEDED):
        raise _no_dictionary(name, f"its row {line} is cut short")
    if not _FIELD_NAME.fullmatch(cells["name"]):
        raise _no_dictionary(name, f"its row {line} has no field name")
    kind = _OTHER_WORDS.get(cells["type"].casefold(), cells["type"].casefold())
    choices = _choices(kind, cells["choices"])
    return Field(
        cells["name"],
        cells["form"],
        kind,
        plain_text(cells["label"]),
        choices or (),
        cells.get("validation", "").casefold(),
        cells.get("lowest", ""),
        cells.get("highest", ""),
        is_identifier=cells.get("identifier", "").casefold() in {"y", "yes", "1", "true"},
        is_conditional=bool(cells.get("condition", "")),
        is_unclear=choices is None,
    )


def _choices(kind: str, text: str) -> tuple[Choice, ...] | None:
    if kind in _CHOSEN:
        return read_choices(text)
    return {"yesno": _YES_NO, "truefalse": _TRUE_FALSE}.get(kind, ())


def _no_dictionary(name: str, what: str) -> InputRefused:
    return InputRefused(
        "E-DICTIONARY",
        f"{name}: not a REDCap data dictionary: {what}",
        expected="the CSV that REDCap writes under Project Setup, Download the current Data Dictionary; "
        "or its API's metadata as CSV",
        to_fix="download the dictionary again, and give it unchanged with --dictionary",
    )
