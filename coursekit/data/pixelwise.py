"""Transforms that treat every pixel on its own: feature-wise standardisation, a fixed permutation."""

from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class StandardisePixels:
    """Shift and scale every pixel by its own mean and deviation over the training images.

    A pixel that is the same in all training images is shifted but not scaled.

    Parameters
    ----------
    mean, std : float (channels, height, width), in the units of the pixels

    Examples
    --------
    >>> images = torch.tensor([[0, 7], [100, 7], [200, 7]], dtype=torch.uint8).reshape(3, 1, 1, 2)
    >>> standardise = StandardisePixels.of(images)
    >>> standardise(images)[:, 0, 0].T
    tensor([[-1.2247,  0.0000,  1.2247],
            [ 0.0000,  0.0000,  0.0000]])
    """

    mean: Tensor
    std: Tensor

    @classmethod
    def of(cls, images: Tensor) -> Self:
        """The transform that gives every pixel of `images` ``(n, channels, height, width)`` mean 0 and std 1.

        Raises
        ------
        ValueError
            If there are no images.
        """
        if images.ndim != 4 or not len(images):
            raise ValueError(
                f"images have the shape {tuple(images.shape)}; pass at least one, as "
                "(n, channels, height, width)"
            )
        pixels = images.double()
        std = pixels.std(dim=0, correction=0)
        return cls(pixels.mean(dim=0).float(), torch.where(std > 0, std, 1.0).float())

    def __call__(self, images: Tensor) -> Tensor:
        """Standardised float copy of `images` ``(n, channels, height, width)``."""
        return (images.float() - self.mean.to(images.device)) / self.std.to(images.device)


@dataclass(frozen=True, eq=False)
class PixelPermutation:
    """Move every pixel to another place, the same for all images and channels.

    Parameters
    ----------
    order : int64 (height · width,)
        Where the pixel at each place comes from, both counted along the rows.

    Examples
    --------
    >>> permute = PixelPermutation(torch.tensor([3, 2, 1, 0]))
    >>> permute(torch.tensor([[[[1, 2], [3, 4]]]]))
    tensor([[[[4, 3],
              [2, 1]]]])
    """

    order: Tensor

    def __post_init__(self) -> None:
        places = torch.arange(self.order.numel(), device=self.order.device)
        if self.order.ndim != 1 or not self.order.sort().values.equal(places):
            raise ValueError(
                f"order has the shape {tuple(self.order.shape)} and does not hold every place once; "
                "pass a permutation of 0 … height · width − 1"
            )

    @classmethod
    def random(cls, pixels: int, *, seed: int) -> Self:
        """A permutation of `pixels` places that `seed` fixes, all equally likely."""
        return cls(torch.randperm(pixels, generator=torch.Generator().manual_seed(seed)))

    @property
    def inverse(self) -> "PixelPermutation":
        """The permutation that puts every pixel back.

        Examples
        --------
        >>> permute, images = PixelPermutation.random(6, seed=0), torch.rand(5, 1, 2, 3)
        >>> permute.inverse(permute(images)).equal(images)
        True
        """
        return PixelPermutation(self.order.argsort())

    def __call__(self, images: Tensor) -> Tensor:
        """Rearranged copy of `images` ``(…, height, width)``.

        Raises
        ------
        ValueError
            If the images have another number of pixels.
        """
        pixels = images.flatten(-2)
        if pixels.shape[-1] != len(self.order):
            raise ValueError(
                f"the images have {pixels.shape[-1]} pixels, the permutation {len(self.order)}; "
                "make one for images of this size"
            )
        return pixels[..., self.order.to(images.device)].view(images.shape)
