"""Which numbers bend: those that the study asks for, and by ``nonlinear = "auto"`` as many as the patients carry."""

from collections.abc import Collection, Mapping

import numpy as np

from clinpred.predictors.coded import Coded
from clinpred.predictors.preparation import Preparation
from clinpred.records.findings import Finding

PATIENTS_PER_COLUMN = 15
"""Patients of the rarer outcome class that every design column should have."""
FEWEST_DIFFERENT = 10
"""A number with fewer different values stays a straight line."""
_MOST_KNOTS, _FEWEST_KNOTS = 5, 3


def affordable_knots(
    straight: Preparation, development: Coded, *, rarer: int, asked: Mapping[str, int]
) -> dict[str, int]:
    """Return the knots of every number that bends: as many as the patients carry, the same for all not asked for.

    The rule is Harrell's: what may be spent is set by the patients of the rarer outcome class, and not by looking at
    which predictors seem to bend. Every number with ten different values or more gets five knots if then each
    design column has fifteen such patients, else four, else three, else none.

    Parameters
    ----------
    straight : Preparation
        Learnt on the development patients, with the knots that were asked for and no others.
    development : Coded
        Their predictors.
    rarer : int
        Patients with the event, or without it, whichever are fewer.
    asked : mapping of predictor to knots
        Numbers whose knots are given, 0 for a straight line: these stay as they are.

    Returns
    -------
    dict of predictor to knots
        ``asked`` among them.

    References
    ----------
    Harrell FE. Regression Modeling Strategies, 2nd ed. Springer 2015, sections 4.1 and 4.4.
    """
    free = [
        rule.predictor
        for rule in straight.rules
        if rule.kind == "number" and rule.predictor not in asked and _is_continuous(development, rule.predictor)
    ]
    for knots in range(_MOST_KNOTS, _FEWEST_KNOTS - 1, -1):
        columns = len(straight.columns) + (knots - 2) * len(free)
        if columns * PATIENTS_PER_COLUMN <= rarer:
            return {**dict.fromkeys(free, knots), **asked}
    return dict(asked)


def rule_finding(knots: Mapping[str, int], asked: Mapping[str, int], *, rarer: int) -> Finding:
    """Return what ``nonlinear = "auto"`` came to, as a note."""
    chosen = [name for name in knots if name not in asked]
    carried = rarer // PATIENTS_PER_COLUMN
    budget = f"{rarer} patients of the rarer outcome class carry {carried} design columns at {PATIENTS_PER_COLUMN} each"
    if not chosen:
        text = f'no number bends by `nonlinear = "auto"`: {budget}'
    else:
        names = ", ".join(f"`{name}`" for name in chosen)
        text = f'restricted cubic splines of {knots[chosen[0]]} knots by `nonlinear = "auto"`: {names}; {budget}'
    return Finding("W-KNOTS", "note", text, "nothing to do: the study asks for it; single numbers have `knots`")


def knot_findings(preparation: Preparation, knots: Mapping[str, int], asked: Collection[str]) -> list[Finding]:
    """Return every number whose values make fewer knots than its ``knots``: a caution where the study ``asked``."""
    found = {rule.predictor: len(rule.knots) for rule in preparation.rules if rule.kind == "number"}
    summed_up = {name for one in preparation.components for name in one.members}
    fewer = [name for name, count in knots.items() if found.get(name, count) < count and name not in summed_up]
    return [_fewer_finding(name, knots[name], found[name], is_asked=name in asked) for name in fewer]


def _fewer_finding(name: str, count: int, found: int, *, is_asked: bool) -> Finding:
    instead = f"a spline of {found}" if found else "a straight line"
    text = f"`{name}`: its values make {count} knots coincide, {instead} instead"
    if not is_asked:
        return Finding("W-KNOTS", "note", text, "nothing to do", column=name)
    advice = "ask for as many knots as its values make (study.toml: predictors), or for 0"
    return Finding("W-KNOTS", "caution", text, advice, column=name)


def _is_continuous(development: Coded, name: str) -> bool:
    cells = development.numbers[name].cells
    return np.unique(cells[~np.isnan(cells)]).size >= FEWEST_DIFFERENT
