"""Checker of the parameter counts of a CNN with and without pooling, convolutions and linear layer apart."""

from collections.abc import Callable, Sequence

import torch
from torch import nn

from coursekit.checkers.reports import Trial

# Side of the image and filters, smallest first: one, two and three stages, sides that pooling halves evenly,
# that it rounds down once, and that it rounds down at every stage.
NETWORKS: tuple[tuple[int, tuple[int, ...]], ...] = (
    (2, (1,)),
    (3, (2,)),
    (4, (3, 2)),
    (6, (2, 3)),
    (7, (2, 5)),
    (15, (4, 3, 2)),
    (28, (32,)),
    (28, (8, 16)),
    (33, (5, 4, 6)),
)


def check_pooled_counts(f: Callable[[int, Sequence[int], bool], tuple[int, int]]) -> None:
    """Check ``f(side, filters, pooling)`` by building the network in torch and counting.

    A square image with one channel goes through a stage for every entry of `filters`: 3×3 kernels with
    padding 1 and biases, ReLU, and with `pooling` 2×2 max-pooling of stride 2. Then comes one linear layer to
    ten classes.

    Parameters
    ----------
    f
        Returns two numbers of parameters, (of all convolutions, of the linear layer).

    Raises
    ------
    CheckFailed
        At the first wrong answer; the message shows the call, what was expected and what came.

    Examples
    --------
    >>> def counts(side, filters, pooling):
    ...     channels = (1, *filters)
    ...     kernels = sum((9 * a + 1) * b for a, b in zip(channels, filters))
    ...     left = side // 2 ** len(filters) if pooling else side
    ...     return kernels, 10 * (filters[-1] * left**2 + 1)
    >>> check_pooled_counts(counts)
    counts: all 18 cases are right.
    """
    trial = Trial(f)
    for side, filters in NETWORKS:
        for pooling in (False, True):
            answer = trial.call(side, filters, pooling, shown=f"{side}, {filters}, {pooling}")
            if not isinstance(answer, tuple | list) or len(answer) != 2:
                raise trial.fail("a pair of numbers (convolutions, linear layer)", repr(answer))
            convolutions, linear = _counted(side, filters, pooling)
            trial.integer(answer[0], convolutions, what=" parameters of the convolutions")
            trial.integer(answer[1], linear, what=" parameters of the linear layer")
    trial.passed()


def _counted(side: int, filters: Sequence[int], pooling: bool) -> tuple[int, int]:
    layers: list[nn.Module] = []
    channels = 1
    for width in filters:
        layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU()]
        layers += [nn.MaxPool2d(2)] * pooling
        channels = width
    stages = nn.Sequential(*layers)
    with torch.inference_mode():
        features = stages(torch.zeros(1, 1, side, side)).numel()
    convolutions, linear = (
        sum(weights.numel() for weights in module.parameters())
        for module in (stages, nn.Linear(features, 10))
    )
    return convolutions, linear
