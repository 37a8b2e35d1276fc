"""Judging losses, chance and one configuration against another, on values whose verdict is known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from coursekit.evidence.claims import Claim
from coursekit.evidence.judging import at_chance, difference, judge_better, judge_loss, points


def claim(claimed: object) -> Claim:
    return Claim(
        id="course.1a.x", question="course.1a", says="It is so.", kind="measured",
        decided_by="book/results/course.1a.json", correction="{actual}", claimed=claimed,
    )  # fmt: skip


@given(st.integers(100, 20_000), st.integers(2, 20))
def test_guessing_is_at_chance_nearly_always(images: int, classes: int) -> None:
    guesses = binom(images, 1 / classes)
    inside = [k for k in range(images + 1) if at_chance(k / images, images=images, classes=classes)]
    assert guesses.cdf(inside[-1]) - guesses.cdf(inside[0] - 1) > 0.99
    assert inside == list(range(inside[0], inside[-1] + 1))
    assert inside[0] <= images / classes <= inside[-1]
    assert not at_chance(min(1, 4 / classes), images=images, classes=classes)


def test_a_loss_holds_in_the_interval_for_one_run() -> None:
    # Mean 0.5, deviation 0.1, t of two degrees of freedom: 0.5 ± 4.303 · 0.1 · √(4/3).
    losses = {0: 0.4, 1: 0.5, 2: 0.6}
    inside, outside = judge_loss(claim(0.99), losses), judge_loss(claim(1.01), losses)
    assert (inside.verdict, inside.actual, inside.values) == (
        "holds", "0.50", {"seeds": "3", "low": "0.00", "high": "1.00"},
    )  # fmt: skip
    assert outside.verdict == "unsupported" and "not reproduced" in outside.evidence
    assert judge_loss(claim(1.0), losses).verdict == "holds", "rounded to one digit, 0.95 is 1.0"


def test_the_rounding_of_a_stated_loss_counts_for_it() -> None:
    same = {0: 0.3364, 1: 0.3364}
    assert judge_loss(claim(0.336), same).verdict == "holds"
    assert judge_loss(claim(0.337), same).verdict == "unsupported"


def test_a_zero_at_the_end_of_a_stated_loss_can_count() -> None:
    same = {0: 0.4834, 1: 0.4834}
    three, four = judge_loss(claim(0.4830), same), judge_loss(claim(0.4830), same, digits=4)
    assert (three.verdict, three.actual) == ("holds", "0.483")
    assert (four.verdict, four.actual, four.values["low"]) == ("unsupported", "0.4834", "0.4834")
    assert four.evidence.startswith("claimed 0.4830, one run is expected in 0.4834 to 0.4834")


def test_one_seed_gives_no_verdict_on_a_loss() -> None:
    found = judge_loss(claim(0.5), {0: 0.5})
    assert (found.verdict, found.actual) == (None, "0.5") and "one seed" in found.evidence


@pytest.mark.parametrize("claimed", [None, "low", (0.1, 0.2)])
def test_a_loss_is_a_number(claimed: object) -> None:
    with pytest.raises(TypeError, match=r"course\.1a\.x: claimed is .*; a loss is a number"):
        judge_loss(claim(claimed), {0: 0.5, 1: 0.5})


UP = difference({0: 0.9, 1: 0.91}, {0: 0.8, 1: 0.81})
DOWN = difference({0: 0.8, 1: 0.81}, {0: 0.9, 1: 0.91})
LEVEL = difference({0: 0.9, 1: 0.8}, {0: 0.8, 1: 0.9})


def test_a_difference_needs_two_common_seeds() -> None:
    assert difference({0: 0.9, 1: 0.8}, {1: 0.7, 2: 0.6}) is None
    found = difference({0: 0.9, 1: 0.8, 5: 0.1}, {0: 0.7, 1: 0.6})
    assert found is not None and found.n == 2 and points(found) == "+20.0 points"


@pytest.mark.parametrize(
    ("cases", "verdict", "better"),
    [
        ({"a": UP, "b": UP}, "holds", "a, b"),
        ({"a": UP, "b": LEVEL}, "imprecise", "a"),
        ({"a": UP, "b": DOWN}, "imprecise", "a"),
        ({"a": LEVEL, "b": DOWN}, "wrong", "none"),
        ({"a": LEVEL}, "unsupported", "none"),
    ],
)
def test_better(cases: dict, verdict: str, better: str) -> None:
    found = judge_better(cases, evidence="x")
    assert (found.verdict, found.values["better"], found.values["seeds"]) == (verdict, better, "2")
    assert all(f"{name} {points(case)}" in found.actual for name, case in cases.items())


def test_better_waits_for_seeds_and_cases() -> None:
    assert judge_better({"a": UP, "b": None}, evidence="x").verdict is None
    assert judge_better({}, evidence="x").verdict is None
