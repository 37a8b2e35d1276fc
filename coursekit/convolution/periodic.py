"""Convolution on an image whose borders wrap: the doubly blocked circulant matrix and its eigenvalues."""

import torch
from torch import Tensor

from coursekit.convolution.geometry import image_shape


def circulant_matrix(kernel: Tensor, shape: tuple[int, int], *, flip: bool = False) -> Tensor:
    r"""The matrix :math:`C` of the periodic convolution :math:`z_{pq} = \sum_{mn} w_{mn}\,x_{p+m,\,q+n}`.

    Indices of :math:`x` are taken modulo the image's height and width. :math:`C` is circulant in blocks, and
    each block is circulant. The rows whose patch does not wrap are the rows of `toeplitz_matrix`.

    Parameters
    ----------
    kernel
        ``(rows, columns)``, not larger than the image. Its first entry meets the output's own pixel.
    shape
        ``(height, width)`` of the image and of the output.
    flip
        Take :math:`x_{p-m,\,q-n}` instead: the periodic convolution of mathematics, whose matrix is the
        transpose.

    Returns
    -------
    Tensor
        ``(height * width, height * width)``, row-major, with the kernel's dtype and device.

    Raises
    ------
    ValueError
        If the kernel is larger than the image (the message names both sizes) or not two-dimensional.

    References
    ----------
    Gray (2006), Toeplitz and circulant matrices: a review, chapter 3; here in both axes.

    Examples
    --------
    >>> circulant_matrix(torch.tensor([[1, 2]]), (1, 3))
    tensor([[1, 2, 0],
            [0, 1, 2],
            [2, 0, 1]])
    """
    padded = _padded(kernel, shape)
    height, width = padded.shape
    rows, columns = (torch.arange(n, device=kernel.device) for n in (height, width))
    m = (rows - rows[:, None]) % height
    n = (columns - columns[:, None]) % width
    matrix = padded[m[:, None, :, None], n[None, :, None, :]].reshape(height * width, height * width)
    return matrix.mT.contiguous() if flip else matrix


def circulant_eigenvalues(kernel: Tensor, shape: tuple[int, int], *, flip: bool = False) -> Tensor:
    r"""The eigenvalues of `circulant_matrix`, by a two-dimensional FFT of the padded kernel.

    :math:`\lambda_{uv} = \sum_{mn} w_{mn}\, e^{2\pi i (um/H + vn/W)}` belongs to the eigenvector
    :math:`e^{2\pi i (uh/H + vw/W)}` over the pixels :math:`(h, w)`. With the discrete Fourier transform
    :math:`F` it is :math:`C = F^{-1} \operatorname{diag}(\operatorname{vec} \lambda) F`, and so
    ``ifft2(eigenvalues * fft2(x))`` is the periodic convolution of ``x``.

    Parameters
    ----------
    kernel, shape, flip
        As in `circulant_matrix`.

    Returns
    -------
    Tensor
        Complex ``(height, width)``, by frequency :math:`(u, v)`; complex128 for double and integer kernels.

    Raises
    ------
    ValueError
        As `circulant_matrix`.

    References
    ----------
    Gray (2006), Toeplitz and circulant matrices: a review, theorem 3.1; here in both axes.

    Examples
    --------
    >>> circulant_eigenvalues(torch.tensor([[1.0, 2.0]]), (1, 2)).real
    tensor([[ 3., -1.]])
    """
    padded = _padded(kernel, shape)
    if not (padded.is_floating_point() or padded.is_complex()):
        padded = padded.double()
    elif padded.dtype in (torch.float16, torch.bfloat16):
        padded = padded.float()
    eigenvalues: Tensor = torch.fft.fft2(padded) if flip else torch.fft.ifft2(padded, norm="forward")
    return eigenvalues


def _padded(kernel: Tensor, shape: tuple[int, int]) -> Tensor:
    if not isinstance(kernel, Tensor) or kernel.ndim != 2 or not kernel.numel():
        given = f"has shape {tuple(kernel.shape)}" if isinstance(kernel, Tensor) else f"is {kernel!r}"
        raise ValueError(f"kernel {given}; the periodic case takes a tensor (rows, columns), each at least 1")
    height, width = image_shape(shape)
    rows, columns = kernel.shape
    if rows > height or columns > width:
        raise ValueError(
            f"a kernel of {rows}×{columns} pixels is larger than the image of {height}×{width}; "
            "wrapped around it would meet a pixel twice"
        )
    padded = kernel.new_zeros(height, width)
    padded[:rows, :columns] = kernel
    return padded
