"""The checkers on a CNN's size accept right answers and reject plausible wrong ones."""

from itertools import pairwise

import pytest
import torch
from torch import nn

from coursekit.checkers import CheckFailed
from coursekit.checkers.sizes import check_cnn_parameters, check_merged_copies


def parameters(filters, kernel_size, hidden, *, inputs=1, positions=16, bias=1, classes=10) -> int:
    kernels = sum(b * (a * kernel_size**2 + bias) for a, b in pairwise((inputs, *filters)))
    return kernels + sum(b * (a + bias) for a, b in pairwise((positions * filters[-1], *hidden, classes)))


def without_input_channels(filters, kernel_size, hidden) -> int:
    channels = sum(b * (kernel_size**2 + 1) for b in filters)
    return channels + parameters(filters, 0, hidden) - sum(filters)


def one_square_missing(filters, kernel_size, hidden) -> int:
    kernels = sum(b * (a * kernel_size + 1) for a, b in pairwise((1, *filters)))
    return kernels + parameters(filters, 0, hidden) - sum(filters)


WRONG_COUNTS = {
    "no biases": lambda f, k, h: parameters(f, k, h, bias=0),
    "input channels left out": without_input_channels,
    "kernel's side not squared": one_square_missing,
    "28×28 positions instead of 4×4": lambda f, k, h: parameters(f, k, h, positions=784),
    "one position": lambda f, k, h: parameters(f, k, h, positions=1),
    "three input channels": lambda f, k, h: parameters(f, k, h, inputs=3),
    "a bias less": lambda f, k, h: parameters(f, k, h) - 1,
    "output layer forgotten": lambda f, k, h: parameters(f, k, h) - 10 * ((16 * f[-1], *h)[-1] + 1),
    "filters backwards": lambda f, k, h: parameters(f[::-1], k, h),
    "hidden widths backwards": lambda f, k, h: parameters(f, k, h[::-1]),
    "always two hidden layers": lambda f, k, h: parameters(f, k, (256, 256)),
    "a text": lambda f, k, h: f"{parameters(f, k, h):,}",
    "a fraction": lambda f, k, h: parameters(f, k, h) / 1,
}


def test_right_counts_pass(capsys) -> None:
    check_cnn_parameters(parameters)
    assert capsys.readouterr().out == "parameters: all 11 cases are right.\n"


@pytest.mark.parametrize("wrong", WRONG_COUNTS.values(), ids=WRONG_COUNTS)
def test_wrong_counts_are_rejected(wrong) -> None:
    def mine(filters, kernel_size, hidden):
        return wrong(filters, kernel_size, hidden)

    with pytest.raises(CheckFailed, match=r"^mine\(\(.*\), \d+, \(.*\)\): expected .* came$"):
        check_cnn_parameters(mine)


def test_sentence_shows_both_numbers() -> None:
    with pytest.raises(CheckFailed) as failure:
        check_cnn_parameters(WRONG_COUNTS["no biases"])
    assert str(failure.value) == "<lambda>((1,), 1, ()): expected 172, but 161 came"


def make(weight, bias) -> nn.Linear:
    small = nn.Linear(weight.shape[1], weight.shape[0], bias=bias is not None)
    with torch.no_grad():
        small.weight.copy_(weight)
        if bias is not None:
            small.bias.copy_(bias)
    return small


def merged(linear: nn.Linear, copies: int) -> nn.Linear:
    return make(linear.weight.unflatten(1, (-1, copies)).sum(dim=2), linear.bias)


def spoiled(linear: nn.Linear, copies: int) -> nn.Linear:
    small = merged(linear, copies)
    with torch.no_grad():
        linear.weight.zero_()
    return small


WRONG_LAYERS = {
    "copies taken for far apart": lambda one, n: make(one.weight.unflatten(1, (n, -1)).sum(1), one.bias),
    "mean for sum": lambda one, n: make(one.weight.unflatten(1, (-1, n)).mean(2), one.bias),
    "first copy alone": lambda one, n: make(one.weight[:, ::n], one.bias),
    "bias forgotten": lambda one, n: make(merged(one, n).weight, None),
    "bias summed": lambda one, n: make(merged(one, n).weight, n * one.bias),
    "the layer itself": lambda one, n: one,
    "the weights": lambda one, n: merged(one, n).weight,
    "nothing": lambda one, n: None,
    "weights turned": lambda one, n: make(merged(one, n).weight.T, None),
    "a random layer of the right shape": lambda one, n: nn.Linear(one.in_features // n, one.out_features),
    "the given layer spoiled": spoiled,
}


def test_right_layers_pass(capsys) -> None:
    check_merged_copies(merged)
    check_merged_copies(lambda one, n: merged(one, n).double())
    assert capsys.readouterr().out == "merged: all 9 cases are right.\n<lambda>: all 9 cases are right.\n"


@pytest.mark.parametrize("wrong", WRONG_LAYERS.values(), ids=WRONG_LAYERS)
def test_wrong_layers_are_rejected(wrong) -> None:
    def mine(linear: nn.Linear, copies: int) -> object:
        return wrong(linear, copies)

    with pytest.raises(CheckFailed, match=r"^mine\(Linear\(\d+, \d+\), \d+\): expected .* came$"):
        check_merged_copies(mine)


def test_an_exception_in_the_function_is_told() -> None:
    with pytest.raises(CheckFailed, match=r"^<lambda>\(Linear\(1, 1\), 1\) raised TypeError: "):
        check_merged_copies(lambda linear, copies: linear + copies)
