"""Whether which values are missing tells the outcome: such a model leans on who was measured, and will not travel."""

import numpy as np
from numpy.typing import NDArray

from clinpred.models.logistic import RidgeLogistic
from clinpred.performance import auroc
from clinpred.predictors.encoding import FEWEST_PATIENTS
from clinpred.records.cohort import Cohort
from clinpred.records.findings import Finding
from clinpred.records.partition import Partition

LARGEST_AUROC = 0.7


def missingness_findings(partition: Partition, *, seed: int) -> list[Finding]:
    """Return W-MISSINGNESS where indicators of missing values alone have a held-out AUROC above .7.

    They are all the predictors' that at least eight development patients lack and eight have, in a ridge model learnt
    from development patients.
    """
    development, held_out = partition.development, partition.held_out
    names = [name for name in map(str, development.predictors.columns) if _varies(development, name)]
    if not names:
        return []
    learnt = RidgeLogistic(random_state=seed).fit(
        _indicators(development, names), development.outcome, patients=development.patients
    )
    found = auroc(held_out.outcome, learnt.predict_proba(_indicators(held_out, names))[:, 1])
    if found <= LARGEST_AUROC:
        return []
    what = f"whether `{names[0]}` is missing" if len(names) == 1 else f"which of {len(names)} predictors are missing"
    text = f"{what} tells the outcome: AUROC {found:.2f} on held-out patients from that alone"
    advice = "find out why values are missing; where patients are measured for other reasons, the model will not hold"
    return [Finding("W-MISSINGNESS", "caution", text, advice)]


def _varies(development: Cohort, name: str) -> bool:
    missing = development.predictors[name].isna().to_numpy()
    patients = [np.unique(development.patients[rows]).size for rows in (missing, ~missing)]
    return min(patients) >= FEWEST_PATIENTS


def _indicators(cohort: Cohort, names: list[str]) -> NDArray[np.float64]:
    return cohort.predictors[names].isna().to_numpy(dtype=np.float64)
