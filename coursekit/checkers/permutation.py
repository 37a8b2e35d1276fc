"""Checker of the weights that undo a permutation of the inputs."""

from collections.abc import Callable

import torch
from torch import Tensor

from coursekit.checkers.reports import Trial, as_text

# Permutations of the inputs, shortest first. A swap is its own inverse, a turn by three is not; the last
# three move everything.
ORDERS = (
    (0,),
    (0, 1, 2),
    (1, 0),
    (1, 2, 0),
    (2, 0, 1, 3),
    (3, 0, 4, 1, 2),
    (1, 2, 3, 4, 5, 0),
)


def check_permuted_weights(f: Callable[[Tensor, Tensor], Tensor]) -> None:
    """Check ``f(weight, order)``, weights that do to permuted inputs what `weight` does to the inputs.

    The permuted input holds at place j what the input holds at place ``order[j]``:
    ``f(weight, order) @ x[order]`` must be ``weight @ x`` for every x.

    Parameters
    ----------
    f
        Takes weights ``(outputs, inputs)`` and a permutation ``(inputs,)`` of whole numbers, returns weights
        ``(outputs, inputs)``. What it was given stays as it is.

    Raises
    ------
    CheckFailed
        At the first wrong answer; the message shows the call, what was expected and what came.

    Examples
    --------
    >>> def moved(weight, order):
    ...     return weight[:, order]
    >>> check_permuted_weights(moved)
    moved: all 9 cases are right.
    """
    trial = Trial(f)
    generator = torch.Generator().manual_seed(0)
    for places in ORDERS:
        order = torch.tensor(places)
        weight = torch.arange(1.0, 2 * len(places) + 1).view(2, -1)
        _try(trial, weight, order, shown=f"{as_text(weight)}, {list(places)}")
    for outputs, inputs in ((20, 20), (7, 784)):
        order = torch.randperm(inputs, generator=generator)
        weight = torch.randint(-9, 10, (outputs, inputs), generator=generator).float()
        _try(trial, weight, order, shown=f"weights ({outputs}, {inputs}), a permutation of {inputs}")
    trial.passed()


def _try(trial: Trial, weight: Tensor, order: Tensor, *, shown: str) -> None:
    given, places = weight.clone(), order.clone()
    answer = trial.call(given, places, shown=shown)
    # A permutation as a matrix has its transpose for an inverse.
    permute = torch.eye(len(order))[order]
    trial.tensor(answer, weight @ permute.T, what="the weights")
    if not (torch.equal(given, weight) and torch.equal(places, order)):
        raise trial.fail("the weights and the permutation that it was given unchanged", "others")
