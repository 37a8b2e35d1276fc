"""How often words stand near each other: one over their distance, summed over all texts."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

if TYPE_CHECKING:
    from scipy.sparse import coo_array

#: Words whose pairs are held at once, before they are summed.
_BLOCK = 1 << 19


def count_pairs(
    texts: Iterable[Sequence[int] | NDArray[np.integer] | Tensor], *, size: int, window: int = 10
) -> "coo_array":
    r"""Weighted co-occurrence counts :math:`X_{ij}`: a pair of words at distance d adds 1/d to both orders.

    An id below 0 stands for a word without an id. As in GloVe's own tool, such words are dropped *before* the
    window is laid: the words around them move together. Pairs do not reach over the end of a text. A word
    that meets itself at distance d adds 2/d on the diagonal, one for each order.

    Parameters
    ----------
    texts
        Ids of the words of each text, in their order.
    size
        How many ids there are.
    window
        The largest distance that counts.

    Returns
    -------
    scipy.sparse.coo_array
        float64 (size, size), symmetric, sorted by row and column, without zeros. Beside it 8 bytes a word are
        held, and the pairs of half a million words at once.

    Raises
    ------
    ValueError
        If `size` or `window` is below 1, or an id is `size` or larger.

    References
    ----------
    Pennington, Socher & Manning (2014), sections 3 and 4.2; ``cooccur.c`` of their tool.

    Examples
    --------
    >>> count_pairs([[0, 1, 2], [1, -1, 0]], size=3, window=2).toarray()
    array([[0. , 2. , 0.5],
           [2. , 0. , 1. ],
           [0.5, 1. , 0. ]])
    """
    from scipy.sparse import coo_array, csr_array

    for name, value in (("size", size), ("window", window)):
        if value < 1:
            raise ValueError(f"{name} is {value}; it must be at least 1")
    ids, owners = _flat(texts, size)
    # One half, smaller id first, is enough while counting.
    half = csr_array((size, size), dtype=np.float64)
    for start in range(0, len(ids), _BLOCK):
        rows, columns, values = _pairs(ids, owners, start, window)
        half = half + coo_array((values, (rows, columns)), shape=(size, size)).tocsr()
    both = (half + half.T.tocsr()).tocsr()
    both.sort_indices()
    return both.tocoo()


def _flat(texts: Iterable[object], size: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """All ids that are not below 0, one after the other, and the number of the text of each."""
    parts, lengths = [], []
    for number, text in enumerate(texts):
        ids = np.asarray(text, dtype=np.int64)
        if ids.size and ids.max() >= size:
            raise ValueError(
                f"text {number} has the id {ids.max()}; with size {size} the largest is {size - 1}"
            )
        parts.append(ids[ids >= 0].astype(np.int32))
        lengths.append(len(parts[-1]))
    flat = np.concatenate(parts) if parts else np.empty(0, dtype=np.int32)
    return flat, np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)


def _pairs(
    ids: NDArray[np.int32], owners: NDArray[np.int32], start: int, window: int
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]:
    """Pairs whose first word is in the block that begins at `start`: smaller id, larger id, 1/distance."""
    rows, columns, values = [], [], []
    for distance in range(1, min(window, len(ids) - start - 1) + 1):
        stop = min(start + _BLOCK, len(ids) - distance)
        first, second = slice(start, stop), slice(start + distance, stop + distance)
        together = owners[first] == owners[second]
        a, b = ids[first][together], ids[second][together]
        rows.append(np.minimum(a, b))
        columns.append(np.maximum(a, b))
        values.append(np.full(len(a), 1 / distance))
    if not rows:
        none = np.empty(0, dtype=np.int32)
        return none, none, np.empty(0)
    return np.concatenate(rows), np.concatenate(columns), np.concatenate(values)
