"""Whether the order of the rows, an id, a site or a file predicts the outcome (it should not)."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from clinpred.records.audit.ranks import area, chance_of_area, crossed_rates
from clinpred.records.findings import Finding
from clinpred.records.read import Export

Array = NDArray[np.float64]
Texts = NDArray[np.object_]

_PREDICTS = 0.6
_CHANCE = 1e-4
_FEWEST_OF_A_CLASS = 10
_MOST_SOURCES = 200
# 2 to the power 53 has 16 digits: float64 tells all shorter numbers apart.
_LAST_DIGITS = re.compile(r"([0-9]{1,15})[^0-9]*$")
_SORTED = (
    "harmless where patients are drawn at random; do not hold out the last rows, and find out whether the order stands "
    "for time or place"
)
_NOT_PREDICTOR = "keep it from the predictors, and find out why: cases and others may come from different sources"
_PLACE = "judge the model at unseen sites; where cases and others come from different sources it learns the source"


def order_findings(
    export: Export,
    outcome: Array,
    *,
    patient: str | None = None,
    ids: Sequence[str] = (),
    sources: Sequence[str] = (),
) -> list[Finding]:
    """Return W-ORDER-LEAK for the row number, ids and places or files that predict the outcome.

    Reported is what has an AUROC above .6 (below .4) that chance would reach less than once in 10,000; of an id, its
    number and what stands before it; of a source, the event rate of its other rows. Each patient counts once.

    Parameters
    ----------
    export : Export
        The export.
    outcome : array of shape (n,)
        1 where the event happened, 0 where it did not, NaN where that is unknown.
    patient : str, optional
        The declared patient id.
    ids : sequence of str
        Columns that look like ids.
    sources : sequence of str
        Columns that say where a row comes from: site, file.
    """
    rows = _first_rows(export, outcome, patient)
    classes = _ever(export, outcome, patient)[rows]
    if min(int(classes.sum()), int((classes == 0).sum())) < _FEWEST_OF_A_CLASS:
        return []
    findings = _ordered("the row number", rows.astype(np.float64), classes, advice=_SORTED, column=None)
    for column in dict.fromkeys([*([patient] if patient else []), *ids]):
        findings += _of_id(column, export.label(column)[rows], classes)
    for column in sources:
        findings += _placed(f"`{column}`", export.label(column)[rows], classes, advice=_PLACE, column=column)
    return findings


def _first_rows(export: Export, outcome: Array, patient: str | None) -> NDArray[np.int64]:
    known = np.flatnonzero(~np.isnan(outcome))
    if patient is None:
        return known
    _, first = np.unique(export.label(patient)[known].astype(str), return_index=True)
    return known[np.sort(first)]


def _ever(export: Export, outcome: Array, patient: str | None) -> Array:
    """Return for each row whether its patient ever has the event."""
    if patient is None:
        return outcome
    _, code = np.unique(export.label(patient).astype(str), return_inverse=True)
    ever = np.bincount(code, weights=np.nan_to_num(outcome)) > 0
    return np.asarray(ever[code], dtype=np.float64)


def _of_id(column: str, ids: Texts, classes: Array) -> list[Finding]:
    found = [_LAST_DIGITS.search(text) for text in ids]
    numbers = np.array([float(match.group(1)) if match else np.nan for match in found])
    before = np.array([text[: match.start()] if match else text for text, match in zip(ids, found, strict=True)])
    numbered = ~np.isnan(numbers)
    findings: list[Finding] = []
    # Ids in the order of the rows say what the row number has said.
    if not np.all(np.diff(numbers[numbered]) >= 0):
        of_number = classes[numbered]
        findings = _ordered(
            f"the number in `{column}`", numbers[numbered], of_number, advice=_NOT_PREDICTOR, column=column
        )
    start = f"what stands before the number in `{column}`"
    return findings + _placed(start, before.astype(object), classes, advice=_NOT_PREDICTOR, column=column)


def _ordered(what: str, values: Array, classes: Array, *, advice: str, column: str | None) -> list[Finding]:
    if min(int(classes.sum()), int((classes == 0).sum())) < _FEWEST_OF_A_CLASS:
        return []
    found = area(classes, values)
    if max(found, 1 - found) <= _PREDICTS or chance_of_area(classes, values) >= _CHANCE:
        return []
    text = f"{what} predicts the outcome (AUROC {found:.2f})"
    if found in {0.0, 1.0} and column is None:
        text = "the rows are sorted by the outcome"
    return [Finding("W-ORDER-LEAK", "caution", text, advice, column=column)]


def _placed(what: str, sources: Texts, classes: Array, *, advice: str, column: str) -> list[Finding]:
    known = sources != ""
    places, codes = np.unique(sources[known].astype(str), return_inverse=True)
    if not 2 <= places.size <= min(_MOST_SOURCES, codes.size / 2):
        return []
    return _ordered(what, crossed_rates(classes[known], codes), classes[known], advice=advice, column=column)
