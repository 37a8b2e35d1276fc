"""The checker of a sliding linear layer accepts the convolution and rejects plausible others."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from coursekit.checkers.reports import CheckFailed
from coursekit.checkers.sliding_linear import check_sliding_linear


def convolution(weight: Tensor, bias: Tensor, maps: Tensor, window: tuple[int, int]) -> Tensor:
    return F.conv2d(maps, weight.view(len(weight), maps.shape[1], *window), bias)


def unfolded(weight: Tensor, bias: Tensor, maps: Tensor, window: tuple[int, int]) -> Tensor:
    """The patches as columns, and one matrix product."""
    found = weight @ F.unfold(maps, window) + bias[:, None]
    return found.unflatten(2, (maps.shape[2] - window[0] + 1, maps.shape[3] - window[1] + 1))


WRONG = {
    "no bias": lambda w, b, x, s: convolution(w, 0 * b, x, s),
    "kernel mirrored": lambda w, b, x, s: F.conv2d(x, w.view(len(w), x.shape[1], *s).flip(2, 3), b),
    "channels last": lambda w, b, x, s: F.conv2d(x, w.view(len(w), *s, x.shape[1]).permute(0, 3, 1, 2), b),
    "rows and columns swapped": lambda w, b, x, s: F.conv2d(
        x, w.view(len(w), x.shape[1], *s[::-1]).transpose(2, 3), b
    ),
    "one position": lambda w, b, x, s: F.linear(x[:, :, : s[0], : s[1]].flatten(1), w, b)[:, :, None, None],
    "last position for all": lambda w, b, x, s: convolution(w, b, x, s)[:, :, -1:, -1:].expand_as(
        convolution(w, b, x, s)
    ),
    "windows that do not overlap": lambda w, b, x, s: F.conv2d(
        x, w.view(len(w), x.shape[1], *s), b, stride=s
    ),
    "padded": lambda w, b, x, s: F.conv2d(x, w.view(len(w), x.shape[1], *s), b, padding=1),
    "first image for all": lambda w, b, x, s: convolution(w, b, x[:1].expand_as(x), s),
    "outputs last": lambda w, b, x, s: convolution(w, b, x, s).movedim(1, -1),
    "with ReLU": lambda w, b, x, s: convolution(w, b, x, s).relu(),
    "a number": lambda w, b, x, s: convolution(w, b, x, s).sum(),
}


def test_reference_passes(capsys: pytest.CaptureFixture[str]) -> None:
    check_sliding_linear(convolution)
    check_sliding_linear(unfolded)
    assert (
        capsys.readouterr().out == "convolution: all 9 cases are right.\nunfolded: all 9 cases are right.\n"
    )


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_wrong_outputs_are_rejected(wrong) -> None:
    with pytest.raises(CheckFailed, match=r"^<lambda>\(.*\): expected the outputs .* came$"):
        check_sliding_linear(wrong)


def test_small_cases_are_shown_with_their_numbers() -> None:
    case = r"\[\[-?\d\]\], \[-?\d\], \[\[-?\d\]\], \(1, 1\)"
    with pytest.raises(CheckFailed, match=rf"^<lambda>\({case}\): expected the outputs to hold .* came$"):
        check_sliding_linear(lambda w, b, x, s: convolution(w, b, x, s) + 1)


def test_large_cases_are_shown_by_their_shapes() -> None:
    def right_for_one_channel(w: Tensor, b: Tensor, x: Tensor, s: tuple[int, int]) -> Tensor:
        return convolution(w, b, x, s) + float(x.shape[1] > 2)

    expected = r"^right_for_one_channel\(weight 2×18, bias, maps 2×3×4×5, \(3, 2\)\): expected"
    with pytest.raises(CheckFailed, match=expected):
        check_sliding_linear(right_for_one_channel)


def test_an_error_is_reported_with_its_case() -> None:
    with pytest.raises(CheckFailed, match=r"^<lambda>\(.*\) raised IndexError"):
        check_sliding_linear(lambda w, b, x, s: torch.zeros(0)[3])
