"""The forest plot of effects."""

import pytest

from coursekit.plotting import effects

ROWS = [("dropout", 0.4, -0.1, 0.9), ("batch norm", 1.2, 0.8, 1.6), ("decay", -0.5, -0.9, -0.1)]


def test_rows_are_drawn_as_passed_from_the_top():
    axes = effects(ROWS, xlabel="points").axes[0]
    zero, *lines = axes.lines
    assert set(zero.get_xdata()) == {0.0}
    drawn = [
        (*dot.get_xdata(), *interval.get_xdata())
        for interval, dot in zip(lines[::2], lines[1::2], strict=True)
    ]
    assert drawn == [row[1:] for row in ROWS]
    assert [dot.get_ydata()[0] for dot in lines[1::2]] == [0, 1, 2] and axes.yaxis_inverted()
    assert [label.get_text() for label in axes.get_yticklabels()] == ["dropout", "batch norm", "decay"]
    assert axes.get_xlabel() == "points"


def test_a_difference_that_cannot_be_told_from_zero_is_hollow_and_square():
    dots = effects(ROWS, xlabel="points").axes[0].lines[2::2]
    assert [dot.get_marker() for dot in dots] == ["s", "o", "o"]
    assert [dot.get_markerfacecolor() == "none" for dot in dots] == [True, False, False]


def test_an_interval_that_touches_zero_cannot_be_told_from_it():
    assert "not distinguishable" in effects([("a", 1, 0, 2)], xlabel="x").alt


def test_no_effect_may_lie_elsewhere():
    figure = effects([("ratio", 1.5, 1.2, 1.8)], xlabel="speed", zero=1)
    assert set(figure.axes[0].lines[0].get_xdata()) == {1}
    assert figure.alt == "Effects on speed: ratio 1.500 (1.200 to 1.800)."


def test_the_figures_stand_at_the_right():
    figure = effects(ROWS, xlabel="points")
    (right,) = figure.axes[0].child_axes
    figure.svg()
    written = [label.get_text() for label in right.get_yticklabels()]
    assert written == ["+0.40  [−0.10, +0.90]", "+1.20  [+0.80, +1.60]", "−0.50  [−0.90, −0.10]"]


@pytest.mark.parametrize(
    ("scale", "written"),
    [(0.001, "+0.00050"), (0.01, "+0.0050"), (1, "+0.50"), (100, "+50"), (1e6, "+500000")],
)
def test_digits_follow_the_spread(scale, written):
    assert f"a {written} (" in effects([("a", 0.5 * scale, 0, 1.1 * scale)], xlabel="x").alt


def test_one_exact_zero_can_be_drawn():
    assert effects([("a", 0, 0, 0)], xlabel="x").svg()


def test_own_description():
    assert effects(ROWS, xlabel="points", alt="Mine.").alt == "Mine."


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], r"rows is empty; give at least one \(label, mean, low, high\)"),
        ([("a", 1, 2)], r"rows holds \('a', 1, 2\); expected \(label, mean, low, high\)"),
        ([("a", float("nan"), 0, 1)], r"rows holds nan at \[0, 0\]; every value must be a finite number"),
        ([("a", 3, 0, 1)], r"the mean of 'a', 3, lies outside its interval from 0 to 1"),
        ([("a", 0.5, 1, 0)], r"the mean of 'a', 0.5, lies outside its interval from 1 to 0"),
    ],
)
def test_mistakes_get_one_clear_sentence(rows, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        effects(rows, xlabel="x")
