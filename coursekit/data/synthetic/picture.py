"""Pictures in colour: many images of 32 × 32 painted at once, shape by shape, over a backdrop.

As in ``drawing``, only operations that IEEE 754 fixes to the last bit act on pixels.
"""

from collections.abc import Sequence
from functools import reduce

import numpy as np

from coursekit.data.synthetic.drawing import Array, Canvas, inside, wave

SIZE = 32

Number = float | Array
Point = tuple[Number, Number]


class Picture:
    """Images under the brush: a backdrop and, in a frame of its own, the thing that is painted on it.

    Parameters
    ----------
    n
        Number of images.
    rng
        The source of every random number.
    turn
        Largest rotation of the thing, in radians.

    Attributes
    ----------
    canvas : Canvas
        The images' random numbers and the thing's pose.
    x, y : float32 (n, 32, 32)
        Position of every pixel in the thing's frame: from its middle, to the right (to the left in half of
        the images, which are mirrored) and down. The thing spans about 24 across.
    light : float32 (n, 3, 32, 32)
        Red, green and blue, between 0 and 1 where nothing overdoes it.
    """

    def __init__(self, n: int, rng: np.random.Generator, *, turn: float = 0.1) -> None:
        self.canvas = Canvas(n, rng, size=SIZE, rotation=turn, shift=3.5, stretch=0.1)
        scale = self.canvas.between((0.75, 1.15))
        self.x: Array = self.canvas.x / scale * (1 - 2 * self.canvas.chance(0.5))
        self.y: Array = (self.canvas.y - SIZE / 2) / scale
        self.light: Array = np.zeros((n, 3, SIZE, SIZE), dtype=np.float32)
        # Things are lighter or darker than what is behind them.
        self._dark = self.canvas.chance(0.5)[:, None]

    def colour(self, tone: tuple[float, float] = (0.2, 0.8), *, strength: float = 0.3) -> Array:
        """One colour per image ``(n, 3, 1, 1)``: a grey of `tone`, red, green, blue up to `strength` off."""
        n, rng = self.canvas.n, self.canvas.rng
        hue = 2 * rng.random((n, 3, 1, 1), dtype=np.float32) - 1
        return np.clip(self.canvas.between(tone)[:, None] + np.float32(strength) * hue, 0, 1)

    def coat(self) -> Array:
        """The colour of a thing: dark in half of the images and light in the others."""
        light, dark = self.colour((0.7, 0.95), strength=0.22), self.colour((0.05, 0.3), strength=0.2)
        return light + self._dark * (dark - light)

    def trim(self) -> Array:
        """A colour that stands off from the coat: light in the images where that is dark."""
        light, dark = self.colour((0.65, 0.95), strength=0.15), self.colour((0, 0.25), strength=0.1)
        return dark + self._dark * (light - dark)

    def paint(self, distance: Array, colour: Array, opacity: Number = 1.0) -> None:
        """Cover with `colour` what lies inside an outline, a little lighter above and darker below."""
        cover = (inside(distance) * opacity)[:, None]
        shade = (1 - np.float32(0.018) * self.y)[:, None]
        self.light += cover * (colour * shade - self.light)

    def ellipse(self, centre: Point, radii: Point) -> Array:
        """Distance inside an ellipse, in the frame's units, negative outside."""
        right, down = (self.x - centre[0]) / radii[0], (self.y - centre[1]) / radii[1]
        distance: Array = (1 - np.sqrt(right * right + down * down)) * np.minimum(radii[0], radii[1])
        return distance

    def box(self, centre: Point, half: Point) -> Array:
        """Distance inside an upright rectangle of these half sides."""
        distance: Array = np.minimum(
            half[0] - np.abs(self.x - centre[0]), half[1] - np.abs(self.y - centre[1])
        )
        return distance

    def limb(self, start: Point, end: Point, half_widths: Point) -> Array:
        """Distance inside a straight strip with round ends that tapers from one half-width to the other."""
        right, down = self.x - start[0], self.y - start[1]
        wide, high = end[0] - start[0], end[1] - start[1]
        along = np.clip((right * wide + down * high) / (wide * wide + high * high), 0, 1)
        right, down = right - along * wide, down - along * high
        distance: Array = (
            half_widths[0] + along * (half_widths[1] - half_widths[0]) - np.sqrt(right * right + down * down)
        )
        return distance

    def polygon(self, *corners: Point) -> Array:
        """Distance inside a convex polygon, its corners given clockwise as one sees them.

        Raises
        ------
        ValueError
            If there are fewer than three.
        """
        if len(corners) < 3:
            raise ValueError(f"a polygon has {len(corners)} corners; name at least three")
        sides = []
        for (x, y), (next_x, next_y) in zip(corners, (*corners[1:], corners[0]), strict=True):
            wide, high = next_x - x, next_y - y
            sides.append((wide * (self.y - y) - high * (self.x - x)) / np.sqrt(wide * wide + high * high))
        return reduce(np.minimum, sides)


def landscape(picture: Picture, weights: Sequence[float]) -> None:
    """Paint what is behind the thing: a sky, and under a horizon one kind of ground; a blot or two on them.

    Parameters
    ----------
    weights
        Of sea, grass, road, and nothing but sky (or a wall).
    """
    canvas = picture.canvas
    column = np.arange(SIZE, dtype=np.float32)[None, None, :]
    row = np.arange(SIZE, dtype=np.float32)[None, :, None]
    kind = canvas.choose(weights)
    horizon = np.where(kind == 3, np.float32(2 * SIZE), canvas.between((9, 22)))

    sky = picture.colour((0.5, 0.85), strength=0.22)
    haze = canvas.between((-0.012, 0.012))
    picture.light[:] = sky + (haze * (row - SIZE / 2))[:, None]
    for height in ((2, 14), (16, 30)):
        size = canvas.between((2, 7)), canvas.between((1.5, 4))
        right = (column - canvas.between((0, SIZE))) / size[0]
        down = (row - canvas.between(height)) / size[1]
        blot = (1 - np.sqrt(right * right + down * down)) * size[1]
        cover = (inside(blot) * canvas.between((0, 0.6)))[:, None]
        picture.light += cover * (picture.colour((0.3, 0.8)) - picture.light)

    under = inside(row - horizon)
    swell, often = canvas.between((0.02, 0.2)), canvas.between((0.2, 0.5))
    phase = canvas.between((0, 1))
    waves = wave(row * often + wave(column * swell + phase) * 0.4)
    tufts = canvas.speckle()
    rough = np.where(kind == 1, np.float32(0.11), np.float32(0.02)) * tufts
    grain: Array = np.where(kind == 0, np.float32(0.05) * waves, rough)
    ground = picture.colour((0.3, 0.65), strength=0.2) + grain[:, None]
    picture.light += under[:, None] * (ground - picture.light)
