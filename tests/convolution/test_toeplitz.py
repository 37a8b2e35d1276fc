"""The matrix and its entries three ways: the formula, all positions one by one, and torch and SciPy."""

import re
import warnings
from itertools import product

import numpy as np
import pytest
import scipy.linalg
import scipy.signal
import scipy.sparse
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional as F

from coursekit.convolution import toeplitz_entry, toeplitz_matrix, vec

# torch notes that an even kernel makes it copy the input.
pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")


@st.composite
def convolutions(draw: st.DrawFn, *, named: bool = True) -> tuple[Tensor, tuple[int, int], dict[str, object]]:
    """A kernel in float64, an image that it fits on, and options."""
    axes = []
    by_name = draw(st.sampled_from([None, None, "same", "valid"] if named else [None]))
    for _ in range(2):
        kernel, dilation = draw(st.integers(1, 4)), draw(st.integers(1, 3))
        padding = draw(st.integers(0, 3)) if by_name is None else 0
        least = 1 if by_name == "same" else max(1, dilation * (kernel - 1) + 1 - 2 * padding)
        size = draw(st.integers(least, least + 5))
        axes.append((size, kernel, 1 if by_name else draw(st.integers(1, 4)), padding, dilation))
    size, kernel, stride, padding, dilation = zip(*axes, strict=True)
    channels = draw(st.tuples(st.integers(1, 3), st.integers(1, 3)))
    generator = torch.Generator().manual_seed(draw(st.integers(0, 9)))
    weights = torch.randn(*channels, *kernel, dtype=torch.float64, generator=generator)
    return weights, size, {"stride": stride, "padding": by_name or padding, "dilation": dilation}


