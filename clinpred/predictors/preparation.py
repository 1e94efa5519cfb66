"""The preparation: everything learnt about predictors on development patients, as plain frozen data with ``apply``."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clinpred.errors import InputRefused, StatisticalRefusal
from clinpred.predictors.aliases import Alias, aliased_categories, aliased_columns
from clinpred.predictors.coded import Coded, Ints
from clinpred.predictors.encoding import (
    CategoryRule,
    DesignColumns,
    NumberRule,
    OrderedRule,
    Rule,
    learn_rule,
    stacked,
    unknown_cells,
)
from clinpred.records.findings import Finding
from clinpred.records.types import PredictorType

Array = NDArray[np.float64]
_RULES: dict[str, type[NumberRule] | type[OrderedRule] | type[CategoryRule]] = {
    "number": NumberRule,
    "ordered": OrderedRule,
    "category": CategoryRule,
}


@dataclass(frozen=True)
class Preparation:
    """Imputation, levels, scaling and dropped columns, learnt once and applied to anyone.

    ``columns`` are the design columns kept, ``sources`` the predictor of each, ``mean`` and ``sd`` (population) those
    of the development patients. ``apply`` gives the standardised design matrix.
    """

    rules: tuple[Rule, ...]
    columns: tuple[str, ...]
    sources: tuple[str, ...]
    mean: tuple[float, ...]
    sd: tuple[float, ...]
    aliases: tuple[Alias, ...]
    constants: tuple[str, ...]
    rare: tuple[str, ...]

    @classmethod
    def learn(
        cls,
        predictors: pd.DataFrame,
        kinds: Mapping[str, PredictorType],
        patients: Ints,
        *,
        counts: Ints | None = None,
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

        Raises
        ------
        StatisticalRefusal
            No predictor is left (S-NO-PREDICTORS).
        InputRefused
            Two design columns would have one name (E-DUP-HEADER), or a number is too large to compute with
            (E-NOT-FINITE).
        """
        return cls.learn_coded(Coded.of(predictors, kinds, patients), counts=counts)

    @classmethod
    def learn_coded(cls, coded: Coded, *, counts: Ints | None = None) -> Self:
        """Learn from coded predictors, as ``learn`` does: coded once, they are learnt from many times."""
        drawn = coded if counts is None else coded.take(np.flatnonzero(counts))
        copies = np.ones(coded.n_rows, dtype=np.int64) if counts is None else counts[counts != 0]
        varied = [name for name in drawn.names if drawn.column(name).varies]
        with np.errstate(over="ignore", invalid="ignore"):
            learnt = {name: learn_rule(drawn.column(name), drawn.patients, copies) for name in varied}
            repeats = _aliased_categories(drawn, learnt)
            repeated = {alias.name for alias in repeats}
            rules = tuple(rule for name, rule in learnt.items() if name not in repeated)
            constants = tuple(name for name in drawn.names if name not in learnt)
            return cls._from_rules(rules, drawn, copies, aliases=repeats, constants=constants)

    @classmethod
    def _from_rules(
        cls, rules: tuple[Rule, ...], drawn: Coded, copies: Ints, *, aliases: list[Alias], constants: tuple[str, ...]
    ) -> Self:
        sources = _sources(rules)
        names = tuple(sources)
        moments = _Moments.of(_raw(rules, drawn, names), copies)
        _refuse_boundless(names, moments.sd)
        varied = np.flatnonzero(moments.sd > 0)
        combined = aliased_columns(moments.scaled(varied), tuple(names[place] for place in varied))
        said = {alias.name for alias in combined}
        kept = [place for place in varied if names[place] not in said]
        if not kept:
            raise _no_predictor()
        used = {sources[names[place]] for place in kept}
        return cls(
            rules=tuple(rule for rule in rules if rule.predictor in used),
            columns=tuple(names[place] for place in kept),
            sources=tuple(sources[names[place]] for place in kept),
            mean=tuple(moments.mean[kept].tolist()),
            sd=tuple(moments.sd[kept].tolist()),
            aliases=(*aliases, *combined),
            constants=constants,
            rare=tuple(rule.predictor for rule in rules if rule.predictor not in used | said),
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
        self.require(predictors.columns)
        names = [name for rule in self.rules for name in rule.column_names]
        places = {name: place for place, name in enumerate(names)}
        raw = np.column_stack([rule.encode(predictors[rule.predictor]) for rule in self.rules])
        return self._standardised(raw[:, [places[name] for name in self.columns]])

    def apply_coded(self, coded: Coded) -> Array:
        """Return what ``apply`` returns, of predictors that were coded before."""
        return self._standardised(_raw(self.rules, coded, self.columns))

    def _standardised(self, raw: Array) -> Array:
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

    @property
    def findings(self) -> list[Finding]:
        """What was dropped or pooled, by name."""
        return [
            *self._alias_findings(),
            *self._constant_findings(),
            *self._rare_findings(),
            *self._pool_findings(),
        ]

    def to_plain(self) -> dict[str, Any]:
        """Return the preparation as JSON-ready data."""
        return asdict(self)

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        """Build the preparation that ``to_plain`` described."""
        rules = tuple(_RULES[rule["kind"]](**_tuples(rule)) for rule in plain["rules"])
        aliases = tuple(Alias(**alias) for alias in plain["aliases"])
        return cls(**(_tuples(plain) | {"rules": rules, "aliases": aliases}))

    def _alias_findings(self) -> list[Finding]:
        advice = "nothing to do: the information stays in the model through the other columns"
        return [Finding("W-ALIAS", "note", alias.sentence, advice, column=alias.name) for alias in self.aliases]

    def _constant_findings(self) -> list[Finding]:
        text = "`{}` has one value among the development patients: dropped"
        advice = "nothing to do, unless it should vary: then check the export"
        return [Finding("W-CONSTANT", "note", text.format(name), advice, column=name) for name in self.constants]

    def _rare_findings(self) -> list[Finding]:
        text = "`{}` differs in fewer than 8 development patients: not used"
        advice = "nothing to do, unless it matters: then gather more patients or merge levels in the export"
        return [Finding("W-RARE-LEVEL", "caution", text.format(name), advice, column=name) for name in self.rare]

    def _pool_findings(self) -> list[Finding]:
        advice = "nothing to do, unless such a level matters: then merge levels in the export"
        return [
            Finding("W-RARE-LEVEL", "note", _fate_of_rare(rule), advice, column=rule.predictor)
            for rule in self.rules
            if rule.kind == "category" and (rule.pool or rule.unpooled)
        ]


def _fate_of_rare(rule: CategoryRule) -> str:
    fate = "pooled" if rule.pool else "handled as missing: together they are too few for a pool"
    return f"`{rule.predictor}`: levels that fewer than 8 development patients have are {fate}"


def _aliased_categories(drawn: Coded, learnt: Mapping[str, Rule]) -> list[Alias]:
    categories = [column for name, column in drawn.categories.items() if name in learnt]
    whole = {
        column.name
        for column in categories
        if (rule := learnt[column.name]).kind != "number" and not unknown_cells(column.cells, rule.levels).any()
    }
    return aliased_categories(categories, whole=whole)


def _sources(rules: tuple[Rule, ...]) -> dict[str, str]:
    """Return the predictor of each design column, and refuse two columns of one name."""
    named = [(name, rule.predictor) for rule in rules for name in rule.column_names]
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


def _raw(rules: tuple[Rule, ...], coded: Coded, names: Collection[str]) -> Array:
    """Return the design columns of these names before they are standardised, shape (n, number of names)."""
    wanted = set(names)
    made = [pair for rule in rules for pair in zip(rule.column_names, _design_columns(rule, coded), strict=True)]
    return stacked([column for name, column in made if name in wanted], coded.n_rows)


def _design_columns(rule: Rule, coded: Coded) -> DesignColumns:
    if rule.kind == "number":
        return rule.design_columns(coded.numbers[rule.predictor].cells)
    return rule.design_columns(coded.categories[rule.predictor].cells)


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
