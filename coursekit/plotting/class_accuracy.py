"""The accuracy of every class as a dot plot: one dot a seed, their mean, and what was claimed."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from coursekit.plotting.checks import finite_array, same_length
from coursekit.plotting.figure import Figure
from coursekit.plotting.style import COLOURS, INK, drawing, percent


def class_accuracy(
    accuracies: Any,
    *,
    classes: Sequence[str],
    intervals: Any = None,
    claimed: Mapping[str, float] | None = None,
    claimed_label: str = "the report",
    alt: str | None = None,
) -> Figure:
    """Show how well each class fares, the best on top.

    Parameters
    ----------
    accuracies
        Fractions ``(seeds, classes)``, one row a trained model.
    classes
        Names, in the order of the columns.
    intervals
        Lower and upper end for each class, fractions ``(classes, 2)``, drawn as a line; optional.
    claimed
        Class name to claimed accuracy, for all classes or some; optional.
    claimed_label
        Whose claim that is, for the legend.
    alt
        Description of the figure; by default the mean of every class and its claim.

    Raises
    ------
    ValueError
        If a shape does not fit, a value is no fraction between 0 and 1, or a claim names an unknown class.

    Examples
    --------
    >>> class_accuracy([[0.9, 0.6], [1.0, 0.7]], classes=["bag", "shirt"], claimed={"shirt": 0.8})
    Figure: Accuracy by class, means of 2 seeds: bag 95.0 %; shirt 65.0 % (the report: 80.0 %).
    """
    values = _fractions(accuracies, name="accuracies", axes=("seeds", "classes"))
    same_length(classes, name="classes", count=values.shape[1], of="columns of accuracies")
    claims = _claims(claimed or {}, classes)
    ends = None if intervals is None else _ends(intervals, classes)
    means = values.mean(axis=0)
    order = np.argsort(-means, kind="stable")
    names = [classes[index] for index in order]
    heights = np.arange(len(order))

    with drawing():
        text = alt or _describe(names, means[order], claims, len(values), claimed_label)
        figure = Figure(alt=text, height=1.1 + 0.34 * len(names))
        axes = figure.subplots()
        if ends is not None:
            style: dict[str, Any] = {"colors": COLOURS[5], "linewidth": 3.5, "alpha": 0.55}
            axes.hlines(heights, ends[order, 0], ends[order, 1], **style, label="95 % interval")
        axes.plot(
            values[:, order].T.ravel(),
            np.repeat(heights, len(values)),
            linestyle="none",
            marker="o",
            markersize=7,
            markerfacecolor="none",
            markeredgecolor=COLOURS[0],
            markeredgewidth=1.6,
            label="one seed" if len(values) > 1 else "one run",
        )
        if len(values) > 1:
            label = f"mean of {len(values)} seeds"
            mark: dict[str, Any] = {"marker": "|", "markersize": 17, "markeredgewidth": 2.6, "color": INK}
            axes.plot(means[order], heights, linestyle="none", **mark, label=label)
        if claims:
            rows = [row for row, name in enumerate(names) if name in claims]
            mark = {"marker": "X", "markersize": 9, "markeredgewidth": 0, "color": COLOURS[1]}
            axes.plot(
                [claims[names[row]] for row in rows], rows, linestyle="none", **mark, label=claimed_label
            )
        axes.set_yticks(heights, names)
        axes.set_ylim(len(names) - 0.5, -0.5)
        axes.margins(x=0.04)
        axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
        axes.xaxis.set_major_formatter(percent)
        axes.tick_params(axis="y", length=0)
        axes.set_xlabel("accuracy", loc="right")
        figure.legend(loc="outside upper left", ncols=4, handletextpad=0.4)
    return figure


def _fractions(values: Any, *, name: str, axes: tuple[str, ...]) -> NDArray[np.float64]:
    array = finite_array(values, name=name, axes=axes)
    if array.min() < 0 or array.max() > 1:
        wrong = array.min() if array.min() < 0 else array.max()
        raise ValueError(f"{name} holds {wrong:g}; accuracies are fractions between 0 and 1")
    return array


def _ends(intervals: Any, classes: Sequence[str]) -> NDArray[np.float64]:
    ends = _fractions(intervals, name="intervals", axes=("classes", "2"))
    if ends.shape != (len(classes), 2) or (ends[:, 0] > ends[:, 1]).any():
        raise ValueError(
            f"intervals has the shape {ends.shape}; expected ({len(classes)}, 2), the lower end first"
        )
    return ends


def _claims(claimed: Mapping[str, float], classes: Sequence[str]) -> dict[str, float]:
    unknown = [name for name in claimed if name not in classes]
    if unknown:
        raise ValueError(f"claimed names {unknown[0]!r}; the classes are: {', '.join(classes)}")
    if claimed:
        _fractions(list(claimed.values()), name="claimed", axes=("classes",))
    return dict(claimed)


def _describe(
    names: Sequence[str], means: NDArray[np.float64], claims: Mapping[str, float], seeds: int, label: str
) -> str:
    parts = [
        f"{name} {100 * mean:.1f} %" + (f" ({label}: {100 * claims[name]:.1f} %)" if name in claims else "")
        for name, mean in zip(names, means, strict=True)
    ]
    of = f", means of {seeds} seeds" if seeds > 1 else ""
    return f"Accuracy by class{of}: {'; '.join(parts)}."
