"""Checker of one look of a decoder at the source: bilinear attention and what is made of it."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from coursekit.checkers.reports import Trial

# Characters of every sentence, columns, components, and the factor of the weights. The first cases have one
# character or no padding; with the last factor the exponentials of the scores are beyond any double.
CASES: tuple[tuple[tuple[int, ...], int, int, float], ...] = (
    ((1,), 1, 2, 1.0),
    ((3,), 3, 2, 1.0),
    ((2, 4), 4, 3, 1.0),
    ((5, 1, 3), 6, 4, 1.0),
    ((2, 3), 3, 3, 1000.0),
)


def check_bilinear_attention(
    f: Callable[[Tensor, Tensor, Tensor, Tensor, Tensor], tuple[Tensor, Tensor]],
) -> None:
    r"""Check ``f(query, states, mask, w_query, w_output)`` against sums over characters, in Python's floats.

    Parameters
    ----------
    f
        Takes decoder states `query` ``(n, d)``, encoder outputs `states` ``(n, l, d)``, a boolean `mask`
        ``(n, l)`` that is False for padding, and weights `w_query` ``(d, d)`` and `w_output` ``(2 d, d)``,
        all but the mask in float64. Returns the outputs :math:`\tanh(W_o^T [q; c])` ``(n, d)`` and the
        probabilities ``(n, l)``: the softmax of :math:`(W_q^T q)^T h_i` over the characters, and 0 for
        padding. The context :math:`c` is the mean of the states with these weights.

    Raises
    ------
    CheckFailed
        At the first wrong answer; the message shows the call, what was expected and what came.

    Examples
    --------
    >>> def attend(query, states, mask, w_query, w_output):
    ...     scores = torch.einsum("nk,nlk->nl", query @ w_query, states)
    ...     p = scores.masked_fill(~mask, -torch.inf).softmax(dim=1)
    ...     context = torch.einsum("nl,nlk->nk", p, states)
    ...     return torch.tanh(torch.cat([query, context], dim=1) @ w_output), p
    >>> check_bilinear_attention(attend)
    attend: all 5 cases are right.
    """
    trial = Trial(f)
    generator = torch.Generator().manual_seed(0)

    def drawn(*shape: int) -> Tensor:
        return torch.randn(shape, generator=generator, dtype=torch.float64)

    for lengths, columns, d, factor in CASES:
        n = len(lengths)
        query, states, w_query = drawn(n, d), drawn(n, columns, d), factor * drawn(d, d)
        w_output = drawn(2 * d, d)
        mask = torch.arange(columns) < torch.tensor(lengths).unsqueeze(1)
        # What stands in place of padding must not count, however large.
        states[~mask] *= 10
        given = [tensor.clone() for tensor in (query, states, mask, w_query, w_output)]
        shown = f"query, states, mask, w_query, w_output for n = {n}, l = {columns}, d = {d}"
        answer = trial.call(*given, shown=shown)
        if not isinstance(answer, tuple | list) or len(answer) != 2:
            raise trial.fail("a pair (output, probabilities)", f"a {type(answer).__name__}")
        output, probabilities = _by_sums(query, states, lengths, w_query, w_output)
        trial.tensor(answer[1], probabilities, what="the probabilities", tolerance=1e-9)
        trial.tensor(answer[0], output, what="the output", tolerance=1e-9)
    trial.passed()


def _by_sums(
    query: Tensor, states: Tensor, lengths: tuple[int, ...], w_query: Tensor, w_output: Tensor
) -> tuple[Tensor, Tensor]:
    """One sentence, one character and one component at a time."""
    outputs, probabilities = [], []
    for q, rows, length in zip(query.tolist(), states.tolist(), lengths, strict=True):
        turned = _times(q, w_query)
        scores = [math.fsum(a * b for a, b in zip(turned, h, strict=True)) for h in rows[:length]]
        powers = [math.exp(score - max(scores)) for score in scores]
        shares = [power / math.fsum(powers) for power in powers]
        context = [
            math.fsum(share * h[component] for share, h in zip(shares, rows, strict=False))
            for component in range(len(q))
        ]
        outputs.append([math.tanh(value) for value in _times([*q, *context], w_output)])
        probabilities.append(shares + [0.0] * (len(rows) - length))
    return torch.tensor(outputs, dtype=torch.float64), torch.tensor(probabilities, dtype=torch.float64)


def _times(vector: list[float], matrix: Tensor) -> list[float]:
    """The transposed matrix times the vector."""
    return [
        math.fsum(value * weight for value, weight in zip(vector, column, strict=True))
        for column in matrix.mT.tolist()
    ]
