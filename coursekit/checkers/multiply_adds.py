"""Checker of the multiply-adds of a network, layer by layer."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import nn

from coursekit.checkers.reports import Trial
from coursekit.counting import layer_table

Layer = tuple[Any, ...]

# Shape of the input and the layers, smallest first: padding that keeps the size and none, sides that a
# pooling rounds down, tall and wide images, a linear layer behind maps and behind another linear layer.
NETWORKS: tuple[tuple[tuple[int, int, int], tuple[Layer, ...]], ...] = (
    ((1, 1, 1), (("linear", 1),)),
    ((1, 2, 2), (("conv", 1, 1, 0),)),
    ((2, 2, 3), (("linear", 5),)),
    ((1, 3, 3), (("conv", 2, 3, 0), ("linear", 4))),
    ((2, 5, 4), (("conv", 3, 3, 1), ("pool", 2), ("linear", 2))),
    ((3, 9, 6), (("conv", 4, 2, 0), ("pool", 3), ("conv", 5, 1, 0))),
    ((3, 7, 11), (("pool", 2), ("conv", 4, 3, 2), ("linear", 6), ("linear", 3))),
    ((1, 28, 28), (("conv", 32, 3, 1), ("pool", 2), ("linear", 10))),
    (
        (3, 33, 32),
        (
            ("conv", 8, 5, 2),
            ("conv", 8, 3, 0),
            ("pool", 2),
            ("conv", 16, 3, 0),
            ("pool", 2),
            ("linear", 64),
            ("linear", 10),
        ),
    ),
)


def check_multiply_adds(f: Callable[[Sequence[Layer], tuple[int, int, int]], Sequence[int]]) -> None:
    """Check ``f(layers, shape)`` by building the network in torch and counting with torchinfo.

    A layer is ``("conv", channels, kernel, padding)`` with a square kernel and stride 1, ``("pool", window)``
    with stride `window`, or ``("linear", outputs)``, which takes all numbers of the layer before it.
    Convolutions and linear layers have biases.

    Parameters
    ----------
    f
        Gets the layers and the shape ``(channels, height, width)`` of an image. Returns one integer a layer,
        its multiply-adds: one for every weight and every bias each time it is used; 0 for a pooling.

    Raises
    ------
    CheckFailed
        At the first wrong answer; the message shows the call, what was expected and what came.

    Examples
    --------
    >>> def counted(layers, shape):
    ...     (depth, height, width), counts = shape, []
    ...     for kind, size, *rest in layers:
    ...         if kind == "conv":
    ...             kernel, padding = rest
    ...             height, width = (n + 2 * padding - kernel + 1 for n in (height, width))
    ...             counts.append(size * (depth * kernel**2 + 1) * height * width)
    ...             depth = size
    ...         elif kind == "pool":
    ...             height, width = height // size, width // size
    ...             counts.append(0)
    ...         else:
    ...             counts.append(size * (depth * height * width + 1))
    ...             depth, height, width = size, 1, 1
    ...     return counts
    >>> check_multiply_adds(counted)
    counted: all 9 cases are right.
    """
    trial = Trial(f)
    for shape, layers in NETWORKS:
        expected = _counted(layers, shape)
        answer = trial.call([*layers], shape, shown=f"{[*layers]}, {shape}")
        if not isinstance(answer, tuple | list) or len(answer) != len(expected):
            raise trial.fail(f"a list of {len(expected)} numbers", repr(answer))
        for number, (came, right) in enumerate(zip(answer, expected, strict=True), start=1):
            trial.integer(came, right, what=f" multiply-adds in layer {number}")
    trial.passed()


def _counted(layers: Sequence[Layer], shape: tuple[int, int, int]) -> list[int]:
    modules: list[nn.Module] = []
    for kind, size, *rest in layers:
        if kind == "conv":
            kernel, padding = rest
            modules.append(nn.LazyConv2d(size, kernel, padding=padding))
        elif kind == "pool":
            modules.append(nn.MaxPool2d(size))
        else:
            modules += [nn.Flatten(), nn.LazyLinear(size)]
    network = nn.Sequential(*modules)
    with torch.no_grad():
        network(torch.zeros(1, *shape))  # tells the lazy layers what comes in
    return [row.multiply_adds for row in layer_table(network, shape).rows if row.kind != "Flatten"]
