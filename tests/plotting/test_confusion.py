"""The drawn confusion matrix: numbers, strengths and the description."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle

from coursekit.plotting import confusion_matrix
from coursekit.plotting.style import COLOURS

COUNTS = torch.tensor([[90, 10, 0], [1, 399, 0], [0, 0, 0]])
CLASSES = ["shirt", "coat", "bag"]


def numbers(figure):
    """The text of every cell, by (row, column)."""
    cells = {}
    for text in figure.axes[0].texts:
        if text.get_ha() == "center":
            column, row = text.get_position()
            cells[row, column] = text
    return cells


def fills(figure):
    """The filled rectangles, by (row, column)."""
    rectangles = [
        patch for patch in figure.axes[0].patches if isinstance(patch, Rectangle) and patch.get_fill()
    ]
    return {(round(cell.get_y()), round(cell.get_x())): cell for cell in rectangles}


def test_cells_hold_per_cent_of_their_row():
    written = {
        place: text.get_text() for place, text in numbers(confusion_matrix(COUNTS, classes=CLASSES)).items()
    }
    assert written == {(0, 0): "90", (0, 1): "10", (1, 0): "<1", (1, 1): "100"}


@given(arrays(int, st.integers(1, 5).map(lambda n: (n, n)), elements=st.integers(0, 20_000)))
@settings(deadline=None, max_examples=15)
def test_counts_come_back_from_the_texts(counts):
    names = [f"class {number}" for number in range(len(counts))]
    figure = confusion_matrix(counts, classes=names, normalise=False)
    back = np.zeros_like(counts)
    for place, text in numbers(figure).items():
        back[place] = int(text.get_text().replace(",", ""))
    assert back.tolist() == counts.tolist()


def test_the_diagonal_is_set_apart_by_colour_weight_and_frame():
    figure = confusion_matrix(COUNTS, classes=CLASSES)
    cells, texts = fills(figure), numbers(figure)
    assert to_rgb(cells[0, 0].get_facecolor()) == to_rgb(COLOURS[0])
    assert to_rgb(cells[0, 1].get_facecolor()) == to_rgb(COLOURS[1])
    assert (texts[0, 0].get_weight(), texts[0, 1].get_weight()) == ("bold", "normal")
    frames = [patch for patch in figure.axes[0].patches if not patch.get_fill()]
    assert [(round(frame.get_x()), round(frame.get_y())) for frame in frames] == [(0, 0), (1, 1), (2, 2)]


def test_strength_grows_with_the_share():
    cells = fills(confusion_matrix([[2, 3, 5], [0, 10, 0], [1, 0, 9]], classes=CLASSES))
    strengths = [cells[place].get_alpha() for place in [(2, 0), (0, 1), (0, 2)]]
    assert strengths == sorted(strengths) and strengths[0] > 0.2
    assert (1, 0) not in cells


def test_names_stand_at_rows_and_columns():
    axes = confusion_matrix(COUNTS, classes=CLASSES).axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == CLASSES
    assert [label.get_text() for label in axes.get_yticklabels()] == CLASSES
    assert axes.yaxis_inverted()


def test_the_description():
    assert confusion_matrix(COUNTS, classes=CLASSES).alt == (
        "Confusion matrix of 3 classes, 500 samples, 97.8 % of them right. "
        "Most frequent mistakes: shirt taken for coat, 10 %; coat taken for shirt, 0.25 %."
    )
    assert confusion_matrix([[4]], classes=["one"]).alt.endswith("100 % of them right. No mistake.")
    assert confusion_matrix([[0]], classes=["one"]).alt == "Confusion matrix of 1 class without a sample."
    assert confusion_matrix(COUNTS, classes=CLASSES, alt="Mine.").alt == "Mine."


def test_no_name_is_cut_off():
    names = ["a rather long name", "b", "another quite long name"]
    figure = confusion_matrix(COUNTS, classes=names)
    figure.svg()
    axes = figure.axes[0]
    for label in [*axes.get_xticklabels(), *axes.get_yticklabels(), *axes.texts]:
        box = label.get_window_extent()
        assert box.x0 >= -1 and box.y0 >= -1 and box.x1 <= figure.bbox.x1 + 1 and box.y1 <= figure.bbox.y1 + 1


@pytest.mark.parametrize(
    ("confusion", "classes", "message"),
    [
        (
            [[1, 2, 3], [4, 5, 6]],
            CLASSES,
            r"confusion has the shape \(2, 3\); expected as many rows as columns$",
        ),
        ([1, 2], CLASSES, r"confusion has the shape \(2,\); expected \(classes, classes\)$"),
        (np.empty((0, 0)), [], r"confusion is empty"),
        ([[1, -2], [0, 0]], ["a", "b"], r"confusion holds -2; counts are 0 or more$"),
        ([[float("nan")]], ["a"], r"confusion holds nan at \[0, 0\]"),
        (COUNTS, ["a"], r"classes has 1 entries for 3 rows of confusion; give one for each$"),
    ],
)
def test_mistakes_get_one_clear_sentence(confusion, classes, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        confusion_matrix(confusion, classes=classes)
