"""Greedy and beam search over many sentences at once, on the device that the model is on."""

import torch
from torch import Tensor

from coursekit.decoding.hypotheses import (
    Collected,
    Hypotheses,
    Memory,
    State,
    Step,
    check_search,
    checked,
    selected,
)


def greedy(
    step: Step, state: State, memory: Memory = (), *, start: int, end: int, max_length: int = 50
) -> Hypotheses:
    """Take the most probable symbol at every step, until it is the one that ends.

    Parameters
    ----------
    step
        ``step(ids, state, memory)`` returns log-probabilities ``(n, k, symbols)`` of the symbol after `ids`
        ``(n, k)``, and the new state.
    state, memory
        Tensors ``(n, 1, …)`` that change with every step, and tensors ``(n, …)`` that do not.
    start, end
        The symbols that begin and end a sentence.
    max_length
        Symbols after which a sentence is cut.

    Returns
    -------
    Hypotheses
        One for every sentence. Sentences that have ended are not computed any further.

    Raises
    ------
    ValueError
        If an argument does not fit, or the step returns something else.

    Examples
    --------
    A model of two symbols and an end (2) that looks at nothing but the last symbol:

    >>> table = torch.tensor([[0.1, 0.5, 0.4], [0.2, 0.1, 0.7], [1.0, 0.0, 0.0]]).log()
    >>> def step(ids, state, memory):
    ...     return table[ids], state
    >>> found = greedy(step, (torch.zeros(1, 1),), start=0, end=2)
    >>> found.ids.tolist(), round(found.scores.exp().item(), 2)
    ([[[1, 2]]], 0.35)
    """
    check_search(state, max_length=max_length)
    n, device = len(state[0]), state[0].device
    found = Collected(n, 1, max_length, end=end, device=device)
    sentences = torch.arange(n, device=device)
    ids = torch.full((n, 1), start, device=device)
    total = torch.zeros(n, 1, dtype=torch.float64, device=device)
    written = ids[:, :, None][:, :, :0]
    for length in range(1, max_length + 1):
        if not len(sentences):
            break
        log_p, state = step(ids, state, memory)
        best, ids = checked(log_p, ids, end).max(dim=2)
        total = total + best
        written = torch.cat([written, ids.unsqueeze(2)], dim=2)
        finished = ids == end
        ended = finished if length < max_length else torch.ones_like(finished)
        found.add(sentences, ended, written, total, finished)
        going = ~ended[:, 0]
        if not going.all():
            sentences, ids, total, written = selected((sentences, ids, total, written), going)
            state, memory = selected(state, going), selected(memory, going)
    return found.best(1, 0.0)


