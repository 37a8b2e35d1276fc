"""The checker of a momentum step accepts right functions and rejects plausible wrong ones."""

import numpy as np
import pytest
import torch

from coursekit.checkers.momentum import check_momentum_step
from coursekit.checkers.reports import CheckFailed


def step(w, v, gradient, learning_rate, momentum):
    v = momentum * v + gradient
    return w - learning_rate * v, v


def in_place(w, v, gradient, learning_rate, momentum):
    v.mul_(momentum).add_(gradient)
    w.sub_(learning_rate * v)
    return [w, v]


def in_numpy(w, v, gradient, learning_rate, momentum):
    v = momentum * np.asarray(v) + np.asarray(gradient)
    return np.asarray(w) - learning_rate * v, v


def rate_inside(w, v, g, lr, a):
    v = a * v - lr * g
    return w + v, v


def rate_inside_scaled(w, v, g, lr, a):
    """The right velocity, and parameters that move by the other form's, as if the rate had not changed."""
    return w - lr * g - 0.1 * a * v, a * v + g


def averaged(w, v, g, lr, a):
    v = a * v + (1 - a) * g
    return w - lr * v, v


def nesterov(w, v, g, lr, a):
    v = a * v + g
    return w - lr * (g + a * v), v


WRONG = {
    "rate inside": rate_inside,
    "rate inside, velocity right": rate_inside_scaled,
    "averaged": averaged,
    "Nesterov": nesterov,
    "uphill": lambda w, v, g, lr, a: (w + lr * (a * v + g), a * v + g),
    "old velocity": lambda w, v, g, lr, a: (w - lr * v, a * v + g),
    "velocity not kept": lambda w, v, g, lr, a: (w - lr * (a * v + g), v),
    "no momentum": lambda w, v, g, lr, a: (w - lr * g, g),
    "momentum on the gradient": lambda w, v, g, lr, a: (w - lr * (v + a * g), v + a * g),
    "terminal factor": lambda w, v, g, lr, a: (w - lr / (1 - a) * g, a * v + g),
    "the other way round": lambda *given: step(*given)[::-1],
    "one tensor": lambda *given: step(*given)[0],
    "single precision": lambda *given: tuple(x.float().double() for x in step(*given)),
    "nothing": lambda *given: None,
    "an error": lambda w, v, g, lr, a: 1 / 0,
}


@pytest.mark.parametrize("right", [step, in_place, in_numpy])
def test_right_functions_pass(right, capsys) -> None:
    check_momentum_step(right)
    assert capsys.readouterr().out == f"{right.__name__}: all 20 cases are right.\n"


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_wrong_functions_are_rejected(wrong) -> None:
    def mine(*given):
        return wrong(*given)

    with pytest.raises(
        CheckFailed, match=r"^mine\(w, v, gradient, .*, step \d from v = 0\)(: expected .* came| raised )"
    ):
        check_momentum_step(mine)


def test_one_tensor_is_no_pair() -> None:
    with pytest.raises(CheckFailed, match=r"expected a pair \(parameters, velocity\), but a Tensor came"):
        check_momentum_step(lambda w, v, g, lr, a: torch.zeros(3))


def test_not_called() -> None:
    with pytest.raises(CheckFailed, match="pass the function itself"):
        check_momentum_step(3)  # type: ignore[arg-type]
