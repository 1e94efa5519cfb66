"""What each column of a REDCap export is: a field, one choice of a checkbox field, or what REDCap itself adds."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from clinpred.records.sources.redcap_dictionary import Choice, Dictionary, Field, plain_text

Kind = Literal[
    "field", "checkbox", "other checkbox", "status", "event", "repeat", "site", "survey", "timestamp", "other"
]

_ADDED: dict[str, tuple[Kind, str]] = {
    "redcap_event_name": ("event", "Event Name"),
    "redcap_repeat_instrument": ("repeat", "Repeat Instrument"),
    "redcap_repeat_instance": ("repeat", "Repeat Instance"),
    "redcap_data_access_group": ("site", "Data Access Group"),
    "redcap_survey_identifier": ("survey", "Survey Identifier"),
}
_NO_COLUMN = {"descriptive", "checkbox"}
_NOT_IN_A_NAME = re.compile(r"[^a-z0-9_]")


@dataclass(frozen=True)
class Column:
    """A column of the export.

    Parameters
    ----------
    name : str
        The name that the export gives it; its name in REDCap where the export gives the label instead.
    kind : str
        ``field``; ``checkbox`` for one choice of a checkbox field, ``other checkbox`` for a choice that the dictionary
        lacks; ``status`` of a form; what REDCap adds: ``event``, ``repeat``, ``site``, ``survey``, ``timestamp``.
    form : str
        The form that a status or time belongs to.
    """

    name: str
    kind: Kind
    field: Field | None = None
    choice: Choice | None = None
    form: str = ""


def known_columns(names: Sequence[str], dictionary: Dictionary) -> list[Column]:
    """Return what the columns of an export are, whether their header holds REDCap's names or the labels."""
    by_name = {column.name.casefold(): column for column in _expected(dictionary)}
    by_label = _by_label(dictionary)
    n_names = sum(name.casefold() in by_name for name in names)
    if n_names < sum(_label_key(name) in by_label for name in names):
        return [by_label.get(_label_key(name), Column(name, "other")) for name in names]
    return [
        replace(by_name[name.casefold()], name=name) if name.casefold() in by_name else _unexpected(name, dictionary)
        for name in names
    ]


def absent_columns(columns: Iterable[Column], dictionary: Dictionary) -> list[Column]:
    """Return the columns of fields and checkbox choices that the export could have and has not."""
    there = {(column.field, column.choice) for column in columns}
    return [column for column in _expected(dictionary) if column.field and (column.field, column.choice) not in there]


def checkbox_name(field: str, code: str) -> str:
    """Return the name that REDCap gives the column of a checkbox field's choice.

    Examples
    --------
    >>> checkbox_name("race", "2"), checkbox_name("race", "-99"), checkbox_name("race", "Oth.1")
    ('race___2', 'race____99', 'race___oth_1')
    """
    return f"{field}___{_in_a_name(code)}"


def _in_a_name(code: str) -> str:
    return _NOT_IN_A_NAME.sub("", code.lower().replace("-", "_").replace(".", "_"))


def _expected(dictionary: Dictionary) -> list[Column]:
    columns = [Column(name, kind) for name, (kind, _) in _ADDED.items()]
    for field in dictionary.fields:
        if field.type not in _NO_COLUMN:
            columns.append(Column(field.name, "field", field, form=field.form))
        columns += _checkboxes(field) if field.type == "checkbox" else []
    for form in dictionary.forms:
        columns += [
            Column(f"{form}_complete", "status", form=form),
            Column(f"{form}_timestamp", "timestamp", form=form),
        ]
    return columns


def _checkboxes(field: Field) -> list[Column]:
    """Return a column a choice; none where two choices would have one name."""
    names = Counter(checkbox_name(field.name, choice.code) for choice in field.choices)
    return [
        Column(name, "checkbox", field, choice, field.form)
        for choice in field.choices
        if names[name := checkbox_name(field.name, choice.code)] == 1
    ]


def _unexpected(name: str, dictionary: Dictionary) -> Column:
    """Return a column that is not as expected, though perhaps of a checkbox field.

    Old versions left underscores out of the codes, and some exporters write a minus as ``neg``.
    """
    stem, mark, code = name.casefold().partition("___")
    field = next((each for each in dictionary.fields if mark and each.name.casefold() == stem), None)
    if field is None or field.type != "checkbox":
        return Column(name, "other")
    fitting = [choice for choice in field.choices if code in _other_forms(choice.code)]
    if len(fitting) == 1:
        return Column(name, "checkbox", field, fitting[0], field.form)
    return Column(name, "other checkbox", field, form=field.form)


def _other_forms(code: str) -> set[str]:
    bare = code.lower()
    return {bare, _in_a_name(code).replace("_", ""), re.sub("^-", "neg", bare), re.sub("^-", "neg_", bare)}


def _by_label(dictionary: Dictionary) -> dict[str, Column]:
    """Return the columns by the labels that head a label export, where one label means one column."""
    labelled = [(_ADDED[column.name][1], column) for column in _expected(dictionary) if column.name in _ADDED]
    for column in _expected(dictionary):
        if column.field and column.choice:
            labelled.append((f"{column.field.label} (choice={column.choice.label})", column))
        elif column.field:
            labelled.append((column.field.label, column))
        elif column.kind == "status":
            labelled.append(("Complete?", column))
        elif column.kind == "timestamp":
            labelled.append(("Survey Timestamp", column))
    counts = Counter(_label_key(label) for label, _ in labelled)
    return {key: column for label, column in labelled if counts[key := _label_key(label)] == 1}


def _label_key(label: str) -> str:
    return plain_text(label).casefold()
