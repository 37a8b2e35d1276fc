"""The checker of GloVe's loss accepts right functions and rejects plausible wrong ones."""

from math import log

import pytest
import torch

from coursekit.checkers.glove import CASES, check_glove_loss
from coursekit.checkers.reports import CheckFailed


def by_pairs(counts, words, contexts, word_biases, context_biases, x_max, power):
    i, j = counts.nonzero(as_tuple=True)
    x = counts[i, j]
    error = (words[i] * contexts[j]).sum(dim=1) + word_biases[i] + context_biases[j] - x.log()
    return ((x / x_max).clamp(max=1) ** power * error**2).sum()


def dense(counts, words, contexts, word_biases, context_biases, x_max, power):
    weight = (counts / x_max).clamp(max=1) ** power
    target = torch.where(counts > 0, counts, 1.0).log()
    error = words @ contexts.T + word_biases[:, None] + context_biases - target
    return (weight * error**2).sum()


def in_a_loop(counts, words, contexts, word_biases, context_biases, x_max, power):
    total = torch.zeros(1, dtype=torch.float64).squeeze()
    for i in range(len(words)):
        for j in range(len(contexts)):
            x = counts[i, j].item()
            if x > 0:
                error = words[i].dot(contexts[j]) + word_biases[i] + context_biases[j] - log(x)
                total = total + min(1, x / x_max) ** power * error.square()
    return total


def variant(*, x_weight=None, target=None, reduce="sum", transpose=False, biases=True, square=True):
    """The dense form with one thing changed."""

    def wrong(counts, words, contexts, word_biases, context_biases, x_max, power):
        weight = (x_weight or (lambda x: (x / x_max).clamp(max=1) ** power))(counts)
        safe = torch.where(counts > 0, counts, 1.0)
        error = words @ contexts.T - (target or torch.log)(safe)
        if biases:
            error = error + word_biases[:, None] + context_biases
        return getattr(weight * (error**2 if square else error.abs()), reduce)()

    return wrong


def log_of_zero(counts, words, contexts, word_biases, context_biases, x_max, power):
    error = words @ contexts.T + word_biases[:, None] + context_biases - counts.log()
    return ((counts / x_max).clamp(max=1) ** power * error**2).sum()


def masked_too_late(counts, words, contexts, word_biases, context_biases, x_max, power):
    """The right loss, and a gradient that is not a number: 0 times infinity."""
    error = words @ contexts.T + word_biases[:, None] + context_biases - counts.log()
    terms = (counts / x_max).clamp(max=1) ** power * error**2
    return torch.where(counts > 0, terms, 0.0).sum()


def zeros_count(counts, words, contexts, word_biases, context_biases, x_max, power):
    error = words @ contexts.T + word_biases[:, None] + context_biases - counts.log1p()
    return (torch.where(counts > x_max, 1.0, (counts / x_max) ** power) * error**2).sum()


def one_bias(counts, words, contexts, word_biases, context_biases, x_max, power):
    return by_pairs(counts, words, contexts, word_biases, 0 * context_biases, x_max, power)


def constant_words(counts, words, contexts, word_biases, context_biases, x_max, power):
    return by_pairs(counts, words.detach(), contexts, word_biases, context_biases, x_max, power)


WRONG = {
    "log of zero": log_of_zero,
    "masked too late": masked_too_late,
    "log(1 + x)": zeros_count,
    "one bias": one_bias,
    "no gradient for the words": constant_words,
    "no biases": variant(biases=False),
    "mean": variant(reduce="mean"),
    "absolute error": variant(square=False),
    "no weight": variant(x_weight=lambda x: (x > 0).double()),
    "not capped": variant(x_weight=lambda x: (x / 100) ** 0.75),
    "power forgotten": variant(x_weight=lambda x: (x / 100).clamp(max=1)),
    "settings ignored": variant(x_weight=lambda x: (x / 100).clamp(max=1) ** 0.75),
    "log to base 2": variant(target=torch.log2),
    "counts, not logs": variant(target=lambda x: x),
    "a float": lambda *given: by_pairs(*given).item(),
    "nothing": lambda *given: None,
    "an error": lambda *given: given[0] @ given[1],
}


@pytest.mark.parametrize("right", [by_pairs, dense, in_a_loop])
def test_right_functions_pass(right, capsys) -> None:
    check_glove_loss(right)
    assert capsys.readouterr().out == f"{right.__name__}: all {len(CASES)} cases are right.\n"


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_wrong_functions_are_rejected(wrong) -> None:
    def mine(*given):
        return wrong(*given)

    with pytest.raises(
        CheckFailed, match=r"^mine\(counts \d×\d, \d+ of them 0, …, .*\)(: exp.* came| raised )"
    ):
        check_glove_loss(mine)


def test_a_float_has_no_gradient() -> None:
    with pytest.raises(CheckFailed, match="that can be differentiated, but a float that cannot came"):
        check_glove_loss(lambda *given: by_pairs(*given).item())


def test_infinite_times_zero_is_named() -> None:
    with pytest.raises(CheckFailed, match=r"the gradient for the words to hold .* but nan came"):
        check_glove_loss(masked_too_late)


def test_not_called() -> None:
    with pytest.raises(CheckFailed, match="pass the function itself"):
        check_glove_loss(3.5)  # type: ignore[arg-type]
