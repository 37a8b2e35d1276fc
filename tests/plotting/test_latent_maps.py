"""Latent maps: every sample is drawn where it is, in the style of its class; mistakes get one sentence."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_hex

from coursekit.plotting.latent_maps import latent_maps

CLASSES = tuple("abcdefghij")


def cloud(n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, 2))


@given(st.integers(1, 30), st.integers(1, 10), st.integers(0, 99))
@settings(deadline=None, max_examples=10)
def test_every_sample_stands_in_its_place_and_class(n, classes, seed):
    points, labels = cloud(n, seed), np.random.default_rng(seed).integers(0, classes, n)
    axes = latent_maps({"map": points}, labels, classes=CLASSES[:classes]).axes[0]
    present = sorted(set(labels.tolist()))
    assert [drawn.get_label() for drawn in axes.collections] == [CLASSES[number] for number in present]
    for number, drawn in zip(present, axes.collections, strict=True):
        np.testing.assert_allclose(drawn.get_offsets(), points[labels == number])
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    assert (points >= [left, low]).all() and (points <= [right, high]).all()


def test_no_two_classes_look_alike_and_five_colours_serve_twice():
    axes = latent_maps({"map": cloud(10)}, np.arange(10), classes=CLASSES).axes[0]
    looks = [
        (to_hex(drawn.get_edgecolor()[0]), len(drawn.get_facecolor()) > 0, len(drawn.get_paths()[0].vertices))
        for drawn in axes.collections
    ]
    assert len(set(looks)) == 10
    assert [colour for colour, *_ in looks[:5]] == [colour for colour, *_ in looks[5:]]
    assert [full for _, full, _ in looks] == [True] * 5 + [False] * 5


def test_panels_share_limits_unless_told_otherwise():
    maps = {"small": cloud(9), "large": 10 * cloud(9), "third": cloud(9), "fourth": cloud(9)}
    together = latent_maps(maps, [0] * 9, classes=("one",))
    assert len({axes.get_xlim() for axes in together.axes if axes.axison}) == 1
    apart = latent_maps(maps, [0] * 9, classes=("one",), same_scale=False)
    assert apart.axes[1].get_xlim()[1] > 5 * apart.axes[0].get_xlim()[1]
    assert [axes.get_title(loc="left") for axes in apart.axes if axes.axison] == list(maps)
    assert [axes.axison for axes in apart.axes] == [True] * 4 + [False] * 2


def test_one_point_has_room_around_it():
    figure = latent_maps({"map": [[3.0, 4.0]]}, [0], classes=("one",))
    assert figure.axes[0].get_xlim()[0] < 3 < figure.axes[0].get_xlim()[1]
    assert figure.alt == "Maps of 1 samples of 1 class."


def test_the_alt_text_counts_the_votes_of_neighbours():
    spots = np.repeat([[0.0, 0.0], [9.0, 9.0]], 12, axis=0) + cloud(24) / 100
    figure = latent_maps({"apart": spots, "mixed": cloud(24)}, np.arange(24) // 12, classes=("a", "b"))
    assert figure.alt.startswith(
        "Maps of 24 samples of 2 classes. Right by the vote of the 10 nearest: apart 100 %; mixed "
    )
    assert latent_maps({"m": spots}, [0] * 24, classes=("a",), alt="Own words.").alt == "Own words."


@pytest.mark.parametrize(
    ("maps", "labels", "options", "message"),
    [
        ({}, [], {}, "maps holds no map; pass coordinates by title"),
        ({"m": [[0, 0]]}, [0], {"columns": 0}, "columns is 0; a row has at least 1 panel"),
        ({"m": [[0, 0, 0]]}, [0], {}, "the map 'm' has 3 coordinates a sample; a map has 2"),
        ({"m": [0, 0]}, [0], {}, r"the map 'm' has the shape \(2,\)"),
        ({"m": [[0, float("nan")]]}, [0], {}, "the map 'm' holds nan"),
        ({"m": [[0, 0]], "n": cloud(2)}, [0], {}, r"the maps have \[1, 2\] samples; draw maps of the same"),
        ({"m": cloud(3)}, [0, 1], {}, r"labels have the shape \(2,\); 3 samples need \(3,\)"),
        (
            {"m": cloud(2)},
            [0, 2],
            {},
            "labels go from 0 to 2; with 2 classes they are whole numbers from 0 to 1",
        ),
        ({"m": cloud(2)}, [0, 0.5], {}, "labels go from 0.0 to 0.5; with 2 classes"),
        (
            {"m": cloud(2)},
            [0, 0],
            {"classes": "abcdefghijk"},
            "classes names 11 classes; a map tells 1 to 10",
        ),
    ],
)
def test_mistakes_get_one_sentence(maps, labels, options, message):
    with pytest.raises(ValueError, match=message):
        latent_maps(maps, labels, **({"classes": ("a", "b")} | options))
