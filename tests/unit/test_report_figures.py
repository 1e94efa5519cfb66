import re
import warnings
from xml.etree import ElementTree as ET

import pytest

from clinpred.report.contents import Excluded
from clinpred.report.figures import DARK, FIGURE_CSS, LIGHT, draw_figures, standalone_svg

SVG = "{http://www.w3.org/2000/svg}"
ALL = [
    "calibration", "calibration_mlp", "decision", "risk_distribution", "roc", "dumbbell", "sweet_spot",
    "early_stopping", "learning_curve", "instability", "instability_curves", "strength_spread", "coefficient_spread",
    "ranks", "correlation", "importance", "importance_mlp", "partial_effects",
    "missingness", "flow",
]  # fmt: skip
HOSTILE = {
    "dollars": "$x_1^2$ costs $5",
    "underscore": "_nolegend_",
    "markup": "<script>alert('&')</script>",
    "backslash": r"\frac{1}{0} 100% #1",
    "hebrew": "לחץ דם",
    "arabic": "ضغط الدم",
    "emoji": "🩺 stethoscope",
    "control": "tab\tand\x00null\x1b[31m",
    "surrogate": "half \ud83d pair",
    "long": "serum " * 60 + "end",
    "blank": "   ",
    "reference": "url(#a) var(--ink) style=x",
}


@pytest.fixture(scope="module")
def figures(example_results):
    return draw_figures(example_results)


@pytest.fixture(scope="module")
def trees(figures):
    return {name: ET.fromstring(figure.svg) for name, figure in figures.items()}


def texts_of(figure):
    return ["".join(text.itertext()) for text in ET.fromstring(figure.svg).iter(f"{SVG}text")]


def with_model(results, name, **changes):
    return results.model_copy(
        update={"models": {**results.models, name: results.models[name].model_copy(update=changes)}}
    )


def only_models(results, *names):
    return results.model_copy(update={"models": {name: results.models[name] for name in names}})


def renamed_predictors(results, name):
    """Give the predictor that leads every figure another name."""
    predictors = [one.model_copy(update={"name": name}) if one.name == "adlp" else one for one in results.predictors]
    importance = results.models[results.primary].importance
    permutation = [
        one.model_copy(update={"predictor": name}) if one.predictor == "scoma" else one
        for one in importance.permutation
    ]
    renamed = with_model(
        results, results.primary, importance=importance.model_copy(update={"permutation": permutation})
    )
    comparator = renamed.models["comparator_surv6m"].model_copy(update={"title": name})
    excluded = [Excluded(reason=name, rows=40)]
    return renamed.model_copy(
        update={
            "predictors": predictors,
            "models": {**renamed.models, "comparator_surv6m": comparator},
            "cohort": results.cohort.model_copy(update={"excluded": excluded}),
        }
    )


def test_every_figure_is_drawn_and_keyed_by_its_id(figures):
    assert list(figures) == ALL
    assert [figure.id for figure in figures.values()] == ALL


def test_drawing_again_gives_the_same_bytes(figures, example_results):
    assert draw_figures(example_results) == figures


def test_what_was_set_in_matplotlib_before_changes_nothing(figures, example_results):
    import matplotlib as mpl

    with mpl.rc_context({"font.size": 30, "lines.linewidth": 9, "text.parse_math": True, "svg.fonttype": "path"}):
        assert draw_figures(example_results) == figures


def test_ids_are_unique_across_figures_and_start_with_the_figures_id(trees):
    ids = [
        (name, element.attrib["id"])
        for name, tree in trees.items()
        for element in tree.iter()
        if "id" in element.attrib
    ]
    assert len({identity for _, identity in ids}) == len(ids)
    assert all(identity.startswith(f"{name}-") for name, identity in ids)


def test_every_reference_leads_to_an_element_of_the_same_figure(figures, trees):
    for name, tree in trees.items():
        ids = {element.attrib.get("id") for element in tree.iter()}
        referred = re.findall(r'(?:href="|url\()#([\w.-]+)', figures[name].svg)
        assert set(referred) <= ids
        assert set(tree.attrib["aria-labelledby"].split()) <= ids


def test_a_strict_content_policy_finds_nothing_to_block(figures, trees):
    for name, figure in figures.items():
        elements = list(trees[name].iter())
        assert not [element for element in elements if "style" in element.attrib or element.tag == f"{SVG}style"]
        assert not [key for element in elements for key in element.attrib if key.startswith("on")]
        assert "http" not in figure.svg.replace('xmlns="http://www.w3.org/2000/svg"', "")
        assert figure.svg.startswith("<svg ")


