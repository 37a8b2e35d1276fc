"""Checker of beam search: the shrinking beam, on models that tell its widths and its mistakes apart."""

from collections.abc import Callable
from functools import cache
from typing import Any

import torch
from torch import Tensor

from coursekit.checkers.reports import Trial
from coursekit.decoding import beam_search

Model = Callable[[tuple[int, ...]], list[float]]

Table = dict[tuple[int, ...], tuple[float, ...]]

# How the next symbols share their probability, by what was written before; the last symbol ends. No share is
# 0, so that nobody has to say whether an impossible sentence takes a place, and no two sentences are equal.
NEVER = 1e-6
# Greedily 0 and then nothing better than 0.6 · 0.4; the end at once has 0.3.
GREEDY_LOSES: Table = {(): (0.6, 0.1, 0.3), (0,): (0.35, 0.25, 0.4)}
# Two places find 1 and the end, 0.3 · 0.9; only three find 2 and the end, 0.29 · 1.
THREE_PLACES: Table = {
    (): (0.41, 0.3, 0.29, NEVER),
    (0,): (0.28, 0.26, 0.24, 0.22),
    (1,): (0.04, 0.03, 0.03, 0.9),
    (2,): (NEVER, NEVER, NEVER, 1.0),
}
# The end at once is the most probable by far; what could be written behind it is certain.
ENDS_FIRST: Table = {
    (): (0.35, 0.25, 0.4),
    (0,): (0.9, 0.06, 0.04),
    (0, 0): (0.8, 0.11, 0.09),
    (1,): (0.1, 0.02, 0.88),
    (2,): (1.0, NEVER, NEVER),
    (2, 0): (1.0, NEVER, NEVER),
    (2, 0, 0): (1.0, NEVER, NEVER),
}
# Of two places the end at once takes one, so that 0, 1 and the end, 0.24, is lost to 0, 0; not so of three.
SHRINKS: Table = {
    (): (0.56, 0.15, 0.13, 0.16),
    (0,): (0.5, 0.45, 0.03, 0.02),
    (0, 0): (0.4, 0.3, 0.2, 0.1),
    (0, 1): (0.02, 0.02, 0.01, 0.95),
}
# Nothing ends, and what is best is cut: 0, 1, 1, which is not greedy.
ENDLESS: Table = {
    (): (0.6, 0.4, NEVER),
    (0,): (0.55, 0.45, NEVER),
    (1,): (0.55, 0.45, NEVER),
    (0, 0): (0.52, 0.48, NEVER),
    (0, 1): (0.02, 0.98, NEVER),
    (1, 0): (0.53, 0.47, NEVER),
    (1, 1): (0.54, 0.46, NEVER),
}
# Of beginnings that are not listed, by the number of symbols.
ELSE = {3: (0.31, 0.24, 0.45), 4: (0.28, 0.16, 0.23, 0.33)}

# A model, widths, greatest length.
CASES: tuple[tuple[Table, tuple[int, ...], int], ...] = (
    (GREEDY_LOSES, (1, 2, 3), 1),
    (GREEDY_LOSES, (1, 2, 3), 3),
    (THREE_PLACES, (1, 2, 3, 9), 2),
    (ENDS_FIRST, (1, 2, 3), 4),
    (SHRINKS, (1, 2, 3), 3),
    (ENDLESS, (1, 2, 4), 3),
)
_RANDOM = 12


