"""The checker of gradient clipping accepts right functions and rejects plausible wrong ones."""

import numpy as np
import pytest
import torch
from torch import nn

from coursekit.checkers.clipping import check_clipping
from coursekit.checkers.reports import CheckFailed


def norm_of(gradients):
    return torch.cat([g.flatten() for g in gradients]).norm()


def by_hand(gradients, max_norm):
    norm = norm_of(gradients)
    return gradients if norm <= max_norm else [max_norm / norm * g for g in gradients]


def in_place(gradients, max_norm):
    norm = norm_of(gradients)
    if norm > max_norm:
        for g in gradients:
            g.mul_(max_norm / norm)
    return tuple(gradients)


def by_torch(gradients, max_norm):
    parameters = [nn.Parameter(torch.zeros_like(g)) for g in gradients]
    for parameter, g in zip(parameters, gradients, strict=True):
        parameter.grad = g
    nn.utils.clip_grad_norm_(parameters, max_norm)
    return [parameter.grad for parameter in parameters]


def in_numpy(gradients, max_norm):
    arrays = [g.numpy() for g in gradients]
    norm = np.sqrt(sum((a**2).sum() for a in arrays))
    return [a * min(1.0, max_norm / max(norm, 1e-12)) for a in arrays]


WRONG = {
    "each alone": lambda gradients, c: [by_hand([g], c)[0] for g in gradients],
    "each value": lambda gradients, c: [g.clamp(-c, c) for g in gradients],
    "always to the norm": lambda gradients, c: [
        c / norm_of(gradients).clamp(min=1e-9) * g for g in gradients
    ],
    "not at all": lambda gradients, c: gradients,
    "unit norm": lambda gradients, c: [
        g / norm_of(gradients) if norm_of(gradients) > c else g for g in gradients
    ],
    "divided by the bound": lambda gradients, c: [g / max(1, norm_of(gradients) / c) / c for g in gradients],
    "norm not rooted": lambda gradients, c: [g * min(1.0, c / norm_of(gradients) ** 2) for g in gradients],
    "sum of norms": lambda gradients, c: [
        g * min(1.0, c / max(sum(float(x.norm()) for x in gradients), 1e-12)) for g in gradients
    ],
    "absolute values": lambda gradients, c: [
        g * min(1.0, c / max(sum(float(x.abs().sum()) for x in gradients), 1e-12)) for g in gradients
    ],
    "largest value": lambda gradients, c: [
        g * min(1.0, c / max(max(float(x.abs().max()) for x in gradients), 1e-12)) for g in gradients
    ],
    "zero when too long": lambda gradients, c: [g * (norm_of(gradients) <= c) for g in gradients],
    "not a number at zero": lambda gradients, c: [
        g * (c / norm_of(gradients)).clamp(max=1) * norm_of(gradients) / norm_of(gradients) for g in gradients
    ],
    "the wrong way": lambda gradients, c: [-g for g in by_hand(gradients, c)],
    "one tensor": lambda gradients, c: by_hand(gradients, c)[0],
    "the first alone": lambda gradients, c: by_hand(gradients, c)[:1],
    "nothing": lambda gradients, c: None,
    "an error": lambda gradients, c: 1 / 0,
}


@pytest.mark.parametrize("right", [by_hand, in_place, by_torch, in_numpy])
def test_right_functions_pass(right, capsys) -> None:
    check_clipping(right)
    assert capsys.readouterr().out == f"{right.__name__}: all 7 cases are right.\n"


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_wrong_functions_are_rejected(wrong) -> None:
    def mine(*given):
        return wrong(*given)

    with pytest.raises(
        CheckFailed, match=r"^mine\(gradients of \(.* in all, .*\)(: expected .* came| raised )"
    ):
        check_clipping(mine)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("nothing", "expected a list of tensors, but a NoneType came"),
        ("the first alone", "expected 2 tensors, but 1 came"),
        ("not at all", r"expected gradient 1 to hold .* at \[0\]"),
    ],
)
def test_the_message_says_what_is_wrong(wrong, said) -> None:
    with pytest.raises(CheckFailed, match=said):
        check_clipping(WRONG[wrong])


def test_not_called() -> None:
    with pytest.raises(CheckFailed, match="pass the function itself"):
        check_clipping(3)  # type: ignore[arg-type]