def test_every_figure_has_a_name_and_a_description_from_its_numbers(figures, trees):
    for name, figure in figures.items():
        title, description = trees[name][0], trees[name][1]
        assert (title.tag, description.tag) == (f"{SVG}title", f"{SVG}desc")
        assert (title.text, description.text) == (figure.title, figure.description)
        assert trees[name].attrib["role"] == "img"
        assert re.search(r"\d", figure.title)
        assert re.search(r"\d", figure.description)


def test_every_caption_says_on_whom_and_with_what_interval(figures):
    for figure in figures.values():
        assert re.search(r"patients|row of the export", figure.caption)
        assert "interval" in figure.caption or "band" in figure.caption or "standard error" in figure.caption


def test_text_is_text_and_none_is_smaller_than_eleven_pixels_on_a_phone(trees):
    for tree in trees.values():
        width = float(tree.attrib["viewBox"].split()[2])
        usual = tree.attrib["font-size"]
        sizes = [float(text.get("font-size", usual)) for text in tree.iter(f"{SVG}text")]
        assert sizes
        assert min(sizes) * 358 / width >= 11


def test_no_figure_is_larger_than_25_kilobytes(figures):
    assert {
        name: len(figure.svg.encode()) for name, figure in figures.items() if len(figure.svg.encode()) > 25_000
    } == {}


def test_colours_are_classes_that_the_style_rules_know(figures):
    for figure in figures.values():
        assert not re.search(r'"#[0-9a-f]{6}"', figure.svg)
        for names in re.findall(r'class="([^"]+)"', figure.svg):
            for name in names.split():
                assert f".{name}" in FIGURE_CSS


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_every_colour_of_text_stands_out_from_the_paper(palette):
    paper = luminance(palette["--paper"])
    for name, colour in palette.items():
        if name not in {"--paper", "--grid"}:
            lighter, darker = sorted((paper, luminance(colour)), reverse=True)
            assert (lighter + 0.05) / (darker + 0.05) >= 4.5, name


def test_a_figure_on_its_own_carries_its_colours(figures):
    for figure in figures.values():
        alone = standalone_svg(figure)
        tree = ET.fromstring(alone.encode())
        assert tree.attrib["width"].endswith("pt")
        assert f"--model-1:{LIGHT['--model-1']}" in tree[0].text
        assert figure.svg.split(">", 1)[1] in alone


def test_the_calibration_table_is_the_curve_of_both_models(figures, example_results):
    rows = figures["calibration"].table.rows
    for name in ("logistic_ridge", "logistic_unpenalised"):
        model = example_results.models[name]
        curve = model.curves["held_out"].calibration
        shown = [row[1:] for row in rows if row[0] == model.title]
        assert shown == list(zip(curve.risk, curve.observed, curve.lower, curve.upper, strict=True))


def test_the_decision_table_is_the_net_benefit_of_both_models(figures, example_results):
    primary = example_results.models["logistic_ridge"].curves["held_out"].decision
    twin = example_results.models["logistic_unpenalised"].curves["held_out"].decision
    expected = zip(primary.threshold, primary.net_benefit, twin.net_benefit, primary.treat_all, strict=True)
    assert figures["decision"].table.rows == list(expected)


def test_the_dumbbell_table_holds_every_estimate_or_its_reason(figures, example_results):
    rows = {(row[0], row[1]): row[2:] for row in figures["dumbbell"].table.rows}
    assert len(rows) == 3 * len(example_results.models)
    ridge, physician = example_results.models["logistic_ridge"], example_results.models["comparator_prg6m"]
    auroc, apparent = ridge.performance["held_out"].auroc, ridge.performance["apparent"].auroc
    assert rows[ridge.title, "AUROC"] == (
        apparent.estimate, ridge.optimism[0].corrected, ridge.performance["resampled"].auroc.estimate, auroc.estimate,
        auroc.lower, auroc.upper, auroc.patients, auroc.events, auroc.method,
    )  # fmt: skip
    log_loss = physician.performance["held_out"].log_loss
    assert log_loss.estimate is None
    assert rows[physician.title, "Log loss"][-1] == log_loss.reason


def test_the_dumbbell_never_shows_an_apparent_slope(figures, example_results):
    assert {row[2] for row in figures["dumbbell"].table.rows if row[1] == "Slope"} == {None}
    apparent = example_results.models["logistic_ridge"].performance["apparent"].calibration_slope.estimate
    assert f"{apparent:.2f}" not in figures["dumbbell"].svg.replace(figures["dumbbell"].description, "")
    assert f"{apparent:.2f} apparent" not in figures["dumbbell"].description


