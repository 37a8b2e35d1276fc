"""The doubly blocked Toeplitz matrix of a convolution, and the closed form of its entries."""

import warnings
from typing import Literal

import torch
from torch import Tensor

from coursekit.convolution.geometry import (
    Padding,
    PaddingPair,
    Pair,
    image_shape,
    output_shape,
    padding_sides,
    pair,
)


def toeplitz_matrix(
    kernel: Tensor,
    input_shape: tuple[int, ...],
    *,
    stride: Pair = 1,
    padding: PaddingPair = 0,
    dilation: Pair = 1,
    layout: Literal["dense", "csr"] = "dense",
    flip: bool = False,
) -> Tensor:
    """The matrix :math:`M` with ``M @ vec(x) = vec(z)`` for the convolution :math:`z` of :math:`x`.

    It is Toeplitz in blocks, and each block is Toeplitz. Its transpose is the transposed convolution, which
    is also the backward pass. A batch ``(n, …)`` is multiplied from the right: ``vec(x) @ M.T``.

    Parameters
    ----------
    kernel
        ``(rows, columns)`` for one channel, or ``(out, in, rows, columns)``.
    input_shape
        ``(height, width)`` of the image, or ``(channels, height, width)`` with the kernel's channels.
    stride, padding, dilation
        One value or a pair (rows, columns), as in `output_size`.
    layout
        ``"dense"``, or ``"csr"`` for a sparse matrix that takes memory for its non-zeros only. An entry of
        the kernel that happens to be 0 is stored like any other.
    flip
        Mirror the kernel in both axes: the convolution of mathematics instead of the field's, which is a
        cross-correlation.

    Returns
    -------
    Tensor
        ``(out * out_height * out_width, in * height * width)``, row-major, channels first, with the kernel's
        dtype and device. The dense matrix is differentiable in the kernel, the sparse one is not.

    Raises
    ------
    ValueError, TypeError
        If the kernel does not fit (the message names both sizes), has another number of dimensions or no
        entries, or an argument is out of range.

    References
    ----------
    Dumoulin & Visin (2016), A guide to convolution arithmetic for deep learning, section 4.1.

    Examples
    --------
    >>> toeplitz_matrix(torch.tensor([[1, 2], [3, 4]]), (2, 3))
    tensor([[1, 2, 0, 3, 4, 0],
            [0, 1, 2, 0, 3, 4]])
    """
    if layout not in ("dense", "csr"):
        raise ValueError(f'layout is {layout!r}; give "dense" or "csr"')
    weights = _weights(kernel, flip)
    height, width = _image(weights, input_shape)
    rows, columns = _taps(weights, (height, width), stride, padding, dilation)
    build = _dense if layout == "dense" else _csr
    return build(weights, rows, columns, height, width)


