"""The estimators: scikit-learn's own checks, labels, and refusals in house form."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.utils.estimator_checks import check_estimator
from threadpoolctl import threadpool_info, threadpool_limits

import clinpred.models
from clinpred.errors import ClinpredError, InputRefused, StatisticalRefusal, WrongUsage
from clinpred.models import logistic
from clinpred.models.logistic import ElasticNetLogistic, LassoLogistic, RidgeLogistic
from clinpred.models.matrix_procedure import MatrixProcedure
from clinpred.models.path import solve_path
from clinpred.models.unpenalised import UnpenalisedLogistic

GIVEN = [UnpenalisedLogistic(), RidgeLogistic(0.1), LassoLogistic(0.05), ElasticNetLogistic(0.05, 0.5)]
TUNED = [RidgeLogistic(), RidgeLogistic("aicc"), LassoLogistic(), ElasticNetLogistic(l1_share=0.5)]


def simulated(n=80):
    rng = np.random.default_rng(1)
    X = rng.normal(size=(n, 3))
    return X, (rng.random(n) < 1 / (1 + np.exp(-X[:, 0]))).astype(int)


@pytest.mark.parametrize("estimator", GIVEN, ids=str)
def test_scikit_learns_checks_pass(estimator):
    check_estimator(estimator, on_skip=None)


@pytest.mark.slow
@pytest.mark.parametrize("estimator", [*TUNED, ElasticNetLogistic(n_folds=3)], ids=str)
def test_scikit_learns_checks_pass_where_the_strength_is_tuned(estimator):
    check_estimator(estimator, on_skip=None)


@pytest.mark.parametrize("estimator", GIVEN, ids=str)
def test_coefficients_are_on_the_original_scale(estimator):
    X, y = simulated()
    model = clone(estimator).fit(X, y)
    assert model.coef_.shape == (1, 3)
    assert model.intercept_.shape == (1,)
    lp = X @ model.coef_[0] + model.intercept_[0]
    np.testing.assert_allclose(model.decision_function(X), lp)
    np.testing.assert_allclose(model.predict_proba(X)[:, 1], 1 / (1 + np.exp(-lp)))
    np.testing.assert_allclose(model.predict_proba(X).sum(axis=1), 1.0)


def test_the_event_is_the_label_that_sorts_last_whatever_the_labels():
    X, y = simulated()
    numbers, words = RidgeLogistic(0.1).fit(X, y), RidgeLogistic(0.1).fit(X, np.where(y == 1, "yes", "no"))
    assert words.classes_.tolist() == ["no", "yes"]
    np.testing.assert_array_equal(numbers.coef_, words.coef_)
    assert set(words.predict(X)) == {"no", "yes"}


def test_a_data_frame_gives_its_column_names():
    X, y = simulated()
    frame = pd.DataFrame(X, columns=["age", "pulse", "lactate"])
    model = RidgeLogistic(0.1).fit(frame, pd.Series(y))
    assert model.feature_names_in_.tolist() == ["age", "pulse", "lactate"]
    np.testing.assert_allclose(model.predict_proba(frame), RidgeLogistic(0.1).fit(X, y).predict_proba(X))


def test_risks_far_from_one_half_do_not_overflow():
    X, y = simulated()
    model = RidgeLogistic(0.1).fit(X, y)
    risks = model.predict_proba([[1e6, 0.0, 0.0], [-1e6, 0.0, 0.0]])
    assert np.isfinite(risks).all()
    assert sorted(risks[:, 1]) == [0.0, 1.0]


@pytest.mark.parametrize("spoilt", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("estimator", GIVEN, ids=str)
def test_what_is_not_finite_is_refused_in_fit_and_in_prediction(estimator, spoilt):
    X, y = simulated()
    bad = X.copy()
    bad[3, 1] = spoilt
    with pytest.raises(InputRefused, match=r"NaN or inf in 1 of 3 predictors \[E-NOT-FINITE\]"):
        clone(estimator).fit(bad, y)
    with pytest.raises(InputRefused, match="E-NOT-FINITE"):
        clone(estimator).fit(X, y).predict_proba(bad)


def refusal(X, y, **more):
    with pytest.raises(ValueError, match="expected:") as caught:
        RidgeLogistic(0.1).fit(X, y, **more)
    return caught.value


def test_wrong_data_are_refused_in_house_form():
    X, y = simulated()
    n = len(y)
    assert refusal(X[:2], y[:2]).code == "S-FEW-ROWS"
    assert refusal(X, np.ones(n)).code == "S-ONE-CLASS"
    assert refusal(X, y, sample_weight=(y == 1).astype(float)).code == "S-ONE-CLASS"
    assert refusal(X, np.arange(n) % 3).code == "S-NOT-BINARY"
    assert refusal(np.ones((n, 2)), y).code == "S-NO-PREDICTOR"
    assert refusal(X, y, sample_weight=np.zeros(n)).code in {"E-DESIGN", "S-FEW-ROWS"}
    assert refusal(X, y, sample_weight=np.full(n, -1.0)).code == "E-DESIGN"
    assert refusal(X, y[:-1]).code == "E-DESIGN"
    assert refusal(X, y, patients=np.arange(n - 1)).code == "E-LENGTH"
    assert refusal(X[:, :0], y).code == "E-DESIGN"
    assert refusal(X[:, 0], y).code == "E-DESIGN"


def test_a_word_among_numbers_is_refused_without_being_quoted():
    X, y = simulated()
    words = X.astype(object)
    words[0, 0] = "Smith"
    assert "Smith" not in str(refusal(words, y))


@pytest.mark.parametrize(
    "estimator",
    [
        RidgeLogistic(0.0),
        RidgeLogistic(-1.0),
        RidgeLogistic(np.inf),
        RidgeLogistic("best"),
        RidgeLogistic(True),
        RidgeLogistic(n_folds=1),
        RidgeLogistic(n_folds=2.5),
        ElasticNetLogistic(0.1),
        ElasticNetLogistic(0.1, 1.5),
        ElasticNetLogistic(0.1, -0.1),
        ElasticNetLogistic(l1_share="best"),
        RidgeLogistic(rule="simple"),
        RidgeLogistic(0.1, rule="one_standard_error"),
        RidgeLogistic("aicc", rule="one_standard_error"),
    ],
    ids=str,
)
def test_settings_out_of_range_are_wrong_usage(estimator):
    X, y = simulated()
    with pytest.raises(WrongUsage, match="E-SETTING"):
        estimator.fit(X, y)


def test_refusals_of_the_statistics_are_refusals():
    X, _ = simulated()
    with pytest.raises(StatisticalRefusal):
        UnpenalisedLogistic().fit(X, np.zeros(len(X)))


def test_the_names_are_offered_by_the_package():
    for name in ("UnpenalisedLogistic", "RidgeLogistic", "LassoLogistic", "ElasticNetLogistic"):
        assert getattr(clinpred.models, name).__name__ == name


@pytest.mark.parametrize(
    "estimator",
    [RidgeLogistic(), LassoLogistic(rule="one_standard_error"), RidgeLogistic("kfold"), ElasticNetLogistic("aicc")],
)
def test_a_refit_of_a_replicate_is_the_fit_of_its_rows(estimator):
    X, y = simulated(150)
    counts = np.bincount(np.random.default_rng(5).integers(len(y), size=len(y)), minlength=len(y))
    procedure = MatrixProcedure({"model": estimator}, X, y)
    replicate = procedure.refit(counts, seed=3).models["model"]
    drawn = counts > 0
    whole = clone(estimator).set_params(random_state=3)
    whole.fit(X[drawn], y[drawn], sample_weight=counts[drawn], patients=np.flatnonzero(drawn))
    assert (replicate.strength, replicate.l1_share) == (whole.strength_, whole.l1_share_)
    np.testing.assert_allclose(list(replicate.coefficients.values()), whole.coef_[0], rtol=0, atol=1e-8)
    np.testing.assert_allclose(replicate.linear_predictor, whole.decision_function(X), rtol=0, atol=1e-7)


def test_a_refit_describes_no_path_and_refuses_what_a_fit_refuses():
    X, y = simulated(150)
    assert not hasattr(RidgeLogistic().refit(X, y), "path_")
    assert RidgeLogistic(0.1).refit(X, y).coef_.tobytes() == RidgeLogistic(0.1).fit(X, y).coef_.tobytes()
    with pytest.raises(StatisticalRefusal, match="S-ONE-CLASS"):
        RidgeLogistic().refit(X, np.zeros(len(y)))
    with pytest.raises(WrongUsage, match="E-SETTING"):
        LassoLogistic(rule="best").refit(X, y)


def test_a_fit_does_its_linear_algebra_on_one_thread_and_gives_the_others_back(monkeypatch):
    X, y = simulated(150)
    seen = []

    def watched(*args, **kwargs):
        seen.append(blas_threads())
        return solve_path(*args, **kwargs)

    monkeypatch.setattr(logistic, "solve_path", watched)
    with threadpool_limits(2, user_api="blas"):
        before = blas_threads()
        RidgeLogistic(0.1).fit(X, y)
        assert blas_threads() == before
    assert set(seen[0]) == {1}


def blas_threads():
    return [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]


@pytest.mark.parametrize(
    "labels",
    [np.array(["sec1ret", 1, None] * 20, dtype=object), np.array([77, 88] * 30, dtype=object), 1j * np.arange(60)],
    ids=["mixed", "numbers as objects", "complex"],
)
def test_no_refusal_quotes_a_cell(labels):
    X = np.random.default_rng(1).normal(size=(60, 2))
    for arguments in ({"y": labels}, {"y": np.arange(60) % 2, "patients": labels}):
        try:
            RidgeLogistic(0.1).fit(X, **arguments)
        except (ClinpredError, TypeError) as refused:
            said = str(refused)
            assert "sec1ret" not in said
            assert "77" not in said
            assert "+1.j" not in said


@pytest.mark.parametrize("missing", [np.nan, None, "NaT"])
def test_rows_that_name_no_patient_are_not_one_patients(missing):
    X, y = np.random.default_rng(1).normal(size=(60, 2)), np.arange(60) % 2
    patients = np.array(["2020-01-01"] * 30 + [missing] * 30, dtype="datetime64[D]") if missing == "NaT" else None
    patients = np.array([*range(30), *[missing] * 30], dtype=object) if patients is None else patients
    with pytest.raises(InputRefused) as refused:
        RidgeLogistic(0.1).fit(X, y, patients=patients)
    assert refused.value.code == "E-MISSING"
