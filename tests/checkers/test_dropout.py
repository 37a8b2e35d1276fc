"""The checker of inverted dropout accepts right functions and rejects plausible wrong ones."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from coursekit.checkers.dropout import check_dropout
from coursekit.checkers.reports import CheckFailed


def by_torch(x, p, training):
    return F.dropout(x, p, training)


def by_uniforms(x, p, training):
    return torch.where(torch.rand(x.shape) < p, 0.0, x / (1 - p)) if training else x


def by_numpy(x, p, training):
    keep = np.random.default_rng().random(x.shape) >= p
    return x * torch.from_numpy(keep) / (1 - p) if training else x.clone()


def keep(shape, p):
    return (torch.rand(shape) >= p).float()


def exact_number(x, p):
    flat = x.flatten(1)
    rank = torch.rand(flat.shape).argsort(dim=1).argsort(dim=1)
    return (flat * (rank >= round(p * flat.shape[1])) / (1 - p)).view(x.shape)


def same_each_call(x, p):
    with torch.random.fork_rng():
        torch.manual_seed(3)
        return F.dropout(x, p)


def in_place(x, p):
    return x.mul_(keep(x.shape, p)).div_(1 - p) if p else x


def whole_maps(x, p):
    return F.dropout2d(x, p) if x.ndim == 4 else F.dropout(x, p)


def whole_rows(x, p):
    return x * keep((*x.shape[:-1], 1), p) / (1 - p) if x.ndim == 4 else F.dropout(x, p)


def mean_for_dropped(x, p):
    return torch.where(keep(x.shape, p) > 0, x / (1 - p), x.mean()) if p else x


def few_masks(x, p):
    """Drawn for half of the samples, and used again for the other half."""
    return x * keep((len(x) // 2, *x.shape[1:]), p).repeat(2, *[1] * (x.ndim - 1)) / (1 - p)


WRONG = {
    "not scaled": lambda x, p: x * keep(x.shape, p),
    "scaled by 1 / p": lambda x, p: x * keep(x.shape, p) / p if p else x,
    "scaled by 1 - p": lambda x, p: x * keep(x.shape, p) * (1 - p),
    "p is the share kept": lambda x, p: x * (torch.rand(x.shape) < p) / p if p else x,
    "kept share, right scale": lambda x, p: x * (torch.rand(x.shape) < p) / (1 - p) if p else x,
    "one mask for the batch": lambda x, p: x * keep(x.shape[1:], p) / (1 - p),
    "whole samples": lambda x, p: x * keep((len(x), *[1] * (x.ndim - 1)), p) / (1 - p),
    "whole maps": whole_maps,
    "whole rows of maps": whole_rows,
    "few masks": few_masks,
    "exactly so many": exact_number,
    "the same each call": same_each_call,
    "in place": in_place,
    "half the rate": lambda x, p: x * keep(x.shape, p / 2) / (1 - p),
    "mean value for the dropped": mean_for_dropped,
    "noise": lambda x, p: x * (1 + torch.randn(x.shape) * (p / (1 - p)) ** 0.5),
    "never": lambda x, p: x,
    "flattened": lambda x, p: F.dropout(x, p).flatten(),
    "nothing": lambda x, p: None,
    "an error": lambda x, p: x + "p",
}


@pytest.mark.parametrize("right", [by_torch, by_uniforms, by_numpy])
def test_right_functions_pass(right, capsys) -> None:
    check_dropout(right)
    assert capsys.readouterr().out == f"{right.__name__}: all 20 cases are right.\n"


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_wrong_functions_are_rejected(wrong) -> None:
    def mine(x, p, training):
        return wrong(x, p) if training else x

    with pytest.raises(
        CheckFailed, match=r"^mine\(x of shape \(.*\), 0\.\d, training=True\)(: expected .* came| raised )"
    ):
        check_dropout(mine)


@pytest.mark.parametrize(
    "in_evaluation",
    [lambda x, p: F.dropout(x, p), lambda x, p: x * (1 - p)],
    ids=["as in training", "scaled"],
)
def test_evaluation_must_leave_x_alone(in_evaluation) -> None:
    def mine(x, p, training):
        return F.dropout(x, p) if training else in_evaluation(x, p)

    with pytest.raises(CheckFailed, match=r"training=False\): expected x itself to hold .* came$"):
        check_dropout(mine)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("one mask for the batch", "one mask for all samples"),
        ("few masks", "the same one for several samples"),
        ("whole maps", "units that are always dropped together"),
        ("exactly so many", "a number dropped that varies from sample to sample"),
        ("the same each call", "other units dropped in the second call"),
        ("half the rate", "a share of 20% dropped, give or take 1.4%, but 9"),
        ("in place", "x to stay as it is"),
    ],
)
def test_messages(wrong, message) -> None:
    with pytest.raises(CheckFailed, match=message):
        check_dropout(lambda x, p, training: WRONG[wrong](x, p) if training else x)


def test_outer_random_numbers_are_left_alone() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    check_dropout(by_torch)
    assert torch.equal(torch.rand(3), expected)


def test_not_called() -> None:
    with pytest.raises(CheckFailed, match="pass the function itself"):
        check_dropout(3)  # type: ignore[arg-type]