def toeplitz_entry(
    i: int | Tensor,
    j: int | Tensor,
    kernel: Tensor,
    input_shape: tuple[int, ...],
    *,
    stride: Pair = 1,
    padding: PaddingPair = 0,
    dilation: Pair = 1,
    flip: bool = False,
) -> Tensor:
    r"""Element :math:`(i, j)` of `toeplitz_matrix` in closed form, with both indices counted from 0.

    For one channel and stride 1, without padding, row :math:`i` belongs to the output pixel
    :math:`(p, q) = (\lfloor i/W' \rfloor,\, i \bmod W')` and column :math:`j` to the input pixel
    :math:`(r, c) = (\lfloor j/W \rfloor,\, j \bmod W)`, and

    .. math:: M_{ij} = w_{r-p,\,c-q} \text{ if } 0 \le r-p < k_1 \text{ and } 0 \le c-q < k_2,
        \text{ else } 0.

    In general the kernel is read at :math:`(r + p_1 - s_1 p)/d_1` and :math:`(c + p_2 - s_2 q)/d_2`, with
    paddings :math:`p_1, p_2`, strides and dilations, and the entry is 0 also where one of these is no
    integer. With channels, the output channel is :math:`\lfloor i/(H'W') \rfloor`, the input channel
    :math:`\lfloor j/(HW) \rfloor`, and the remainders take the places of :math:`i` and :math:`j`.

    Parameters
    ----------
    i, j
        Row and column, integers or integer tensors that broadcast to the shape of the result.
    kernel, input_shape, stride, padding, dilation, flip
        As in `toeplitz_matrix`.

    Raises
    ------
    IndexError
        If the matrix has no such row or column; the message says how many it has.
    ValueError, TypeError
        As `toeplitz_matrix`.

    Examples
    --------
    >>> kernel = torch.tensor([[1, 2], [3, 4]])
    >>> toeplitz_entry(1, 4, kernel, (2, 3))
    tensor(3)

    All entries at once:

    >>> toeplitz_entry(torch.arange(2)[:, None], torch.arange(6), kernel, (2, 3))
    tensor([[1, 2, 0, 3, 4, 0],
            [0, 1, 2, 0, 3, 4]])
    """
    weights = _weights(kernel, flip)
    out, channels, kernel_rows, kernel_columns = weights.shape
    height, width = _image(weights, input_shape)
    rows, columns = _taps(weights, (height, width), stride, padding, dilation)
    outputs, pixels = len(rows) * len(columns), height * width
    i = _indices("row", i, out * outputs, weights.device)
    j = _indices("column", j, channels * pixels, weights.device)
    row_step, column_step = pair("dilation", dilation)
    m, row_hit = _read(j % pixels // width - rows[i % outputs // len(columns), 0], row_step, kernel_rows)
    n, column_hit = _read(j % width - columns[i % len(columns), 0], column_step, kernel_columns)
    entries = weights[i // outputs, j // pixels, m, n]
    return torch.where(row_hit & column_hit, entries, entries.new_zeros(()))


def _weights(kernel: Tensor, flip: bool) -> Tensor:
    if not isinstance(kernel, Tensor):
        raise TypeError(f"kernel is a {type(kernel).__name__}; pass a tensor")
    if kernel.ndim not in (2, 4) or not kernel.numel():
        raise ValueError(
            f"kernel has shape {tuple(kernel.shape)}; pass (rows, columns) or (out, in, rows, columns), "
            "each at least 1"
        )
    weights = kernel if kernel.ndim == 4 else kernel[None, None]
    return weights.flip(-2, -1) if flip else weights


def _image(weights: Tensor, input_shape: tuple[int, ...]) -> tuple[int, int]:
    channels = weights.shape[1]
    if isinstance(input_shape, tuple | list) and len(input_shape) == 3:
        given = input_shape[0]
        if given != channels:
            raise ValueError(
                f"input_shape is {tuple(input_shape)}: {given} channels, but the kernel takes {channels}"
            )
        input_shape = input_shape[1:]
    return image_shape(input_shape)


def _taps(
    weights: Tensor,
    input_shape: tuple[int, int],
    stride: Pair,
    padding: PaddingPair,
    dilation: Pair,
) -> tuple[Tensor, Tensor]:
    """Per axis ``(positions, taps)``: the input row or column under a tap, even where it is outside."""
    kernel = (weights.shape[2], weights.shape[3])
    positions = output_shape(input_shape, kernel, stride=stride, padding=padding, dilation=dilation)
    strides, dilations = pair("stride", stride), pair("dilation", dilation)
    paddings: tuple[Padding, Padding] = pair("padding", padding)

    def along(axis: int) -> Tensor:
        s, d, k = strides[axis], dilations[axis], kernel[axis]
        before, _ = padding_sides(paddings[axis], k, stride=s, dilation=d)
        first = torch.arange(positions[axis], device=weights.device) * s - before
        return first[:, None] + torch.arange(k, device=weights.device) * d

    return along(0), along(1)


def _dense(weights: Tensor, rows: Tensor, columns: Tensor, height: int, width: int) -> Tensor:
    # An entry's place is the sum of a part that rows fix, one that columns fix and one that channels fix.
    out, channels, *_ = weights.shape
    length = channels * height * width
    p, m = ((rows >= 0) & (rows < height)).nonzero(as_tuple=True)
    q, n = ((columns >= 0) & (columns < width)).nonzero(as_tuple=True)
    place = (p * len(columns) * length + rows[p, m] * width)[:, None] + (q * length + columns[q, n])
    maps = torch.arange(channels, device=weights.device) * height * width
    matrix = weights.new_zeros(out, len(rows) * len(columns) * length)
    matrix.index_copy_(1, (maps[:, None, None] + place).flatten(), weights[:, :, m[:, None], n].flatten(1))
    return matrix.view(-1, length)


def _csr(weights: Tensor, rows: Tensor, columns: Tensor, height: int, width: int) -> Tensor:
    out, channels, *_ = weights.shape
    row_inside, column_inside = (rows >= 0) & (rows < height), (columns >= 0) & (columns < width)
    # Axes: output row, output column, input channel, kernel row, kernel column; the order of CSR.
    maps = torch.arange(channels, device=weights.device)[:, None, None] * height * width
    pixels = maps + (rows * width)[:, None, None, :, None] + columns[None, :, None, None, :]
    entries = weights[:, None, None].expand(-1, *pixels.shape).flatten(1)
    pixels = pixels.flatten()
    if not (row_inside.all() and column_inside.all()):
        inside = row_inside[:, None, None, :, None] & column_inside[None, :, None, None, :]
        kept = inside.expand(-1, -1, channels, -1, -1).flatten().nonzero().squeeze(1)
        pixels, entries = pixels[kept], entries[:, kept]
    per_row = channels * (row_inside.sum(dim=1)[:, None] * column_inside.sum(dim=1)).flatten().repeat(out)
    ends = per_row.cumsum(dim=0)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Sparse CSR tensor support is in beta state")
        return torch.sparse_csr_tensor(
            torch.cat([ends.new_zeros(1), ends]),
            pixels.repeat(out),
            entries.detach().flatten(),
            (len(per_row), channels * height * width),
            check_invariants=False,
        )


def _indices(name: str, value: int | Tensor, count: int, device: torch.device) -> Tensor:
    indices = torch.as_tensor(value, device=device)
    if indices.is_floating_point() or indices.is_complex() or indices.dtype == torch.bool:
        raise TypeError(f"{name} is {value!r}; an index is an integer")
    wrong = indices[(indices < 0) | (indices >= count)]
    if wrong.numel():
        raise IndexError(f"{name} is {int(wrong[0])}, but the matrix has {count} {name}s, counted from 0")
    return indices


def _read(distance: Tensor, dilation: int, count: int) -> tuple[Tensor, Tensor]:
    """Which of `count` taps lies `distance` pixels from the first, and whether there is one."""
    tap = distance.div(dilation, rounding_mode="floor")
    return tap.clamp(0, count - 1), (distance % dilation == 0) & (tap >= 0) & (tap < count)
