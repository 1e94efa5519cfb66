"""What stands for missing values in the design: medians with indicators, or what chained equations expect or draw."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clinpred.predictors.chained import Chained, Variable, learn_chained
from clinpred.predictors.coded import Coded, level_cells, number_cells
from clinpred.predictors.encoding import Rule

if TYPE_CHECKING:
    from clinpred.predictors.preparation import Preparation

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Cells = Mapping[str, Any]
"""The cells of each predictor: numbers, NaN where missing, or codes of levels."""
Made = dict[str, Array | NDArray[np.bool_]]
"""Design columns by name, each of shape (n,), not standardised."""

SWEEPS = 10


def cells_of(predictors: pd.DataFrame, rules: Sequence[Rule]) -> Cells:
    """Return the cells of the predictors that have a rule."""
    return {
        rule.predictor: (number_cells if rule.kind == "number" else level_cells)(predictors[rule.predictor])
        for rule in rules
    }


def coded_cells(coded: Coded, rules: Sequence[Rule]) -> Cells:
    """Return the cells of predictors that were coded before."""
    return {rule.predictor: coded.column(rule.predictor).cells for rule in rules}


@dataclass(frozen=True)
class Filled:
    """Rules, the chained equations if missing values are filled by them, and the design columns made, by name.

    A predictor that does not vary where it is recorded has a rule, but neither an equation nor a design column.
    """

    rules: tuple[Rule, ...]
    made: Made
    chained: Chained | None = None

    @property
    def equated(self) -> frozenset[str]:
        """The predictors that have an equation: each is needed for the others."""
        return frozenset() if self.chained is None else frozenset(one.predictor for one in self.chained.equations)


def filled_simply(rules: tuple[Rule, ...], cells: Cells) -> Filled:
    """Fill missing values by medians and reference levels, with indicators."""
    return Filled(rules, made_simply(rules, cells))


def filled_by_chain(rules: tuple[Rule, ...], cells: Cells, copies: Ints) -> Filled:
    """Learn chained equations and fill missing values by what they expect; indicators are not needed then."""
    plain = tuple(replace(rule, indicator=False) for rule in rules)
    opened = {rule.predictor: _recorded(rule, cells) for rule in plain}
    varied = [rule for rule in plain if _all_vary(opened[rule.predictor])]
    if not varied:
        return Filled(plain, {})
    chained = learn_chained(np.hstack([opened[rule.predictor] for rule in varied]), variables_of(varied), copies)
    return Filled(plain, made_by(chained, varied, cells), chained)


def variables_of(rules: Sequence[Rule]) -> list[Variable]:
    """Return the variables of a chain over predictors with these rules."""
    return [
        Variable(rule.predictor, rule.recorded_columns, "levels" if rule.kind == "category" else "line")
        for rule in rules
    ]


def made_simply(rules: Sequence[Rule], cells: Cells) -> Made:
    """Return every design column that the rules make, missing values filled by their medians and reference levels."""
    return {
        name: column
        for rule in rules
        for name, column in zip(rule.column_names, rule.design_columns(cells[rule.predictor]), strict=True)
    }


def made_by(chained: Chained, rules: Sequence[Rule], cells: Cells) -> Made:
    """Return every design column that the rules make, missing values filled by what is expected of them."""
    return shaped(rules, chained.completed(np.hstack([_recorded(rule, cells) for rule in rules])))


def shaped(rules: Sequence[Rule], completed: Array) -> Made:
    """Return the design columns that the rules make of completed columns, shape (n, recorded columns)."""
    names = [name for rule in rules for name in rule.recorded_columns]
    filled = dict(zip(names, completed.T, strict=True))
    return {
        name: column
        for rule in rules
        for name, column in zip(
            rule.value_columns, rule.shaped([filled[one] for one in rule.recorded_columns]), strict=True
        )
    }


def drawn_designs(
    preparation: "Preparation", development: pd.DataFrame, others: pd.DataFrame, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Draw every missing value once: of development rows by a chain of their own, of others by what it learnt.

    Parameters
    ----------
    preparation : Preparation
        With chained equations.
    development, others : DataFrame
        Predictors of the rows that are learnt from, and of rows that nothing is learnt from.
    rng : numpy.random.Generator

    Returns
    -------
    tuple of arrays, shapes (n, columns) and (m, columns)
        Standardised designs.
    """
    from clinpred.predictors.chain import Chain

    rules = preparation.rules
    opened, beside = (
        np.hstack([_recorded(rule, cells_of(rows, rules)) for rule in rules]) for rows in (development, others)
    )
    chain = Chain(opened, variables_of(rules), np.ones(len(opened), dtype=np.int64), rng)
    for _ in range(SWEEPS):
        fits = chain.sweep()
    fits |= chain.fit_the_complete()
    drawn = chain.completed(), chain.complete(beside, fits, sweeps=SWEEPS)
    first, second = (preparation.design_of(shaped(rules, one), len(one)) for one in drawn)
    return first, second


def _recorded(rule: Rule, cells: Cells) -> Array:
    columns = rule.recorded(cells[rule.predictor])
    return np.column_stack(columns) if columns else np.empty((len(cells[rule.predictor][0]), 0))


def _all_vary(recorded: Array) -> bool:
    if not recorded.shape[1]:
        return False
    known = recorded[~np.isnan(recorded[:, 0])]
    return bool((np.ptp(known, axis=0) > 0).all())
