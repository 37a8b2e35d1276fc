"""The optimism of choosing: by how much the best of many looks at the same validation data is too good."""

from collections.abc import Sequence
from math import sqrt

import numpy as np
from numpy.typing import NDArray


def standard_error(share: float, samples: int) -> float:
    r"""Standard error of a share measured on independent samples: :math:`\sqrt{A(1-A)/n}`.

    Parameters
    ----------
    share
        The true share :math:`A`, in [0, 1].
    samples
        :math:`n`, at least 1.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> round(standard_error(0.5, 10_000), 4)
    0.005
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share is {share}; a share lies between 0 and 1")
    if samples < 1:
        raise ValueError(f"samples is {samples}; a share is measured on at least 1")
    return sqrt(share * (1 - share) / samples)


def expected_maximum(k: int) -> float:
    r"""Expected maximum of `k` independent standard normal numbers.

    :math:`m_k = \int_0^\infty (1 - \Phi(x)^k)\,dx - \int_{-\infty}^0 \Phi(x)^k\,dx`, by quadrature.

    Raises
    ------
    ValueError
        If `k` is below 1.

    References
    ----------
    David & Nagaraja (2003), Order Statistics, section 3.1.

    Examples
    --------
    Of two numbers it is one over the square root of pi:

    >>> round(expected_maximum(2), 6), round(expected_maximum(1000), 3)
    (0.56419, 3.241)
    """
    from scipy.integrate import quad
    from scipy.special import log_ndtr

    if k < 1:
        raise ValueError(f"k is {k}; a maximum is taken of at least 1 number")
    above, _ = quad(lambda x: -np.expm1(k * log_ndtr(x)), 0, 12, epsabs=1e-11, limit=200)
    below, _ = quad(lambda x: np.exp(k * log_ndtr(x)), -12, 0, epsabs=1e-11, limit=200)
    return float(above - below)


def best_look_errors(
    runs: Sequence[int],
    *,
    between: float = 0.0,
    within: float | None = None,
    draws: int = 100_000,
    seed: int = 0,
) -> NDArray[np.float64]:
    """The error of the best of many looks, drawn again and again; in standard errors of a single look.

    All looks have the same true accuracy and normal errors. Two looks of one run have errors with the
    correlation `within`, looks of two runs with the correlation `between`.

    Parameters
    ----------
    runs
        How many looks (epochs) each run has.
    between, within
        Correlations with 0 ≤ between ≤ within ≤ 1; `within` is by default the same as `between`.
    draws
        How many times the whole choice is repeated.
    seed
        Of NumPy's generator.

    Returns
    -------
    ndarray
        ``(draws,)``; the mean is the expected optimism.

    Raises
    ------
    ValueError
        If there is no run or one has no look, correlations are out of order, or `draws` is below 1.

    Examples
    --------
    >>> independent = best_look_errors((300, 300))
    >>> correlated = best_look_errors((300, 300), between=0.6, within=0.8)
    >>> bool(abs(independent.mean() - expected_maximum(600)) < 0.01), bool(correlated.mean() < 2)
    (True, True)
    """
    from scipy.special import ndtri

    within = between if within is None else within
    if not len(runs) or min(runs) < 1:
        raise ValueError(f"runs is {tuple(runs)}; give at least one run, each with at least 1 look")
    if not 0 <= between <= within <= 1:
        raise ValueError(
            f"between is {between} and within {within}; correlations are ordered 0 ≤ between ≤ within ≤ 1"
        )
    if draws < 1:
        raise ValueError(f"draws is {draws}; it must be at least 1")
    generator = np.random.default_rng(seed)
    best = np.full(draws, -np.inf)
    for looks in runs:
        of_run = sqrt(within - between) * generator.standard_normal(draws)
        # The maximum of independent looks has the distribution function Φ^looks; its inverse at a uniform
        # number, from the upper tail, where there are digits left.
        upper = -np.expm1(np.log1p(-generator.random(draws)) / looks)
        highest = -ndtri(upper) if within < 1 else 0.0
        best = np.maximum(best, of_run + sqrt(1 - within) * highest)
    errors: NDArray[np.float64] = sqrt(between) * generator.standard_normal(draws) + best
    return errors
