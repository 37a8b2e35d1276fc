"""What all generated sets share: a training and a test part from independent random numbers, even classes."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from coursekit.data.images import LabelledImages


def two_parts(
    draw: Callable[[int, np.random.Generator], LabelledImages],
    n_train: int,
    n_test: int,
    *,
    seed: int,
    things: str,
    taken: int = 0,
) -> tuple[LabelledImages, LabelledImages]:
    """``draw(n, generator)`` for both parts, each with a generator of its own.

    Parameters
    ----------
    things
        What is drawn, for the message.
    taken
        How many generators the caller makes from the same seed for something else.

    Raises
    ------
    ValueError
        If a number is negative.

    Examples
    --------
    >>> import torch
    >>> def draw(n, rng):
    ...     pixels = torch.zeros(n, 1, 2, 2, dtype=torch.uint8)
    ...     return LabelledImages(pixels, torch.from_numpy(even_labels(n, 2, rng)))
    >>> [len(part) for part in two_parts(draw, 3, 1, seed=0, things="images")]
    [3, 1]
    """
    if min(n_train, n_test) < 0:
        raise ValueError(f"cannot draw {n_train} + {n_test} {things}; give numbers that are not negative")
    train, test = np.random.SeedSequence(seed).spawn(taken + 2)[taken:]
    return draw(n_train, np.random.default_rng(train)), draw(n_test, np.random.default_rng(test))


def even_labels(n: int, classes: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """`n` labels in random order, the classes equally frequent (±1).

    Examples
    --------
    >>> np.bincount(even_labels(7, 3, np.random.default_rng(0))).tolist()
    [3, 2, 2]
    """
    return rng.permutation(np.arange(n, dtype=np.int64) % classes)
