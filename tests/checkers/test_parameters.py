"""The checker of parameter counts accepts the right formula and rejects plausible wrong ones."""

import math

import pytest

from coursekit.checkers import CheckFailed, check_parameter_counts


def counts(height: int, width: int, rows: int, columns: int) -> tuple[int, int]:
    hidden = ((height - rows + 1) // 2) * ((width - columns + 1) // 2)
    return rows * columns + 3 * hidden, height * width * hidden + 3 * hidden


def rounded_up(h: int, w: int, m: int, n: int) -> tuple[int, int]:
    hidden = math.ceil((h - m + 1) / 2) * math.ceil((w - n + 1) / 2)
    return m * n + 3 * hidden, h * w * hidden + 3 * hidden


def halved_product(h: int, w: int, m: int, n: int) -> tuple[int, int]:
    hidden = (h - m + 1) * (w - n + 1) // 4
    return m * n + 3 * hidden, h * w * hidden + 3 * hidden


WRONG = {
    "kernel's size for the image's": lambda h, w, m, n: (
        counts(h, w, m, n)[0],
        (m * n + 3) * ((h - m + 1) // 2) * ((w - n + 1) // 2),
    ),
    "sizes not rounded": lambda h, w, m, n: (
        m * n + 3 * (h - m + 1) / 2 * (w - n + 1) / 2,
        (h * w + 3) * (h - m + 1) / 2 * (w - n + 1) / 2,
    ),
    "ceil for floor": rounded_up,
    "one floor of the product": halved_product,
    "no + 1": lambda h, w, m, n: counts(h - 1, w - 1, m, n),
    "no pooling": lambda h, w, m, n: (
        m * n + 3 * (h - m + 1) * (w - n + 1),
        (h * w + 3) * (h - m + 1) * (w - n + 1),
    ),
    "rows and columns swapped": lambda h, w, m, n: counts(h, w, n, m),
    "with biases": lambda h, w, m, n: (counts(h, w, m, n)[0] + 4, counts(h, w, m, n)[1] + 4),
    "the output layer forgotten": lambda h, w, m, n: (m * n, h * w * ((h - m + 1) // 2) * ((w - n + 1) // 2)),
    "the kernel at every position": lambda h, w, m, n: (
        m * n * (h - m + 1) * (w - n + 1) + 3 * ((h - m + 1) // 2) * ((w - n + 1) // 2),
        counts(h, w, m, n)[1],
    ),
    "the networks swapped": lambda h, w, m, n: counts(h, w, m, n)[::-1],
    "one number": lambda h, w, m, n: counts(h, w, m, n)[0],
    "three numbers": lambda h, w, m, n: (*counts(h, w, m, n), 0),
}


def test_reference_passes(capsys) -> None:
    check_parameter_counts(counts)
    check_parameter_counts(lambda *sizes: list(counts(*sizes)))
    assert capsys.readouterr().out == "counts: all 11 cases are right.\n<lambda>: all 11 cases are right.\n"


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_wrong_counts_are_rejected(wrong) -> None:
    def mine(height: int, width: int, rows: int, columns: int) -> object:
        return wrong(height, width, rows, columns)

    with pytest.raises(CheckFailed, match=r"^mine\(\d+, \d+, \d+, \d+\): expected .* came$"):
        check_parameter_counts(mine)


def test_sentence_says_which_network() -> None:
    with pytest.raises(CheckFailed) as failure:
        check_parameter_counts(WRONG["kernel's size for the image's"])
    assert str(failure.value) == "<lambda>(2, 2, 1, 1): expected 7 parameters fully connected, but 4 came"
