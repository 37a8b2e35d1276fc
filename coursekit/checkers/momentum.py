"""Checker of one step of gradient descent with momentum, in the form that torch uses."""

from collections.abc import Callable

import torch
from torch import Tensor

from coursekit.checkers.reports import Trial

# The learning rate changes from step to step: that tells the form with the rate outside the velocity from
# the one with the rate inside.
RATES = (0.1, 0.1, 0.02, 0.5, 0.1)
# Momentum and the shape of the parameters.
CASES: tuple[tuple[float, tuple[int, ...]], ...] = ((0.0, (3,)), (0.5, ()), (0.9, (4,)), (0.99, (2, 3)))


def check_momentum_step(f: Callable[[Tensor, Tensor, Tensor, float, float], tuple[Tensor, Tensor]]) -> None:
    """Check ``f(w, v, gradient, learning_rate, momentum)`` against ``torch.optim.SGD``, step by step.

    Parameters
    ----------
    f
        Returns the new parameters and the new velocity; both, like the gradient, have the shape of `w` and
        are in float64. The velocity starts at 0, and the learning rate changes from step to step.

    Raises
    ------
    CheckFailed
        At the first wrong answer; the message shows the call, what was expected and what came.

    Examples
    --------
    >>> def step(w, v, gradient, learning_rate, momentum):
    ...     v = momentum * v + gradient
    ...     return w - learning_rate * v, v
    >>> check_momentum_step(step)
    step: all 20 cases are right.
    """
    trial = Trial(f)
    generator = torch.Generator().manual_seed(0)
    for momentum, shape in CASES:
        w = torch.nn.Parameter(torch.randn(shape, generator=generator, dtype=torch.float64))
        optimizer = torch.optim.SGD([w], lr=RATES[0], momentum=momentum)
        v = torch.zeros(shape, dtype=torch.float64)
        for number, rate in enumerate(RATES, start=1):
            gradient = torch.randn(shape, generator=generator, dtype=torch.float64)
            shown = f"w, v, gradient, {rate}, {momentum}, step {number} from v = 0"
            answer = trial.call(w.detach().clone(), v.clone(), gradient.clone(), rate, momentum, shown=shown)
            if not isinstance(answer, tuple | list) or len(answer) != 2:
                raise trial.fail("a pair (parameters, velocity)", f"a {type(answer).__name__}")
            optimizer.param_groups[0]["lr"] = rate
            w.grad = gradient
            optimizer.step()
            # Without momentum torch keeps no velocity: it is the gradient.
            buffer = optimizer.state[w].get("momentum_buffer")
            v = gradient if buffer is None else buffer.clone()
            trial.tensor(answer[1], v, what="the velocity", tolerance=1e-12)
            trial.tensor(answer[0], w.detach(), what="the parameters", tolerance=1e-12)
    trial.passed()
