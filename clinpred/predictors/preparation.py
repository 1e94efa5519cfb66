"""The preparation: everything learnt about predictors on development patients, as plain frozen data with ``apply``."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clinpred.errors import InputRefused, StatisticalRefusal
from clinpred.predictors.aliases import Alias, aliased_categories, aliased_columns
from clinpred.predictors.encoding import CategoryRule, NumberRule, OrderedRule, Rule, learn_rule, unknown_levels
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
    def learn(cls, predictors: pd.DataFrame, kinds: Mapping[str, PredictorType], patients: NDArray[np.int64]) -> Self:
        """Learn from development patients.

        Parameters
        ----------
        predictors : DataFrame, n rows
            Numbers as float64 with NaN where missing, categories as text with None.
        kinds : mapping of predictor to its type
        patients : int array, shape (n,)
            The patient of each row: counts are of patients, not of rows.

        Raises
        ------
        StatisticalRefusal
            No predictor is left (S-NO-PREDICTORS).
        InputRefused
            Two design columns would have one name (E-DUP-HEADER), or a number is too large to compute with
            (E-NOT-FINITE).
        """
        constants = [name for name in predictors.columns if predictors[name].nunique() < 2]
        varied = predictors.drop(columns=constants)
        with np.errstate(over="ignore", invalid="ignore"):
            learnt = {str(name): learn_rule(varied[name], kinds[name], patients) for name in varied.columns}
            whole = [name for name, rule in learnt.items() if not unknown_levels(rule, varied[name]).any()]
            repeats = aliased_categories(varied, dict(kinds), whole=whole)
            kept = varied.drop(columns=[alias.name for alias in repeats])
            rules = tuple(learnt[name] for name in kept.columns)
            return cls._from_rules(rules, kept, aliases=repeats, constants=constants)

    @classmethod
    def _from_rules(
        cls, rules: tuple[Rule, ...], predictors: pd.DataFrame, *, aliases: list[Alias], constants: list[str]
    ) -> Self:
        names = tuple(name for rule in rules for name in rule.column_names)
        _refuse_repeated(names)
        sources = {name: rule.predictor for rule in rules for name in rule.column_names}
        raw = _encode(rules, predictors)
        mean, sd = raw.mean(axis=0), raw.std(axis=0)
        _refuse_boundless(names, sd)
        varied = [place for place in range(len(names)) if sd[place] > 0]
        standardised = (raw[:, varied] - mean[varied]) / sd[varied]
        combined = aliased_columns(standardised, tuple(names[place] for place in varied)) if varied else []
        dropped = {alias.name for alias in combined}
        kept = [place for place in varied if names[place] not in dropped]
        if not kept:
            raise StatisticalRefusal(
                "S-NO-PREDICTORS",
                "no predictor varies among the development patients",
                expected="at least one predictor with two different values",
                to_fix="check the columns that were set aside and the findings",
            )
        used = {sources[names[place]] for place in kept}
        said = {alias.name for alias in combined}
        return cls(
            rules=tuple(rule for rule in rules if rule.predictor in used),
            columns=tuple(names[place] for place in kept),
            sources=tuple(sources[names[place]] for place in kept),
            mean=tuple(float(mean[place]) for place in kept),
            sd=tuple(float(sd[place]) for place in kept),
            aliases=(*aliases, *combined),
            constants=tuple(constants),
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
        raw = _encode(self.rules, predictors)[:, [places[name] for name in self.columns]]
        standardised: Array = (raw - np.array(self.mean)) / np.array(self.sd)
        return standardised

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


def _refuse_repeated(names: tuple[str, ...]) -> None:
    twice = [f"`{name}`" for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        raise InputRefused(
            "E-DUP-HEADER",
            f"more than one design column would be named {', '.join(twice)}",
            expected="no predictor that is named as a level, or the missing values, of another",
            to_fix="rename such columns or levels in the export",
        )


def _refuse_boundless(names: tuple[str, ...], sd: Array) -> None:
    boundless = [f"`{name}`" for name, spread in zip(names, sd, strict=True) if not np.isfinite(spread)]
    if boundless:
        raise InputRefused(
            "E-NOT-FINITE",
            f"numbers too large to compute with in {', '.join(boundless)}",
            expected="numbers whose mean and standard deviation exist in double precision",
            to_fix='correct the export, or give a range with above_range = "missing" (study.toml: predictors)',
        )


def _encode(rules: tuple[Rule, ...], predictors: pd.DataFrame) -> Array:
    blocks = [rule.encode(predictors[rule.predictor]) for rule in rules]
    return np.column_stack(blocks) if blocks else np.empty((len(predictors), 0))


def _tuples(plain: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in plain.items()}
