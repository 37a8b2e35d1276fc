"""The checker of beam search accepts right functions and rejects plausible wrong ones."""

import heapq
import math

import numpy as np
import pytest

from coursekit.checkers.beam_search import CASES, _of_table, check_beam_search
from coursekit.checkers.reports import CheckFailed


def longer_ones(log_probabilities, running):
    return [
        ((*y, symbol), total + log_p)
        for y, total in running
        for symbol, log_p in enumerate(log_probabilities(y))
    ]


def ends(log_probabilities, y):
    return bool(y) and y[-1] == len(log_probabilities(())) - 1


def search(log_probabilities, width, max_length):
    running, complete = [((), 0.0)], []
    while running and len(complete) < width:
        longer = sorted(longer_ones(log_probabilities, running), key=lambda one: -one[1])
        kept, running = longer[: width - len(complete)], []
        for y, total in kept:
            done = ends(log_probabilities, y) or len(y) == max_length
            (complete if done else running).append((y, total))
    return max(complete, key=lambda one: one[1])


def last_symbols_first(log_probabilities, width, max_length):
    """Where beginnings are equally probable others are kept: that must not matter."""
    running, complete = [((), 0.0)], []
    for length in range(1, max_length + 1):
        longer = reversed(longer_ones(log_probabilities, running))
        kept = heapq.nlargest(width - len(complete), longer, key=lambda one: one[1])
        complete += [one for one in kept if ends(log_probabilities, one[0]) or length == max_length]
        running = [one for one in kept if not ends(log_probabilities, one[0])]
        best = max((total for _, total in complete), default=-math.inf)
        # Nothing that runs on can overtake.
        if not running or running[0][1] <= best:
            break
    y, total = max(complete, key=lambda one: one[1])
    return list(y), np.float64(total)


def everything_kept(log_probabilities, width, max_length):
    """Exact search: the best of all sentences."""
    return search(log_probabilities, 10_000, max_length)


def greedy(log_probabilities, width, max_length):
    return search(log_probabilities, 1, max_length)


def extended_behind_the_end(log_probabilities, width, max_length):
    running = [((), 0.0)]
    for _ in range(max_length):
        running = sorted(longer_ones(log_probabilities, running), key=lambda one: -one[1])[:width]
    return running[0]


def extended_and_cut_behind(log_probabilities, width, max_length):
    """Goes on behind the end and forgets what was written there, but not its log-probability."""
    y, total = extended_behind_the_end(log_probabilities, width, max_length)
    end = len(log_probabilities(())) - 1
    return (y[: y.index(end) + 1] if end in y else y), total


def full_beam(log_probabilities, width, max_length):
    """Ended hypotheses leave their places to others."""
    running, complete = [((), 0.0)], []
    for length in range(1, max_length + 1):
        longer = sorted(longer_ones(log_probabilities, running), key=lambda one: -one[1])
        complete += [one for one in longer[:width] if ends(log_probabilities, one[0]) or length == max_length]
        running = [one for one in longer if not ends(log_probabilities, one[0])][:width]
    return max(complete, key=lambda one: one[1])


def first_that_ends(log_probabilities, width, max_length):
    running = [((), 0.0)]
    for length in range(1, max_length + 1):
        running = sorted(longer_ones(log_probabilities, running), key=lambda one: -one[1])[:width]
        for one in running:
            if ends(log_probabilities, one[0]) or length == max_length:
                return one
    return running[0]


def stops_with_the_first_end(log_probabilities, width, max_length):
    """Ends as soon as the best beginning has ended, though others run on: the same sentence, at most."""
    running = [((), 0.0)]
    for _ in range(max_length):
        ended = [one for one in running if ends(log_probabilities, one[0])]
        running = ended + longer_ones(
            log_probabilities, [one for one in running if not ends(log_probabilities, one[0])]
        )
        running = sorted(running, key=lambda one: one[1] / len(one[0]), reverse=True)[:width]
    return running[0]


def per_beginning(log_probabilities, width, max_length):
    """The best continuation of every beginning, in place of the best of all."""
    running, complete = [((), 0.0)], []
    for length in range(1, max_length + 1):
        count = width if length == 1 else 1
        kept = [
            one
            for beginning in running
            for one in sorted(longer_ones(log_probabilities, [beginning]), key=lambda one: -one[1])[:count]
        ]
        complete += [one for one in kept if ends(log_probabilities, one[0]) or length == max_length]
        running = [one for one in kept if not ends(log_probabilities, one[0])]
    return max(complete, key=lambda one: one[1])


