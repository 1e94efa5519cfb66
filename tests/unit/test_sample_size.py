"""Sample sizes: identities, limits, refusals word for word, the command, and what a run says of its patients."""

import json
import math

import numpy as np
import pytest
from click.testing import CliRunner

from clinpred.cli.size import size
from clinpred.errors import ClinpredError, InputRefused, StatisticalRefusal, WrongUsage
from clinpred.performance.newton import inverse_logit
from clinpred.study.size import (
    development_finding,
    needed_for_development,
    needed_for_validation,
    validation_finding,
)
from clinpred.validation.binormal import implied_cox_snell_r2, implied_spread, normal_spread
from clinpred.validation.linear_predictors import slope_information
from clinpred.validation.sample_size import (
    BetaRisk,
    NormalLinearPredictor,
    UseAtThreshold,
    Widths,
    development,
    expected_shrinkage,
    maximum_cox_snell_r2,
    validation,
)
from clinpred.validation.size_refusals import decimals_of


def needs(found):
    return {criterion.name: criterion.patients for criterion in found.criteria}


# development


def test_van_smedens_criterion_is_its_published_formula():
    exact = math.exp((-0.508 + 0.259 * math.log(0.05) + 0.504 * math.log(30) - math.log(0.05)) / 0.544)
    assert exact == pytest.approx(543.4, abs=0.05)
    assert needs(development(0.05, 30, nagelkerke_r2=0.15))["error_of_risks"] == 544


def test_van_smedens_criterion_ends_with_the_parameters_it_was_found_for():
    assert list(needs(development(0.05, 31, nagelkerke_r2=0.15))) == ["shrinkage", "optimism", "overall_risk"]


def test_events_and_non_events_are_needed_alike():
    rare, common = (needs(development(share, 20, nagelkerke_r2=0.2)) for share in (0.2, 0.8))
    assert rare == common


def test_the_largest_criterion_is_the_need():
    found = development(0.174, 24, cox_snell_r2=0.288)
    assert (found.patients, found.ruling.name) == (801, "error_of_risks")
    assert found.events == pytest.approx(801 * 0.174)
    assert found.events_per_parameter == pytest.approx(801 * 0.174 / 24)


def test_shrinkage_criterion_is_proportional_to_the_parameters():
    one, ten = (needs(development(0.2, parameters, cox_snell_r2=0.1))["shrinkage"] for parameters in (100, 1000))
    assert ten == pytest.approx(10 * one, abs=10)


def test_expected_shrinkage_undoes_the_shrinkage_criterion():
    for wanted in (0.5, 0.8, 0.9, 0.99):
        n = development(0.2, 40, cox_snell_r2=0.1, shrinkage=wanted).criteria[0].patients
        assert wanted <= expected_shrinkage(n, 40, 0.1) < wanted + 0.002
        assert expected_shrinkage(n - 1, 40, 0.1) < wanted


def test_expected_shrinkage_goes_from_the_r2_to_1():
    assert expected_shrinkage(1, 100_000, 0.1) == pytest.approx(0.1, abs=1e-6)
    assert expected_shrinkage(10**9, 1, 0.1) == pytest.approx(1.0, abs=1e-7)


def test_a_small_r2_keeps_two_digits_where_the_reference_software_would_keep_one():
    assert development(0.005, 5, nagelkerke_r2=0.05).cox_snell_r2 == 0.0031
    assert maximum_cox_snell_r2(0.005) * 0.05 == pytest.approx(0.00305, abs=1e-5)
    assert decimals_of(0.049, decimals=3, significant=2) == 3


def test_the_r2_of_a_c_statistic_rises_with_it_to_the_maximum():
    values = [implied_cox_snell_r2(0.2, c) for c in (0.500001, 0.6, 0.7, 0.8, 0.9, 0.9999999)]
    assert values == sorted(values)
    assert values[0] == pytest.approx(0.0, abs=1e-9)
    assert values[-1] == pytest.approx(maximum_cox_snell_r2(0.2), rel=1e-3)


def test_the_r2_of_a_c_statistic_is_that_of_simulated_patients():
    rng, distance = np.random.default_rng(4), math.sqrt(2.0) * 0.8416212335729143
    outcome = (np.arange(400_000) < 80_000).astype(float)
    x = rng.normal(size=outcome.size) + distance * outcome
    lp = math.log(0.2 / 0.8) + distance * x - distance**2 / 2.0
    gained = np.mean(outcome * lp - np.logaddexp(0.0, lp)) - (0.2 * math.log(0.2) + 0.8 * math.log(0.8))
    assert implied_cox_snell_r2(0.2, 0.8) == pytest.approx(1.0 - math.exp(-2.0 * gained), abs=3e-3)


