"""What missing values cost in this study: the logistic models on several imputed data sets."""

import numpy as np

from clinpred.performance.rubin import Pooled
from clinpred.predictors.imputation import SWEEPS
from clinpred.report import imputation_contents as contents
from clinpred.study.learning import Learnt
from clinpred.study.resampling import NETWORKS
from clinpred.validation.imputations import OverImputations, Settings, over_imputations


def imputed_again(learnt: Learnt) -> dict[str, OverImputations]:
    """Develop and judge the logistic models on imputed data sets; none where missing values are filled simply."""
    preparation, study = learnt.prepared.preparation, learnt.study
    if preparation.chained is None:
        return {}
    seed = int(learnt.streams.imputation.generate_state(1)[0] % 2**31)
    return over_imputations(
        [name for name in learnt.developed if name.startswith("logistic_")],
        preparation,
        learnt.partition,
        imputations=study.preparation.imputations,
        settings=Settings(study.models.tuning, study.models.rule, seed),
        as_they_stand={name: one.model.form for name, one in learnt.developed.items() if name in NETWORKS},
    )


def imputation_contents(learnt: Learnt, found: dict[str, OverImputations]) -> contents.Imputation | None:
    """Return the imputed data sets' measures and coefficients; None where missing values are filled simply."""
    preparation, study = learnt.prepared.preparation, learnt.study
    if preparation.chained is None:
        return None
    development = learnt.partition.development
    lacking = development.predictors[list(preparation.predictors)].isna().any(axis=1)
    return contents.Imputation(
        imputations=study.preparation.imputations,
        sweeps=SWEEPS,
        incomplete=float(np.mean(lacking)),
        models={name: _model(one) for name, one in found.items()},
    )


def _model(found: OverImputations) -> contents.ImputedModel:
    return contents.ImputedModel(
        **{measure: _measure(pooled) for measure, pooled in found.measures.items()},
        is_redeveloped=found.is_redeveloped,
        coefficients=[
            contents.PooledCoefficient(
                column=one.column, per_sd=one.per_sd, lower=one.lower, upper=one.upper, between=one.between
            )
            for one in found.coefficients
        ],
    )


def _measure(pooled: Pooled | str) -> contents.PooledMeasure:
    if isinstance(pooled, str):
        return contents.PooledMeasure(estimate=None, reason=pooled)
    return contents.PooledMeasure(
        estimate=pooled.estimate,
        lower=pooled.lower,
        upper=pooled.upper,
        missing_information=pooled.fraction_missing,
    )
