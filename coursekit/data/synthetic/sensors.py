"""Independent sensors: ten classes of 784 readings that know nothing of one another once the class is given.

No sensor has a neighbour, so that the readings may be laid out in any order, as 28×28 images for instance.
Each class shifts every sensor a little; one reading says next to nothing, all of them together nearly all.
"""

from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray

from coursekit.data.images import LabelledImages
from coursekit.data.synthetic.parts import even_labels, two_parts

CLASSES = 10
SIDE = 28
SENSORS = SIDE * SIDE

#: Reading without a shift, and readings to one standard deviation of the noise.
LEVEL, SCALE = 128.0, 32.0


def sensors(
    n_train: int = 8_000, n_test: int = 2_000, *, separation: float = 4.0, seed: int = 0
) -> tuple[LabelledImages, LabelledImages]:
    r"""Draw a training and a test part from independent random numbers, the classes equally frequent (±1).

    Sensor j of a sample of class c reads

    .. math:: x_j = \operatorname{round}(128 + 32\,(\mu_{cj} + \varepsilon_j)), \qquad
              \varepsilon_j \sim \mathcal{N}(0, 1) \text{ independent},

    clipped to 0…255. The means :math:`\mu_c` are orthogonal, each of length `separation`, in random
    directions (see `class_means`), so that no two sensors depend on each other within a class and the best
    accuracy is known (see `best_accuracy`).

    Parameters
    ----------
    n_train, n_test
        Samples.
    separation
        Length of every class mean, in standard deviations of the noise, at least 0.
    seed
        Fixes the class means and both parts.

    Returns
    -------
    train, test : readings uint8 ``(n, 1, 28, 28)``, labels 0…9

    Raises
    ------
    ValueError
        If a number of samples or the separation is negative.

    Examples
    --------
    >>> train, test = sensors(50, 20, seed=1)
    >>> train.images.shape, train.labels.bincount().tolist()
    (torch.Size([50, 1, 28, 28]), [5, 5, 5, 5, 5, 5, 5, 5, 5, 5])
    """
    means = class_means(separation=separation, seed=seed)
    return two_parts(partial(_draw, means), n_train, n_test, seed=seed, things="samples", taken=1)


def class_means(*, separation: float = 4.0, seed: int = 0) -> NDArray[np.float64]:
    """The means of the ten classes ``(10, 784)`` in standard deviations: orthogonal, `separation` long.

    They are a random orthogonal frame: the Q of a QR decomposition of normal random numbers, with the signs
    that make R's diagonal positive.

    Raises
    ------
    ValueError
        If the separation is negative.

    Examples
    --------
    >>> means = class_means(separation=2.0)
    >>> np.allclose(means @ means.T, 4 * np.eye(10))
    True
    """
    if separation < 0:
        raise ValueError(f"separation is {separation}; a length is at least 0")
    rng = np.random.default_rng(np.random.SeedSequence(seed).spawn(3)[0])
    q, r = np.linalg.qr(rng.standard_normal((SENSORS, CLASSES)))
    frame: NDArray[np.float64] = (q * np.sign(np.diag(r))).T
    return separation * frame


def best_accuracy(*, separation: float = 4.0, classes: int = CLASSES) -> float:
    r"""Accuracy that no classifier exceeds, for readings that are not rounded.

    The best classifier knows the means and takes the class with the largest
    :math:`\langle \mu_c, x \rangle`, a linear layer without biases. The true class's score has mean
    :math:`r^2`, the others' 0, all have deviation r and are independent. With r the separation,

    .. math:: \int \varphi(u - r)\, \Phi(u)^{C-1}\, du .

    Parameters
    ----------
    separation
        Length r of every class mean, in standard deviations of the noise, at least 0.
    classes
        Number C of classes, at least 1.

    Raises
    ------
    ValueError
        If the separation is negative or there is no class.

    Examples
    --------
    >>> best_accuracy(separation=0.0)
    0.1
    >>> round(best_accuracy(separation=4.0), 3)
    0.983
    """
    if separation < 0 or classes < 1:
        raise ValueError(
            f"separation is {separation} and classes {classes}; a length is at least 0, classes at least 1"
        )
    u = torch.linspace(-9, 9, 20_001, dtype=torch.float64)
    density = torch.exp(-(u**2) / 2)
    others = torch.special.ndtr(u + separation) ** (classes - 1)
    return round(float((density * others).sum() / density.sum()), 9)


def _draw(means: NDArray[np.float64], n: int, rng: np.random.Generator) -> LabelledImages:
    labels = even_labels(n, CLASSES, rng)
    readings = np.empty((n, 1, SIDE, SIDE), dtype=np.uint8)
    # A thousand samples at a time stay in the processor's cache.
    for start in range(0, n, 1_000):
        part = slice(start, start + 1_000)
        shifts = means[labels[part]]
        values = LEVEL + SCALE * (shifts + rng.standard_normal(shifts.shape))
        readings[part, 0] = np.clip(np.rint(values), 0, 255).reshape(-1, SIDE, SIDE)
    return LabelledImages(torch.from_numpy(readings), torch.from_numpy(labels))