def test_the_sweet_spot_table_is_the_path_and_marks_one_choice_a_model(figures, example_results):
    rows = figures["sweet_spot"].table.rows
    for name in ("logistic_ridge", "logistic_lasso", "logistic_elastic_net"):
        model = example_results.models[name]
        path = model.tuning.path
        shown = [row for row in rows if row[0] == model.title]
        assert [row[5] for row in shown] == path.held_out
        assert [row[7] for row in shown] == path.effective_df
        marked = {row[-1]: row[1] for row in shown if row[-1]}
        strengths = {"chosen": path.chosen, "one standard error": path.one_standard_error}
        assert marked == {words: path.strength[place] for words, place in strengths.items()}


def test_the_other_tables_are_the_results_too(figures, example_results):
    model = example_results.models["logistic_ridge"]
    histogram = model.curves["held_out"].histogram
    assert [row[2:] for row in figures["risk_distribution"].table.rows] == list(
        zip(histogram.events, histogram.non_events, strict=True)
    )
    assert [row[1] for row in figures["roc"].table.rows] == model.curves["held_out"].roc.sensitivity
    assert {row[0]: row[1] for row in figures["importance"].table.rows} == {
        one.predictor: one.increase for one in model.importance.permutation
    }
    missing = {one.name: one.missing_share for one in example_results.predictors if one.missing_share != 0}
    assert {row[0]: row[1] for row in figures["missingness"].table.rows} == missing
    assert [row[1] for row in figures["flow"].table.rows][:4] == [3104, 31, 24, 9]


def with_training(results, name, **changes):
    training = results.models[name].training.model_copy(update=changes)
    return with_model(results, name, training=training)


def test_early_stopping_tells_where_every_network_stopped(figures, example_results):
    members = [
        one
        for name in ("mlp_unregularised", "mlp_regularised")
        for one in example_results.models[name].training.members
    ]
    rows = figures["early_stopping"].table.rows
    assert sorted((row[2:4], row[5:7], row[9] or 0) for row in rows) == sorted(
        (("-".join(map(str, one.hidden)), one.l2), (one.stopped_epoch, one.restored_epoch), one.choosing or 0)
        for one in members
    )
    rotations = [row[1] for row in rows if row[1].startswith("rotation")]
    assert rotations == [f"rotation {place % 3 + 1}" for place in range(18 * 3)]


def networks_of(setting, training):
    """Return the networks of the search that had a setting."""
    given = (setting.hidden, setting.l2, setting.dropout)
    return [one for one in training.members if one.rotation is not None and (one.hidden, one.l2, one.dropout) == given]


def test_early_stopping_says_what_the_chosen_setting_found_and_the_final_networks_took(figures, example_results):
    training = example_results.models["mlp_regularised"].training
    best = [one.restored_epoch for one in networks_of(training.chosen, training)]
    found = f"epochs {min(best)} to {max(best)}, and the final ones were trained for {training.epochs};"
    assert len(best) == 3
    assert f"Networks of the chosen setting were best at {found}" in figures["early_stopping"].title
    assert f"final: {training.epochs} epochs" in texts_of(figures["early_stopping"])
    assert "the 17 other settings" in figures["early_stopping"].caption


def test_a_search_of_one_given_setting_has_no_others_to_show(example_results):
    training = example_results.models["mlp_regularised"].training
    final = [one for one in training.members if one.chosen_by == "final"]
    members = [*networks_of(training.chosen, training), *final]
    given = with_training(example_results, "mlp_regularised", grid=[training.chosen], members=members)
    figure = draw_figures(given)["early_stopping"]
    assert figure.title.startswith("Networks of the given setting were best at epochs ")
    assert "other" not in figure.caption + figure.description
    assert "other settings" not in texts_of(figure)