def test_a_strong_model_is_said_to_need_more_than_the_formula_asks_for():
    assert development(0.174, 24, cox_snell_r2=0.288).strong
    assert development(0.2, 24, c_statistic=0.81).strong
    assert not development(0.2, 24, c_statistic=0.79).strong


# validation


def test_the_slope_criterion_inverts_the_information_matrix():
    lp = np.random.default_rng(2).normal(-1.0, 1.3, 5_000)
    weight = inverse_logit(lp) * inverse_logit(-lp)
    design = np.column_stack([np.ones(lp.size), lp])
    variance = np.linalg.inv(design.T @ (design * weight[:, None]))[1, 1]
    assert slope_information(lp) == pytest.approx(1.0 / (variance * lp.size), rel=1e-10)


def test_a_distribution_and_a_large_sample_of_it_tell_as_much_of_the_slope():
    rng = np.random.default_rng(3)
    normal, risk = rng.normal(-2.0, 1.5, 400_000), rng.beta(0.5, 2.0, 400_000)
    logit = np.log(risk) - np.log1p(-risk)
    assert slope_information(NormalLinearPredictor(-2.0, 1.5)) == pytest.approx(slope_information(normal), rel=0.01)
    assert slope_information(BetaRisk(0.5, 2.0)) == pytest.approx(slope_information(logit), rel=0.01)


def test_a_wide_distribution_is_integrated_as_finely_as_a_narrow_one():
    # far spread log odds: the density is flat where p (1 - p) lies, whose mean is density(0) and variance pi²/3
    expected = math.exp(-0.5 * (5.0 / 40.0) ** 2) / (40.0 * math.sqrt(2.0 * math.pi)) * math.pi**2 / 3.0
    assert slope_information(NormalLinearPredictor(5.0, 40.0)) == pytest.approx(expected, rel=0.01)
    assert normal_spread(5.0, 40.0).share.sum() == pytest.approx(1.0)


def test_what_a_c_statistic_implies_is_calibrated():
    spread = implied_spread(0.15, 0.8)
    assert spread.share @ inverse_logit(spread.linear_predictor) == pytest.approx(0.15, abs=1e-10)


@pytest.mark.parametrize(("c", "prevalence", "width"), [(0.8, 0.018, 0.1), (0.75, 0.5, 0.1), (0.9, 0.3, 0.37)])
def test_the_c_statistic_criterion_is_the_first_size_that_is_narrow_enough(c, prevalence, width):
    def width_at(n):
        between = (n / 2 - 1) * ((1 - c) / (2 - c) + c / (1 + c))
        return 2 * 1.96 * math.sqrt(c * (1 - c) * (1 + between) / (n**2 * prevalence * (1 - prevalence)))

    n = 2
    while width_at(n) > width:
        n += 1
    found = validation(prevalence, c, widths=Widths(c_statistic=width)).criteria[2]
    assert (found.name, found.patients) == ("auroc", n)
    assert found.width == pytest.approx(width_at(n), rel=1e-12)


def test_net_benefit_asks_only_with_a_threshold():
    assert len(validation(0.2, 0.8).criteria) == 3
    assert "net_benefit" in needs(validation(0.2, 0.8, use=UseAtThreshold(0.2, 0.7, 0.8)))


def test_net_benefit_of_treating_everyone_varies_with_the_prevalence_alone():
    found = validation(0.2, 0.8, use=UseAtThreshold(0.2, 1.0, 0.0), widths=Widths(net_benefit=0.1568)).criteria[3]
    assert found.estimate == pytest.approx(0.0)
    assert found.patients == math.ceil(1.0 / (0.2 * 0.8) / 0.04**2)


def test_narrower_intervals_need_more_patients():
    wide, narrow = (validation(0.2, 0.8, widths=Widths(*[width] * 4)) for width in (0.4, 0.1))
    assert all(few < many for few, many in zip(needs(wide).values(), needs(narrow).values(), strict=True))


def test_widths_at_the_size_are_about_those_asked_for():
    found = validation(0.1, 0.75, use=UseAtThreshold(0.1, 0.8, 0.6))
    assert [criterion.width for criterion in found.criteria] == pytest.approx([0.2, 0.2, 0.1, 0.2], rel=0.002)


