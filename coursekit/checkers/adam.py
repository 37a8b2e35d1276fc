"""Checker of Adam's steps for gradients that are given."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from coursekit.checkers.reports import Trial

# Gradients, one row a step, smallest first; learning rate, both decay rates and epsilon.
CASES: tuple[tuple[list[list[float]], float, tuple[float, float], float], ...] = (
    ([[2.0]], 0.1, (0.9, 0.999), 1e-8),
    ([[0.0]], 0.1, (0.9, 0.999), 1e-8),
    ([[2.0], [2.0]], 0.1, (0.9, 0.999), 1e-8),
    ([[1.0], [-3.0]], 0.1, (0.9, 0.999), 1e-8),
    ([[1.0], [0.0], [0.0]], 0.1, (0.9, 0.999), 1e-8),
    ([[2.0, -0.5], [1.0, 4.0]], 0.01, (0.5, 0.75), 1e-8),
    ([[2.0, -0.5], [1.0, 4.0]], 0.01, (0.0, 0.5), 1e-8),
    ([[2.0], [-1.0]], 1.0, (0.9, 0.999), 1.0),
    ([[1e-6], [3e-6]], 0.1, (0.9, 0.99), 1e-6),
    ([[1.0, 1e-4, 0.0], [-2.0, 3e-4, 5.0], [0.5, -1e-4, 0.0], [4.0, 2e-4, -1.0]], 0.003, (0.8, 0.9), 1e-4),
)


def check_adam_steps(f: Callable[..., Any]) -> None:
    """Check ``f(gradients, *, rate, betas, epsilon)`` against ``torch.optim.Adam``.

    Parameters
    ----------
    f
        Takes `gradients`, a float64 tensor ``(steps, weights)`` whose rows are the gradients that come one
        after the other, and the settings as torch names them (`rate` is ``lr``, `epsilon` is ``eps``).
        Returns what Adam adds to the weights in each step, ``(steps, weights)``.

    Raises
    ------
    CheckFailed
        At the first wrong answer; the message shows the call, what was expected and what came.

    Examples
    --------
    >>> check_adam_steps(_by_torch)
    _by_torch: all 10 cases are right.
    """
    trial = Trial(f)
    for rows, rate, betas, epsilon in CASES:
        gradients = torch.tensor(rows, dtype=torch.float64)
        answer = trial.call(
            gradients.clone(),
            rate=rate,
            betas=betas,
            epsilon=epsilon,
            shown=f"tensor({rows}), rate={rate}, betas={betas}, epsilon={epsilon}",
        )
        expected = _by_torch(gradients, rate=rate, betas=betas, epsilon=epsilon)
        trial.tensor(answer, expected, what="the steps", tolerance=1e-9)
    trial.passed()


def _by_torch(gradients: Tensor, *, rate: float, betas: tuple[float, float], epsilon: float) -> Tensor:
    weights = torch.zeros(gradients.shape[1], dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.Adam([weights], lr=rate, betas=betas, eps=epsilon)
    places = [weights.detach().clone()]
    for gradient in gradients:
        weights.grad = gradient.clone()
        optimiser.step()
        places.append(weights.detach().clone())
    return torch.stack(places).diff(dim=0)
