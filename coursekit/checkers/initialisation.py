"""Checker of the deviation of weights that keeps the second moment through a leaky ReLU."""

from collections.abc import Callable
from itertools import product
from math import sqrt

import torch
from torch import nn

from coursekit.checkers.reports import Trial

INPUTS = (1, 64, 784)
SLOPES = (0.0, 0.01, 0.5, 1.0, 2.0)


def check_weight_deviation(f: Callable[[int, float], float]) -> None:
    r"""Check ``f(inputs, slope)``: how wide normal weights must be for a signal to keep its size.

    The layer is :math:`h = \phi(Wx)` with :math:`\phi(a) = a` for :math:`a > 0` and :math:`\phi(a) =`
    slope · a below. The mean square of h, over random weights of mean 0, has to be the mean square of x.

    Parameters
    ----------
    f
        Returns the standard deviation of a weight.

    Raises
    ------
    CheckFailed
        At the first wrong answer; the message shows the call, what was expected and what came.

    References
    ----------
    He, Zhang, Ren & Sun (2015), Delving deep into rectifiers, eq. 15.

    Examples
    --------
    >>> check_weight_deviation(lambda inputs, slope: sqrt(2 / (inputs * (1 + slope**2))))
    <lambda>: all 15 cases are right.
    """
    trial = Trial(f)
    for inputs, slope in product(INPUTS, SLOPES):
        expected = nn.init.calculate_gain("leaky_relu", slope) / sqrt(inputs)
        answer = trial.call(inputs, slope, shown=f"{inputs}, {slope}")
        trial.tensor(
            answer, torch.tensor(expected, dtype=torch.float64), what="the deviation", tolerance=1e-6
        )
    trial.passed()
