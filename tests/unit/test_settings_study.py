"""study.toml to frozen settings and back; the messages stand in tests/messages."""

from pathlib import Path

import pydantic
import pytest

from clinpred.errors import InputRefused, WrongUsage
from clinpred.settings.models import MODEL_NAMES, STANDARD_MODELS, UNREGULARISED_TWINS
from clinpred.settings.study import dump_study, load_study, study_from

SUPPORT2 = Path(__file__).parents[2] / "sample_data" / "support2.toml"


def study_of(**settings):
    return study_from({"outcome": {"column": "died"}, **settings}, source="study.toml")


def test_the_shipped_study_reads_and_comes_back_the_same(tmp_path):
    study = load_study(SUPPORT2)
    (tmp_path / "study.toml").write_text(dump_study(study), encoding="utf-8")
    assert load_study(tmp_path / "study.toml") == study


def test_the_shipped_study_asks_for_death_within_180_days_with_two_survival_comparators():
    study = load_study(SUPPORT2)
    assert study.outcome.rule == "death within 180 days (d.time)"
    assert study.outcome.columns == ("death", "d.time")
    assert study.roles.columns == ("sno",)
    assert {name: comparator.survival for name, comparator in study.comparators.items()} == {
        "surv6m": True,
        "prg6m": True,
    }
    assert len(study.set_aside) == 13
    assert all(study.set_aside.values())


def test_an_outcome_alone_is_a_study_with_stated_defaults():
    study = study_of()
    assert (study.name, study.seed, study.partition.held_out) == ("study", 20, 0.25)
    assert study.outcome.rule == "died"
    assert not study.outcome.is_timed
    assert (study.models.fit, study.models.primary) == (STANDARD_MODELS, "logistic_ridge")


def test_every_regularised_model_has_an_unregularised_twin_among_the_models():
    assert "gradient_boosting" not in STANDARD_MODELS
    for model, twin in UNREGULARISED_TWINS.items():
        assert model in MODEL_NAMES
        assert twin in MODEL_NAMES
        assert "unpenalised" in twin or "unregularised" in twin


def test_the_primary_model_is_ridge_or_the_first_regularised_model_that_is_fitted():
    assert (
        study_of(models={"fit": ["prevalence", "logistic_lasso", "logistic_ridge"]}).models.primary == "logistic_ridge"
    )
    assert study_of(models={"fit": ["prevalence", "mlp_regularised"]}).models.primary == "mlp_regularised"
    assert study_of(models={"fit": ["prevalence"]}).models.primary == "prevalence"


def test_settings_never_change():
    with pytest.raises(pydantic.ValidationError):
        study_of().seed = 3


@pytest.mark.parametrize(
    "settings",
    [
        {"outcome": {}},
        {"outcome": {"event_column": "death", "event": "1", "time_column": "time"}},
        {"outcome": {"column": "died", "horizon_days": 30}},
        {"outcome": {"event_column": "death", "time_column": "time", "horizon_days": 0}},
        {"seed": -1},
        {"name": "../elsewhere"},
        {"partition": {"held_out": 1.0}},
        {"report": {"thresholds": [0.0]}},
        {"models": {"fit": ["prevalence"], "primary": "logistic_ridge"}},
        {"models": {"fit": ["logistic"]}},
        {"models": {"fit": []}},
        {"models": {"fit": ["prevalence", "prevalence"]}},
        {"predictors": {"age": {"type": "ordered"}}},
        {"predictors": {"age": {"type": "number", "levels": ["a"]}}},
        {"predictors": {"age": {"range": [120, 0]}}},
        {"roles": {"patient": "died"}},
        {"set_aside": {"age": "late"}, "predictors": {"age": {}}},
    ],
)
def test_what_cannot_be_meant_is_wrong_usage(settings):
    with pytest.raises(WrongUsage) as refusal:
        study_of(**settings)
    assert (refusal.value.code, refusal.value.exit_code) == ("E-STUDY", 2)


def test_a_missing_study_file_is_refused_and_a_broken_one_is_wrong_usage(tmp_path):
    with pytest.raises(InputRefused) as refusal:
        load_study(tmp_path / "none.toml")
    assert refusal.value.code == "E-NOT-FOUND"
    (tmp_path / "broken.toml").write_text("[outcome\n", encoding="utf-8")
    with pytest.raises(WrongUsage):
        load_study(tmp_path / "broken.toml")


def test_a_fit_that_is_no_list_is_a_wrong_setting_not_a_crash():
    with pytest.raises(WrongUsage, match=r"models.fit"):
        study_from({"outcome": {"column": "died"}, "models": {"fit": 3}}, source="study.toml")


@pytest.mark.parametrize("limit", [float("inf"), float("nan")])
def test_a_plausible_range_is_finite(limit):
    with pytest.raises(WrongUsage, match=r"predictors.age.range"):
        study_from({"outcome": {"column": "died"}, "predictors": {"age": {"range": [0, limit]}}}, source="study.toml")
