"""What a run notices of itself and of its preparation, word for word; each finding fires, and each is silent."""

from collections import defaultdict
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from clinpred.errors import StatisticalRefusal
from clinpred.models.development import Developed, Prepared
from clinpred.models.risk_model import LinearForm, RiskModel
from clinpred.performance import auroc
from clinpred.predictors.preparation import Preparation
from clinpred.predictors.preparation_findings import preparation_findings
from clinpred.records.cohort import Cohort, RowFlow
from clinpred.records.findings import Finding
from clinpred.records.partition import Partition
from clinpred.records.types import PredictorType
from clinpred.report.contents import Separation
from clinpred.report.training_contents import Restarts
from clinpred.settings.correlation import Correlation
from clinpred.settings.recipe import PLAIN, Recipe
from clinpred.settings.study import study_from
from clinpred.study import resampling
from clinpred.study.learning import Learnt, Streams
from clinpred.study.missingness import missingness_findings
from clinpred.study.run_findings import resampling_findings, run_findings
from clinpred.study.size import Needs, needed_for_development

NUMBER, CATEGORY = PredictorType("number"), PredictorType("category")
OVERFITTING = "expect overfitting of the unregularised models; use fewer predictors or more patients"
WASTE = "read the held-out estimates with their intervals; gather more patients"
INTERNAL = (
    "W-INTERNAL",
    "caution",
    "held-out patients come from the same sites and period as those learnt from: this is internal validation",
    "validate on a later period, another site or another export before use",
    None,
)


def _cohort(events, others, *, columns=2):
    """Return so many patients with the event and without it, and as many predictors as columns."""
    n = events + others
    predictors = pd.DataFrame({f"x{place}": np.random.default_rng(place).normal(size=n) for place in range(columns)})
    outcome = np.repeat([1.0, 0.0], [events, others])
    kinds = dict.fromkeys(predictors.columns, NUMBER)
    ids = np.array([f"P{row}" for row in range(n)], dtype=object)
    return Cohort(predictors, kinds, outcome, np.arange(n), ids, {}, RowFlow(n, n, ()))


def _learnt(development, held_out, **settings):
    """Return what was learnt, with the settings of each model (``settings``)."""
    preparation = Preparation.learn(development.predictors, development.types, development.patients)
    design = preparation.apply(development.predictors)
    prepared = Prepared(preparation, design, development.outcome, development.patients)
    form = LinearForm(0.0, np.zeros(design.shape[1]))
    developed = {name: Developed(RiskModel(name, preparation, form), None, chosen) for name, chosen in settings.items()}
    partition = Partition(development, held_out, np.zeros(0, dtype=bool), 0.25)
    study = study_from({"outcome": {"column": "died"}}, source="test")
    return Learnt(study, None, development, (), partition, PLAIN, prepared, None, developed, Streams.of(1))


def _results(*, separation=None, stability=None, restarts=None, **auroc):
    """Return as much of a model's results as findings are made of; ``auroc`` by role."""
    performance = {role: SimpleNamespace(auroc=SimpleNamespace(estimate=value)) for role, value in auroc.items()}
    title = "Logistic, ridge (L2)"
    return SimpleNamespace(
        title=title, performance=performance, stability=stability, separation=separation, restarts=restarts
    )


def _told(learnt, **models):
    cohort, columns = learnt.partition.development, len(learnt.prepared.preparation.columns)
    needs = Needs(needed_for_development(cohort.n_patients, cohort.n_events, columns), None)
    return [
        (finding.code, finding.level, finding.text, finding.advice, finding.count)
        for finding in run_findings(learnt, needs, defaultdict(_results, models))
    ]


def test_enough_patients_and_quiet_fits_leave_the_one_caution_of_every_run():
    learnt = _learnt(_cohort(200, 300), _cohort(100, 100), logistic_ridge={"at_grid_edge": False, "penalty": 1.0})
    assert _told(learnt) == [INTERNAL]


SIZES = [
    (200, 300, 5, None, None),
    (
        200,
        300,
        20,
        (
            "W-SAMPLE-SIZE",
            "caution",
            "500 development patients (200 events) for 20 design columns; needed for a shrinkage of 0.9 at a "
            "Nagelkerke R² of 0.15: 1521; expected shrinkage at this size: 0.75",
            OVERFITTING,
            500,
        ),
        None,
    ),
    (
        300,
        204,
        50,
        (
            "W-SAMPLE-SIZE",
            "serious",
            "504 development patients (300 events) for 50 design columns; needed for a shrinkage of 0.9 at a "
            "Nagelkerke R² of 0.15: 3795; expected shrinkage at this size: 0.56",
            OVERFITTING,
            504,
        ),
        None,
    ),
    (
        199,
        500,
        2,
        None,
        (
            "W-SMALL-SPLIT",
            "caution",
            "199 development events: a random split of so few patients wastes information",
            WASTE,
            199,
        ),
    ),
    (
        30,
        30,
        7,
        (
            "W-SAMPLE-SIZE",
            "serious",
            "60 development patients (30 events) for 7 design columns; needed for a shrinkage of 0.9 at a Nagelkerke "
            "R² of 0.15: 525; expected shrinkage at this size: 0.52",
            OVERFITTING,
            60,
        ),
        (
            "W-SMALL-SPLIT",
            "caution",
            "30 development events: a random split of so few patients wastes information",
            WASTE,
            30,
        ),
    ),
]


