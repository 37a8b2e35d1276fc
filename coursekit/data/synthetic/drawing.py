"""Drawing many small grey images at once: a canvas of coordinates, soft-edged shapes, woven patterns.

A shape is its coverage, an array ``(n, size, size)`` between 0 (outside) and 1 (inside). It is computed from
the distance to the outline, in pixels, so that edges are anti-aliased without drawing anything larger.

Only operations that IEEE 754 fixes to the last bit act on pixels (no sine, no logarithm), so a seed gives the
same images, and the same digest of them, on every machine.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]  # float32 throughout
Range = tuple[float, float]


class Canvas:
    """Coordinates of `n` images, each with a small random pose, and the random numbers to draw them with.

    Parameters
    ----------
    n
        Number of images.
    rng
        The source of every random number.
    size
        Side of an image in pixels.
    rotation, shift, stretch
        Largest deviation of the pose: radians, pixels, and a fraction of the size.

    Attributes
    ----------
    x, y : float32 (n, size, size)
        Position of every pixel centre in its image's own frame, in pixels: `x` from the middle to the
        right, `y` from the upper edge down.
    """

    def __init__(
        self,
        n: int,
        rng: np.random.Generator,
        *,
        size: int = 28,
        rotation: float = 0.0,
        shift: float = 0.0,
        stretch: float = 0.0,
    ) -> None:
        self.n, self.rng = n, rng
        centres = np.arange(size, dtype=np.float32) + np.float32(0.5 - size / 2)
        right = centres[None, None, :] - self.between((-shift, shift))
        down = centres[None, :, None] - self.between((-shift, shift))
        cosine, sine = _direction(self.between((-rotation, rotation)))
        wide, tall = self.between((1 - stretch, 1 + stretch)), self.between((1 - stretch, 1 + stretch))
        self.x: Array = (right * cosine + down * sine) / wide
        self.y: Array = (down * cosine - right * sine) / tall + np.float32(size / 2)

    def between(self, limits: Range) -> Array:
        """One uniform number per image, shaped ``(n, 1, 1)``."""
        low, high = np.float32(limits[0]), np.float32(limits[1])
        return low + (high - low) * self.rng.random((self.n, 1, 1), dtype=np.float32)

    def turn(self, limits: Range) -> tuple[Array, Array]:
        """Cosine and sine of one uniform angle per image, in radians, each shaped ``(n, 1, 1)``."""
        return _direction(self.between(limits))

    def chance(self, probability: float) -> Array:
        """One 0 or 1 per image, 1 with `probability`, shaped ``(n, 1, 1)``."""
        return (self.rng.random((self.n, 1, 1)) < probability).astype(np.float32)

    def choose(self, weights: Sequence[float]) -> NDArray[np.int64]:
        """One index into `weights` per image, drawn in proportion to them, shaped ``(n, 1, 1)``."""
        bounds = np.cumsum(weights)
        drawn = bounds[-1] * self.rng.random((self.n, 1, 1))
        return np.asarray(np.searchsorted(bounds, drawn, side="right"))

    def speckle(self) -> Array:
        """Independent uniform noise between -1 and 1 for every pixel."""
        return 2 * self.rng.random(self.x.shape, dtype=np.float32) - 1


def inside(distance: Array) -> Array:
    """Coverage of pixels that lie `distance` pixels inside an outline (negative: outside)."""
    covered: Array = np.clip(distance + np.float32(0.5), 0, 1)
    return covered


def mix(light: Array, tone: Array, weight: Array) -> Array:
    """`light` where `weight` is 0, `tone` where it is 1."""
    return light + weight * (tone - light)


def wave(turns: Array) -> Array:
    """A wave of period 1 between -1 and 1, made of parabolas; like a sine, it is 0 at 0 and at ½.

    Examples
    --------
    >>> wave(np.array([0, 0.25, 0.5, 0.75, 1], dtype=np.float32)).tolist()
    [0.0, 1.0, 0.0, -1.0, 0.0]
    """
    part = turns - np.rint(turns)
    height: Array = 8 * part * (1 - 2 * np.abs(part))
    return height


def ramp(position: Array, knots: Sequence[float | Array], values: Sequence[float | Array]) -> Array:
    """Piecewise linear curve through ``(knots, values)`` at `position`; constant beyond both ends.

    Examples
    --------
    >>> ramp(np.array([-1, 0.5, 3], dtype=np.float32), (0, 1, 2), (10, 20, 0)).tolist()
    [10.0, 15.0, 0.0]
    """
    curve = 0 * position + values[0]
    for i in range(len(knots) - 1):
        part = np.clip((position - knots[i]) / (knots[i + 1] - knots[i]), 0, 1)
        curve += (values[i + 1] - values[i]) * part
    return curve


def strip(
    x: Array,
    y: Array,
    start: tuple[Array, Array],
    angle: Array,
    length: Array,
    half_width: tuple[Array, Array],
) -> tuple[Array, Array]:
    """A straight strip that tapers from one half-width to another, and how far along it each pixel lies.

    Parameters
    ----------
    start
        Middle of the strip's beginning.
    angle
        Radians away from straight down, towards positive `x`.

    Returns
    -------
    coverage, along : both ``(n, size, size)``, `along` in pixels from the start.
    """
    cosine, sine = _direction(angle)
    right, down = x - start[0], y - start[1]
    along = right * sine + down * cosine
    across = np.abs(right * cosine - down * sine)
    half = ramp(along, (0, length), half_width)
    return inside(np.minimum(half - across, np.minimum(along + 1, length - along))), along


def ring(
    x: Array,
    y: Array,
    centre: tuple[float | Array, float | Array],
    radii: tuple[Array, Array],
    half_width: Array,
) -> Array:
    """An elliptical line of the given half-width."""
    right, down = (x - centre[0]) / radii[0], (y - centre[1]) / radii[1]
    radius = np.sqrt(right * right + down * down)
    return inside(half_width - np.abs(radius - 1) * np.minimum(radii[0], radii[1]))


WEAVES = ("plain", "across", "down", "slanting", "check", "mottled")


def weave(canvas: Canvas, weights: Sequence[float]) -> Array:
    """A pattern between 0 (dark thread) and 1 (light thread); each image has one of `WEAVES`.

    Stripes have a random period between 2.5 and 7 pixels and a random phase, so that no single pixel tells
    which pattern it belongs to.
    """
    kind = canvas.choose(weights)
    angle = np.select([kind == 1, kind == 3], [np.float32(1.5708), np.float32(0.7854)], np.float32(0))
    cosine, sine = _direction(angle + canvas.between((-0.1, 0.1)))
    period, contrast = canvas.between((2.5, 7)), canvas.between((0.4, 1.5))
    thread = wave((canvas.x * cosine + canvas.y * sine) / period + canvas.between((0, 1)))
    check = np.flatnonzero(kind == 4)
    thread[check] += wave((canvas.y[check] * cosine[check] - canvas.x[check] * sine[check]) / period[check])
    mottled = np.flatnonzero(kind == 5)
    thread[mottled] = 1.7 * canvas.speckle()[mottled]
    light = np.clip(np.float32(0.5) + contrast * thread, 0, 1)
    light[np.flatnonzero(kind == 0)] = 1
    return light


def cloth(canvas: Canvas, weights: Sequence[float]) -> Array:
    """Light that cloth gives back: its pattern (see `weave`), folds, one side in the shade."""
    light = 1 - canvas.between((0.05, 0.5)) * (1 - weave(canvas, weights))
    bend = canvas.x + canvas.between((-0.5, 0.5)) * canvas.y
    light *= 1 + canvas.between((0, 0.12)) * wave(bend / canvas.between((6, 20)) + canvas.between((0, 1)))
    light *= 1 + canvas.between((-0.015, 0.015)) * canvas.x
    return light


def _direction(angle: Array) -> tuple[Array, Array]:
    """Cosine and sine, rounded from double precision, where libraries agree but for the last bit."""
    exact = angle.astype(np.float64)
    return np.cos(exact).astype(np.float32), np.sin(exact).astype(np.float32)
