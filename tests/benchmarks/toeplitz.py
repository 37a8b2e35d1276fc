"""The Toeplitz matrix of a convolution: `toeplitz_matrix` against its peers.

The peers are the four loops everybody writes, the Jacobian of torch's convolution, and blocks assembled with
SciPy, dense and sparse.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
import scipy.linalg
import scipy.sparse
import torch
from torch import Tensor
from torch.nn import functional as F

from coursekit.convolution import toeplitz_matrix

from .timing import Prepared, Way, size

Shape = tuple[int, int]
# A peer may take seconds where the library takes milliseconds; the library is then measured over many calls.
LEAST_SECONDS = 0.02


def four_loops(kernel: Tensor, shape: Shape) -> Tensor:
    """Output row, output column, kernel row, kernel column."""
    height, width = shape
    rows, columns = kernel.shape
    out_height, out_width = height - rows + 1, width - columns + 1
    matrix = torch.zeros(out_height * out_width, height * width, dtype=kernel.dtype)
    for p in range(out_height):
        for q in range(out_width):
            for m in range(rows):
                for n in range(columns):
                    matrix[p * out_width + q, (p + m) * width + q + n] = kernel[m, n]
    return matrix


def jacobian(kernel: Tensor, shape: Shape) -> Tensor:
    """By automatic differentiation of the convolution."""
    x = torch.zeros(1, 1, *shape, dtype=kernel.dtype)
    rows = torch.func.jacrev(lambda image: F.conv2d(image, kernel[None, None]).flatten())(x)
    return rows.flatten(1)


def scipy_blocks(kernel: Tensor, shape: Shape) -> np.ndarray:
    """One dense Toeplitz block per kernel row, put on the diagonals of a block matrix."""
    height, width = shape
    rows, columns = kernel.shape
    blocks = []
    for weights in kernel.numpy():
        first_column = np.zeros(width - columns + 1, dtype=weights.dtype)
        first_column[0] = weights[0]
        first_row = np.concatenate([weights, np.zeros(width - columns, dtype=weights.dtype)])
        blocks.append(scipy.linalg.toeplitz(first_column, first_row))
    zero = np.zeros_like(blocks[0])
    return np.block(
        [
            [blocks[r - p] if 0 <= r - p < rows else zero for r in range(height)]
            for p in range(height - rows + 1)
        ]
    )


def scipy_sparse_blocks(kernel: Tensor, shape: Shape) -> scipy.sparse.csr_array:
    """The same with bands and Kronecker products in SciPy's sparse format."""
    height, width = shape
    rows, columns = kernel.shape
    shifts = [scipy.sparse.eye_array(height - rows + 1, height, k=m, dtype=np.float32) for m in range(rows)]
    blocks = [
        scipy.sparse.diags_array(
            weights, offsets=range(columns), shape=(width - columns + 1, width), dtype=weights.dtype
        )
        for weights in kernel.numpy()
    ]
    return sum(
        scipy.sparse.kron(shift, block, format="csr") for shift, block in zip(shifts, blocks, strict=True)
    )


WAYS: dict[str, tuple[str, Callable[[Tensor, Shape], object]]] = {
    "loops": ("four loops", four_loops),
    "jacrev": ("jacrev of the convolution", jacobian),
    "scipy-dense": ("SciPy blocks, dense", scipy_blocks),
    "scipy-sparse": ("SciPy blocks, sparse", scipy_sparse_blocks),
    "coursekit-dense": ("coursekit, dense", toeplitz_matrix),
    "coursekit-csr": ("coursekit, sparse", partial(toeplitz_matrix, layout="csr")),
}


def matrix(side: int, taps: int, scale: float) -> Prepared:
    """The matrix of one kernel, for an image whose side grows with the scale."""
    side = size(side, scale, taps + 1)
    kernel = torch.arange(1.0, taps * taps + 1).view(taps, taps)
    expected = four_loops(kernel, (side, side))
    return Prepared(
        data=f"kernel {taps}×{taps}, image {side}×{side}",
        origin="offline",
        samples=1,
        steps=1,
        least=LEAST_SECONDS,
        ways=tuple(
            Way(
                name=name,
                title=title,
                ours=name.startswith("coursekit"),
                run=partial(way, kernel, (side, side)),
                score=partial(equal_share, expected),
            )
            for name, (title, way) in WAYS.items()
        ),
    )


def equal_share(expected: Tensor, found: object) -> float:
    """Share of the entries that are those of `expected`."""
    return (as_dense(found) == expected).float().mean().item()


def as_dense(matrix: object) -> Tensor:
    """Any of the answers as a dense tensor."""
    if isinstance(matrix, Tensor):
        return matrix.to_dense()
    return torch.from_numpy(matrix.toarray() if scipy.sparse.issparse(matrix) else matrix)
