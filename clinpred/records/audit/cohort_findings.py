"""What must be known of a cohort before anything is learnt from it: leaks, hidden repeats, row order, the outcome."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from clinpred.records.audit.leaks import find_leaks, leak_findings, name_findings
from clinpred.records.audit.outcome_findings import event_findings, missing_outcome_findings
from clinpred.records.audit.repeats import hidden_repeats
from clinpred.records.audit.row_order import order_findings
from clinpred.records.findings import Finding
from clinpred.records.id_names import looks_like_id
from clinpred.records.outcome import MISSING, DerivedOutcome
from clinpred.records.read import Export
from clinpred.settings.study import Study


def cohort_findings(
    export: Export, study: Study, derived: DerivedOutcome, *, predictors: Sequence[str]
) -> list[Finding]:
    """Return what is noticed of a cohort's outcome, patients and candidate predictors.

    Raises
    ------
    StatisticalRefusal
        S-GROUP: no patient id is declared, and patients repeat.
    """
    outcome, roles = derived.values, study.roles
    leaks = find_leaks(export, outcome, columns=predictors, index_date=roles.index_date, patient=roles.patient)
    without_role = [column for column in export.types if column not in {*study.outcome.columns, *roles.columns}]
    return [
        *leak_findings(leaks, study.keep),
        *name_findings(predictors, leaks, study.keep),
        *(hidden_repeats(export, predictors) if roles.patient is None else ()),
        *order_findings(
            export,
            outcome,
            patient=roles.patient,
            ids=[column for column in without_role if looks_like_id(column)],
            sources=[] if roles.site is None else [roles.site],
        ),
        *missing_outcome_findings(export, _missing(derived), predictors),
        *event_findings(outcome, name=study.outcome.rule, event=derived.event),
    ]


def _missing(derived: DerivedOutcome) -> NDArray[np.bool_]:
    return derived.excluded.get(MISSING, np.zeros(derived.values.shape, dtype=bool))
