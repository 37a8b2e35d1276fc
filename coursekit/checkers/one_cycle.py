"""Checker of a learning-rate schedule of one cycle, step by step against torch's."""

from collections.abc import Callable

import torch
from torch import nn

from coursekit.checkers.reports import Trial

# Steps of the run and peak of the rate. With 7 and 33 steps the peak lies between two of them.
RUNS = ((10, 1.0), (7, 0.3), (33, 0.05), (100, 2.5))


def check_one_cycle(f: Callable[[int, int, float], float]) -> None:
    """Check ``f(step, steps, peak)`` against ``torch.optim.lr_scheduler.OneCycleLR`` with its defaults.

    The rate rises along half a cosine from ``peak / 25`` at step 0 to `peak` at the position
    ``0.3 * steps - 1``, and falls along half a cosine to ``peak / 250_000`` at step ``steps - 1``.

    Parameters
    ----------
    f
        Returns the learning rate of one step; steps are counted from 0.

    Raises
    ------
    CheckFailed
        At the first wrong answer; the message shows the call, what was expected and what came.

    Examples
    --------
    >>> from math import cos, pi
    >>> def one_cycle(step, steps, peak):
    ...     top = 0.3 * steps - 1
    ...     if step <= top:
    ...         return peak / 25 + (peak - peak / 25) * (1 - cos(pi * step / top)) / 2
    ...     end = peak / 250_000
    ...     return end + (peak - end) * (1 + cos(pi * (step - top) / (steps - 1 - top))) / 2
    >>> check_one_cycle(one_cycle)
    one_cycle: all 150 cases are right.
    """
    trial = Trial(f)
    for steps, peak in RUNS:
        for step, rate in enumerate(_rates(steps, peak)):
            answer = trial.call(step, steps, peak, shown=f"{step}, {steps}, {peak:g}")
            expected = torch.tensor(rate, dtype=torch.float64)
            trial.tensor(answer, expected, what="the learning rate", tolerance=1e-12)
    trial.passed()


def _rates(steps: int, peak: float) -> list[float]:
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=peak)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, peak, total_steps=steps, cycle_momentum=False)
    rates = []
    for step in range(steps):
        rates.append(float(schedule.get_last_lr()[0]))
        optimizer.step()
        if step < steps - 1:
            schedule.step()
    return rates
