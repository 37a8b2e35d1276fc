"""Glyphs: the offline stand-in for Kuzushiji-MNIST, ten classes of white brush writing on black, 28×28.

Each class is written in two or three ways. Hand, slant, size, place, pressure and ink differ from image to
image: a model that weighs single pixels confuses them, one that finds strokes wherever they are does so less.
"""

import numpy as np
import torch
from numpy.typing import NDArray

from coursekit.data.images import LabelledImages
from coursekit.data.synthetic.brush import PIECES, bend, touch
from coursekit.data.synthetic.drawing import Array, Canvas, inside
from coursekit.data.synthetic.hiragana import SHAPES, Stroke
from coursekit.data.synthetic.parts import even_labels, two_parts


def glyphs(
    n_train: int = 10_000, n_test: int = 2_000, *, seed: int = 0
) -> tuple[LabelledImages, LabelledImages]:
    """Write a training and a test part from independent random numbers, the classes equally frequent (±1).

    Returns
    -------
    train, test : images uint8 ``(n, 1, 28, 28)``, labels in the order of Kuzushiji-MNIST.

    Raises
    ------
    ValueError
        If a number of images is negative.

    References
    ----------
    Classes and format: Clanuwat et al. (2018), Deep learning for classical Japanese literature,
    arXiv:1812.01718.

    Examples
    --------
    >>> train, test = glyphs(50, 20, seed=1)
    >>> train.images.shape, train.labels.bincount().tolist()
    (torch.Size([50, 1, 28, 28]), [5, 5, 5, 5, 5, 5, 5, 5, 5, 5])
    """
    return two_parts(_write, n_train, n_test, seed=seed, things="glyphs")


def _write(n: int, rng: np.random.Generator) -> LabelledImages:
    labels = even_labels(n, len(SHAPES), rng)
    drawn = rng.random(n)
    images = np.zeros((n, 1, 28, 28), dtype=np.uint8)
    for label, ways in enumerate(SHAPES.values()):
        # The first way is twice as frequent as each of the others.
        chosen = np.maximum(np.floor(drawn * (len(ways) + 1)) - 1, 0)
        for way, strokes in enumerate(ways):
            where = np.flatnonzero((labels == label) & (chosen == way))
            # A hundred images at a time stay in the processor's cache.
            for part in np.array_split(where, 1 + len(where) // 100):
                images[part, 0] = _brush(strokes, len(part), rng)
    return LabelledImages(torch.from_numpy(images), torch.from_numpy(labels))


def _brush(strokes: tuple[Stroke, ...], n: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Write the strokes `n` times, each time with another hand; what the brush misses stays exactly 0."""
    canvas = Canvas(n, rng)
    control = _hand(np.array(strokes, dtype=np.float32).reshape(-1, 3, 2) - 50, canvas)
    weight = canvas.between((0.7, 2))[:, :, 0]
    ink = np.zeros((n, 28, 28), dtype=np.float32)
    for stroke in range(len(strokes)):
        pressure = np.float32(0.5) + rng.random((n, PIECES + 1), dtype=np.float32)
        depth = touch(bend(control[:, stroke]), weight * pressure)
        np.maximum(ink, inside(depth) * canvas.between((0.6, 1)), out=ink)
    grain = 1 + canvas.between((0.02, 0.25)) * canvas.speckle()
    pixels: NDArray[np.uint8] = np.clip(np.rint(255 * ink * grain), 0, 255).astype(np.uint8)
    return pixels


def _hand(control: Array, canvas: Canvas) -> Array:
    """Control points ``(n, strokes, 3, 2)`` in pixels: each wavers on its own, then all take one pose."""
    shape = (canvas.n, *control.shape)
    waver = canvas.rng.random(shape, dtype=np.float32) + canvas.rng.random(shape, dtype=np.float32) - 1
    control = control + 7 * waver
    wide, tall, slant = (canvas.between(limits) for limits in ((0.2, 0.29), (0.2, 0.29), (-0.3, 0.3)))
    y = control[..., 1] * tall
    x = control[..., 0] * wide + slant * y
    cosine, sine = canvas.turn((-0.2, 0.2))
    right, down = canvas.between((-3, 3)) + 14, canvas.between((-3, 3)) + 14
    placed: Array = np.stack([x * cosine - y * sine + right, x * sine + y * cosine + down], axis=-1)
    return placed
