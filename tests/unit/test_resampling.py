"""Resamples: draws of patients, and a procedure that is run on each of them in one process or in several."""

import os
import pickle
import signal
import sys
from dataclasses import dataclass

import numpy as np
import pytest

from clinpred.errors import ClinpredError, InputRefused, ResourceRefused, StatisticalRefusal, WrongUsage
from clinpred.models import RidgeLogistic, UnpenalisedLogistic
from clinpred.models.matrix_procedure import MatrixProcedure
from clinpred.models.procedure import Refits
from clinpred.performance import calibration_curve, decision_curve
from clinpred.performance.net_benefit import DECISION_THRESHOLDS
from clinpred.validation.bootstrap import MOST_WATCHED, bootstrap, watched_rows
from clinpred.validation.resampling import counting_resamples, patient_draws, run_resamples


def data(n=120, p=3, *, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p))
    return X, (rng.random(n) < 1 / (1 + np.exp(0.5 - X[:, 0]))).astype(float)


def procedure(n=120, **estimators):
    return MatrixProcedure(estimators or {"logistic": UnpenalisedLogistic(), "ridge": RidgeLogistic(0.05)}, *data(n))


def coefficients_of(counts, refits):
    return counts, {name: refit.coefficients for name, refit in refits.models.items()}


def codes_of(counts, refits):
    return {name: refusal.code for name, refusal in refits.refused.items()}


def modules_loaded(counts, refits):
    return {"jax", "keras"} & set(sys.modules)


def threads_of_blas(counts, refits):
    from threadpoolctl import threadpool_info

    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}


def ended_by_the_system(counts, refits):
    os.kill(os.getpid(), signal.SIGKILL)


@dataclass
class Mapped:
    """A summary that says whether its array is shared and cannot be written to."""

    values: np.ndarray

    def __call__(self, counts, refits):
        return isinstance(self.values, np.memmap) and not self.values.flags.writeable


@dataclass
class Refusing:
    """A procedure that cannot go on at all."""

    outcome: np.ndarray
    patients: np.ndarray
    models: tuple = ("logistic",)

    def refit(self, counts, *, seed):
        raise InputRefused("E-DESIGN", "a design", expected="another", to_fix="change it")


def test_a_draw_takes_as_many_patients_as_there_are_and_all_rows_of_each():
    patients = np.array([4, 4, 9, 2, 9, 9, 1])
    for counts, _ in patient_draws(patients, replicates=50, seed=3):
        of_patient = {name: set(counts[patients == name]) for name in (1, 2, 4, 9)}
        assert all(len(found) == 1 for found in of_patient.values())
        assert sum(found.pop() for found in of_patient.values()) == 4


def test_each_patient_is_drawn_once_on_average_with_the_variance_of_a_multinomial():
    draws = patient_draws(np.arange(50), replicates=4000, seed=1)
    counts = np.array([draw for draw, _ in draws])
    assert counts.mean(axis=0) == pytest.approx(1.0, abs=5 * np.sqrt(0.98 / 4000))
    assert counts.var() == pytest.approx(1 - 1 / 50, abs=0.02)
    assert np.mean(counts > 0) == pytest.approx(1 - (1 - 1 / 50) ** 50, abs=0.003)


def test_a_replicate_is_the_same_however_many_there_are_and_in_whatever_order_they_are_asked_for():
    few, many = (patient_draws(np.arange(30), replicates=size, seed=7) for size in (3, 300))
    assert np.array_equal(many[2][0], few[2][0])
    assert many[2][1] == few[2][1]
    assert not np.array_equal(many[1][0], few[2][0])


def test_the_seeds_of_the_models_differ_between_replicates():
    draws = patient_draws(np.arange(30), replicates=200, seed=7)
    assert len({seed for _, seed in draws}) == 200


def test_fewer_than_one_replicate_is_refused():
    with pytest.raises(WrongUsage) as refusal:
        patient_draws(np.arange(3), replicates=0, seed=1)
    assert refusal.value.code == "E-REPLICATES"


def test_the_numbers_are_the_same_bytes_whatever_the_number_of_workers():
    X, y = data(12_000, 12)
    large = MatrixProcedure({"logistic": UnpenalisedLogistic()}, X, y)
    assert large.design.nbytes > 1 << 20
    for one in (large, procedure()):
        draws = patient_draws(one.patients, replicates=9, seed=5)
        alone, shared = (run_resamples(one, draws, coefficients_of, workers=workers) for workers in (1, 2))
        assert [pickle.dumps(kept) for kept in alone] == [pickle.dumps(kept) for kept in shared]


