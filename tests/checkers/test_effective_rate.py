"""The checker of matched learning rates accepts the right formula and rejects plausible wrong ones."""

import pytest
import torch

from coursekit.checkers.effective_rate import check_matched_rate
from coursekit.checkers.reports import CheckFailed


def matched_rate(rate, momentum, batch_size, new_momentum, new_batch_size):
    return rate * (1 - new_momentum) / (1 - momentum) * new_batch_size / batch_size


WRONG = {
    "unchanged": lambda rate, *_: rate,
    "batch forgotten": lambda r, m, b, n, c: r * (1 - n) / (1 - m),
    "batch the wrong way round": lambda r, m, b, n, c: r * (1 - n) / (1 - m) * b / c,
    "momentum forgotten": lambda r, m, b, n, c: r * c / b,
    "momentum the wrong way round": lambda r, m, b, n, c: r * (1 - m) / (1 - n) * c / b,
    "1 + momentum": lambda r, m, b, n, c: r * (1 + n) / (1 + m) * c / b,
    "momenta themselves": lambda r, m, b, n, c: r * (m / n if n else 1) * c / b,
    "root of the batch": lambda r, m, b, n, c: r * (1 - n) / (1 - m) * (c / b) ** 0.5,
    "dampened": lambda r, m, b, n, c: r * c / b * (1 - n) ** 2 / (1 - m) ** 2,
    "the step, not the rate": lambda r, m, b, n, c: r / (1 - m) / b,
    "rounded": lambda r, m, b, n, c: round(matched_rate(r, m, b, n, c), 4),
    "no number": lambda *_: None,
    "text": lambda *_: "a rate",
}


def test_reference_passes(capsys) -> None:
    check_matched_rate(matched_rate)
    check_matched_rate(lambda *a: torch.tensor(matched_rate(*a), dtype=torch.float64))
    assert capsys.readouterr().out == (
        "matched_rate: all 9 cases are right.\n<lambda>: all 9 cases are right.\n"
    )


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_wrong_rates_are_rejected(wrong) -> None:
    def mine(*arguments):
        return wrong(*arguments)

    with pytest.raises(CheckFailed, match=r"^mine\(.*\): expected the learning rate .* came$"):
        check_matched_rate(mine)


def test_sentences() -> None:
    with pytest.raises(CheckFailed) as failure:
        check_matched_rate(WRONG["batch forgotten"])
    assert str(failure.value) == (
        "<lambda>(0.001, 0.9, 64, 0.9, 128): expected the learning rate 0.002, but 0.001 came"
    )
    with pytest.raises(CheckFailed, match="a NoneType came"):
        check_matched_rate(WRONG["no number"])