def beam_search(
    step: Step,
    state: State,
    memory: Memory = (),
    *,
    start: int,
    end: int,
    width: int,
    max_length: int = 50,
    length_penalty: float = 0.0,
    n_best: int = 1,
) -> Hypotheses:
    r"""Keep the `width` most probable beginnings of every sentence at every step.

    A beginning that ends leaves the beam, which goes on with one place less, until it is empty or no
    beginning can overtake the `n_best` complete ones any more. Those at `max_length` are cut. The score is

    .. math:: \frac{1}{|y|^\alpha} \sum_t \log p(y_t \mid y_{<t}, x)

    with :math:`\alpha` the length penalty and :math:`|y|` the symbols, the one that ends included. Within the
    beam beginnings have one length, so :math:`\alpha` decides between complete hypotheses only. With a width
    of 1 this is `greedy`, if some symbol is always possible. With a width of at least the number of
    beginnings that there are it is exact.

    Parameters
    ----------
    step, state, memory, start, end, max_length
        As `greedy` takes them.
    width
        Hypotheses of a sentence, running and complete together.
    length_penalty
        0 for the log-probability itself, 1 for its mean over the symbols; not negative.
    n_best
        How many hypotheses to return, at most `width`.

    Returns
    -------
    Hypotheses
        `n_best` of every sentence. Neither other sentences of the batch nor their order change them; among
        equal log-probabilities the first symbol of the first hypothesis is taken.

    Raises
    ------
    ValueError
        If an argument does not fit, or the step returns something else.

    References
    ----------
    Sutskever, Vinyals & Le (2014), Sequence to sequence learning with neural networks, section 3.2 (the
    shrinking beam). Wu et al. (2016), Google's neural machine translation system, section 7 (length).

    Examples
    --------
    Greedily the model of `greedy` writes 1 and the end, at 0.35; the end alone is more probable:

    >>> table = torch.tensor([[0.1, 0.5, 0.4], [0.2, 0.1, 0.7], [1.0, 0.0, 0.0]]).log()
    >>> def step(ids, state, memory):
    ...     return table[ids], state
    >>> found = beam_search(step, (torch.zeros(1, 1),), start=0, end=2, width=2, n_best=2)
    >>> found.ids.tolist(), [round(p, 2) for p in found.scores[0].exp().tolist()]
    ([[[2, 2], [1, 2]]], [0.4, 0.35])
    """
    check_search(state, max_length=max_length, width=width, n_best=n_best)
    if n_best > width:
        raise ValueError(
            f"n_best is {n_best}, width {width}; a beam returns as many hypotheses as it has places"
        )
    if not 0 <= length_penalty < float("inf"):
        raise ValueError(f"length_penalty is {length_penalty}; give a number that is not negative")
    n, device = len(state[0]), state[0].device
    found = Collected(n, width, max_length, end=end, device=device)
    sentences = torch.arange(n, device=device)
    ids = torch.full((n, 1), start, device=device)
    total = torch.zeros(n, 1, dtype=torch.float64, device=device)
    written = ids[:, :, None][:, :, :0]
    for length in range(1, max_length + 1):
        if not len(sentences):
            break
        log_p, state = step(ids, state, memory)
        total, parents, ids = _extended(total, checked(log_p, ids, end), width)
        places = width - found.counts[sentences]
        ranks = torch.arange(total.shape[1], device=device)
        kept = (ranks < places.unsqueeze(1)) & (total > -torch.inf)
        written = torch.cat([_of_parents(written, parents), ids.unsqueeze(2)], dim=2)
        finished = ids == end
        ended = kept & (finished if length < max_length else torch.ones_like(finished))
        found.add(sentences, ended, written, total, finished)

        running = kept & ~ended
        total = total.masked_fill(~running, -torch.inf)
        # Log-probabilities only fall: no continuation scores more than this.
        bound = total.amax(dim=1) / max_length**length_penalty
        decided = _nth_best(found.scores(length_penalty)[sentences], n_best) >= bound
        going = running.any(dim=1) & ~decided
        # Running hypotheses first, and no more columns than the fullest beam needs.
        order = (~running).int().argsort(dim=1, stable=True)[:, : int(running.sum(dim=1).amax())]
        state = tuple(_of_parents(tensor, parents.gather(1, order))[going] for tensor in state)
        total, ids, written = (_of_parents(tensor, order)[going] for tensor in (total, ids, written))
        if not going.all():
            sentences, memory = sentences[going], selected(memory, going)
    return found.best(n_best, length_penalty)


def _extended(total: Tensor, log_p: Tensor, width: int) -> tuple[Tensor, Tensor, Tensor]:
    """The best continuations ``(n, ≤ width)``: log-probability, hypothesis that they continue, symbol."""
    candidates = (total.unsqueeze(2) + log_p).flatten(1)
    # A stable sort: with equal candidates, what is kept must not depend on the other sentences.
    values, order = candidates.sort(dim=1, descending=True, stable=True)
    values, order = values[:, :width], order[:, :width]
    return values, order // log_p.shape[2], order % log_p.shape[2]


def _of_parents(values: Tensor, parents: Tensor) -> Tensor:
    """``values[i, parents[i, j]]`` for all i and j; `values` are ``(n, k, …)``, `parents` ``(n, m)``."""
    index = parents.reshape(*parents.shape, *[1] * (values.ndim - 2))
    return values.gather(1, index.expand(*parents.shape, *values.shape[2:]))


def _nth_best(scores: Tensor, n: int) -> Tensor:
    return scores.topk(n, dim=1).values[:, -1]