def test_a_plain_network_that_was_not_at_its_floor_is_said_not_to_be(figures, example_results):
    member = example_results.models["mlp_unregularised"].training.members[0].model_copy(update={"stopped_epoch": 1000})
    unfinished = with_training(example_results, "mlp_unregularised", at_floor=False, members=[member])
    caption = draw_figures(unfinished)["early_stopping"].caption
    assert "after 1,000 epochs, the most allowed, its loss was not yet at its floor" in caption
    assert "floor" not in figures["early_stopping"].caption


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_name_is_drawn_as_it_is(name, example_results):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figures = draw_figures(renamed_predictors(example_results, name))
    printable = re.sub("[\x00\x1b\ud83d]", "\ufffd", name)
    shown = " ".join(printable.split()) or "(blank)"
    for figure in ("importance", "missingness"):
        found = [
            text for text in texts_of(figures[figure]) if text == shown or (text[:-1] and shown.startswith(text[:-1]))
        ]
        assert found, texts_of(figures[figure])
        assert figures[figure].table.rows[0][0] == name
        assert ET.fromstring(figures[figure].svg)[0].text == figures[figure].title.replace(name, printable)
    assert any(shown[:8] in text for text in texts_of(figures["flow"]))
    assert any(shown[:8] in text for text in texts_of(figures["dumbbell"]))


def test_a_short_hostile_name_is_drawn_whole(example_results):
    figures = draw_figures(renamed_predictors(example_results, "_$a_b$ & <c>"))
    for figure in ("importance", "missingness", "dumbbell"):
        assert "_$a_b$ & <c>" in texts_of(figures[figure])


def test_a_run_without_networks_has_no_figure_of_them(example_results):
    figures = draw_figures(only_models(example_results, "prevalence", "logistic_unpenalised", "logistic_ridge"))
    assert [name for name in ALL if name not in figures] == ["calibration_mlp", "early_stopping", "importance_mlp"]


def test_a_run_without_a_twin_shows_the_primary_model_alone(example_results):
    figures = draw_figures(only_models(example_results, "logistic_ridge"))
    assert {row[0] for row in figures["calibration"].table.rows} == {"Logistic, ridge (L2)"}
    assert len(figures["decision"].table.header) == 3


def test_what_was_not_tuned_trained_or_explained_is_left_out(example_results):
    bare = with_model(example_results, "logistic_ridge", tuning=None, importance=None, coefficients=[])
    figures = draw_figures(only_models(bare, "logistic_ridge"))
    assert {"sweet_spot", "early_stopping", "importance"}.isdisjoint(figures)
    assert {"calibration", "decision", "dumbbell", "flow"} <= figures.keys()


def test_a_primary_network_takes_the_first_place_and_is_not_drawn_twice(example_results):
    figures = draw_figures(example_results.model_copy(update={"primary": "mlp_regularised"}))
    assert {"calibration_mlp", "importance_mlp"}.isdisjoint(figures)
    assert figures["calibration"].title.startswith("Calibration slope on held-out patients: MLP, dropout")


def test_a_prevalence_only_run_has_no_calibration_curve_and_still_draws(example_results):
    alone = only_models(example_results.model_copy(update={"primary": "prevalence"}), "prevalence")
    figures = draw_figures(alone)
    assert "calibration" not in figures
    assert {"decision", "risk_distribution", "roc", "dumbbell", "correlation", "missingness", "flow"} == figures.keys()


def test_without_thresholds_none_is_chosen_from_the_data(example_results):
    model = example_results.models["logistic_ridge"]
    held_out = model.performance["held_out"].model_copy(update={"net_benefit": []})
    without = with_model(example_results, "logistic_ridge", performance={**model.performance, "held_out": held_out})
    without = without.model_copy(update={"study": without.study.model_copy(update={"thresholds": []})})
    figure = draw_figures(without)["decision"]
    assert "No decision threshold was given" in figure.title
    assert "none is chosen from the data" in figure.caption


def test_a_withheld_count_is_withheld_in_the_table_and_open_in_the_drawing(figures, example_results):
    histogram = example_results.models["logistic_ridge"].curves["held_out"].histogram
    assert None in histogram.events
    assert "withheld" in figures["risk_distribution"].caption
    assert figures["missingness"].table.rows[-1] == ("sod", None, None, None)
    assert "1 to 7 patients" in texts_of(figures["missingness"])


def test_a_complete_data_set_has_no_missingness_figure(example_results):
    complete = [one.model_copy(update={"missing_share": 0.0}) for one in example_results.predictors]
    assert "missingness" not in draw_figures(example_results.model_copy(update={"predictors": complete}))


def test_many_predictors_are_shown_by_the_leading_ones_and_all_stand_in_the_table(example_results):
    predictor = next(one for one in example_results.predictors if one.name == "alb")
    many = [predictor.model_copy(update={"name": f"marker {place}"}) for place in range(200)]
    figure = draw_figures(example_results.model_copy(update={"predictors": many}))["missingness"]
    assert len(figure.table.rows) == 200
    assert sum(text.startswith("marker") for text in texts_of(figure)) == 25
    assert "175 predictors" in figure.caption


