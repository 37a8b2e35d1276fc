"""The periodic case against NumPy's roll, SciPy's wrapped correlation and a dense eigenvalue problem."""

import numpy as np
import pytest
import scipy.linalg
import scipy.signal
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F

from coursekit.convolution import circulant_eigenvalues, circulant_matrix, toeplitz_matrix, vec

SIDES = st.integers(1, 6)


@st.composite
def periodic(draw: st.DrawFn) -> tuple[torch.Tensor, tuple[int, int]]:
    height, width = draw(SIDES), draw(SIDES)
    rows, columns = draw(st.integers(1, height)), draw(st.integers(1, width))
    generator = torch.Generator().manual_seed(draw(st.integers(0, 9)))
    return torch.randn(rows, columns, dtype=torch.float64, generator=generator), (height, width)


@given(case=periodic())
def test_matrix_is_a_sum_of_rolled_images(case) -> None:
    kernel, shape = case
    x = np.random.default_rng(0).normal(size=shape)
    for flip, sign in ((False, -1), (True, 1)):
        rolled = sum(
            weight * np.roll(x, (sign * m, sign * n), axis=(0, 1))
            for (m, n), weight in np.ndenumerate(kernel.numpy())
        )
        z = circulant_matrix(kernel, shape, flip=flip) @ vec(torch.from_numpy(x))
        assert np.allclose(z.numpy(), rolled.ravel(), rtol=0, atol=1e-10)


@given(case=periodic())
def test_product_is_the_wrapped_convolution(case) -> None:
    kernel, shape = case
    rows, columns = kernel.shape
    x = torch.randn(*shape, dtype=torch.float64)
    z = circulant_matrix(kernel, shape) @ vec(x)
    # torch wraps at most once around, which a kernel no larger than the image never exceeds.
    wrapped = F.pad(x[None, None], (0, columns - 1, 0, rows - 1), mode="circular")
    torch.testing.assert_close(z, F.conv2d(wrapped, kernel[None, None]).flatten(), rtol=0, atol=1e-10)
    spectrum = circulant_eigenvalues(kernel, shape)
    by_fft = torch.fft.ifft2(spectrum * torch.fft.fft2(x)).real
    torch.testing.assert_close(z, vec(by_fft), rtol=0, atol=1e-10)


@given(case=periodic(), flip=st.booleans())
def test_fourier_waves_are_eigenvectors(case, flip) -> None:
    kernel, (height, width) = case
    fourier = torch.from_numpy(np.kron(scipy.linalg.dft(height), scipy.linalg.dft(width)))
    eigenvalues = circulant_eigenvalues(kernel, (height, width), flip=flip)
    assert eigenvalues.dtype == torch.complex128 and eigenvalues.shape == (height, width)
    rebuilt = fourier.mH @ torch.diag(vec(eigenvalues)) @ fourier / (height * width)
    matrix = circulant_matrix(kernel, (height, width), flip=flip)
    torch.testing.assert_close(rebuilt, matrix.to(rebuilt.dtype), rtol=0, atol=1e-10)


@given(size=st.integers(1, 8), taps=st.integers(1, 8))
def test_one_dimension_is_scipys_circulant(size, taps) -> None:
    kernel = torch.arange(1, min(size, taps) + 1)
    first_column = np.pad(kernel.numpy(), (0, size - len(kernel)))
    assert np.array_equal(
        circulant_matrix(kernel[None], (1, size), flip=True), scipy.linalg.circulant(first_column)
    )


@given(case=periodic())
def test_rows_that_do_not_wrap_are_those_of_the_toeplitz_matrix(case) -> None:
    kernel, (height, width) = case
    rows = torch.arange(height * width).view(height, width)
    inner = rows[: height - kernel.shape[0] + 1, : width - kernel.shape[1] + 1].flatten()
    assert circulant_matrix(kernel, (height, width))[inner].equal(toeplitz_matrix(kernel, (height, width)))


def test_every_row_is_the_first_one_shifted() -> None:
    matrix = circulant_matrix(torch.arange(1, 5).view(2, 2), (3, 4))
    first = matrix[0].view(3, 4)
    for i, row in enumerate(matrix):
        assert row.view(3, 4).equal(first.roll((i // 4, i % 4), dims=(0, 1)))


@pytest.mark.parametrize(
    ("dtype", "spectrum"),
    [
        (torch.int64, torch.complex128),
        (torch.float16, torch.complex64),
        (torch.float32, torch.complex64),
        (torch.complex128, torch.complex128),
    ],
)
def test_dtypes(dtype, spectrum) -> None:
    kernel = torch.arange(1, 5).view(2, 2).to(dtype)
    assert circulant_matrix(kernel, (3, 3)).dtype == dtype
    eigenvalues = circulant_eigenvalues(kernel, (3, 3))
    assert eigenvalues.dtype == spectrum
    assert eigenvalues[0, 0].real == 10


def test_mistakes_get_one_sentence() -> None:
    for function in (circulant_matrix, circulant_eigenvalues):
        with pytest.raises(
            ValueError, match="a kernel of 2×5 pixels is larger than the image of 3×4; wrapped"
        ):
            function(torch.ones(2, 5), (3, 4))
        with pytest.raises(
            ValueError, match=r"kernel has shape \(1, 1, 2, 2\); the periodic case takes a tensor"
        ):
            function(torch.ones(1, 1, 2, 2), (3, 4))
        with pytest.raises(ValueError, match=r"kernel is \[\[1\]\]; the periodic case takes a tensor"):
            function([[1]], (3, 4))
        with pytest.raises(ValueError, match=r"input_shape is \(3,\); give \(height, width\)"):
            function(torch.ones(2, 2), (3,))
