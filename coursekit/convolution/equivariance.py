"""How far a function is from commuting with a transform of its input, a shift for instance."""

from collections.abc import Callable

import torch
from torch import Tensor

from coursekit.convolution.geometry import Pair, pair

ImageMap = Callable[[Tensor], Tensor]


def equivariance_error(
    f: ImageMap,
    transform: ImageMap,
    x: Tensor,
    *,
    border: Pair = 0,
    output_transform: ImageMap | None = None,
    relative: bool = False,
) -> float:
    r"""The largest difference :math:`\max |f(Tx) - T f(x)|` over the interior of the output.

    It is 0 where :math:`f` is equivariant to :math:`T`: transforming the input then transforms the output.
    Borders are left out because what a shift moves in there is no part of the image.

    Parameters
    ----------
    f
        Maps images ``(…, height, width)`` to maps ``(…, height', width')``.
    transform
        Maps images to images, and, unless `output_transform` is given, maps to maps.
    x
        ``(…, height, width)``, at least one image.
    border
        Pixels of the output that are left out on each side, one number or a pair (rows, columns).
    output_transform
        What `transform` becomes on the output: after a stride of 2, a shift by 2 pixels is one by 1.
    relative
        Divide by the largest :math:`|T f(x)|` in the interior, so that 1 means as large as the output itself.
        Where the output is 0, so is the error if both sides agree, and infinite otherwise.

    Raises
    ------
    ValueError
        If the two sides differ in shape, there is nothing inside the border, or the border is negative.

    References
    ----------
    Cohen & Welling (2016), Group equivariant convolutional networks, eq. 1.

    Examples
    --------
    A pointwise function commutes with a mirror, a difference of neighbours does not:

    >>> mirror = lambda image: image.flip(-1)
    >>> x = torch.tensor([[1.0, 2.0, 4.0]])
    >>> equivariance_error(torch.square, mirror, x)
    0.0
    >>> equivariance_error(lambda image: image.diff(dim=-1), mirror, x)
    4.0
    """
    left = f(transform(x))
    right = (output_transform or transform)(f(x))
    if left.shape != right.shape:
        raise ValueError(
            f"f(T x) has shape {tuple(left.shape)} and T f(x) {tuple(right.shape)}; if f changes the size, "
            "give the output its own output_transform"
        )
    left, right = _interior(left, border), _interior(right, border)
    error = float((left - right).abs().max())
    if not relative or error == 0:
        return error
    size = float(right.abs().max())
    return error / size if size else float("inf")


def _interior(maps: Tensor, border: Pair) -> Tensor:
    """The maps without their border, in double precision: bytes must not wrap when they are subtracted."""
    rows, columns = pair("border", border)
    if min(rows, columns) < 0:
        raise ValueError(f"border is {border}; it is a number of pixels, at least 0")
    if maps.ndim < 2:
        raise ValueError(f"f returns shape {tuple(maps.shape)}; it must end in (height, width)")
    height, width = maps.shape[-2:]
    inner = maps[..., rows : height - rows, columns : width - columns]
    if height <= 2 * rows or width <= 2 * columns or not inner.numel():
        raise ValueError(
            f"the output has shape {tuple(maps.shape)} and the border is {border}: no pixel is left"
        )
    return inner.to(torch.complex128 if maps.is_complex() else torch.float64)
