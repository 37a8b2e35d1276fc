"""Checker of an edge filter turned to any direction."""

from collections.abc import Callable
from math import cos, radians, sin

from torch import Tensor

from coursekit.activations import edge_filters
from coursekit.checkers.reports import Trial

ANGLES = (0, 90, 180, 270, 45, -45, 30, 60, 123.4, 360)


def check_steered_filter(f: Callable[[float], Tensor]) -> None:
    r"""Check ``f(angle)``, the 5×5 edge filter that answers best where the image grows brighter that way.

    Parameters
    ----------
    f
        Takes degrees, counted from *to the right* towards *downwards*: 0 gives the vertical filter of
        `coursekit.activations.edge_filters`, 90 the horizontal one. Returns a tensor ``(5, 5)``.

    Raises
    ------
    CheckFailed
        At the first wrong answer; the message shows the call, what was expected and what came.

    References
    ----------
    Freeman & Adelson (1991), The design and use of steerable filters, section II.

    Examples
    --------
    >>> def steered(angle):
    ...     filters = edge_filters()
    ...     return cos(radians(angle)) * filters["vertical"] + sin(radians(angle)) * filters["horizontal"]
    >>> check_steered_filter(steered)
    steered: all 10 cases are right.
    """
    trial = Trial(f)
    filters = edge_filters()
    for angle in ANGLES:
        answer = trial.call(angle, shown=f"{angle:g}")
        expected = (
            cos(radians(angle)) * filters["vertical"].double()
            + sin(radians(angle)) * filters["horizontal"].double()
        )
        trial.tensor(answer, expected, what="the filter", tolerance=1e-5)
    trial.passed()
