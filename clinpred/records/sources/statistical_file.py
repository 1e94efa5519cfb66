"""Files of SAS, SPSS and Stata to cells of text, with the labels and formats that they hold."""

import io
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from clinpred.errors import InputRefused, ResourceRefused
from clinpred.records.findings import Finding
from clinpred.records.sources.clock_formats import Program
from clinpred.records.sources.completeness import has_sound_sav_columns, is_whole_dta, is_whole_xpt, n_xpt_tables
from clinpred.records.sources.statistical_column import Variable, text_column
from clinpred.records.text_table import TextTable
from clinpred.records.values.cells import counted

_SAS7BDAT = bytes.fromhex("000000000000000000000000c2ea8160b31411cfbd92080009c7318c181f1011")
_CUT = {"Unable to read from file", "File did not contain the expected number of rows"}
_BEFORE_STATA_8 = tuple(bytes([version]) for version in range(102, 111))
_LARGEST = 256 * 2**20
_LARGEST_RATIO = 100
_UNDECODABLE = "Unable to convert string to the requested encoding"


@dataclass(frozen=True)
class _Kind:
    """A kind of file: its program, the library's name for it, and how its bytes begin."""

    program: Program
    parser: str
    begins: tuple[bytes, ...]


_KINDS = {
    ".xpt": _Kind("SAS", "xport", (b"HEADER RECORD*******LIB",)),
    ".sas7bdat": _Kind("SAS", "sas7bdat", (_SAS7BDAT,)),
    ".sav": _Kind("SPSS", "sav/zsav", (b"$FL2", b"$FL3")),
    ".zsav": _Kind("SPSS", "sav/zsav", (b"$FL2", b"$FL3")),
    ".por": _Kind("SPSS", "por", (b"",)),
    ".dta": _Kind("Stata", "dta", (b"<stata_dta>", *(bytes([version]) for version in range(111, 116)))),
}


@dataclass(frozen=True)
class _Parsed:
    """What the library makes of a file: values by column, and what it says of the columns."""

    values: Mapping[str, Sequence[float | str | None]]
    about: Any
    findings: tuple[Finding, ...] = ()

    def variable(self, name: str) -> Variable:
        return Variable(
            name,
            (self.about.column_names_to_labels.get(name) or "").strip(),
            self.about.original_variable_types.get(name),
            self.about.readstat_variable_types[name],
            self.values[name],
            self.about.variable_value_labels.get(name, {}),
            self.about.missing_ranges.get(name, ()),
        )


def read_statistical_file(content: bytes, name: str) -> TextTable:
    """Read the bytes of a SAS (.xpt, .sas7bdat), SPSS (.sav, .zsav, .por) or Stata (.dta) file.

    Numbers are written as the shortest text that gives them back; those that the file holds in single precision as the
    shortest that gives back the single: 0.1, not 0.10000000149. Dates and times are read by their formats; Stata's
    weeks, months and quarters stay counts. Codes that all have value labels become their labels. What the file itself
    calls missing is missing, and counted. SAS keeps its labels in another file: its codes stay codes.

    Parameters
    ----------
    content : bytes
        The file.
    name : str
        Its name; its ending says of which kind it is.

    Raises
    ------
    InputRefused
        E-EXTRA: the library that reads such files is not installed. E-FORMAT: not such a file, several tables, or times
        in leap seconds. E-TRUNCATED: the file is cut. E-ENCODING: its text does not decode. E-DUP-HEADER: two columns
        have one name. E-DATE: a date that the calendar does not have.
    ResourceRefused
        R-BOMB: it states more rows than its size can hold.
    """
    suffix = PurePath(name).suffix.lower()
    kind = _KINDS[suffix]
    if suffix == ".dta" and content.startswith(_BEFORE_STATA_8):
        raise _too_old(name)
    if not content.startswith(kind.begins):
        raise _another_kind(name, kind)
    if suffix == ".xpt" and n_xpt_tables(content) > 1:
        raise _several_tables(name, n_xpt_tables(content))
    if kind.parser == "sav/zsav" and not has_sound_sav_columns(content):
        raise _not_readable(name, kind)
    parsed = _parse(content, name, kind)
    _check_whole(content, name, parsed.about, suffix=suffix)
    if not all(parsed.about.column_names):
        raise _not_readable(name, kind)
    variables = [parsed.variable(column) for column in parsed.about.column_names]
    columns = [text_column(variable, kind.program, source=name) for variable in variables]
    names = tuple(variable.name.strip() for variable in variables)
    return TextTable(
        names,
        tuple(column.cells for column in columns),
        range(1, 1 + (len(columns[0].cells) if columns else 0)),
        "row",
        (
            *parsed.findings,
            *_single_precision(variables),
            *_absent_labels(parsed.about, kind),
            *(each for one in columns for each in one.findings),
        ),
        described={each: column.description for each, column in zip(names, columns, strict=True)},
    )


def _parse(content: bytes, name: str, kind: _Kind) -> _Parsed:
    try:
        return _parse_as(content, name, kind)
    except UnicodeDecodeError:
        pass
    try:
        parsed = _parse_as(content, name, kind, encoding="WINDOWS-1252")
    except UnicodeDecodeError:
        raise _not_decodable(name) from None
    text = "the file does not say its encoding and is not UTF-8: read as windows-1252"
    finding = Finding("W-ENC-GUESS", "caution", text, "check that accented letters are the ones meant")
    return _Parsed(parsed.values, parsed.about, (finding,))


