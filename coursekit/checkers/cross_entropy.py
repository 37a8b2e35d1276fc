"""Checker of the cross-entropy's gradient with respect to the scores of a batch."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from coursekit.checkers.reports import Trial

# Scores row by row with the true class of each row, simplest first: one image, several with the same class,
# right and wrong ones, sure and unsure ones, and scores whose exponentials overflow in single precision.
BATCHES: tuple[tuple[tuple[tuple[float, ...], ...], tuple[int, ...]], ...] = (
    (((0.0, 0.0),), (0,)),
    (((0.0, 0.0),), (1,)),
    (((1.0, 2.0, -1.0),), (2,)),
    (((1.0, 0.0, 2.0), (0.0, 3.0, 1.0)), (0, 1)),
    (((1.0, 0.0, 2.0), (0.0, 3.0, 1.0), (-1.0, -1.0, 0.5)), (2, 2, 0)),
    (((20.0, 0.0),), (0,)),
    (((20.0, 0.0),), (1,)),
    (((500.0, 501.0, 0.0), (0.0, 1.0, 2.0)), (0, 2)),
    (((-1000.0, 1000.0), (1000.0, -1000.0)), (0, 0)),
)


def check_cross_entropy_gradient(f: Callable[[Tensor, Tensor], Tensor]) -> None:
    """Check ``f(scores, labels)``, the gradient of the mean cross-entropy, against autograd.

    Parameters
    ----------
    f
        Takes scores ``(n, classes)`` in single precision and labels ``(n,)`` in int64. Returns the gradient
        of the batch's mean cross-entropy with respect to the scores, ``(n, classes)``. It must leave the
        scores as they are.

    Raises
    ------
    CheckFailed
        At the first wrong answer; the message shows the call, what was expected and what came.

    Examples
    --------
    >>> def gradient(scores, labels):
    ...     return (scores.softmax(dim=1) - F.one_hot(labels, scores.shape[1])) / len(labels)
    >>> check_cross_entropy_gradient(gradient)
    gradient: all 9 cases are right.
    """
    trial = Trial(f)
    for rows, classes in BATCHES:
        scores, labels = torch.tensor(rows), torch.tensor(classes)
        leaf = scores.double().requires_grad_()
        (expected,) = torch.autograd.grad(F.cross_entropy(leaf, labels), leaf)
        given = scores.clone()
        answer = trial.call(given, labels.clone(), shown=f"{scores.tolist()}, {labels.tolist()}")
        trial.tensor(answer, expected, what="the gradient", tolerance=1e-6)
        if not torch.equal(given, scores):
            raise trial.fail("the scores to stay as they are", str(given.tolist()))
    trial.passed()
