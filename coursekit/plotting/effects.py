"""Effects of changes as a forest plot: one row a change, its difference to the base with an interval."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coursekit.plotting.checks import finite_array
from coursekit.plotting.figure import Figure
from coursekit.plotting.style import COLOURS, INK, SMALL_SIZE, drawing


def effects(
    rows: Sequence[tuple[str, float, float, float]], *, xlabel: str, zero: float = 0.0, alt: str | None = None
) -> Figure:
    """Show differences with their intervals against a line of no effect.

    A filled circle marks a difference whose interval leaves out `zero`, a hollow square one that cannot be
    told from it. The figures stand at the right.

    Parameters
    ----------
    rows
        ``(label, mean, low, high)`` for each change, drawn from top to bottom, in the unit of `xlabel`.
    xlabel
        What is compared, with its unit: ``"test accuracy against the base, percentage points"``.
    zero
        Where there is no effect.
    alt
        Description of the figure; by default every row in words.

    Raises
    ------
    ValueError
        If there is no row, one has not four entries, a number is not finite, or a mean lies outside its
        interval.

    Examples
    --------
    >>> effects([("dropout", 0.4, -0.1, 0.9), ("batch norm", 1.2, 0.8, 1.6)], xlabel="accuracy, points")
    Figure: Effects on accuracy, points: dropout +0.40 (−0.10 to +0.90, not distinguishable);
        batch norm +1.20 (+0.80 to +1.60).
    """
    labels, numbers = _read(rows)
    lows, highs = numbers[:, 1], numbers[:, 2]
    told = (lows > zero) | (highs < zero)
    sign = "+" if zero == 0 else ""
    spread = float(np.ptp(np.append(numbers, zero))) or 1.0
    digits = max(0, min(6, 2 - int(np.floor(np.log10(spread)))))
    # The true minus sign, as on the axis.
    written = [[f"{value:{sign}.{digits}f}".replace("-", "\u2212") for value in row] for row in numbers]
    heights = np.arange(len(labels))

    with drawing():
        figure = Figure(alt=alt or _describe(labels, written, told, xlabel), height=0.75 + 0.36 * len(labels))
        axes = figure.subplots()
        axes.axvline(zero, color=INK, linewidth=1.2)
        for height, (mean, low, high), is_told in zip(heights, numbers, told, strict=True):
            axes.plot([low, high], [height, height], color=COLOURS[0], linewidth=2.2, solid_capstyle="butt")
            axes.plot(
                [mean],
                [height],
                marker="o" if is_told else "s",
                markersize=8,
                color=COLOURS[0],
                markeredgewidth=1.8,
                markerfacecolor=COLOURS[0] if is_told else "none",
            )
        axes.set_yticks(heights, labels)
        axes.set_ylim(len(labels) - 0.5, -0.5)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.grid(visible=False, axis="y")
        axes.set_xlabel(xlabel, loc="left")
        figures = axes.secondary_yaxis("right")
        figures.set_yticks(heights, [f"{mean}  [{low}, {high}]" for mean, low, high in written])
        figures.tick_params(length=0, labelsize=SMALL_SIZE)
        figures.spines[:].set_visible(False)
    return figure


def _read(rows: Sequence[tuple[str, float, float, float]]) -> tuple[list[str], NDArray[np.float64]]:
    if not len(rows):
        raise ValueError("rows is empty; give at least one (label, mean, low, high)")
    for row in rows:
        if len(row) != 4:
            raise ValueError(f"rows holds {row!r}; expected (label, mean, low, high)")
    labels = [str(label) for label, *_ in rows]
    numbers = finite_array([row[1:] for row in rows], name="rows", axes=("changes", "mean, low, high"))
    for label, (mean, low, high) in zip(labels, numbers, strict=True):
        if not low <= mean <= high:
            raise ValueError(
                f"the mean of {label!r}, {mean:g}, lies outside its interval from {low:g} to {high:g}"
            )
    return labels, numbers


def _describe(labels: Sequence[str], written: Sequence[Sequence[str]], told: Any, xlabel: str) -> str:
    parts = [
        f"{label} {mean} ({low} to {high}{'' if is_told else ', not distinguishable'})"
        for label, (mean, low, high), is_told in zip(labels, written, told, strict=True)
    ]
    return f"Effects on {xlabel}: {'; '.join(parts)}."
