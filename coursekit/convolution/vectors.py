"""Images as vectors: vec row after row or column after column, and the permutation between the two."""

from typing import Literal

import torch
from torch import Tensor

from coursekit.convolution.geometry import image_shape


def vec(x: Tensor, order: Literal["row", "column"] = "row") -> Tensor:
    """The pixels of an image as one vector, row after row or column after column.

    Parameters
    ----------
    x
        ``(height, width)``, ``(channels, height, width)`` or a batch ``(n, channels, height, width)``, which
        gives ``(n, channels * height * width)``. Channels come one after the other in both orders.
    order
        ``"row"`` is how torch stores an image, ``"column"`` the textbooks' vec.

    Raises
    ------
    ValueError
        If `x` has another number of dimensions, or `order` is neither.

    Examples
    --------
    >>> x = torch.tensor([[1, 2, 3], [4, 5, 6]])
    >>> vec(x).tolist(), vec(x, "column").tolist()
    ([1, 2, 3, 4, 5, 6], [1, 4, 2, 5, 3, 6])
    """
    if x.ndim not in (2, 3, 4):
        raise ValueError(
            f"x has shape {tuple(x.shape)}; pass (height, width), (channels, height, width) or a batch"
        )
    if order not in ("row", "column"):
        raise ValueError(f'order is {order!r}; give "row" or "column"')
    pixels = x if order == "row" else x.mT
    return pixels.flatten(1) if x.ndim == 4 else pixels.flatten()


def commutation_matrix(shape: tuple[int, int], *, dtype: torch.dtype | None = None) -> Tensor:
    """The permutation :math:`K` with ``vec(x, "column") = K @ vec(x)`` for every image of `shape`.

    A row-major Toeplitz matrix :math:`M` becomes column-major as :math:`K_{out} M K_{in}^T`.

    Parameters
    ----------
    shape
        ``(height, width)`` in pixels.
    dtype
        Of the matrix ``(height * width, height * width)``; torch's default if None.

    Raises
    ------
    ValueError, TypeError
        If `shape` is no pair of integers of at least 1.

    References
    ----------
    Magnus & Neudecker (1979), The commutation matrix: some properties and applications.

    Examples
    --------
    >>> commutation_matrix((2, 2), dtype=torch.int64)
    tensor([[1, 0, 0, 0],
            [0, 0, 1, 0],
            [0, 1, 0, 0],
            [0, 0, 0, 1]])
    """
    height, width = image_shape(shape)
    order = vec(torch.arange(height * width).view(height, width), "column")
    return torch.eye(height * width, dtype=dtype)[order]
