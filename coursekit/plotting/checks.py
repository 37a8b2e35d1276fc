"""What every figure asks of the numbers it is given: the right axes, at least one value, none missing."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray


def finite_array(values: Any, *, name: str, axes: tuple[str, ...]) -> NDArray[np.float64]:
    """`values` as an array with the named `axes`, or one sentence on what is wrong with them.

    Parameters
    ----------
    values
        Nested sequences, an array, or a tensor on any device.
    name
        What the caller calls them; the message starts with it.
    axes
        Names of the axes, ``("seeds", "classes")`` for instance.

    Raises
    ------
    ValueError
        If the shape has other axes, is empty or ragged, or a value is not a finite number.

    Examples
    --------
    >>> finite_array([[1, 2]], name="accuracies", axes=("seeds", "classes")).shape
    (1, 2)
    >>> finite_array([1, 2], name="accuracies", axes=("seeds", "classes"))
    Traceback (most recent call last):
    ValueError: accuracies has the shape (2,); expected (seeds, classes)
    """
    expected = f"({', '.join(axes)}{',' if len(axes) == 1 else ''})"
    if isinstance(values, torch.Tensor):
        values = values.detach().cpu().double().numpy()
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"{name} cannot be read as numbers of the shape {expected}; rows of one length are expected"
        ) from error
    if array.ndim != len(axes):
        raise ValueError(f"{name} has the shape {array.shape}; expected {expected}")
    if array.size == 0:
        raise ValueError(f"{name} is empty: its shape is {array.shape}, expected {expected}")
    if not np.isfinite(array).all():
        where = tuple(int(position) for position in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(f"{name} holds {array[where]} at {list(where)}; every value must be a finite number")
    return array


def same_length(items: Sequence[Any], *, name: str, count: int, of: str) -> None:
    """Raise unless there is one of `items` for each of `count` things called `of`."""
    if len(items) != count:
        raise ValueError(f"{name} has {len(items)} entries for {count} {of}; give one for each")