def test_a_small_standard_error_is_not_rounded_to_the_reference_softwares_decimals():
    found = validation(0.5, 0.8, widths=Widths(observed_expected=0.004))
    assert found.criteria[0].width == pytest.approx(0.004, rel=0.01)


# refusals


PARAMETERS = (
    "{found} parameters [E-SIZE-RANGE]\n"
    "expected: a whole number of parameters, 1 or more\n"
    "to fix: count the candidate parameters, with each level but one of a category (--parameters)"
)


def outside(found, limits, option):
    return f"{found} [E-SIZE-RANGE]\nexpected: {limits}\nto fix: correct {option}"


REFUSED = {
    "prevalence 0": (
        lambda: development(0.0, 5, nagelkerke_r2=0.15),
        outside("the prevalence is 0", "above 0 and below 1", "--prevalence"),
    ),
    "prevalence nan": (
        lambda: validation(math.nan, 0.8),
        outside("the prevalence is nan", "above 0 and below 1", "--prevalence"),
    ),
    "no parameter": (lambda: development(0.2, 0, nagelkerke_r2=0.15), PARAMETERS.format(found=0)),
    "half a parameter": (lambda: development(0.2, 2.5, nagelkerke_r2=0.15), PARAMETERS.format(found=2.5)),
    "r2 above its maximum": (
        lambda: development(0.05, 5, cox_snell_r2=0.4),
        "a Cox-Snell R² of 0.4 at a prevalence of 0.05 [E-SIZE-RANGE]\n"
        "expected: above 0 and below 0.3277, its maximum at that prevalence\n"
        "to fix: correct --cox-snell-r2, or give Nagelkerke's R², whose maximum is 1 (--nagelkerke-r2)",
    ),
    "nagelkerke 1": (
        lambda: development(0.05, 5, nagelkerke_r2=1.0),
        outside("the Nagelkerke R² is 1", "above 0 and below 1", "--nagelkerke-r2"),
    ),
    "c .5": (
        lambda: development(0.05, 5, c_statistic=0.5),
        outside("the C-statistic is 0.5", "above 0.5 and below 1", "--c-statistic"),
    ),
    "c 1": (
        lambda: validation(0.05, 1.0),
        outside("the C-statistic is 1", "above 0.5 and below 1", "--c-statistic"),
    ),
    "shrinkage 1": (
        lambda: development(0.2, 5, nagelkerke_r2=0.2, shrinkage=1.0),
        outside("the shrinkage is 1", "above 0 and below 1", "--shrinkage"),
    ),
    "shrinkage below r2": (
        lambda: development(0.5, 5, cox_snell_r2=0.6, shrinkage=0.5),
        "a shrinkage of 0.5 with a Cox-Snell R² of 0.6 [E-SIZE-RANGE]\n"
        "expected: a shrinkage above the R²: their ratio is the apparent R², which is below 1\n"
        "to fix: ask for less overfitting: a --shrinkage nearer 1",
    ),
    "width 0": (
        lambda: validation(0.2, 0.8, widths=Widths(slope=0.0)),
        outside("the width of the calibration slope interval is 0", "above 0.001 and below 100", "--slope-width"),
    ),
    "width of C above 1": (
        lambda: validation(0.2, 0.8, widths=Widths(c_statistic=1.0)),
        outside("the width of the C-statistic interval is 1", "above 0.001 and below 1", "--c-width"),
    ),
    "width of O:E": (
        lambda: validation(0.2, 0.8, widths=Widths(observed_expected=-1.0)),
        outside("the width of the observed:expected interval is -1", "above 0.001 and below 100", "--oe-width"),
    ),
    "width of net benefit": (
        lambda: validation(0.2, 0.8, widths=Widths(net_benefit=math.inf)),
        outside("the width of the net benefit interval is inf", "above 0.001 and below 100", "--net-benefit-width"),
    ),
    "sd 0": (
        lambda: validation(0.2, 0.8, linear_predictor=NormalLinearPredictor(-2, 0)),
        outside("the sd of the linear predictor is 0", "above 0 and below 50", "--lp-sd"),
    ),
    "mean on another scale": (
        lambda: validation(0.2, 0.8, linear_predictor=NormalLinearPredictor(120, 3)),
        outside("the mean linear predictor is 120", "above -50 and below 50", "--lp-mean"),
    ),
    "shape": (
        lambda: validation(0.2, 0.8, linear_predictor=BetaRisk(0.5, 0.0)),
        outside("the shape of the risk's distribution is 0", "above 0", "the shapes of BetaRisk"),
    ),
    "threshold 1": (
        lambda: validation(0.2, 0.8, use=UseAtThreshold(1.0, 0.8, 0.8)),
        outside("the threshold is 1", "above 0 and below 1", "--threshold"),
    ),
    "sensitivity in percent": (
        lambda: validation(0.2, 0.8, use=UseAtThreshold(0.1, 80, 0.8)),
        outside("the sensitivity is 80", "from 0 to 1", "--sensitivity"),
    ),
    "specificity below 0": (
        lambda: validation(0.2, 0.8, use=UseAtThreshold(0.1, 0.8, -0.1)),
        outside("the specificity is -0.1", "from 0 to 1", "--specificity"),
    ),
    "no error at the threshold": (
        lambda: validation(0.2, 0.8, use=UseAtThreshold(0.1, 1, 1)),
        "a sensitivity of 1 with a specificity of 1 [E-SIZE-RANGE]\n"
        "expected: a sensitivity and a specificity that leave the net benefit a variance\n"
        "to fix: give those that are anticipated on new patients (--sensitivity, --specificity)",
    ),
    "log odds that are not finite": (
        lambda: validation(0.2, 0.8, linear_predictor=[0.1, math.nan, math.inf]),
        "linear predictors of shape (3,), 2 of them not finite [E-SIZE-RANGE]\n"
        "expected: one finite log odds a patient\n"
        "to fix: leave out patients without a risk; a risk of exactly 0 or 1 has no log odds",
    ),
    "risks of 0": (
        lambda: validation(0.2, 0.8, linear_predictor=[-900.0, -800.0]),
        "linear predictors whose risks are 0 or 1 [E-SIZE-RANGE]\n"
        "expected: risks between 0 and 1\n"
        "to fix: give the linear predictor as log odds (--lp-mean, --lp-sd)",
    ),
    "more patients than people": (
        lambda: validation(1e-12, 0.8),
        "a need of more than 10,000,000,000 patients [E-SIZE-RANGE]\n"
        "expected: a question that patients who exist can answer\n"
        "to fix: ask for less precision, or correct the prevalence or the anticipated performance",
    ),
    "no patients": (
        lambda: expected_shrinkage(0, 5, 0.1),
        outside("the number of patients is 0", "above 0", "the number of patients"),
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_value_that_cannot_be_is_refused_in_words(name):
    asked, said = REFUSED[name]
    with pytest.raises(InputRefused) as refusal:
        asked()
    assert str(refusal.value) == said


def test_no_anticipated_performance_or_two_are_wrong_usage():
    for given, found in (
        ({}, "no anticipated performance"),
        (
            {"nagelkerke_r2": 0.1, "c_statistic": 0.7},
            "the anticipated performance was given by --nagelkerke-r2 and --c-statistic",
        ),
    ):
        with pytest.raises(WrongUsage) as refusal:
            development(0.2, 5, **given)
        assert str(refusal.value) == (
            f"{found} [E-SIZE]\n"
            "expected: exactly one of --cox-snell-r2, --nagelkerke-r2, --c-statistic\n"
            "to fix: give what an earlier model of this outcome reached; if nothing is known, --nagelkerke-r2 0.15"
        )


def test_constant_linear_predictors_have_no_slope():
    with pytest.raises(StatisticalRefusal) as refusal:
        validation(0.2, 0.8, linear_predictor=np.full(40, -1.0))
    assert str(refusal.value) == (
        "40 linear predictors that are all the same [S-CONSTANT-RISK]\n"
        "expected: linear predictors that differ between patients\n"
        "to fix: a slope cannot be estimated for a constant risk"
    )


# the command


def asked(*options):
    return CliRunner().invoke(size, [str(option) for option in options])


def refused(*options):
    """Return the error that the command raises; the group of commands turns it into words and an exit code."""
    error = asked(*options).exception
    assert isinstance(error, ClinpredError)
    return error.exit_code, str(error)


DEVELOPMENT = ("--prevalence", 0.174, "--parameters", 24, "--cox-snell-r2", 0.288)
VALIDATION = ("--validate", "--prevalence", 0.018, "--c-statistic", 0.8, "--lp-mean", -5, "--lp-sd", 2.5)


def test_development_as_json():
    said = json.loads(asked(*DEVELOPMENT, "--json").stdout)
    assert set(said) == {"criteria", "patients", "events", "events_per_parameter"}
    assert [criterion["patients"] for criterion in said["criteria"]] == [623, 662, 221, 801]
    assert {tuple(criterion) for criterion in said["criteria"]} == {("name", "patients", "events", "shrinkage")}
    assert said["patients"] == 801
    assert said["events"] == pytest.approx(139.374)
    assert said["events_per_parameter"] == pytest.approx(5.80725)


def test_development_for_people():
    assert asked(*DEVELOPMENT).stdout == (
        "criterion                     patients  events  shrinkage\n"
        "overfitting (shrinkage)            623     109      0.900\n"
        "optimism in Nagelkerke R2          662     116      0.905\n"
        "overall risk                       221      39      0.905\n"
        "mean absolute error of risks       801     140      0.905\n"
        "\n"
        "801 patients (140 events, 5.8 per parameter) are needed. Mean absolute error of risks asks for the most: "
        "with fewer, risks are expected to be wrong by more than 0.05 on average (pmsampsize, which does not ask it, "
        "would say 662).\n"
        "Reckoned with a Cox-Snell R2 of 0.288 (Nagelkerke R2 0.477).\n"
        "So strong a model has a C-statistic above 0.8: there the overfitting criterion is known to ask for too few, "
        "by half at 0.85 and by as many again at 0.9 (Pavlou et al. 2024).\n"
    )


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            ("--prevalence", 0.05, "--parameters", 20, "--nagelkerke-r2", 0.15),
            "Overfitting (shrinkage) asks for the most: with fewer, an unpenalised model's risks are expected to need "
            "a shrinkage below 0.9.",
        ),
        (
            ("--prevalence", 0.3, "--parameters", 40, "--nagelkerke-r2", 0.6),
            "Optimism in Nagelkerke R2 asks for the most: with fewer, the apparent Nagelkerke R2 is expected to be "
            "more than 0.05 too high.",
        ),
        (
            ("--prevalence", 0.5, "--parameters", 1, "--c-statistic", 0.7),
            "Overall risk asks for the most: with fewer, the overall risk is known less exactly than to 0.05 "
            "either way.",
        ),
    ],
)
def test_every_criterion_says_why_it_rules(options, sentence):
    assert sentence in asked(*options).stdout


