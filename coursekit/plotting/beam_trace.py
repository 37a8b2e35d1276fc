"""What a beam search looked at on its way: every step's candidates, those it dropped included."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Literal

import torch

from coursekit.decoding.hypotheses import Memory, State, Step, check_search, checked

#: What becomes of a candidate: the beam goes on with it, it ended, it is as long as may be, or had no place.
Status = Literal["kept", "complete", "cut", "dropped"]


@dataclass(frozen=True)
class Candidate:
    """A beginning of the step before with one symbol more.

    Parameters
    ----------
    text
        What was written before.
    symbol, ends
        The text of the new symbol, and whether it is the one that ends.
    log_probability, total
        Of the new symbol, and of all symbols together.
    parent
        Which candidate of the layer before it continues; None at the first step.
    status
        "kept", "complete", "cut" (as long as may be) or "dropped".
    """

    text: str
    symbol: str
    ends: bool
    log_probability: float
    total: float
    parent: int | None
    status: Status


@dataclass(frozen=True)
class Layer:
    """One step of a search.

    Parameters
    ----------
    places
        How many candidates the beam can take at this step: the width less the complete hypotheses.
    considered
        How many candidates of a probability above 0 there were.
    candidates
        By falling total: all that got a place, then the best of those that got none.
    """

    places: int
    considered: int
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True)
class Complete:
    """A complete hypothesis.

    Parameters
    ----------
    text, ids
        What was written; `ids` with the symbol that ends it.
    log_probability, score
        Of all symbols together, and that over the length to the power of the length penalty.
    finished
        Whether it ends with the symbol that ends, or was cut at the greatest length.
    layer, place
        The candidate that it is.
    """

    text: str
    ids: tuple[int, ...]
    log_probability: float
    score: float
    finished: bool
    layer: int
    place: int


@dataclass(frozen=True)
class BeamTrace:
    """A beam search over one sentence, step by step.

    Parameters
    ----------
    width, length_penalty
        As `trace_beam` got them.
    layers
        One for every symbol.
    hypotheses
        All complete ones, the best first.
    """

    width: int
    length_penalty: float
    layers: tuple[Layer, ...]
    hypotheses: tuple[Complete, ...]


@dataclass(frozen=True)
class _Running:
    """A beginning in the beam; `place` is its candidate in the layer before."""

    ids: tuple[int, ...]
    text: str
    total: float
    state: State
    place: int | None


def trace_beam(
    step: Step,
    state: State,
    memory: Memory = (),
    *,
    start: int,
    end: int,
    width: int,
    symbols: Sequence[str],
    max_length: int = 50,
    length_penalty: float = 0.0,
    n_best: int = 1,
    dropped: int = 3,
) -> BeamTrace:
    """Search as `coursekit.decoding.beam_search` does, for one sentence, and keep what was seen.

    It continues one beginning at a time, in plain Python: slow, and easy to follow.

    Parameters
    ----------
    step, state, memory, start, end, width, max_length, length_penalty, n_best
        As `beam_search` takes them, for one sentence.
    symbols
        The text of every symbol, by id.
    dropped
        How many of the candidates without a place to keep of each step, the best ones.

    Returns
    -------
    BeamTrace
        Its first `n_best` hypotheses are those that `beam_search` returns.

    Raises
    ------
    ValueError
        If an argument does not fit, or the step returns something else.

    Examples
    --------
    Two symbols and an end. The best beginning, a, leads to the second best sentence:

    >>> table = torch.tensor([[0.0, 0.5, 0.4], [0.2, 0.1, 0.7], [1.0, 0.0, 0.0]]).log()
    >>> def step(ids, state, memory):
    ...     return table[ids], state
    >>> trace = trace_beam(step, (torch.zeros(1, 1),), start=0, end=2, width=2, symbols=["", "a", "."])
    >>> [(c.symbol, c.status) for c in trace.layers[0].candidates]
    [('a', 'kept'), ('.', 'complete')]
    >>> [(h.text, round(h.log_probability, 2)) for h in trace.hypotheses]
    [('', -0.92), ('a', -1.05)]
    """
    check_search(state, max_length=max_length, width=width, n_best=n_best)
    if len(state[0]) != 1:
        raise ValueError(f"the state is that of {len(state[0])} sentences; pass one sentence")
    if n_best > width:
        raise ValueError(f"n_best is {n_best}, width {width}; a beam has as many hypotheses as places")
    if not 0 <= length_penalty < inf:
        raise ValueError(f"length_penalty is {length_penalty}; give a number that is not negative")
    if dropped < 0:
        raise ValueError(f"dropped is {dropped}; it must be at least 0")

    layers: list[Layer] = []
    complete: list[Complete] = []
    beam = [_Running((), "", 0.0, state, None)]
    for length in range(1, max_length + 1):
        places = width - len(complete)
        looked_at = []
        for running in beam:
            last = torch.tensor([[running.ids[-1] if running.ids else start]], device=state[0].device)
            log_p, after = step(last, running.state, memory)
            row = checked(log_p, last, end)[0, 0].tolist()
            if len(row) != len(symbols):
                raise ValueError(
                    f"the step knows {len(row)} symbols and symbols has {len(symbols)}; pass a text for each"
                )
            looked_at += [
                (running.total + value, value, symbol, running, after)
                for symbol, value in enumerate(row)
                if value > -inf
            ]
        # A stable sort: among equal ones the first symbol of the first beginning, as in the search itself.
        looked_at.sort(key=lambda one: -one[0])

        candidates, going = [], []
        for place, (total, value, symbol, parent, after) in enumerate(looked_at[: places + dropped]):
            ids, text = (*parent.ids, symbol), parent.text + symbols[symbol] * (symbol != end)
            status: Status = "kept"
            if place >= places:
                status = "dropped"
            elif symbol == end or length == max_length:
                status = "complete" if symbol == end else "cut"
                score = total / float(length) ** length_penalty
                complete.append(Complete(text, ids, total, score, symbol == end, length - 1, place))
            else:
                going.append(_Running(ids, text, total, after, place))
            candidates.append(
                Candidate(parent.text, symbols[symbol], symbol == end, value, total, parent.place, status)
            )
        layers.append(Layer(places, len(looked_at), tuple(candidates)))

        # Log-probabilities only fall: no beginning can score more than `bound`.
        ranked = sorted((found.score for found in complete), reverse=True)
        bound = max((running.total for running in going), default=-inf) / max_length**length_penalty
        if not going or (len(ranked) >= n_best and ranked[n_best - 1] >= bound):
            break
        beam = going
    best_first = sorted(complete, key=lambda found: -found.score)
    return BeamTrace(width, length_penalty, tuple(layers), tuple(best_first))
