"""Signals: ten classes of tone bursts, each at an unknown time in noise; structure along time and no image.

The frequency of the burst is the class, when it sounds is chance. The best classifier is known: a
convolution with every burst, then a soft maximum over time.
"""

from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from coursekit.data.images import LabelledImages
from coursekit.data.synthetic.parts import even_labels, two_parts

CLASSES = 10
LENGTH = 784
BURST = 32

#: Reading of silence, and readings to one standard deviation of the noise.
LEVEL, SCALE = 128.0, 24.0


def signals(
    n_train: int = 8_000, n_test: int = 2_000, *, strength: float = 8.0, seed: int = 0
) -> tuple[LabelledImages, LabelledImages]:
    r"""Draw a training and a test part from independent random numbers, the classes equally frequent (±1).

    A signal of class c is read at the times t = 0…783. Its burst :math:`b_c` of 32 readings (see `bursts`)
    begins at the time T, uniform on 0…752:

    .. math:: x_t = \operatorname{round}(128 + 24\,(b_{c,\,t-T} + \varepsilon_t)), \qquad
              \varepsilon_t \sim \mathcal{N}(0, 1) \text{ independent},

    clipped to 0…255, where b is 0 outside the burst.

    Parameters
    ----------
    n_train, n_test
        Signals.
    strength
        Length :math:`\lVert b_c \rVert` of every burst, in standard deviations of the noise, at least 0.
    seed
        Fixes both parts; the bursts are always the same.

    Returns
    -------
    train, test : readings uint8 ``(n, 1, 1, 784)``, labels 0…9

    Raises
    ------
    ValueError
        If a number of signals or the strength is negative.

    Examples
    --------
    >>> train, test = signals(50, 20, seed=1)
    >>> train.images.shape, train.labels.bincount().tolist()
    (torch.Size([50, 1, 1, 784]), [5, 5, 5, 5, 5, 5, 5, 5, 5, 5])
    """
    shapes = bursts(strength=strength)
    return two_parts(partial(_draw, shapes), n_train, n_test, seed=seed, things="signals")


def bursts(*, strength: float = 8.0) -> NDArray[np.float64]:
    r"""The bursts of the ten classes ``(10, 32)``, in standard deviations of the noise.

    Class c sounds with :math:`1.5 + 1.4\,c` periods in 32 readings, faded in and out by Hann's window:

    .. math:: b_{ct} \propto \sin^2\!\Big(\pi \frac{t + 1/2}{32}\Big)
              \cos\!\Big(2\pi\,(1.5 + 1.4\,c)\,\frac{t - 31/2}{32}\Big), \qquad
              \lVert b_c \rVert = \text{strength}.

    Raises
    ------
    ValueError
        If the strength is negative.

    Examples
    --------
    >>> np.linalg.norm(bursts(strength=3.0), axis=1).round(6).tolist()
    [3.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0]
    """
    if strength < 0:
        raise ValueError(f"strength is {strength}; a length is at least 0")
    t = np.arange(BURST)
    periods = 1.5 + 1.4 * np.arange(CLASSES)[:, None]
    window = np.sin(np.pi * (t + 0.5) / BURST) ** 2
    shapes = window * np.cos(2 * np.pi * periods * (t - (BURST - 1) / 2) / BURST)
    unit: NDArray[np.float64] = shapes / np.linalg.norm(shapes, axis=1, keepdims=True)
    return strength * unit


def log_likelihoods(readings: Tensor, *, strength: float = 8.0) -> Tensor:
    r"""The score of the best classifier: log-likelihood of every class, less what all classes share.

    .. math:: \ell_c(x) = \log \frac{1}{753} \sum_{T=0}^{752}
              \exp\Big(\langle b_c, x_{T \dots T+31} \rangle - \tfrac12 \lVert b_c \rVert^2\Big)

    for readings in standard deviations: a convolution with each burst, then a soft maximum over time.
    Exact for readings that are neither rounded nor clipped; classes are taken as equally frequent.

    Parameters
    ----------
    readings : ``(n, 1, 1, length)``, as `signals` returns them; any length of 32 or more
    strength
        Of the bursts looked for, at least 0.

    Returns
    -------
    float64 ``(n, 10)``

    Raises
    ------
    ValueError
        If the readings have another shape, or the strength is negative.

    Examples
    --------
    >>> _, test = signals(0, 500)
    >>> best = log_likelihoods(test.images).argmax(dim=1)
    >>> (best == test.labels).double().mean() > 0.95
    tensor(True)
    """
    if readings.ndim != 4 or readings.shape[1:3] != (1, 1) or readings.shape[3] < BURST:
        raise ValueError(
            f"readings have the shape {tuple(readings.shape)}; pass signals (n, 1, 1, length), "
            f"{BURST} readings long or longer"
        )
    shapes = torch.from_numpy(bursts(strength=strength))
    x = (readings.double().cpu() - LEVEL) / SCALE
    matched = F.conv2d(x, shapes[:, None, None])[:, :, 0]
    positions = matched.shape[-1]
    return torch.logsumexp(matched - strength**2 / 2, dim=2) - float(np.log(positions))


def _draw(shapes: NDArray[np.float64], n: int, rng: np.random.Generator) -> LabelledImages:
    labels = even_labels(n, CLASSES, rng)
    begins = rng.integers(0, LENGTH - BURST + 1, n)
    readings = np.empty((n, 1, 1, LENGTH), dtype=np.uint8)
    # A thousand signals at a time stay in the processor's cache.
    for start in range(0, n, 1_000):
        label, begin = labels[start : start + 1_000], begins[start : start + 1_000]
        values = rng.standard_normal((len(label), LENGTH))
        rows = np.arange(len(label))[:, None]
        values[rows, begin[:, None] + np.arange(BURST)] += shapes[label]
        readings[start : start + 1_000, 0, 0] = np.clip(np.rint(LEVEL + SCALE * values), 0, 255)
    return LabelledImages(torch.from_numpy(readings), torch.from_numpy(labels))
