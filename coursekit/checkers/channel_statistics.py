"""Checker of channel statistics computed in one pass over batches, without losing digits."""

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor

from coursekit.checkers.reports import Trial

# What the pixels are; images in each batch; channels, height, width; what is added to every pixel. The last
# two have a mean so large that the difference of two large sums has no correct digit left.
CASES: tuple[tuple[torch.dtype, tuple[int, ...], tuple[int, int, int], int], ...] = (
    (torch.uint8, (1,), (1, 2, 2), 0),
    (torch.uint8, (2, 2), (1, 1, 2), 0),
    (torch.uint8, (4, 4, 1), (3, 2, 3), 0),
    (torch.uint8, (1, 7, 2, 30), (3, 5, 4), 0),
    (torch.uint8, (40, 40, 3), (3, 16, 16), 120),
    (torch.float32, (5, 2), (2, 3, 4), -60),
    (torch.float64, (4, 4, 1), (2, 3, 2), 10**8),
    (torch.float64, (30, 1, 9), (3, 4, 4), -(10**9)),
)


def check_channel_statistics(f: Callable[[Iterator[Tensor]], tuple[Any, Any]]) -> None:
    """Check ``f(batches)`` on batches of unequal length that come once and are then overwritten.

    Parameters
    ----------
    f
        Gets an iterator of batches ``(n, channels, height, width)`` of bytes or floats. Returns the mean and
        the deviation (the root of the mean squared deviation) of each channel over all images, each
        ``(channels,)``, right to six digits.

    Raises
    ------
    CheckFailed
        At the first wrong answer; the message shows the call, what was expected and what came.

    Examples
    --------
    >>> def statistics(batches):
    ...     n, mean, squares = 0, 0.0, 0.0
    ...     for batch in batches:
    ...         pixels = batch.transpose(0, 1).flatten(1).double()
    ...         m = pixels.shape[1]
    ...         away = pixels.mean(dim=1) - mean
    ...         inner = pixels.var(dim=1, correction=0) * m
    ...         squares = squares + inner + away**2 * n * m / (n + m)
    ...         n, mean = n + m, mean + away * m / (n + m)
    ...     return mean, (squares / n).sqrt()
    >>> check_channel_statistics(statistics)
    statistics: all 8 cases are right.
    """
    trial = Trial(f)
    generator = torch.Generator().manual_seed(0)
    for dtype, lengths, shape, offset in CASES:
        # Small whole numbers, so that neither the sums of the reference nor the offset are rounded.
        steps = torch.randint(0, 136, (sum(lengths), *shape), generator=generator)
        pixels = steps.transpose(0, 1).flatten(1).double()
        mean, std = pixels.mean(dim=1) + offset, pixels.std(dim=1, correction=0)
        sizes = ", ".join(map(str, lengths))
        kind = str(dtype).removeprefix("torch.")
        shown = f"batches of {sizes} images, {'×'.join(map(str, shape))}, {kind}"
        answer = trial.call(_once((steps + offset).to(dtype), lengths), shown=shown)
        if not isinstance(answer, tuple | list) or len(answer) != 2:
            raise trial.fail("a pair (means, deviations)", repr(answer))
        trial.tensor(answer[0], mean, what="the means", tolerance=1e-6)
        trial.tensor(answer[1], std, what="the deviations", tolerance=1e-6)
    trial.passed()


def _once(images: Tensor, lengths: tuple[int, ...]) -> Iterator[Tensor]:
    """The batches, all in one buffer: who keeps a batch for later finds another one in it."""
    buffer = torch.empty_like(images[: max(lengths)])
    for batch in images.split(lengths):
        buffer[: len(batch)] = batch
        yield buffer[: len(batch)]
    buffer.zero_()
