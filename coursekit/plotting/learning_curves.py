"""Learning curves: metrics by epoch, every seed as a thin line, their mean as a bold one."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from coursekit.plotting.checks import finite_array
from coursekit.plotting.figure import Figure
from coursekit.plotting.style import COLOURS, INK, MARKERS, TEXT_SIZE, WIDTH, drawing, percent


@runtime_checkable
class HasColumns(Protocol):
    """A record of a run that gives its columns by name, as `coursekit.training.History` does."""

    def to_dict(self) -> dict[str, list[float]]: ...


Run = Mapping[str, Sequence[float]] | HasColumns

# How a metric's first word is called and drawn.
_SPLITS = {"train": ("training", "--"), "validation": ("validation", "-"), "test": ("test", ":")}
_PERCENT = ("accuracy", "error")


def learning_curves(
    runs: Run | Sequence[Run] | Mapping[str, Run | Sequence[Run]],
    *,
    metrics: Sequence[str] = ("train_loss", "validation_loss"),
    alt: str | None = None,
) -> Figure:
    """Draw metrics by epoch, one panel for each quantity.

    ``train_loss`` and ``validation_loss`` share the panel *loss*; accuracies and errors are fractions and
    shown in per cent. With one configuration, colours tell training from validation; with several, colours
    and marks tell the configurations and the dashes tell training from validation.

    Parameters
    ----------
    runs
        One run, a sequence of runs that differ in their seed, or a mapping from the name of a
        configuration to either. A run is a mapping from metric to one value an epoch, or an object whose
        ``to_dict()`` is one.
    metrics
        Names of what to draw, in this order.
    alt
        Description of the figure; by default first and last mean of every curve.

    Raises
    ------
    ValueError
        If there is no run, a run lacks a metric, lengths disagree, or a value is not finite.

    Examples
    --------
    >>> run = {"train_loss": [0.9, 0.5, 0.4], "validation_loss": [0.7, 0.5, 0.5]}
    >>> learning_curves(run)
    Figure: Learning curves over 3 epochs. Loss: training from 0.9 to 0.4; validation from 0.7 to 0.5.
    """
    configurations = _configurations(runs)
    if len(configurations) > len(COLOURS):
        raise ValueError(
            f"{len(configurations)} configurations cannot be told apart in one figure; "
            f"draw at most {len(COLOURS)}"
        )
    if not metrics:
        raise ValueError("metrics is empty; name at least one column of the runs")
    curves = {
        (label, metric): _values(seeds, label, metric)
        for label, seeds in configurations.items()
        for metric in metrics
    }
    panels: dict[str, list[str]] = {}
    for metric in metrics:
        panels.setdefault(_parts(metric)[1], []).append(metric)
    marks = _marks(list(configurations), list(metrics))
    seeds = sorted(set(map(len, configurations.values())))

    with drawing():
        figure = Figure(alt=alt or _describe(curves, panels, seeds), height=0.8 + 2.3 * len(panels))
        column = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
        for axes, (quantity, names) in zip(column, panels.items(), strict=True):
            for key, values in curves.items():
                if key[1] in names:
                    _draw(axes, values, marks[key])
            axes.set_title(quantity)
            if quantity.split()[-1] in _PERCENT:
                axes.yaxis.set_major_formatter(percent)
        column[-1].set_xticks(_ticks(max(values.shape[1] for values in curves.values())))
        column[-1].set_xlabel("epoch", loc="right")
        handles = _handles(list(configurations), list(metrics), marks, max(seeds) > 1)
        if len(handles) > 1:
            longest = max(len(str(handle.get_label())) for handle in handles)
            across = int(WIDTH * 72 / (longest * TEXT_SIZE * 0.62 + 60))
            figure.legend(handles=handles, loc="outside upper left", ncols=max(1, min(across, len(handles))))
    return figure


def _configurations(runs: Any) -> dict[str, list[Run]]:
    if isinstance(runs, Mapping) and runs and all(map(_is_runs, runs.values())):
        configurations = {str(label): _seeds(entry) for label, entry in runs.items()}
    else:
        configurations = {"": _seeds(runs)}
    for label, seeds in configurations.items():
        if not seeds:
            raise ValueError(f"{_name(label)} has no run; give at least one")
        for run in seeds:
            if not isinstance(run, Mapping | HasColumns):
                raise ValueError(
                    f"{_name(label)} holds a value of type {type(run).__name__}; "
                    "a run is a mapping from metric to values"
                )
    return configurations


def _is_runs(entry: Any) -> bool:
    """Whether a value of a mapping is runs, not the values of one metric."""
    if isinstance(entry, Mapping | HasColumns):
        return True
    return isinstance(entry, Sequence) and all(isinstance(item, Mapping | HasColumns) for item in entry)


def _seeds(entry: Any) -> list[Run]:
    return (
        [entry] if isinstance(entry, Mapping | HasColumns) or not isinstance(entry, Sequence) else list(entry)
    )


def _name(label: str) -> str:
    return f"the configuration {label!r}" if label else "runs"


def _values(seeds: Sequence[Run], label: str, metric: str) -> NDArray[np.float64]:
    """The metric as ``(seeds, epochs)``."""
    rows = []
    for run in seeds:
        columns = run.to_dict() if isinstance(run, HasColumns) else run
        if metric not in columns:
            known = ", ".join(map(repr, columns)) or "none"
            raise ValueError(
                f"a run{f' of {_name(label)}' if label else ''} has no {metric!r}; its metrics are: {known}"
            )
        rows.append(finite_array(columns[metric], name=f"{metric} of {_name(label)}", axes=("epochs",)))
    lengths = sorted({len(row) for row in rows})
    if len(lengths) > 1:
        raise ValueError(
            f"{metric} of {_name(label)} has {lengths[0]} epochs in one run and {lengths[-1]} in another; "
            "their mean needs runs of one length"
        )
    return np.stack(rows)


def _parts(metric: str) -> tuple[str, str, str]:
    """Split, quantity and line style of a metric: ``train_loss`` is *training*, *loss*, dashed."""
    first, _, rest = metric.partition("_")
    if first in _SPLITS and rest:
        return _SPLITS[first][0], rest.replace("_", " "), _SPLITS[first][1]
    return "", metric.replace("_", " "), "-"


def _marks(labels: list[str], metrics: list[str]) -> dict[tuple[str, str], dict[str, Any]]:
    splits = list(dict.fromkeys(_parts(metric)[0] for metric in metrics))
    marks = {}
    for label in labels:
        for metric in metrics:
            split, _, dashes = _parts(metric)
            number = labels.index(label) if len(labels) > 1 else splits.index(split)
            marks[label, metric] = {"color": COLOURS[number], "marker": MARKERS[number], "linestyle": dashes}
    return marks


def _ticks(epochs: int) -> list[int]:
    """Round numbers of epochs, and the first."""
    rounds = MaxNLocator(nbins=8, integer=True, steps=[1, 2, 5, 10], min_n_ticks=1).tick_values(1, epochs)
    return sorted({1, *(int(tick) for tick in rounds if 1 <= tick <= epochs)})


def _draw(axes: Axes, values: NDArray[np.float64], mark: dict[str, Any]) -> None:
    epochs = np.arange(1, values.shape[1] + 1)
    if len(values) > 1:
        for seed in values:
            axes.plot(epochs, seed, **{**mark, "marker": None}, linewidth=0.9, alpha=0.6, zorder=2)
    axes.plot(
        epochs,
        values.mean(axis=0),
        **mark,
        linewidth=2.2,
        markersize=5,
        markevery=-(-len(epochs) // 20),
        zorder=3,
    )


def _handles(
    labels: list[str], metrics: list[str], marks: dict[tuple[str, str], dict[str, Any]], seeds: bool
) -> list[Line2D]:
    splits = {_parts(metric)[0]: metric for metric in metrics}
    handles = []
    if len(labels) > 1:
        for label in labels:
            mark = {**marks[label, metrics[0]], "linestyle": "-"}
            handles.append(Line2D([], [], **mark, linewidth=2.2, markersize=5, label=label))
    if len(splits) > 1:
        for split, metric in splits.items():
            mark = marks[labels[0], metric]
            if len(labels) > 1:
                mark = {"color": INK, "linestyle": mark["linestyle"]}
            handles.append(Line2D([], [], **mark, linewidth=2.2, markersize=5, label=split or metric))
    if seeds:
        handles.append(Line2D([], [], color=INK, linewidth=0.9, alpha=0.6, label="single seed"))
    return handles


def _describe(
    curves: Mapping[tuple[str, str], NDArray[np.float64]],
    panels: Mapping[str, Sequence[str]],
    seeds: Sequence[int],
) -> str:
    epochs = max(values.shape[1] for values in curves.values())
    text = f"Learning curves over {epochs} epoch{'s' if epochs > 1 else ''}"
    if seeds[-1] > 1:
        text += f", means of {seeds[0]}{f' to {seeds[-1]}' if len(seeds) > 1 else ''} seeds"
    text += "."
    for quantity, names in panels.items():
        parts = []
        for (label, metric), values in curves.items():
            if metric in names:
                first, last = (_number(values.mean(axis=0)[at], quantity) for at in (0, -1))
                who = ", ".join(filter(None, (label, _parts(metric)[0])))
                parts.append(f"{who} from {first} to {last}".strip())
        text += f" {quantity[0].upper()}{quantity[1:]}: {'; '.join(parts)}."
    return text


def _number(value: float, quantity: str) -> str:
    return f"{100 * value:.1f} %" if quantity.split()[-1] in _PERCENT else f"{value:.3g}"