def check_beam_search(f: Callable[[Model, int, int], tuple[tuple[int, ...], float]]) -> None:
    """Check ``f(log_probabilities, width, max_length)``, the shrinking beam of one sentence.

    At every step all running beginnings are continued by every symbol, and of all these together the most
    probable are kept, as many as there are places. A beginning that ends, or has `max_length` symbols, is
    complete and takes one place for good; the search is over when no place is left or nothing runs on.

    Parameters
    ----------
    f
        Takes a function, and two whole numbers. ``log_probabilities(beginning)`` returns, for a tuple of
        symbols, the list of log-probabilities of the symbols 0, 1, … that may follow; the last symbol ends.
        Returns the most probable complete hypothesis as a tuple of symbols, the one that ends included, and
        its log-probability, the sum over its symbols.

    Raises
    ------
    CheckFailed
        At the first wrong answer; the message shows the call, what was expected and what came.

    References
    ----------
    Sutskever, Vinyals & Le (2014), Sequence to sequence learning with neural networks, section 3.2.

    Examples
    --------
    >>> def search(log_probabilities, width, max_length):
    ...     running, complete = [((), 0.0)], []
    ...     while running and len(complete) < width:
    ...         longer = [((*y, s), total + log_p) for y, total in running
    ...                   for s, log_p in enumerate(log_probabilities(y))]
    ...         end = len(log_probabilities(())) - 1
    ...         longer.sort(key=lambda one: -one[1])
    ...         running, kept = [], longer[: width - len(complete)]
    ...         for y, total in kept:
    ...             done = y[-1] == end or len(y) == max_length
    ...             (complete if done else running).append((y, total))
    ...     return max(complete, key=lambda one: one[1])
    >>> check_beam_search(search)
    search: all 55 cases are right.
    """
    trial = Trial(f)
    generator = torch.Generator().manual_seed(0)
    written = [(_of_table(table), widths, length) for table, widths, length in CASES]
    drawn = [(_random(generator, symbols=3 + number % 2), (1, 2, 5), 4) for number in range(_RANDOM)]
    for number, (model, widths, length) in enumerate([*written, *drawn], start=1):
        for width in widths:
            shown = f"model {number}, width {width}, at most {length} symbols"
            answer = trial.call(_asked(model), width, length, shown=shown)
            if not isinstance(answer, tuple | list) or len(answer) != 2:
                raise trial.fail("a pair (symbols, log-probability)", f"a {type(answer).__name__}")
            expected, log_probability = _searched(model, width, length)
            if _symbols(answer[0]) != expected:
                raise trial.fail(f"the symbols {expected}", f"{answer[0]!r}")
            trial.tensor(answer[1], log_probability, what="the log-probability", tolerance=1e-9)
    trial.passed()


def _symbols(answer: Any) -> tuple[int, ...] | None:
    try:
        return tuple(int(symbol) for symbol in answer)
    except (TypeError, ValueError):
        return None


def _asked(model: Model) -> Model:
    """The model as `f` sees it: lists of its own, and an answer for every beginning, even behind an end."""

    def log_probabilities(beginning: tuple[int, ...]) -> list[float]:
        return list(model(tuple(int(symbol) for symbol in beginning)))

    return log_probabilities


def _of_table(table: Table) -> Model:
    def model(beginning: tuple[int, ...]) -> list[float]:
        shares = torch.tensor(table.get(beginning, ELSE[len(table[()])]), dtype=torch.float64)
        logs: list[float] = (shares / shares.sum()).log().tolist()
        return logs

    return model


def _random(generator: torch.Generator, *, symbols: int) -> Model:
    """Probabilities that are drawn when they are first asked for, from a seed that the beginning fixes."""
    seed = int(torch.randint(2**31, (), generator=generator))

    @cache
    def model(beginning: tuple[int, ...]) -> list[float]:
        node = seed
        for symbol in beginning:
            node = (node * 31 + symbol + 1) % 2**31
        own = torch.Generator().manual_seed(node)
        logits = 1.5 * torch.randn(symbols, generator=own, dtype=torch.float64)
        logs: list[float] = logits.log_softmax(dim=0).tolist()
        return logs

    return model


def _searched(model: Model, width: int, max_length: int) -> tuple[tuple[int, ...], Tensor]:
    """By the course kit's own search, whose state is the beginning of every hypothesis."""
    symbols = len(model(()))

    def step(ids: Tensor, state: tuple[Tensor, ...], memory: Any) -> tuple[Tensor, tuple[Tensor, ...]]:
        [written] = state
        written = torch.cat([written, ids.unsqueeze(2)], dim=2)
        # The symbol that begins, -1, is none of the beginning.
        rows = [model(tuple(beginning[1:])) for beginning in written[0].tolist()]
        return torch.tensor([rows], dtype=torch.float64), (written,)

    nothing = torch.zeros(1, 1, 0, dtype=torch.int64)
    found = beam_search(step, (nothing,), start=-1, end=symbols - 1, width=width, max_length=max_length)
    length = int(found.lengths[0, 0])
    return tuple(found.ids[0, 0, :length].tolist()), found.log_probabilities[0, 0]
