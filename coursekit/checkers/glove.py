"""Checker of GloVe's loss: weighted least squares on the logarithm of co-occurrence counts."""

from collections.abc import Callable
from math import log

import torch
from torch import Tensor

from coursekit.checkers.reports import Trial

# Words, contexts, numbers of a vector, the largest count and how many of the counts are 0; then x_max and the
# power. Words and contexts differ in number, so that neither can stand for the other.
CASES: tuple[tuple[int, int, int, float, float, float, float], ...] = (
    (2, 3, 1, 5.0, 0.0, 10.0, 0.75),
    (4, 3, 2, 300.0, 0.0, 100.0, 0.75),
    (5, 6, 3, 300.0, 0.6, 100.0, 0.75),
    (6, 4, 5, 40.0, 0.5, 8.0, 0.5),
    (3, 5, 2, 2.0, 0.4, 1.0, 1.0),
    (3, 2, 2, 1.0, 1.0, 100.0, 0.75),
)
_LEAVES = ("the words", "the contexts", "the words' biases", "the contexts' biases")


def check_glove_loss(f: Callable[[Tensor, Tensor, Tensor, Tensor, Tensor, float, float], Tensor]) -> None:
    r"""Check ``f(counts, words, contexts, word_biases, context_biases, x_max, power)``, loss and gradient.

    Parameters
    ----------
    f
        Takes counts ``(n, m)``, vectors ``(n, d)`` and ``(m, d)`` and biases ``(n,)`` and ``(m,)``, all in
        float64; returns the sum over all pairs that occur,
        :math:`\sum f(X_{ij}) (w_i^\top c_j + b_i + \tilde b_j - \log X_{ij})^2`, as a tensor that can be
        differentiated. Many counts are 0, some below 1, some above `x_max`.

    Raises
    ------
    CheckFailed
        At the first wrong answer; the message shows the call, what was expected and what came.

    References
    ----------
    Pennington, Socher & Manning (2014), GloVe: global vectors for word representation, equations 8 and 9.

    Examples
    --------
    >>> def glove_loss(counts, words, contexts, word_biases, context_biases, x_max, power):
    ...     i, j = counts.nonzero(as_tuple=True)
    ...     x = counts[i, j]
    ...     error = (words[i] * contexts[j]).sum(dim=1) + word_biases[i] + context_biases[j] - x.log()
    ...     return ((x / x_max).clamp(max=1) ** power * error**2).sum()
    >>> check_glove_loss(glove_loss)
    glove_loss: all 6 cases are right.
    """
    trial = Trial(f)
    generator = torch.Generator().manual_seed(0)
    for n, m, d, largest, absent, x_max, power in CASES:
        counts = largest * torch.rand(n, m, generator=generator, dtype=torch.float64) ** 2
        counts[torch.rand(n, m, generator=generator) < absent] = 0
        leaves = [
            torch.randn(size, generator=generator, dtype=torch.float64).requires_grad_()
            for size in ((n, d), (m, d), (n,), (m,))
        ]
        shown = f"counts {n}×{m}, {int((counts == 0).sum())} of them 0, …, {x_max:g}, {power:g}"
        answer = trial.call(counts.clone(), *leaves, x_max, power, shown=shown)
        loss, gradients = _reference(counts, leaves, x_max, power)
        trial.tensor(answer, loss, what="the loss", tolerance=1e-9)
        if not counts.any():
            continue
        if not isinstance(answer, Tensor) or not answer.requires_grad:
            raise trial.fail("a tensor that can be differentiated", f"a {type(answer).__name__} that cannot")
        found = torch.autograd.grad(answer, leaves, allow_unused=True)
        for name, mine, expected in zip(_LEAVES, found, gradients, strict=True):
            mine = torch.zeros_like(expected) if mine is None else mine
            trial.tensor(mine, expected, what=f"the gradient for {name}", tolerance=1e-9)
    trial.passed()


def _reference(
    counts: Tensor, leaves: list[Tensor], x_max: float, power: float
) -> tuple[Tensor, tuple[Tensor, ...]]:
    """The loss and its gradients, pair by pair and by the formula."""
    words, contexts, word_biases, context_biases = (leaf.detach() for leaf in leaves)
    loss = torch.zeros((), dtype=torch.float64)
    gradients = tuple(torch.zeros_like(leaf) for leaf in (words, contexts, word_biases, context_biases))
    for i, j in counts.nonzero().tolist():
        x = float(counts[i, j])
        weight = 1.0 if x >= x_max else (x / x_max) ** power
        error = words[i] @ contexts[j] + word_biases[i] + context_biases[j] - log(x)
        loss += weight * error**2
        slope = 2 * weight * error
        gradients[0][i] += slope * contexts[j]
        gradients[1][j] += slope * words[i]
        gradients[2][i] += slope
        gradients[3][j] += slope
    return loss, gradients
