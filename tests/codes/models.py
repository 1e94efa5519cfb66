"""What models are learnt from, and fits that end badly."""

import numpy as np
import pandas as pd
from codes_situations import BASE, KNOWN, Situation, called, csv_of, heard

from clinpred import assemble, hold_out_patients, models, performance, prepare, read_export
from clinpred.explanation import accumulated_local_effects
from clinpred.models.fleet import train_fleet
from clinpred.models.fleet_settings import FleetSettings, Member, Split
from clinpred.models.matrix_procedure import MatrixProcedure
from clinpred.models.risk_model import LinearForm, RiskModel
from clinpred.predictors.nonlinear import knot_findings
from clinpred.predictors.preparation import Preparation
from clinpred.predictors.preparation_findings import preparation_findings
from clinpred.records.types import PredictorType
from clinpred.settings.correlation import Correlation
from clinpred.settings.recipe import Recipe
from clinpred.settings.study import study_from
from clinpred.validation.bootstrap import bootstrap
from clinpred.validation.point_632 import point_632

_RNG = np.random.default_rng(1)
X = _RNG.normal(size=(60, 3))
Y = (_RNG.random(60) < 1 / (1 + np.exp(-X[:, 0]))).astype(int)
N = len(BASE["died"])


def fit(predictors=X, labels=Y, **settings):
    return lambda: [models.UnpenalisedLogistic(**settings).fit(predictors, labels)]


def ridge(labels=Y, **settings):
    return lambda: [models.RidgeLogistic(**settings).fit(X, labels)]


def trained(learning_rate):
    """Return a call that trains a network of two small layers."""

    def call():
        settings = FleetSettings(epochs=20, patience=5, learning_rate=learning_rate)
        everyone = Split(np.ones(60), np.ones(60), np.zeros(X.shape[1]), np.ones(X.shape[1]))
        members = [Member(1, hidden=(4, 3))]
        return [train_fleet(X, Y.astype(float), members=members, splits=[everyone], settings=settings)]

    return call


def on_backend(name):
    def by(place):
        place.patch.setenv("KERAS_BACKEND", name)
        return heard(trained(0.01))

    return by


def prepared(*, correlation=None, **others):
    """Return a way to learn the preparation of an export, with what it noticed."""
    study = study_from({"outcome": {"column": "died"}, **KNOWN}, source="study.toml")

    def by(place):
        cohort, _ = assemble(read_export(place.file(csv_of({**BASE, **others}))), study)
        asked = Correlation.model_validate(correlation or {})
        return heard(lambda: preparation_findings(prepare(cohort, recipe=Recipe(correlation=asked)).preparation))

    return by


def bent(**others):
    """Return a way to ask for five knots of months, with what is noticed of them."""
    study = study_from({"outcome": {"column": "died"}, **KNOWN}, source="study.toml")

    def by(place):
        cohort, _ = assemble(read_export(place.file(csv_of({**BASE, **others}))), study)
        found = prepare(cohort, recipe=Recipe(knots={"months": 5})).preparation
        return heard(lambda: knot_findings(found, {"months": 5}, ["months"]))

    return by


def held_out(events):
    """Return a way to hold patients out of a cohort of so many events."""
    study = study_from({"outcome": {"column": "died"}, **KNOWN}, source="study.toml")

    def by(place):
        columns = {**BASE, "died": (np.arange(N) % (N // events) == 0).astype(int)}
        cohort, _ = assemble(read_export(place.file(csv_of(columns))), study)
        return heard(lambda: [hold_out_patients(cohort, 0.25, np.random.default_rng(20))])

    return by


def weighed_by_632(*, out_of_bag):
    """Return a call that asks a bootstrap for .632+."""
    procedure = MatrixProcedure({"ridge": models.RidgeLogistic(0.1)}, X, Y)
    return lambda: [point_632(bootstrap(procedure, replicates=2, out_of_bag=out_of_bag, seed=1, workers=1))]


def effect_of_a_shift(patients):
    """Return a call for the effect of a number that has a second value in so many patients."""
    table = pd.DataFrame({"age": np.arange(N) % 40.0, "shift": (np.arange(N) < patients).astype(float)})
    kinds = dict.fromkeys(table, PredictorType("number"))
    learnt = Preparation.learn(table, kinds, np.arange(N))
    model = RiskModel("by hand", learnt, LinearForm(0.0, np.ones(2)))
    return lambda: [accumulated_local_effects(model, table.assign(age=table["shift"]), "age")]


def slope(*risks):
    return lambda: [performance.calibration_slope([0, 0, 1, 1] * 25, list(risks) * 25)]


def wards(one, other):
    """Return wards, ten patients of which lie in these two."""
    ward = np.array(BASE["ward"])
    ward[:5], ward[5:10] = one, other
    return ward


FIRES = {
    "E-DESIGN": called(fit(X[:, 0]), fit(X[:, :1])),
    "E-OUT-OF-BAG": called(weighed_by_632(out_of_bag=False), weighed_by_632(out_of_bag=True)),
    "E-SETTING": called(ridge(strength=-1.0), ridge(strength=1.0)),
    "R-BACKEND": Situation(on_backend("tensorflow"), on_backend("jax")),
    "S-DIVERGED": called(trained(1e25), trained(0.01)),
    "S-FEW-EVENTS": Situation(held_out(1), held_out(8)),
    "S-FEW-ROWS": called(fit(X[:2], [0, 1]), fit(X[:3], [0, 1, 0])),
    "S-NO-PREDICTOR": called(fit(np.ones((60, 2))), fit(np.column_stack([np.ones(60), X[:, 0]]))),
    "S-NOT-BINARY": called(fit(labels=np.arange(60) % 3), fit(labels=np.arange(60) % 2)),
    "S-NOT-CONVERGED": called(slope(0.1, 0.2, 0.3, 0.4), slope(0.1, 0.3, 0.2, 0.4)),
    "S-NOT-DENSE": called(effect_of_a_shift(7), effect_of_a_shift(8)),
    "W-ALIAS": Situation(prepared(months=BASE["age"] * 12), prepared(months=BASE["age"] * 12 + np.arange(N) % 7)),
    "W-CLUSTER": Situation(
        prepared(correlation={"policy": "summary"}, months=BASE["age"] * 12 + np.arange(N) % 7),
        prepared(months=BASE["age"] * 12 + np.arange(N) % 7),
    ),
    "W-KNOTS": Situation(bent(months=np.arange(N) % 2), bent(months=np.arange(N))),
    "W-RARE-LEVEL": Situation(prepared(ward=wards("west", "isle")), prepared(ward=wards("west", "west"))),
}
