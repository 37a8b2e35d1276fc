"""Checkers of the norms of gradients and Jacobians."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from coursekit.checkers.reports import Trial


def _numbers(*values: float) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)


A, B = _numbers(1, 2, -1, 3, 0, 1).view(2, 3), _numbers(0, 2, -1, 1).view(2, 2)

# What the function is called, the function, its arguments, and the squared norm of its gradient, smallest
# first. The last one does not depend on its second argument.
GRADIENTS: tuple[tuple[str, Callable[..., Tensor], tuple[Tensor, ...], float], ...] = (
    ("lambda x: 3 * x", lambda x: 3 * x, (_numbers(2).view(()),), 9),
    ("lambda x: x @ x", lambda x: x @ x, (_numbers(1, -2, 2),), 36),
    ("lambda x: x @ tensor([[0, 2], [-1, 1]]) @ x", lambda x: x @ B @ x, (_numbers(1, 2),), 4 + 25),
    ("torch.dot", torch.dot, (_numbers(3, 0), _numbers(0, 4)), 25),
    ("lambda w, x, b: (w * w).sum() + x.sum() * b", lambda w, x, b: (w * w).sum() + x.sum() * b,
     (A, _numbers(1, -1, 2), _numbers(5).view(())), 4 * 16 + 3 * 25 + 4),
    ("lambda x: (x - x).sum()", lambda x: (x - x).sum(), (_numbers(1, 2),), 0),
    ("lambda x, y: x.sum()", lambda x, y: x.sum(), (_numbers(1, 2, 3, 4), _numbers(7)), 4),
)  # fmt: skip

# What the function is called, the function, the point, and the Jacobian there.
JACOBIANS: tuple[tuple[str, Callable[[Tensor], Tensor], Tensor, Tensor], ...] = (
    ("lambda x: 3 * x", lambda x: 3 * x, _numbers(2), _numbers(3)),
    ("lambda x: tensor([[1, 2, -1], [3, 0, 1]]) @ x", lambda x: A @ x, _numbers(1, -1, 2), A),
    ("lambda x: tensor([[1, 3], [2, 0], [-1, 1]]) @ x", lambda x: A.T @ x, _numbers(1, -1), A.T),
    ("torch.square", torch.square, _numbers(1, -2, 3), torch.diag(_numbers(2, -4, 6))),
    ("lambda x: x @ x", lambda x: x @ x, _numbers(1, -2, 2), _numbers(2, -4, 4)),
    (
        "lambda x: torch.outer(x, x)",
        lambda x: torch.outer(x, x),
        _numbers(1, 2),
        _numbers(2, 0, 2, 1, 2, 1, 0, 4),
    ),
    (
        "lambda x: x.T",
        lambda x: x.T,
        _numbers(1, 2, 3, 4, 5, 6).view(2, 3),
        torch.eye(6, dtype=torch.float64),
    ),
    (
        "lambda x: x.softmax(dim=0)",
        lambda x: x.softmax(dim=0),
        _numbers(1, 2, 3, 4).log(),
        (torch.diag(_numbers(10, 20, 30, 40)) - torch.outer(_numbers(1, 2, 3, 4), _numbers(1, 2, 3, 4)))
        / 100,
    ),
)


def check_gradient_norm(f: Callable[[Callable[..., Tensor], Sequence[Tensor]], Any]) -> None:
    """Check ``f(function, tensors)`` against gradients written out by hand.

    Parameters
    ----------
    f
        Returns the Euclidean norm of the gradient of ``function(*tensors)``, which is one number, with
        respect to all the `tensors` together. They are in float64 and do not require gradients. What one
        call leaves behind must not change the next.

    Raises
    ------
    CheckFailed
        At the first wrong answer; the message shows the call, what was expected and what came.

    Examples
    --------
    >>> from coursekit.gradients import gradient_norm
    >>> check_gradient_norm(gradient_norm)
    gradient_norm: all 14 cases are right.
    """
    trial = Trial(f)
    for name, function, arguments, squared in GRADIENTS:
        tensors = [argument.clone() for argument in arguments]
        expected = _numbers(squared).sqrt().view(())
        # Twice with the same tensors: gradients that pile up come to light.
        for again in ("", ", for the second time"):
            came = trial.call(function, tensors, shown=f"{name}, {_shown(arguments)}{again}")
            trial.tensor(came, expected, what="the norm", tolerance=1e-6)
    trial.passed()


def check_jacobian_norm(f: Callable[[Callable[[Tensor], Tensor], Tensor], Any]) -> None:
    """Check ``f(function, x)`` against Jacobians written out by hand.

    Parameters
    ----------
    f
        Returns the Frobenius norm of the Jacobian of `function` at `x`, a tensor of any shape in float64 that
        does not require gradients; `function` returns a tensor of any shape.

    Raises
    ------
    CheckFailed
        At the first wrong answer; the message shows the call, what was expected and what came.

    Examples
    --------
    >>> from coursekit.gradients import jacobian_norm
    >>> check_jacobian_norm(jacobian_norm)
    jacobian_norm: all 8 cases are right.
    """
    trial = Trial(f)
    for name, function, x, jacobian in JACOBIANS:
        came = trial.call(function, x.clone(), shown=f"{name}, {_shown([x])[1:-1]}")
        trial.tensor(came, jacobian.square().sum().sqrt(), what="the norm", tolerance=1e-6)
    trial.passed()


def _shown(tensors: Sequence[Tensor]) -> str:
    """Values as nested lists, with as many digits as they need."""

    def rounded(values: Any) -> Any:
        return [rounded(value) for value in values] if isinstance(values, list) else float(f"{values:.3g}")

    return str([rounded(tensor.tolist()) for tensor in tensors])
