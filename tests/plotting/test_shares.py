"""Bars are as long as the shares they stand for."""

import pytest

from coursekit.plotting import shares


def test_bars_are_the_shares_and_fill_the_axis() -> None:
    figure = shares({"a": {"x": 1, "y": 3}, "b": {"x": 0, "y": 5}})
    bars = [[patch.get_width() for patch in container] for container in figure.axes[0].containers]
    starts = [[patch.get_x() for patch in container] for container in figure.axes[0].containers]
    assert bars == [[0.25, 0.0], [0.75, 1.0]]
    assert starts == [[0.0, 0.0], [0.25, 0.0]]
    assert "b: x 0.0 %, y 100.0 %" in figure.alt


@pytest.mark.parametrize(
    ("totals", "message"),
    [
        ({}, "totals has 0 parts; give 1 to 6"),
        ({"a": {str(k): 1 for k in range(7)}}, "totals has 7 parts; give 1 to 6"),
        ({"a": {"x": 1}, "b": {"y": 1}}, "'b' has the parts y; expected x"),
        ({"a": {"x": -1, "y": 3}}, "every amount in totals must be at least 0"),
        ({"a": {"x": 0}}, "every total above 0"),
    ],
)
def test_mistakes_get_one_sentence(totals, message) -> None:
    with pytest.raises(ValueError, match=message):
        shares(totals)