def test_a_whole_bootstrap_is_the_same_whatever_the_number_of_workers():
    alone, shared = (
        bootstrap(procedure(), replicates=8, thresholds=(0.2,), out_of_bag=True, seed=2, workers=workers)
        for workers in (1, 2)
    )
    for one, other in zip(alone.replicates, shared.replicates, strict=True):
        for name in ("logistic", "ridge"):
            assert one.models[name].training == other.models[name].training
            assert one.models[name].out_of_bag == other.models[name].out_of_bag
            assert one.models[name].risk.tobytes() == other.models[name].risk.tobytes()
            assert one.models[name].calibration.tobytes() == other.models[name].calibration.tobytes()


def test_a_fit_with_counts_is_that_of_the_repeated_rows():
    one = procedure()
    counts, seed = patient_draws(one.patients, replicates=1, seed=9)[0]
    refit = one.refit(counts, seed=seed).models["ridge"]
    repeated = np.repeat(np.arange(counts.size), counts)
    fitted = RidgeLogistic(0.05).fit(one.design[repeated], one.outcome[repeated])
    assert refit.linear_predictor == pytest.approx(fitted.decision_function(one.design), abs=1e-8)
    assert refit.strength == 0.05
    assert refit.l1_share == 0.0


def test_workers_load_no_network_library_and_use_one_thread():
    draws = patient_draws(np.arange(120), replicates=4, seed=1)
    assert run_resamples(procedure(), draws, modules_loaded, workers=2) == [set()] * 4
    assert run_resamples(procedure(), draws, threads_of_blas, workers=2) == [{1}] * 4
    assert run_resamples(procedure(), draws, threads_of_blas, workers=1) == [{1}] * 4


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_comes_back_as_it_was_raised(workers):
    stopped = Refusing(np.array([0.0, 1.0, 1.0, 0.0]), np.arange(4))
    jobs = [(np.ones(4, dtype=np.int64), 0)] * 3
    with pytest.raises(InputRefused) as refusal:
        run_resamples(stopped, jobs, coefficients_of, workers=workers)
    assert (refusal.value.code, refusal.value.found) == ("E-DESIGN", "a design")
    assert (refusal.value.expected, refusal.value.to_fix) == ("another", "change it")


def test_a_worker_that_is_ended_from_outside_is_told_of_and_others_take_its_place():
    draws = patient_draws(np.arange(120), replicates=8, seed=1)
    with pytest.raises(ResourceRefused) as refusal:
        run_resamples(procedure(), draws, ended_by_the_system, workers=2)
    assert refusal.value.code == "R-WORKER"
    assert run_resamples(procedure(), draws, codes_of, workers=2) == [{}] * 8


