"""Correlation-dependent Shapley values of linear models: what is not known yet is expected from what is."""

import numpy as np
from numpy.typing import NDArray

from clinpred.explanation.walks import Players

Array = NDArray[np.float64]

_RIDGE = 1e-8
ORDERS = 200


def dependent_values(
    coefficients: Array,
    development: Array,
    explained: Array,
    players: Players,
    *,
    rng: np.random.Generator,
    orders: int = ORDERS,
) -> Array:
    """Return correlation-dependent Shapley values, on the log odds scale.

    A coalition of predictors is worth the log odds that are expected where its values are known and all others are
    normal, with the mean and covariance of the development patients. A predictor that the model hardly uses is then
    credited with what it tells of those that the model does use. In one order of the predictors the credits are those
    of a Cholesky factor: what each tells beyond those before it. They are averaged over drawn orders and their
    reverses; in every order they add up to the row's log odds less their mean.

    Parameters
    ----------
    coefficients : array, shape (p,)
    development, explained : arrays, shapes (n, p) and (m, p)
        Standardised designs.
    players : Players
    rng : numpy.random.Generator
    orders : int
        Drawn orders; each is walked both ways.

    Returns
    -------
    array, shape (m, players)

    References
    ----------
    Aas K, Jullum M, Loland A. Artif Intell 2021;298:103502. Chen H et al. True to the model or true to the data?
    arXiv:2006.16234.

    Notes
    -----
    Checked against shap's LinearExplainer with ``feature_perturbation="correlation_dependent"``, and against the
    definition (all coalitions of a small game).
    """
    apart = explained - development.mean(axis=0)
    covariance = np.cov(development, rowvar=False, ddof=0).reshape(len(coefficients), -1)
    covariance[np.diag_indices_from(covariance)] += _RIDGE
    values = np.zeros((len(explained), len(players.names)))
    drawn = players.orders(orders, rng)
    for order in np.concatenate([drawn, drawn[:, ::-1]]):
        walked = np.concatenate([players.columns[player] for player in order])
        factor = np.linalg.cholesky(covariance[np.ix_(walked, walked)])
        told = np.linalg.solve(factor, apart[:, walked].T) * (factor.T @ coefficients[walked])[:, None]
        starts = np.cumsum([0, *(players.columns[player].size for player in order[:-1])])
        values[:, order] += np.add.reduceat(told, starts, axis=0).T
    return values / (2 * orders)
