"""The checker of an LSTM step accepts right functions and rejects plausible wrong ones."""

import warnings

import numpy as np
import pytest
import torch
from torch import sigmoid, tanh

from coursekit.checkers.lstm_step import check_lstm_step
from coursekit.checkers.reports import CheckFailed


def parts(x, h, w, u, b):
    return (x @ w.T + h @ u.T + b).chunk(4, dim=1)


def step(x, h, c, w, u, b):
    i, f, g, o = parts(x, h, w, u, b)
    c = sigmoid(f) * c + sigmoid(i) * tanh(g)
    return sigmoid(o) * tanh(c), c


def in_place(x, h, c, w, u, b):
    i, f, g, o = parts(x, h, w, u, b)
    c.mul_(f.sigmoid_()).add_(i.sigmoid_() * g.tanh_())
    h.copy_(o.sigmoid_() * c.tanh())
    return [h, c]


def in_numpy(x, h, c, w, u, b):
    x, h, c, w, u, b = (np.asarray(given) for given in (x, h, c, w, u, b))
    i, f, g, o = np.split(x @ w.T + h @ u.T + b, 4, axis=1)
    with np.errstate(over="ignore"):
        i, f, o = (1 / (1 + np.exp(-a)) for a in (i, f, o))
    c = f * c + i * np.tanh(g)
    return o * np.tanh(c), c


def gate_by_gate(x, h, c, w, u, b):
    d = c.shape[1]
    i, f, g, o = (
        x @ w[k * d : (k + 1) * d].T + h @ u[k * d : (k + 1) * d].T + b[k * d : (k + 1) * d] for k in range(4)
    )
    c = sigmoid(f) * c + sigmoid(i) * tanh(g)
    return sigmoid(o) * tanh(c), c


def other_order(x, h, c, w, u, b):
    """The order i, f, o, g of other libraries."""
    i, f, o, g = parts(x, h, w, u, b)
    c = sigmoid(f) * c + sigmoid(i) * tanh(g)
    return sigmoid(o) * tanh(c), c


def forget_first(x, h, c, w, u, b):
    f, i, g, o = parts(x, h, w, u, b)
    c = sigmoid(f) * c + sigmoid(i) * tanh(g)
    return sigmoid(o) * tanh(c), c


def logistic_candidate(x, h, c, w, u, b):
    i, f, g, o = parts(x, h, w, u, b)
    c = sigmoid(f) * c + sigmoid(i) * sigmoid(g)
    return sigmoid(o) * tanh(c), c


def bare_memory(x, h, c, w, u, b):
    i, f, g, o = parts(x, h, w, u, b)
    c = sigmoid(f) * c + sigmoid(i) * tanh(g)
    return sigmoid(o) * c, c


def no_forgetting(x, h, c, w, u, b):
    i, _, g, o = parts(x, h, w, u, b)
    c = c + sigmoid(i) * tanh(g)
    return sigmoid(o) * tanh(c), c


def coupled(x, h, c, w, u, b):
    """A forget gate that is what the input gate leaves."""
    i, _, g, o = parts(x, h, w, u, b)
    c = (1 - sigmoid(i)) * c + sigmoid(i) * tanh(g)
    return sigmoid(o) * tanh(c), c


def open_input(x, h, c, w, u, b):
    _, f, g, o = parts(x, h, w, u, b)
    c = sigmoid(f) * c + tanh(g)
    return sigmoid(o) * tanh(c), c


def old_memory(x, h, c, w, u, b):
    i, f, g, o = parts(x, h, w, u, b)
    return sigmoid(o) * tanh(c), sigmoid(f) * c + sigmoid(i) * tanh(g)


def peephole(x, h, c, w, u, b):
    i, f, g, o = parts(x, h, w, u, b)
    c = sigmoid(f + c) * c + sigmoid(i) * tanh(g)
    return sigmoid(o) * tanh(c), c


def bias_twice(x, h, c, w, u, b):
    return step(x, h, c, w, u, 2 * b)


def overflowing(x, h, c, w, u, b):
    i, f, g, o = parts(x, h, w, u, b)
    i, f, o = (a.exp() / (1 + a.exp()) for a in (i, f, o))
    c = f * c + i * tanh(g)
    return o * tanh(c), c


WRONG = {
    "another order": other_order,
    "forget gate first": forget_first,
    "logistic candidate": logistic_candidate,
    "memory without tanh": bare_memory,
    "nothing forgotten": no_forgetting,
    "coupled gates": coupled,
    "no input gate": open_input,
    "old memory shown": old_memory,
    "peephole": peephole,
    "bias twice": bias_twice,
    "no bias": lambda x, h, c, w, u, b: step(x, h, c, w, u, 0 * b),
    "no recurrence": lambda x, h, c, w, u, b: step(x, 0 * h, c, w, u, b),
    "memory for output": lambda x, h, c, w, u, b: step(x, c, c, w, u, b),
    "output for memory": lambda x, h, c, w, u, b: step(x, h, h, w, u, b),
    "overflow": overflowing,
    "the other way round": lambda *given: step(*given)[::-1],
    "output alone": lambda *given: step(*given)[0],
    "three of them": lambda *given: (*step(*given), None),
    "single precision": lambda *given: tuple(t.double() for t in step(*(x.float() for x in given))),
    "one sequence alone": lambda *given: tuple(t[:1] for t in step(*given)),
    "weights not transposed": lambda x, h, c, w, u, b: step(x, h, c, w.T, u.T, b),
    "gates across sequences": lambda x, h, c, w, u, b: step(x.flip(0), h, c, w, u, b),
    "nothing": lambda *given: None,
    "an error": lambda *given: 1 / 0,
}


@pytest.mark.parametrize("right", [step, in_place, in_numpy, gate_by_gate])
def test_right_functions_pass(right, capsys) -> None:
    check_lstm_step(right)
    assert capsys.readouterr().out == f"{right.__name__}: all 13 cases are right.\n"


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_wrong_functions_are_rejected(wrong) -> None:
    def mine(*given):
        return wrong(*given)

    with pytest.raises(
        CheckFailed,
        match=r"^mine\(x, h, c, w, u, b for n = \d, e = \d, d = \d, word \d\)(: expected .* came| raised )",
    ):
        check_lstm_step(mine)


def test_what_the_messages_say() -> None:
    with pytest.raises(
        CheckFailed, match=r"word 1\): expected a pair \(output, memory\), but a Tensor came$"
    ):
        check_lstm_step(lambda *given: torch.zeros(1, 1))
    with pytest.raises(CheckFailed, match=r"expected the memory of shape \(1, 1\), but shape \(1, 2\) came$"):
        check_lstm_step(lambda x, h, c, w, u, b: (h, torch.zeros(1, 2)))
    with pytest.raises(CheckFailed, match=r"expected the memory to hold \S+ at \[0, 0\], but 0 came$"):
        check_lstm_step(lambda x, h, c, w, u, b: (h, c))
    with pytest.raises(CheckFailed, match=r"expected the output to hold \S+ at \[0, 0\], but 7 came$"):
        check_lstm_step(lambda *given: (torch.full((1, 1), 7.0), step(*given)[1]))
    with pytest.raises(CheckFailed, match=r"raised ZeroDivisionError: division by zero$"):
        check_lstm_step(lambda *given: 1 / 0)


def test_the_checker_says_nothing_else_and_keeps_the_random_state() -> None:
    before = torch.random.get_rng_state()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_lstm_step(step)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_not_called() -> None:
    with pytest.raises(CheckFailed, match="pass the function itself"):
        check_lstm_step(3)  # type: ignore[arg-type]
