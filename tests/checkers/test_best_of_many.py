"""The checker of the expected best accepts exact answers and rejects approximations and slips."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, norm

from coursekit.checkers.best_of_many import LARGE, SMALL, _counted, _summed, check_expected_best
from coursekit.checkers.reports import CheckFailed


def expected_best(accuracy: float, images: int, models: int) -> float:
    below = binom.cdf(np.arange(images), images, accuracy) ** models
    return float((1 - below).sum() / images)


def spread(accuracy: float, images: int) -> float:
    return (accuracy * (1 - accuracy) / images) ** 0.5


def simulated(accuracy: float, images: int, models: int) -> float:
    draws = np.random.default_rng(0).binomial(images, accuracy, size=(200, models))
    return draws.max(axis=1).mean() / images


WRONG = {
    "no choice": lambda accuracy, images, models: accuracy,
    "one standard error": lambda a, n, k: a + spread(a, n),
    "normal bound": lambda a, n, k: a + spread(a, n) * (2 * np.log(k)) ** 0.5,
    "normal quantile": lambda a, n, k: a + spread(a, n) * norm.ppf(k / (k + 1)),
    "two hundred draws": simulated,
    "a count for a share": lambda a, n, k: n * expected_best(a, n, k),
    "the worst": lambda a, n, k: 1 - expected_best(1 - a, n, k),
    "images for models": lambda a, n, k: expected_best(a, k, n),
    "all models on one image set": lambda a, n, k: expected_best(a, n * k, 1),
    "from 1": lambda a, n, k: float(sum(1 - binom.cdf(j, n, a) ** k for j in range(1, n)) / n),
    "one model more": lambda a, n, k: expected_best(a, n, k + 1),
    "nothing": lambda *_: None,
}


def test_reference_passes(capsys) -> None:
    check_expected_best(expected_best)
    check_expected_best(lambda *a: np.float64(expected_best(*a)))
    assert capsys.readouterr().out == (
        "expected_best: all 12 cases are right.\n<lambda>: all 12 cases are right.\n"
    )


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_wrong_expectations_are_rejected(wrong) -> None:
    def mine(accuracy: float, images: int, models: int) -> object:
        return wrong(accuracy, images, models)

    with pytest.raises(CheckFailed, match=r"^mine\(.*\): expected the share .* came$"):
        check_expected_best(mine)


def test_sentence() -> None:
    with pytest.raises(CheckFailed) as failure:
        check_expected_best(WRONG["no choice"])
    assert str(failure.value) == ("<lambda>(0.5, 1, 2): expected the share 0.7500000, but 0.5000000 came")


@settings(max_examples=25, deadline=None)
@given(st.floats(0, 1), st.integers(1, 4), st.integers(1, 3))
def test_both_references_agree(accuracy: float, images: int, models: int) -> None:
    assert _counted(accuracy, images, models) == pytest.approx(_summed(accuracy, images, models), abs=1e-12)


@pytest.mark.parametrize("case", (*SMALL, *LARGE))
def test_large_cases_against_simulation(case) -> None:
    accuracy, images, models = case
    draws = np.random.default_rng(1).binomial(images, accuracy, size=(2_000, models)).max(axis=1) / images
    error = draws.std() / len(draws) ** 0.5
    assert abs(draws.mean() - _summed(*case)) <= 4.5 * error + 1e-12
