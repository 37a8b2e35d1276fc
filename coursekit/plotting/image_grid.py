"""A grid of small images, each in a thin frame, with or without a title."""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.patches import Rectangle
from numpy.typing import NDArray
from torch import Tensor

from coursekit.plotting.checks import finite_array, same_length
from coursekit.plotting.figure import Figure
from coursekit.plotting.style import INK, SMALL_SIZE, WIDTH, drawing

_POINTS = 72.0
_GAP = 5.0
_LARGEST = 100.0
_LINE = SMALL_SIZE * 1.5
# On a phone the text grows against the drawing, so a title may fill this much of its column.
_LETTER = SMALL_SIZE * 0.66


def image_grid(
    images: Tensor | NDArray[np.generic],
    *,
    titles: Sequence[str] | None = None,
    columns: int = 10,
    vmin: float | None = None,
    vmax: float | None = None,
    inverted: bool = True,
    alt: str | None = None,
) -> Figure:
    """Show images row by row.

    Parameters
    ----------
    images
        ``(n, height, width)`` or ``(n, 1, height, width)`` for grey, ``(n, 3, height, width)`` for colour;
        whole numbers or floats, on any device.
    titles
        One an image, shown above it; ``"\\n"`` starts a second line.
    columns
        At most so many images side by side; fewer where the titles need more room.
    vmin, vmax
        Values shown as the two ends of the scale. Default: 0 and 255 for uint8, else the smallest and the
        largest value of all images.
    inverted
        Grey images only: draw high values dark, as ink on paper, which suits images stored as light on
        black. False draws high values light.
    alt
        Description of the figure; by default the number of images and their titles.

    Raises
    ------
    ValueError
        If the shape is another one, there is no image, a value is not finite, the titles are not as many
        as the images, or ``vmin`` is not below ``vmax``.

    Examples
    --------
    >>> import torch
    >>> image_grid(torch.eye(4).expand(3, 1, 4, 4), titles=["first", "second", "third"])
    Figure: 3 images of 4×4 pixels: first; second; third.
    """
    pixels = _pixels(images)
    if titles is not None:
        same_length(titles, name="titles", count=len(pixels), of="images")
    if columns < 1:
        raise ValueError(f"columns is {columns}; a row needs at least 1 image")
    low, high = _limits(images, pixels, vmin, vmax)
    lines = [title.split("\n") for title in titles or [""] * len(pixels)]
    longest = max(len(line) for title in lines for line in title)
    columns = min(columns, len(pixels), max(1, int((WIDTH * _POINTS + _GAP) / (longest * _LETTER + _GAP))))
    side = min(_LARGEST, (WIDTH * _POINTS - (columns - 1) * _GAP) / columns)
    column_width = max(side, longest * _LETTER)
    side_y = side * pixels.shape[1] / pixels.shape[2]
    head = _LINE * max(map(len, lines)) if titles else 0.0
    row_height = head + side_y + _GAP
    width = columns * (column_width + _GAP) - _GAP
    height = math.ceil(len(pixels) / columns) * row_height - _GAP

    with drawing():
        figure = Figure(alt=alt or _describe(pixels, titles), width=width / _POINTS, height=height / _POINTS)
        figure.set_layout_engine("none")
        axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
        axes.set_axis_off()
        for position, image in enumerate(pixels):
            row, column = divmod(position, columns)
            left = column * (column_width + _GAP) + (column_width - side) / 2
            top = row * row_height + head
            axes.imshow(
                image if image.ndim == 2 else np.clip((image - low) / (high - low), 0, 1),
                cmap="gray_r" if inverted else "gray",
                vmin=low,
                vmax=high,
                extent=(left, left + side, top + side_y, top),
                aspect="auto",
            )
            frame = Rectangle((left, top), side, side_y, fill=False, edgecolor=INK, alpha=0.4, linewidth=0.6)
            axes.add_patch(frame)
            for number, line in enumerate(reversed(lines[position])):
                axes.text(
                    left + side / 2,
                    top - 4 - number * _LINE,
                    line,
                    size=SMALL_SIZE,
                    ha="center",
                    va="baseline",
                )
        axes.set(xlim=(-0.5, width + 0.5), ylim=(height + 0.5, -0.5))
    return figure


def _pixels(images: Tensor | NDArray[np.generic]) -> NDArray[np.float64]:
    """The images as ``(n, height, width)`` or ``(n, height, width, 3)``."""
    shape = tuple(images.shape)
    if len(shape) == 3:
        return finite_array(images, name="images", axes=("n", "height", "width"))
    if len(shape) != 4 or shape[1] not in (1, 3):
        raise ValueError(
            f"images has the shape {shape}; expected (n, height, width), (n, 1, height, width) "
            "or (n, 3, height, width)"
        )
    pixels = finite_array(images, name="images", axes=("n", "channels", "height", "width"))
    return pixels[:, 0] if shape[1] == 1 else pixels.transpose(0, 2, 3, 1)


def _limits(
    images: Tensor | NDArray[np.generic], pixels: NDArray[np.float64], vmin: float | None, vmax: float | None
) -> tuple[float, float]:
    whole = str(images.dtype).endswith("uint8")
    low = vmin if vmin is not None else 0.0 if whole else float(pixels.min())
    high = vmax if vmax is not None else 255.0 if whole else float(pixels.max())
    if vmin is None and vmax is None and low == high:
        # A constant image has no range of its own; any will do.
        high = low + 1.0
    if not low < high:
        raise ValueError(f"vmin is {low:g} and vmax {high:g}; vmin must be below vmax")
    return low, high


def _describe(pixels: NDArray[np.float64], titles: Sequence[str] | None) -> str:
    count = "1 image" if len(pixels) == 1 else f"{len(pixels)} images"
    colour = "colour " if pixels.ndim == 4 else ""
    text = f"{count.replace('image', colour + 'image')} of {pixels.shape[1]}×{pixels.shape[2]} pixels"
    if titles is None:
        return f"{text}."
    return f"{text}: {'; '.join(title.replace(chr(10), ', ') for title in titles)}."
