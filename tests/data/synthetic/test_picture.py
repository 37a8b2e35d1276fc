"""Painting in colour: shapes against brute force, what a coat of paint covers, what lies behind."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from coursekit.data.synthetic.picture import SIZE, Picture, landscape

Point = tuple[float, float]
points = st.tuples(st.floats(-12, 12), st.floats(-12, 12))
sizes = st.floats(0.5, 6)


def picture(n: int = 4, seed: int = 0) -> Picture:
    return Picture(n, np.random.default_rng(seed))


def places(made: Picture) -> NDArray[np.float64]:
    """Coordinates of all pixels in the frame of the thing, ``(pixels, 2)``."""
    return np.stack([made.x, made.y], axis=-1).reshape(-1, 2).astype(np.float64)


@given(start=points, end=points, widths=st.tuples(sizes, sizes))
def test_limb_is_the_union_of_discs_along_it(start: Point, end: Point, widths: Point) -> None:
    if np.hypot(end[0] - start[0], end[1] - start[1]) < 1:
        end = (start[0] + 1, start[1])
    made = picture(1)
    found = made.limb(start, end, widths).reshape(-1)
    t = np.linspace(0, 1, 400)[:, None]
    centres = np.array(start) + t * (np.array(end) - np.array(start))
    nearest = np.linalg.norm(places(made)[:, None] - centres, axis=-1)
    foot = nearest.argmin(axis=1)
    radius = widths[0] + t[foot, 0] * (widths[1] - widths[0])
    assert np.abs(found - (radius - nearest.min(axis=1))).max() < 0.1


@given(corners=st.lists(st.floats(0, 2 * np.pi), min_size=3, max_size=6, unique=True), size=st.floats(3, 12))
def test_polygon_agrees_with_matplotlib(corners: list[float], size: float) -> None:
    from matplotlib.path import Path

    # On a circle and by rising angle, corners are clockwise where y points down.
    angles = np.sort(np.array(corners))
    if np.diff(angles).min() < 0.05:
        return
    outline = [(size * np.cos(angle), size * np.sin(angle)) for angle in angles]
    made = picture()
    distance = made.polygon(*outline).reshape(-1)
    clear = np.abs(distance) > 1e-3
    assert np.array_equal((distance > 0)[clear], Path(outline).contains_points(places(made))[clear])


@given(centre=points, half=st.tuples(sizes, sizes))
def test_box_and_ellipse_agree_with_their_inequalities(centre: Point, half: Point) -> None:
    made = picture()
    right, down = (places(made) - np.array(centre)).T
    box, ellipse = (shape(centre, half).reshape(-1) for shape in (made.box, made.ellipse))
    clear = (np.abs(box) > 1e-3) & (np.abs(ellipse) > 1e-3)
    assert np.array_equal((box > 0)[clear], ((np.abs(right) < half[0]) & (np.abs(down) < half[1]))[clear])
    within = (right / half[0]) ** 2 + (down / half[1]) ** 2 < 1
    assert np.array_equal((ellipse > 0)[clear], within[clear])


def test_polygon_of_two_corners_is_refused() -> None:
    with pytest.raises(ValueError, match="a polygon has 2 corners; name at least three"):
        picture().polygon((0, 0), (1, 1))


def test_half_of_the_frames_are_mirrored() -> None:
    made = picture(2_000)
    rightward = (made.x[:, 0, -1] > made.x[:, 0, 0]).mean()
    assert 0.45 < rightward < 0.55
    assert (made.y[:, -1, 0] > made.y[:, 0, 0]).all(), "none stands on its head"


def test_paint_covers_what_is_inside_and_is_lighter_above() -> None:
    made = picture()
    behind = made.light.copy()
    colour = np.full((4, 3, 1, 1), 0.5, dtype=np.float32)
    inside = made.box((0, 0), (5, 8))
    made.paint(inside, colour)
    outside = np.broadcast_to((inside < -0.5)[:, None], behind.shape)
    assert np.array_equal(made.light[outside], behind[outside])
    for i in range(4):
        covered = inside[i] > 0.5
        assert made.light[i, 0][covered & (made.y[i] < -3)].min() > 0.5
        assert made.light[i, 0][covered & (made.y[i] > 3)].max() < 0.5


def test_paint_without_opacity_changes_nothing() -> None:
    made = picture()
    landscape(made, (1, 1, 1, 1))
    behind = made.light.copy()
    made.paint(made.box((0, 0), (5, 5)), made.colour(), 0.0)
    assert np.array_equal(made.light, behind)


def test_coat_and_trim_stand_off_from_each_other() -> None:
    made = picture(500)
    coat, trim = (colour.mean(axis=1).reshape(-1) for colour in (made.coat(), made.trim()))
    assert np.array_equal(coat > 0.5, trim < 0.5)
    assert 0.4 < (coat > 0.5).mean() < 0.6


def test_ground_lies_under_the_sky_or_is_not_there() -> None:
    def unevenness(weights: tuple[int, int, int, int]) -> NDArray[np.float32]:
        made = picture(200)
        landscape(made, weights)
        return np.abs(made.light[:, :, 2].mean(axis=-1) - made.light[:, :, -3].mean(axis=-1)).mean(axis=1)

    assert np.median(unevenness((0, 0, 1, 0))) > 0.1, "above and below the horizon are of two colours"
    assert np.median(unevenness((0, 0, 0, 1))) < np.median(unevenness((0, 0, 1, 0)))
    grass, road = picture(200), picture(200)
    landscape(grass, (0, 1, 0, 0))
    landscape(road, (0, 0, 1, 0))
    last = SIZE - 1
    rough, smooth = (np.abs(np.diff(made.light[:, :, last], axis=-1)).mean() for made in (grass, road))
    assert rough > 2 * smooth
