"""The checker of the error rate accepts right functions and rejects plausible wrong ones."""

from difflib import SequenceMatcher
from functools import cache
from statistics import fmean, median

import pytest
import torch

from coursekit.checkers.error_rate import check_error_rate
from coursekit.checkers.reports import CheckFailed


def edits(first, second, *, add=1, remove=1, change=1):
    row = [add * j for j in range(len(second) + 1)]
    for i, left in enumerate(first, start=1):
        above, row = row, [remove * i]
        for j, right in enumerate(second, start=1):
            row.append(min(above[j] + remove, row[-1] + add, above[j - 1] + change * (left != right)))
    return row[-1]


def rate(predicted, true):
    return fmean(edits(p, t) / len(t) for p, t in zip(predicted, true, strict=True))


def recursive(predicted, true):
    @cache
    def distance(p, t):
        if not p or not t:
            return len(p) + len(t)
        return min(distance(p[1:], t) + 1, distance(p, t[1:]) + 1, distance(p[1:], t[1:]) + (p[0] != t[0]))

    return torch.tensor([distance(p, t) / len(t) for p, t in zip(predicted, true, strict=True)]).mean()


def by_rapidfuzz(predicted, true):
    from rapidfuzz.distance import Levenshtein

    return sum(Levenshtein.distance(p, t) / len(t) for p, t in zip(predicted, true, strict=True)) / len(true)


def swaps_count_once(first, second):
    table = {(i, 0): i for i in range(len(first) + 1)} | {(0, j): j for j in range(len(second) + 1)}
    for i, left in enumerate(first, start=1):
        for j, right in enumerate(second, start=1):
            table[i, j] = min(table[i - 1, j] + 1, table[i, j - 1] + 1, table[i - 1, j - 1] + (left != right))
            if i > 1 and j > 1 and left == second[j - 2] and first[i - 2] == right:
                table[i, j] = min(table[i, j], table[i - 2, j - 2] + 1)
    return table[len(first), len(second)]


def each(measure, mean=fmean):
    return lambda predicted, true: mean([measure(p, t) for p, t in zip(predicted, true, strict=True)])


WRONG = {
    "edits of all over characters of all": lambda p, t: (
        sum(map(edits, p, t)) / sum(len(sentence) for sentence in t)
    ),
    "of all joined": lambda p, t: edits("".join(p), "".join(t)) / len("".join(t)),
    "over the predicted length": each(lambda p, t: edits(p, t) / max(1, len(p))),
    "over the longer length": each(lambda p, t: edits(p, t) / max(len(p), len(t))),
    "never above 1": each(lambda p, t: min(1.0, edits(p, t) / len(t))),
    "not divided": each(edits),
    "a sum": each(lambda p, t: edits(p, t) / len(t), sum),
    "a median": each(lambda p, t: edits(p, t) / len(t), median),
    "the first alone": lambda p, t: edits(p[0], t[0]) / len(t[0]),
    "per cent": lambda p, t: 100 * rate(p, t),
    "accuracy": lambda p, t: 1 - rate(p, t),
    "words": lambda p, t: fmean(
        edits(a.split(), b.split()) / len(b.split()) for a, b in zip(p, t, strict=True)
    ),
    "no case": lambda p, t: rate([s.lower() for s in p], t),
    "no blanks": lambda p, t: rate([s.replace(" ", "") for s in p], [s.replace(" ", "") for s in t]),
    "place by place": each(
        lambda p, t: (sum(a != b for a, b in zip(p, t, strict=False)) + abs(len(p) - len(t))) / len(t)
    ),
    "place by place, the rest forgotten": each(
        lambda p, t: sum(a != b for a, b in zip(p, t, strict=False)) / len(t)
    ),
    "a substitution as two": each(lambda p, t: edits(p, t, change=2) / len(t)),
    "no insertions": each(lambda p, t: edits(p, t, add=0) / len(t)),
    "no deletions": each(lambda p, t: edits(p, t, remove=0) / len(t)),
    "a swap as one": each(lambda p, t: swaps_count_once(p, t) / len(t)),
    "similarity": each(lambda p, t: 1 - SequenceMatcher(None, p, t).ratio()),
    "different or not": each(lambda p, t: float(p != t)),
    "empty ones skipped": lambda p, t: rate(
        *zip(*[(a, b) for a, b in zip(p, t, strict=True) if a] or [("a", "a")], strict=True)
    ),
    "rounded": lambda p, t: round(rate(p, t), 2),
    "rates of all": lambda p, t: [edits(a, b) / len(b) for a, b in zip(p, t, strict=True)],
    "nothing": lambda p, t: None,
    "an error": lambda p, t: 1 / 0,
}


@pytest.mark.parametrize("right", [rate, recursive, by_rapidfuzz])
def test_right_functions_pass(right, capsys) -> None:
    check_error_rate(right)
    assert capsys.readouterr().out == f"{right.__name__}: all 14 cases are right.\n"


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_wrong_functions_are_rejected(wrong) -> None:
    def mine(predicted, true):
        return wrong(predicted, true)

    with pytest.raises(CheckFailed, match=r"^mine\(\[.*\], \[.*\]\)(: expected .* came| raised )"):
        check_error_rate(mine)


def test_what_the_messages_say() -> None:
    with pytest.raises(
        CheckFailed, match=r"mine\(\['b'\], \['a'\]\): expected the error rate to be 1, but 0 came$"
    ):

        def mine(predicted, true):
            return 0.0

        check_error_rate(mine)
    with pytest.raises(CheckFailed, match=r"expected the error rate of shape \(\), but shape \(1,\) came$"):
        check_error_rate(WRONG["rates of all"])
    with pytest.raises(CheckFailed, match=r"raised ZeroDivisionError: division by zero$"):
        check_error_rate(WRONG["an error"])


def test_not_called() -> None:
    with pytest.raises(CheckFailed, match="pass the function itself"):
        check_error_rate(0.5)  # type: ignore[arg-type]