@pytest.mark.parametrize(("events", "others", "columns", "sample_size", "small_split"), SIZES)
def test_few_events_for_the_columns_or_for_a_split_are_said(events, others, columns, sample_size, small_split):
    told = _told(_learnt(_cohort(events, others, columns=columns), _cohort(100, 100)))
    assert told == [finding for finding in (sample_size, small_split, INTERNAL) if finding is not None]


@pytest.mark.parametrize(("events", "others", "fewest"), [(100, 100, None), (99, 900, 99), (900, 99, 99), (12, 30, 12)])
def test_few_held_out_patients_of_either_class_are_said(events, others, fewest):
    told = _told(_learnt(_cohort(200, 300), _cohort(events, others)))
    few = (
        "W-FEW-HELD-OUT",
        "caution",
        f"{fewest} held-out patients with, or without, the event: estimates are imprecise",
        "read the intervals, not the estimates",
        fewest,
    )
    assert told == [INTERNAL, *([few] if fewest else [])]


def test_patients_are_counted_not_rows():
    once = _cohort(120, 120)
    twice = once.take(np.repeat(np.arange(240), 2))
    assert _told(_learnt(_cohort(200, 300), twice)) == [INTERNAL]
    few = _cohort(60, 60)
    twice = few.take(np.repeat(np.arange(120), 2))
    assert [one[4] for one in _told(_learnt(_cohort(200, 300), twice)) if one[0] == "W-FEW-HELD-OUT"] == [60]


def _separated(*columns, infinite=None, complete=False):
    without = list(infinite or columns)
    return _results(separation=Separation(complete=complete, columns=list(columns), infinite=without, firth=[]))


WITHHELD = "its risks are used as the baseline's collapse; its coefficients are withheld, Firth's stand beside"


def test_separation_and_the_edge_of_a_path_are_said_of_the_model_they_befell():
    told = _told(
        _learnt(
            _cohort(200, 300),
            _cohort(100, 100),
            logistic_unpenalised={"separated": True},
            logistic_ridge={"at_grid_edge": True},
            logistic_lasso={"at_grid_edge": False},
            prevalence={},
        ),
        logistic_unpenalised=_separated("x0"),
    )
    assert told == [
        INTERNAL,
        (
            "S-SEPARATION",
            "caution",
            "logistic_unpenalised: `x0` separates some events from non-events; the coefficient of `x0` has no finite "
            "maximum-likelihood estimate",
            WITHHELD,
            None,
        ),
        (
            "W-GRID-EDGE",
            "caution",
            "logistic_ridge: the best penalty strength lies at the edge of its path, which was extended once",
            "look at the sweet-spot plot",
            None,
        ),
    ]


FIRST_FIVE = "`a`, `b`, `c`, `d`, `e` and 2 more columns"
NONE_FINITE = "so that no coefficient has a finite maximum-likelihood estimate"


@pytest.mark.parametrize(
    ("columns", "infinite", "named"),
    [
        ("ab", None, f"`a` and `b` separate all events from non-events, {NONE_FINITE}"),
        ("abcdefg", None, f"{FIRST_FIVE} separate all events from non-events, {NONE_FINITE}"),
        (
            "ab",
            "abcdefg",
            f"`a` and `b` separate some events from non-events; the coefficients of {FIRST_FIVE} have no finite "
            "maximum-likelihood estimate",
        ),
    ],
)
def test_who_separates_and_what_has_no_finite_estimate_are_named_the_first_five_of_each(columns, infinite, named):
    learnt = _learnt(_cohort(200, 300), _cohort(100, 100), logistic_unpenalised={"separated": True})
    complete = infinite is None
    told = _told(learnt, logistic_unpenalised=_separated(*columns, infinite=infinite, complete=complete))
    text = f"logistic_unpenalised: {named}"
    assert told == [INTERNAL, ("S-SEPARATION", "caution", text, WITHHELD, None)]


def _again(primary):
    return [(one.code, one.level, one.text, one.advice) for one in resampling_findings(primary)]


