"""Augmentation of image batches on the device: crops, vertical flips, cutout; one decision for every image.

The horizontal flip and the shift (a crop of the padded image, back at its own size) are in
:mod:`coursekit.data.transforms`.
"""

import torch
from torch import Tensor
from torch.nn import functional as F


def random_crop(images: Tensor, *, size: int, padding: int = 0) -> Tensor:
    """Cut a window of `size` × `size` pixels out of each image, at a position of its own.

    All positions at which the window fits into the padded image are equally likely, for every image anew.

    Parameters
    ----------
    images
        Batch ``(n, channels, height, width)`` of any dtype.
    size
        Side of the window, in pixels, at least 1.
    padding
        Zeros added on each of the four sides before cutting, in pixels.

    Returns
    -------
    Tensor
        Crops ``(n, channels, size, size)`` of the same dtype, on the same device.

    Raises
    ------
    ValueError
        If `images` is not a batch of images, `padding` is negative, `size` is below 1, or the window does not
        fit into the padded image.

    References
    ----------
    Krizhevsky, Sutskever & Hinton (2012), ImageNet Classification with Deep Convolutional Neural Networks,
    section 4.1 (crops); He et al. (2016), Deep Residual Learning, section 4.2 (4 pixels of padding).

    Examples
    --------
    >>> image = torch.arange(9).reshape(1, 1, 3, 3)
    >>> random_crop(image, size=3).equal(image)
    True
    >>> random_crop(image.expand(64, 1, 3, 3), size=2, padding=1).shape
    torch.Size([64, 1, 2, 2])
    """
    _require_batch(images)
    if padding < 0:
        raise ValueError(f"padding is {padding}; it counts pixels, so it is at least 0")
    n, _, height, width = images.shape
    _require_window(size, height + 2 * padding, width + 2 * padding, padded=padding > 0)
    padded = F.pad(images, (padding, padding, padding, padding)) if padding else images
    tops = torch.randint(0, height + 2 * padding - size + 1, (n,), device=images.device)
    lefts = torch.randint(0, width + 2 * padding - size + 1, (n,), device=images.device)
    return _windows(padded, tops, lefts, size=size)


def center_crop(images: Tensor, *, size: int) -> Tensor:
    """Cut the middle window of `size` × `size` pixels out of every image.

    What an evaluation uses where training used an unpadded :func:`random_crop`. Where the border cannot be
    the same on both sides, the window lies half a pixel up (left) or down (right) of the centre, whichever
    Python's ``round`` says, as in torchvision.

    Parameters
    ----------
    images
        Batch ``(n, channels, height, width)`` of any dtype.
    size
        Side of the window, in pixels, at least 1 and at most the smaller side of the images.

    Returns
    -------
    Tensor
        View ``(n, channels, size, size)`` of the images.

    Raises
    ------
    ValueError
        If `images` is not a batch of images or the window does not fit into them.

    Examples
    --------
    >>> center_crop(torch.arange(16).reshape(1, 1, 4, 4), size=2)
    tensor([[[[ 5,  6],
              [ 9, 10]]]])
    """
    _require_batch(images)
    height, width = images.shape[-2:]
    _require_window(size, height, width, padded=False)
    top, left = round((height - size) / 2), round((width - size) / 2)
    return images[..., top : top + size, left : left + size]


def random_vertical_flip(images: Tensor, *, probability: float = 0.5) -> Tensor:
    """Turn each image upside down (mirror its rows) with that probability.

    Parameters
    ----------
    images
        Batch ``(n, channels, height, width)`` of any dtype.
    probability
        Chance of a flip, between 0 and 1, drawn for every image by itself.

    Returns
    -------
    Tensor
        Images of the same shape and dtype.

    Raises
    ------
    ValueError
        If `images` is not a batch of images or `probability` lies outside 0 … 1.

    Examples
    --------
    >>> random_vertical_flip(torch.tensor([[[[1], [2], [3]]]]), probability=1.0).flatten()
    tensor([3, 2, 1])
    """
    _require_batch(images)
    if not 0 <= probability <= 1:
        raise ValueError(f"probability is {probability}; it lies between 0 and 1")
    flip = torch.rand(len(images), 1, 1, 1, device=images.device) < probability
    return torch.where(flip, images.flip(-2), images)


def cutout(images: Tensor, *, size: int) -> Tensor:
    """Blank one square of `size` × `size` pixels in each image with zeros, in all channels.

    The centre is any pixel of the image with equal probability, so that near the border only a part of the
    square covers the image. An even side has no middle pixel: the square reaches ``size // 2`` pixels up and
    left of its centre and ``(size - 1) // 2`` down and right.

    Parameters
    ----------
    images
        Batch ``(n, channels, height, width)`` of any dtype. On standardised images 0 is the mean colour.
    size
        Side of the square, in pixels; 0 leaves the images as they are.

    Returns
    -------
    Tensor
        Images of the same shape and dtype.

    Raises
    ------
    ValueError
        If `images` is not a batch of images or `size` is negative.

    References
    ----------
    DeVries & Taylor (2017), Improved Regularization of Convolutional Neural Networks with Cutout, section 3.

    Examples
    --------
    >>> cutout(torch.ones(1, 1, 1, 1), size=1)
    tensor([[[[0.]]]])
    >>> blanked = cutout(torch.ones(100, 3, 8, 8), size=3) == 0
    >>> int(blanked.sum(dim=(2, 3)).max())
    9
    """
    _require_batch(images)
    if size < 0:
        raise ValueError(f"size is {size}; the side of a square is at least 0 pixels")
    n, _, height, width = images.shape
    device = images.device
    # A batch of images without pixels has no centre to draw: nothing is blanked there.
    rows = torch.randint(0, max(height, 1), (n, 1), device=device)
    columns = torch.randint(0, max(width, 1), (n, 1), device=device)
    inside_rows = _within(torch.arange(height, device=device), rows, size)
    inside_columns = _within(torch.arange(width, device=device), columns, size)
    square = inside_rows[:, None, :, None] & inside_columns[:, None, None, :]
    return images.masked_fill(square, 0)


def _within(positions: Tensor, centres: Tensor, size: int) -> Tensor:
    """Which of the `positions` ``(m,)`` the square around each of the `centres` ``(n, 1)`` covers."""
    first = centres - size // 2
    return (positions >= first) & (positions < first + size)


def _windows(images: Tensor, tops: Tensor, lefts: Tensor, *, size: int) -> Tensor:
    """The window of each image whose upper left corner is ``(tops[i], lefts[i])``."""
    n, channels = images.shape[:2]
    device = images.device
    offsets = torch.arange(size, device=device)
    sample = torch.arange(n, device=device).view(n, 1, 1, 1)
    channel = torch.arange(channels, device=device).view(1, channels, 1, 1)
    rows = (tops[:, None] + offsets).view(n, 1, size, 1)
    columns = (lefts[:, None] + offsets).view(n, 1, 1, size)
    return images[sample, channel, rows, columns]


def _require_batch(images: Tensor) -> None:
    if images.ndim != 4:
        raise ValueError(
            f"images have shape {tuple(images.shape)}; pass a batch (n, channels, height, width), "
            "a single image as image[None]"
        )


def _require_window(size: int, height: int, width: int, *, padded: bool) -> None:
    if size < 1:
        raise ValueError(f"size is {size}; a crop is at least 1 pixel wide")
    if size > min(height, width):
        kind = "padded images" if padded else "images"
        raise ValueError(
            f"size is {size}, but the {kind} are {height}×{width} pixels; take a smaller crop or pad more"
        )