def test_validation_as_json():
    said = json.loads(asked(*VALIDATION, "--oe-width", 1, "--json").stdout)
    assert [criterion["patients"] for criterion in said["criteria"]] == [905, 4554, 4252]
    assert set(said["criteria"][0]) == {"name", "patients", "events", "estimate", "standard_error", "width"}
    assert said["patients"] == 4554


def test_validation_for_people():
    use = ("--threshold", 0.1, "--sensitivity", 0.8, "--specificity", 0.8)
    assert asked(*VALIDATION, "--oe-width", 1, *use).stdout == (
        "criterion                 patients  events  interval width\n"
        "observed:expected              905      17           1.000\n"
        "calibration slope            4,554      82           0.200\n"
        "C-statistic (AUROC)          4,252      77           0.100\n"
        "standardised net benefit    37,689     679           0.200\n"
        "\n"
        "37,689 patients (679 events) are needed. Standardised net benefit asks for the most: with fewer, its 95 % "
        "interval is expected to be wider than asked for.\n"
    )
    assert asked(*VALIDATION[:5]).stdout.endswith("The linear predictor is taken to be what the C-statistic implies.\n")


CONTRADICTIONS = [
    (
        ("--prevalence", 0.1, "--nagelkerke-r2", 0.15),
        "the size of a development was asked for without --parameters [E-SIZE]\n"
        "expected: --parameters for the size of a development\n"
        "to fix: add --parameters",
    ),
    (
        ("--prevalence", 0.1, "--parameters", 5, "--nagelkerke-r2", 0.15, "--oe-width", 0.2, "--threshold", 0.1),
        "--oe-width, --threshold was given for the size of a development [E-SIZE]\n"
        "expected: the options of one question: development, or with --validate validation\n"
        "to fix: leave them out, or add --validate",
    ),
    (
        ("--validate", "--prevalence", 0.1, "--c-statistic", 0.8, "--parameters", 5),
        "--parameters was given for the size of a validation [E-SIZE]\n"
        "expected: the options of one question: development, or with --validate validation\n"
        "to fix: leave them out, or leave out --validate",
    ),
    (
        ("--validate", "--prevalence", 0.1),
        "the size of a validation was asked for without --c-statistic [E-SIZE]\n"
        "expected: --c-statistic for the size of a validation\n"
        "to fix: add --c-statistic",
    ),
    (
        ("--validate", "--prevalence", 0.1, "--c-statistic", 0.8, "--lp-mean", -2),
        "the linear predictor's distribution was asked for without --lp-sd [E-SIZE]\n"
        "expected: --lp-mean, --lp-sd for the linear predictor's distribution\n"
        "to fix: add --lp-sd",
    ),
    (
        ("--validate", "--prevalence", 0.1, "--c-statistic", 0.8, "--net-benefit-width", 0.1),
        "the net benefit at a threshold was asked for without --threshold, --sensitivity, --specificity [E-SIZE]\n"
        "expected: --threshold, --sensitivity, --specificity for the net benefit at a threshold\n"
        "to fix: add --threshold, --sensitivity, --specificity",
    ),
]