@pytest.mark.parametrize(
    ("apparent", "resampled", "fires"), [(0.85, 0.79, True), (0.85, 0.81, False), (0.8, 0.82, False)]
)
def test_a_model_that_flatters_itself_is_said(apparent, resampled, fires):
    said = (
        "W-OPTIMISM",
        "caution",
        f"Logistic, ridge (L2): AUROC {apparent:.3f} on the patients learnt from, {resampled:.3f} on folds left out",
        "judge by new patients; use fewer predictors or more patients",
    )
    assert _again(_results(apparent=apparent, resampled=resampled)) == [said] * fires


def test_nothing_is_said_of_optimism_where_one_of_the_two_is_not_known():
    assert _again(_results(apparent=0.9)) == _again(_results(resampled=0.7)) == []
    assert _again(_results(apparent=0.9, resampled=None)) == []


def _stability(mape, *unstable):
    classes = [SimpleNamespace(threshold=0.1 * (k + 1), unstable=share) for k, share in enumerate(unstable)]
    return SimpleNamespace(mean_absolute=mape, classification=classes)


@pytest.mark.parametrize(
    ("mape", "unstable", "said"),
    [
        (0.05, (0.1,), None),
        (0.0512, (), "0.051 on average"),
        (0.0512, (0.05,), "0.051 on average"),
        (
            0.02,
            (0.11, 0.25),
            "0.020 on average; at 0.2, 25% of patients change their class in more than a fifth of the draws",
        ),
    ],
)
def test_risks_that_depend_on_who_was_learnt_from_are_said(mape, unstable, said):
    text = "Logistic, ridge (L2): developed again on other draws of the same patients, its risks differ by "
    expected = [("W-INSTABILITY", "caution", f"{text}{said}", "gather more patients, or use fewer predictors")]
    assert _again(_results(stability=_stability(mape, *unstable))) == (expected if said else [])


def test_a_resampling_that_is_refused_is_said_and_the_run_goes_on(monkeypatch):
    def refuses(*_arguments, **_settings):
        raise StatisticalRefusal("S-FEW-EVENTS", "5 folds of 3 patients", expected="more", to_fix="ask for fewer")

    learnt = _learnt(_cohort(20, 30), _cohort(10, 10), logistic_ridge={})
    for what in ("bootstrap", "draw_folds", "learning_curve"):
        monkeypatch.setattr(resampling, what, refuses)
    monkeypatch.setattr(resampling, "CohortProcedure", lambda *_cohort, **_settings: None)
    resampled = resampling.resample(learnt, progress=lambda _what, _share: None)
    assert [(one.code, one.level, one.text, one.advice) for one in resampled.findings] == [
        ("W-NOT-RESAMPLED", "caution", f"{what} could not be run: 5 folds of 3 patients", "ask for fewer")
        for what in ("the bootstrap", "the repeated folds", "the learning curve")
    ]
    assert (resampled.optimism, resampled.stability, resampled.folds, resampled.learning_curve) == ({}, {}, None, None)


def _noticed(frame, kinds):
    preparation = Preparation.learn(frame, kinds, np.arange(len(frame)))
    return [(one.code, one.level, one.text, one.advice, one.column) for one in preparation_findings(preparation)]


def _frame(n=120):
    rng = np.random.default_rng(6)
    group = rng.choice(["sepsis", "coma", "cancer"], n)
    return pd.DataFrame({"age": rng.normal(60, 9, n), "group": pd.Series(group, dtype=object)})


KINDS = {"age": NUMBER, "group": CATEGORY}
STILL_THERE = "nothing to do: the information stays in the model through the other columns"


def test_a_preparation_that_drops_and_pools_nothing_says_nothing():
    assert _noticed(_frame(), KINDS) == []


def test_a_category_that_is_a_function_of_another_is_said():
    frame = _frame().assign(acute=lambda table: (table["group"] == "cancer").map({True: "no", False: "yes"}))
    assert _noticed(frame, KINDS | {"acute": CATEGORY}) == [
        ("W-ALIAS", "note", "`acute` is an exact function of `group`: dropped", STILL_THERE, "acute")
    ]


def test_columns_that_repeat_or_combine_others_are_said():
    frame = _frame().assign(months=lambda table: table["age"] * 12, weight=np.random.default_rng(1).normal(70, 9, 120))
    frame["sum"] = frame["age"] + 2 * frame["weight"]
    kinds = KINDS | dict.fromkeys(("months", "weight", "sum"), NUMBER)
    assert _noticed(frame, kinds) == [
        ("W-ALIAS", "note", "`months` is an exact function of `age`: dropped", STILL_THERE, "months"),
        ("W-ALIAS", "note", "`sum` is an exact function of the columns before it: dropped", STILL_THERE, "sum"),
    ]


