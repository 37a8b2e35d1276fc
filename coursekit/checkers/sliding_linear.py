"""Checker of a linear layer that slides over larger maps, which makes it a convolution."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from coursekit.checkers.reports import Trial, as_text

# Images, channels, height and width of the maps, height and width of the window, outputs; smallest first. One
# position, one pixel, windows that are no squares, several channels, and maps wider than high and higher than
# wide, so that neither a swap nor an order of channels goes unseen.
SIZES = (
    (1, 1, 1, 1, 1, 1, 1),
    (1, 1, 1, 2, 1, 2, 1),
    (1, 1, 2, 2, 2, 2, 1),
    (1, 2, 1, 2, 1, 2, 1),
    (1, 1, 2, 3, 2, 2, 2),
    (2, 2, 3, 3, 2, 1, 3),
    (2, 3, 4, 5, 3, 2, 2),
    (3, 2, 5, 4, 2, 3, 4),
    (2, 64, 7, 6, 5, 5, 10),
)


def check_sliding_linear(f: Callable[[Tensor, Tensor, Tensor, tuple[int, int]], Tensor]) -> None:
    """Check ``f(weight, bias, maps, window)`` against the layer applied to every window by itself.

    Parameters
    ----------
    f
        Takes a linear layer's weights ``(outputs, channels · height · width)`` and biases ``(outputs,)``,
        which belong to flattened maps of `window` = (height, width) pixels, and larger maps
        ``(n, channels, height', width')``. Returns the layer's outputs on every window of the maps,
        ``(n, outputs, height' - height + 1, width' - width + 1)``.

    Raises
    ------
    CheckFailed
        At the first wrong answer; the message shows the call, what was expected and what came.

    Examples
    --------
    >>> def slide(weight, bias, maps, window):
    ...     return F.conv2d(maps, weight.view(len(weight), maps.shape[1], *window), bias)
    >>> check_sliding_linear(slide)
    slide: all 9 cases are right.
    """
    trial = Trial(f)
    generator = torch.Generator().manual_seed(0)

    def whole(*shape: int) -> Tensor:
        """Small whole numbers, which single precision adds without rounding."""
        return torch.randint(-4, 5, shape, generator=generator).float()

    for images, channels, height, width, rows, columns, outputs in SIZES:
        maps = whole(images, channels, height, width)
        weight, bias = whole(outputs, channels * rows * columns), whole(outputs)
        shown = f"weight {_shape(weight)}, bias, maps {_shape(maps)}, ({rows}, {columns})"
        if images * channels * outputs == 1 and height * width < 5:
            numbers = (as_text(weight), as_text(bias[None])[1:-1], as_text(maps[0, 0]))
            shown = f"{', '.join(numbers)}, ({rows}, {columns})"
        answer = trial.call(weight.clone(), bias.clone(), maps.clone(), (rows, columns), shown=shown)
        expected = _window_by_window(weight, bias, maps, rows, columns)
        trial.tensor(answer, expected, what="the outputs")
    trial.passed()


def _shape(tensor: Tensor) -> str:
    return "×".join(map(str, tensor.shape))


def _window_by_window(weight: Tensor, bias: Tensor, maps: Tensor, rows: int, columns: int) -> Tensor:
    down, across = maps.shape[2] - rows + 1, maps.shape[3] - columns + 1
    found = torch.empty(len(maps), len(weight), down, across)
    for a in range(down):
        for b in range(across):
            window = maps[:, :, a : a + rows, b : b + columns]
            found[:, :, a, b] = F.linear(window.flatten(1), weight, bias)
    return found
