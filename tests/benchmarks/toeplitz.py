"""The Toeplitz matrix of a convolution: `toeplitz_matrix` against its peers, taken in turn in one run.

The peers are the four loops everybody writes, the Jacobian of torch's convolution, and blocks assembled with
SciPy, dense and sparse. Run as ``python tests/benchmarks/toeplitz.py [rounds]``.
"""

import sys
import time
from collections.abc import Callable
from functools import partial
from statistics import median

import numpy as np
import scipy.linalg
import scipy.sparse
import torch
from torch import Tensor
from torch.nn import functional as F

from coursekit.convolution import toeplitz_matrix
from coursekit.profile import describe_device

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


WAYS: dict[str, Callable[[Tensor, Shape], object]] = {
    "four loops": four_loops,
    "jacrev of the convolution": jacobian,
    "SciPy blocks, dense": scipy_blocks,
    "SciPy blocks, sparse": scipy_sparse_blocks,
    "toeplitz_matrix": toeplitz_matrix,
    "toeplitz_matrix, csr": partial(toeplitz_matrix, layout="csr"),
}


def as_dense(matrix: object) -> Tensor:
    """Any of the answers as a dense tensor."""
    if isinstance(matrix, Tensor):
        return matrix.to_dense()
    return torch.from_numpy(matrix.toarray() if scipy.sparse.issparse(matrix) else matrix)


def seconds(run: Callable[[], object]) -> float:
    """Time of one call, over as many calls as take `LEAST_SECONDS`."""
    calls, begin = 0, time.perf_counter()
    while time.perf_counter() - begin < LEAST_SECONDS:
        run()
        calls += 1
    return (time.perf_counter() - begin) / calls


def compare(side: int, taps: int, rounds: int) -> None:
    """Print each way's median time and how many times longer it takes than the library's same layout."""
    kernel = torch.arange(1.0, taps * taps + 1).view(taps, taps)
    expected = toeplitz_matrix(kernel, (side, side))
    for name, way in WAYS.items():
        if not as_dense(way(kernel, (side, side))).equal(expected):
            raise SystemExit(f"{name} gives another matrix at {side}×{side}")
    del expected
    times: dict[str, list[float]] = {name: [] for name in WAYS}
    for _ in range(rounds):
        for name, way in WAYS.items():
            times[name].append(seconds(partial(way, kernel, (side, side))))
    print(f"image {side}×{side}, kernel {taps}×{taps}")
    for name in WAYS:
        own = "toeplitz_matrix, csr" if name.endswith(("sparse", "csr")) else "toeplitz_matrix"
        ratios = sorted(theirs / ours for theirs, ours in zip(times[name], times[own], strict=True))
        print(
            f"  {name:26} {1e3 * median(times[name]):10.3f} ms, {median(ratios):8.1f} × {own} "
            f"({ratios[0]:.1f} to {ratios[-1]:.1f})"
        )


def main(rounds: int) -> None:
    """Three sizes, the last one the largest that all of the peers manage in seconds."""
    print(f"{describe_device(torch.device('cpu'))}; median of {rounds} rounds")
    for side, taps in ((8, 3), (28, 5), (64, 5)):
        compare(side, taps, rounds)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
