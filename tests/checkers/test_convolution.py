"""Each checker accepts the reference and whatever is right, and rejects plausible wrong answers."""

import math
import re

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from coursekit.checkers import CheckFailed, check_output_size, check_toeplitz_entry, check_toeplitz_matrix
from coursekit.convolution import circulant_matrix, output_size, toeplitz_entry, toeplitz_matrix

Shape = tuple[int, int]


def test_references_pass(capsys) -> None:
    check_output_size(output_size)
    check_toeplitz_matrix(toeplitz_matrix)
    check_toeplitz_entry(toeplitz_entry)
    assert capsys.readouterr().out.splitlines() == [
        "output_size: all 945 cases are right.",
        "toeplitz_matrix: all 10 cases are right.",
        "toeplitz_entry: all 671 cases are right.",
    ]


def test_other_right_answers_pass() -> None:
    check_output_size(
        lambda n, k, *, stride, padding, dilation: np.int64(
            output_size(n, k, stride=stride, padding=padding, dilation=dilation)
        )
    )
    check_toeplitz_matrix(lambda kernel, shape: toeplitz_matrix(kernel, shape, layout="csr"))
    check_toeplitz_matrix(lambda kernel, shape: toeplitz_matrix(kernel, shape).numpy())
    check_toeplitz_matrix(lambda kernel, shape: toeplitz_matrix(kernel.float(), shape).tolist())
    check_toeplitz_entry(lambda i, j, kernel, shape: toeplitz_entry(i, j, kernel, shape).item())


