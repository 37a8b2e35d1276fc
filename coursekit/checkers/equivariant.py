"""Checker of a first layer that turns with the image."""

from collections.abc import Callable
from itertools import product

import torch
from torch import Tensor

from coursekit.checkers.reports import Trial, as_text

# Image and kernel, smallest first; no two sides of the images alike where the kernel lets them, and kernels
# that a mirror image or another direction of turning would change.
CASES = (
    (((2,),), ((3,),)),
    (((1, 2, 3), (4, 5, 6)), ((2,),)),
    (((1, 0), (0, 0)), ((1, 2), (3, 4))),
    (((0, 1, 0, 0), (2, 0, 0, 1), (0, 0, 5, 0)), ((1, 2), (0, 0))),
    (((0, 0, 0), (0, 1, 0), (0, 0, 0)), ((1, 2), (3, 4))),
    (((1, -2, 0, 4), (3, 1, 1, 0), (0, 2, -1, 1), (2, 0, 3, 1)), ((1, 2, 0), (0, 0, -1), (0, 3, 0))),
)


def check_p4_lifting(f: Callable[[Tensor, Tensor], Tensor]) -> None:
    """Check ``f(image, kernel)`` against sums over pixels, with the kernel's indices turned by hand.

    Parameters
    ----------
    f
        Takes an image ``(height, width)`` and a kernel ``(k, k)``, both in float64; returns the four maps
        ``(4, height - k + 1, width - k + 1)``: the convolutions (not mirrored, no padding, stride 1) with the
        kernel turned counter-clockwise by 0, 1, 2 and 3 quarters.

    Raises
    ------
    CheckFailed
        At the first wrong answer; the message shows the call, what was expected and what came.

    Examples
    --------
    >>> from torch.nn import functional as F
    >>> def lift(image, kernel):
    ...     kernels = torch.stack([kernel.rot90(r) for r in range(4)])
    ...     return F.conv2d(image[None, None], kernels[:, None])[0]
    >>> check_p4_lifting(lift)
    lift: all 6 cases are right.
    """
    trial = Trial(f)
    for pixels, weights in CASES:
        image, kernel = (torch.tensor(values, dtype=torch.float64) for values in (pixels, weights))
        came = trial.call(image.clone(), kernel.clone(), shown=f"{as_text(image)}, {as_text(kernel)}")
        trial.tensor(came, _lifted(pixels, weights), what="the maps", tolerance=1e-6)
    trial.passed()


def _lifted(image: tuple[tuple[int, ...], ...], kernel: tuple[tuple[int, ...], ...]) -> Tensor:
    k, maps = len(kernel), []
    for _ in range(4):
        rows, columns = range(len(image) - k + 1), range(len(image[0]) - k + 1)
        maps.append([[_patch(image, kernel, a, b) for b in columns] for a in rows])
        # The last column, read downwards, becomes the first row.
        kernel = tuple(tuple(row[k - 1 - m] for row in kernel) for m in range(k))
    return torch.tensor(maps, dtype=torch.float64)


def _patch(
    image: tuple[tuple[int, ...], ...], kernel: tuple[tuple[int, ...], ...], top: int, left: int
) -> int:
    places = product(range(len(kernel)), repeat=2)
    return sum(kernel[m][n] * image[top + m][left + n] for m, n in places)