def enumerated(weights: Tensor, shape: tuple[int, int], options: dict[str, object]) -> Tensor:
    """Every output pixel, every tap: where does it read? Sizes come from torch, nothing from coursekit."""
    channels, *taps = weights.shape[1:]
    stride, dilation = options["stride"], options["dilation"]
    before = options["padding"]
    if isinstance(before, str):
        before = [d * (k - 1) // 2 if before == "same" else 0 for k, d in zip(taps, dilation, strict=True)]
    x = torch.zeros(channels, *shape, dtype=weights.dtype)
    output = F.conv2d(x[None], weights, **options).shape[1:]
    matrix = torch.zeros(output.numel(), x.numel(), dtype=weights.dtype)
    rows = torch.arange(output.numel()).view(output).tolist()
    columns = torch.arange(x.numel()).view(x.shape).tolist()
    for o, p, q, c, m, n in product(*map(range, (*output, channels, *taps))):
        row = p * stride[0] + m * dilation[0] - before[0]
        column = q * stride[1] + n * dilation[1] - before[1]
        if 0 <= row < shape[0] and 0 <= column < shape[1]:
            matrix[rows[o][p][q], columns[c][row][column]] = weights[o, c, m, n]
    return matrix


@given(case=convolutions())
def test_matrix_is_the_enumeration(case) -> None:
    weights, shape, options = case
    expected = enumerated(weights, shape, options)
    assert toeplitz_matrix(weights, shape, **options).equal(expected)
    sparse = toeplitz_matrix(weights, shape, layout="csr", **options)
    assert sparse.to_dense().equal(expected)
    # No weight is 0, so what is stored is what is not 0; SciPy holds the layout to its rules.
    assert sparse.values().numel() == int(expected.count_nonzero())
    arrays = (sparse.values(), sparse.col_indices(), sparse.crow_indices())
    by_scipy = scipy.sparse.csr_array(tuple(a.numpy() for a in arrays), shape=tuple(sparse.shape))
    by_scipy.check_format()
    assert by_scipy.has_canonical_format


@given(case=convolutions())
def test_product_is_the_convolution_of_torch(case) -> None:
    weights, shape, options = case
    x = torch.randn(2, weights.shape[1], *shape, dtype=weights.dtype)
    z = F.conv2d(x, weights, **options)
    matrix = toeplitz_matrix(weights, shape, **options)
    torch.testing.assert_close(vec(x) @ matrix.mT, vec(z), rtol=0, atol=1e-10)
    sparse = toeplitz_matrix(weights, shape, layout="csr", **options)
    torch.testing.assert_close(sparse @ vec(x[0]), vec(z[0]), rtol=0, atol=1e-10)


@given(case=convolutions())
def test_closed_form_is_the_enumeration(case) -> None:
    weights, shape, options = case
    expected = enumerated(weights, shape, options)
    rows, columns = (torch.arange(n) for n in expected.shape)
    assert toeplitz_entry(rows[:, None], columns, weights, shape, **options).equal(expected)
    i, j = expected.shape[0] // 2, expected.shape[1] - 1
    assert float(toeplitz_entry(i, j, weights, shape, **options)) == float(expected[i, j])


@given(case=convolutions())
def test_matrix_is_the_jacobian(case) -> None:
    weights, shape, options = case
    x = torch.zeros(weights.shape[1], *shape, dtype=weights.dtype)
    jacobian = torch.func.jacrev(lambda image: F.conv2d(image[None], weights, **options).flatten())(x)
    torch.testing.assert_close(
        toeplitz_matrix(weights, shape, **options), jacobian.flatten(1), rtol=0, atol=0
    )


@given(case=convolutions(named=False))
def test_transpose_is_the_transposed_convolution(case) -> None:
    weights, shape, options = case
    matrix = toeplitz_matrix(weights, shape, **options)
    x = torch.zeros(1, weights.shape[1], *shape, dtype=weights.dtype)
    z = torch.randn_like(F.conv2d(x, weights, **options))
    # Where a stride leaves pixels at the far end unread, output_padding gives them back.
    read = [
        s * (n - 1) + d * (k - 1) + 1 - 2 * p
        for n, k, s, p, d in zip(
            z.shape[-2:],
            weights.shape[-2:],
            *(options[name] for name in ("stride", "padding", "dilation")),
            strict=True,
        )
    ]
    extra = [n - reached for n, reached in zip(shape, read, strict=True)]
    back = F.conv_transpose2d(z, weights, output_padding=extra, **options)
    torch.testing.assert_close(vec(z[0]) @ matrix, vec(back[0]), rtol=0, atol=1e-10)


@given(case=convolutions())
def test_transpose_is_the_backward_pass(case) -> None:
    weights, shape, options = case
    x = torch.zeros(1, weights.shape[1], *shape, dtype=weights.dtype, requires_grad=True)
    z = F.conv2d(x, weights, **options)
    gradient = torch.randn_like(z)
    z.backward(gradient)
    matrix = toeplitz_matrix(weights, shape, **options)
    torch.testing.assert_close(matrix.mT @ vec(gradient[0]), vec(x.grad[0]), rtol=0, atol=1e-10)


@given(case=convolutions(named=False))
def test_rows_are_patches_of_unfold(case) -> None:
    weights, shape, options = case
    x = torch.randn(1, weights.shape[1], *shape, dtype=weights.dtype)
    patches = F.unfold(x, weights.shape[-2:], **options)[0]
    z = weights.flatten(1) @ patches
    matrix = toeplitz_matrix(weights, shape, **options)
    torch.testing.assert_close(matrix @ vec(x[0]), z.flatten(), rtol=0, atol=1e-10)


@given(size=st.integers(1, 12), taps=st.integers(1, 12))
def test_one_dimension_is_scipys_toeplitz(size, taps) -> None:
    taps = min(size, taps)
    kernel = np.random.default_rng(size).normal(size=taps)
    first_column = np.zeros(size - taps + 1)
    first_column[0] = kernel[0]
    expected = scipy.linalg.toeplitz(first_column, np.concatenate([kernel, np.zeros(size - taps)]))
    assert np.array_equal(toeplitz_matrix(torch.from_numpy(kernel)[None], (1, size)).numpy(), expected)
    assert np.array_equal(toeplitz_matrix(torch.from_numpy(kernel)[:, None], (size, 1)).numpy(), expected)


@given(rows=st.integers(1, 4), columns=st.integers(1, 4), height=st.integers(4, 8), width=st.integers(4, 8))
def test_flip_is_the_convolution_of_mathematics(rows, columns, height, width) -> None:
    kernel, x = (torch.randn(*shape, dtype=torch.float64) for shape in ((rows, columns), (height, width)))
    for flip, reference in ((False, scipy.signal.correlate2d), (True, scipy.signal.convolve2d)):
        matrix = toeplitz_matrix(kernel, (height, width), flip=flip)
        expected = reference(x.numpy(), kernel.numpy(), mode="valid").ravel()
        assert np.allclose((matrix @ vec(x)).numpy(), expected, rtol=0, atol=1e-10)
    full = toeplitz_matrix(kernel, (height, width), padding=(rows - 1, columns - 1), flip=True)
    expected = scipy.signal.convolve2d(x.numpy(), kernel.numpy()).ravel()
    assert np.allclose((full @ vec(x)).numpy(), expected, rtol=0, atol=1e-10)
    i, j = torch.arange(full.shape[0])[:, None], torch.arange(full.shape[1])
    options = {"padding": (rows - 1, columns - 1), "flip": True}
    assert toeplitz_entry(i, j, kernel, (height, width), **options).equal(full)


def test_toeplitz_in_blocks_but_not_circulant_and_not_toeplitz() -> None:
    matrix = toeplitz_matrix(torch.arange(1.0, 7.0).view(2, 3), (4, 5))
    blocks = matrix.view(3, 3, 4, 5).transpose(1, 2)
    for block in product(range(2), range(3)):
        assert blocks[block].equal(blocks[block[0] + 1, block[1] + 1])
    for block in blocks.flatten(0, 1):
        assert block[:-1, :-1].equal(block[1:, 1:])
    assert not matrix[:-1, :-1].equal(matrix[1:, 1:])
    assert blocks[0, 3].count_nonzero() == 0 and blocks[0, 1].count_nonzero() > 0


@pytest.mark.parametrize("layout", ["dense", "csr"])
@pytest.mark.parametrize(
    "dtype",
    [torch.float16, torch.float32, torch.float64, torch.int32, torch.int64, torch.uint8, torch.complex128],
)
def test_dtype_is_the_kernels(layout, dtype) -> None:
    kernel = torch.arange(1, 5).view(2, 2).to(dtype)
    matrix = toeplitz_matrix(kernel, (3, 3), padding=1, layout=layout)
    assert matrix.dtype == dtype
    expected = toeplitz_matrix(kernel.to(torch.complex128), (3, 3), padding=1)
    assert matrix.to_dense().to(torch.complex128).equal(expected)
    assert toeplitz_entry(0, 0, kernel, (3, 3), padding=1).dtype == dtype


def test_smallest_and_tightest() -> None:
    one = torch.tensor([[2.0]])
    assert toeplitz_matrix(one, (1, 1)).tolist() == [[2.0]]
    assert toeplitz_matrix(one, (2, 3)).equal(2 * torch.eye(6))
    kernel = torch.randn(4, 5)
    assert toeplitz_matrix(kernel, (4, 5)).equal(vec(kernel)[None])
    # A stride beyond the image leaves one position; padding alone may be all that a position sees.
    assert toeplitz_matrix(one, (3, 3), stride=9).tolist() == [[2.0] + [0.0] * 8]
    corner = toeplitz_matrix(one, (1, 1), padding=1, layout="csr")
    assert corner.to_dense().flatten().tolist() == [0, 0, 0, 0, 2, 0, 0, 0, 0]
    assert corner.values().tolist() == [2.0]


def test_an_empty_batch_stays_empty() -> None:
    kernel = torch.randn(4, 3, 2, 2)
    assert (vec(torch.zeros(0, 3, 5, 5)) @ toeplitz_matrix(kernel, (5, 5)).mT).shape == (0, 64)


def test_channels_may_be_named_in_the_shape() -> None:
    kernel = torch.randn(4, 3, 2, 2)
    assert toeplitz_matrix(kernel, (3, 5, 6)).equal(toeplitz_matrix(kernel, (5, 6)))
    assert toeplitz_entry(7, 9, kernel, (3, 5, 6)).equal(toeplitz_entry(7, 9, kernel, (5, 6)))


def test_zeros_of_the_kernel_are_stored() -> None:
    sparse = toeplitz_matrix(torch.zeros(2, 2), (3, 3), layout="csr")
    assert sparse.values().tolist() == [0.0] * 16


def test_dense_matrix_is_differentiable_and_the_kernel_untouched() -> None:
    kernel = torch.randn(2, 1, 2, 3, dtype=torch.float64, requires_grad=True)
    before = kernel.detach().clone()
    assert torch.autograd.gradcheck(lambda k: toeplitz_matrix(k, (4, 5), padding=1, stride=2), kernel)
    assert toeplitz_matrix(kernel, (4, 5), layout="csr").requires_grad is False
    assert kernel.equal(before)


def test_sparse_memory_follows_the_non_zeros() -> None:
    kernel = torch.ones(5, 5)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sparse = toeplitz_matrix(kernel, (64, 64), layout="csr")
    assert sparse.values().numel() == 60 * 60 * 25
    assert sparse.shape == (3600, 4096)
    # 512×512 pixels: the dense matrix would take 258 GB.
    large = toeplitz_matrix(kernel, (512, 512), layout="csr")
    assert large.values().numel() == 508 * 508 * 25
    x = torch.randn(512, 512)
    torch.testing.assert_close(large @ vec(x), F.conv2d(x[None, None], kernel[None, None]).flatten())


KERNEL = torch.ones(3, 3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: toeplitz_matrix(torch.ones(3, 5), (6, 4)),
            "along the width: a kernel of 5 pixels does not fit into an input of 4 pixels",
        ),
        (
            lambda: toeplitz_entry(0, 0, torch.ones(7, 3), (6, 4), dilation=(1, 2)),
            "along the height: a kernel of 7 pixels does not fit into an input of 6 pixels",
        ),
        (
            lambda: toeplitz_matrix(torch.ones(3), (6, 4)),
            "kernel has shape (3,); pass (rows, columns) or (out, in, rows, columns), each at least 1",
        ),
        (
            lambda: toeplitz_matrix(torch.ones(0, 3), (6, 4)),
            "kernel has shape (0, 3); pass (rows, columns) or",
        ),
        (lambda: toeplitz_matrix(KERNEL, (6,)), "input_shape is (6,); give (height, width)"),
        (lambda: toeplitz_matrix(KERNEL, 6), "input_shape is 6; give (height, width)"),
        (lambda: toeplitz_matrix(KERNEL, (0, 6)), "height is 0; it must be at least 1"),
        (
            lambda: toeplitz_matrix(torch.ones(1, 3, 2, 2), (2, 6, 6)),
            "input_shape is (2, 6, 6): 2 channels, but the kernel takes 3",
        ),
        (lambda: toeplitz_matrix(KERNEL, (6, 6), layout="bsr"), 'layout is \'bsr\'; give "dense" or "csr"'),
        (
            lambda: toeplitz_matrix(KERNEL, (6, 6), stride=(1, 0)),
            "along the width: stride is 0; it must be at least 1",
        ),
        (
            lambda: toeplitz_matrix(KERNEL, (6, 6), padding="same", stride=2),
            'along the height: padding="same" needs',
        ),
    ],
)
def test_what_does_not_fit_is_named(call, message: str) -> None:
    with pytest.raises(ValueError, match="^" + re.escape(message)):
        call()


def test_wrong_kinds_and_indices() -> None:
    with pytest.raises(TypeError, match="kernel is a list; pass a tensor"):
        toeplitz_matrix([[1.0]], (2, 2))
    with pytest.raises(TypeError, match=r"row is 0\.5; an index is an integer"):
        toeplitz_entry(0.5, 0, KERNEL, (4, 4))
    with pytest.raises(IndexError, match="row is 4, but the matrix has 4 rows, counted from 0"):
        toeplitz_entry(4, 0, KERNEL, (4, 4))
    with pytest.raises(IndexError, match="column is -1, but the matrix has 16 columns, counted from 0"):
        toeplitz_entry(torch.tensor([0, 1]), torch.tensor([3, -1]), KERNEL, (4, 4))
