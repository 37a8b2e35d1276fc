"""Sampling: sentences drawn from the model's distribution, symbol by symbol."""

import torch

from coursekit.decoding.hypotheses import Collected, Hypotheses, Memory, State, Step, check_search, checked


def sample(
    step: Step,
    state: State,
    memory: Memory = (),
    *,
    start: int,
    end: int,
    n: int = 1,
    max_length: int = 50,
    temperature: float = 1.0,
    generator: torch.Generator | None = None,
) -> Hypotheses:
    r"""Draw `n` sentences for every source, independently.

    The next symbol is drawn with the probabilities :math:`p_i^{1/\tau} / \sum_j p_j^{1/\tau}`, where
    :math:`\tau` is the temperature.

    Parameters
    ----------
    step, state, memory, start, end, max_length
        As `coursekit.decoding.greedy` takes them.
    n
        Sentences for every source.
    temperature
        1 for the model's own distribution; towards 0 the draws become greedy.
    generator
        Source of the random numbers, on the device of the state; torch's own if not given. Draws depend on
        the whole batch: the same sentence with other neighbours gets other ones.

    Returns
    -------
    Hypotheses
        The most probable draw first; scores and log-probabilities are those of the model at temperature 1.

    Raises
    ------
    ValueError
        If an argument does not fit, or the step returns something else.

    Examples
    --------
    >>> table = torch.tensor([[0.1, 0.5, 0.4], [0.2, 0.1, 0.7], [1.0, 0.0, 0.0]]).log()
    >>> def step(ids, state, memory):
    ...     return table[ids], state
    >>> drawn = sample(step, (torch.zeros(1, 1),), start=0, end=2, n=1000,
    ...                generator=torch.Generator().manual_seed(0))
    >>> 0.35 < (drawn.lengths == 1).double().mean().item() < 0.45
    True
    """
    check_search(state, max_length=max_length, n=n)
    if not 0 < temperature < float("inf"):
        raise ValueError(f"temperature is {temperature}; give a positive number")
    sources, device = len(state[0]), state[0].device
    found = Collected(sources, n, max_length, end=end, device=device)
    ids = torch.full((sources, n), start, device=device)
    state = tuple(tensor.expand(-1, n, *tensor.shape[2:]) for tensor in state)
    total = torch.zeros(sources, n, dtype=torch.float64, device=device)
    running = torch.ones(sources, n, dtype=torch.bool, device=device)
    written = ids[:, :, None][:, :, :0]
    rows = torch.arange(sources, device=device)
    for length in range(1, max_length + 1):
        if not running.any():
            break
        log_p, state = step(ids, state, memory)
        log_p = checked(log_p, ids, end)
        # The largest is 0 before the division: towards temperature 0 only the others overflow, to -inf.
        weights = ((log_p - log_p.amax(dim=2, keepdim=True)) / temperature).softmax(dim=2).flatten(0, 1)
        ids = torch.multinomial(weights, 1, generator=generator).view(sources, n)
        total = total + log_p.gather(2, ids.unsqueeze(2)).squeeze(2)
        written = torch.cat([written, ids.unsqueeze(2)], dim=2)
        finished = ids == end
        ended = running & (finished if length < max_length else torch.ones_like(finished))
        found.add(rows, ended, written, total, finished)
        running = running & ~ended
    return found.best(n, 0.0)
