"""Garments: the offline stand-in for Fashion-MNIST, ten classes of grey 28×28 images drawn from silhouettes.

T-shirts, pullovers, coats and shirts share one family of outlines and overlap in every measure: what tells
them apart is small (buttons or a zip, a collar, a ribbed hem), lighter or darker than the cloth, and moves
about. A model that weighs single pixels confuses them; one that finds parts wherever they are does so less.
"""

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

import numpy as np
import torch
from numpy.typing import NDArray

from coursekit.data.images import LabelledImages
from coursekit.data.synthetic.drawing import Array, Canvas
from coursekit.data.synthetic.parts import even_labels, two_parts
from coursekit.data.synthetic.silhouettes import Shoe, Top, draw_bag, draw_shoe, draw_top, draw_trousers

Drawer = Callable[[Canvas], Array]

_T_SHIRT = Top(
    waist=(5.5, 8),
    sleeves=(0.06, 0.9, 0.04),
    fastening=(0.8, 0.02, 0.01, 0.02, 0.15),
    print=0.4,
    weaves=(5, 1.5, 0.3, 0.3, 0.2, 0.6),
)
_PULLOVER = Top(
    length=(21, 25.5),
    fastening=(0.71, 0.01, 0.02, 0.02, 0.24),
    ribbing=0.75,
    print=0.25,
    weaves=(5, 1.5, 0.5, 0.4, 0.3, 0.6),
)
_DRESS = Top(
    shoulder=(4, 7),
    waist=(3.2, 5.5),
    hem=(4.5, 8.5),
    length=(25, 27),
    sleeves=(0.5, 0.25, 0.25),
    fastening=(0.9, 0.04, 0.02, 0.02, 0.02),
    weaves=(5, 0.6, 0.6, 0.3, 0.4, 1),
)
_COAT = Top(
    shoulder=(7, 9.8),
    hem=(6, 8.8),
    length=(23, 27),
    sleeves=(0.01, 0.02, 0.97),
    fastening=(0.03, 0.04, 0.52, 0.41, 0),
    collar=0.3,
    ribbing=0.1,
    print=0.02,
    weaves=(6, 0.4, 0.5, 0.4, 0.4, 0.5),
)
_SHIRT = Top(
    shoulder=(6.3, 9.3),
    waist=(5.5, 8),
    length=(23, 27),
    sleeves=(0.04, 0.34, 0.62),
    fastening=(0.1, 0.82, 0.02, 0.02, 0.04),
    collar=0.75,
    ribbing=0.08,
    print=0.1,
    weaves=(4, 0.6, 0.8, 0.5, 1, 0.7),
)
_SANDAL = Shoe(
    ground=(18.5, 22.5),
    toe=(2, 4.5),
    instep=(3.5, 7.5),
    rim=(5, 12),
    back=(-4, 1),
    heel=(0, 6),
    straps=0.94,
    laces=0.05,
    zip=0,
)
_SNEAKER = Shoe(
    ground=(18.5, 22),
    toe=(2.5, 5),
    instep=(5, 8.5),
    rim=(8, 12.5),
    back=(-3, 0.5),
    heel=(0, 1.2),
    straps=0.03,
    laces=0.7,
    zip=0.02,
)
_BOOT = Shoe(
    ground=(22, 26.5),
    toe=(3, 6),
    instep=(7, 12),
    rim=(13, 22),
    back=(-1.5, 1.5),
    heel=(0, 4),
    straps=0.02,
    laces=0.4,
    zip=0.4,
)

WARDROBE: Mapping[str, Drawer] = MappingProxyType(
    {
        "T-shirt/top": partial(draw_top, style=_T_SHIRT),
        "Trouser": draw_trousers,
        "Pullover": partial(draw_top, style=_PULLOVER),
        "Dress": partial(draw_top, style=_DRESS),
        "Coat": partial(draw_top, style=_COAT),
        "Sandal": partial(draw_shoe, style=_SANDAL),
        "Shirt": partial(draw_top, style=_SHIRT),
        "Sneaker": partial(draw_shoe, style=_SNEAKER),
        "Bag": draw_bag,
        "Ankle boot": partial(draw_shoe, style=_BOOT),
    }
)
"""How to draw each class, in the order of Fashion-MNIST's labels."""

CLASSES = tuple(WARDROBE)


def garments(
    n_train: int = 10_000, n_test: int = 2_000, *, seed: int = 0
) -> tuple[LabelledImages, LabelledImages]:
    """Draw a training and a test part from independent random numbers, the classes equally frequent (±1).

    Returns
    -------
    train, test : images uint8 ``(n, 1, 28, 28)``, labels in the order of Fashion-MNIST (see `CLASSES`).

    Raises
    ------
    ValueError
        If a number of images is negative.

    References
    ----------
    Classes and format: Xiao, Rasul & Vollgraf (2017), Fashion-MNIST, arXiv:1708.07747, table 2.

    Examples
    --------
    >>> train, test = garments(50, 20, seed=1)
    >>> train.images.shape, train.labels.bincount().tolist()
    (torch.Size([50, 1, 28, 28]), [5, 5, 5, 5, 5, 5, 5, 5, 5, 5])
    """
    return two_parts(_draw, n_train, n_test, seed=seed, things="images")


def _draw(n: int, rng: np.random.Generator) -> LabelledImages:
    labels = even_labels(n, len(CLASSES), rng)
    images = np.zeros((n, 1, 28, 28), dtype=np.uint8)
    for label, drawer in enumerate(WARDROBE.values()):
        where = np.flatnonzero(labels == label)
        # A few hundred images at a time stay in the processor's cache.
        for part in np.array_split(where, 1 + len(where) // 200):
            images[part, 0] = _photograph(drawer, len(part), rng)
    return LabelledImages(torch.from_numpy(images), torch.from_numpy(labels))


def _photograph(drawer: Drawer, n: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Draw, light at random, add grain; the background stays exactly 0, as in Fashion-MNIST."""
    canvas = Canvas(n, rng, rotation=0.08, shift=1.5, stretch=0.06)
    brightness = 245 * np.sqrt(canvas.between((0.15, 1.1)))
    grain = 1 + canvas.between((0.015, 0.13)) * canvas.speckle()
    pixels: NDArray[np.uint8] = np.clip(np.rint(drawer(canvas) * brightness * grain), 0, 255).astype(np.uint8)
    return pixels
