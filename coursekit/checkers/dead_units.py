"""Checker of the share of dead units, from what a ReLU puts out for many images."""

from collections.abc import Callable

import torch
from torch import Tensor

from coursekit.checkers.reports import Trial, as_text

# Small whole numbers that a message can show: a unit on for one image of several, all on, none on, two
# images, one unit.
LAYERS = (
    ((0, 1), (0, 0)),
    ((0, 0, 0), (3, 0, 0), (0, 0, 0), (0, 0, 2)),
    ((1, 2), (3, 4)),
    ((0, 0, 0, 0), (0, 0, 0, 0)),
    ((0,), (0,), (5,)),
    ((2, 0, 0, 0, 0),),
)


def check_dead_units(f: Callable[[Tensor], float]) -> None:
    """Check ``f(outputs)``, the share of units that are 0 for every image.

    Parameters
    ----------
    f
        Takes what a ReLU puts out for n images, ``(n, units)`` behind a linear layer or
        ``(n, channels, height, width)`` behind a convolution, where a map is one unit. Returns a number
        between 0 and 1.

    Raises
    ------
    CheckFailed
        At the first wrong answer; the message shows the call, what was expected and what came.

    Examples
    --------
    >>> def share(outputs):
    ...     units = outputs.transpose(0, 1).flatten(1)
    ...     return (units == 0).all(dim=1).double().mean().item()
    >>> check_dead_units(share)
    share: all 10 cases are right.
    """
    trial = Trial(f)
    for rows in LAYERS:
        _try(trial, torch.tensor(rows, dtype=torch.float32), text=True)
    for outputs in _maps():
        _try(trial, outputs)
    trial.passed()


def _try(trial: Trial, outputs: Tensor, *, text: bool = False) -> None:
    units = outputs.unbind(dim=1)
    dead = sum(not bool(unit.any()) for unit in units)
    shown = as_text(outputs) if text else f"outputs of shape {tuple(outputs.shape)}, {dead} dead"
    answer = trial.call(outputs.clone(), shown=shown)
    expected = torch.tensor(dead / len(units), dtype=torch.float64)
    trial.tensor(answer, expected, what="the share of dead units", tolerance=1e-6)


def _maps() -> list[Tensor]:
    """Maps that are on at few pixels of few images, at small values, and a wide layer."""
    generator = torch.Generator().manual_seed(0)
    one_pixel = torch.zeros(3, 4, 2, 5)
    one_pixel[2, 1, 1, 4] = 1.0
    sparse = torch.rand(6, 5, 4, 3, generator=generator) * (torch.rand(6, 5, 4, 3, generator=generator) > 0.9)
    sparse[:, 3] = 0.0
    faint = torch.zeros(2, 8, 3, 3)
    faint[1, :6, 0, 0] = 1e-7
    wide = torch.zeros(50, 600)
    wide[torch.arange(50), torch.arange(50) * 7] = 0.5
    return [one_pixel, sparse, faint, wide]
