"""The page: one file, no network, nothing that runs, every number from the results, readable by everybody."""

import base64
import csv
import hashlib
import io
import re
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise
from urllib.parse import unquote

import pytest

from clinpred.report.contents import FindingItem, PenaltyPath
from clinpred.report.figures import draw_figures
from clinpred.report.first_screen import headline_cards
from clinpred.report.numbers import with_interval
from clinpred.report.performance_tables import performance_by_role
from clinpred.report.render import render_report
from clinpred.report.resampling_tables import leading_optimism_table
from clinpred.report.style import DARK, LIGHT, STATUS_DARK, STATUS_LIGHT
from clinpred.report.tables import result_tables, table_csv
from clinpred.report.tabular import Table, rows_csv
from clinpred.report.verdict import judge_results

HOSTILE = "<img src=x onerror=document.title='owned'>"
VOID = {"meta", "br", "img", "input", "link", "hr", "wbr"}


@dataclass
class Page(HTMLParser):
    """What a test asks of a page: its elements in order, with attributes, and whether they nest."""

    elements: list = field(default_factory=list)
    open: list = field(default_factory=list)
    unclosed: list = field(default_factory=list)
    text: list = field(default_factory=list)

    def __post_init__(self):
        super().__init__()

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes), tuple(self.open)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes), tuple(self.open)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.unclosed.append(tag)

    def handle_data(self, text):
        if "style" not in self.open:
            self.text.append(text)

    def all(self, tag):
        return [attributes for name, attributes, _ in self.elements if name == tag]


def parsed(html):
    page = Page()
    page.feed(html)
    page.close()
    return page


def judged(results):
    verdict = judge_results(
        results.models,
        results.primary,
        results.comparisons,
        thresholds=results.study.thresholds,
        findings=results.findings,
    )
    return results.model_copy(update={"verdict": verdict})


def renamed(results, name):
    """Return results in which a predictor, a model and a study carry a name."""
    predictors = [one.model_copy(update={"name": name, "levels": [name]}) for one in results.predictors[:3]]
    finding = FindingItem(code="W-MARKUP", level="serious", text=f"`{name}` {name}", advice=name, column=name)
    model = results.models[results.primary]
    coefficients = [one.model_copy(update={"column": name, "predictor": name}) for one in model.coefficients[:1]]
    model = model.model_copy(update={"title": name, "coefficients": coefficients})
    study = results.study.model_copy(update={"name": name, "outcome": name, "event": name, "export": name})
    return results.model_copy(
        update={
            "predictors": predictors,
            "findings": [finding, *results.findings],
            "models": results.models | {results.primary: model},
            "study": study,
        }
    )


@pytest.fixture(scope="module")
def results(example_results):
    return judged(example_results)


@pytest.fixture(scope="module")
def html(results):
    return render_report(results, draw_figures(results))


@pytest.fixture(scope="module")
def page(html):
    return parsed(html)


def _plain(page):
    return re.sub(r"\s+", " ", "".join(page.text))


def test_the_page_nests_has_one_heading_of_the_first_rank_and_says_its_language(html, page):
    assert html.startswith("<!DOCTYPE html>")
    assert page.unclosed == []
    assert page.open == []
    assert len(page.all("h1")) == 1
    assert page.all("html") == [{"lang": "en"}]
    assert len(page.all("main")) == len(page.all("header")) == len(page.all("footer"))
    assert [inside for tag, _, inside in page.elements if tag == "title" and "svg" not in inside] == [("html", "head")]


def test_headings_skip_no_rank(page):
    ranks = [int(tag[1]) for tag, _, _ in page.elements if re.fullmatch(r"h\d", tag)]
    assert ranks[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(ranks))


def test_ids_are_unique_and_every_reference_finds_one(page):
    ids = [attributes["id"] for _, attributes, _ in page.elements if "id" in attributes]
    assert [name for name, times in Counter(ids).items() if times > 1] == []
    inner = {a["href"][1:] for a in page.all("a") if a["href"].startswith("#")}
    named = {name for _, a, _ in page.elements for name in a.get("aria-labelledby", "").split()}
    assert inner | named <= set(ids)


def test_every_table_has_a_caption_and_every_heading_cell_a_scope(page):
    assert len(page.all("table")) == len(page.all("caption")) > 10
    assert {a["scope"] for a in page.all("th")} == {"col", "row", "rowgroup"}
    regions = [a for a in page.all("div") if a.get("role") == "region"]
    assert len(regions) == len(page.all("table"))
    assert all(a["tabindex"] == "0" and a["aria-labelledby"] for a in regions)


