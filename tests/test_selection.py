"""The optimism of choosing against simulation look by look, known maxima and bounds."""

from itertools import pairwise
from math import log, pi, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursekit.selection import best_look_errors, expected_maximum, standard_error


def test_standard_error_is_the_spread_of_shares() -> None:
    draws = np.random.default_rng(0).binomial(1_000, 0.859, size=40_000) / 1_000
    assert standard_error(0.859, 1_000) == pytest.approx(draws.std(), rel=0.02)
    assert standard_error(0.0, 5) == standard_error(1.0, 5) == 0.0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((1.2, 10), "share is 1.2; a share lies between 0 and 1"),
        ((-0.1, 10), "share is -0.1; a share lies between 0 and 1"),
        ((0.5, 0), "samples is 0; a share is measured on at least 1"),
    ],
)
def test_standard_error_rejects(arguments: tuple[float, int], message: str) -> None:
    with pytest.raises(ValueError) as failure:
        standard_error(*arguments)
    assert str(failure.value) == message


def test_known_maxima() -> None:
    """Closed forms for up to five numbers (David & Nagaraja, section 3.2)."""
    assert expected_maximum(1) == pytest.approx(0, abs=1e-9)
    assert expected_maximum(2) == pytest.approx(1 / sqrt(pi), abs=1e-9)
    assert expected_maximum(3) == pytest.approx(1.5 / sqrt(pi), abs=1e-9)
    fifth = 5 / (4 * sqrt(pi)) * (1 + 6 / pi * np.arcsin(1 / 3))
    assert expected_maximum(5) == pytest.approx(fifth, abs=1e-9)


@pytest.mark.parametrize("k", [8, 300])
def test_maxima_against_simulation(k: int) -> None:
    drawn = np.random.default_rng(k).standard_normal((20_000, k)).max(axis=1)
    assert abs(drawn.mean() - expected_maximum(k)) < 5 * drawn.std() / sqrt(len(drawn))


def test_maxima_grow_below_their_bound() -> None:
    values = [expected_maximum(10**power) for power in range(9)]
    assert all(a < b for a, b in pairwise(values))
    assert all(value < sqrt(2 * log(10**p)) for p, value in enumerate(values) if p)


def test_maximum_of_nothing_is_rejected() -> None:
    with pytest.raises(ValueError) as failure:
        expected_maximum(0)
    assert str(failure.value) == "k is 0; a maximum is taken of at least 1 number"


def look_by_look(runs: tuple[int, ...], between: float, within: float, draws: int) -> np.ndarray:
    """From the covariance matrix of all looks, without the shortcut for the maximum."""
    run_of = np.repeat(np.arange(len(runs)), runs)
    same_run = run_of[:, None] == run_of[None, :]
    covariance = np.where(same_run, within, between) + (1 - within) * np.eye(len(run_of))
    generator = np.random.default_rng(7)
    looks = generator.multivariate_normal(np.zeros(len(run_of)), covariance, size=draws, method="eigh")
    return looks.max(axis=1)


@pytest.mark.parametrize(
    ("runs", "between", "within"),
    [
        ((1,), 0.0, 0.0),
        ((1,), 0.4, 0.9),
        ((20,), 0.0, 0.0),
        ((20,), 0.5, 0.5),
        ((3, 1, 12), 0.0, 0.6),
        ((3, 1, 12), 0.4, 0.4),
        ((8, 8, 8), 0.5, 0.8),
        ((4, 4), 0.3, 1.0),
    ],
)
def test_best_looks_against_the_covariance_matrix(
    runs: tuple[int, ...], between: float, within: float
) -> None:
    draws = 40_000
    ours = best_look_errors(runs, between=between, within=within, draws=draws)
    theirs = look_by_look(runs, between, within, draws)
    assert abs(ours.mean() - theirs.mean()) < 5 * sqrt((ours.var() + theirs.var()) / draws)
    assert ours.std() == pytest.approx(theirs.std(), rel=0.03)
    for share in (0.05, 0.5, 0.95):
        assert np.quantile(ours, share) == pytest.approx(np.quantile(theirs, share), abs=0.05)


def test_what_all_share_cannot_be_gained() -> None:
    assert best_look_errors((50, 50), between=1.0).mean() == pytest.approx(0, abs=0.02)


def test_one_correlation_stands_for_both() -> None:
    one = best_look_errors((5, 6), between=0.3, draws=100)
    assert np.array_equal(one, best_look_errors((5, 6), between=0.3, within=0.3, draws=100))


def test_seeds() -> None:
    first, again, other = (best_look_errors((5,), draws=50, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.integers(1, 400), min_size=1, max_size=5),
    st.floats(0, 1),
    st.floats(0, 1),
)
def test_correlation_only_lowers_the_optimism(runs: list[int], a: float, b: float) -> None:
    between, within = sorted((a, b))
    errors = best_look_errors(runs, between=between, within=within, draws=4_000)
    assert np.isfinite(errors).all()
    slack = 5 * errors.std() / sqrt(len(errors))
    assert -slack <= errors.mean() <= expected_maximum(sum(runs)) + slack


@pytest.mark.parametrize(
    ("runs", "options", "message"),
    [
        ((), {}, "runs is (); give at least one run, each with at least 1 look"),
        ((3, 0), {}, "runs is (3, 0); give at least one run, each with at least 1 look"),
        (
            (3,),
            {"between": 0.5, "within": 0.2},
            "between is 0.5 and within 0.2; correlations are ordered 0 ≤ between ≤ within ≤ 1",
        ),
        (
            (3,),
            {"between": -0.1},
            "between is -0.1 and within -0.1; correlations are ordered 0 ≤ between ≤ within ≤ 1",
        ),
        ((3,), {"draws": 0}, "draws is 0; it must be at least 1"),
    ],
)
def test_impossible_choices_are_rejected(
    runs: tuple[int, ...], options: dict[str, float], message: str
) -> None:
    with pytest.raises(ValueError) as failure:
        best_look_errors(runs, **options)
    assert str(failure.value) == message
