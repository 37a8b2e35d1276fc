"""Comparison statistics: intervals for means, new runs, proportions, and differences paired by seed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import inf, isfinite, sqrt
from statistics import NormalDist, fmean, variance


@dataclass(frozen=True)
class Interval:
    """A mean with the interval around it, in the unit of the values, over `n` values (or trials).

    Examples
    --------
    >>> print(Interval(mean=0.875, low=0.871, high=0.879, n=5))
    0.875 [0.871, 0.879], n = 5
    >>> print(Interval(mean=0.875, low=-inf, high=inf, n=1))
    0.875 (one value: no interval)
    """

    mean: float
    low: float
    high: float
    n: int

    @property
    def finite(self) -> bool:
        """False where one value alone leaves the interval without bounds."""
        return isfinite(self.low) and isfinite(self.high)

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high

    def __str__(self) -> str:
        if not self.finite:
            return f"{self.mean:.4g} (one value: no interval)"
        return f"{self.mean:.4g} [{self.low:.4g}, {self.high:.4g}], n = {self.n}"


@dataclass(frozen=True)
class Difference:
    """The mean of ``a - b`` over the `n` seeds that both share, with its 95 % interval.

    `distinguishable` is true when the interval leaves out zero.

    Examples
    --------
    >>> print(Difference(mean=0.013, low=0.01, high=0.016, n=5, distinguishable=True))
    +0.013 [+0.01, +0.016], n = 5: distinguishable
    """

    mean: float
    low: float
    high: float
    n: int
    distinguishable: bool

    def __str__(self) -> str:
        says = "distinguishable" if self.distinguishable else "not distinguishable"
        return f"{self.mean:+.4g} [{self.low:+.4g}, {self.high:+.4g}], n = {self.n}: {says}"


def mean_interval(values: Iterable[float], *, level: float = 0.95) -> Interval:
    r"""Student's interval for the mean: :math:`\bar x \pm t_{n-1}\, s / \sqrt n`.

    Parameters
    ----------
    values
        One figure per seed, in any unit; at least one.
    level
        Coverage, between 0 and 1.

    Returns
    -------
    Interval
        With infinite bounds when there is one value only: one seed says nothing of the spread.

    Raises
    ------
    ValueError
        If there is no value, a value is not finite, or the level is not between 0 and 1.

    References
    ----------
    Student (1908), The probable error of a mean.

    Examples
    --------
    >>> print(mean_interval([0.87, 0.88, 0.875, 0.869, 0.881]))
    0.875 [0.8681, 0.8819], n = 5
    """
    figures = _checked(values, level)
    n = len(figures)
    return _student(figures, spread=sqrt(1 / n), level=level)


def prediction_interval(
    values: Iterable[float], *, level: float = 0.95, added_variance: float = 0.0
) -> Interval:
    r"""Where one *new* run falls: :math:`\bar x \pm t_{n-1}\sqrt{s^2(1 + 1/n) + v}`.

    Parameters
    ----------
    values
        One figure per seed, in any unit; at least one.
    level
        Coverage, between 0 and 1.
    added_variance
        :math:`v`, further variance of the new figure in the squared unit of the values, at least 0; for an
        accuracy p on other m images that is :math:`p(1-p)/m`. Student's quantile is kept for it, so the
        interval is a little too wide rather than too narrow.

    Returns
    -------
    Interval
        With infinite bounds when there is one value only.

    Raises
    ------
    ValueError
        If there is no value, a value is not finite, the level is not between 0 and 1, or the added
        variance is negative.

    References
    ----------
    Hahn & Meeker (1991), Statistical Intervals, section 4.7.

    Examples
    --------
    >>> print(prediction_interval([0.87, 0.88, 0.875, 0.869, 0.881]))
    0.875 [0.8582, 0.8918], n = 5
    """
    if not (isfinite(added_variance) and added_variance >= 0):
        raise ValueError(f"added_variance is {added_variance}; a variance is finite and at least 0")
    figures = _checked(values, level)
    n = len(figures)
    return _student(figures, spread=sqrt(1 + 1 / n), level=level, added=added_variance)


def proportion_interval(successes: int, trials: int, *, level: float = 0.95) -> Interval:
    r"""Wilson's interval for a proportion :math:`\hat p = k/n`, in [0, 1].

    Its bounds are the two solutions p of :math:`(\hat p - p)^2 = z^2\, p(1-p)/n`.

    Parameters
    ----------
    successes, trials
        k and n, counts with 0 ≤ k ≤ n and n ≥ 1.
    level
        Coverage, between 0 and 1.

    Raises
    ------
    ValueError
        If the counts or the level are out of range.

    References
    ----------
    Wilson (1927), Probable inference, the law of succession, and statistical inference.

    Examples
    --------
    >>> print(proportion_interval(8729, 10_000))
    0.8729 [0.8662, 0.8793], n = 10000
    """
    _check_level(level)
    if trials < 1 or not 0 <= successes <= trials:
        raise ValueError(
            f"{successes} successes of {trials} trials; expected 0 ≤ successes ≤ trials and trials ≥ 1"
        )
    z = NormalDist().inv_cdf((1 + level) / 2)
    share = successes / trials
    centre = (share + z**2 / (2 * trials)) / (1 + z**2 / trials)
    half = z / (1 + z**2 / trials) * sqrt(share * (1 - share) / trials + (z / (2 * trials)) ** 2)
    low = 0.0 if successes == 0 else centre - half
    high = 1.0 if successes == trials else centre + half
    return Interval(mean=share, low=low, high=high, n=trials)


def paired_difference(a: Mapping[int, float], b: Mapping[int, float], *, level: float = 0.95) -> Difference:
    """Compare two configurations seed by seed: Student's interval for the mean of ``a[seed] - b[seed]``.

    Runs of one seed share their initial weights or their order of batches, so that the difference often
    varies less than either figure. Seeds that only one of the two has are left out.

    Parameters
    ----------
    a, b
        Figure by seed, as `Card.values` returns them; at least two seeds in common.
    level
        Coverage, between 0 and 1.

    Raises
    ------
    ValueError
        If fewer than two seeds are common, or a figure is not finite.

    References
    ----------
    Student (1908), The probable error of a mean, section IX.

    Examples
    --------
    >>> print(paired_difference({0: 0.91, 1: 0.92, 2: 0.915}, {0: 0.88, 1: 0.90, 2: 0.89}))
    +0.025 [+0.01258, +0.03742], n = 3: distinguishable
    """
    common = sorted(a.keys() & b.keys())
    if len(common) < 2:
        raise ValueError(
            f"seeds {sorted(a)} and {sorted(b)} have {len(common)} in common; "
            "a paired comparison needs at least 2, so run both configurations with the same seeds"
        )
    interval = mean_interval((a[seed] - b[seed] for seed in common), level=level)
    return Difference(
        mean=interval.mean,
        low=interval.low,
        high=interval.high,
        n=interval.n,
        distinguishable=0 not in interval,
    )


def _student(figures: list[float], spread: float, level: float, added: float = 0.0) -> Interval:
    from scipy.stats import t

    n, mean = len(figures), fmean(figures)
    if n == 1:
        return Interval(mean=mean, low=-inf, high=inf, n=1)
    deviation = sqrt(variance(figures) * spread**2 + added)
    half = float(t.ppf((1 + level) / 2, n - 1)) * deviation
    return Interval(mean=mean, low=mean - half, high=mean + half, n=n)


def _checked(values: Iterable[float], level: float) -> list[float]:
    _check_level(level)
    figures = [float(value) for value in values]
    if not figures:
        raise ValueError("there are no values; an interval needs at least one")
    strange = [value for value in figures if not isfinite(value)]
    if strange:
        raise ValueError(
            f"{len(strange)} of {len(figures)} values are not finite ({strange[0]}); leave that run out"
        )
    return figures


def _check_level(level: float) -> None:
    if not 0 < level < 1:
        raise ValueError(f"level is {level}; coverage lies between 0 and 1, such as 0.95")
