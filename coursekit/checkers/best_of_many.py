"""Checker of the expected accuracy of the best of several models, each tried on images of its own."""

from collections.abc import Callable
from fractions import Fraction
from itertools import product
from math import comb, isclose

from coursekit.checkers.reports import Trial

# Accuracy, images, models. The first are small enough to add up every outcome.
SMALL = (
    (0.5, 1, 1),
    (0.5, 1, 2),
    (0.25, 2, 2),
    (0.75, 3, 1),
    (0.625, 3, 3),
    (0.0, 4, 3),
    (1.0, 4, 3),
    (0.875, 5, 4),
)
LARGE = ((0.859, 1_000, 1), (0.859, 1_000, 8), (0.746, 200, 100), (0.9, 1_000, 1_000))


def check_expected_best(f: Callable[[float, int, int], float]) -> None:
    """Check ``f(accuracy, images, models)``, small cases against the sum over all outcomes.

    Every model is right on each image with the probability `accuracy`, independently of the other images
    and models. What is asked is the mean of the highest share of right answers.

    Parameters
    ----------
    f
        Returns the expected share, right to 1e-6.

    Raises
    ------
    CheckFailed
        At the first wrong answer; the message shows the call, what was expected and what came.

    Examples
    --------
    >>> from scipy.stats import binom
    >>> def expected_best(accuracy, images, models):
    ...     below = binom.cdf(range(images), images, accuracy) ** models
    ...     return (1 - below).sum() / images
    >>> check_expected_best(expected_best)
    expected_best: all 12 cases are right.
    """
    trial = Trial(f)
    for accuracy, images, models in (*SMALL, *LARGE):
        counted = _counted if (accuracy, images, models) in SMALL else _summed
        expected = counted(accuracy, images, models)
        answer = trial.call(accuracy, images, models, shown=f"{accuracy:g}, {images}, {models}")
        try:
            given = float(answer)
        except (TypeError, ValueError):
            raise trial.fail(f"the share {expected:.7f}", f"a {type(answer).__name__}") from None
        if not isclose(given, expected, rel_tol=0, abs_tol=1e-6):
            raise trial.fail(f"the share {expected:.7f}", f"{given:.7f}")
    trial.passed()


def _binomial(accuracy: float, images: int) -> list[Fraction]:
    """The probability of every count of right answers."""
    p = Fraction(accuracy)
    return [comb(images, k) * p**k * (1 - p) ** (images - k) for k in range(images + 1)]


def _counted(accuracy: float, images: int, models: int) -> float:
    chances = _binomial(accuracy, images)
    total = Fraction(0)
    for counts in product(range(images + 1), repeat=models):
        chance = Fraction(1)
        for count in counts:
            chance *= chances[count]
        total += chance * max(counts)
    return float(total / images)


def _summed(accuracy: float, images: int, models: int) -> float:
    """The highest count is j where all are at most j, but not all at most j − 1."""
    import numpy as np
    from scipy.stats import binom

    counts = np.arange(images + 1)
    at_most = binom.cdf(counts, images, accuracy) ** models
    return float((counts * np.diff(at_most, prepend=0.0)).sum() / images)
