"""Intervals against SciPy, textbook figures and simulation."""

import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from coursekit.evidence.statistics import (
    mean_interval,
    paired_difference,
    prediction_interval,
    proportion_interval,
)

FIGURES = st.lists(st.floats(-1e3, 1e3).map(lambda x: round(x, 3)), min_size=2, max_size=12)


@given(FIGURES, st.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_mean_interval_is_that_of_scipy(values: list[float], level: float) -> None:
    found = mean_interval(values, level=level)
    assert found.n == len(values)
    if len(set(values)) == 1:
        expected = (values[0], values[0])
    else:
        expected = scipy.stats.t.interval(
            level, len(values) - 1, loc=np.mean(values), scale=scipy.stats.sem(values)
        )
    assert (found.low, found.high) == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_prediction_interval_by_hand() -> None:
    # Mean 3, variance 2.5, and Student's 97.5 % quantile for 4 degrees of freedom from a printed table.
    half = 2.776445 * math.sqrt(2.5 * 6 / 5 + 1)
    found = prediction_interval([1, 2, 3, 4, 5], added_variance=1)
    assert (found.low, found.high) == pytest.approx((3 - half, 3 + half), rel=1e-6)


@given(st.integers(1, 2000), st.data())
def test_proportion_interval_is_that_of_scipy(trials: int, data: st.DataObject) -> None:
    successes = data.draw(st.integers(0, trials))
    found = proportion_interval(successes, trials)
    expected = scipy.stats.binomtest(successes, trials).proportion_ci(method="wilson")
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-9)
    assert 0 <= found.low <= found.mean <= found.high <= 1


@given(st.dictionaries(st.integers(0, 9), st.tuples(*[st.integers(-99, 99)] * 2), min_size=3))
def test_paired_difference_is_that_of_a_paired_t_test(pairs: dict[int, tuple[int, int]]) -> None:
    first = {seed: float(a) for seed, (a, _) in pairs.items()}
    second = {seed: float(b) for seed, (_, b) in pairs.items()}
    found = paired_difference(first, second)
    differences = {a - b for a, b in pairs.values()}
    if len(differences) == 1:
        assert found.low == found.high == differences.pop()
        assert found.distinguishable == (found.mean != 0)
        return
    test = scipy.stats.ttest_rel(list(first.values()), list(second.values()))
    expected = test.confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), rel=1e-9, abs=1e-9)
    assert found.distinguishable == (test.pvalue < 0.05)


def test_paired_difference_uses_the_seeds_in_common() -> None:
    found = paired_difference({0: 1.0, 1: 2.0, 7: 99.0}, {1: 1.0, 0: 0.5, 8: -99.0})
    assert (found.n, found.mean) == (2, 0.75)


@pytest.mark.parametrize("interval", [mean_interval, prediction_interval])
def test_intervals_cover_what_they_promise(interval: type) -> None:
    draws = np.random.default_rng(0).normal(loc=2.0, scale=3.0, size=(3000, 6))
    new_or_mean = draws[:, 5] if interval is prediction_interval else np.full(3000, 2.0)
    covered = [value in interval(row[:5]) for row, value in zip(draws, new_or_mean, strict=True)]
    # Three standard errors of a share of 0.95 in 3000 trials are 0.012.
    assert np.mean(covered) == pytest.approx(0.95, abs=0.012)


def test_prediction_with_binomial_error_covers_a_run_on_other_images() -> None:
    rng = np.random.default_rng(1)
    truth = rng.normal(0.88, 0.005, size=(3000, 6))
    same_images = rng.normal(0, 0.001, size=(3000, 1))
    seen = truth[:, :5] + same_images
    new = rng.binomial(1000, truth[:, 5]) / 1000
    covered = [
        value in prediction_interval(row, added_variance=0.88 * 0.12 / 1000)
        for row, value in zip(seen, new, strict=True)
    ]
    assert np.mean(covered) >= 0.95


def test_wilson_covers_what_it_promises() -> None:
    successes = np.random.default_rng(2).binomial(1000, 0.87, size=3000)
    covered = [0.87 in proportion_interval(int(k), 1000) for k in successes]
    assert np.mean(covered) == pytest.approx(0.95, abs=0.015)


def test_differences_by_chance_are_distinguished_once_in_twenty() -> None:
    draws = np.random.default_rng(3).normal(size=(3000, 2, 5))
    found = [paired_difference(dict(enumerate(a)), dict(enumerate(b))).distinguishable for a, b in draws]
    assert np.mean(found) == pytest.approx(0.05, abs=0.012)


def test_one_value_has_no_interval() -> None:
    for interval in (mean_interval([0.9]), prediction_interval([0.9], added_variance=0.1)):
        assert (interval.mean, interval.low, interval.high) == (0.9, -math.inf, math.inf)
        assert not interval.finite
        assert str(interval) == "0.9 (one value: no interval)"


def test_mistakes_are_named() -> None:
    with pytest.raises(ValueError, match="there are no values; an interval needs at least one"):
        mean_interval([])
    with pytest.raises(ValueError, match=r"1 of 2 values are not finite \(nan\); leave that run out"):
        mean_interval([0.5, math.nan])
    with pytest.raises(ValueError, match=r"level is 95; coverage lies between 0 and 1, such as 0\.95"):
        mean_interval([0.5], level=95)
    with pytest.raises(ValueError, match="added_variance is -1; a variance is finite and at least 0"):
        prediction_interval([0.5], added_variance=-1)
    with pytest.raises(ValueError, match="11 successes of 10 trials; expected 0 ≤ successes ≤ trials"):
        proportion_interval(11, 10)
    with pytest.raises(ValueError, match=r"seeds \[0, 1\] and \[1, 2\] have 1 in common; .* at least 2"):
        paired_difference({0: 1.0, 1: 1.0}, {1: 1.0, 2: 1.0})
