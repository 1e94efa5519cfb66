"""The preparation: everything learnt about predictors on development patients, as plain frozen data with ``apply``."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clinpred.errors import InputRefused, StatisticalRefusal
from clinpred.predictors.aliases import Alias, aliased_categories, aliased_columns
from clinpred.predictors.chained import Chained
from clinpred.predictors.coded import Coded, Ints
from clinpred.predictors.encoding import (
    CategoryRule,
    NumberRule,
    OrderedRule,
    Rule,
    learn_rule,
    stacked,
    straight,
    unknown_cells,
)
from clinpred.predictors.imputation import (
    Cells,
    Filled,
    Made,
    cells_of,
    coded_cells,
    filled_by_chain,
    filled_simply,
    made_by,
    made_simply,
)
from clinpred.predictors.reduction import Component, Reduction, Represented, components_of, reduction_of
from clinpred.records.types import PredictorType
from clinpred.settings.recipe import PLAIN, Recipe

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
_RULES: dict[str, type[NumberRule] | type[OrderedRule] | type[CategoryRule]] = {
    "number": NumberRule,
    "ordered": OrderedRule,
    "category": CategoryRule,
}


@dataclass(frozen=True)
class Preparation:
    """Imputation, levels, scaling and dropped columns, learnt once and applied to anyone.

    ``columns`` are the design columns kept, ``sources`` the predictor of each, ``mean`` and ``sd`` (population) those
    of the development patients. ``apply`` gives the standardised design matrix. Of predictors that go together some may
    be ``represented`` by another, or summed up by ``components``, which are design columns themselves. Missing values
    become what their rule says, or what the ``chained`` equations expect, if there are any.
    """

    rules: tuple[Rule, ...]
    columns: tuple[str, ...]
    sources: tuple[str, ...]
    mean: tuple[float, ...]
    sd: tuple[float, ...]
    aliases: tuple[Alias, ...]
    constants: tuple[str, ...]
    rare: tuple[str, ...]
    represented: tuple[Represented, ...] = ()
    components: tuple[Component, ...] = ()
    chained: Chained | None = None

    @classmethod
    def learn(
        cls,
        predictors: pd.DataFrame,
        kinds: Mapping[str, PredictorType],
        patients: Ints,
        *,
        counts: Ints | None = None,
        recipe: Recipe = PLAIN,
    ) -> Self:
        """Learn from development patients, or from a resample of them.

        Parameters
        ----------
        predictors : DataFrame, n rows
            Numbers as float64 with NaN where missing, categories as text with None.
        kinds : mapping of predictor to its type
        patients : int array, shape (n,)
            The patient of each row: rare levels and missing values are counted in patients, not in rows.
        counts : int array, shape (n,), optional
            How often each row was drawn; 0 leaves it out. What is learnt is what rows repeated so often would teach:
            copies count in medians, means and standard deviations. They are the same patient, who counts once.
        recipe : Recipe, optional
            What becomes of missing values, of bent numbers and of predictors that go together; without it predictors
            are imputed simply, straight and kept.

        Raises
        ------
        StatisticalRefusal
            No predictor is left (S-NO-PREDICTORS).
        InputRefused
            Two design columns would have one name (E-DUP-HEADER), or a number is too large to compute with
            (E-NOT-FINITE).
        """
        return cls.learn_coded(Coded.of(predictors, kinds, patients), counts=counts, recipe=recipe)

    @classmethod
    def learn_coded(cls, coded: Coded, *, counts: Ints | None = None, recipe: Recipe = PLAIN) -> Self:
        """Learn from coded predictors, as ``learn`` does: coded once, they are learnt from many times."""
        drawn = coded if counts is None else coded.take(np.flatnonzero(counts))
        copies = np.ones(coded.n_rows, dtype=np.int64) if counts is None else counts[counts != 0]
        varied = [name for name in drawn.names if drawn.column(name).varies]
        with np.errstate(over="ignore", invalid="ignore"):
            learnt = {
                name: learn_rule(drawn.column(name), drawn.patients, copies, knots=recipe.knots.get(name, 0))
                for name in varied
            }
            repeats = _aliased_categories(drawn, learnt)
            repeated = {alias.name for alias in repeats}
            different = [name for name in learnt if name not in repeated]
            reduction = reduction_of(drawn, different, copies, recipe.correlation)
            unused = {one.name for one in reduction.represented}
            summed_up = {name for members in reduction.summed_up for name in members}
            rules = tuple(
                straight(learnt[name]) if name in summed_up else learnt[name]
                for name in different
                if name not in unused
            )
            constants = tuple(name for name in drawn.names if name not in learnt)
            cells = coded_cells(drawn, rules)
            chained = recipe.imputation == "chained"
            filled = filled_by_chain(rules, cells, copies) if chained else filled_simply(rules, cells)
            return cls._from_filled(filled, copies, aliases=repeats, constants=constants, reduction=reduction)

    @classmethod
    def _from_filled(
        cls,
        filled: Filled,
        copies: Ints,
        *,
        aliases: list[Alias],
        constants: tuple[str, ...],
        reduction: Reduction,
    ) -> Self:
        rules, made = filled.rules, filled.made
        components = components_of(rules, made, copies, reduction.summed_up)
        sources = _sources(rules, made, components)
        names = tuple(sources)
        moments = _Moments.of(_design(made, names, components, copies.size), copies)
        _refuse_boundless(names, moments.sd)
        varied = np.flatnonzero(moments.sd > 0)
        combined = aliased_columns(moments.scaled(varied), tuple(names[place] for place in varied))
        said = {alias.name for alias in combined}
        kept = [place for place in varied if names[place] not in said]
        if not kept:
            raise _no_predictor()
        inside = {one.name: one.members for one in components}
        columns = [names[place] for place in kept]
        used = {predictor for name in columns for predictor in inside.get(sources[name], (sources[name],))}
        return cls(
            rules=tuple(rule for rule in rules if rule.predictor in used | filled.equated),
            columns=tuple(columns),
            sources=tuple(sources[names[place]] for place in kept),
            mean=tuple(moments.mean[kept].tolist()),
            sd=tuple(moments.sd[kept].tolist()),
            aliases=(*aliases, *combined),
            constants=constants,
            rare=tuple(rule.predictor for rule in rules if rule.predictor not in used | said),
            represented=reduction.represented,
            components=tuple(one for one in components if one.name in columns),
            chained=filled.chained,
        )

    @property
    def predictors(self) -> tuple[str, ...]:
        """The predictors that ``apply`` needs, in order."""
        return tuple(rule.predictor for rule in self.rules)

    def apply(self, predictors: pd.DataFrame) -> Array:
        """Return the standardised design matrix, shape (n, number of columns).

        Raises
        ------
        InputRefused
            A predictor is absent (E-MISSING-COLUMN).
        """
        return self.design_of(self.made(predictors), len(predictors))

    def apply_coded(self, coded: Coded) -> Array:
        """Return what ``apply`` returns, of predictors that were coded before."""
        return self.design_of(self._made_of(coded_cells(coded, self.rules)), coded.n_rows)

    def made(self, predictors: pd.DataFrame) -> Made:
        """Return every column that the rules make, by name, each of shape (n,), missing values filled.

        Raises
        ------
        InputRefused
            A predictor is absent (E-MISSING-COLUMN).
        """
        self.require(predictors.columns)
        return self._made_of(cells_of(predictors, self.rules))

    def _made_of(self, cells: Cells) -> Made:
        chained = self.chained
        return made_simply(self.rules, cells) if chained is None else made_by(chained, self.rules, cells)

    def design_of(self, made: Made, n_rows: int) -> Array:
        """Return the standardised design of design columns that the rules made, shape (n, number of columns)."""
        raw = _design(made, self.columns, self.components, n_rows)
        raw -= np.array(self.mean)
        raw /= np.array(self.sd)
        return raw

    def require(self, columns: Iterable[str]) -> None:
        """Make sure that every predictor is among these columns.

        Raises
        ------
        InputRefused
            A predictor is absent (E-MISSING-COLUMN).
        """
        present = set(columns)
        absent = [f"`{name}`" for name in self.predictors if name not in present]
        if absent:
            raise InputRefused(
                "E-MISSING-COLUMN",
                f"{len(absent)} of the predictors that the model needs are absent: {', '.join(absent)}",
                expected=f"the {len(self.predictors)} predictors that the model was developed with",
                to_fix="add the columns to the export, or rename them as at development",
            )

    def to_plain(self) -> dict[str, Any]:
        """Return the preparation as JSON-ready data."""
        return asdict(self)

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        """Build the preparation that ``to_plain`` described."""
        rules = tuple(_RULES[rule["kind"]](**_tuples(rule)) for rule in plain["rules"])
        aliases = tuple(Alias(**alias) for alias in plain["aliases"])
        represented = tuple(Represented(**one) for one in plain.get("represented", ()))
        components = tuple(Component(**_tuples(one)) for one in plain.get("components", ()))
        equations = plain.get("chained")
        chained = None if equations is None else Chained.from_plain(equations)
        learnt = {"rules": rules, "aliases": aliases, "represented": represented, "components": components}
        return cls(**(_tuples(plain) | learnt | {"chained": chained}))


def _aliased_categories(drawn: Coded, learnt: Mapping[str, Rule]) -> list[Alias]:
    categories = [column for name, column in drawn.categories.items() if name in learnt]
    whole = {
        column.name
        for column in categories
        if (rule := learnt[column.name]).kind != "number" and not unknown_cells(column.cells, rule.levels).any()
    }
    return aliased_categories(categories, whole=whole)


def _sources(rules: tuple[Rule, ...], made: Made, components: list[Component]) -> dict[str, str]:
    """Return the predictor of each design column, and refuse two columns of one name.

    A component stands where its first column stood. It is a predictor, to which the indicators of its members belong.
    """
    first = {one.columns[0]: one.name for one in components}
    inside = {name for one in components for name in one.columns} - set(first)
    predictor = {member: one.name for one in components for member in one.members}
    named = [
        (first.get(name, name), predictor.get(rule.predictor, rule.predictor))
        for rule in rules
        for name in rule.column_names
        if name in made and name not in inside
    ]
    twice = [f"`{name}`" for name, times in Counter(name for name, _ in named).items() if times > 1]
    if twice:
        raise InputRefused(
            "E-DUP-HEADER",
            f"more than one design column would be named {', '.join(twice)}",
            expected="no predictor that is named as a level, or the missing values, of another",
            to_fix="rename such columns or levels in the export",
        )
    return dict(named)


def _refuse_boundless(names: tuple[str, ...], sd: Array) -> None:
    boundless = [f"`{name}`" for name, spread in zip(names, sd, strict=True) if not np.isfinite(spread)]
    if boundless:
        raise InputRefused(
            "E-NOT-FINITE",
            f"numbers too large to compute with in {', '.join(boundless)}",
            expected="numbers whose mean and standard deviation exist in double precision",
            to_fix='correct the export, or give a range with above_range = "missing" (study.toml: predictors)',
        )


def _no_predictor() -> StatisticalRefusal:
    return StatisticalRefusal(
        "S-NO-PREDICTORS",
        "no predictor varies among the development patients",
        expected="at least one predictor with two different values",
        to_fix="check the columns that were set aside and the findings",
    )


def _design(made: Made, names: Sequence[str], components: Iterable[Component], n_rows: int) -> Array:
    """Return the design columns of these names before they are standardised, shape (n, number of names)."""
    scores = {one.name: one.score(stacked([made[name] for name in one.columns], n_rows)) for one in components}
    return stacked([scores[name] if name in scores else made[name] for name in names], n_rows)


@dataclass(frozen=True)
class _Moments:
    """Mean and population sd of design columns, rows counted as often as they were drawn."""

    centred: Array
    copies: Array
    mean: Array
    sd: Array

    @classmethod
    def of(cls, raw: Array, copies: Ints) -> Self:
        """Return the moments; ``raw`` becomes the centred columns."""
        weight = copies.astype(np.float64)[:, None]
        weighted = raw * weight
        mean = weighted.sum(axis=0) / weight.sum()
        raw -= mean
        np.square(raw, out=weighted)
        weighted *= weight
        return cls(raw, weight, mean, np.sqrt(weighted.sum(axis=0) / weight.sum()))

    def scaled(self, places: Ints) -> Array:
        """Return some columns, standardised, each row scaled by the root of how often it was drawn."""
        scaled: Array = self.centred[:, places] * np.sqrt(self.copies)
        scaled /= self.sd[places]
        return scaled


def _tuples(plain: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in plain.items()}
