"""Checker of the learning rate that keeps SGD's effective step when momentum and batch size change."""

from collections.abc import Callable
from math import isclose

import torch

from coursekit.checkers.reports import Trial

# Learning rate, momentum, batch size, then momentum and batch size of the other run: one change at a time,
# no momentum on either side, both changes, and a small and a large learning rate.
CASES = (
    (1e-3, 0.9, 64, 0.9, 64),
    (1e-3, 0.9, 64, 0.9, 128),
    (1e-3, 0.9, 64, 0.5, 64),
    (1e-3, 0.9, 64, 0.5, 128),
    (1e-2, 0.5, 128, 0.9, 32),
    (1e-3, 0.9, 32, 0.0, 32),
    (0.1, 0.0, 256, 0.9, 8),
    (0.05, 0.75, 10, 0.25, 3),
    (1e-5, 0.8, 1, 0.0, 1_000),
)


def check_matched_rate(f: Callable[[float, float, int, float, int], float]) -> None:
    """Check ``f(rate, momentum, batch_size, new_momentum, new_batch_size)`` by letting both runs walk.

    Under a gradient that never changes, `torch.optim.SGD` soon moves by the same amount in every step. The
    new learning rate must make the amount per sample that of the first run.

    Parameters
    ----------
    f
        Returns the new learning rate. Momentum is at least 0 and below 1.

    Raises
    ------
    CheckFailed
        At the first wrong answer; the message shows the call, what was expected and what came.

    Examples
    --------
    >>> def matched_rate(rate, momentum, batch_size, new_momentum, new_batch_size):
    ...     return rate / (1 - momentum) / batch_size * (1 - new_momentum) * new_batch_size
    >>> check_matched_rate(matched_rate)
    matched_rate: all 9 cases are right.
    """
    trial = Trial(f)
    for rate, momentum, batch_size, new_momentum, new_batch_size in CASES:
        arguments = (rate, momentum, batch_size, new_momentum, new_batch_size)
        answer = trial.call(*arguments, shown=", ".join(f"{value:g}" for value in arguments))
        # The step is proportional to the rate, so that a walk with rate 1 gives the factor.
        expected = _step(rate, momentum) / batch_size / (_step(1.0, new_momentum) / new_batch_size)
        try:
            given = float(answer)
        except (TypeError, ValueError):
            raise trial.fail(f"the learning rate {expected:.6g}", f"a {type(answer).__name__}") from None
        if not isclose(given, expected, rel_tol=1e-6):
            raise trial.fail(f"the learning rate {expected:.6g}", f"{given:.6g}")
    trial.passed()


def _step(rate: float, momentum: float) -> float:
    """How far the last of many steps moves a weight whose gradient is always 1."""
    weight = torch.zeros((), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([weight], lr=rate, momentum=momentum)
    weight.grad = torch.ones_like(weight)
    for _ in range(300):
        before = weight.item()
        optimizer.step()
    return before - weight.item()
