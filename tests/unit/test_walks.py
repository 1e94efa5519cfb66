"""Shapley and Owen values against their definitions: every coalition of a small game, and shap's own explainers."""

from itertools import combinations, pairwise, permutations
from math import factorial

import numpy as np
import pytest

from clinpred.explanation.dependent import dependent_values
from clinpred.explanation.shapley import shapley_importance
from clinpred.explanation.walks import Players, walked_values
from clinpred.models.risk_model import Layer, LinearForm, NetworkForm, OpaqueForm

SOURCES = ("a", "a", "b", "c", "d", "e")
RNG = np.random.default_rng(1)


def network(activation="relu", members=2, inputs=6):
    widths = ((inputs, 5), (5, 3), (3, 1))
    layers = [
        tuple(Layer(RNG.normal(size=shape), RNG.normal(size=shape[1])) for shape in widths) for _ in range(members)
    ]
    return NetworkForm(tuple(layers), activation)


FORM = network()
ROWS, BACKGROUND = RNG.normal(size=(7, 6)), RNG.normal(size=(9, 6))


def worth(coalition, row, players, form=FORM):
    """Return the mean log odds where a coalition has the row's values and all others the background's."""
    states = BACKGROUND.copy()
    for player in coalition:
        states[:, players.columns[player]] = row[players.columns[player]]
    return form.linear_predictor(states).mean()


def by_definition(row, players):
    """Return Shapley values from all coalitions."""
    count = len(players.names)
    values = np.zeros(count)
    for player in range(count):
        others = [one for one in range(count) if one != player]
        for size in range(count):
            weight = factorial(size) * factorial(count - size - 1) / factorial(count)
            for chosen in combinations(others, size):
                values[player] += weight * (worth((*chosen, player), row, players) - worth(chosen, row, players))
    return values


def by_all_orders(row, players):
    """Return Owen values from all orders in which unions stay together."""
    count = len(players.names)
    orders = [
        order
        for order in permutations(range(count))
        if sum(players.union[one] != players.union[other] for one, other in pairwise(order)) == players.union.max()
    ]
    values = np.zeros(count)
    for order in orders:
        for place, player in enumerate(order):
            values[player] += worth(order[: place + 1], row, players) - worth(order[:place], row, players)
    return values / len(orders)


def test_walks_have_the_values_of_the_definition_as_their_mean():
    players = Players.of(SOURCES)
    exact = np.array([by_definition(row, players) for row in ROWS[:3]])
    drawn = np.array(
        [
            walked_values(FORM, ROWS[:3], BACKGROUND, players, rng=np.random.default_rng(seed), walks=20)
            for seed in range(30)
        ]
    )
    error = drawn.std(axis=0, ddof=1) / np.sqrt(30)
    assert (np.abs(drawn.mean(axis=0) - exact) < 4 * error + 1e-12).all()
    assert error.max() < 0.02


def test_walks_of_unions_have_owens_values_as_their_mean_and_a_union_has_that_of_the_game_of_unions():
    players = Players.of(SOURCES, [("b", "d"), ("c", "e")])
    exact = np.array([by_all_orders(row, players) for row in ROWS[:3]])
    drawn = np.array(
        [
            walked_values(FORM, ROWS[:3], BACKGROUND, players, rng=np.random.default_rng(seed), walks=20)
            for seed in range(30)
        ]
    )
    error = drawn.std(axis=0, ddof=1) / np.sqrt(30)
    assert (np.abs(drawn.mean(axis=0) - exact) < 4 * error + 1e-12).all()
    of_unions = Players.of(["a", "a", "bd", "ce", "bd", "ce"])
    quotient = np.array([by_definition(row, of_unions) for row in ROWS[:3]])
    sums = np.column_stack([exact[:, 0], exact[:, [1, 3]].sum(axis=1), exact[:, [2, 4]].sum(axis=1)])
    np.testing.assert_allclose(sums, quotient, atol=1e-12)


@pytest.mark.parametrize("activation", ["relu", "tanh", "elu", "silu"])
@pytest.mark.parametrize("clusters", [[], [("b", "d")]])
def test_values_add_up_to_the_log_odds_less_their_mean(activation, clusters):
    form = network(activation)
    values = walked_values(form, ROWS, BACKGROUND, Players.of(SOURCES, clusters), rng=np.random.default_rng(2))
    whole = form.linear_predictor(ROWS) - form.linear_predictor(BACKGROUND).mean()
    np.testing.assert_allclose(values.sum(axis=1), whole, atol=1e-12)


