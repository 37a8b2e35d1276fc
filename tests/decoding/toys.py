"""Small models as tables, and their searches written out in plain Python."""

from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

import torch
from hypothesis import strategies as st
from torch import Tensor

START = 0


class Toy:
    """Log-probabilities that depend on the sentence and on every symbol before; the last symbol ends.

    A beginning is a node of a tree: 0 is the empty one, and ``node * symbols + symbol + 1`` the one with
    `symbol` behind it. The state holds the steps and the node, the memory which sentence it is.

    Parameters
    ----------
    tables
        ``(sentences, nodes, symbols)``
    """

    def __init__(self, tables: Tensor) -> None:
        self.tables = tables
        self.symbols = tables.shape[2]
        self.end = self.symbols - 1
        self.rows: list[tuple[int, int]] = []

    def start(self, source: Tensor) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
        """The first state and memory of sentences ``(n, 1)``, given by their numbers."""
        nothing = torch.zeros(len(source), 1, dtype=torch.int64)
        return (nothing, nothing.clone()), (source[:, 0],)

    def step(self, ids: Tensor, state: tuple[Tensor, ...], memory: tuple[Tensor, ...]):
        """Also notes for how many sentences and hypotheses it was called."""
        steps, nodes = state
        [sentences] = memory
        assert steps.shape == nodes.shape == ids.shape and sentences.shape == ids.shape[:1]
        assert steps.unique().numel() <= 1
        self.rows.append(tuple(ids.shape))
        nodes = torch.where(steps == 0, 0, nodes * self.symbols + ids + 1)
        return self.tables[sentences.unsqueeze(1), nodes], (steps + 1, nodes)

    def search(self, function, sentences: Sequence[int] | None = None, **options):
        """What a search finds for some sentences, or all."""
        chosen = range(len(self.tables)) if sentences is None else sentences
        self.rows = []
        state, memory = self.start(torch.tensor(list(chosen), dtype=torch.int64).view(-1, 1))
        return function(self.step, state, memory, start=START, end=self.end, **options)

    def after(self, sentence: int, symbols: Sequence[int]) -> list[float]:
        """Log-probabilities of the next symbol, in Python's floats."""
        node = 0
        for symbol in symbols:
            node = node * self.symbols + symbol + 1
        return self.tables[sentence, node].tolist()

    def log_probability(self, sentence: int, symbols: Sequence[int]) -> float:
        """The sum over the symbols, from the first on."""
        total = 0.0
        for place, symbol in enumerate(symbols):
            total += self.after(sentence, symbols[:place])[symbol]
        return total

    def everything(self, sentence: int, max_length: int) -> list[tuple[tuple[int, ...], float]]:
        """Every complete sequence, ended or cut, with its log-probability; impossible ones too."""
        sequences = []
        for length in range(1, max_length + 1):
            for beginning in product(range(self.end), repeat=length - 1):
                last = range(self.symbols) if length == max_length else [self.end]
                sequences += [(*beginning, symbol) for symbol in last]
        return [(sequence, self.log_probability(sentence, sequence)) for sequence in sequences]


def tree(
    seed: int, *, sentences: int, symbols: int, depth: int, coarse: bool = False, forbidden: float = 0.0
) -> Toy:
    """A random model of sequences up to `depth`.

    With `coarse` there are few different log-probabilities, so that many beginnings are exactly as probable
    as others; `forbidden` is the share of symbols that cannot follow, of which one always can.
    """
    generator = torch.Generator().manual_seed(seed)
    shape = (sentences, sum(symbols**d for d in range(depth)), symbols)
    logits = 1.5 * torch.randn(shape, generator=generator, dtype=torch.float64)
    if coarse:
        logits = logits.gt(0).double()
    closed = torch.rand(shape, generator=generator) < forbidden
    closed &= torch.arange(symbols) != torch.randint(symbols, (*shape[:2], 1), generator=generator)
    return Toy(logits.masked_fill(closed, -torch.inf).log_softmax(dim=2))