def _measured(missing_of_events, missing_of_others, names=("lactate",), seed=3):
    """Return a cohort of 200 with, and 200 without, the event, that lack these shares of values."""
    cohort, rng = _cohort(200, 200), np.random.default_rng(seed)
    missing = rng.random((400, len(names))) < np.repeat([missing_of_events, missing_of_others], 200)[:, None]
    columns = {name: np.where(missing[:, at], np.nan, 1.0 + np.arange(400)) for at, name in enumerate(names)}
    return replace(cohort, predictors=cohort.predictors.assign(**columns))


ASK_WHY = "find out why values are missing; where patients are measured for other reasons, the model will not hold"


@pytest.mark.parametrize(
    ("shares", "names", "text"),
    [
        ((0.1, 0.8), ("lactate",), "whether `lactate` is missing tells the outcome: AUROC {} "),
        ((0.3, 0.8), ("lactate", "ph"), "which of 2 predictors are missing tells the outcome: AUROC {} "),
        ((0.4, 0.5), ("lactate",), None),
        ((0.0, 0.0), ("lactate",), None),
        ((0.02, 0.0), ("lactate",), None),
    ],
)
def test_missing_values_that_tell_the_outcome_by_themselves_are_said(shares, names, text):
    partition = Partition(_measured(*shares, names), _measured(*shares, names, seed=4), np.zeros(0, dtype=bool), 0.25)
    found = missingness_findings(partition, seed=1)
    if text is None:
        assert found == []
        return
    missing = partition.held_out.predictors[list(names)].isna().sum(axis=1)
    area = auroc(partition.held_out.outcome, 0.5 - 0.1 * missing)
    said = text.format(f"{area:.2f}") + "on held-out patients from that alone"
    assert area > 0.7
    assert found == [Finding("W-MISSINGNESS", "caution", said, ASK_WHY)]


def test_clusters_that_are_represented_or_summed_up_are_said():
    frame = _frame().assign(months=lambda table: table["age"] * 12 + np.random.default_rng(1).normal(0, 30, 120))
    kinds, advice = KINDS | {"months": NUMBER}, "nothing to do: the study asks for it (study.toml: correlation)"
    said = {
        policy: preparation_findings(
            Preparation.learn(frame, kinds, np.arange(120), recipe=Recipe(correlation=Correlation(policy=policy)))
        )
        for policy in ("keep", "representative", "summary")
    }
    assert said["keep"] == []
    assert said["representative"] == [
        Finding("W-CLUSTER", "note", "`months` goes with `age`, which represents it", advice, column="months")
    ]
    text = "`age`, `months` go together: their first principal component, with 99 % of their variance, sums them up"
    assert said["summary"] == [Finding("W-CLUSTER", "note", text, advice)]


def test_columns_that_only_resemble_others_are_not():
    rng = np.random.default_rng(2)
    frame = _frame().assign(months=lambda table: table["age"] * 12 + rng.normal(0, 0.01, 120))
    assert _noticed(frame, KINDS | {"months": NUMBER}) == []


def test_a_predictor_with_one_value_is_said():
    assert _noticed(_frame().assign(site="north"), KINDS | {"site": CATEGORY}) == [
        (
            "W-CONSTANT",
            "note",
            "`site` has one value among the development patients: dropped",
            "nothing to do, unless it should vary: then check the export",
            "site",
        )
    ]


@pytest.mark.parametrize(
    ("rare", "fate"),
    [(0, None), (7, "handled as missing: together they are too few for a pool"), (8, "pooled")],
)
def test_what_becomes_of_rare_levels_is_said(rare, fate):
    frame = _frame()
    frame.loc[: rare - 1, "group"] = [f"rare {row % 3}" for row in range(rare)]
    said = (
        "W-RARE-LEVEL",
        "note",
        f"`group`: levels that fewer than 8 development patients have are {fate}",
        "nothing to do, unless such a level matters: then merge levels in the export",
        "group",
    )
    assert _noticed(frame, KINDS) == [said] * (fate is not None)


@pytest.mark.parametrize(
    ("auroc", "slope", "said"),
    [
        (0.01, 0.1, None),
        (0.0101, 0.02, "0.010 in AUROC and 0.020"),
        (0.002, 0.12, "0.002 in AUROC and 0.120"),
        (0.02, None, "0.020 in AUROC and not estimable"),
        (0.002, None, None),
    ],
)
def test_networks_that_their_seed_alone_sets_apart_are_said(auroc, slope, said):
    spread = Restarts(networks=5, auroc=auroc, calibration_slope=slope, log_loss=0.1)
    learnt = _learnt(_cohort(200, 300), _cohort(100, 100), mlp_regularised={})
    told = _told(learnt, mlp_regularised=_results(restarts=spread))
    text = (
        f"mlp_regularised: single networks that differ in their seed alone have a standard deviation of {said} in "
        "calibration slope on held-out patients"
    )
    advice = "use the mean of the 5 networks, as this model does, and no single one of them"
    assert told == [INTERNAL, *([("W-SEEDS", "caution", text, advice, None)] if said else [])]
