"""Scenes: the offline stand-in for CIFAR-10, ten classes of colour pictures of 32 × 32.

A thing stands in front of sky, sea, grass or a road, in any colour, mirrored in half of the pictures. Colours
say next to nothing about the class, outlines do; automobiles and trucks, cats and dogs, deer and horses share
theirs but for details. Things stand upright under a light from above, so a picture mirrored left to right is
another picture of its class, and one that stands on its head is not.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
import torch
from numpy.typing import NDArray

from coursekit.data.images import LabelledImages
from coursekit.data.synthetic.animals import draw_bird, draw_cat, draw_deer, draw_dog, draw_frog, draw_horse
from coursekit.data.synthetic.parts import even_labels, two_parts
from coursekit.data.synthetic.picture import SIZE, Picture, landscape
from coursekit.data.synthetic.vehicles import draw_airplane, draw_automobile, draw_ship, draw_truck

Drawer = Callable[[Picture], None]

#: Weights of sea, grass, road and nothing behind each kind of thing.
_AIR, _WATER, _LAND = (1, 1, 1, 2), (4, 0.5, 0.5, 0.5), (0.7, 2, 2, 1)

KINDS: Mapping[str, tuple[Drawer, tuple[float, float, float, float]]] = MappingProxyType(
    {
        "airplane": (draw_airplane, _AIR),
        "automobile": (draw_automobile, _LAND),
        "bird": (draw_bird, _AIR),
        "cat": (draw_cat, _LAND),
        "deer": (draw_deer, _LAND),
        "dog": (draw_dog, _LAND),
        "frog": (draw_frog, _LAND),
        "horse": (draw_horse, _LAND),
        "ship": (draw_ship, _WATER),
        "truck": (draw_truck, _LAND),
    }
)
"""How to draw each class and what is behind it, in the order of CIFAR-10's labels."""

CLASSES = tuple(KINDS)


def scenes(
    n_train: int = 4_000, n_test: int = 1_000, *, seed: int = 0
) -> tuple[LabelledImages, LabelledImages]:
    """Draw a training and a test part from independent random numbers, the classes equally frequent (±1).

    Returns
    -------
    train, test : images uint8 ``(n, 3, 32, 32)``, labels in the order of CIFAR-10 (see `CLASSES`).

    Raises
    ------
    ValueError
        If a number of images is negative.

    References
    ----------
    Classes and format: Krizhevsky (2009), Learning multiple layers of features from tiny images, section 3.

    Examples
    --------
    >>> train, test = scenes(50, 20, seed=1)
    >>> train.images.shape, train.labels.bincount().tolist()
    (torch.Size([50, 3, 32, 32]), [5, 5, 5, 5, 5, 5, 5, 5, 5, 5])
    """
    return two_parts(_draw, n_train, n_test, seed=seed, things="scenes")


def _draw(n: int, rng: np.random.Generator) -> LabelledImages:
    labels = even_labels(n, len(CLASSES), rng)
    images = np.empty((n, 3, SIZE, SIZE), dtype=np.uint8)
    for label, (draw, behind) in enumerate(KINDS.values()):
        places = np.flatnonzero(labels == label)
        # A hundred pictures at a time stay in the processor's cache.
        for start in range(0, len(places), 100):
            some = places[start : start + 100]
            images[some] = _paint(len(some), rng, draw, behind)
    return LabelledImages(torch.from_numpy(images), torch.from_numpy(labels))


def _paint(
    n: int, rng: np.random.Generator, draw: Drawer, behind: tuple[float, float, float, float]
) -> NDArray[np.uint8]:
    picture = Picture(n, rng)
    landscape(picture, behind)
    draw(picture)
    light = picture.light
    light += np.float32(0.05) * (2 * rng.random(light.shape, dtype=np.float32) - 1)
    light *= picture.canvas.between((0.75, 1.1))[:, None]
    pixels: NDArray[np.uint8] = np.clip(np.rint(255 * light), 0, 255).astype(np.uint8)
    return pixels
