"""Ratios as dots: one row a comparison, every way's ratio to the row's reference on a logarithmic axis."""

from collections.abc import Collection, Mapping, Sequence

from matplotlib.ticker import FixedLocator, NullLocator

from coursekit.plotting.checks import finite_array
from coursekit.plotting.figure import Figure
from coursekit.plotting.style import COLOURS, INK, MARKERS, drawing

Dots = Sequence[tuple[str, float, float, float]]


def ratios(
    rows: Mapping[str, Dots],
    *,
    xlabel: str,
    filled: Collection[str] = (),
    reference: float = 1.0,
    alt: str | None = None,
) -> Figure:
    """Show ratios with the range of each around a line where nothing differs.

    The rows' names stand above their dots, so that a narrow screen has its whole width for the axis.

    Parameters
    ----------
    rows
        By name, from top to bottom: ``(kind, middle, low, high)`` of every dot, positive numbers. A kind has
        one mark and colour in the whole figure; at most as many kinds as the palette has colours.
    xlabel
        What the ratios say: ``"times as fast as the tutorial's loop"``.
    filled
        Kinds whose marks are filled, larger and on top; those of the others are hollow.
    reference
        Where the line stands.
    alt
        Description of the figure; by default the range of every kind over the rows.

    Raises
    ------
    ValueError
        If there is no row or no dot, too many kinds, a number is not finite and positive, or a middle lies
        outside its range.

    Examples
    --------
    >>> ratios({"small net": [("ours", 3, 2.5, 3.2), ("theirs", 0.8, 0.7, 0.9)],
    ...         "large net": [("ours", 1.5, 1.4, 1.6)]}, xlabel="times as fast", filled=["ours"])
    Figure: times as fast, 2 rows. ours: 1.5 to 3; theirs: 0.8.
    """
    read = {name: _read(name, dots) for name, dots in rows.items()}
    kinds = list(dict.fromkeys(kind for dots in read.values() for kind, *_ in dots))
    if not 1 <= len(kinds) <= len(COLOURS):
        raise ValueError(f"rows hold {len(kinds)} kinds of dots; draw 1 to {len(COLOURS)} in one figure")

    with drawing():
        figure = Figure(alt=alt or _describe(read, kinds, xlabel), height=1.2 + 0.64 * len(read))
        axes = figure.subplots()
        axes.set_xscale("log")
        # In pieces, so that it crosses no name.
        pieces = [[height - 0.27, height + 0.3] for height in range(len(read))]
        axes.vlines([reference] * len(pieces), *zip(*pieces, strict=True), color=INK, linewidth=1.4)
        for number, kind in enumerate(kinds):
            own = [
                (height, middle, low, high)
                for height, dots in enumerate(read.values())
                for name, middle, low, high in dots
                if name == kind
            ]
            heights, middles, lows, highs = zip(*own, strict=True)
            solid = kind in filled
            axes.hlines(heights, lows, highs, color=COLOURS[number], linewidth=1.2, zorder=2 + solid)
            axes.plot(
                middles,
                heights,
                linestyle="none",
                marker=MARKERS[number],
                markersize=9 if solid else 7,
                color=COLOURS[number],
                markeredgewidth=1.6,
                markerfacecolor=COLOURS[number] if solid else "none",
                zorder=3 + solid,
                label=kind,
            )
        for height, name in enumerate(read):
            axes.annotate(
                name,
                (0, height - 0.28),
                xycoords=("axes fraction", "data"),
                va="bottom",
                fontweight="bold",
            )
        axes.set_ylim(len(read) - 0.6, -0.85)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axes.xaxis.set_major_locator(FixedLocator(_ticks(read, reference)))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.set_xlabel(xlabel, loc="left")
        if len(kinds) > 1:
            figure.legend(loc="outside upper left", ncols=2)
    return figure


def _read(name: str, dots: Dots) -> list[tuple[str, float, float, float]]:
    if not len(dots):
        raise ValueError(f"the row {name!r} is empty; give at least one (kind, middle, low, high)")
    for dot in dots:
        if len(dot) != 4:
            raise ValueError(f"the row {name!r} holds {dot!r}; expected (kind, middle, low, high)")
    numbers = finite_array([dot[1:] for dot in dots], name=f"the row {name!r}", axes=("dots", "numbers"))
    if numbers.min() <= 0:
        raise ValueError(f"the row {name!r} holds {numbers.min():g}; a ratio is positive")
    for (kind, *_), (middle, low, high) in zip(dots, numbers, strict=True):
        if not low <= middle <= high:
            raise ValueError(
                f"the middle of {kind!r} in {name!r}, {middle:g}, lies outside its range from {low:g} to "
                f"{high:g}"
            )
    return [(kind, *row) for (kind, *_), row in zip(dots, numbers.tolist(), strict=True)]


def _ticks(read: Mapping[str, Dots], reference: float) -> list[float]:
    """1, 2, 5, 10 and so on around the extremes and the reference; powers of ten alone in a wide range."""
    ends = [reference, *(end for dots in read.values() for *_, low, high in dots for end in (low, high))]
    digits = (1, 2, 5) if max(ends) / min(ends) < 300 else (1,)
    steps = [float(f"{digit}e{power}") for power in range(-9, 10) for digit in digits]
    return [step for step in steps if min(ends) / 1.5 < step < 1.5 * max(ends)]


def _describe(read: Mapping[str, Dots], kinds: Sequence[str], xlabel: str) -> str:
    parts = []
    for kind in kinds:
        middles = [middle for dots in read.values() for name, middle, *_ in dots if name == kind]
        ends = dict.fromkeys(f"{end:.3g}" for end in (min(middles), max(middles)))
        parts.append(f"{kind}: {' to '.join(ends)}")
    return f"{xlabel}, {len(read)} row{'s' if len(read) > 1 else ''}. {'; '.join(parts)}."
