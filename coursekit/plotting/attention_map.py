"""An attention as a grid: a row for every character written, a column for every one read."""

from typing import Any

import numpy as np
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from coursekit.plotting.checks import finite_array
from coursekit.plotting.figure import Figure
from coursekit.plotting.style import COLOURS, INK, SMALL_SIZE, TEXT_SIZE, WIDTH, drawing

#: How a blank, and the end of a sentence, are written at the edge of the grid.
BLANK, END = "␣", "■"
# The page shows through: with at most this much colour, frames stay visible on every cell.
_STRONGEST = 0.9


def attention_map(probabilities: Any, source: str, target: str, *, alt: str | None = None) -> Figure:
    """Show where a decoder looked while it wrote.

    The strength of a cell grows with the probability; the largest of a row is framed. The last row may be
    that of the end of the sentence, which is drawn as a square.

    Parameters
    ----------
    probabilities
        ``(steps, positions)``: a row for every character of `target`, or one more for its end; a column for
        every character of `source`.
    source, target
        What was read and what was written.
    alt
        Description of the figure; by default the character that each step looked at most.

    Raises
    ------
    ValueError
        If the shape does not fit the sentences, or a value is not between 0 and 1.

    Examples
    --------
    >>> attention_map([[0.9, 0.1], [0.2, 0.8], [0.5, 0.5]], source="no", target="no")
    Figure: Attention while "no" is written, reading "no". Looked at most: n at n, o at o, end at n.
    """
    shares = finite_array(probabilities, name="probabilities", axes=("steps", "positions"))
    steps, positions = shares.shape
    if positions != len(source) or not 0 <= steps - len(target) <= 1 or not positions:
        raise ValueError(
            f"probabilities have the shape {shares.shape} for {len(source)} characters read and "
            f"{len(target)} written; pass a column for every one read, and a row for every one written "
            "(and one more for the end, if you like)"
        )
    if shares.min(initial=0) < 0 or shares.max(initial=0) > 1 + 1e-6:
        raise ValueError(
            f"probabilities lie between {shares.min():g} and {shares.max():g}; pass some between 0 and 1"
        )
    cell = min(0.3, (WIDTH - 0.8) / positions)
    with drawing():
        figure = Figure(
            alt=alt or _describe(shares, source, target),
            width=max(3.2, cell * positions + 0.9),
            height=cell * steps + 0.9,
        )
        axes = figure.subplots()
        for row, column in np.ndindex(steps, positions):
            corner, side = (column - 0.46, row - 0.46), 0.92
            strength = _STRONGEST * float(shares[row, column])
            axes.add_patch(Rectangle(corner, side, side, color=COLOURS[0], alpha=strength, linewidth=0))
        for row, column in enumerate(shares.argmax(axis=1)):
            corner, side = (column - 0.46, row - 0.46), 0.92
            axes.add_patch(Rectangle(corner, side, side, fill=False, edgecolor=INK, linewidth=1.0))
        axes.set(xlim=(-0.5, positions - 0.5), ylim=(steps - 0.5, -0.5), aspect="equal")
        axes.set_xticks(range(positions), [_shown(character) for character in source])
        axes.set_yticks(range(steps), [_shown(c) for c in target] + [END] * (steps - len(target)))
        axes.xaxis.tick_top()
        axes.set_xlabel("read →", loc="left", size=SMALL_SIZE)
        axes.xaxis.set_label_position("top")
        axes.set_ylabel("← written", loc="top", size=SMALL_SIZE, labelpad=2)
        axes.tick_params(length=0, pad=3, labelsize=TEXT_SIZE)
        axes.grid(visible=False)
        axes.spines[:].set_visible(False)
    return figure


def _shown(character: str) -> str:
    return BLANK if character == " " else character


def _describe(shares: NDArray[np.float64], source: str, target: str) -> str:
    names = ["blank" if character == " " else character for character in source]
    written = ["blank" if character == " " else character for character in target]
    written += ["end"] * (len(shares) - len(target))
    looks = [f"{name} at {names[place]}" for name, place in zip(written, shares.argmax(axis=1), strict=True)]
    most = f" Looked at most: {', '.join(looks)}." if looks else ""
    return f'Attention while "{target}" is written, reading "{source}".{most}'
