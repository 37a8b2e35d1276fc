"""How several totals split into the same parts: one bar of full length for each total."""

from collections.abc import Mapping

from coursekit.plotting.checks import finite_array
from coursekit.plotting.figure import Figure
from coursekit.plotting.style import COLOURS, drawing, percent

HATCHES = ("", "//", "..", "xx", "--", "++")


def shares(totals: Mapping[str, Mapping[str, float]], *, alt: str | None = None) -> Figure:
    """Draw each total as a bar cut into the shares of its parts.

    Parameters
    ----------
    totals
        For each total, from top to bottom, the amount of every part; the parts are the same for all.
    alt
        Description of the figure; by default every share in words.

    Raises
    ------
    ValueError
        If there is no total, totals differ in their parts, there are more than 6 parts, an amount is
        negative or not finite, or a total is 0.

    Examples
    --------
    >>> shares({"parameters": {"conv": 1, "linear": 3}, "work": {"conv": 3, "linear": 1}})
    Figure: Shares: parameters: conv 25.0 %, linear 75.0 %; work: conv 75.0 %, linear 25.0 %.
    """
    names = list(next(iter(totals.values()), {}))
    if not names or len(names) > len(COLOURS):
        raise ValueError(f"totals has {len(names)} parts; give 1 to {len(COLOURS)}")
    for total, parts in totals.items():
        if list(parts) != names:
            raise ValueError(f"{total!r} has the parts {', '.join(parts)}; expected {', '.join(names)}")
    amounts = finite_array(
        [list(parts.values()) for parts in totals.values()], name="totals", axes=("totals", "parts")
    )
    if amounts.min() < 0 or amounts.sum(axis=1).min() <= 0:
        raise ValueError("every amount in totals must be at least 0, and every total above 0")
    fractions = amounts / amounts.sum(axis=1, keepdims=True)
    words = "; ".join(
        f"{total}: "
        + ", ".join(f"{name} {part:.1%}".replace("%", " %") for name, part in zip(names, row, strict=True))
        for total, row in zip(totals, fractions, strict=True)
    )

    with drawing():
        figure = Figure(alt=alt or f"Shares: {words}.", height=0.9 + 0.5 * len(totals))
        axes = figure.subplots()
        lefts = fractions.cumsum(axis=1) - fractions
        for part, name in enumerate(names):
            axes.barh(
                list(totals),
                fractions[:, part],
                left=lefts[:, part],
                height=0.6,
                color=COLOURS[part],
                hatch=HATCHES[part],
                label=name,
            )
        axes.invert_yaxis()
        axes.set_xlim(0, 1)
        axes.xaxis.set_major_formatter(percent)
        axes.tick_params(axis="y", length=0)
        axes.grid(visible=False, axis="y")
        figure.legend(loc="outside upper left", ncols=len(names))
    return figure
