"""Checker of the parameter counts of a small CNN and of its fully connected twin."""

from collections.abc import Callable

import torch
from torch import nn

from coursekit.checkers.reports import Trial

# Height, width, kernel rows, kernel columns, smallest first: even and odd sizes after the convolution, and
# tall, wide and square images, so that neither rounding nor a swap goes unseen.
SIZES = (
    (2, 2, 1, 1),
    (3, 2, 1, 1),
    (3, 4, 2, 2),
    (4, 3, 1, 2),
    (5, 7, 2, 3),
    (7, 5, 3, 2),
    (8, 8, 3, 3),
    (9, 12, 4, 3),
    (28, 28, 5, 5),
    (32, 30, 3, 5),
    (225, 224, 7, 6),
)


def check_parameter_counts(f: Callable[[int, int, int, int], tuple[int, int]]) -> None:
    """Check ``f(height, width, rows, columns)`` by building both networks in torch and counting.

    The first is a convolution with one kernel of rows × columns → ReLU → 2×2 max-pooling, stride 2 → linear
    layer to 3 classes. In the second, one linear layer takes the place of convolution and pooling and returns
    as many values. No layer has a bias.

    Parameters
    ----------
    f
        Returns both numbers of parameters, (with the convolution, fully connected).

    Raises
    ------
    CheckFailed
        At the first wrong answer; the message shows the call, what was expected and what came.

    Examples
    --------
    >>> def counts(height, width, rows, columns):
    ...     hidden = ((height - rows + 1) // 2) * ((width - columns + 1) // 2)
    ...     return rows * columns + 3 * hidden, height * width * hidden + 3 * hidden
    >>> check_parameter_counts(counts)
    counts: all 11 cases are right.
    """
    trial = Trial(f)
    for height, width, rows, columns in SIZES:
        answer = trial.call(height, width, rows, columns, shown=f"{height}, {width}, {rows}, {columns}")
        if not isinstance(answer, tuple | list) or len(answer) != 2:
            raise trial.fail("a pair of numbers (with the convolution, fully connected)", repr(answer))
        expected = _counted(height, width, rows, columns)
        trial.integer(answer[0], expected[0], what=" parameters with the convolution")
        trial.integer(answer[1], expected[1], what=" parameters fully connected")
    trial.passed()


def _counted(height: int, width: int, rows: int, columns: int) -> tuple[int, int]:
    features = nn.Sequential(
        nn.Conv2d(1, 1, (rows, columns), bias=False), nn.ReLU(), nn.MaxPool2d(2, stride=2)
    )
    with torch.inference_mode():
        hidden = features(torch.zeros(1, 1, height, width)).numel()
    convolutional = nn.Sequential(features, nn.Flatten(), nn.Linear(hidden, 3, bias=False))
    # Weights on "meta" have a shape and no values: the largest layer has half a billion.
    connected = nn.Sequential(
        nn.Flatten(),
        nn.Linear(height * width, hidden, bias=False, device="meta"),
        nn.Linear(hidden, 3, bias=False, device="meta"),
    )
    with_convolution, fully_connected = (
        sum(weights.numel() for weights in network.parameters()) for network in (convolutional, connected)
    )
    return with_convolution, fully_connected
