"""Equivariance errors of functions whose behaviour under a transform is known."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional as F

from coursekit.convolution import equivariance_error

KERNEL = torch.arange(1.0, 10.0, dtype=torch.float64).view(1, 1, 3, 3)


def image(*, size: int = 12) -> Tensor:
    return torch.randn(2, 1, size, size, dtype=torch.float64, generator=torch.Generator().manual_seed(0))


def convolve(x: Tensor) -> Tensor:
    return F.conv2d(x, KERNEL, padding=1)


@given(down=st.integers(-2, 2), right=st.integers(-2, 2))
def test_convolution_commutes_with_shifts_inside_the_border(down, right) -> None:
    def shift(x: Tensor) -> Tensor:
        return x.roll((down, right), dims=(-2, -1))

    reach = (abs(down) + 1, abs(right) + 1)
    assert equivariance_error(convolve, shift, image(), border=reach) < 1e-10
    if down or right:
        assert equivariance_error(convolve, shift, image(), border=0) > 1


def test_convolution_does_not_commute_with_rotations_unless_the_kernel_does() -> None:
    def quarter(x: Tensor) -> Tensor:
        return x.rot90(dims=(-2, -1))

    assert equivariance_error(convolve, quarter, image(), border=1) > 1
    cross = torch.tensor([[0.0, 1, 0], [1, 5, 1], [0, 1, 0]], dtype=torch.float64)[None, None]
    assert equivariance_error(lambda x: F.conv2d(x, cross, padding=1), quarter, image(), border=0) < 1e-10


def test_pooling_commutes_with_shifts_of_its_stride_only() -> None:
    def pool(x: Tensor) -> Tensor:
        return F.max_pool2d(x, 2)

    def by_one(x: Tensor) -> Tensor:
        return x.roll(1, dims=-1)

    def by_two(x: Tensor) -> Tensor:
        return x.roll(2, dims=-1)

    assert equivariance_error(pool, by_two, image(), border=0, output_transform=by_one) == 0
    assert equivariance_error(pool, by_one, image(), border=1, output_transform=by_one) > 0.1


def test_error_is_the_largest_of_the_interior_by_hand() -> None:
    x = torch.zeros(5, 7)
    x[0, 3], x[2, 3] = 9.0, 2.0
    assert equivariance_error(torch.clone, torch.neg, x, border=0, output_transform=torch.clone) == 18
    assert equivariance_error(torch.clone, torch.neg, x, border=(1, 0), output_transform=torch.clone) == 4
    assert equivariance_error(torch.clone, torch.neg, x, border=(1, 3), output_transform=torch.clone) == 4
    options = {"border": 1, "output_transform": torch.clone, "relative": True}
    assert equivariance_error(torch.clone, torch.neg, x, **options) == 2
    assert equivariance_error(torch.clone, torch.clone, torch.zeros(3, 3), border=0, relative=True) == 0
    zero = {"border": 0, "output_transform": torch.zeros_like, "relative": True}
    assert equivariance_error(torch.clone, torch.clone, x, **zero) == math.inf


def test_bytes_do_not_wrap_complex_keeps_its_phase_and_nan_is_not_hidden() -> None:
    bytes_ = torch.zeros(2, 2, dtype=torch.uint8)
    assert (
        equivariance_error(torch.clone, lambda x: x + 1, bytes_, border=0, output_transform=torch.clone) == 1
    )
    phases = torch.ones(2, 2, dtype=torch.complex64)
    assert equivariance_error(torch.clone, lambda x: 1j * x, phases, output_transform=torch.clone) == 2**0.5
    assert math.isnan(equivariance_error(torch.log, torch.neg, torch.ones(2, 2)))


def test_mistakes_get_one_sentence() -> None:
    with pytest.raises(ValueError, match=r"f\(T x\) has shape \(3, 2\) and T f\(x\) \(2, 3\); if f changes"):
        equivariance_error(torch.clone, torch.t, torch.zeros(2, 3), border=0, output_transform=torch.clone)
    with pytest.raises(
        ValueError, match=r"the output has shape \(4, 4\) and the border is 2: no pixel is left"
    ):
        equivariance_error(torch.clone, torch.neg, torch.zeros(4, 4), border=2)
    with pytest.raises(ValueError, match=r"the output has shape \(0, 4, 4\) and the border is 0: no pixel"):
        equivariance_error(torch.clone, torch.neg, torch.zeros(0, 4, 4), border=0)
    with pytest.raises(ValueError, match="border is -1; it is a number of pixels, at least 0"):
        equivariance_error(torch.clone, torch.neg, torch.zeros(4, 4), border=-1)
    with pytest.raises(ValueError, match=r"f returns shape \(\); it must end in \(height, width\)"):
        equivariance_error(torch.sum, torch.neg, torch.zeros(4, 4), border=0, output_transform=torch.clone)
