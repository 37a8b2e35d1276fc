"""The house style of every figure: width, colours, marks, and the settings they are drawn with."""

from contextlib import AbstractContextManager
from types import MappingProxyType
from typing import Any

import matplotlib.style

WIDTH = 7.0
"""Inches: the text column of a page on a desktop. On a phone the figure shrinks with the page."""

INK = "#1b1f24"
"""Text, axes, ticks and frames. An inline figure replaces it by the page's own text colour."""

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#a97400", "#7f7f7f")
"""Blue, vermilion, green and purple of Okabe and Ito, then ochre (their orange, darkened) and grey.

Each has a contrast of 3:1 or more against a white page and against the dark theme's `#14181e`.
"""

MARKERS = ("o", "s", "^", "D", "v", "P")
"""One for every colour, so that colour is never the only difference."""

TEXT_SIZE = 11.0
SMALL_SIZE = 9.5

_SETTINGS = MappingProxyType(
    {
        "axes.edgecolor": INK,
        "axes.facecolor": "none",
        "axes.grid": True,
        "axes.axisbelow": True,
        "axes.labelcolor": INK,
        "axes.labelpad": 6.0,
        "axes.labelsize": TEXT_SIZE,
        "axes.linewidth": 0.8,
        "axes.spines.right": False,
        "axes.spines.top": False,
        "axes.titlecolor": INK,
        "axes.titlelocation": "left",
        "axes.titlepad": 9.0,
        "axes.titlesize": TEXT_SIZE,
        "axes.titleweight": "bold",
        "figure.edgecolor": "none",
        "figure.facecolor": "none",
        # Matplotlib's own font, so that the layout is the same on every machine.
        "font.family": "DejaVu Sans",
        "font.size": TEXT_SIZE,
        "grid.alpha": 0.18,
        "grid.color": INK,
        "grid.linewidth": 0.6,
        # Pixels go into the file as they are, not resampled.
        "image.interpolation": "none",
        "legend.borderaxespad": 0.0,
        "legend.borderpad": 0.2,
        "legend.columnspacing": 3.0,
        "legend.fontsize": TEXT_SIZE,
        "legend.frameon": False,
        "legend.handlelength": 2.4,
        "svg.fonttype": "none",
        "svg.hashsalt": "coursekit",
        "text.color": INK,
        "xtick.color": INK,
        "xtick.labelsize": TEXT_SIZE,
        "ytick.color": INK,
        "ytick.labelsize": TEXT_SIZE,
    }
)


def percent(fraction: float, _position: float = 0.0) -> str:
    """A fraction as a tick label in per cent, with as many decimals as it has.

    Examples
    --------
    >>> percent(0.875), percent(0.9)
    ('87.5 %', '90 %')
    """
    return f"{round(100 * fraction, 6):g} %"


def drawing() -> AbstractContextManager[Any]:
    """The house style on top of matplotlib's defaults, while the context lasts.

    A reader's own `rcParams` neither change a figure nor are changed by it.

    Examples
    --------
    >>> import matplotlib
    >>> with drawing():
    ...     matplotlib.rcParams["svg.fonttype"]
    'none'
    >>> matplotlib.rcParams["svg.fonttype"]
    'path'
    """
    context: AbstractContextManager[Any] = matplotlib.style.context(dict(_SETTINGS), after_reset=True)
    return context
