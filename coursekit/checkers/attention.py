"""Checker of self-attention over the pixels of one image."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from coursekit.checkers.reports import Trial, as_text

# Smallest first; signs, equal pixels, no two sides alike, and pixels whose exponentials no double holds.
IMAGES = (
    ((2,),),
    ((0, 1),),
    ((1, 1), (1, 1)),
    ((0, 1), (2, 3)),
    ((1, -2, 0), (3, -1, 2)),
    ((1,), (0,), (-2,)),
    ((0, 40), (-40, 1)),
    ((1000, 0, -1000), (1, 2, 999)),
)


def check_pixel_attention(f: Callable[[Tensor], tuple[Tensor, Tensor]]) -> None:
    """Check ``f(image)`` against the double sum over pixels, in Python's floats.

    Parameters
    ----------
    f
        Takes an image ``(height, width)`` in float64; returns the output ``(height * width,)`` and the
        probabilities ``(height * width, height * width)`` of single-head self-attention over its pixels, row
        after row, with all three weights 1 and without positions. A row of the probabilities sums to 1.

    Raises
    ------
    CheckFailed
        At the first wrong answer; the message shows the call, what was expected and what came.

    Examples
    --------
    >>> from coursekit.attention import pixel_attention
    >>> check_pixel_attention(pixel_attention)
    pixel_attention: all 8 cases are right.
    """
    trial = Trial(f)
    for rows in IMAGES:
        image = torch.tensor(rows, dtype=torch.float64)
        answer = trial.call(image.clone(), shown=as_text(image))
        if not isinstance(answer, tuple | list) or len(answer) != 2:
            raise trial.fail("a pair (output, probabilities)", f"a {type(answer).__name__}")
        pixels = [float(value) for row in rows for value in row]
        probabilities = [_softmax([own * other for other in pixels]) for own in pixels]
        output = [math.fsum(p * x for p, x in zip(row, pixels, strict=True)) for row in probabilities]
        # Single precision is close enough.
        for value, expected, what in (
            (answer[0], output, "the output"),
            (answer[1], probabilities, "the probabilities"),
        ):
            trial.tensor(value, torch.tensor(expected, dtype=torch.float64), what=what, tolerance=1e-5)
    trial.passed()


def _softmax(scores: list[float]) -> list[float]:
    largest = max(scores)
    powers = [math.exp(score - largest) for score in scores]
    total = math.fsum(powers)
    return [power / total for power in powers]
