"""Value labels: a column whose every code has a name becomes a category of these names."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from shlex import quote

from clinpred.records.findings import Finding
from clinpred.records.sources.number_texts import number_text
from clinpred.records.sources.user_missing import Code
from clinpred.records.values.missing_words import is_missing_word


@dataclass(frozen=True)
class Labelled:
    """What value labels make of a column: the label of each code and the levels, or neither where codes are kept."""

    labels: Mapping[Code, str]
    levels: tuple[str, ...]
    findings: tuple[Finding, ...]


def read_labels(column: str, values: Sequence[Code | None], labels: Mapping[Code, str]) -> Labelled:
    """Return the labels of a column whose present codes all have one, each its own; else no label, and why.

    Labels that only repeat their codes are no labels.

    Parameters
    ----------
    column : str
        Its name, for the findings.
    values : sequence of float, str or None
        Its values, None where missing.
    labels : mapping of float or str to str
        The label of each code; codes that stand for missing values left out.

    Returns
    -------
    Labelled
        W-VALUE-LABELS, note: codes were read as their labels, or labels on some codes only are not used. Caution: two
        codes have one label, or a label says that its code stands for missing, and the codes are kept.

    Examples
    --------
    >>> read = read_labels("sex", [2.0, 1.0, None], {1.0: "male", 2.0: "female"})
    >>> read.levels, read.findings[0].text
    (('male', 'female'), 'column `sex`: codes read as their 2 labels')
    """
    named = {code: text for code, label in labels.items() if (text := _clean(label))}
    present = set(values) - {None}
    used = {code: named[code] for code in present if code is not None and code in named}
    if all(_repeats(code, label) for code, label in used.items()):
        return Labelled({}, (), ())
    if len(used) < len(present):
        return Labelled({}, (), (_partly(column, values, used, len(present)),))
    if len(set(used.values())) < len(used):
        return Labelled({}, (), (_shared(column, used),))
    levels = tuple(dict.fromkeys(named[code] for code in sorted(named, key=_order)))
    text = f"column `{column}`: codes read as their {len(levels)} labels"
    return Labelled(
        named, levels, (Finding("W-VALUE-LABELS", "note", text, "no action is needed", len(levels), column),)
    )


def _clean(label: str) -> str:
    return unicodedata.normalize("NFC", " ".join(label.split()))


def _repeats(code: Code, label: str) -> bool:
    """Whether a label is its code once more, as on a scale from 0 to 10 whose every step has been labelled."""
    return label == (code if isinstance(code, str) else number_text(float(code)))


def _order(code: Code) -> tuple[bool, float, str]:
    return (True, 0.0, code) if isinstance(code, str) else (False, code, "")


def _shared(column: str, used: Mapping[Code, str]) -> Finding:
    n_shared = len(used) - len(set(used.values()))
    text = f"column `{column}`: {n_shared + 1} or more codes have one label between them, so the codes are kept"
    return Finding("W-VALUE-LABELS", "caution", text, "give every code a label of its own", n_shared + 1, column)


def _partly(column: str, values: Sequence[Code | None], used: Mapping[Code, str], n_present: int) -> Finding:
    text = f"column `{column}`: {len(used)} of its {n_present} distinct values have labels, and the values are kept"
    stand_ins = {code for code, label in used.items() if is_missing_word(label)}
    if not stand_ins:
        return Finding(
            "W-VALUE-LABELS", "note", text, "no action is needed where it is a measurement", len(used), column
        )
    count = sum(value in stand_ins for value in values)
    text += f"; by their labels {len(stand_ins)} of them stand for missing, in {count} cells"
    advice = f"where they stand for missing, read them so with --missing {quote(f'{column}=CODE')}"
    return Finding("W-VALUE-LABELS", "caution", text, advice, count, column)