SIZES = {
    "forgets the + 1": lambda n, k, s, p, d: (n + 2 * p - d * (k - 1) - 1) // s,
    "ceil for floor": lambda n, k, s, p, d: math.ceil((n + 2 * p - d * (k - 1) - 1) / s) + 1,
    "pads one side only": lambda n, k, s, p, d: (n + p - d * (k - 1) - 1) // s + 1,
    "ignores the dilation": lambda n, k, s, p, d: (n + 2 * p - k) // s + 1,
    "dilates k instead of k - 1": lambda n, k, s, p, d: (n + 2 * p - d * k) // s + 1,
    "ignores the stride": lambda n, k, s, p, d: n + 2 * p - d * (k - 1),
    "adds 1 before it divides": lambda n, k, s, p, d: (n + 2 * p - d * (k - 1)) // s,
    "rounds to the nearest": lambda n, k, s, p, d: round((n + 2 * p - d * (k - 1) - 1) / s) + 1,
    "same size whatever comes": lambda n, k, s, p, d: n,
    "a fraction": lambda n, k, s, p, d: (n + 2 * p - d * (k - 1) - 1) / s + 1,
    "a string": lambda n, k, s, p, d: str((n + 2 * p - d * (k - 1) - 1) // s + 1),
    "nothing": lambda n, k, s, p, d: None,
}


@pytest.mark.parametrize("wrong", SIZES.values(), ids=SIZES)
def test_wrong_sizes_are_rejected(wrong) -> None:
    def mine(n: int, k: int, *, stride: int, padding: int, dilation: int) -> object:
        return wrong(n, k, stride, padding, dilation)

    with pytest.raises(
        CheckFailed, match=r"^mine\(\d+, \d+, stride=\d, padding=\d, dilation=\d\): expected .* came$"
    ):
        check_output_size(mine)


def banded(kernel: Tensor, shape: Shape) -> Tensor:
    """One band of the kernel's entries, as if the image were one row."""
    height, width = shape
    rows, columns = kernel.shape
    matrix = kernel.new_zeros((height - rows + 1) * (width - columns + 1), height * width)
    for i in range(len(matrix)):
        taps = kernel.flatten()[: height * width - i]
        matrix[i, i : i + len(taps)] = taps
    return matrix


def wrapping(kernel: Tensor, shape: Shape) -> Tensor:
    """Row i starts i pixels further on, so that patches run over the right border into the next row."""
    first = toeplitz_matrix(kernel, shape)
    return torch.stack([first[0].roll(i) for i in range(len(first))])


MATRICES = {
    "kernel mirrored": lambda kernel, shape: toeplitz_matrix(kernel, shape, flip=True),
    "kernel transposed": lambda kernel, shape: toeplitz_matrix(kernel.mT, shape[::-1]),
    "matrix transposed": lambda kernel, shape: toeplitz_matrix(kernel, shape).mT,
    "height and width swapped": lambda kernel, shape: toeplitz_matrix(kernel, shape[::-1]),
    "borders wrap": circulant_matrix,
    "patches run over the border": wrapping,
    "one band": banded,
    "rows from below": lambda kernel, shape: toeplitz_matrix(kernel, shape).flip(0),
    "output column-major": lambda kernel, shape: (
        F.conv2d(torch.eye(shape[0] * shape[1], dtype=torch.float64).view(-1, 1, *shape), kernel[None, None])
        .mT.flatten(1)
        .mT
    ),
    "padded": lambda kernel, shape: toeplitz_matrix(kernel, shape, padding=1),
    "two steps at a time": lambda kernel, shape: toeplitz_matrix(kernel, shape, stride=2),
    "image as a matrix for each output": lambda kernel, shape: toeplitz_matrix(kernel, shape).view(
        -1, *shape
    ),
    "no matrix": lambda kernel, shape: "M",
    "nothing": lambda kernel, shape: None,
}


@pytest.mark.parametrize("wrong", MATRICES.values(), ids=MATRICES)
def test_wrong_matrices_are_rejected(wrong) -> None:
    def mine(kernel: Tensor, input_shape: Shape) -> object:
        return wrong(kernel, input_shape)

    with pytest.raises(
        CheckFailed, match=r"^mine\(\[\[.*\]\], \(\d, \d\)\)(: expected .* came$| raised ValueError)"
    ):
        check_toeplitz_matrix(mine)


def entry(
    i: int,
    j: int,
    kernel: Tensor,
    shape: Shape,
    *,
    positions: int,
    row_bound: bool = True,
    column_bound: bool = True,
) -> Tensor | int:
    """The closed form with its width of the output, and its bounds, left open to mistakes."""
    width = shape[1]
    m, n = j // width - i // positions, j % width - i % positions
    if row_bound and not 0 <= m < kernel.shape[0]:
        return 0
    if column_bound and not 0 <= n < kernel.shape[1]:
        return 0
    return kernel[m, n]


def outputs(kernel: Tensor, shape: Shape) -> int:
    return shape[1] - kernel.shape[1] + 1


def by_distance(i: int, j: int, kernel: Tensor, shape: Shape) -> Tensor | int:
    """M_ij depends on j - i alone: a Toeplitz matrix without blocks."""
    m, n = divmod(j - i, shape[1])
    return kernel[m, n] if 0 <= m < kernel.shape[0] and n < kernel.shape[1] else 0


ENTRIES = {
    "depends on j - i alone": by_distance,
    "W for W'": lambda i, j, kernel, shape: entry(i, j, kernel, shape, positions=shape[1]),
    "H' for W'": lambda i, j, kernel, shape: entry(
        i, j, kernel, shape, positions=shape[0] - kernel.shape[0] + 1
    ),
    "negative indices wrap": lambda i, j, kernel, shape: entry(
        i, j, kernel, shape, positions=outputs(kernel, shape), column_bound=False
    ),
    "columns unbounded": lambda i, j, kernel, shape: kernel.flatten()[(j - i) % kernel.numel()],
    "indices from 1": lambda i, j, kernel, shape: entry(
        i - 1, j - 1, kernel, shape, positions=outputs(kernel, shape)
    ),
    "i and j swapped": lambda i, j, kernel, shape: entry(
        j, i, kernel, shape, positions=outputs(kernel, shape)
    ),
    "kernel mirrored": lambda i, j, kernel, shape: entry(
        i, j, kernel.flip(0, 1), shape, positions=outputs(kernel, shape)
    ),
    "kernel's indices swapped": lambda i, j, kernel, shape: entry(
        i, j, kernel.mT, shape, positions=outputs(kernel, shape)
    ),
    "column-major": lambda i, j, kernel, shape: entry(
        i, j, kernel.mT, shape[::-1], positions=outputs(kernel.mT, shape[::-1])
    ),
    "a row instead of an entry": lambda i, j, kernel, shape: toeplitz_matrix(kernel, shape)[i],
    "always 0": lambda i, j, kernel, shape: 0,
}


@pytest.mark.parametrize("wrong", ENTRIES.values(), ids=ENTRIES)
def test_wrong_entries_are_rejected(wrong) -> None:
    def mine(i: int, j: int, kernel: Tensor, input_shape: Shape) -> object:
        return wrong(i, j, kernel, input_shape)

    sentence = r"^mine\(\d+, \d+, \[\[.*\]\], \(\d, \d\)\)(: expected .* came$| raised IndexError)"
    with pytest.raises(CheckFailed, match=sentence):
        check_toeplitz_entry(mine)


def test_the_right_closed_form_passes() -> None:
    check_toeplitz_entry(
        lambda i, j, kernel, shape: entry(i, j, kernel, shape, positions=outputs(kernel, shape))
    )


def message(check, wrong) -> str:
    with pytest.raises(CheckFailed) as failure:
        check(wrong)
    return str(failure.value)


def test_sentences() -> None:
    def size(n: int, k: int, *, stride: int, padding: int, dilation: int) -> object:
        return n - k

    def matrix(kernel: Tensor, shape: Shape) -> Tensor:
        return toeplitz_matrix(kernel, shape, flip=True)

    def zero(i: int, j: int, kernel: Tensor, shape: Shape) -> int:
        return 0

    def broken(kernel: Tensor, shape: Shape) -> Tensor:
        raise ZeroDivisionError("division by zero")

    assert (
        message(check_output_size, size)
        == "size(1, 1, stride=1, padding=0, dilation=1): expected 1, but 0 came"
    )
    assert (
        message(check_toeplitz_matrix, matrix)
        == "matrix([[1, 2]], (1, 3)): expected the matrix to hold 1 at [0, 0], but 2 came"
    )
    assert (
        message(check_toeplitz_entry, zero)
        == "zero(0, 0, [[1]], (1, 1)): expected the entry to be 1, but 0 came"
    )
    assert (
        message(check_toeplitz_matrix, broken)
        == "broken([[1]], (1, 1)) raised ZeroDivisionError: division by zero"
    )
    assert re.match(r"the checker was given 24; pass the function itself", message(check_output_size, 24))
    assert message(check_output_size, lambda *_, **__: 1.0) == (
        "<lambda>(1, 1, stride=1, padding=0, dilation=1): expected the integer 1, but 1.0, a float, came"
    )
    assert issubclass(CheckFailed, AssertionError)
