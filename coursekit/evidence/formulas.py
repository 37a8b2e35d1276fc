"""Formulas that a report claims, evaluated exactly: whole numbers, the question's letters and + - * / //."""

import ast
from collections.abc import Mapping
from fractions import Fraction


def formula_value(formula: str, letters: Mapping[str, int]) -> Fraction:
    """The exact value of a formula.

    Parameters
    ----------
    formula
        Python's notation, with brackets where they are needed.
    letters
        What the letters stand for.

    Raises
    ------
    ValueError
        If the formula holds anything else; the message names it.

    Examples
    --------
    >>> formula_value("M*N + 3 * (H - M + 1) / 2", {"M": 2, "N": 3, "H": 5})
    Fraction(12, 1)
    >>> formula_value("k ** 2", {"k": 3})
    Traceback (most recent call last):
    ValueError: the claimed formula holds 'k ** 2'; use whole numbers, k and + - * / //
    """
    return _value(ast.parse(formula, mode="eval").body, letters)


def _value(node: ast.expr, letters: Mapping[str, int]) -> Fraction:
    match node:
        case ast.Constant(value=int(value)):
            return Fraction(value)
        case ast.Name(id=letter) if letter in letters:
            return Fraction(letters[letter])
        case ast.BinOp(left=left, op=operator, right=right):
            a, b = _value(left, letters), _value(right, letters)
            match operator:
                case ast.Add():
                    return a + b
                case ast.Sub():
                    return a - b
                case ast.Mult():
                    return a * b
                case ast.Div():
                    return a / b
                case ast.FloorDiv():
                    return Fraction(a // b)
    raise ValueError(
        f"the claimed formula holds {ast.unparse(node)!r}; use whole numbers, {', '.join(letters)} "
        "and + - * / //"
    )
