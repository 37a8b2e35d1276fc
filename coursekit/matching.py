"""Matching sizes: which depth, width or kernel gives a network as many parameters as a budget allows."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from html import escape
from typing import Generic, TypeVar

import torch
from torch import nn

_Candidate = TypeVar("_Candidate")

HEADER = ("candidate", "parameters", "difference", "")


@dataclass(frozen=True)
class Counted(Generic[_Candidate]):
    """A candidate with the size of its network.

    Attributes
    ----------
    candidate
        What `build` was called with.
    parameters
        Weights and biases, each shared one once.
    difference
        Parameters minus budget.
    """

    candidate: _Candidate
    parameters: int
    difference: int


@dataclass(frozen=True)
class Refused(Generic[_Candidate]):
    """A candidate that makes no network, and why."""

    candidate: _Candidate
    reason: str


@dataclass(frozen=True)
class ParameterMatch(Generic[_Candidate]):
    """Candidates against a budget of parameters; prints and shows itself as a table.

    Attributes
    ----------
    budget, tolerance
        Parameters.
    rows
        A row a candidate, in the order given.
    """

    budget: int
    tolerance: int
    rows: tuple[Counted[_Candidate] | Refused[_Candidate], ...]

    @property
    def counted(self) -> tuple[Counted[_Candidate], ...]:
        """The candidates that make a network."""
        return tuple(row for row in self.rows if isinstance(row, Counted))

    @property
    def refused(self) -> tuple[Refused[_Candidate], ...]:
        """The candidates that make none."""
        return tuple(row for row in self.rows if isinstance(row, Refused))

    @property
    def best(self) -> Counted[_Candidate]:
        """The candidate nearest to the budget; of two equally near ones the smaller network."""
        return min(self.counted, key=lambda row: (abs(row.difference), row.parameters))

    @property
    def within(self) -> tuple[Counted[_Candidate], ...]:
        """The candidates that are off by `tolerance` at most; there may be none."""
        return tuple(row for row in self.counted if abs(row.difference) <= self.tolerance)

    def __str__(self) -> str:
        cells = [HEADER, *map(self._cells, self.rows)]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = [
            "  ".join(
                [row[0].ljust(widths[0]), row[1].rjust(widths[1]), row[2].rjust(widths[2]), row[3]]
            ).rstrip()
            for row in cells
        ]
        return "\n".join([self._caption, "", lines[0], "─" * max(map(len, lines)), *lines[1:]])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col">{name}</th>' if name else "<td></td>" for name in HEADER)
        body = "".join(
            f'<tr><th scope="row">{escape(first)}</th>'
            + "".join(
                f'<td data-label="{name}">{escape(text)}</td>'
                for name, text in zip(HEADER[1:], rest, strict=True)
            )
            + "</tr>"
            for first, *rest in map(self._cells, self.rows)
        )
        return (
            '<div class="coursekit-scroll"><table class="coursekit-table">'
            f"<caption>{self._caption}</caption>"
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
        )

    @property
    def _caption(self) -> str:
        return f"Parameters against a budget of {self.budget:,}"

    def _cells(self, row: Counted[_Candidate] | Refused[_Candidate]) -> tuple[str, str, str, str]:
        if isinstance(row, Refused):
            return str(row.candidate), "–", "–", row.reason
        notes = ["nearest"] * (row == self.best) + [f"within {self.tolerance:,}"] * (row in self.within)
        return str(row.candidate), f"{row.parameters:,}", f"{row.difference:+,}", ", ".join(notes)


def match_parameters(
    build: Callable[[_Candidate], nn.Module],
    candidates: Iterable[_Candidate],
    *,
    budget: int,
    tolerance: int = 10_000,
) -> ParameterMatch[_Candidate]:
    """Count the parameters of ``build(candidate)`` for every candidate, against `budget`.

    Networks are built on torch's device ``meta``: they take no memory and draw no random numbers.

    Parameters
    ----------
    build
        Makes the network for a candidate (a depth, a width, the side of a kernel), and leaves it on the
        device where it is made. Where it raises ValueError, the table shows the reason.
    candidates
        At least one; at least one must make a network.
    budget
        Parameters wanted, at least 1.
    tolerance
        How many parameters more or fewer still count as "about as many", at least 0.

    Raises
    ------
    ValueError
        If there are no candidates, none makes a network, or a number is out of range.
    TypeError
        If `build` returns no module.

    Examples
    --------
    >>> match_parameters(lambda width: nn.Linear(10, width), range(1, 4), budget=20, tolerance=5)
    Parameters against a budget of 20
    <BLANKLINE>
    candidate  parameters  difference
    ────────────────────────────────────────────────────
    1                  11          -9
    2                  22          +2  nearest, within 5
    3                  33         +13
    """
    if budget < 1:
        raise ValueError(f"budget is {budget}; a network to match has at least 1 parameter")
    if tolerance < 0:
        raise ValueError(
            f"tolerance is {tolerance}; give the parameters that a match may be off by, 0 or more"
        )
    rows = tuple(_row(build, candidate, budget) for candidate in candidates)
    if not rows:
        raise ValueError("there are no candidates; give the depths, widths or kernel sizes to try")
    match = ParameterMatch(budget=budget, tolerance=tolerance, rows=rows)
    if not match.counted:
        first = match.refused[0]
        raise ValueError(
            f"none of {len(rows)} candidates makes a network; the first, {first.candidate}, does not because "
            f"{first.reason}"
        )
    return match


def _row(
    build: Callable[[_Candidate], nn.Module], candidate: _Candidate, budget: int
) -> Counted[_Candidate] | Refused[_Candidate]:
    try:
        with torch.device("meta"):
            model = build(candidate)
    except ValueError as error:
        return Refused(candidate, str(error).partition("\n")[0])
    if not isinstance(model, nn.Module):
        raise TypeError(
            f"build returned {type(model).__name__} for {candidate}; return the network, an nn.Module"
        )
    parameters = sum(parameter.numel() for parameter in model.parameters())
    return Counted(candidate, parameters, parameters - budget)