def test_every_figure_has_number_title_description_numbers_and_data(results, page):
    drawn = draw_figures(results)
    assert {a["id"] for a in page.all("figure")} == {f"fig-{name}" for name in drawn}
    text = _plain(page)
    for number in range(1, len(drawn) + 1):
        assert f"Figure {number}. " in text
        assert f"Numbers behind figure {number}" in text
    charts = [a for a in page.all("svg") if a.get("role") == "img"]
    assert len(charts) == len(drawn)
    assert all(len(a["aria-labelledby"].split()) == 2 for a in charts)
    assert all(a.get("aria-hidden") == "true" for a in page.all("svg") if a.get("role") != "img")
    assert len([a for a in page.all("a") if "download" in a]) == len(drawn)


def test_the_data_behind_a_figure_are_its_table(results, page):
    drawn = draw_figures(results)
    for link in (a for a in page.all("a") if "download" in a):
        kind, _, content = link["href"].partition(",")
        assert kind == "data:text/csv;charset=utf-8"
        assert len(content) <= 50_000
        header, *rows = csv.reader(io.StringIO(unquote(content)))
        figure = drawn[link["download"].removesuffix(".csv")]
        assert tuple(header) == tuple(figure.table.header)
        assert len(rows) == len(figure.table.rows)


def test_nothing_is_fetched_and_nothing_runs(html, page):
    for _, attributes, _ in page.elements:
        for name in ("src", "href", "action", "data", "poster", "srcset"):
            assert not re.match(r"\s*(https?:|//|javascript:)", attributes.get(name) or "")
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
    assert not re.search(r"url\(\s*['\"]?(?!#)", html)
    assert "@import" not in html
    for tag in ("script", "iframe", "object", "embed", "link", "base", "form", "img"):
        assert page.all(tag) == []


def test_the_policy_admits_the_one_style_and_nothing_else(html, page):
    policy = next(a["content"] for a in page.all("meta") if a.get("http-equiv") == "Content-Security-Policy")
    (style,) = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy.split("; ")[:2] == ["default-src 'none'", f"style-src 'sha256-{digest}'"]
    assert "unsafe" not in policy
    assert "script" not in policy


@pytest.mark.parametrize(
    "name",
    [
        HOSTILE,
        "<script>document.title='owned'</script>",
        '"><b id="verdict">',
        "</style><script>x</script>",
        "{{ 7*7 }}",
    ],
)
def test_hostile_names_are_shown_as_text_and_do_nothing(results, page, name):
    hostile = judged(renamed(results, name))
    html = render_report(hostile, draw_figures(hostile))
    shown = parsed(html)
    assert shown.unclosed == []
    assert {tag for tag, _, _ in shown.elements} <= {tag for tag, _, _ in page.elements}
    assert len(shown.all("style")) == 1
    assert name in "".join(shown.text)


@pytest.mark.parametrize("character", ["\u202e", "\u2066", "\x00", "\x1b", "\x85", "\ufffe"])
def test_characters_that_turn_the_text_around_or_may_not_stand_in_a_page_are_replaced(results, character):
    html = render_report(judged(renamed(results, f"evil{character}gpj.exe")), {})
    assert character not in html
    assert "evil\ufffdgpj.exe" in html


def test_the_same_results_give_the_same_bytes(results, html):
    again = type(results).model_validate_json(results.model_dump_json(by_alias=True))
    assert render_report(again, draw_figures(again)) == html


def test_every_estimate_of_the_primary_model_is_shown_as_the_results_have_it(results, page):
    text = _plain(page)
    performances = results.models[results.primary].performance
    for role in ("held_out", "apparent"):
        for measure in type(performances[role]).model_fields:
            if measure != "net_benefit":
                assert with_interval(getattr(performances[role], measure), measure) in text
    for benefit in performances["held_out"].net_benefit:
        assert f"{benefit.estimate:.3f} ({benefit.lower:.3f} to {benefit.upper:.3f})" in text


def test_the_first_screen_holds_verdict_cards_and_five_warnings(results, html):
    first = html.split('<main id="main">')[0]
    performance = results.models[results.primary].performance["held_out"]
    for sentence in results.verdict.sentences:
        assert parsed_text(sentence) in _plain(parsed(first))
    for number in (f"{performance.auroc.estimate:.3f}", f"{performance.calibration_slope.estimate:.2f}"):
        assert f'<p class="value">{number}</p>' in first
    shown, more = first.split("<summary>1 more</summary>")
    assert shown.count('href="#finding-') == 5
    assert more.count('href="#finding-') == 1
    levels = re.findall(r'<li class="(serious|caution|note)">', first)
    assert levels == sorted(levels, key=["serious", "caution", "note"].index)


