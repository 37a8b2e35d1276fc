"""Checkers on the size of a CNN: its parameters by formula, and a layer that reads copies made small."""

from collections.abc import Callable, Sequence

import torch
from torch import nn

from coursekit.checkers.reports import Trial
from coursekit.models.adaptive import adaptive_cnn

# Filters, side of the kernels, hidden widths, smallest first: one and several of each, kernels that fill the
# image, and no two neighbouring widths alike, so that no swap goes unseen.
NETWORKS: tuple[tuple[tuple[int, ...], int, tuple[int, ...]], ...] = (
    ((1,), 1, ()),
    ((3,), 2, ()),
    ((3,), 2, (5,)),
    ((2, 3), 1, (5,)),
    ((5, 2), 3, (4, 7)),
    ((8, 16, 32, 64), 1, (256, 256)),
    ((16, 32, 45), 2, (256, 256)),
    ((16, 32, 45), 3, (256, 256)),
    ((16, 32, 45), 4, (256, 256)),
    ((54,), 28, (256, 256)),
    ((7, 6), 9, (9, 8, 10, 11)),
)

# Inputs of the small layer, outputs, copies of each input.
LAYERS = (
    (1, 1, 1),
    (1, 1, 3),
    (2, 1, 2),
    (1, 3, 4),
    (3, 2, 4),
    (4, 3, 2),
    (5, 4, 1),
    (2, 7, 16),
    (54, 256, 16),
)


def check_cnn_parameters(f: Callable[[Sequence[int], int, Sequence[int]], int]) -> None:
    """Check ``f(filters, kernel_size, hidden)``, the parameters of a CNN by the mila course's rule.

    The image is 28×28 with one channel, every layer has biases, the last maps are pooled to 4×4, and there
    are ten classes: `coursekit.models.adaptive_cnn` with its other settings left alone.

    Parameters
    ----------
    f
        Takes the channels of each convolution, the side of all kernels and the widths of the hidden linear
        layers, and returns a whole number.

    Raises
    ------
    CheckFailed
        At the first wrong answer; the message shows the call, what was expected and what came.

    Examples
    --------
    >>> def parameters(filters, kernel_size, hidden):
    ...     channels, widths = (1, *filters), (16 * filters[-1], *hidden, 10)
    ...     kernels = sum(b * (a * kernel_size**2 + 1) for a, b in zip(channels, channels[1:]))
    ...     return kernels + sum(b * (a + 1) for a, b in zip(widths, widths[1:]))
    >>> check_cnn_parameters(parameters)
    parameters: all 11 cases are right.
    """
    trial = Trial(f)
    for filters, kernel_size, hidden in NETWORKS:
        answer = trial.call(filters, kernel_size, hidden, shown=f"{filters}, {kernel_size}, {hidden}")
        with torch.device("meta"):
            model = adaptive_cnn(filters, kernel_sizes=kernel_size, hidden=hidden)
        trial.integer(answer, sum(weights.numel() for weights in model.parameters()))
    trial.passed()


def check_merged_copies(f: Callable[[nn.Linear, int], nn.Linear]) -> None:
    """Check ``f(linear, copies)``, the small layer that does to x what `linear` does to copies of x.

    Parameters
    ----------
    f
        Takes a layer whose inputs come in groups of `copies` equal values, side by side, and returns a layer
        with one input a group. The layer that it was given keeps its weights.

    Raises
    ------
    CheckFailed
        At the first wrong answer; the message shows the call, what was expected and what came.

    Examples
    --------
    >>> def merged(linear, copies):
    ...     small = nn.Linear(linear.in_features // copies, linear.out_features)
    ...     with torch.no_grad():
    ...         small.weight.copy_(linear.weight.unflatten(1, (-1, copies)).sum(dim=2))
    ...         small.bias.copy_(linear.bias)
    ...     return small
    >>> check_merged_copies(merged)
    merged: all 9 cases are right.
    """
    trial = Trial(f)
    generator = torch.Generator().manual_seed(0)

    def whole(*shape: int) -> torch.Tensor:
        """Small whole numbers, which single precision adds without rounding."""
        return torch.randint(-4, 5, shape, generator=generator).float()

    for inputs, outputs, copies in LAYERS:
        linear = nn.Linear(inputs * copies, outputs)
        with torch.no_grad():
            linear.weight.copy_(whole(outputs, inputs * copies))
            linear.bias.copy_(whole(outputs) + 5)
        before = linear.weight.detach().clone()
        x = whole(6, inputs)
        expected = linear(x.repeat_interleave(copies, dim=1)).detach()
        small = trial.call(linear, copies, shown=f"Linear({inputs * copies}, {outputs}), {copies}")
        if not isinstance(small, nn.Linear):
            raise trial.fail("a layer, torch.nn.Linear,", f"a {type(small).__name__}")
        shape = tuple(small.weight.shape)
        if shape != (outputs, inputs):
            raise trial.fail(f"a layer with weights of shape {(outputs, inputs)}", f"{shape}")
        answer = small(x.to(small.weight.dtype))
        trial.tensor(answer, expected, what="the small layer's outputs")
        if not torch.equal(linear.weight, before):
            raise trial.fail("the layer that it was given to keep its weights", "other weights")
    trial.passed()
