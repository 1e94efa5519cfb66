"""The standardised design: dense and sparse are the same matrix, and units, copies and constants do no harm."""

import numpy as np
import pytest
from scipy import sparse

from clinpred.errors import InputRefused, StatisticalRefusal
from clinpred.models import design as design_module
from clinpred.models.classifier import LinearRiskClassifier
from clinpred.models.likelihood import mean_loss, null_coefficients, row_space, standardised_problem
from clinpred.models.ridge import ridge_path
from clinpred.models.risk_model import risk_of
from clinpred.models.rows import checked_rows


def one_hot(n=160, seed=1):
    """Predictors as sparse tables have them: a ward in ten columns, a rare number, a full number far from 0."""
    rng = np.random.default_rng(seed)
    ward = np.eye(10)[rng.integers(0, 10, n)]
    rare = np.where(rng.random(n) < 0.1, rng.normal(size=n), 0.0)
    age = 1e6 + rng.normal(size=n)
    X = np.column_stack([ward, rare, age, np.zeros(n), np.full(n, 0.1)])
    y = (rng.random(n) < risk_of(X[:, 0] + age - 1e6)).astype(float)
    return X, y, rng.uniform(0.5, 3.0, n)


FORMS = (sparse.csr_array, sparse.csc_array, sparse.coo_matrix, sparse.csr_matrix)


@pytest.mark.parametrize("form", FORMS)
def test_a_sparse_design_is_the_dense_one(form):
    X, y, weight = one_hot()
    dense, thin = standardised_problem(X, y, weight), standardised_problem(form(X), y, weight)
    np.testing.assert_allclose(thin.design[:], dense.design, atol=1e-9)
    np.testing.assert_array_equal(thin.design[5:9, 3:], thin.design[:][5:9, 3:])
    np.testing.assert_allclose(thin.center, dense.center, rtol=1e-15)
    np.testing.assert_allclose(thin.scale, dense.scale, rtol=1e-9)


def test_products_of_a_sparse_design_are_those_of_the_dense_one():
    X, y, weight = one_hot()
    offset = np.linspace(-1, 1, len(y))
    dense = standardised_problem(X, y, weight, offset=offset)
    thin = standardised_problem(sparse.csr_array(X), y, weight, offset=offset)
    coefficients = np.random.default_rng(2).normal(size=(1 + X.shape[1], 3))
    log_odds = dense.linear_predictor(coefficients)
    risk, working = risk_of(log_odds), np.array([4, 0, 12])
    np.testing.assert_allclose(thin.linear_predictor(coefficients), log_odds, atol=1e-8)
    np.testing.assert_allclose(thin.gradient(risk), dense.gradient(risk), atol=1e-10)
    np.testing.assert_allclose(thin.gradient_at(coefficients), dense.gradient(risk), atol=1e-9)
    for chosen in (None, working, np.array([3, 1]), np.array([0])):
        np.testing.assert_allclose(thin.curvature(risk[:, 0], chosen), dense.curvature(risk[:, 0], chosen), atol=1e-10)
    np.testing.assert_allclose(thin.columns(working).design[:], dense.columns(working).design, atol=1e-9)


def test_zeros_of_a_sparse_design_take_no_memory():
    X, y, weight = one_hot()
    stored = standardised_problem(sparse.csr_array(X[:, :11]), y, weight).design.stored
    assert stored.nnz == np.count_nonzero(X[:, :11])


def test_many_coefficients_at_once_are_each_as_if_alone():
    X, y, weight = one_hot()
    problem = standardised_problem(X, y, weight, offset=np.linspace(-1, 1, len(y)))
    coefficients = np.random.default_rng(2).normal(size=(1 + X.shape[1], 4))
    together = problem.linear_predictor(coefficients)
    for k, alone in enumerate(coefficients.T):
        np.testing.assert_allclose(together[:, k], problem.linear_predictor(alone), atol=1e-12)
        gradient = problem.gradient(risk_of(together[:, k]))
        np.testing.assert_allclose(problem.gradient(risk_of(together))[:, k], gradient, atol=1e-14)
        np.testing.assert_allclose(problem.gradient_at(coefficients)[:, k], gradient, atol=1e-14)


def test_gradient_and_curvature_are_the_derivatives_of_the_mean_loss():
    X, y, weight = one_hot()
    problem = standardised_problem(X[:, 1:12], y, weight, offset=np.linspace(-1, 1, len(y)))
    rng = np.random.default_rng(3)
    place, way = rng.normal(size=12), rng.normal(size=12)

    def loss(step):
        return mean_loss(y, problem.linear_predictor(place + step * way), problem.weight)

    risk = risk_of(problem.linear_predictor(place))
    h = 1e-4
    assert problem.gradient(risk) @ way == pytest.approx((loss(h) - loss(-h)) / (2 * h), rel=1e-6)
    second = (loss(h) - 2 * loss(0) + loss(-h)) / h**2
    assert way @ problem.curvature(risk) @ way == pytest.approx(second, rel=1e-5)


@pytest.mark.parametrize("bytes_a_block", [1, 2**14])
def test_the_size_of_the_blocks_does_not_show(monkeypatch, bytes_a_block):
    X, y, weight = one_hot(1000)
    whole = standardised_problem(X, y, weight)
    coefficients = np.random.default_rng(2).normal(size=(1 + X.shape[1], 2))
    gradient, curvature = whole.gradient_at(coefficients), whole.curvature(np.full(1000, 0.3))
    monkeypatch.setattr(design_module, "_BLOCK_BYTES", bytes_a_block)
    in_blocks = standardised_problem(X, y, weight)
    np.testing.assert_allclose(in_blocks.design, whole.design, atol=1e-12)
    np.testing.assert_allclose(in_blocks.gradient_at(coefficients), gradient, atol=1e-13)
    np.testing.assert_allclose(in_blocks.curvature(np.full(1000, 0.3)), curvature, atol=1e-13)


