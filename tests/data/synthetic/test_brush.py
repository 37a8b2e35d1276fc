"""Strokes against Bernstein's polynomials and against the distance to very many points along them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from coursekit.data.synthetic.brush import PIECES, bend, touch
from coursekit.data.synthetic.drawing import Array

seeds = st.integers(0, 2**32 - 1)


def points_and_widths(seed: int, *, n: int = 3, m: int = 4) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    points = rng.uniform(-2, 14, (n, m, 2)).astype(np.float32)
    return points, rng.uniform(0.5, 3, (n, m)).astype(np.float32)


@given(seed=seeds)
def test_bend_is_a_quadratic_bezier_curve(seed: int) -> None:
    control = np.random.default_rng(seed).uniform(-20, 20, (5, 3, 2))
    t = np.linspace(0, 1, PIECES + 1)
    bernstein = np.stack([(1 - t) ** 2, 2 * t * (1 - t), t**2])
    np.testing.assert_allclose(
        bend(control.astype(np.float32)), np.einsum("kt,nkc->ntc", bernstein, control), atol=1e-4
    )


@given(seed=seeds)
def test_touch_is_the_largest_depth_over_all_points_of_the_stroke(seed: int) -> None:
    points, half = points_and_widths(seed)
    t = np.linspace(0, 1, 1_001)[:, None]
    centres = np.stack(np.meshgrid(np.arange(12) + 0.5, np.arange(12) + 0.5), axis=-1).reshape(-1, 1, 2)
    expected = np.empty((len(points), 12, 12))
    for image, (path, widths) in enumerate(zip(points.astype(float), half.astype(float), strict=True)):
        depths = []
        for i in range(len(path) - 1):
            along = path[i] + t * (path[i + 1] - path[i])
            nearest = ((centres - along) ** 2).sum(axis=2).argmin(axis=1)
            distance = np.hypot(*(centres[:, 0] - along[nearest]).T)
            width = np.sqrt(widths[i] ** 2 + t[nearest, 0] * (widths[i + 1] ** 2 - widths[i] ** 2))
            depths.append((width**2 - distance**2) / (widths[i] + widths[i + 1]))
        expected[image] = np.max(depths, axis=0).reshape(12, 12)
    np.testing.assert_allclose(touch(points, half, size=12), expected, atol=0.02, rtol=0.005)


@given(seed=seeds)
def test_an_even_stroke_covers_the_pixels_nearer_than_its_half_width(seed: int) -> None:
    points, half = points_and_widths(seed)
    even = np.broadcast_to(half[:, :1], half.shape)
    t = np.linspace(0, 1, 1_001)[:, None]
    centres = np.stack(np.meshgrid(np.arange(12) + 0.5, np.arange(12) + 0.5), axis=-1).reshape(-1, 1, 2)
    for path, width, depth in zip(points, half[:, 0], touch(points, even, size=12), strict=True):
        stroke = np.concatenate(
            [path[i] + t * (path[i + 1] - path[i]) for i in range(len(path) - 1)], dtype=float
        )
        distance = np.hypot(*np.moveaxis(centres - stroke, 2, 0)).min(axis=1).reshape(12, 12)
        clear = np.abs(distance - width) > 0.02
        assert ((depth > 0) == (distance < width))[clear].all()


def test_a_dot_is_a_stroke_without_length() -> None:
    dot = np.full((1, 3, 2), 2.5, dtype=np.float32)
    covered = touch(dot, np.ones((1, 3), dtype=np.float32), size=5)[0] > 0
    assert covered.tolist() == [[(row, column) == (2, 2) for column in range(5)] for row in range(5)]