def test_a_network_walks_as_a_function_known_by_its_values_does():
    players = Players.of(SOURCES, [("b", "d")])
    known, function = (
        walked_values(form, ROWS, BACKGROUND, players, rng=np.random.default_rng(3))
        for form in (FORM, OpaqueForm(FORM.linear_predictor))
    )
    np.testing.assert_allclose(known, function, atol=1e-12)


def test_what_a_network_does_not_use_adds_nothing_and_twins_add_the_same():
    kernel = RNG.normal(size=(6, 4))
    kernel[3] = 0.0
    kernel[5] = kernel[4]
    form = NetworkForm(((Layer(kernel, RNG.normal(size=4)), Layer(RNG.normal(size=(4, 1)), np.zeros(1))),))
    rows, background = ROWS.copy(), BACKGROUND.copy()
    rows[:, 5], background[:, 5] = rows[:, 4], background[:, 4]
    players = Players.of(SOURCES)
    values = walked_values(form, rows, background, players, rng=np.random.default_rng(4), walks=400)
    np.testing.assert_array_equal(values[:, 2], 0.0)
    np.testing.assert_allclose(values[:, 3], values[:, 4], atol=0.03)


def test_a_union_of_one_is_nobody_else_and_walks_of_a_line_are_exact():
    line = NetworkForm(((Layer(RNG.normal(size=(6, 1)), np.zeros(1)),),))
    values = walked_values(line, ROWS, BACKGROUND, Players.of(SOURCES, [("b",)]), rng=np.random.default_rng(5))
    apart = (ROWS - BACKGROUND.mean(axis=0)) * line.members[0][0].kernel[:, 0]
    np.testing.assert_allclose(values[:, 0], apart[:, :2].sum(axis=1), atol=1e-12)
    np.testing.assert_allclose(values[:, 1:], apart[:, 2:], atol=1e-12)


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_values_of_predictors_and_clusters_are_those_of_shaps_explainer_within_sampling_error():
    import shap

    sources = tuple("abcdef")
    masker = shap.maskers.Independent(BACKGROUND, max_samples=len(BACKGROUND))
    exact = shap.ExactExplainer(FORM.linear_predictor, masker)(ROWS).values
    drawn = np.array(
        [
            walked_values(FORM, ROWS, BACKGROUND, Players.of(sources), rng=np.random.default_rng(seed), walks=20)
            for seed in range(20)
        ]
    )
    error = drawn.std(axis=0, ddof=1) / np.sqrt(20)
    assert (np.abs(drawn.mean(axis=0) - exact) < 4.5 * error + 1e-12).all()
    clusters = [("a", "b"), ("d", "f")]
    found = shapley_importance(FORM, BACKGROUND, ROWS, sources, rng=np.random.default_rng(6), clusters=clusters)
    assert [one.dependent for one in found.importances] == [None] * 6
    joined = Players.of(["ab", "ab", "c", "df", "e", "df"])

    def of_clusters(row):
        """Return shap's exact values of the game that clusters play: 1 where one has the row's values."""

        def game(coalitions):
            return np.array([worth(np.flatnonzero(one), row, joined) for one in coalitions])

        return shap.ExactExplainer(game, np.zeros((1, 4)))(np.ones((1, 4))).values[0]

    quotient = np.array([of_clusters(row) for row in ROWS])
    expected = {("a", "b"): np.abs(quotient[:, 0]).mean(), ("d", "f"): np.abs(quotient[:, 2]).mean()}
    for one in found.clusters:
        assert one.mean_absolute == pytest.approx(expected[one.members], rel=0.15)


def dependent_by_definition(coefficients, mean, covariance, row, players):
    """Return the values of the game in which unknown predictors are expected from known ones, from all coalitions."""
    count = len(players.names)

    def expected(coalition):
        known = [column for player in coalition for column in players.columns[player]]
        apart = np.zeros(len(mean))
        if known:
            solved = np.linalg.solve(covariance[np.ix_(known, known)], (row - mean)[known])
            apart = covariance[:, known] @ solved
        return coefficients @ apart

    values = np.zeros(count)
    for player in range(count):
        others = [one for one in range(count) if one != player]
        for size in range(count):
            weight = factorial(size) * factorial(count - size - 1) / factorial(count)
            for chosen in combinations(others, size):
                values[player] += weight * (expected((*chosen, player)) - expected(chosen))
    return values


