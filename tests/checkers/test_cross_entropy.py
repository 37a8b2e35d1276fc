"""The checker of the cross-entropy's gradient accepts p − y over n and rejects plausible others."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from coursekit.checkers.cross_entropy import check_cross_entropy_gradient
from coursekit.checkers.reports import CheckFailed


def one_hot(scores: Tensor, labels: Tensor) -> Tensor:
    return F.one_hot(labels, scores.shape[1]).float()


def by_hand(scores: Tensor, labels: Tensor) -> Tensor:
    return (scores.softmax(dim=1) - one_hot(scores, labels)) / len(labels)


def by_index(scores: Tensor, labels: Tensor) -> Tensor:
    shifted = (scores - scores.max(dim=1, keepdim=True).values).exp()
    found = shifted / shifted.sum(dim=1, keepdim=True)
    found[range(len(labels)), labels] -= 1
    return found / len(labels)


def of_squares(scores: Tensor, labels: Tensor) -> Tensor:
    leaf = scores.clone().requires_grad_()
    loss = (leaf.softmax(dim=1) - one_hot(scores, labels)).square().sum(dim=1).mean()
    return torch.autograd.grad(loss, leaf)[0]


def clipped(scores: Tensor, labels: Tensor) -> Tensor:
    leaf = scores.clone().requires_grad_()
    loss = F.nll_loss(leaf.softmax(dim=1).clamp(min=1e-12).log(), labels)
    return torch.autograd.grad(loss, leaf)[0]


def naive(scores: Tensor, labels: Tensor) -> Tensor:
    return (scores.exp() / scores.exp().sum(dim=1, keepdim=True) - one_hot(scores, labels)) / len(labels)


def in_place(scores: Tensor, labels: Tensor) -> Tensor:
    found = by_hand(scores, labels)
    scores -= scores.max()
    return found


WRONG = {
    "overflows": naive,
    "clipped": clipped,
    "squared error": of_squares,
    "sum over the batch": lambda z, y: by_hand(z, y) * len(y),
    "mean over the classes too": lambda z, y: by_hand(z, y) / z.shape[1],
    "sign": lambda z, y: -by_hand(z, y),
    "label forgotten": lambda z, y: z.softmax(dim=1) / len(y),
    "of the scores": lambda z, y: (z - one_hot(z, y)) / len(y),
    "over the batch": lambda z, y: (z.softmax(dim=0) - one_hot(z, y)) / len(y),
    "first label for all": lambda z, y: by_hand(z, y[:1].expand(len(y))),
    "true class alone": lambda z, y: by_hand(z, y) * one_hot(z, y),
    "in the probabilities": lambda z, y: -one_hot(z, y) / z.softmax(dim=1) / len(y),
    "mean gradient": lambda z, y: by_hand(z, y).mean(dim=0),
}


def test_reference_passes(capsys: pytest.CaptureFixture[str]) -> None:
    check_cross_entropy_gradient(by_hand)
    check_cross_entropy_gradient(by_index)
    lines = capsys.readouterr().out.splitlines()
    assert lines == [f"{name}: all 9 cases are right." for name in ("by_hand", "by_index")]


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_wrong_gradients_are_rejected(wrong) -> None:
    with pytest.raises(CheckFailed, match=r"^\S+\(\[\[.*\]\], \[.*\]\): expected the gradient .* came$"):
        check_cross_entropy_gradient(wrong)


def test_changed_scores_are_rejected() -> None:
    with pytest.raises(CheckFailed, match=r"^in_place\(.*\): expected the scores to stay as they are, but"):
        check_cross_entropy_gradient(in_place)


def test_an_error_is_reported_with_its_case() -> None:
    with pytest.raises(CheckFailed, match=r"^<lambda>\(\[\[0\.0, 0\.0\]\], \[0\]\) raised RuntimeError"):
        check_cross_entropy_gradient(lambda z, y: z @ z)
