"""Writing with a brush: curved strokes whose width and ink change along them, for many images at once.

As in ``drawing``, only operations that IEEE 754 fixes to the last bit act on pixels.
"""

import numpy as np

from coursekit.data.synthetic.drawing import Array

PIECES = 4
"""Straight pieces that a stroke is drawn with."""


def bend(control: Array) -> Array:
    """Points along quadratic Bézier curves.

    Parameters
    ----------
    control : float32 (n, 3, 2)
        Start, handle and end of each curve, as `x` and `y`.

    Returns
    -------
    float32 (n, PIECES + 1, 2), the first and last point of each being its start and end.

    Examples
    --------
    >>> bend(np.array([[[0, 0], [4, 8], [8, 0]]], dtype=np.float32))[0].tolist()
    [[0.0, 0.0], [2.0, 3.0], [4.0, 4.0], [6.0, 3.0], [8.0, 0.0]]
    """
    t = (np.arange(PIECES + 1, dtype=np.float32) / np.float32(PIECES))[None, :, None]
    start, handle, end = (control[:, None, i] for i in range(3))
    first, second = start + t * (handle - start), handle + t * (end - handle)
    points: Array = first + t * (second - first)
    return points


def touch(points: Array, half_width: Array, *, size: int = 28) -> Array:
    """How far each pixel lies inside the stroke along `points`: in pixels near its edge, negative outside.

    Between two points the square of the half-width runs linearly, and the distance to the edge is taken to
    first order, :math:`(w^2 - d^2) / 2w`, which needs no square root.

    Parameters
    ----------
    points : float32 (n, m, 2)
        In pixels from the image's upper left corner.
    half_width : float32 (n, m)
        Of the stroke at each point, in pixels, above 0.

    Returns
    -------
    float32 (n, size, size)

    Examples
    --------
    >>> down = np.array([[[1.5, -1], [1.5, 3]]], dtype=np.float32)
    >>> touch(down, np.ones((1, 2), dtype=np.float32), size=3)[0].tolist()
    [[0.0, 0.5, 0.0], [0.0, 0.5, 0.0], [0.0, 0.5, 0.0]]
    """
    centres = np.arange(size, dtype=np.float32) + np.float32(0.5)
    deepest = np.full((len(points), size, size), -np.inf, dtype=np.float32)
    for i in range(points.shape[1] - 1):
        start, way = points[:, i], points[:, i + 1] - points[:, i]
        thick, change = half_width[:, i] ** 2, half_width[:, i + 1] ** 2 - half_width[:, i] ** 2
        right, down = centres - start[:, :1], centres - start[:, 1:]
        length = np.maximum((way**2).sum(axis=1), np.float32(1e-6))
        # Along the piece, from 0 to 1, then w² − d² as a polynomial of that.
        scaled = way / length[:, None]
        along = (down * scaled[:, 1:])[:, :, None] + (right * scaled[:, :1])[:, None, :]
        inside = 2 * along
        np.clip(along, 0, 1, out=along)
        inside -= along
        inside *= length[:, None, None]
        inside += change[:, None, None]
        inside *= along
        inside += (thick[:, None] - down**2)[:, :, None]
        inside -= (right**2)[:, None, :]
        inside *= (1 / (half_width[:, i] + half_width[:, i + 1]))[:, None, None]
        np.maximum(deepest, inside, out=deepest)
    return deepest
