"""Checker of early stopping: which epoch a patience keeps, and after which one it ends the run."""

from collections.abc import Callable, Sequence
from itertools import accumulate

import numpy as np

from coursekit.checkers.reports import Trial

# Losses and patience: a fall to the end, a rise from the start, equal losses, a new minimum in the last epoch
# of the patience and one epoch too late, two minima of which the patience sees the first only, one epoch.
CURVES = (
    ((3.0, 2.0, 1.0), 1),
    ((1.0, 2.0, 3.0, 4.0), 2),
    ((2.0, 2.0, 2.0, 2.0, 2.0), 3),
    ((3.0, 1.0, 1.0, 1.0, 0.5), 3),
    ((3.0, 1.0, 2.0, 2.0, 0.5, 2.0), 3),
    ((3.0, 1.0, 2.0, 2.0, 0.5, 2.0), 2),
    ((4.0, 2.0, 3.0, 3.0, 1.0, 2.0, 2.0, 2.0), 3),
    ((5.0, 4.0, 3.0, 3.5, 3.2, 3.1), 3),
    ((5.0, 4.0, 3.0, 3.5, 3.2, 3.1), 4),
    ((1.0,), 1),
    ((1.0, 1.5), 5),
)


def check_early_stopping(f: Callable[[Sequence[float], int], tuple[int, int]]) -> None:
    """Check ``f(losses, patience)`` on curves with ties, late minima and chance ones, then on random ones.

    A run ends after the first epoch that comes `patience` epochs after the lowest loss so far, the first of
    equal ones, or with its last epoch.

    Parameters
    ----------
    f
        Takes a list of losses by epoch and a whole number, at least 1. Returns two epochs, counted from 1:
        the one with the lowest loss until the end, and the last one that is trained.

    Raises
    ------
    CheckFailed
        At the first wrong answer; the message shows the call, what was expected and what came.

    Examples
    --------
    >>> def stop_early(losses, patience):
    ...     kept = 1
    ...     for epoch, loss in enumerate(losses, start=1):
    ...         kept = epoch if loss < losses[kept - 1] else kept
    ...         if epoch - kept == patience:
    ...             return kept, epoch
    ...     return kept, len(losses)
    >>> check_early_stopping(stop_early)
    stop_early: all 51 cases are right.
    """
    trial = Trial(f)
    generator = np.random.default_rng(0)
    drawn = [
        # Few different values, so that ties are common.
        (tuple(generator.integers(1, 9, size=12) / 4), int(generator.integers(1, 6)))
        for _ in range(40)
    ]
    for curve, patience in (*CURVES, *drawn):
        losses = [float(loss) for loss in curve]
        expected = _stopped(losses, patience)
        answer = trial.call(list(losses), patience, shown=f"{losses}, {patience}")
        if not isinstance(answer, tuple | list) or len(answer) != 2:
            raise trial.fail("a pair of epochs (kept, last)", repr(answer))
        trial.integer(answer[0], expected[0], what=" as the epoch to keep")
        trial.integer(answer[1], expected[1], what=" as the last epoch")
    trial.passed()


def _stopped(losses: Sequence[float], patience: int) -> tuple[int, int]:
    """From the running minimum: the run ends where it is as old as the patience."""
    lowest = list(accumulate(losses, min))
    found_at = [losses.index(value) for value in lowest]
    ages = [epoch - found for epoch, found in enumerate(found_at)]
    end = ages.index(patience) if patience in ages else len(losses) - 1
    return found_at[end] + 1, end + 1
