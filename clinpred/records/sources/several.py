"""Several files of the same columns read as one export: the rows of the second after those of the first."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain

import numpy as np

from clinpred.errors import InputRefused
from clinpred.records.findings import Finding
from clinpred.records.sources.alike_files import open_date_orders, refuse_other_marks
from clinpred.records.sources.duplicates import duplicate_rows, duplicates, equal_rows
from clinpred.records.sources.stacked_rows import StackedPlaces, stacked_column
from clinpred.records.text.scanner import Dialect
from clinpred.records.text_table import Description, SourceTable, TextTable
from clinpred.records.values.cells import counted
from clinpred.records.values.units import known_unit

__all__ = ["duplicate_rows", "one_after_the_other"]

_SHOWN = 5


def one_after_the_other(files: Sequence[SourceTable]) -> SourceTable:
    """Return the files as one table, in the order given; columns in the order of the first.

    Its name joins their names with `` + ``; its ``sha256`` is that of the files' own, one a line, in that order.
    A row's place names its file, so that a message leads to the line at fault.

    Raises
    ------
    InputRefused
        E-SAME-FILE: one file twice. E-COLUMNS-DIFFER: a file has columns that another lacks, or their source calls
        them of another type. E-UNITS-MIXED: a column's unit differs. E-DECIMAL-MIXED: the decimal mark does.
    """
    _refuse_same_file(files)
    _refuse_other_columns(files)
    _refuse_other_types(files)
    _refuse_other_units(files)
    refuse_other_marks(files)
    first = files[0].table
    columns = tuple(stacked_column([_column(file.table, name) for file in files]) for name in first.names)
    table = replace(
        first,
        columns=columns,
        places=StackedPlaces([file.table.places for file in files], [file.name for file in files]),
        place_word=" or ".join(dict.fromkeys(file.table.place_word for file in files)),
        findings=_findings(files),
        units=dict(chain.from_iterable(file.table.units.items() for file in files)),
        described=_described(files),
        dialect=_dialect(files),
    )
    table = replace(table, findings=(*table.findings, *_overlap(table, [len(file.table.places) for file in files])))
    hashes = "".join(f"{file.sha256}\n" for file in files)
    return SourceTable(table, " + ".join(file.name for file in files), hashlib.sha256(hashes.encode()).hexdigest())


def _column(table: TextTable, name: str) -> Sequence[str]:
    return table.columns[table.names.index(name)]


def _refuse_same_file(files: Sequence[SourceTable]) -> None:
    names: dict[str, list[str]] = {}
    for file in files:
        names.setdefault(file.sha256, []).append(file.name)
    same = next((group for group in names.values() if len(group) > 1), None)
    if same:
        raise InputRefused(
            "E-SAME-FILE",
            f"{' and '.join(same)} are the same file, byte by byte",
            expected="files of different patients, or of different periods",
            to_fix="give every file once",
        )


def _refuse_other_columns(files: Sequence[SourceTable]) -> None:
    first = files[0]
    differences = []
    for file in files[1:]:
        lacks = list((Counter(first.table.names) - Counter(file.table.names)).elements())
        more = list((Counter(file.table.names) - Counter(first.table.names)).elements())
        differences += [f"{file.name} lacks {_listed(lacks)}"] if lacks else []
        differences += [f"{first.name} lacks {_listed(more)}, which {file.name} has"] if more else []
    if differences:
        raise InputRefused(
            "E-COLUMNS-DIFFER",
            f"the files do not have the same columns: {'; '.join(differences)}",
            expected="the same names of columns in every file, in any order",
            to_fix="export the files with the same columns, or give them the same names",
        )


def _refuse_other_types(files: Sequence[SourceTable]) -> None:
    """Refuse a column that one file calls a category, and codes with words, and another a number."""
    for name in files[0].table.names:
        types = {said.type: file.name for file in files if (said := file.table.described.get(name)) and said.type}
        if len(types) > 1:
            said_of = " and ".join(f"a {kind} in {file}" for kind, file in types.items())
            raise InputRefused(
                "E-COLUMNS-DIFFER",
                f"column `{name}` is {said_of}",
                expected="one type of a column in all files",
                to_fix="export the files in the same way",
            )


def _refuse_other_units(files: Sequence[SourceTable]) -> None:
    for name in files[0].table.names:
        units = {_unit(file.table.units[name]): file.name for file in files if name in file.table.units}
        if len(units) > 1:
            raise InputRefused(
                "E-UNITS-MIXED",
                f"column `{name}` has {len(units)} units, one in {' and another in '.join(units.values())}",
                expected="one unit of a column in all files",
                to_fix="convert them in the exports",
            )


def _unit(written: str) -> str:
    return known_unit(f" {written}") or written


def _findings(files: Sequence[SourceTable]) -> tuple[Finding, ...]:
    """Return the findings of every file under its name, and that a unit is given in some files only."""
    noticed = [
        replace(finding, text=f"{file.name}: {finding.text}") for file in files for finding in file.table.findings
    ]
    partly = [name for name in files[0].table.names if 0 < sum(name in file.table.units for file in files) < len(files)]
    if partly:
        text = f"a unit is given in some of the files only, for {_listed(partly)}"
        advice = "check that the other files use the same unit"
        noticed.append(Finding("W-UNITS-PART", "caution", text, advice, len(partly)))
    return (*noticed, *open_date_orders(files))


def _dialect(files: Sequence[SourceTable]) -> Dialect:
    """Return the first dialect without commas between the cells: what is open in one file stays open in all."""
    dialects = [file.table.dialect for file in files]
    return next((dialect for dialect in dialects if dialect.delimiter != ","), dialects[0])


def _described(files: Sequence[SourceTable]) -> Mapping[str, Description]:
    described: dict[str, Description] = {}
    for name, said in chain.from_iterable(file.table.described.items() for file in files):
        described[name] = _joined(described[name], said) if name in described else said
    return described


def _joined(one: Description, other: Description) -> Description:
    return replace(
        one,
        label=one.label or other.label,
        type=one.type or other.type,
        levels=tuple(dict.fromkeys((*one.levels, *other.levels))),
        range=one.range if one.range == other.range else None,
        identifier=one.identifier or other.identifier,
    )


def _overlap(table: TextTable, lengths: Sequence[int]) -> list[Finding]:
    """Return the finding that rows of one file stand in an earlier file as well, cell by cell."""
    equal = equal_rows(table)
    files = np.repeat(np.arange(len(lengths)), lengths)[equal.rows]
    earliest = np.full(equal.groups.max(initial=0) + 1, len(lengths))
    np.minimum.at(earliest, equal.groups, files)
    count = int((files > earliest[equal.groups]).sum())
    if not count:
        return []
    text = f"the files overlap: {counted(count, 'row')} of one file equal to a row of an earlier file in every cell"
    to_fix = "export periods or sites that do not overlap"
    return [duplicates(table, text, n_repeats=equal.n_repeats, count=count, to_fix=to_fix)]


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(f"`{name}`" for name in names[:_SHOWN]) + more