def parsed_text(sentence):
    return sentence.replace("`", "").replace("\u00a0", " ")


def test_without_a_threshold_none_is_made_up(example_results):
    study = example_results.study.model_copy(update={"thresholds": []})
    html = render_report(judged(example_results.model_copy(update={"study": study})), {})
    assert "no decision threshold given" in html
    assert "Net benefit at a risk of" not in html


def test_what_is_not_estimable_says_why(page):
    assert "not estimable (112 risks of 0 or 1)" in _plain(page)


def test_a_report_with_little_in_it_is_still_a_report(results):
    little = results.model_copy(
        update={
            "models": {name: results.models[name] for name in ("prevalence", "logistic_ridge")},
            "comparisons": [],
            "findings": [],
            "predictors": [],
        }
    )
    shown = parsed(render_report(judged(little), {}))
    assert shown.unclosed == []
    assert "The audit and the run noticed nothing." in _plain(shown)
    assert "No risk in the export was declared for comparison." in _plain(shown)


def test_the_footer_says_what_the_report_is_not(page):
    assert "Not a medical device. Not for clinical use without local validation." in _plain(page)


def test_the_page_is_small(html):
    assert len(html.encode()) <= 800_000


def _luminance(colour):
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one, other):
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("colours", [LIGHT | STATUS_LIGHT, DARK | STATUS_DARK], ids=["light", "dark"])
def test_every_text_colour_stands_out_from_what_is_behind_it(colours):
    texts = [name for name in colours if name not in {"--paper", "--wash", "--grid"}]
    pairs = [(text, behind) for text in texts for behind in ("--paper", "--wash")]
    assert [pair for pair in pairs if _contrast(*(colours[name] for name in pair)) < 4.5] == []


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+sum", "'+sum"),
        ("-x", "'-x"),
        ("@cmd", "'@cmd"),
        ("\tx", "'\tx"),
        ("-1.5", "-1.5"),
        ("+2e3", "+2e3"),
        (-1.5, "-1.5"),
        ("a=1", "a=1"),
        (None, ""),
    ],
)
def test_a_spreadsheet_runs_nothing(cell, written):
    assert next(csv.reader(io.StringIO(rows_csv([[cell, "end"]])))) == [written, "end"]


def test_a_header_is_as_inert_as_a_cell():
    assert table_csv(Table("t", "T", "", ("=x",), (("=y",),))) == "'=x\n'=y\n"


def test_tables_have_stable_ids_and_every_row_is_as_wide_as_its_header(results):
    tables = result_tables(results)
    assert [table.id for table in tables] == [
        "clauses",
        "predictors",
        "missing-by-site",
        "performance",
        "imputed-performance",
        "optimism",
        "comparisons",
        "tuning",
        "network-luck",
        "stability",
        "classification-stability",
        "ranks",
        "clusters",
        "collinearity",
        "dependencies",
        "cluster-importance",
        "importance",
        "coefficients-side-by-side",
        "coefficients",
        "imputed-coefficients",
        "separation",
        "comparators",
        "findings",
    ]
    for table in tables:
        assert {len(row) for row in table.rows} == {len(table.header)}


def test_the_coefficients_in_the_csv_give_the_risk_back(results):
    table = next(table for table in result_tables(results) if table.id == "coefficients")
    rows = {row[0]: row for row in csv.reader(io.StringIO(table_csv(table)))}
    model = results.models["logistic_ridge"]
    place = table.header.index(model.title)
    assert float(rows["(intercept)"][place]) == model.intercept
    assert [float(rows[one.column][place]) for one in model.coefficients] == [o.original for o in model.coefficients]


def _table_of(results, identity):
    return next(table for table in result_tables(results) if table.id == identity)


