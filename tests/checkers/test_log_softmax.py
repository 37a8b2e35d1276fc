"""The checker of a safe log-softmax accepts safe forms and rejects plausible others."""

import pytest
import torch
from torch import Tensor

from coursekit.checkers.log_softmax import check_log_softmax
from coursekit.checkers.reports import CheckFailed


def safe(z: Tensor) -> Tensor:
    shifted = z - z.max(dim=1, keepdim=True).values
    return shifted - shifted.exp().sum(dim=1, keepdim=True).log()


def in_place(z: Tensor) -> Tensor:
    z -= z.max(dim=1, keepdim=True).values
    return z - z.exp().sum(dim=1, keepdim=True).log()


def naive(z: Tensor) -> Tensor:
    return z - z.exp().sum(dim=1, keepdim=True).log()


def shifted_by(z: Tensor, shift: Tensor) -> Tensor:
    return (z - shift) - (z - shift).exp().sum(dim=1, keepdim=True).log()


WRONG = {
    "overflows": naive,
    "quotient": lambda z: (z.exp() / z.exp().sum(dim=1, keepdim=True)).log(),
    "log of softmax": lambda z: z.softmax(dim=1).log(),
    "clipped": lambda z: z.softmax(dim=1).clamp(min=1e-12).log(),
    "with epsilon": lambda z: (z.softmax(dim=1) + 1e-8).log(),
    "double, yet naive": lambda z: naive(z.double()).float(),
    "one shift for the batch": lambda z: shifted_by(z, z.max()),
    "shifted by the mean": lambda z: shifted_by(z, z.mean(dim=1, keepdim=True)),
    "shifted by the least": lambda z: shifted_by(z, z.min(dim=1, keepdim=True).values),
    "over the batch": lambda z: z.log_softmax(dim=0),
    "over all": lambda z: z.flatten().log_softmax(dim=0).view_as(z),
    "softmax": lambda z: z.softmax(dim=1),
    "base 2": lambda z: safe(z) / torch.tensor(2.0).log(),
    "only shifted": lambda z: z - z.max(dim=1, keepdim=True).values,
    "largest alone": lambda z: safe(z).max(dim=1).values,
    "sign": lambda z: -safe(z),
}


def test_reference_passes(capsys: pytest.CaptureFixture[str]) -> None:
    check_log_softmax(safe)
    check_log_softmax(lambda z: z.log_softmax(dim=1))
    check_log_softmax(lambda z: z - z.logsumexp(dim=1, keepdim=True))
    check_log_softmax(lambda z: (z.double() - z.double().logsumexp(dim=1, keepdim=True)).numpy())
    lines = capsys.readouterr().out.splitlines()
    assert lines == [f"{name}: all 13 cases are right." for name in ("safe", *["<lambda>"] * 3)]


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_wrong_logarithms_are_rejected(wrong) -> None:
    with pytest.raises(CheckFailed, match=r"^\S+\(\[\[.*\]\]\): expected log-probabilities .* came$"):
        check_log_softmax(wrong)


def test_changed_scores_are_rejected() -> None:
    with pytest.raises(
        CheckFailed, match=r"^in_place\(\[\[3\.0\]\]\): expected the scores to stay as they are"
    ):
        check_log_softmax(in_place)


def test_not_a_number_is_named() -> None:
    with pytest.raises(
        CheckFailed, match=r"expected log-probabilities to hold -100 at \[0, 0\], but -inf came$"
    ):
        check_log_softmax(naive)


def test_an_error_is_reported_with_its_case() -> None:
    with pytest.raises(CheckFailed, match=r"^<lambda>\(\[\[0\.0, 0\.0\]\]\) raised IndexError"):
        check_log_softmax(lambda z: z.log_softmax(dim=5))