@st.composite
def toys(draw, *, coarse: bool | None = None, sentences: int = 3) -> tuple[Toy, int]:
    """A model, and a greatest length for its searches."""
    symbols = draw(st.integers(2, 4))
    depth = draw(st.integers(1, 4 if symbols < 4 else 3))
    made = tree(
        draw(st.integers(0, 10_000)),
        sentences=draw(st.integers(1, sentences)),
        symbols=symbols,
        depth=depth,
        coarse=draw(st.booleans()) if coarse is None else coarse,
        forbidden=draw(st.sampled_from([0.0, 0.0, 0.3, 0.7])),
    )
    return made, depth


class Found(NamedTuple):
    """A hypothesis in plain Python."""

    symbols: tuple[int, ...]
    log_probability: float
    score: float
    finished: bool


def listed(hypotheses, end: int) -> list[list[Found]]:
    """What a search returned, cut at the lengths, after a look at what is promised about its shape."""
    n, best = hypotheses.scores.shape
    longest = hypotheses.ids.shape[2]
    assert len(hypotheses) == n and hypotheses.ids.shape == (n, best, longest)
    assert (hypotheses.lengths <= longest).all()
    assert hypotheses.ids.dtype == hypotheses.lengths.dtype == torch.int64
    assert hypotheses.scores.dtype == hypotheses.log_probabilities.dtype == torch.float64
    assert hypotheses.finished.dtype == torch.bool
    for name in ("log_probabilities", "lengths", "finished"):
        assert getattr(hypotheses, name).shape == (n, best), name
    # Behind the end there is nothing but the end, and none before it.
    lengths = hypotheses.lengths.unsqueeze(2)
    places = torch.arange(longest)
    assert (hypotheses.ids[places.expand_as(hypotheses.ids) >= lengths] == end).all()
    assert (hypotheses.ids[places.expand_as(hypotheses.ids) < lengths - 1] != end).all()
    # A missing hypothesis has no length and no probability.
    missing = hypotheses.lengths == 0
    assert (hypotheses.scores[missing] == -torch.inf).all() and not hypotheses.finished[missing].any()
    assert (hypotheses.log_probabilities[missing] == -torch.inf).all()
    assert (hypotheses.scores[:, :-1] >= hypotheses.scores[:, 1:]).all()
    rows = []
    for row in range(n):
        found = []
        for place in range(best):
            length = int(hypotheses.lengths[row, place])
            if not length:
                continue
            one = Found(
                tuple(hypotheses.ids[row, place, :length].tolist()),
                hypotheses.log_probabilities[row, place].item(),
                hypotheses.scores[row, place].item(),
                bool(hypotheses.finished[row, place]),
            )
            assert one.finished == (one.symbols[-1] == end)
            found.append(one)
        assert len({one.symbols for one in found}) == len(found)
        rows.append(found)
    return rows


def beam_by_hand(
    toy: Toy, sentence: int, *, width: int, max_length: int, length_penalty: float = 0.0
) -> list[Found]:
    """The shrinking beam with lists, one sentence alone, to the very end; the best first."""
    running: list[tuple[tuple[int, ...], float]] = [((), 0.0)]
    complete: list[Found] = []
    for length in range(1, max_length + 1):
        longer = [
            ((*symbols, symbol), total + log_p)
            for symbols, total in running
            for symbol, log_p in enumerate(toy.after(sentence, symbols))
            if log_p > float("-inf")
        ]
        # sorted() is stable: of equal ones the first symbol of the first hypothesis.
        kept = sorted(longer, key=lambda one: -one[1])[: width - len(complete)]
        running = []
        for symbols, total in kept:
            if symbols[-1] == toy.end or length == max_length:
                score = total / length**length_penalty
                complete.append(Found(symbols, total, score, symbols[-1] == toy.end))
            else:
                running.append((symbols, total))
    return sorted(complete, key=lambda one: -one.score)


def levenshtein(first: str, second: str) -> int:
    """The table of Wagner and Fischer, row by row."""
    row = list(range(len(second) + 1))
    for i, left in enumerate(first, start=1):
        above, row = row, [i]
        for j, right in enumerate(second, start=1):
            row.append(min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (left != right)))
    return row[-1]
