"""Figures in words, at the edges that the examples in the module leave out."""

import pytest

from coursekit.evidence.formatting import decimals, duration, figure, interval_text
from coursekit.evidence.statistics import Interval


@pytest.mark.parametrize(
    ("interval", "metric", "text"),
    [
        (Interval(0.5, 0.3, 0.7, 2), "test_accuracy", "50 % [30, 70], 2 seeds"),
        (Interval(0.9, 0.9, 0.9, 3), "test_accuracy", "90.00 %, the same for 3 seeds"),
        (Interval(0.35, 0.3412, 0.3588, 5), "test_loss", "0.3500 [0.3412, 0.3588], 5 seeds"),
        (Interval(2.1e-16, -1.3e-16, 5.5e-16, 3), "loss", "2.1e-16 [-1.3e-16, 5.5e-16], 3 seeds"),
        (Interval(512.0, 400.0, 624.0, 5), "samples_per_second", "512 [400, 624], 5 seeds"),
    ],
)
def test_digits_follow_the_width_of_the_interval(interval: Interval, metric: str, text: str) -> None:
    assert interval_text(interval, metric=metric) == text


def test_a_share_is_a_percentage_and_nothing_else_is() -> None:
    assert figure(0.87293, metric="validation_accuracy") == "87.29 %"
    assert figure(0.87293, metric="loss") == "0.8729"
    assert figure(62730, metric="parameters") == "62,730"


def test_whole_figures_state_no_decimals() -> None:
    assert [decimals(x) for x in (0, 100, 99.0, 0.05)] == [0, 0, 0, 2]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0.0 s"), (9.94, "9.9 s"), (59.5, "1 min 0 s"), (3599.5, "1 h 0 min"), (90061, "25 h 1 min")],
)
def test_durations_at_the_changes_of_unit(seconds: float, text: str) -> None:
    assert duration(seconds) == text
