"""Checker of feature-wise standardisation with the statistics of the training images."""

from collections.abc import Callable

import torch
from torch import Tensor

from coursekit.checkers.reports import Trial
from coursekit.data.pixelwise import StandardisePixels

# Training images, other images, side: fewer and more others than training images, and a single one, whose
# own deviation is 0.
SIZES = ((4, 4, 2), (5, 1, 3), (3, 20, 4), (50, 7, 5))


def check_standardise_pixels(f: Callable[[Tensor, Tensor], Tensor]) -> None:
    """Check ``f(train, images)`` on random images with a pixel that is constant in training.

    Every pixel of `images` has to be shifted by its mean over `train` and divided by its deviation over
    `train` (the root of the mean squared deviation), both uint8 ``(n, 1, side, side)``. A pixel that is the
    same in all of `train` is shifted only.

    Parameters
    ----------
    f
        Returns floats in the shape of `images`.

    Raises
    ------
    CheckFailed
        At the first wrong answer; the message shows the call, what was expected and what came.

    Examples
    --------
    >>> def standardise(train, images):
    ...     mean, std = train.float().mean(dim=0), train.float().std(dim=0, correction=0)
    ...     return (images - mean) / torch.where(std > 0, std, 1)
    >>> check_standardise_pixels(standardise)
    standardise: all 4 cases are right.
    """
    trial = Trial(f)
    generator = torch.Generator().manual_seed(0)
    for n_train, n, side in SIZES:
        train, images = (
            torch.randint(0, 256, (k, 1, side, side), dtype=torch.uint8, generator=generator)
            for k in (n_train, n)
        )
        train[:, :, 0, 0] = 7
        images[:, :, 0, 0] = 200
        expected = StandardisePixels.of(train)(images)
        shown = f"{n_train} training images, {n} images of {side}×{side}"
        answer = trial.call(train.clone(), images.clone(), shown=shown)
        trial.tensor(answer, expected, what="the standardised images", tolerance=1e-4)
    trial.passed()
