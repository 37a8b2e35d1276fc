"""Checkers of the convolution chapters: output size, the Toeplitz matrix, the closed form of its entries."""

from collections.abc import Callable
from itertools import product

import torch
from torch import Tensor
from torch.nn import functional as F

from coursekit.checkers.reports import Trial, as_text

# Kernel and image, smallest first, so that a wrong answer is shown where it is easiest to see. No kernel and
# no image but the first is square in both, or rows and columns could be swapped without a trace.
SHAPES = (
    ((1, 1), (1, 1)),
    ((1, 2), (1, 3)),
    ((2, 1), (3, 1)),
    ((1, 1), (2, 3)),
    ((2, 2), (2, 3)),
    ((2, 3), (2, 3)),
    ((2, 2), (3, 4)),
    ((3, 2), (5, 4)),
    ((2, 3), (4, 6)),
    ((3, 3), (4, 4)),
)


def check_output_size(f: Callable[..., int]) -> None:
    """Check ``f(size, kernel, *, stride, padding, dilation)`` by counting positions one by one.

    Parameters
    ----------
    f
        Returns an integer, the positions that a kernel of `kernel` pixels takes on `size` pixels. It is only
        asked about kernels that fit.

    Raises
    ------
    CheckFailed
        At the first wrong answer; the message shows the call, what was expected and what came.

    Examples
    --------
    >>> from coursekit.convolution import output_size
    >>> check_output_size(output_size)
    output_size: all 945 cases are right.
    """
    trial = Trial(f)
    grid = product((1, 2, 5, 6, 7, 10, 28), (1, 2, 3, 5, 7), (1, 2, 3), (0, 1, 2, 4), (1, 2, 3))
    # Plain cases come first: a learner reads a failure with as few options as it needs.
    for size, kernel, stride, padding, dilation in sorted(grid, key=lambda case: sum(case[2:])):
        reach = range(size + 2 * padding)
        last_taps = (start + dilation * (kernel - 1) for start in reach[::stride])
        positions = sum(tap in reach for tap in last_taps)
        if positions:
            shown = f"{size}, {kernel}, stride={stride}, padding={padding}, dilation={dilation}"
            answer = trial.call(size, kernel, stride=stride, padding=padding, dilation=dilation, shown=shown)
            trial.integer(answer, positions)
    trial.passed()


def check_toeplitz_matrix(f: Callable[[Tensor, tuple[int, int]], Tensor]) -> None:
    """Check ``f(kernel, input_shape)`` against torch's convolution of every image with a single bright pixel.

    Parameters
    ----------
    f
        Takes a kernel ``(rows, columns)`` in float64 and ``(height, width)``; returns the matrix
        ``(out_height * out_width, height * width)`` of the convolution with stride 1 and without padding, the
        kernel not mirrored, images row after row. Dense or sparse.

    Raises
    ------
    CheckFailed
        At the first wrong answer; the message shows the call, what was expected and what came.

    Examples
    --------
    >>> from coursekit.convolution import toeplitz_matrix
    >>> check_toeplitz_matrix(toeplitz_matrix)
    toeplitz_matrix: all 10 cases are right.
    """
    trial = Trial(f)
    for kernel_shape, input_shape in SHAPES:
        kernel = _kernel(kernel_shape)
        answer = trial.call(kernel.clone(), input_shape, shown=f"{as_text(kernel)}, {input_shape}")
        trial.tensor(answer, _matrix(kernel, input_shape), what="the matrix")
    trial.passed()


def check_toeplitz_entry(f: Callable[[int, int, Tensor, tuple[int, int]], float | Tensor]) -> None:
    """Check ``f(i, j, kernel, input_shape)`` on every entry of the matrices of `check_toeplitz_matrix`.

    Parameters
    ----------
    f
        Takes row and column, counted from 0, a kernel ``(rows, columns)`` in float64 and ``(height, width)``;
        returns the entry as a number or a tensor without dimensions.

    Raises
    ------
    CheckFailed
        At the first wrong answer; the message shows the call, what was expected and what came.

    Examples
    --------
    >>> from coursekit.convolution import toeplitz_entry
    >>> check_toeplitz_entry(toeplitz_entry)
    toeplitz_entry: all 671 cases are right.
    """
    trial = Trial(f)
    for kernel_shape, input_shape in SHAPES:
        kernel = _kernel(kernel_shape)
        matrix = _matrix(kernel, input_shape)
        for i, j in product(*map(range, matrix.shape)):
            shown = f"{i}, {j}, {as_text(kernel)}, {input_shape}"
            answer = trial.call(i, j, kernel.clone(), input_shape, shown=shown)
            trial.tensor(answer, matrix[i, j], what="the entry")
    trial.passed()


def _kernel(shape: tuple[int, int]) -> Tensor:
    """The whole numbers from 1, no two of them alike."""
    rows, columns = shape
    return torch.arange(1, rows * columns + 1, dtype=torch.float64).view(rows, columns)


def _matrix(kernel: Tensor, input_shape: tuple[int, int]) -> Tensor:
    """Column j is what torch's convolution makes of the image whose pixel j is 1."""
    height, width = input_shape
    images = torch.eye(height * width, dtype=kernel.dtype).view(-1, 1, height, width)
    return F.conv2d(images, kernel[None, None]).flatten(1).mT
