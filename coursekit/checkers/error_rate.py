"""Checker of the error rate of translations: edit distance over true length, averaged over sentences."""

from collections.abc import Callable, Sequence

import torch

from coursekit.checkers.reports import Trial
from coursekit.metrics import error_rate

# Predicted and true sentences, smallest first: one edit of each kind, a swap, capital letters and blanks,
# nothing predicted, a rate above 1, edits of several kinds, and sentences of unequal length, for which the
# edits together over the characters together would be another number.
CASES: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("a",), ("a",)),
    (("b",), ("a",)),
    (("ab",), ("abc",)),
    (("abcd",), ("abc",)),
    (("ba",), ("ab",)),
    (("He is .",), ("he is.",)),
    (("",), ("abc",)),
    (("no no no",), ("no",)),
    (("bcde",), ("abcd",)),
    (("kitten",), ("sitting",)),
    (("x", "he is here ."), ("a", "he is here .")),
    (("go .", "", "she was old ."), ("go !", "i", "we were old .")),
    (("the same", "the other"), ("the other", "the same")),
    (("i am young .", "no", "tom tom tom tom"), ("you were young .", "no", "tom")),
)


def check_error_rate(f: Callable[[Sequence[str], Sequence[str]], float]) -> None:
    """Check ``f(predicted, true)``, the mean over sentences of the Levenshtein distance over the true length.

    Parameters
    ----------
    f
        Takes two lists of as many sentences; no true one is empty. Returns a number: for every sentence the
        least number of insertions, deletions and substitutions of a character that turn the predicted into
        the true one, over the characters of the true one, and of these rates the mean.

    Raises
    ------
    CheckFailed
        At the first wrong answer; the message shows the call, what was expected and what came.

    Examples
    --------
    >>> def distance(first, second):
    ...     row = list(range(len(second) + 1))
    ...     for i, left in enumerate(first, start=1):
    ...         above, row = row, [i]
    ...         for j, right in enumerate(second, start=1):
    ...             row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (left != right)))
    ...     return row[-1]
    >>> def rate(predicted, true):
    ...     rates = [distance(p, t) / len(t) for p, t in zip(predicted, true)]
    ...     return sum(rates) / len(rates)
    >>> check_error_rate(rate)
    rate: all 14 cases are right.
    """
    trial = Trial(f)
    for predicted, true in CASES:
        answer = trial.call(list(predicted), list(true), shown=f"{list(predicted)}, {list(true)}")
        expected = torch.tensor(error_rate(predicted, true), dtype=torch.float64)
        trial.tensor(answer, expected, what="the error rate", tolerance=1e-6)
    trial.passed()