def ended_only(log_probabilities, width, max_length):
    """What is cut does not count."""
    running, complete = [((), 0.0)], []
    for _ in range(max_length):
        longer = sorted(longer_ones(log_probabilities, running), key=lambda one: -one[1])
        kept = longer[: width - len(complete)]
        complete += [one for one in kept if ends(log_probabilities, one[0])]
        running = [one for one in kept if not ends(log_probabilities, one[0])]
    return max(complete or running, key=lambda one: one[1])


def normalised(log_probabilities, width, max_length):
    running, complete = [((), 0.0)], []
    for length in range(1, max_length + 1):
        longer = sorted(longer_ones(log_probabilities, running), key=lambda one: -one[1])
        kept = longer[: width - len(complete)]
        complete += [one for one in kept if ends(log_probabilities, one[0]) or length == max_length]
        running = [one for one in kept if not ends(log_probabilities, one[0])]
    return max(complete, key=lambda one: one[1] / len(one[0]))


def wrapped(change):
    return lambda *given: change(*search(*given))


WRONG = {
    "greedy": greedy,
    "exact": everything_kept,
    "extended behind the end": extended_behind_the_end,
    "extended behind the end and cut": extended_and_cut_behind,
    "a beam that does not shrink": full_beam,
    "the first that ends": first_that_ends,
    "by the mean": stops_with_the_first_end,
    "the best of every beginning": per_beginning,
    "cut ones left out": ended_only,
    "normalised by length": normalised,
    "one place more": lambda f, width, length: search(f, width + 1, length),
    "one symbol more": lambda f, width, length: search(f, width, length + 1),
    "one symbol less": lambda f, width, length: search(f, width, max(1, length - 1)),
    "the least probable": lambda f, width, length: search(lambda y: [-p for p in f(y)], width, length),
    "probabilities added": lambda f, width, length: (
        search(lambda y: [math.exp(p) for p in f(y)], width, length)
    ),
    "a probability": wrapped(lambda y, total: (y, math.exp(total))),
    "the mean": wrapped(lambda y, total: (y, total / len(y))),
    "without the end": lambda f, *given: (
        lambda y, total: (y[:-1] if ends(f, y) else y, total)
    )(*search(f, *given)),
    "with a beginning": wrapped(lambda y, total: ((-1, *y), total)),
    "the other way round": wrapped(lambda y, total: (total, y)),
    "the symbols alone": wrapped(lambda y, total: y),
    "symbols without a number": wrapped(lambda y, total: (None, total)),
    "nothing": lambda *given: None,
    "an error": lambda *given: 1 / 0,
}  # fmt: skip


@pytest.mark.parametrize("right", [search, last_symbols_first])
def test_right_functions_pass(right, capsys) -> None:
    check_beam_search(right)
    assert capsys.readouterr().out == f"{right.__name__}: all 55 cases are right.\n"


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_wrong_functions_are_rejected(wrong) -> None:
    def mine(*given):
        return wrong(*given)

    with pytest.raises(
        CheckFailed,
        match=r"^mine\(model \d+, width \d, at most \d symbols\)(: expected .* came| raised )",
    ):
        check_beam_search(mine)


def test_what_the_tables_tell_apart() -> None:
    found = {
        (number, width): search(_of_table(table), width, length)[0]
        for number, (table, widths, length) in enumerate(CASES, start=1)
        for width in widths
    }
    # Greedy loses to two places; two lose to three; nothing is gained behind an end; an end
    # takes a place; the best one is cut.
    assert found[2, 1] == (0, 2) and found[2, 2] == (2,)
    assert [found[3, width] for width in (1, 2, 3, 9)] == [(0, 0), (1, 3), (2, 3), (2, 3)]
    assert {found[4, width] for width in (1, 2, 3)} == {(2,)}
    assert [found[5, width] for width in (1, 2, 3)] == [(0, 0, 0), (3,), (0, 1, 3)]
    assert [found[6, width] for width in (1, 2, 4)] == [(0, 0, 0), (0, 1, 1), (0, 1, 1)]


def test_what_the_messages_say() -> None:
    with pytest.raises(
        CheckFailed, match=r"expected a pair \(symbols, log-probability\), but a NoneType came$"
    ):
        check_beam_search(WRONG["nothing"])
    with pytest.raises(
        CheckFailed,
        match=r"model 2, width 2, at most 3 symbols\): expected the symbols \(2,\), but \(0, 2\) came$",
    ):
        check_beam_search(greedy)
    with pytest.raises(
        CheckFailed, match=r"width 1, .*: expected the log-probability to be -\S+, but \S+ came$"
    ):
        check_beam_search(WRONG["a probability"])
    with pytest.raises(CheckFailed, match=r"expected the symbols \(0,\), but None came$"):
        check_beam_search(WRONG["symbols without a number"])


def test_not_called() -> None:
    with pytest.raises(CheckFailed, match="pass the function itself"):
        check_beam_search(3)  # type: ignore[arg-type]