def test_a_temporary_folder_that_cannot_be_written_to_is_told_of(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("JOBLIB_TEMP_FOLDER", str(tmp_path / "file" / "folder"))
    draws = patient_draws(np.arange(12_000), replicates=4, seed=1)
    with pytest.raises(ResourceRefused) as refusal:
        run_resamples(procedure(12_000), draws, codes_of, workers=2)
    assert refusal.value.code == "R-WORKER"
    assert str(tmp_path) not in str(refusal.value)


@pytest.mark.parametrize("workers", [1, 2])
def test_the_resamples_are_counted_as_they_are_done_and_single_ones_are_not(workers):
    told = []
    one, draws = procedure(), patient_draws(np.arange(120), replicates=130, seed=1)
    with counting_resamples(lambda done, asked: told.append((done, asked))):
        run_resamples(one, [draws[0]], codes_of, workers=workers)
        assert told == []
        run_resamples(one, draws, codes_of, workers=workers)
    run_resamples(one, draws, codes_of, workers=1)
    done = [count for count, _ in told]
    assert {asked for _, asked in told} == {130}
    assert done == sorted(set(done))
    assert done[-1] == 130
    assert len(done) >= 20


def test_a_column_of_many_rows_reaches_the_workers_through_a_memory_map():
    draws = patient_draws(np.arange(12_000), replicates=3, seed=1)
    assert run_resamples(procedure(12_000), draws, Mapped(np.zeros(12_000)), workers=2) == [True] * 3


@pytest.mark.parametrize("kind", [ClinpredError, *ClinpredError.__subclasses__()])
def test_an_error_travels_whole(kind):
    sent = kind("E-DESIGN", "a design", expected="another", to_fix="change it")
    received = pickle.loads(pickle.dumps(sent))
    assert type(received) is kind
    assert str(received) == str(sent)
    assert vars(received) == vars(sent)


def test_a_resample_of_one_class_refuses_every_model_and_the_others_go_on():
    one = procedure()
    events = (one.outcome == 1.0).astype(np.int64)
    everyone = np.ones(120, dtype=np.int64)
    jobs = [(events, 0), (everyone, 0), (1 - events, 0)]
    refused = {"logistic": "S-ONE-CLASS", "ridge": "S-ONE-CLASS"}
    assert run_resamples(one, jobs, codes_of, workers=2) == [refused, {}, refused]


def test_a_refusal_of_one_model_leaves_the_others():
    X, y = data(40)
    counts = np.zeros(40, dtype=np.int64)
    counts[[np.flatnonzero(y == 1)[0], *np.flatnonzero(y == 0)[:5]]] = 1
    refits = MatrixProcedure({"kfold": RidgeLogistic("kfold"), "given": RidgeLogistic(0.1)}, X, y).refit(counts, seed=0)
    assert isinstance(refits, Refits)
    assert isinstance(refits.refused["kfold"], StatisticalRefusal)
    assert list(refits.models) == ["given"]


def test_a_separated_fit_keeps_its_risks_and_not_its_coefficients():
    X = np.arange(20.0)[:, None]
    refit = MatrixProcedure({"u": UnpenalisedLogistic()}, X, X[:, 0] > 9).refit(np.ones(20, dtype=int), seed=0)
    assert refit.models["u"].separated
    assert refit.models["u"].coefficients is None
    assert refit.models["u"].linear_predictor.shape == (20,)


def test_a_design_that_does_not_fit_the_outcome_is_refused():
    X, y = data(20)
    for faulty, code in [((X[:19], y), "E-LENGTH"), ((X, y + 1), "E-OUTCOME-VALUES"), ((X, y, [1]), "E-LENGTH")]:
        with pytest.raises(InputRefused) as refusal:
            MatrixProcedure({}, *faulty)
        assert refusal.value.code == code


@pytest.mark.parametrize("smoothing", ["loess", "spline"])
def test_the_curves_of_the_original_are_those_of_its_risks(smoothing):
    one = procedure(300)
    found = bootstrap(one, replicates=1, smoothing=smoothing, workers=1)
    lp = found.linear_predictor["ridge"]
    risk = 1 / (1 + np.exp(-lp))
    curve = calibration_curve(one.outcome, risk, linear_predictor=lp, smoothing=smoothing)
    ends = [0, -1]
    assert found.calibration_risk["ridge"][ends] == pytest.approx(curve.risk[ends], abs=1e-12)
    assert found.original.models["ridge"].calibration[ends] == pytest.approx(curve.observed[ends], abs=1e-8)
    decision = decision_curve(one.outcome, risk, DECISION_THRESHOLDS)
    assert found.original.models["ridge"].net_benefit == pytest.approx(decision.net_benefit, abs=1e-12)
    assert found.original.models["ridge"].risk == pytest.approx(risk[found.watched], abs=1e-6)


def test_a_curve_ends_where_the_risks_of_its_replicate_end():
    found = bootstrap(procedure(300), replicates=30, workers=1)
    curves = np.array([one.models["ridge"].calibration for one in found.replicates])
    assert np.isnan(curves).any()
    assert np.isfinite(curves).mean() > 0.8


def test_the_original_is_that_of_the_seed():
    one = MatrixProcedure({"ridge": RidgeLogistic("kfold")}, *data(120))
    found = bootstrap(one, replicates=1, seed=11, workers=1)
    refit = one.refit(np.ones(120, dtype=np.int64), seed=11).models["ridge"]
    assert np.array_equal(found.linear_predictor["ridge"], refit.linear_predictor)


def test_no_more_than_5000_patients_are_watched_with_all_their_rows():
    patients = np.repeat(np.arange(6000), 2)
    watched = watched_rows(patients, np.random.SeedSequence(1))
    assert watched.size == 2 * MOST_WATCHED
    assert np.array_equal(watched[::2] + 1, watched[1::2])
    assert np.array_equal(watched_rows(patients[:8], np.random.SeedSequence(1)), np.arange(8))
