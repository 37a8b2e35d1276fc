"""Checker of a log-softmax that neither overflows nor underflows."""

from collections.abc import Callable
from math import exp, fsum, log

import torch
from torch import Tensor

from coursekit.checkers.reports import Trial

# Scores row by row, simplest first. Among them: one class, ties, exponentials that overflow or vanish in
# single precision, and rows far from each other, so that one shift for the whole batch is not enough.
SCORES: tuple[tuple[tuple[float, ...], ...], ...] = (
    ((0.0, 0.0),),
    ((3.0,),),
    ((1.0, 2.0),),
    ((2.0, -1.0, 0.5),),
    ((0.0, 1.0, 2.0), (2.0, 2.0, -3.0)),
    ((0.0, 1.0), (1.0, 3.0)),
    ((0.0, 100.0),),
    ((0.0, -150.0),),
    ((1000.0, 1001.0),),
    ((-1000.0, -1001.0),),
    ((1000.0, -1000.0, 0.0),),
    ((0.0, 1.0), (500.0, 501.0), (-500.0, -503.0)),
    ((1e30, 0.0),),
)


def check_log_softmax(f: Callable[[Tensor], Tensor]) -> None:
    """Check ``f(scores)``, the logarithm of the softmax of every row, against sums in double precision.

    Parameters
    ----------
    f
        Takes scores ``(n, classes)`` in single precision and returns log-probabilities ``(n, classes)``.
        It must leave the scores as they are.

    Raises
    ------
    CheckFailed
        At the first wrong answer; the message shows the call, what was expected and what came.

    Examples
    --------
    >>> def safe(z):
    ...     shifted = z - z.max(dim=1, keepdim=True).values
    ...     return shifted - shifted.exp().sum(dim=1, keepdim=True).log()
    >>> check_log_softmax(safe)
    safe: all 13 cases are right.
    """
    trial = Trial(f)
    for rows in SCORES:
        scores = torch.tensor(rows)
        given = scores.clone()
        answer = trial.call(given, shown=str(scores.tolist()))
        trial.tensor(
            answer, torch.tensor([_row(row) for row in rows]), what="log-probabilities", tolerance=1e-4
        )
        if not torch.equal(given, scores):
            raise trial.fail("the scores to stay as they are", str(given.tolist()))
    trial.passed()


def _row(scores: tuple[float, ...]) -> list[float]:
    largest = max(scores)
    total = log(fsum(exp(score - largest) for score in scores))
    return [score - largest - total for score in scores]
