"""Transforms of image batches, on the device: standardisation, and augmentation that differs by image.

torchvision's transforms draw one random decision for a whole batch; these draw one for every image of it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor
from torch.nn import functional as F


@dataclass(frozen=True)
class Standardise:
    """Shift and scale every channel: ``(pixel - mean) / std``.

    Parameters
    ----------
    mean, std
        One value a channel, in the units of the pixels (0..255 for bytes).

    Examples
    --------
    >>> images = torch.tensor([0, 100, 200], dtype=torch.uint8).reshape(3, 1, 1, 1)
    >>> standardise = Standardise.of(images)
    >>> standardise.mean
    (100.0,)
    >>> standardise(images).flatten()
    tensor([-1.2247,  0.0000,  1.2247])
    """

    mean: tuple[float, ...]
    std: tuple[float, ...]

    @classmethod
    def of(cls, images: Tensor) -> Self:
        """The transform that gives `images` ``(n, channels, height, width)`` mean 0 and deviation 1.

        Raises
        ------
        ValueError
            If a channel is constant, so that it cannot be scaled.
        """
        pixels = images.transpose(0, 1).flatten(1).double()
        std = pixels.std(dim=1, correction=0)
        if not bool((std > 0).all()):
            raise ValueError(
                f"channel {int(std.argmin())} of the images is constant; it cannot be standardised"
            )
        return cls(tuple(pixels.mean(dim=1).tolist()), tuple(std.tolist()))

    def __call__(self, images: Tensor) -> Tensor:
        """Standardised float copy of `images` ``(n, channels, height, width)``."""
        mean, std = (
            torch.tensor(values, device=images.device).view(-1, 1, 1) for values in (self.mean, self.std)
        )
        return (images.float() - mean) / std


def random_flip(images: Tensor, *, probability: float = 0.5) -> Tensor:
    """Mirror each image of ``(n, channels, height, width)`` left to right with that probability.

    Examples
    --------
    >>> random_flip(torch.tensor([[[[1, 2, 3]]]]), probability=1.0)
    tensor([[[[3, 2, 1]]]])
    """
    flip = torch.rand(len(images), 1, 1, 1, device=images.device) < probability
    return torch.where(flip, images.flip(-1), images)


def random_shift(images: Tensor, *, pixels: int) -> Tensor:
    """Move each image of ``(n, channels, height, width)`` by up to `pixels` along both axes.

    All shifts are equally likely; what moves in from outside is 0. The same as a random crop of the image
    padded by `pixels`.

    Raises
    ------
    ValueError
        If `pixels` is negative.

    Examples
    --------
    >>> image = torch.ones(1, 1, 4, 4)
    >>> random_shift(image, pixels=0).equal(image)
    True
    """
    if pixels < 0:
        raise ValueError(f"pixels is {pixels}; a shift is at least 0")
    n, channels, height, width = images.shape
    device = images.device
    padded = F.pad(images, (pixels, pixels, pixels, pixels))
    down, right = torch.randint(0, 2 * pixels + 1, (2, n, 1), device=device)
    rows = (down + torch.arange(height, device=device)).view(n, 1, height, 1)
    columns = (right + torch.arange(width, device=device)).view(n, 1, 1, width)
    sample = torch.arange(n, device=device).view(n, 1, 1, 1)
    channel = torch.arange(channels, device=device).view(1, channels, 1, 1)
    return padded[sample, channel, rows, columns]


def compose(*transforms: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    """One transform that applies `transforms` from left to right.

    Examples
    --------
    >>> compose(torch.neg, torch.abs)(torch.tensor(2.0))
    tensor(2.)
    """

    def composed(batch: Tensor) -> Tensor:
        for transform in transforms:
            batch = transform(batch)
        return batch

    return composed