def correlated_rows(n=400):
    rng = np.random.default_rng(7)
    common = rng.normal(size=(n, 1))
    return 0.8 * common + rng.normal(size=(n, 6)) * [0.5, 0.7, 0.9, 0.4, 1.0, 0.6]


def test_correlation_dependent_values_are_those_of_the_definition():
    development = correlated_rows()
    coefficients, players = np.array([1.0, -0.5, 0.0, 0.8, 0.3, 0.0]), Players.of(SOURCES)
    found = dependent_values(
        coefficients, development, development[:5], players, rng=np.random.default_rng(8), orders=4_000
    )
    covariance = np.cov(development, rowvar=False, ddof=0)
    exact = [
        dependent_by_definition(coefficients, development.mean(axis=0), covariance, row, players)
        for row in development[:5]
    ]
    np.testing.assert_allclose(found, exact, atol=0.02)


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_correlation_dependent_values_are_those_of_shap():
    import shap

    development = correlated_rows()
    coefficients, alone = np.array([1.0, -0.5, 0.0, 0.8, 0.3, 0.0]), Players.of(tuple("abcdef"))
    found = dependent_values(
        coefficients, development, development[:50], alone, rng=np.random.default_rng(9), orders=2_000
    )
    moments = (development.mean(axis=0), np.cov(development, rowvar=False, ddof=0))
    np.random.seed(1)  # shap draws its orders from the global stream
    explainer = shap.LinearExplainer(
        (coefficients, 0.0), moments, feature_perturbation="correlation_dependent", nsamples=4_000
    )
    np.testing.assert_allclose(found, explainer.shap_values(development[:50]), atol=0.05)


def test_correlation_dependent_values_add_up_and_without_correlation_are_the_interventional_ones():
    development = correlated_rows()
    coefficients, players = np.array([1.0, -0.5, 0.0, 0.8, 0.3, 0.0]), Players.of(SOURCES)
    found = dependent_values(coefficients, development, development, players, rng=np.random.default_rng(10))
    whole = (development - development.mean(axis=0)) @ coefficients
    np.testing.assert_allclose(found.sum(axis=1), whole, atol=1e-6)
    orthogonal = np.linalg.qr(development - development.mean(axis=0))[0] * 20
    found = dependent_values(coefficients, orthogonal, orthogonal[:9], players, rng=np.random.default_rng(11))
    apart = (orthogonal[:9] - orthogonal.mean(axis=0)) * coefficients
    np.testing.assert_allclose(found[:, 0], apart[:, :2].sum(axis=1), atol=1e-6)
    np.testing.assert_allclose(found[:, 1:], apart[:, 2:], atol=1e-6)


def test_a_predictor_without_weight_is_credited_with_what_it_tells_of_others():
    rng = np.random.default_rng(12)
    twin = rng.normal(size=2_000)
    design = np.column_stack([twin, 0.95 * twin + np.sqrt(1 - 0.95**2) * rng.normal(size=2_000)])
    form = LinearForm(0.0, np.array([1.0, 0.0]))
    found = shapley_importance(form, design, design, ("used", "unused"), rng=np.random.default_rng(13))
    by_name = {one.members[0]: one for one in found.importances}
    assert by_name["unused"].mean_absolute == 0.0
    assert by_name["unused"].dependent == pytest.approx(by_name["used"].dependent, rel=0.2)
    assert by_name["used"].dependent < 0.65 * by_name["used"].mean_absolute


def test_columns_that_repeat_one_another_do_no_harm():
    design = np.repeat(RNG.normal(size=(300, 3)), 2, axis=1)
    players, coefficients = Players.of(SOURCES), np.array([1.0, 1.0, 0.5, 0.5, 0.2, 0.2])
    found = dependent_values(coefficients, design, design[:20], players, rng=np.random.default_rng(14))
    whole = (design[:20] - design.mean(axis=0)) @ coefficients
    np.testing.assert_allclose(found.sum(axis=1), whole, atol=1e-4)