def _parse_as(content: bytes, name: str, kind: _Kind, *, encoding: str | None = None) -> _Parsed:
    options = {"parser_format": kind.parser, "encoding": encoding}
    _, about = _called(content, name, kind, {**options, "metadataonly": True})
    _refuse_bomb(about, len(content), name)
    values, about = _called(content, name, kind, {**options, "user_missing": True})
    return _Parsed(values, about)


def _called(content: bytes, name: str, kind: _Kind, options: Mapping[str, Any]) -> tuple[Mapping[str, Any], Any]:
    # The library's functions for .xpt and .por do not hand over what the file calls missing; the one behind them does.
    try:
        from pyreadstat._readstat_parser import (  # type: ignore[import-not-found,unused-ignore]
            ReadstatError,
            parser_entry_point,
        )
    except ImportError:
        raise _no_extra(name) from None
    as_stored = {"disable_datetime_conversion": True, "output_format": "dict"}
    try:
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            values, about = parser_entry_point(io.BytesIO(content), **as_stored, **options)
    except UnicodeDecodeError:
        raise
    except ReadstatError as fault:
        raise _refusal(str(fault), name, kind) from None
    except Exception:  # damaged bytes make the compiled reader raise errors of many kinds, whose words may hold a value
        raise _not_readable(name, kind) from None
    if any("is duplicated" in str(each.message) for each in warned):
        raise _duplicated(name)
    return values, about


def _refuse_bomb(about: Any, size: int, name: str) -> None:  # noqa: ANN401
    """Refuse a file that states more rows than it can hold, before memory is taken for them."""
    expanded = 8 * (about.number_rows or 0) * (about.number_columns or 0)
    if expanded > max(_LARGEST, _LARGEST_RATIO * size):
        raise ResourceRefused(
            "R-BOMB",
            f"{name}: states rows of more than 256 MiB and more than {_LARGEST_RATIO} times its size",
            expected="a file that is about as large as its rows",
            to_fix="check where the file is from, or save it without compression in the program that wrote it",
        )


def _check_whole(content: bytes, name: str, about: Any, *, suffix: str) -> None:  # noqa: ANN401
    whole = True
    if suffix == ".xpt":
        width = sum(about.variable_storage_width.values())
        whole = is_whole_xpt(content, n_rows=about.number_rows, row_width=width)
    elif suffix == ".dta":
        whole = is_whole_dta(content)
    if not whole:
        raise _cut(name)


def _single_precision(variables: Sequence[Variable]) -> list[Finding]:
    count = sum(variable.storage == "float" for variable in variables)
    if not count:
        return []
    text = f"{counted(count, 'column')} of single precision, read as the shortest decimals that give the singles back"
    return [Finding("W-SINGLE-PRECISION", "note", text, "no action is needed", count)]


def _absent_labels(about: Any, kind: _Kind) -> list[Finding]:  # noqa: ANN401
    """Return a finding for each column whose labels the file names and does not hold; SAS names its formats so."""
    if kind.program == "SAS":
        return []
    absent = [column for column, labels in about.variable_to_label.items() if labels not in about.value_labels]
    advice = "where the codes need their labels, define these in Stata and save again; or the file was cut short"
    return [
        Finding(
            "W-VALUE-LABELS",
            "caution",
            f"column `{column}`: its value labels are not in the file",
            advice,
            column=column,
        )
        for column in absent
    ]


def _refusal(message: str, name: str, kind: _Kind) -> InputRefused:
    """Return the refusal for what the library's message says; the message itself may hold values."""
    if message in _CUT:
        return _cut(name)
    return _not_decodable(name) if message.startswith(_UNDECODABLE) else _not_readable(name, kind)


def _cut(name: str) -> InputRefused:
    return InputRefused(
        "E-TRUNCATED",
        f"{name}: ends before all of its rows and labels are there",
        expected="a whole file",
        to_fix="copy or export it again",
    )


def _another_kind(name: str, kind: _Kind) -> InputRefused:
    return InputRefused(
        "E-FORMAT",
        f"{name}: not a file of {kind.program}, whatever its name says",
        expected=f"a file as {kind.program} writes it",
        to_fix="give it the ending of its kind, or export it again",
    )


def _not_readable(name: str, kind: _Kind) -> InputRefused:
    return InputRefused(
        "E-FORMAT",
        f"{name}: cannot be read as a file of {kind.program}: damaged or cut, or of another kind",
        expected=f"a file as {kind.program} writes it",
        to_fix="copy or export it again, or export it as CSV",
    )


def _not_decodable(name: str) -> InputRefused:
    return InputRefused(
        "E-ENCODING",
        f"{name}: its text is not in the encoding that it states",
        expected="text in one encoding",
        to_fix="save it again as UTF-8 in the program that wrote it",
    )


def _several_tables(name: str, count: int) -> InputRefused:
    return InputRefused(
        "E-FORMAT",
        f"{name}: holds {count} tables",
        expected="a transport file of one table",
        to_fix="export each table to a file of its own",
    )


def _too_old(name: str) -> InputRefused:
    return InputRefused(
        "E-FORMAT",
        f"{name}: written by a Stata before version 8",
        expected="a file of Stata 8 or later",
        to_fix="open it in Stata and save it again",
    )


def _duplicated(name: str) -> InputRefused:
    return InputRefused(
        "E-DUP-HEADER",
        f"{name}: a name is given to more than one column",
        expected="a name of its own for every column",
        to_fix="rename or remove the columns in the export",
    )


def _no_extra(name: str) -> InputRefused:
    return InputRefused(
        "E-EXTRA",
        f"{name}: files of SAS, SPSS and Stata are read by pyreadstat, which is not installed",
        expected="clinpred with its extra `statfiles`",
        to_fix="pip install 'clinpred[statfiles]'",
    )
