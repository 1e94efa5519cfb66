"""Writes the reference of the measures, docs/measures.md, from the catalogue and the docstrings.

Run: python docs/make_measures.py. A test keeps the page and its sources equal.
"""

import inspect
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from clinpred.performance import Measure, estimate, net_benefit_key
from clinpred.performance.net_benefit import threshold_key
from clinpred.performance.reported_measures import CALIBRATION, DECISIONS, OVERALL, RANKING
from clinpred.performance.requested_measures import DESCRIPTIONS, REQUESTED

PAGE = Path(__file__).parent / "measures.md"

_INTRODUCTION = f"""# The measures of a clinical risk

Made by `python docs/make_measures.py` from the catalogue and the docstrings of `clinpred.performance`.

Every function takes `outcome` (0 or 1) and `risk` (0 to 1), arrays of one value a patient, in that order. Those at a
threshold take a third argument `t`, the risk at which one would act; a patient is positive where `risk ≥ t`. n is the
number of patients, φ the prevalence, lp the logit of the risk; TP, FP, TN, FN count true and false positives and
negatives.

`estimate(key, outcome, risk)` returns the same number with its 95 % interval, the number of patients and of those with
the event; `paired_differences` that of two risks on the same patients; `pool_measure` that over imputed data sets. A
key with a threshold is such as `{net_benefit_key(0.1)}`, and for patients of another prevalence
`{net_benefit_key(0.1, prevalence=0.05)}`.

Where a measure cannot be had, its function raises `StatisticalRefusal` with the code that is named below, and an
`Estimate` says why in words. Nothing is clipped, replaced by a default, or returned as NaN. No measure is
estimable where nobody has the event, or everybody (S-ONE-CLASS).

Not offered: net reclassification improvement, which can reward a miscalibrated risk, and the Hosmer-Lemeshow test,
whose verdict follows the number of patients and the choice of groups.
"""

_SECTIONS = {
    "In every report: discrimination": RANKING,
    "In every report: calibration": CALIBRATION,
    "In every report: overall": OVERALL,
    "In every report: decisions": DECISIONS,
    "At a stated threshold": DESCRIPTIONS,
    "On request only": REQUESTED,
}
_SCALES = {
    "plain": "as it is",
    "logit": "as log odds",
    "log": "as a logarithm",
    "fisher": "as artanh of its square root",
}
_ANYWHERE = "S-ONE-CLASS"


def page() -> str:
    """Return the whole page."""
    parts = [_INTRODUCTION, *_contents()]
    for title, measures in _SECTIONS.items():
        parts += [f"## {title}\n", *(_entry(measure) for measure in measures)]
    return "\n".join(parts)


def _contents() -> Iterator[str]:
    yield "| measure | key | better | ideal |\n|---|---|---|---|"
    for measures in _SECTIONS.values():
        for one in measures:
            key = f"{one.key}:t" if one.at_threshold else one.key
            yield f"| [{one.title}](#{_anchor(one.title)}) | `{key}` | {one.direction} | {_number(one.ideal, 'none')} |"
    yield ""


def _entry(measure: Measure) -> str:
    doc = inspect.getdoc(measure.function) or ""
    sections = _sections(doc)
    facts = {
        "Definition": measure.definition,
        "Range": _range(measure),
        "Ideal": _number(measure.ideal, "none"),
        "Better": measure.direction,
        "Reads": sections["Returns"].removeprefix("float "),
        "Not estimable": _not_estimable(measure),
        "95 % interval": _interval(measure),
        "Pooled over imputations": _SCALES[measure.scale],
        "Source": sections["References"],
        "Checked against": _checked(sections["Notes"]),
    }
    rows = [f"| {name} | {_cell(text)} |" for name, text in facts.items()]
    call = f"`{measure.function.__name__}(outcome, risk{', t' if measure.at_threshold else ''})`"
    return "\n".join(
        [f"### {measure.title}\n", f"{call}: {sections[''].removeprefix('Return ')}\n", "| | |\n|---|---|", *rows, ""]
    )


def _sections(doc: str) -> dict[str, str]:
    """Return the running text under each heading of a numpydoc docstring; what stands before the first under ""."""
    pieces = re.split(r"^(\w+)\n-{3,}$", doc, flags=re.MULTILINE)
    texts = [pieces[0], *pieces[2::2]]
    return {
        name: _marked("\n\n".join(" ".join(paragraph.split()) for paragraph in text.strip().split("\n\n")))
        for name, text in zip(["", *pieces[1::2]], texts, strict=True)
    }


def _marked(text: str) -> str:
    return text.replace("``", "`")


def _checked(notes: str) -> str:
    checked = next(paragraph for paragraph in notes.split("\n\n") if paragraph.startswith("Checked against "))
    return checked.removeprefix("Checked against ")


def _range(measure: Measure) -> str:
    if measure.lowest is None and measure.highest is None:
        return "unbounded"
    if measure.lowest is None:
        return f"at most {_number(measure.highest, '')}"
    if measure.highest is None:
        return f"{_number(measure.lowest, '')} or above"
    return f"{_number(measure.lowest, '')} to {_number(measure.highest, '')}"


def _not_estimable(measure: Measure) -> str:
    own = [f"{words} ({code})" for code, words in measure.not_estimable.items() if code != _ANYWHERE]
    return "; ".join(own) if own else "only without patients of both kinds (S-ONE-CLASS)"


def _interval(measure: Measure) -> str:
    rng = np.random.default_rng(1)
    risk = rng.uniform(0.05, 0.95, 200)
    outcome = (rng.random(200) < risk).astype(float)
    key = threshold_key(measure.key, 0.3) if measure.at_threshold else measure.key
    return f"{estimate(key, outcome, risk, rng=rng).method}"


def _number(value: float | None, otherwise: str) -> str:
    return otherwise if value is None else f"{value:g}"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _anchor(title: str) -> str:
    kept: Iterable[str] = (letter for letter in title.lower() if letter.isalnum() or letter in " -_")
    return "".join(kept).replace(" ", "-")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