def test_the_tables_of_resampling_say_what_the_results_have(results):
    ridge = results.models["logistic_ridge"]
    rows = [row[1:] for row in _table_of(results, "optimism").rows if row[0] == ridge.title]
    auroc = ridge.optimism[0]
    corrected = f"{auroc.corrected:.3f} ({auroc.lower:.3f} to {auroc.upper:.3f})"
    assert rows[0] == (
        "AUROC ↑", f"{auroc.apparent:.3f}", f"{auroc.optimism:.3f}", corrected, auroc.replicates, auroc.lost,
        f"{auroc.plus_632:.3f}",
    )  # fmt: skip
    assert rows[-1][3] == "not estimable (more than 5 % of the replicates have no value)"
    (row,) = (row for row in _table_of(results, "stability").rows if row[0] == ridge.title)
    found = ridge.stability
    assert row[1:] == ("199", "1", "0", "2,280", f"{found.mean_absolute:.3f}", f"{found.mean_absolute_90:.3f}")
    stated = [row[1:] for row in _table_of(results, "classification-stability").rows if row[0] == ridge.title]
    assert [one[2] for one in stated] == [f"{100 * one.unstable:.1f} %" for one in found.classification]
    ranks = {row[0]: row for row in _table_of(results, "ranks").rows}
    assert [ranks[o.predictor][5] for o in found.ranks] == [f"{100 * o.top_five:.1f} %" for o in found.ranks]


@pytest.mark.parametrize(("columns", "doubted"), [(46, False), (500, True)])
def test_the_bootstrap_is_doubted_only_where_events_are_few(results, columns, doubted):
    few = results.model_copy(update={"cohort": results.cohort.model_copy(update={"design_columns": columns})})
    assert ("corrected values are too favourable" in _table_of(few, "optimism").caption) is doubted


def test_a_separated_model_shows_firths_fit_and_says_that_its_own_coefficients_mean_nothing(results, page):
    model = results.models["logistic_unpenalised"]
    rows = [row for row in _table_of(results, "separation").rows if row[0] == model.title]
    assert [row[1] for row in rows] == [one.column for one in model.separation.firth]
    assert [row[1] for row in rows if row[2] == "yes"] == model.separation.columns
    assert "Without a finite maximum-likelihood estimate: " in _plain(page)
    assert "its own coefficients mean nothing" in _plain(page).replace("the model’s", "its")
    assert "no end)" in rows[[row[2] for row in rows].index("yes")][3]


def test_a_report_without_resampling_has_no_section_of_stability(results):
    models = {
        name: model.model_copy(update={"stability": None, "optimism": None}) for name, model in results.models.items()
    }
    without = results.model_copy(update={"models": models, "resampling": None, "learning_curve": None})
    shown = parsed(render_report(without, draw_figures(without)))
    assert "stability" not in {a.get("id") for a in shown.all("h2")}
    assert "5 What the model uses" in _plain(shown)


def test_the_first_screen_says_the_resampled_auroc(results, html):
    resampled = results.models[results.primary].performance["resampled"].auroc.estimate
    assert f"in development (apparent), {resampled:.3f} resampled" in html.split('<main id="main">')[0]


def _with_resampled_comparisons(results):
    """Return results whose comparisons hold the resampled role first, with differences of its own."""
    resampled = [
        one.model_copy(update={"role": "resampled", "difference": 0.25, "lower": 0.2, "upper": 0.3, "patients": 2280})
        for one in results.comparisons
        if results.models[one.baseline].kind != "comparator"
    ]
    return results.model_copy(update={"comparisons": [*resampled, *results.comparisons]})


def test_differences_of_each_role_stand_under_its_own_heading(results):
    rows = _table_of(_with_resampled_comparisons(results), "comparisons").rows
    held_out = [row for row in rows if row[0] == "Held-out patients"]
    resampled = [row for row in rows if row[0].startswith("Resampled")]
    assert held_out == list(_table_of(results, "comparisons").rows)
    assert {row[3].split(" ")[0] for row in resampled} == {"2,280"}
    assert rows == (*held_out, *resampled)


def test_the_net_benefit_card_takes_the_difference_on_the_patients_judged_on(results):
    other = results.comparisons[0].model_copy(
        update={"role": "resampled", "baseline": "prevalence", "measure": "net_benefit:0.2", "difference": 0.987,
                "lower": 0.9, "upper": 0.99}
    )  # fmt: skip
    own = other.model_copy(update={"role": "held_out", "difference": 0.123, "lower": 0.1, "upper": 0.2})
    note = headline_cards(results.model_copy(update={"comparisons": [other, own]}))[-1].notes[0]
    assert "difference 0.1230" in note
    assert "0.987" not in headline_cards(results.model_copy(update={"comparisons": [other]}))[-1].notes[0]


def test_the_page_shows_performance_by_role_without_models_that_have_none(results, page):
    by_role = {table.id: table for table in performance_by_role(results)}
    assert list(by_role) == ["performance-held-out", "performance-resampled", "performance-apparent"]
    titles = {role: [one.title for one in results.models.values() if role in one.performance] for role in
              ("held_out", "resampled", "apparent")}  # fmt: skip
    assert [list(table.header[1:]) for table in by_role.values()] == list(titles.values())
    assert {f"table-{name}" for name in by_role} <= {a["id"] for a in page.all("table")}


