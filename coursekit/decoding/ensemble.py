"""Several models of one architecture that decide on the next symbol together."""

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor

from coursekit.decoding.hypotheses import Memory, State


class StepModel(Protocol):
    """What decoding needs of a model."""

    def start(self, source: Tensor) -> tuple[State, Memory]:
        """State ``(n, 1, …)`` and memory ``(n, …)`` of the first step, for sources ``(n, length)``."""

    def step(self, ids: Tensor, state: State, memory: Memory) -> tuple[Tensor, State]:
        """Log-probabilities ``(n, k, symbols)`` of the symbols after `ids` ``(n, k)``, and the new state."""


class Ensemble:
    r"""Averages the probabilities of the next symbol: :math:`\frac1M \sum_m p_m(y_t \mid y_{<t}, x)`.

    Has a `start` and a `step` of its own, so that every search takes it like a single model.

    Parameters
    ----------
    models
        At least one; they must have the same symbols.

    Raises
    ------
    ValueError
        If there is none.

    References
    ----------
    Sutskever, Vinyals & Le (2014), section 3.6.

    Examples
    --------
    >>> class Always:
    ...     def __init__(self, *p):
    ...         self.p = torch.tensor(p).log()
    ...     def start(self, source):
    ...         return (torch.zeros(len(source), 1),), ()
    ...     def step(self, ids, state, memory):
    ...         return self.p.expand(*ids.shape, -1), state
    >>> both = Ensemble([Always(0.2, 0.8), Always(0.6, 0.4)])
    >>> state, memory = both.start(torch.zeros(1, 3))
    >>> both.step(torch.zeros(1, 1), state, memory)[0].exp()
    tensor([[[0.4000, 0.6000]]])
    """

    def __init__(self, models: Sequence[StepModel]) -> None:
        if not models:
            raise ValueError("there are no models; pass at least one")
        self.models = tuple(models)
        self._parts: tuple[slice, ...] = ()
        self._memories: tuple[slice, ...] = ()

    def start(self, source: Tensor) -> tuple[State, Memory]:
        """The states and memories of all models, one after the other."""
        begun = [model.start(source) for model in self.models]
        self._parts = _slices([state for state, _ in begun])
        self._memories = _slices([memory for _, memory in begun])
        return sum((state for state, _ in begun), ()), sum((memory for _, memory in begun), ())

    def step(self, ids: Tensor, state: State, memory: Memory) -> tuple[Tensor, State]:
        """The logarithm of the mean probability, and the new states."""
        stepped = [
            model.step(ids, state[part], memory[kept])
            for model, part, kept in zip(self.models, self._parts, self._memories, strict=True)
        ]
        mixed = torch.stack([log_p.double() for log_p, _ in stepped]).logsumexp(dim=0)
        mixed = mixed - torch.tensor(float(len(self.models)), dtype=torch.float64).log()
        return mixed.to(stepped[0][0].dtype), sum((after for _, after in stepped), ())


def _slices(tensors: Sequence[tuple[Tensor, ...]]) -> tuple[slice, ...]:
    ends = torch.tensor([len(t) for t in tensors]).cumsum(0).tolist()
    return tuple(slice(end - len(t), end) for end, t in zip(ends, tensors, strict=True))
