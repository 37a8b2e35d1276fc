"""Checker of the alignment of one map with another: turned, mirrored and moved, but not stretched."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from coursekit.checkers.reports import Trial

_L = [[0.0, 0.0], [4.0, 0.0], [4.0, 1.0], [1.0, 1.0], [1.0, 6.0], [0.0, 6.0]]
_L_TURNED = [[-y, x] for x, y in _L]
_L_MIRRORED = [[-x, y] for x, y in _L]

# What is done to which map: points, reference, smallest first.
CASES: tuple[tuple[str, list[list[float]], list[list[float]]], ...] = (
    ("a map, itself", _L, _L),
    ("a map, the same moved by (3, -2)", _L, [[x + 3, y - 2] for x, y in _L]),
    ("a map moved by (3, -2), the map", [[x + 3, y - 2] for x, y in _L], _L),
    ("a map, the same turned by 90°", _L, _L_TURNED),
    ("a map, its mirror image", _L, _L_MIRRORED),
    ("a map, its mirror image moved by (5, 1)", _L, [[x + 5, y + 1] for x, y in _L_MIRRORED]),
    (
        "a map turned by 90°, the same moved and twice as large",
        _L_TURNED,
        [[2 * x + 1, 2 * y] for x, y in _L],
    ),
    ("a map, half of it turned by 90°", _L, [*_L[:3], *_L_TURNED[3:]]),
)
_RANDOM = 4


def check_alignment(f: Callable[[Tensor, Tensor], Any]) -> None:
    """Check ``f(points, reference)`` against the best of all turns and mirror images, found by trying.

    Parameters
    ----------
    f
        Takes two maps of the same samples, float64 ``(samples, 2)``. Returns the first one turned, mirrored
        where that helps, and moved, so that the squared distances to the reference add up to as little as
        they can; its shape and size stay.

    Raises
    ------
    CheckFailed
        At the first wrong answer; the message shows the call, what was expected and what came.

    Examples
    --------
    >>> from coursekit.latent import align
    >>> check_alignment(align)
    align: all 12 cases are right.
    """
    trial = Trial(f)
    generator = torch.Generator().manual_seed(0)
    shifts = torch.tensor([[1.0, -4.0]], dtype=torch.float64)
    random = [
        (
            f"random map {number}, another",
            *torch.randn(2, 7, 2, dtype=torch.float64, generator=generator) + shifts,
        )
        for number in range(1, _RANDOM + 1)
    ]
    written = [(name, *(torch.tensor(m, dtype=torch.float64) for m in pair)) for name, *pair in CASES]
    for name, points, reference in [*written, *random]:
        answer = trial.call(points.clone(), reference.clone(), shown=name)
        trial.tensor(answer, _by_trying(points, reference), what="the aligned map", tolerance=1e-6)
    trial.passed()


def _by_trying(points: Tensor, reference: Tensor) -> Tensor:
    """Every angle for the map and for its mirror image: ever finer around the best one."""
    centre = reference.mean(dim=0)
    x, y = points - points.mean(dim=0), reference - centre
    candidates = []
    for mirrored in (x, x * torch.tensor([-1.0, 1.0], dtype=torch.float64)):
        best, width = torch.zeros((), dtype=torch.float64), torch.pi
        while width > 1e-9:
            angles = best + torch.linspace(-width, width, 41, dtype=torch.float64)
            turned = mirrored @ _turns(angles)
            best = angles[(turned * y).sum(dim=(1, 2)).argmax()]
            width /= 10
        candidates.append(mirrored @ _turns(best.view(1))[0])
    apart = torch.stack([(candidate - y).square().sum() for candidate in candidates])
    return candidates[int(apart.argmin())] + centre


def _turns(angles: Tensor) -> Tensor:
    cos, sin = angles.cos(), angles.sin()
    return torch.stack([torch.stack([cos, sin], dim=1), torch.stack([-sin, cos], dim=1)], dim=1)
