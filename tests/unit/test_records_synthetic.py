"""The invented exports are what they say: the truth can be rebuilt from the table."""

import numpy as np
import pytest

from clinpred.records.cohort import assemble
from clinpred.records.read import read_export
from clinpred.records.synthetic import synthetic_export
from clinpred.settings.study import study_from


def expit(log_odds):
    return 1 / (1 + np.exp(-log_odds))


def test_the_true_risk_is_the_logistic_of_the_stated_coefficients():
    invented = synthetic_export(np.random.default_rng(20), patients=300, max_admissions=3, missing_share=0)
    effects, table = invented.coefficients, invented.table
    log_odds = effects["intercept"] + sum(effects[name] * table[name] for name in table.columns if name in effects)
    log_odds += [effects[f"ward={ward}"] for ward in table["ward"]]
    log_odds += [effects[f"site={site}"] for site in table["site"]]
    np.testing.assert_allclose(invented.true_risk, expit(log_odds.to_numpy()), rtol=1e-10)


def test_the_mean_risk_is_the_share_asked_for():
    assert synthetic_export(np.random.default_rng(20), event_share=0.1).true_risk.mean() == pytest.approx(0.1, abs=1e-9)


def test_the_same_generator_state_gives_the_same_export():
    first, second = (synthetic_export(np.random.default_rng(7), patients=50) for _ in range(2))
    assert first.table.equals(second.table)


def test_bundles_correlate_and_the_rest_does_not():
    table = synthetic_export(np.random.default_rng(20), patients=4000, missing_share=0).table
    # four standard errors of a correlation of 4,000 patients
    assert table["creatinine_umol_l"].corr(table["urea_mmol_l"]) == pytest.approx(0.85, abs=0.02)
    assert table["creatinine_umol_l"].corr(table["crp_mg_l"]) == pytest.approx(0.0, abs=0.07)


def test_the_well_are_measured_less_often():
    invented = synthetic_export(np.random.default_rng(20), patients=4000)
    missing = invented.table["lactate_mmol_l"].isna()
    assert invented.true_risk[missing].mean() < invented.true_risk[~missing].mean() - 0.1
    assert invented.table["age_years"].notna().all()


def test_repeated_patients_keep_their_site_and_come_in_the_order_of_their_days():
    table = synthetic_export(np.random.default_rng(20), patients=200, max_admissions=4, sites=3).table
    by_patient = table.groupby("patient_id")
    assert by_patient["site"].nunique().max() == 1
    assert 1 < by_patient.size().max() <= 4
    assert by_patient["admitted"].apply(lambda days: days.is_monotonic_increasing).all()


def test_an_invented_export_makes_a_cohort(tmp_path):
    invented = synthetic_export(np.random.default_rng(20), patients=200, max_admissions=2)
    invented.table.to_csv(tmp_path / "invented.csv", index=False)
    roles = {"patient": "patient_id", "site": "site", "date": "admitted"}
    study = study_from({"outcome": {"column": "event"}, "roles": roles}, source="test")
    cohort, findings = assemble(read_export(tmp_path / "invented.csv"), study)
    assert findings == []
    assert (cohort.n_patients, cohort.n_rows, len(cohort.types)) == (200, len(invented.table), 12)
    assert cohort.date.astype(str).tolist() == invented.table["admitted"].tolist()