def test_the_open_table_of_optimism_is_of_the_primary_model_and_its_twin(results):
    rows = leading_optimism_table(results).rows
    assert {row[0] for row in rows} == {"Logistic, ridge (L2)", "Logistic, unpenalised"}
    assert set(rows) < set(_table_of(results, "optimism").rows)


def test_a_model_that_was_never_held_out_is_judged_and_drawn(results):
    models = {
        name: model.model_copy(
            update={
                "performance": {role: one for role, one in model.performance.items() if role != "held_out"},
                "curves": {role: one for role, one in model.curves.items() if role != "held_out"},
            }
        )
        for name, model in results.models.items()
        if model.kind != "comparator"
    }
    without = judged(results.model_copy(update={"models": models, "comparisons": []}))
    shown = parsed(render_report(without, draw_figures(without)))
    assert shown.unclosed == []
    assert "resampled patients" in without.verdict.sentences[0]


def test_a_strength_without_a_resampled_deviance_leaves_a_gap(results):
    model = results.models["logistic_ridge"]
    path = model.tuning.path
    gap = {"resampled": [*path.resampled[:-3], *[None] * 3], "standard_error": [*path.standard_error[:-3], *[None] * 3]}
    changed = PenaltyPath.model_validate(path.model_dump() | gap)
    tuned = model.model_copy(update={"tuning": model.tuning.model_copy(update={"path": changed})})
    gapped = results.model_copy(update={"models": results.models | {"logistic_ridge": tuned}})
    figure = draw_figures(gapped)["sweet_spot"]
    assert "nan" not in figure.svg
    assert "not estimable" in figure.description
    rows = [row for row in figure.table.rows if row[0] == model.title]
    assert [row[3] for row in rows[-4:]] == [path.resampled[-4], None, None, None]
    with pytest.raises(ValueError, match="the chosen strength has no resampled deviance"):
        PenaltyPath.model_validate(path.model_dump() | {"resampled": [None] * 100})


def _methods_with(results, name, **changes):
    model = results.models[name]
    trained = model.model_copy(update={"training": model.training.model_copy(update=changes)})
    changed = results.model_copy(update={"models": results.models | {name: trained}})
    return " ".join(_plain(parsed(render_report(changed, {}))).split())


def test_methods_say_how_the_networks_were_searched_and_learnt_anew(results):
    training = results.models["mlp_regularised"].training
    best = training.chosen
    units = " and ".join(map(str, training.hidden))
    setting = f"{units} hidden units, L2 strength {best.l2:g}, dropout {best.dropout:g}."
    methods = _methods_with(results, "mlp_regularised")
    assert "2,280 development patients were split into 5 folds" in methods
    assert "In each of 3 rotations the networks learnt from 3 folds" in methods
    assert "Of 18 settings of hidden units, L2 and dropout, the one with the lowest log loss" in methods
    assert f"over the choosing patients of all rotations was taken: {setting}" in methods
    lowered = f"(its L2 strength lowered to {training.members[-1].l2:g}, as 1/√n, n the patients learnt from)"
    assert f"with this setting {lowered} for {training.epochs} epochs, the median of the best epochs" in methods
    final = training.members[-1].model_copy(update={"l2": best.l2})
    given = _methods_with(results, "mlp_regularised", grid=[best], members=[*training.members[:-1], final])
    assert f"The setting was given: {setting}" in given
    assert f"with this setting for {training.epochs} epochs" in given


def test_methods_say_plainly_that_a_plain_network_was_not_at_its_floor(results):
    unfinished = "was not yet at its floor after 400 epochs, the most allowed"
    assert unfinished not in _methods_with(results, "mlp_unregularised")
    assert unfinished in _methods_with(results, "mlp_unregularised", at_floor=False)
    settings = {row[1]: row[2] for row in _table_of(results, "tuning").rows if row[0] == "MLP, unregularised"}
    assert settings["training loss at its floor"] == "yes"


def test_wherever_importance_is_shown_the_fixed_words_stand(results):
    words = "describes the model, not a cause; correlated predictors share it."
    captions = {table.id: table.caption for table in result_tables(results)}
    captions |= {name: figure.caption for name, figure in draw_figures(results).items()}
    shown = ("importance", "cluster-importance", "ranks", "importance_mlp", "partial_effects")
    assert [name for name in shown if words not in captions[name].lower()] == []
    figures = draw_figures(results)
    assert [name for name in ("importance", "ranks") if words not in figures[name].caption.lower()] == []
