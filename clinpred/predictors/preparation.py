"""The preparation: everything learnt about predictors on development patients, as plain frozen data with ``apply``."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clinpred.errors import InputRefused, StatisticalRefusal
from clinpred.predictors.aliases import Alias, aliased_categories, aliased_columns
from clinpred.predictors.encoding import CategoryRule, NumberRule, OrderedRule, Rule, learn_rule
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
    """Imputation, levels, scaling and dropped aliases, learnt once and applied to anyone.

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
        """
        constants = [name for name in predictors.columns if predictors[name].nunique() < 2]
        varied = predictors.drop(columns=constants)
        repeats = aliased_categories(varied, dict(kinds))
        kept = varied.drop(columns=[alias.name for alias in repeats])
        rules = tuple(learn_rule(kept[name], kinds[name], patients) for name in kept.columns)
        return cls._from_rules(rules, kept, aliases=repeats, constants=constants)

    @classmethod
    def _from_rules(
        cls, rules: tuple[Rule, ...], predictors: pd.DataFrame, *, aliases: list[Alias], constants: list[str]
    ) -> Self:
        names = tuple(name for rule in rules for name in rule.column_names)
        sources = {name: rule.predictor for rule in rules for name in rule.column_names}
        raw = _encode(rules, predictors)
        mean, sd = raw.mean(axis=0), raw.std(axis=0)
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
        return cls(
            rules=rules,
            columns=tuple(names[place] for place in kept),
            sources=tuple(sources[names[place]] for place in kept),
            mean=tuple(float(mean[place]) for place in kept),
            sd=tuple(float(sd[place]) for place in kept),
            aliases=(*aliases, *combined),
            constants=tuple(constants),
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
        absent = [f"`{name}`" for name in self.predictors if name not in predictors.columns]
        if absent:
            raise InputRefused(
                "E-MISSING-COLUMN",
                f"{len(absent)} of the predictors that the model needs are absent: {', '.join(absent)}",
                expected=f"the {len(self.predictors)} predictors that the model was developed with",
                to_fix="add the columns to the export, or rename them as at development",
            )
        names = [name for rule in self.rules for name in rule.column_names]
        places = {name: place for place, name in enumerate(names)}
        raw = _encode(self.rules, predictors)[:, [places[name] for name in self.columns]]
        standardised: Array = (raw - np.array(self.mean)) / np.array(self.sd)
        return standardised

    @property
    def findings(self) -> list[Finding]:
        """What was dropped or pooled, by name."""
        return [*self._alias_findings(), *self._constant_findings(), *self._pool_findings()]

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

    def _pool_findings(self) -> list[Finding]:
        text = "`{}`: levels that fewer than 8 development patients have are pooled"
        advice = "nothing to do, unless a pooled level matters: then merge levels in the export"
        return [
            Finding("W-RARE-LEVEL", "note", text.format(rule.predictor), advice, column=rule.predictor)
            for rule in self.rules
            if rule.kind == "category" and rule.pool
        ]


def _encode(rules: tuple[Rule, ...], predictors: pd.DataFrame) -> Array:
    blocks = [rule.encode(predictors[rule.predictor]) for rule in rules]
    return np.column_stack(blocks) if blocks else np.empty((len(predictors), 0))


def _tuples(plain: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in plain.items()}
