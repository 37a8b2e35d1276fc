"""What decoding works on and returns: a step of a model, and the hypotheses of every sentence with scores."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

#: What changes from step to step, ``(n, k, …)`` for k hypotheses of n sentences.
State = tuple[Tensor, ...]
#: What stays for a sentence, ``(n, …)``: the encoder's outputs, say.
Memory = tuple[Tensor, ...]
#: ``step(ids, state, memory)``: from the last symbols ``(n, k)`` the log-probabilities of the next one,
#: ``(n, k, symbols)``, and the new state. Rows and columns must not influence each other.
Step = Callable[[Tensor, State, Memory], tuple[Tensor, State]]


@dataclass(frozen=True, eq=False)
class Hypotheses:
    """The best hypotheses of n sentences, the best one first.

    Parameters
    ----------
    ids
        ``(n, best, length)``: the symbols without the one that begins; every place behind the end holds the
        symbol that ends.
    scores
        ``(n, best)``: log-probability over the length to the power of the length penalty; −∞ where a sentence
        has fewer hypotheses.
    log_probabilities
        ``(n, best)``: of all symbols together, with the one that ends.
    lengths
        ``(n, best)``: symbols, with the one that ends; 0 where there is no hypothesis.
    finished
        ``(n, best)``: whether it ends with that symbol, or was cut at the greatest length.
    """

    ids: Tensor
    scores: Tensor
    log_probabilities: Tensor
    lengths: Tensor
    finished: Tensor

    def __len__(self) -> int:
        return len(self.ids)


class Collected:
    """Hypotheses of n sentences that are complete, at most `width` of each, as they come."""

    def __init__(self, n: int, width: int, max_length: int, *, end: int, device: torch.device) -> None:
        self._ids = torch.full((n, width, max_length), end, device=device)
        self._log_probabilities = torch.full((n, width), -torch.inf, dtype=torch.float64, device=device)
        self._lengths = torch.zeros(n, width, dtype=torch.int64, device=device)
        self._finished = torch.zeros(n, width, dtype=torch.bool, device=device)
        self.counts = torch.zeros(n, dtype=torch.int64, device=device)

    def add(
        self, sentences: Tensor, chosen: Tensor, ids: Tensor, log_probabilities: Tensor, finished: Tensor
    ) -> None:
        """Keep hypotheses ``ids[chosen]``.

        Parameters
        ----------
        sentences
            ``(m,)``: which sentences the rows belong to.
        chosen, finished
            ``(m, k)``
        ids
            ``(m, k, length)``
        log_probabilities
            ``(m, k)``
        """
        rows, columns = chosen.nonzero(as_tuple=True)
        owners = sentences[rows]
        places = (self.counts[sentences].unsqueeze(1) + chosen.cumsum(dim=1) - 1)[rows, columns]
        length = ids.shape[2]
        self._ids[owners, places, :length] = ids[rows, columns]
        self._log_probabilities[owners, places] = log_probabilities[rows, columns]
        self._lengths[owners, places] = length
        self._finished[owners, places] = finished[rows, columns]
        self.counts[sentences] += chosen.sum(dim=1)

    def scores(self, length_penalty: float) -> Tensor:
        """Length-normalised log-probabilities ``(n, width)``."""
        return self._log_probabilities / self._lengths.clamp(min=1).double() ** length_penalty

    def best(self, n_best: int, length_penalty: float) -> Hypotheses:
        """The `n_best` of every sentence, by score; equal ones as they came."""
        scores, order = self.scores(length_penalty).sort(dim=1, descending=True, stable=True)
        order = order[:, :n_best]
        ids = self._ids.gather(1, order.unsqueeze(2).expand(-1, -1, self._ids.shape[2]))
        longest = int(self._lengths.max()) if self._lengths.numel() else 0
        return Hypotheses(
            ids[:, :, :longest],
            scores[:, :n_best],
            self._log_probabilities.gather(1, order),
            self._lengths.gather(1, order),
            self._finished.gather(1, order),
        )


def check_search(state: State, *, max_length: int, **counts: int) -> None:
    """Whether a search can begin with this state and these numbers.

    Raises
    ------
    ValueError
        If a number is below 1, or the state is not that of one hypothesis a sentence.
    """
    for name, value in {"max_length": max_length, **counts}.items():
        if value < 1:
            raise ValueError(f"{name} is {value}; it must be at least 1")
    if not state or any(tensor.ndim < 2 or tensor.shape[1] != 1 for tensor in state):
        shapes = ", ".join(str(tuple(tensor.shape)) for tensor in state) or "none"
        raise ValueError(
            f"the state has tensors of the shapes {shapes}; pass at least one, each (n, 1, …): one "
            "hypothesis a sentence to begin with"
        )


def checked(log_probabilities: Tensor, ids: Tensor, end: int) -> Tensor:
    """The log-probabilities of a step, in double precision, if they have the right shape and no NaN.

    Raises
    ------
    ValueError
        If they do not; the message says what the step returned.
    """
    shape = tuple(log_probabilities.shape)
    if shape[:2] != tuple(ids.shape) or len(shape) != 3 or not 0 <= end < shape[2]:
        raise ValueError(
            f"the step returned log-probabilities of the shape {shape} for ids of the shape "
            f"{tuple(ids.shape)}; return one more axis, of more than end = {end} symbols"
        )
    if log_probabilities.isnan().any():
        raise ValueError(
            "the step returned a log-probability that is not a number; check the model's weights"
        )
    return log_probabilities.double()


def selected(tensors: tuple[Tensor, ...], rows: Tensor) -> tuple[Tensor, ...]:
    """Some sentences of a state or memory."""
    return tuple(tensor[rows] for tensor in tensors)
