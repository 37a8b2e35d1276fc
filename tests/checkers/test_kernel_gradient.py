"""The checker of a kernel's gradient accepts the sum over positions and rejects plausible others."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from coursekit.checkers.kernel_gradient import check_kernel_gradient
from coursekit.checkers.reports import CheckFailed


def collected(image: Tensor, gradient: Tensor) -> Tensor:
    """The sum as it is written, position by position."""
    rows, columns = image.shape[0] - gradient.shape[0] + 1, image.shape[1] - gradient.shape[1] + 1
    total = torch.zeros(rows, columns)
    for a in range(gradient.shape[0]):
        for b in range(gradient.shape[1]):
            total += gradient[a, b] * image[a : a + rows, b : b + columns]
    return total


WRONG = {
    "mean for sum": lambda x, g: collected(x, g) / g.numel(),
    "kernel mirrored": lambda x, g: collected(x, g).flip(0, 1),
    "gradient mirrored": lambda x, g: collected(x, g.flip(0, 1)),
    "transposed": lambda x, g: collected(x, g).T,
    "first position alone": lambda x, g: (
        g[0, 0] * x[: x.shape[0] - g.shape[0] + 1, : x.shape[1] - g.shape[1] + 1]
    ),
    "last row forgotten": lambda x, g: collected(x, F.pad(g[:-1], (0, 0, 0, 1))),
    "sign": lambda x, g: -collected(x, g),
    "of the input": lambda x, g: F.pad(g, (0, 1, 0, 1)),
    "no gradient": lambda x, g: collected(x, torch.ones_like(g)),
    "a number": lambda x, g: collected(x, g).sum(),
}


def test_reference_passes(capsys: pytest.CaptureFixture[str]) -> None:
    check_kernel_gradient(collected)
    check_kernel_gradient(lambda x, g: F.conv2d(x[None, None], g[None, None])[0, 0])
    assert capsys.readouterr().out == "collected: all 9 cases are right.\n<lambda>: all 9 cases are right.\n"


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_wrong_gradients_are_rejected(wrong) -> None:
    with pytest.raises(CheckFailed, match=r"^<lambda>\(.*\): expected the kernel's gradient .* came$"):
        check_kernel_gradient(wrong)


def test_an_error_is_reported_with_its_case() -> None:
    with pytest.raises(CheckFailed, match=r"^<lambda>\(\[\[-?\d+\]\], \[\[-?\d+\]\]\) raised IndexError"):
        check_kernel_gradient(lambda x, g: x[5])
