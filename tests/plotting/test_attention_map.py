"""The drawn attention: strengths, frames, the characters at its edges, and what is said."""

import numpy as np
import pytest
import torch
from matplotlib.patches import Rectangle

from coursekit.plotting import attention_map

P = torch.tensor([[0.7, 0.2, 0.1], [0.0, 0.0, 1.0], [0.3, 0.4, 0.3]])


def patches(figure, *, filled):
    found = [p for p in figure.axes[0].patches if isinstance(p, Rectangle) and p.get_fill() == filled]
    return {(round(p.get_y()), round(p.get_x())): p for p in found}


def test_strength_is_the_probability():
    cells = patches(attention_map(P, "a b", "xy"), filled=True)
    strengths = np.array([[cells[row, column].get_alpha() for column in range(3)] for row in range(3)])
    assert np.allclose(strengths / strengths.max(), P.numpy())


def test_the_largest_of_a_row_is_framed():
    assert set(patches(attention_map(P, "a b", "xy"), filled=False)) == {(0, 0), (1, 2), (2, 1)}


def test_characters_stand_at_the_edges_and_blanks_are_seen():
    axes = attention_map(P, "a b", "x ").axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["a", "␣", "b"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["x", "␣", "■"]
    without_end = attention_map(P, "a b", "xyz").axes[0]
    assert [label.get_text() for label in without_end.get_yticklabels()] == ["x", "y", "z"]


def test_the_description():
    assert attention_map(P, "a b", "xy").alt == (
        'Attention while "xy" is written, reading "a b". Looked at most: x at a, y at b, end at blank.'
    )
    assert attention_map(P, "a b", "xy", alt="Mine.").alt == "Mine."


@pytest.mark.parametrize(
    ("values", "source", "target", "message"),
    [
        (P, "ab", "xy", "(3, 3) for 2 characters read and 2 written"),
        (P, "abc", "x", "(3, 3) for 3 characters read and 1 written"),
        (P, "abc", "wxyz", "(3, 3) for 3 characters read and 4 written"),
        (P - 0.5, "abc", "xyz", "lie between -0.5 and 0.5; pass some between 0 and 1"),
        (2 * P, "abc", "xyz", "lie between 0 and 2"),
        (torch.full((1, 1), torch.nan), "a", "x", "probabilities"),
    ],
)
def test_what_does_not_fit_is_named(values, source, target, message):
    with pytest.raises(ValueError) as error:
        attention_map(values, source, target)
    assert message in str(error.value)


def test_nothing_is_cut_off():
    source, target = "una frase de 19 le .", "a sentence of 19 l."
    shares = np.full((len(target) + 1, len(source)), 1 / len(source))
    figure = attention_map(shares, source, target)
    figure.svg()
    axes = figure.axes[0]
    for label in [*axes.get_xticklabels(), *axes.get_yticklabels(), axes.xaxis.label, axes.yaxis.label]:
        box = label.get_window_extent()
        assert box.x0 >= -1 and box.y0 >= -1 and box.x1 <= figure.bbox.x1 + 1 and box.y1 <= figure.bbox.y1 + 1
