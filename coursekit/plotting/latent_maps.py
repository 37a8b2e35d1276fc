"""Maps of a latent space side by side: a mark for every sample, its class told by colour and by shape."""

from collections.abc import Mapping, Sequence
from itertools import product
from math import ceil

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from coursekit.latent import knn_accuracy
from coursekit.plotting.checks import finite_array
from coursekit.plotting.figure import Figure
from coursekit.plotting.style import COLOURS, INK, SMALL_SIZE, WIDTH, drawing

# A class has a colour and a mark, full or hollow, so that no two differ by colour alone unless their
# colours are of different lightness too.
_STYLES = tuple((colour, mark) for mark, colour in product(("o", "^"), COLOURS[:5]))

_NEIGHBOURS = 10


def latent_maps(
    maps: Mapping[str, ArrayLike],
    labels: ArrayLike,
    *,
    classes: Sequence[str],
    columns: int = 3,
    same_scale: bool = True,
    alt: str | None = None,
) -> Figure:
    """Draw maps of the same samples, one panel each; the axes have no ticks, since their units mean nothing.

    Parameters
    ----------
    maps
        By title: coordinates ``(samples, 2)``.
    labels
        The class of every sample, ``(samples,)``, from 0.
    classes
        Names of the classes, at most ten: five colours as full discs, then again as hollow triangles.
    columns
        Panels in a row.
    same_scale
        Give all panels the same limits, so that maps that were aligned can be compared.
    alt
        Description of the figure; by default, for every map, how many samples their neighbours in it would
        put into the right class.

    Raises
    ------
    ValueError
        If there is no map, shapes disagree, a coordinate is not finite, or labels and classes do not fit.

    Examples
    --------
    >>> spots = [[0, 0], [0, 1], [5, 5], [5, 6]]
    >>> latent_maps({"before": spots, "after": spots}, [0, 0, 1, 1], classes=("cat", "dog"))
    Figure: Maps of 4 samples of 2 classes. Right by the vote of the 3 nearest: before 0 %; after 0 %.
    """
    if not maps:
        raise ValueError("maps holds no map; pass coordinates by title")
    if columns < 1:
        raise ValueError(f"columns is {columns}; a row has at least 1 panel")
    drawn = {title: _coordinates(title, points) for title, points in maps.items()}
    samples = {len(points) for points in drawn.values()}
    if len(samples) > 1:
        raise ValueError(f"the maps have {sorted(samples)} samples; draw maps of the same samples")
    kinds = _kinds(labels, samples.pop(), len(classes))
    present = [(number, name) for number, name in enumerate(classes) if (kinds == number).any()]

    rows = ceil(len(drawn) / columns)
    across = min(columns, len(drawn))
    with drawing():
        panel = WIDTH / max(across, 2)
        figure = Figure(
            alt=alt or _describe(drawn, kinds, len(present)),
            width=panel * across,
            height=rows * (panel + 0.2) + 0.26 * ceil(len(present) / 5),
        )
        grid = figure.subplots(rows, across, squeeze=False)
        limits = _limits(list(drawn.values()))
        for axes, (title, points) in zip(grid.flat, drawn.items(), strict=False):
            for number, name in present:
                colour, mark = _STYLES[number]
                chosen = points[kinds == number]
                axes.scatter(
                    chosen[:, 0],
                    chosen[:, 1],
                    s=15,
                    marker=mark,
                    facecolors=colour if mark == "o" else "none",
                    edgecolors=colour,
                    linewidths=0.9,
                    label=name,
                )
            middle, half = limits if same_scale else _limits([points])
            axes.set_xlim(middle[0] - half, middle[0] + half)
            axes.set_ylim(middle[1] - half, middle[1] + half)
            axes.set_aspect("equal")
            axes.set_xticks([])
            axes.set_yticks([])
            axes.set_title(title, fontsize=SMALL_SIZE)
            for spine in axes.spines.values():
                spine.set_visible(True)
                spine.set_color(INK)
                spine.set_alpha(0.4)
        for axes in list(grid.flat)[len(drawn) :]:
            axes.set_axis_off()
        handles, names = grid[0, 0].get_legend_handles_labels()
        figure.legend(
            handles,
            names,
            loc="outside lower center",
            ncols=min(5, len(names)) if across > 1 else 2,
            fontsize=SMALL_SIZE,
            columnspacing=1.5,
            handletextpad=0.3,
        )
    return figure


def _coordinates(title: str, points: ArrayLike) -> NDArray[np.float64]:
    found = finite_array(points, name=f"the map {title!r}", axes=("samples", "2"))
    if found.shape[1] != 2:
        raise ValueError(f"the map {title!r} has {found.shape[1]} coordinates a sample; a map has 2")
    return found


def _kinds(labels: ArrayLike, samples: int, classes: int) -> NDArray[np.int64]:
    if not 1 <= classes <= len(_STYLES):
        raise ValueError(f"classes names {classes} classes; a map tells 1 to {len(_STYLES)} apart")
    kinds = np.asarray(labels)
    if kinds.shape != (samples,):
        raise ValueError(f"labels have the shape {kinds.shape}; {samples} samples need ({samples},)")
    if not np.isin(kinds, range(classes)).all():
        raise ValueError(
            f"labels go from {kinds.min()} to {kinds.max()}; with {classes} classes they are whole numbers "
            f"from 0 to {classes - 1}"
        )
    return kinds.astype(np.int64)


def _limits(maps: Sequence[NDArray[np.float64]]) -> tuple[NDArray[np.float64], float]:
    """Middle and half the side of a square around all points."""
    every = np.concatenate(maps)
    low, high = every.min(axis=0), every.max(axis=0)
    half = float((high - low).max()) / 2 or 1.0
    return (low + high) / 2, 1.06 * half


def _describe(drawn: Mapping[str, NDArray[np.float64]], kinds: NDArray[np.int64], present: int) -> str:
    samples = len(kinds)
    text = f"Maps of {samples} samples of {present} class{'es' if present != 1 else ''}."
    if samples < 2:
        return text
    k = min(_NEIGHBOURS, samples - 1)
    right = [
        f"{title} {knn_accuracy(torch.from_numpy(points), torch.from_numpy(kinds), neighbours=k):.0%}"
        for title, points in drawn.items()
    ]
    shares = "; ".join(right).replace("%", " %")
    return f"{text} Right by the vote of the {k} nearest: {shares}."
