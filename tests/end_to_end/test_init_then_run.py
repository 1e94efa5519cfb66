"""What is proposed runs as it stands: exports shaped like those of a trial, a registry, a survey and a lab."""

import tomllib

import numpy as np
import pytest

from clinpred.settings.export import Reading
from clinpred.settings.study import study_from
from clinpred.study.proposal import propose_study
from clinpred.study.run import run_study

MODELS = {"fit": ["prevalence", "logistic_unpenalised", "logistic_ridge"]}


def risk_of(rng, n, strength=1.0):
    """Return a predictor of normal shape, and who has the event by it."""
    x = rng.normal(0, 1, n)
    return x, (rng.random(n) < 1 / (1 + np.exp(1 - strength * x))).astype(int)


def trial_of_cancer(n=500):
    """One row a patient, two events each with its time in days, a category with an order, a calendar year."""
    rng = np.random.default_rng(11)
    x, died = risk_of(rng, n)
    time = np.where(died == 1, rng.integers(30, 1700, n), rng.integers(1750, 4000, n))
    recurred = np.where(rng.random(n) < 0.2, 1, died)
    return {
        "pid": rng.permutation(n) + 1,
        "year": rng.integers(1980, 1993, n),
        "age": np.round(55 + 8 * x).astype(int),
        "size": rng.choice(["<=20", "20-50", ">50"], n),
        "nodes": rng.poisson(2, n),
        "rtime": np.maximum(time - rng.integers(0, 20, n), 1),
        "recur": recurred,
        "dtime": time,
        "death": died,
    }


def visits(n=160):
    """Several rows a patient, three codes of status, names with a dot, missing cells."""
    rng = np.random.default_rng(12)
    x, died = risk_of(rng, n)
    status = np.where(died == 1, 2, (rng.random(n) < 0.15).astype(int))
    futime = np.where(died == 1, rng.integers(60, 1400, n), rng.integers(1900, 4000, n))
    row = np.repeat(np.arange(n), 4)
    bili = np.round(np.exp(x[row] + rng.normal(0, 0.3, row.size)), 1)
    return {
        "id": row + 1,
        "futime": futime[row],
        "status": status[row],
        "sex": np.array(["f", "m"])[rng.integers(0, 2, n)][row],
        "alk.phos": rng.integers(80, 2000, row.size),
        "bili": [value if keep else "" for value, keep in zip(bili, rng.random(row.size) < 0.9, strict=True)],
        "stage": rng.integers(1, 5, row.size),
    }


def survey(n=500):
    """Death with the parts of its date, two waves of measurements, nominal codes."""
    rng = np.random.default_rng(13)
    x, died = risk_of(rng, n)
    weight = np.round(70 + 5 * x, 1)
    return {
        "seqn": rng.permutation(n) + 10000,
        "death": died,
        "yrdth": np.where(died == 1, rng.integers(83, 93, n).astype(str), ""),
        "modth": np.where(died == 1, rng.integers(1, 13, n).astype(str), ""),
        "age": np.clip(np.round(50 + 10 * x), 20, 85).astype(int),
        "marital": rng.integers(1, 6, n),
        "wt71": weight,
        "wt82": weight + np.round(rng.normal(0, 3, n), 1),
        "price71": np.round(rng.uniform(1.5, 2.6, n), 2),
        "price82": np.round(rng.uniform(1.5, 2.6, n), 2),
    }


def laboratory(n=500):
    """Words as the outcome, no id, and zeros for what was not measured."""
    rng = np.random.default_rng(14)
    x, ill = risk_of(rng, n)

    def with_zeros(values, share):
        return np.where(rng.random(n) < share, 0, values)

    return {
        "pregnant": rng.poisson(3, n),
        "glucose": with_zeros(np.round(120 + 25 * x).astype(int), 0.01),
        "pressure": with_zeros(rng.integers(55, 100, n), 0.05),
        "triceps": with_zeros(rng.integers(10, 50, n), 0.3),
        "mass": with_zeros(np.round(rng.uniform(20, 45, n), 1), 0.02),
        "diabetes": np.where(ill == 1, "pos", "neg"),
    }


def admissions(n=400):
    """Identifiers, dates, a site, free text, a sentinel, an odd name, an outcome in words of two kinds."""
    rng = np.random.default_rng(15)
    x, died = risk_of(rng, n)
    day = np.datetime64("2019-01-01") + rng.integers(0, 700, n)
    stay = rng.integers(1, 40, n)
    return {
        "": np.arange(n),
        "mrn": 4_000_000 + rng.permutation(n),
        "patient_name": rng.choice(["Ada Miller", "Omar Haddad", "Lena Vogel"], n),
        "admission_date": day,
        "discharge_date": day + stay,
        "hospital": rng.choice(["North", "South", "East"], n),
        "crp = (mg/L)": np.round(np.exp(3 + 0.5 * x), 1),
        "sodium": np.where(rng.random(n) < 0.04, 999, rng.integers(128, 148, n)),
        "remarks": [f"seen on round {row}, sleeps well and eats little of what is brought" for row in range(n)],
        "los": stay,
        "vital_status": np.where(died == 1, rng.choice(["Dead", "DEAD"], n), "Alive"),
    }


@pytest.mark.parametrize("export", [trial_of_cancer, visits, survey, laboratory, admissions])
def test_what_is_proposed_runs_as_it_stands(export, tmp_path):
    columns = export()
    path = tmp_path / f"{export.__name__}.csv"
    names = [f'"{name}"' for name in columns]
    rows = [",".join(f'"{cell}"' for cell in row) for row in zip(*columns.values(), strict=True)]
    path.write_text("\n".join([",".join(names), *rows]) + "\n", encoding="utf-8")
    text = propose_study(path, Reading(), asked={}).text
    assert "AS IT STANDS A RUN IS REFUSED" not in text
    study = study_from(
        tomllib.loads(text) | {"models": MODELS, "resampling": {"bootstraps": 4, "repeats": 1}}, source="study.toml"
    )
    run = run_study(path, study, out=tmp_path / "report")
    ridge = run.results.models["logistic_ridge"].performance["held_out"].auroc
    assert 0.55 < ridge.estimate < 0.95
    assert run.report_path.exists()
