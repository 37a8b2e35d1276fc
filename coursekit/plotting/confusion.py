"""A confusion matrix: one row a true class, one column an answer, the diagonal set apart."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from coursekit.plotting.checks import finite_array, same_length
from coursekit.plotting.figure import Figure
from coursekit.plotting.style import COLOURS, INK, SMALL_SIZE, TEXT_SIZE, WIDTH, drawing

_RIGHT, _WRONG = COLOURS[0], COLOURS[1]
# The page shows through: with at most this much colour, its own text colour stays readable on every cell.
_STRONGEST = 0.65


def confusion_matrix(
    confusion: Any, *, classes: Sequence[str], normalise: bool = True, alt: str | None = None
) -> Figure:
    """Show who is taken for whom.

    Right answers are blue, bold and framed, mistakes vermilion. The strength of a colour grows with the
    cube root of the share of its row, so that rare mistakes show too. An empty cell was never answered.

    Parameters
    ----------
    confusion
        Counts ``(classes, classes)``, rows true, columns predicted, as
        `coursekit.inspection.confusion_matrix` returns them.
    classes
        Names, in the order of the rows.
    normalise
        Write per cent of the row (default), else counts.
    alt
        Description of the figure; by default the share of right answers and the largest mistakes.

    Raises
    ------
    ValueError
        If `confusion` is not square, holds a negative or missing value, or the names do not fit its size.

    Examples
    --------
    >>> confusion_matrix([[9, 1], [0, 10]], classes=["shirt", "coat"])
    Figure: Confusion matrix of 2 classes, 20 samples, 95 % of them right.
        Most frequent mistakes: shirt taken for coat, 10 %.
    """
    counts = finite_array(confusion, name="confusion", axes=("classes", "classes"))
    if counts.shape[0] != counts.shape[1]:
        raise ValueError(f"confusion has the shape {counts.shape}; expected as many rows as columns")
    if (counts < 0).any():
        raise ValueError(f"confusion holds {counts.min():g}; counts are 0 or more")
    same_length(classes, name="classes", count=len(counts), of="rows of confusion")
    totals = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, totals, out=np.zeros_like(counts), where=totals > 0)

    size = len(counts)
    margin = max(map(len, classes)) * TEXT_SIZE * 0.62 / 72
    cell = min(0.6, (WIDTH - margin) / size)
    with drawing():
        figure = Figure(
            alt=alt or _describe(counts, shares, classes),
            width=max(3.2, margin + cell * size + 0.3),
            height=margin + min(cell, 0.44) * size + 0.4,
        )
        axes = figure.subplots()
        for row, column in np.ndindex(size, size):
            _draw_cell(axes, row, column, shares[row, column])
            text = _cell_text(float(counts[row, column]), shares[row, column], normalise)
            if text:
                axes.text(
                    column,
                    row,
                    text,
                    ha="center",
                    va="center_baseline",
                    size=min(SMALL_SIZE, cell * 72 / 3),
                    weight="bold" if row == column else "normal",
                )
        axes.set(xlim=(-0.5, size - 0.5), ylim=(size - 0.5, -0.5))
        axes.set_xticks(range(size), classes, rotation=90, rotation_mode="anchor", ha="left", va="center")
        axes.set_yticks(range(size), classes)
        axes.xaxis.tick_top()
        unit = "per cent of the true class" if normalise else "number of samples"
        axes.set_xlabel(unit, loc="right", size=SMALL_SIZE)
        axes.tick_params(length=0, pad=6)
        axes.grid(visible=False)
        axes.spines[:].set_visible(False)
        corner: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "offset points", "ha": "right"}
        axes.annotate("predicted →", (0, 1), xytext=(-6, 22), style="italic", **corner)
        axes.annotate("true ↓", (0, 1), xytext=(-6, 6), style="italic", **corner)
    return figure


def _draw_cell(axes: Any, row: int, column: int, share: float) -> None:
    right = row == column
    if share or right:
        corner, side = (column - 0.46, row - 0.46), 0.92
        strength = _STRONGEST * float(np.cbrt(share))
        axes.add_patch(
            Rectangle(corner, side, side, color=_RIGHT if right else _WRONG, alpha=strength, linewidth=0)
        )
        if right:
            axes.add_patch(Rectangle(corner, side, side, fill=False, edgecolor=INK, linewidth=1.2))


def _cell_text(count: float, share: float, normalise: bool) -> str:
    if not count:
        return ""
    if not normalise:
        return f"{count:,.0f}"
    return "<1" if share < 0.005 else f"{100 * share:.0f}"


def _describe(counts: NDArray[np.float64], shares: NDArray[np.float64], classes: Sequence[str]) -> str:
    total = counts.sum()
    size = "1 class" if len(classes) == 1 else f"{len(classes)} classes"
    if not total:
        return f"Confusion matrix of {size} without a sample."
    right = 100 * np.trace(counts) / total
    text = f"Confusion matrix of {size}, {total:,.0f} samples, {right:.3g} % of them right."
    mistakes = shares * (1 - np.eye(len(classes)))
    order = np.argsort(-mistakes, axis=None, kind="stable")[:3]
    largest = [divmod(int(place), len(classes)) for place in order]
    named = [
        f"{classes[row]} taken for {classes[column]}, {100 * mistakes[row, column]:.2g} %"
        for row, column in largest
        if mistakes[row, column]
    ]
    return f"{text} Most frequent mistakes: {'; '.join(named)}." if named else f"{text} No mistake."
