"""Shapley values of one network, 300 patients and 50 predictors, beside shap's permutation explainer.

Run: python benchmarks/shapley.py. Reach: 4 s. Both evaluate as many states; the error is that of the values against 100
times as many walks, on 20 patients. The network is 64-32, and both call the same forward.
"""

import numpy as np
import shap
from penalised_data import publish, row, seconds
from threadpoolctl import threadpool_limits

from clinpred.explanation.dependent import dependent_values
from clinpred.explanation.walks import Players, walked_values
from clinpred.models.risk_model import Layer, NetworkForm

PATIENTS, PREDICTORS, BACKGROUND, WIDTHS = 300, 50, 50, (64, 32, 1)
HEAD = ["| what | clinpred, s | peer | peer, s | times quicker | reach, stretch |", "|---|---|---|---|---|---|"]


def network(rng):
    """Return a network of random weights."""
    shapes = zip((PREDICTORS, *WIDTHS), WIDTHS, strict=False)
    return NetworkForm(
        (tuple(Layer(rng.normal(size=one) / np.sqrt(one[0]), rng.normal(size=one[1])) for one in shapes),)
    )


def main():
    """Time both, and say how far their values are from the truth."""
    rng = np.random.default_rng(1)
    form = network(rng)
    rows, background = rng.normal(size=(PATIENTS, PREDICTORS)), rng.normal(size=(BACKGROUND, PREDICTORS))
    names = [f"x{place}" for place in range(PREDICTORS)]
    players = Players.of(names)
    bundles = [tuple(names[at : at + 5]) for at in range(0, PREDICTORS, 5)]
    masker = shap.maskers.Independent(background, max_samples=BACKGROUND)
    explainer = shap.PermutationExplainer(form.linear_predictor, masker, seed=1)

    def by_shap(explained):
        return explainer(explained, max_evals=2 * PREDICTORS + 1, silent=True).values

    def walked(explained, who=players, walks=1):
        return walked_values(form, explained, background, who, rng=np.random.default_rng(2), walks=walks)

    by_shap(rows[:2])  # compiles
    truth = walked(rows[:20], walks=100)
    errors = [float(np.abs(one(rows[:20]) - truth).mean() / np.abs(truth).mean()) for one in (walked, by_shap)]
    whole = form.linear_predictor(rows) - form.linear_predictor(background).mean()
    apart = float(np.abs(walked(rows).sum(axis=1) - whole).max())
    unions = Players.of(names, bundles)
    peer = seconds(lambda: by_shap(rows), again=3)
    lines = [
        *HEAD,
        row(
            "Shapley values, 300 x 50, network 64-32",
            seconds(lambda: walked(rows), again=3),
            "shap, permutation",
            peer,
            "4 s",
        ),
        row(
            "Owen values over 10 clusters of 5",
            seconds(lambda: walked(rows, unions), again=3),
            "shap, permutation",
            peer,
            "4 s",
        ),
    ]
    design = rng.normal(size=(8_000, PREDICTORS)) @ rng.normal(size=(PREDICTORS, PREDICTORS))
    weights = rng.normal(size=PREDICTORS)
    moments = (design.mean(axis=0), np.cov(design, rowvar=False))
    dependent = seconds(lambda: dependent_values(weights, design, design[:PATIENTS], players, rng=rng), again=3)
    linear = seconds(
        lambda: shap.LinearExplainer(
            (weights, 0.0), moments, feature_perturbation="correlation_dependent", nsamples=400
        ).shap_values(design[:PATIENTS])
    )
    lines += [
        row("correlation-dependent, linear, 400 orders", dependent, "shap, linear", linear, "none set"),
        "",
        f"Mean error of a value, as a share of their mean size: {errors[0]:.3f} by walks, {errors[1]:.3f} by shap. "
        f"Values add up to within {apart:.0e}.",
    ]
    publish("Explanations", lines)


if __name__ == "__main__":
    with threadpool_limits(1):
        main()
