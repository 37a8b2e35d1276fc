"""What a checker says: one sentence about the first wrong answer, or one line when all are right."""

from collections.abc import Callable
from operator import index
from typing import Any

import numpy as np
import torch
from torch import Tensor


class CheckFailed(AssertionError):  # noqa: N818
    """A learner's function gave a wrong answer; the message is one sentence: the call, expected, came."""


class Trial:
    """One function under test, called case by case.

    Parameters
    ----------
    function
        What the learner wrote.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        if not callable(function):
            raise CheckFailed(
                f"the checker was given {function!r}; pass the function itself, without calling it"
            )
        self.function = function
        self.name = getattr(function, "__name__", type(function).__name__)
        self.cases = 0

    def call(self, *arguments: Any, shown: str, **options: Any) -> Any:
        """What the function returns; an exception becomes a failed check."""
        self.cases += 1
        self.shown = f"{self.name}({shown})"
        try:
            return self.function(*arguments, **options)
        except Exception as error:
            raise CheckFailed(f"{self.shown} raised {type(error).__name__}: {error}") from error

    def fail(self, expected: object, came: object) -> CheckFailed:
        """The sentence about the last call."""
        return CheckFailed(f"{self.shown}: expected {expected}, but {came} came")

    def integer(self, value: Any, expected: int, *, what: str = "") -> None:
        """Fail unless `value` is the integer `expected`."""
        try:
            same = index(value) == expected
        except TypeError:
            raise self.fail(
                f"the integer {expected}{what}", f"{value!r}, a {type(value).__name__},"
            ) from None
        if not same:
            raise self.fail(f"{expected}{what}", index(value))

    def tensor(self, value: Any, expected: Tensor, *, what: str, tolerance: float = 0.0) -> None:
        """Fail unless `value` is `expected` in shape and values; a sparse matrix is as good as any."""
        try:
            # NumPy keeps the double precision of Python's floats, torch would halve it.
            given = value if isinstance(value, Tensor) else torch.as_tensor(np.asarray(value))
        except (TypeError, ValueError, RuntimeError):
            raise self.fail(f"{what} as a tensor", f"a {type(value).__name__}") from None
        if given.layout != torch.strided:
            given = given.to_dense()
        if given.shape != expected.shape:
            raise self.fail(f"{what} of shape {tuple(expected.shape)}", f"shape {tuple(given.shape)}")
        given = given.detach().to(expected.dtype)
        wrong = ~torch.isclose(given, expected, rtol=tolerance, atol=tolerance)
        if wrong.any():
            at = tuple(wrong.nonzero()[0].tolist())
            number = f"{float(expected[at]):.6g}"
            hold = f"{what} to hold {number} at {list(at)}" if at else f"{what} to be {number}"
            raise self.fail(hold, f"{float(given[at]):.6g}")

    def passed(self) -> None:
        """Print the one line of success."""
        print(f"{self.name}: all {self.cases} cases are right.")


def as_text(matrix: Tensor) -> str:
    """A small tensor of whole numbers as nested lists, for the call that a message shows."""
    return str([[int(value) for value in row] for row in matrix.tolist()])
