"""The dots of ratios on a logarithmic axis."""

import pytest

from coursekit.plotting import ratios

ROWS = {
    "small net": [("theirs", 0.8, 0.7, 0.9), ("theirs", 1.1, 1.0, 1.3), ("ours", 3.0, 2.5, 3.2)],
    "large net": [("ours", 1.5, 1.4, 1.6)],
}


def drawn(figure):
    return {line.get_label(): line for line in figure.axes[0].lines}


def test_every_dot_stands_in_its_row_from_the_top():
    figure = ratios(ROWS, xlabel="times as fast")
    axes, marks = figure.axes[0], drawn(figure)
    assert list(zip(marks["theirs"].get_xdata(), marks["theirs"].get_ydata(), strict=True)) == [
        (0.8, 0),
        (1.1, 0),
    ]
    assert list(zip(marks["ours"].get_xdata(), marks["ours"].get_ydata(), strict=True)) == [
        (3.0, 0),
        (1.5, 1),
    ]
    assert axes.yaxis_inverted() and axes.get_xscale() == "log" and axes.get_xlabel() == "times as fast"
    assert [text.get_text() for text in axes.texts] == ["small net", "large net"]


def test_ranges_and_the_reference_are_drawn():
    reference, theirs, ours = ratios(ROWS, xlabel="x", reference=2).axes[0].collections
    assert {x for piece in reference.get_segments() for x, _ in piece} == {2}
    assert [tuple(piece[:, 0]) for piece in theirs.get_segments()] == [(0.7, 0.9), (1.0, 1.3)]
    assert [tuple(piece[:, 0]) for piece in ours.get_segments()] == [(2.5, 3.2), (1.4, 1.6)]


def test_kinds_differ_by_mark_and_filling_not_by_colour_alone():
    marks = drawn(ratios(ROWS, xlabel="x", filled=["ours"]))
    assert marks["theirs"].get_marker() != marks["ours"].get_marker()
    assert marks["theirs"].get_markerfacecolor() == "none" != marks["ours"].get_markerfacecolor()
    assert marks["ours"].get_zorder() > marks["theirs"].get_zorder()


@pytest.mark.parametrize(
    ("dot", "ticks"),
    [
        ((3.0, 2.5, 3.2), [1, 2]),
        ((0.3, 0.2, 0.4), [0.2, 0.5, 1]),
        ((900.0, 800.0, 950.0), [1, 10, 100, 1000]),
    ],
)
def test_ticks_are_round_numbers(dot, ticks):
    axes = ratios({"a": [("ours", *dot)]}, xlabel="x").axes[0]
    assert axes.get_xticks().tolist() == ticks


def test_a_single_kind_needs_no_legend():
    assert not ratios({"a": [("ours", 1, 1, 1)]}, xlabel="x").legends
    assert ratios(ROWS, xlabel="x").legends


def test_descriptions():
    assert ratios(ROWS, xlabel="speed").alt == "speed, 2 rows. theirs: 0.8 to 1.1; ours: 1.5 to 3."
    assert ratios({"a": [("ours", 1, 1, 1)]}, xlabel="speed").alt == "speed, 1 row. ours: 1."
    assert ratios(ROWS, xlabel="speed", alt="Mine.").alt == "Mine."


def test_the_same_bytes_each_time():
    assert ratios(ROWS, xlabel="x").svg() == ratios(ROWS, xlabel="x").svg()


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ({}, "rows hold 0 kinds of dots; draw 1 to 6 in one figure"),
        (
            {"a": [(str(i), 1, 1, 1) for i in range(7)]},
            "rows hold 7 kinds of dots; draw 1 to 6 in one figure",
        ),
        ({"a": []}, r"the row 'a' is empty; give at least one \(kind, middle, low, high\)"),
        ({"a": [("k", 1, 2)]}, r"the row 'a' holds \('k', 1, 2\); expected \(kind, middle, low, high\)"),
        ({"a": [("k", 0, 0, 1)]}, "the row 'a' holds 0; a ratio is positive"),
        (
            {"a": [("k", 1, float("nan"), 1)]},
            r"the row 'a' holds nan at \[0, 1\]; every value must be a finite number",
        ),
        ({"a": [("k", 3, 1, 2)]}, "the middle of 'k' in 'a', 3, lies outside its range from 1 to 2"),
    ],
)
def test_mistakes_get_one_clear_sentence(rows, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        ratios(rows, xlabel="x")