RESAMPLING = {
    "learning_curve", "instability", "instability_curves", "strength_spread", "coefficient_spread", "ranks",
}  # fmt: skip


def not_resampled(results):
    bare = {"stability": None, "optimism": None, "separation": None}
    models = {
        name: model.model_copy(
            update={
                **bare,
                "performance": {role: one for role, one in model.performance.items() if role != "resampled"},
            }
        )
        for name, model in results.models.items()
    }
    return results.model_copy(update={"models": models, "learning_curve": None, "resampling": None})


def test_what_was_not_resampled_is_not_drawn(example_results):
    figures = draw_figures(not_resampled(example_results))
    assert RESAMPLING.isdisjoint(figures)
    assert {row[3:5] for row in figures["dumbbell"].table.rows} == {(None, None)}
    assert "Diamond" not in figures["dumbbell"].caption
    assert "resampled" not in texts_of(figures["dumbbell"])


def test_the_tables_of_instability_are_the_results_of_both_twins(figures, example_results):
    for name in ("logistic_ridge", "logistic_unpenalised"):
        model = example_results.models[name]
        risk, decision = model.stability.risk, model.stability.decision
        shown = [row[1:] for row in figures["instability"].table.rows if row[0] == model.title]
        assert shown == list(
            zip(
                risk.lower_edge, risk.upper_edge, risk.patients, risk.mean_absolute,
                risk.q025, risk.q25, risk.q50, risk.q75, risk.q975, strict=True,
            )
        )  # fmt: skip
        curves = [row[1:] for row in figures["instability_curves"].table.rows if row[0] == model.title]
        assert [row[1:] for row in curves if row[0].startswith("net benefit")] == list(
            zip(decision.threshold, decision.original, decision.lower, decision.upper, decision.treat_all, strict=True)
        )
        original = [row[2] for row in curves if row[0].startswith("calibration")]
        assert original == model.stability.calibration.original


def test_the_collapse_of_the_twin_stands_in_the_title_and_its_failures_in_the_caption(figures, example_results):
    for name in ("logistic_ridge", "logistic_unpenalised"):
        model = example_results.models[name]
        stability = model.stability
        assert f"{stability.mean_absolute:.3f} for {model.title}" in figures["instability"].title
        counted = f"{stability.replicates} bootstrap samples developed on, {stability.refused} refused, "
        for figure in ("instability", "instability_curves", "coefficient_spread", "ranks"):
            assert f"{counted}{stability.separated} separated." in figures[figure].caption


def test_the_tables_of_spreads_are_the_results(figures, example_results):
    model = example_results.models["logistic_elastic_net"]
    strength = model.stability.strength
    rows = [row[1:] for row in figures["strength_spread"].table.rows if row[0] == model.title]
    assert rows == list(zip(strength.edges, strength.edges[1:], strength.counts, strict=False))
    assert "an L1 share of 0.5 in 141 replicates" in figures["strength_spread"].caption
    ridge = example_results.models["logistic_ridge"]
    rows = [row[1:6] for row in figures["coefficient_spread"].table.rows if row[0] == ridge.title]
    assert rows == [(o.column, o.estimate, o.lower, o.upper, o.selected) for o in ridge.stability.coefficients]
    rows = [(row[1], *row[3:]) for row in figures["ranks"].table.rows if row[0] == ridge.title]
    assert rows == [(o.predictor, o.rank, o.lower, o.upper, o.top_five) for o in ridge.stability.ranks]
    assert "neighbours of which neither comes first in 97.5 % of the replicates" in figures["ranks"].caption


def test_the_table_of_the_learning_curve_is_the_results(figures, example_results):
    for name, points in example_results.learning_curve.models.items():
        title = example_results.models[name].title
        rows = [row for row in figures["learning_curve"].table.rows if row[0] == title]
        assert [(row[1], row[2], row[5], row[11], row[14]) for row in rows] == [
            (o.patients, o.events, o.auroc.median, o.calibration_slope.median, o.log_loss.median) for o in points
        ]


def test_a_spread_far_beyond_the_models_own_is_marked_and_kept_in_the_table(example_results):
    twin = example_results.models["logistic_unpenalised"]
    wide = [one.model_copy(update={"lower": -900.0, "upper": 900.0}) for one in twin.stability.coefficients]
    stability = twin.stability.model_copy(update={"coefficients": wide})
    figure = draw_figures(with_model(example_results, "logistic_unpenalised", stability=stability))[
        "coefficient_spread"
    ]
    assert {row[3:5] for row in figure.table.rows if row[0] == twin.title} == {(-900.0, 900.0)}
    assert not [text for text in texts_of(figure) if text in {"500", "−500", "1000"}]


