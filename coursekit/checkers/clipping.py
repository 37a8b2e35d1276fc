"""Checker of gradient clipping: all gradients scaled by one factor, by their norm together."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from coursekit.checkers.reports import Trial

# Shapes of the gradients, the norm of all of them together, and the norm allowed.
CASES: tuple[tuple[tuple[tuple[int, ...], ...], float, float], ...] = (
    (((3,),), 20.0, 5.0),
    (((2, 3), (4,)), 50.0, 5.0),
    (((6, 2), (2,), ()), 3.0, 2.0),
    (((4,), (4,)), 6.0, 5.0),  # Each of the two alone is shorter than 5.
    (((2, 2), (3,)), 4.9, 5.0),
    (((5,),), 0.02, 5.0),
    (((3,), (2, 2)), 0.0, 5.0),
)


def check_clipping(f: Callable[[list[Tensor], float], Sequence[Tensor]]) -> None:
    """Check ``f(gradients, max_norm)`` against the definition, on gradients long, short and zero.

    Parameters
    ----------
    f
        Takes a list of float64 tensors and returns as many of the same shapes: if the Euclidean norm of all
        of them together exceeds `max_norm`, each times `max_norm` over that norm, else as they were. The
        small constant that torch adds to the norm is allowed.

    Raises
    ------
    CheckFailed
        At the first wrong answer; the message shows the call, what was expected and what came.

    Examples
    --------
    >>> def clip(gradients, max_norm):
    ...     norm = sum((g**2).sum() for g in gradients) ** 0.5
    ...     return [g * min(1.0, max_norm / norm) if norm > 0 else g for g in gradients]
    >>> check_clipping(clip)
    clip: all 7 cases are right.
    """
    trial = Trial(f)
    generator = torch.Generator().manual_seed(0)
    for shapes, norm, max_norm in CASES:
        drawn = [torch.randn(shape, generator=generator, dtype=torch.float64) for shape in shapes]
        length = torch.cat([values.flatten() for values in drawn]).norm()
        gradients = [norm / length * values for values in drawn]
        scale = min(1.0, max_norm / norm) if norm else 1.0
        sizes = ", ".join(str(tuple(shape)) for shape in shapes)
        shown = f"gradients of {sizes} with norm {norm:g} in all, {max_norm:g}"
        answer = trial.call([values.clone() for values in gradients], max_norm, shown=shown)
        if not isinstance(answer, list | tuple):
            raise trial.fail("a list of tensors", f"a {type(answer).__name__}")
        if len(answer) != len(gradients):
            raise trial.fail(f"{len(gradients)} tensors", len(answer))
        for number, (found, values) in enumerate(zip(answer, gradients, strict=True), start=1):
            trial.tensor(found, scale * values, what=f"gradient {number}", tolerance=2e-6)
    trial.passed()
