"""Claimed formulas, against fractions that are put together alongside."""

from fractions import Fraction
from operator import add, floordiv, mul, sub, truediv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit.evidence.formulas import formula_value

LETTERS = {"k": 3, "H": 7}
OPERATORS = {"+": add, "-": sub, "*": mul, "/": truediv, "//": floordiv}


def joined(left: tuple, sign: str, right: tuple) -> tuple:
    """The text of an operation, and its value; None where it divides by 0."""
    text, (a, b) = f"({left[0]} {sign} {right[0]})", (left[1], right[1])
    if a is None or b is None or (sign.startswith("/") and b == 0):
        return text, None
    return text, Fraction(OPERATORS[sign](a, b))


terms = st.recursive(
    st.integers(0, 99).map(lambda n: (str(n), Fraction(n)))
    | st.sampled_from([(letter, Fraction(n)) for letter, n in LETTERS.items()]),
    lambda inner: st.builds(joined, inner, st.sampled_from(sorted(OPERATORS)), inner),
    max_leaves=6,
)


@given(terms)
def test_a_formula_has_its_exact_value(term: tuple) -> None:
    formula, expected = term
    if expected is None:
        with pytest.raises(ZeroDivisionError):
            formula_value(formula, LETTERS)
    else:
        assert formula_value(formula, LETTERS) == expected


def test_products_come_before_sums() -> None:
    assert formula_value("1 + 2 * k - 8 / 4 // 3", LETTERS) == 7
    assert formula_value("H / 2", LETTERS) == Fraction(7, 2)


@pytest.mark.parametrize("formula", ["n + 1", "k ** 2", "k + 0.5", "-k", "round(k)", "k if H else 1"])
def test_other_things_are_named(formula: str) -> None:
    with pytest.raises(
        ValueError, match=r"the claimed formula holds .*; use whole numbers, k, H and \+ - \* /"
    ):
        formula_value(formula, LETTERS)
