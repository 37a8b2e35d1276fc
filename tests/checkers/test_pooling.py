"""The checker of counts with and without pooling accepts the right formula and no wrong one."""

import math
from collections.abc import Sequence

import pytest

from coursekit.checkers.pooling import check_pooled_counts
from coursekit.checkers.reports import CheckFailed


def counts(side: int, filters: Sequence[int], pooling: bool) -> tuple[int, int]:
    convolutions, channels = 0, 1
    for width in filters:
        convolutions += 9 * channels * width + width
        channels = width
        side = side // 2 if pooling else side
    return convolutions, 10 * (channels * side * side + 1)


def rounded_up(side: int, filters: Sequence[int], pooling: bool) -> tuple[int, int]:
    for _ in filters:
        side = math.ceil(side / 2) if pooling else side
    return counts(28, filters, pooling)[0], 10 * (filters[-1] * side * side + 1)


def one_floor_of_the_area(side: int, filters: Sequence[int], pooling: bool) -> tuple[int, int]:
    left = side * side // 4 ** len(filters) if pooling else side * side
    return counts(28, filters, pooling)[0], 10 * (filters[-1] * left + 1)


WRONG = {
    "pooling saves kernels": lambda n, f, p: (
        counts(n, f, p)[0] // (4 if p else 1),
        counts(n, f, p)[1],
    ),
    "pooling ignored": lambda n, f, p: counts(n, f, False),
    "always pooled": lambda n, f, p: counts(n, f, True),
    "pooled once": lambda n, f, p: (
        counts(n, f, p)[0],
        10 * (f[-1] * (n // 2 if p else n) ** 2 + 1),
    ),
    "halved in one direction": lambda n, f, p: (
        counts(n, f, p)[0],
        10 * (f[-1] * n * (n // 2 ** len(f) if p else n) + 1),
    ),
    "ceil for floor": rounded_up,
    "one floor of the area": one_floor_of_the_area,
    "no biases": lambda n, f, p: (counts(n, f, p)[0] - sum(f), counts(n, f, p)[1] - 10),
    "kernels of one channel": lambda n, f, p: (10 * sum(f), counts(n, f, p)[1]),
    "all maps go on": lambda n, f, p: (
        counts(n, f, p)[0],
        (counts(n, f, p)[1] - 10) // f[-1] * sum(f) + 10,
    ),
    "swapped": lambda n, f, p: counts(n, f, p)[::-1],
    "one number": lambda n, f, p: sum(counts(n, f, p)),
    "no whole number": lambda n, f, p: (float(counts(n, f, p)[0]), counts(n, f, p)[1]),
}


def test_reference_passes(capsys: pytest.CaptureFixture[str]) -> None:
    check_pooled_counts(counts)
    check_pooled_counts(lambda *sizes: list(counts(*sizes)))
    assert capsys.readouterr().out == "counts: all 18 cases are right.\n<lambda>: all 18 cases are right.\n"


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_wrong_counts_are_rejected(wrong) -> None:
    def mine(side: int, filters: Sequence[int], pooling: bool) -> object:
        return wrong(side, filters, pooling)

    with pytest.raises(CheckFailed, match=r"^mine\(\d+, \(.*\), (True|False)\): expected .* came$"):
        check_pooled_counts(mine)


def test_sentence_says_which_layers() -> None:
    with pytest.raises(CheckFailed) as failure:
        check_pooled_counts(WRONG["pooling ignored"])
    assert (
        str(failure.value)
        == "<lambda>(2, (1,), True): expected 20 parameters of the linear layer, but 50 came"
    )
