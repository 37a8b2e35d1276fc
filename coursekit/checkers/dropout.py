"""Checker of inverted dropout: what it keeps, how often it drops, and that all drops are independent."""

from collections.abc import Callable
from math import sqrt

import torch
from torch import Tensor

from coursekit.checkers.reports import Trial

# Rates, and shapes with the sample first: features, and maps whose pixels are units of their own.
RATES = (0.2, 0.5, 0.8)
SHAPES = ((200, 100), (400, 6, 5, 5))

# A right function fails one comparison of a share in about two million.
DEVIATIONS = 5.0


def check_dropout(f: Callable[[Tensor, float, bool], Tensor]) -> None:
    """Check ``f(x, p, training)`` on random inputs, in evaluation and in training.

    In evaluation, and where `p` is 0, it has to return `x`. In training every number of `x` is set to 0
    with probability `p`, independently of all others, and divided by ``1 - p`` otherwise; each call draws
    anew, and `x` itself stays as it is. Shares are allowed five standard deviations.

    Parameters
    ----------
    f
        Returns a tensor in the shape of `x`, ``(samples, …)``; its random numbers may come from anywhere.

    Raises
    ------
    CheckFailed
        At the first wrong answer; the message shows the call, what was expected and what came.

    Examples
    --------
    >>> def dropout(x, p, training):
    ...     return x * (torch.rand_like(x) >= p) / (1 - p) if training else x
    >>> check_dropout(dropout)
    dropout: all 20 cases are right.
    """
    trial = Trial(f)
    generator = torch.Generator().manual_seed(0)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        for shape in SHAPES:
            # Away from 0, so that a zero in the answer is a dropped unit.
            x = torch.rand(shape, generator=generator) + 0.5
            x *= torch.randint(0, 2, shape, generator=generator) * 2 - 1
            for p, training in ((0.0, False), (0.5, False), (0.8, False), (0.0, True)):
                came = _call(trial, x, p, training)
                trial.tensor(came, x, what="x itself", tolerance=1e-6)
            for p in RATES:
                masks = [_mask(trial, x, p) for _ in range(2)]
                if torch.equal(*masks):
                    raise trial.fail("other units dropped in the second call", "the same ones")
    trial.passed()


def _call(trial: Trial, x: Tensor, p: float, training: bool) -> Tensor:
    given = x.clone()
    shown = f"x of shape {tuple(x.shape)}, {p}, training={training}"
    came: Tensor = trial.call(given, p, training, shown=shown)
    if not torch.equal(given, x):
        raise trial.fail("x to stay as it is", "a change of x in place")
    return came


def _mask(trial: Trial, x: Tensor, p: float) -> Tensor:
    """Which units a call dropped, (samples, units), after looking at them from all sides."""
    came = _call(trial, x, p, training=True)
    dropped = came == 0 if isinstance(came, Tensor) and came.shape == x.shape else torch.zeros_like(x).bool()
    trial.tensor(came, (x / (1 - p)).masked_fill(dropped, 0.0), what="0 or x / (1 − p):", tolerance=1e-5)
    mask = dropped.flatten(1)
    samples, units = mask.shape
    if bool((mask == mask[0]).all()):
        raise trial.fail("masks that differ from sample to sample", "one mask for all samples")
    if mask.unique(dim=1).shape[1] < units:
        raise trial.fail("units dropped one by one", "units that are always dropped together")
    if len(mask.unique(dim=0)) < samples:
        raise trial.fail("a mask of its own for every sample", "the same one for several samples")
    share, margin = mask.double().mean().item(), DEVIATIONS * sqrt(p * (1 - p) / mask.numel())
    if abs(share - p) > margin:
        raise trial.fail(f"a share of {p:.0%} dropped, give or take {margin:.1%}", f"{share:.1%}")
    counts = mask.sum(dim=1).double()
    ratio = counts.var().item() / (units * p * (1 - p))
    if abs(ratio - 1) > DEVIATIONS * sqrt(2 / (samples - 1)):
        raise trial.fail(
            "a number dropped that varies from sample to sample as independent units make it, variance "
            f"{units * p * (1 - p):.1f}",
            f"{counts.var().item():.1f}",
        )
    return mask