@pytest.mark.parametrize("form", [np.array, sparse.csr_array])
def test_units_of_any_size_and_constants_standardise_as_they_should(form):
    X, y, _ = one_hot()
    weight = 10.0 ** np.random.default_rng(4).uniform(-8, 8, len(y))
    plain = standardised_problem(form(X), y, weight)
    units = np.append(np.resize([1e300, 1e-200, 1e9], 11), [1.0, 1.0, 1.0])
    rescaled = standardised_problem(form(X * units), y, weight)
    np.testing.assert_allclose(rescaled.design[:], plain.design[:], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(plain.weight @ plain.design[:, 1:], 0.0, atol=1e-9)
    assert not plain.design[:, -2:].any()
    assert plain.scale[-2:].tolist() == [1.0, 1.0]


def test_the_empty_model_beside_an_offset_has_the_risk_of_the_prevalence():
    X, y, weight = one_hot()
    offset = np.random.default_rng(5).normal(size=len(y)) * 5 + 100
    problem = standardised_problem(X, y, weight, offset=offset)
    empty = null_coefficients(problem)
    assert problem.gradient(risk_of(problem.linear_predictor(empty)))[0] == pytest.approx(0.0, abs=1e-13)
    assert not empty[1:].any()


@pytest.mark.parametrize("form", [np.array, sparse.csr_array])
def test_the_row_space_has_the_log_odds_of_the_problem(form):
    rng = np.random.default_rng(6)
    X, y = rng.normal(size=(12, 30)), np.resize([0.0, 1.0], 12)
    problem = standardised_problem(form(X), y, np.ones(12))
    narrow, back = row_space(problem)
    inner = rng.normal(size=1 + narrow.n_predictors)
    assert narrow.n_predictors == 11
    np.testing.assert_allclose(back.T @ back, np.eye(11), atol=1e-12)
    full = np.append(inner[0], back @ inner[1:])
    np.testing.assert_allclose(narrow.linear_predictor(inner), problem.linear_predictor(full), atol=1e-10)


class TakesDense(LinearRiskClassifier):
    def fit(self, X, y, sample_weight=None):
        self.classes_, rows, _ = checked_rows(self, X, y, sample_weight=sample_weight)
        problem = rows.problem()
        self.intercept_, self.coef_ = problem.on_original_scale(ridge_path(problem, np.array([0.01])))
        return self

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = False
        return tags


class TakesSparse(TakesDense):
    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


@pytest.mark.parametrize("form", FORMS)
def test_an_estimator_fits_and_predicts_on_sparse_predictors_as_on_dense(form):
    X, y, weight = one_hot()
    dense = TakesSparse().fit(X, y, sample_weight=weight)
    thin = TakesSparse().fit(form(X), y, sample_weight=weight)
    np.testing.assert_allclose(thin.coef_ * X.std(axis=0), dense.coef_ * X.std(axis=0), atol=1e-10)
    np.testing.assert_allclose(thin.predict_proba(form(X)), dense.predict_proba(X), atol=1e-8)


def test_rows_of_weight_0_are_left_out_dense_or_sparse():
    X, y, weight = one_hot()
    weight[::3] = 0.0
    for form in (np.array, sparse.csr_array):
        _, rows, patients = checked_rows(TakesSparse(), form(X), y, sample_weight=weight, patients=np.arange(len(y)))
        assert rows.predictors.shape == (np.count_nonzero(weight), X.shape[1])
        assert patients.tolist() == np.flatnonzero(weight).tolist()
        taken = rows.take(rows.outcome == 1).problem()
        assert taken.n_rows == rows.outcome.sum()


def test_rows_that_all_count_are_not_copied():
    X, y, _ = one_hot()
    _, rows, _ = checked_rows(TakesSparse(), X, y)
    assert np.shares_memory(rows.predictors, X)


def refused(X, y, **more):
    with pytest.raises((InputRefused, StatisticalRefusal), match="to fix:") as caught:
        checked_rows(TakesSparse(), X, y, **more)
    return caught.value


@pytest.mark.parametrize("form", [np.array, sparse.csr_array])
def test_what_cannot_be_learnt_from_is_refused_dense_or_sparse(form):
    X, y, _ = one_hot()
    for spoilt in (np.nan, np.inf):
        bad = X.copy()
        bad[3, [0, 4]] = spoilt
        assert refused(form(bad), y).code == "E-NOT-FINITE"
        assert "2 of 14 predictors" in refused(form(bad), y).found
    assert refused(form(X[:2]), y[:2]).code == "S-FEW-ROWS"
    assert refused(form(X), y, sample_weight=np.zeros(len(y))).code == "E-DESIGN"
    assert refused(form(X), np.ones(len(y))).code == "S-ONE-CLASS"
    assert refused(form(X[:, -2:]), y).code == "S-NO-PREDICTOR"
    assert refused(form(X[:, :0]), y).code == "E-DESIGN"
    assert refused(form(X), y[1:]).code == "E-DESIGN"


def test_a_sparse_matrix_is_refused_in_words_where_an_estimator_does_not_take_one():
    X, y, _ = one_hot()
    model = TakesDense().fit(X, y)
    for use in (lambda: model.fit(sparse.csr_array(X), y), lambda: model.predict(sparse.csr_array(X))):
        with pytest.raises(InputRefused, match=r"X is sparse.*\[E-DESIGN\]"):
            use()