@pytest.mark.parametrize(("options", "said"), CONTRADICTIONS)
def test_contradictory_options_are_wrong_usage(options, said):
    assert refused(*options) == (2, said)


def test_a_value_out_of_its_range_leaves_with_the_code_of_input():
    code, said = refused("--prevalence", 0, "--parameters", 5, "--nagelkerke-r2", 0.15)
    assert code == 3
    assert said.startswith("the prevalence is 0 [E-SIZE-RANGE]")


def test_every_option_has_help_and_the_help_an_example():
    assert all(option.help for option in size.params)
    assert "Example:" in asked("--help").stdout


# what a run says


def test_enough_development_patients_are_no_finding():
    assert development_finding(needed_for_development(6_828, 1_770, 60)) is None


def test_a_development_at_the_size_needed_is_no_finding_and_one_patient_fewer_is():
    needed = needed_for_development(1_000, 500, 5).needed.patients
    even = needed + needed % 2
    assert development_finding(needed_for_development(even, even // 2, 5)) is None
    assert development_finding(needed_for_development(needed - 2, needed // 2 - 1, 5)) is not None


@pytest.mark.parametrize(
    ("patients", "events", "columns", "level", "text"),
    [
        (
            682,
            89,
            24,
            "caution",
            "682 development patients (89 events) for 24 design columns; needed for a shrinkage of 0.9 at a Nagelkerke "
            "R² of 0.15: 2550; expected shrinkage at this size: 0.71",
        ),
        (
            30,
            5,
            2,
            "serious",
            "30 development patients (5 events) for 2 design columns; needed for a shrinkage of 0.9 at a Nagelkerke R² "
            "of 0.15: 192; expected shrinkage at this size: 0.59; needed for the overall risk to within 0.05: 214",
        ),
        (
            60,
            6,
            100,
            "serious",
            "60 development patients (6 events) for 100 design columns; needed for a shrinkage of 0.9 at a Nagelkerke "
            "R² of 0.15: 12045; expected shrinkage at this size: below 0.15",
        ),
    ],
)
def test_too_few_development_patients_are_said(patients, events, columns, level, text):
    found = development_finding(needed_for_development(patients, events, columns))
    assert (found.code, found.level, found.text, found.count) == ("W-SAMPLE-SIZE", level, text, patients)
    assert found.advice == "expect overfitting of the unregularised models; use fewer predictors or more patients"


def held_out(patients, events, auroc=0.86):
    lp = normal_spread(-1.5, 1.2).linear_predictor[600:1400]
    return needed_for_validation(patients, events, auroc=auroc, linear_predictor=lp)


def test_too_few_held_out_patients_are_said_interval_by_interval():
    found = validation_finding(held_out(350, 91))
    needed = {one.name: one.patients for one in held_out(350, 91).needed.criteria}
    assert (found.code, found.level) == ("W-FEW-HELD-OUT", "caution")
    assert found.text == (
        "350 held-out patients (91 events); needed for 95 % intervals no wider than stated: "
        f"{needed['observed_expected']} for the observed:expected ratio (0.2), "
        f"{needed['calibration_slope']} for the calibration slope (0.4)"
    )
    assert needed["auroc"] < 350


def test_enough_held_out_patients_are_no_finding():
    assert validation_finding(held_out(5_000, 1_300)) is None


@pytest.mark.parametrize(("events", "auroc"), [(0, 0.8), (50, 0.8), (10, 0.5), (10, 1.0), (10, 0.3), (10, math.nan)])
def test_where_nothing_can_be_anticipated_nothing_is_said_to_be_needed(events, auroc):
    assert held_out(50, events, auroc) is None


def test_a_constant_risk_has_no_need():
    assert needed_for_validation(50, 10, auroc=0.7, linear_predictor=np.zeros(50)) is None
