"""The palette: readable on both grounds, told apart without colour vision."""

from itertools import combinations

import matplotlib
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from coursekit.plotting.style import COLOURS, INK, MARKERS, drawing

WHITE, DARK = "#ffffff", "#14181e"


def linear(colour):
    channels = np.array(to_rgb(colour))
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def contrast(first, second):
    """The contrast ratio of WCAG 2."""
    weights = np.array([0.2126, 0.7152, 0.0722])
    bright, dim = sorted((linear(first) @ weights, linear(second) @ weights), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def test_contrast_agrees_with_known_ratios():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("ground", [WHITE, DARK])
@pytest.mark.parametrize("colour", COLOURS)
def test_every_colour_stands_out_from_both_grounds(colour, ground):
    assert contrast(colour, ground) >= 3


def test_every_colour_has_a_mark_of_its_own():
    assert len(set(COLOURS)) == len(set(MARKERS)) == len(COLOURS) == len(MARKERS)


# Machado, Oliveira & Fernandes (2009), severity 1.0: what the three kinds of dichromats see.
DEFICIENCIES = {
    "protan": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
}


def lab(rgb):
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ np.clip(
        rgb, 0, 1
    )
    scaled = xyz / [0.9505, 1.0, 1.089]
    f = np.where(scaled > 216 / 24389, np.cbrt(scaled), (24389 / 27 * scaled + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
def test_the_first_colours_differ_for_a_colour_blind_reader(deficiency):
    seen = [lab(np.array(DEFICIENCIES[deficiency]) @ linear(colour)) for colour in COLOURS[:3]]
    assert min(np.linalg.norm(a - b) for a, b in combinations(seen, 2)) > 20


@pytest.mark.parametrize(("ground", "text"), [(WHITE, "#222832"), (DARK, "#ced6dd")])
def test_a_cell_of_the_confusion_matrix_leaves_the_page_s_text_readable(ground, text):
    from coursekit.plotting.confusion import _RIGHT, _STRONGEST, _WRONG

    for colour in (_RIGHT, _WRONG):
        for strength in np.linspace(0, _STRONGEST, 20):
            cell = strength * np.array(to_rgb(colour)) + (1 - strength) * np.array(to_rgb(ground))
            assert contrast(cell, text) >= 4.5


def test_a_reader_s_own_settings_do_not_change_the_style():
    with matplotlib.rc_context({"axes.edgecolor": "red", "lines.linewidth": 9, "text.usetex": True}):
        with drawing():
            assert matplotlib.rcParams["axes.edgecolor"] == INK
            assert matplotlib.rcParams["lines.linewidth"] == 1.5
            assert matplotlib.rcParams["text.usetex"] is False
        assert matplotlib.rcParams["lines.linewidth"] == 9
