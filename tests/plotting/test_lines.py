"""Lines: the mean is drawn through the points, the band covers every seed, mistakes get one sentence."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from coursekit.plotting import lines

LABELS = {"xlabel": "layer", "ylabel": "norm"}


@given(arrays(float, st.tuples(st.integers(2, 4), st.integers(2, 6)), elements=st.floats(-9, 9)))
@settings(deadline=None, max_examples=15)
def test_the_line_is_the_mean_and_the_band_reaches_the_extremes(rows):
    x = np.arange(rows.shape[1]) * 2.0
    axes = lines({"a": (x.tolist(), rows.tolist())}, **LABELS).axes[0]
    (line,) = axes.lines
    assert line.get_xdata().tolist() == x.tolist()
    np.testing.assert_allclose(line.get_ydata(), rows.mean(axis=0))
    corners = axes.collections[0].get_paths()[0].vertices
    for position, column in zip(x, rows.T, strict=True):
        at = corners[corners[:, 0] == position][:, 1]
        assert (at.min(), at.max()) == (column.min(), column.max())


def test_one_row_has_no_band_and_one_series_no_legend():
    figure = lines({"a": ([1, 2], [[1.0, 2.0]])}, **LABELS)
    assert not figure.axes[0].collections
    assert not figure.legends


def test_series_differ_in_colour_and_mark_and_are_named():
    figure = lines({"a": ([1, 2], [[1.0, 2.0]]), "b": ([1, 3], [[2.0, 1.0]])}, **LABELS)
    first, second = figure.axes[0].lines
    assert first.get_color() != second.get_color() and first.get_marker() != second.get_marker()
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["a", "b"]


def test_axes_are_logarithmic_where_asked():
    axes = lines({"a": ([1, 10], [[1.0, 100.0]])}, **LABELS, log_x=True, log_y=True).axes[0]
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    axes = lines({"a": ([1, 10], [[1.0, 100.0]])}, **LABELS).axes[0]
    assert (axes.get_xscale(), axes.get_yscale()) == ("linear", "linear")


def test_a_reference_is_drawn_at_its_level_and_told_in_the_alt_text():
    figure = lines({"a": ([1, 2], [[1.0, 2.0], [3.0, 4.0]])}, **LABELS, reference={"chance": 2.5})
    assert figure.axes[0].lines[-1].get_ydata() == [2.5, 2.5]
    assert figure.alt == (
        "norm against layer, means of up to 2 seeds. a: from 2 at 1 to 3 at 2; chance: dotted at 2.5."
    )


def test_large_numbers_are_told_in_full():
    figure = lines({"a": ([200, 3200], [[0.12345, 691_234.5]])}, **LABELS)
    assert figure.alt == "norm against layer. a: from 0.123 at 200 to 691,234 at 3,200."


@pytest.mark.parametrize(
    ("series", "options", "message"),
    [
        ({}, {}, "series holds 0 lines; draw 1 to 6"),
        ({str(i): ([1], [[1.0]]) for i in range(7)}, {}, "series holds 7 lines; draw 1 to 6"),
        ({"a": ([1, 2], [[1.0]])}, {}, "'a' has 2 x values and rows of 1; give one value a point"),
        ({"a": ([1], [[float("nan")]])}, {}, "the values of 'a' holds nan at"),
        ({"a": ([1], [1.0])}, {}, r"the values of 'a' has the shape \(1,\); expected \(seeds, points\)"),
        ({"a": ([0], [[1.0]])}, {"log_x": True}, "the x values of 'a' hold 0; a logarithmic axis needs"),
        ({"a": ([1], [[-1.0]])}, {"log_y": True}, "the values of 'a' hold -1; a logarithmic axis needs"),
        (
            {"a": ([1], [[1.0]])},
            {"log_y": True, "reference": {"zero": 0.0}},
            "the reference 'zero' hold 0; a logarithmic axis needs",
        ),
    ],
)
def test_mistakes_get_one_sentence(series, options, message):
    with pytest.raises(ValueError, match=message):
        lines(series, **LABELS, **options)
