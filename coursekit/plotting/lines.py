"""Lines: one quantity against another, mean over seeds with the band between their extremes."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from coursekit.plotting.checks import finite_array
from coursekit.plotting.figure import Figure
from coursekit.plotting.style import COLOURS, INK, MARKERS, TEXT_SIZE, WIDTH, drawing

Series = tuple[Sequence[float], Sequence[Sequence[float]]]

# More points than this are drawn without a mark each.
_MARKED = 20


def lines(
    series: Mapping[str, Series],
    *,
    xlabel: str,
    ylabel: str,
    log_x: bool = False,
    log_y: bool = False,
    reference: Mapping[str, float] | None = None,
    alt: str | None = None,
) -> Figure:
    """Draw each series as the mean of its rows, in a band from the lowest to the highest of them.

    Parameters
    ----------
    series
        By name: where the points stand, ``(points,)``, and their values, ``(seeds, points)``; one row for a
        quantity without spread. At most as many series as the palette has colours.
    xlabel, ylabel
        What the axes show, with the unit.
    log_x, log_y
        Logarithmic axes; all values on them must be positive.
    reference
        Levels of the vertical axis to mark by a dotted line, by name.
    alt
        Description of the figure; by default the first and last mean of every series.

    Raises
    ------
    ValueError
        If there is no series or too many, lengths disagree, or a value is not finite, or not positive on a
        logarithmic axis.

    Examples
    --------
    >>> lines({"theory": ([1, 2, 3], [[1.0, 0.5, 0.25]])}, xlabel="layer", ylabel="variance", log_y=True)
    Figure: variance against layer. theory: from 1 at 1 to 0.25 at 3.
    """
    if not 1 <= len(series) <= len(COLOURS):
        raise ValueError(f"series holds {len(series)} lines; draw 1 to {len(COLOURS)} in one figure")
    drawn = {name: _read(name, *entry) for name, entry in series.items()}
    levels = dict(reference or {})
    for name, (x, rows) in drawn.items():
        _require_positive(f"the x values of {name!r}", x, log_x)
        _require_positive(f"the values of {name!r}", rows, log_y)
    for name, level in levels.items():
        _require_positive(f"the reference {name!r}", np.asarray([level], dtype=np.float64), log_y)

    with drawing():
        figure = Figure(alt=alt or _describe(drawn, levels, xlabel, ylabel), height=3.4)
        axes = figure.subplots()
        for number, (name, (x, rows)) in enumerate(drawn.items()):
            colour = COLOURS[number]
            if len(rows) > 1:
                axes.fill_between(
                    x, rows.min(axis=0), rows.max(axis=0), color=colour, alpha=0.25, linewidth=0
                )
            marker = MARKERS[number] if len(x) <= _MARKED else ""
            axes.plot(
                x, rows.mean(axis=0), color=colour, marker=marker, markersize=5, linewidth=2.0, label=name
            )
        for name, level in levels.items():
            axes.axhline(level, color=INK, linewidth=1.0, linestyle=":")
            axes.annotate(
                name,
                (1, level),
                xycoords=("axes fraction", "data"),
                xytext=(-2, 3),
                textcoords="offset points",
                ha="right",
            )
        if log_x:
            axes.set_xscale("log")
        if log_y:
            axes.set_yscale("log")
        axes.set_title(ylabel)
        axes.set_xlabel(xlabel, loc="right")
        if len(drawn) > 1:
            longest = max(map(len, drawn))
            across = int(WIDTH * 72 / (longest * TEXT_SIZE * 0.62 + 60))
            figure.legend(loc="outside upper left", ncols=max(1, min(across, len(drawn))))
    return figure


def _read(
    name: str, x: Sequence[float], rows: Sequence[Sequence[float]]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    positions = finite_array(x, name=f"the x values of {name!r}", axes=("points",))
    values = finite_array(rows, name=f"the values of {name!r}", axes=("seeds", "points"))
    if values.shape[1] != len(positions):
        raise ValueError(
            f"{name!r} has {len(positions)} x values and rows of {values.shape[1]}; give one value a point"
        )
    return positions, values


def _require_positive(what: str, values: NDArray[np.float64], log: bool) -> None:
    if log and values.min() <= 0:
        raise ValueError(f"{what} hold {values.min():g}; a logarithmic axis needs positive values")


def _describe(
    drawn: Mapping[str, tuple[NDArray[np.float64], NDArray[np.float64]]],
    levels: Mapping[str, float],
    xlabel: str,
    ylabel: str,
) -> str:
    seeds = max(len(rows) for _, rows in drawn.values())
    text = f"{ylabel} against {xlabel}{f', means of up to {seeds} seeds' if seeds > 1 else ''}."
    parts = []
    for name, (x, rows) in drawn.items():
        means = rows.mean(axis=0)
        first, last = (f"{_number(y)} at {_number(at)}" for y, at in ((means[0], x[0]), (means[-1], x[-1])))
        parts.append(f"{name}: from {first} to {last}")
    parts += [f"{name}: dotted at {_number(level)}" for name, level in levels.items()]
    return f"{text} {'; '.join(parts)}."


def _number(value: float) -> str:
    """Three significant digits, whole numbers from a thousand up: what can be read aloud."""
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.3g}"