@pytest.mark.parametrize(
    ("method", "words"),
    [("loo", "leave-one-patient-out deviance"), ("kfold", "out-of-fold deviance"), ("aicc", "AICc per patient")],
)
def test_the_sweet_spot_is_named_by_what_chose_it(example_results, method, words):
    model = example_results.models["logistic_ridge"]
    folds = 10 if method == "kfold" else None
    path = model.tuning.path.model_copy(update={"method": method, "folds": folds, "standard_error": [0.0] * 100})
    changed = with_model(
        only_models(example_results, "logistic_ridge"),
        "logistic_ridge",
        tuning=model.tuning.model_copy(update={"path": path}),
    )
    assert draw_figures(changed)["sweet_spot"].title.startswith(f"Penalty strength by {words}: ")


def with_effects(results, **changes):
    effects = results.models[results.primary].effects.model_copy(update=changes)
    return with_model(results, results.primary, effects=effects)


def test_partial_effects_show_every_number_of_the_curves_and_say_what_each_band_is(figures, example_results):
    figure, ridge = figures["partial_effects"], example_results.models["logistic_ridge"]
    rows = [row for row in figure.table.rows if row[0] == ridge.title]
    curves = ridge.effects.curves
    assert [row[3] for row in rows] == [value for curve in curves for value in curve.effect]
    assert [row[4:6] for row in rows] == [
        ends for curve in curves for ends in zip(curve.band.lower, curve.band.upper, strict=True)
    ]
    assert [row[2] for row in rows[-4:]] == ["under $11k", "$11-$25k", "$25-$50k", ">$50k"]
    assert {row[1] for row in rows} >= {"age, years", "income", "scoma"}
    assert "Logistic, ridge (L2): the band is the central 95 % of 199 bootstrap samples" in figure.caption
    assert "the lowest to the highest of the 5 networks that it averages" in figure.caption
    assert "each side and between them: bun. Describes" in figure.caption
    assert figure.caption.endswith("Describes the model, not a cause; correlated predictors share it.")
    assert figure.caption.startswith("2,280 development patients, in each panel")


def test_partial_effects_without_a_band_of_few_predictors_or_of_drawn_patients_say_so(example_results):
    curves = [
        one.model_copy(update={"band": None, "effect": [0.0] * len(one.effect)})
        for one in example_results.models["logistic_ridge"].effects.curves[:1]
    ]
    alone = only_models(with_effects(example_results, curves=curves, patients=2000, not_drawn=[]), "logistic_ridge")
    figure = draw_figures(alone)["partial_effects"]
    assert "no band, for no bootstrap samples tell of its curves" in figure.caption
    assert figure.caption.startswith("2,000 of 2,280 development patients, drawn at random, in each panel")
    assert "No curve" not in figure.caption
    none = only_models(with_effects(example_results, curves=[]), "logistic_ridge")
    assert "partial_effects" not in draw_figures(none)


def test_partial_effects_of_a_primary_network_stand_beside_those_of_ridge(example_results):
    figures = draw_figures(example_results.model_copy(update={"primary": "mlp_regularised"}))
    titles = list(dict.fromkeys(row[0] for row in figures["partial_effects"].table.rows))
    assert titles == [example_results.models[name].title for name in ("mlp_regularised", "logistic_ridge")]


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_level_or_predictor_of_a_curve_is_drawn_as_it_is(name, example_results):
    last = example_results.models["logistic_ridge"].effects.curves[-1]
    hostile = last.model_copy(update={"predictor": name, "levels": [name, "b", "c", name]})
    alone = only_models(with_effects(example_results, curves=[hostile]), "logistic_ridge")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = draw_figures(alone)["partial_effects"]
    printable = " ".join(re.sub("[\x00\x1b\ud83d]", "\ufffd", name).split()) or "(blank)"
    assert sum(text[:9] == printable[:9] for text in texts_of(figure)) == 3


def test_curves_whose_lists_differ_in_length_are_refused(example_results):
    curve = example_results.models["logistic_ridge"].effects.curves[0]
    for part in ("effect", "shares"):
        with pytest.raises(ValueError, match="differ in length"):
            type(curve).model_validate(curve.model_dump() | {part: getattr(curve, part)[1:]})
