"""Fitting word vectors to co-occurrence counts with the GloVe objective."""

from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from coursekit.training.progress import tqdm

if TYPE_CHECKING:
    from scipy.sparse import coo_array


class Fit(NamedTuple):
    """Vectors of the words, float32 (n, d), and the loss of each epoch, as mean over the pairs."""

    vectors: Tensor
    losses: tuple[float, ...]


def fit_glove(
    counts: "coo_array",
    *,
    dimension: int = 100,
    epochs: int = 15,
    learning_rate: float = 0.05,
    x_max: float = 100,
    power: float = 0.75,
    batch_size: int = 65_536,
    seed: int = 0,
    device: torch.device | str | None = None,
    progress: bool = True,
) -> Fit:
    r"""Word vectors whose inner products are near the logarithms of co-occurrence counts.

    Minimises

    .. math:: J = \sum_{X_{ij} > 0} f(X_{ij}) (w_i \cdot c_j + b_i + \tilde b_j - \log X_{ij})^2,
        \qquad f(x) = \min(1, (x / x_\mathrm{max})^{0.75})

    with AdaGrad and returns :math:`w_i + c_i`. As in GloVe's own tool every pair counts as a step of its own:
    a row's sum of squares grows by the square of each pair's gradient, however often the row occurs in a
    batch, then the row moves by the sum of the gradients over the root of that. So the size of a batch hardly
    matters: batches of 256 and of 65,536 pairs come to losses one per cent apart.

    Parameters
    ----------
    counts
        (n, n), positive: `count_pairs` returns such.
    dimension
        Numbers of a vector.
    epochs
        Times that all pairs are seen, in a new order each time.
    learning_rate
        AdaGrad's; its sums of squares begin at 1.
    x_max, power
        Of the weight f.
    batch_size
        Pairs a step.
    device
        Where it is computed, by default the CPU.
    progress
        Show a progress bar.

    Returns
    -------
    Fit
        Vectors on the CPU, and the loss J over the number of pairs, measured while the epoch runs. On a CPU
        the same seed and number of threads bring the same values; a GPU adds up in an order of its own.

    Raises
    ------
    ValueError
        If the counts are not square, are empty, not positive or not finite, or a setting is out of its range.

    References
    ----------
    Pennington, Socher & Manning (2014), equations 8 and 9, section 4.2; ``glove.c`` of their tool.

    Examples
    --------
    >>> from coursekit.word_vectors import count_pairs
    >>> counts = count_pairs([[0, 1, 2, 3], [0, 2, 1, 3]], size=4)
    >>> vectors, losses = fit_glove(counts, dimension=2, epochs=40, progress=False)
    >>> vectors.shape, losses[-1] < losses[0]
    (torch.Size([4, 2]), True)
    """
    for name, value in (("dimension", dimension), ("epochs", epochs), ("batch_size", batch_size)):
        if value < 1:
            raise ValueError(f"{name} is {value}; it must be at least 1")
    for name, amount in (("learning_rate", learning_rate), ("x_max", x_max), ("power", power)):
        if not 0 < amount < float("inf"):
            raise ValueError(f"{name} is {amount}; it must be above 0 and finite")
    rows, columns, values = (part.to(device or "cpu") for part in _checked(counts))
    generator = torch.Generator().manual_seed(seed)
    words, contexts = (
        _Table(
            ((torch.rand(counts.shape[0], dimension, generator=generator) - 0.5) / dimension).to(rows.device)
        )
        for _ in range(2)
    )
    word_biases, context_biases = (_Table(torch.zeros(counts.shape[0], device=rows.device)) for _ in range(2))
    losses = []
    batches = epochs * -(-len(values) // batch_size)
    with tqdm(desc="fitting", total=batches, unit=" batches", leave=False, **_hidden(progress)) as bar:
        for _ in range(epochs):
            total = torch.zeros((), dtype=torch.float64, device=rows.device)
            for batch in torch.randperm(len(values), generator=generator).split(batch_size):
                # Sorted, since the counts are: then each row's pairs stand side by side.
                chosen = batch.sort().values.to(rows.device)
                i, j, x = (part.index_select(0, chosen) for part in (rows, columns, values))
                products = (words.of(i) * contexts.of(j)).sum(dim=1)
                error = products + word_biases.of(i) + context_biases.of(j) - x.log()
                weighted = pair_weight(x, x_max=x_max, power=power) * error
                total += (weighted * error).sum()
                turned = j.argsort()
                for_words = _gradient_sums(i, j, weighted, contexts.values)
                for_contexts = _gradient_sums(j[turned], i[turned], weighted[turned], words.values)
                words.step(*for_words, learning_rate)
                contexts.step(*for_contexts, learning_rate)
                for biases, one in ((word_biases, i), (context_biases, j)):
                    biases.step(one, weighted, weighted.square(), learning_rate)
                bar.update()
            losses.append(float(total) / len(values))
            bar.set_postfix(loss=f"{losses[-1]:.4f}")
    return Fit((words.values + contexts.values).cpu(), tuple(losses))


def pair_weight(counts: Tensor, *, x_max: float = 100, power: float = 0.75) -> Tensor:
    """The weight of a pair in the objective, ``min(1, (x / x_max) ** power)``, for positive counts.

    Examples
    --------
    >>> pair_weight(torch.tensor([1.0, 100.0, 500.0]))
    tensor([0.0316, 1.0000, 1.0000])
    """
    return (counts / x_max).clamp(max=1) ** power


class _Table:
    """Rows that AdaGrad moves, with a sum of squares for each number."""

    def __init__(self, values: Tensor) -> None:
        self.values, self.squares = values, torch.ones_like(values)

    def of(self, rows: Tensor) -> Tensor:
        return self.values.index_select(0, rows)

    def step(self, rows: Tensor, gradients: Tensor, squares: Tensor, learning_rate: float) -> None:
        """Add up all squares first; a row that occurs twice moves by both gradients."""
        self.squares.index_add_(0, rows, squares)
        steps = gradients * self.squares.index_select(0, rows).rsqrt_()
        self.values.index_add_(0, rows, steps, alpha=-learning_rate)


def _gradient_sums(
    rows: Tensor, others: Tensor, weighted: Tensor, table: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Each row once, the sum of its pairs' gradients ``weighted * table[others]``, and of their squares.

    `rows` is sorted. The pairs' gradients themselves, a matrix as long as the batch, are never laid out.
    """
    once, occurrences = torch.unique_consecutive(rows, return_counts=True)
    starts = (occurrences.cumsum(0) - occurrences).to(others.dtype)
    sums, squares = (
        F.embedding_bag(others, values, starts, mode="sum", per_sample_weights=weights)
        for values, weights in ((table, weighted), (table.square(), weighted.square()))
    )
    return once, sums, squares


def _hidden(progress: bool) -> dict[str, Any]:
    return {} if progress else {"disable": True}


def _checked(counts: "coo_array") -> tuple[Tensor, Tensor, Tensor]:
    """Rows, columns and values of the counts: int32, int32 and float32."""
    if len(counts.shape) != 2 or counts.shape[0] != counts.shape[1]:
        raise ValueError(f"the counts have shape {counts.shape}; pass a square matrix, words by words")
    if not counts.nnz:
        raise ValueError("there is no pair to fit to; pass counts of texts with two known words at least")
    values = torch.from_numpy(counts.data.astype("float32"))
    if not (values.isfinite().all() and (values > 0).all()):
        raise ValueError("a count is not above 0 and finite; leave out pairs that do not occur")
    rows, columns = (torch.from_numpy(part.astype("int32")) for part in (counts.row, counts.col))
    if (rows[1:] < rows[:-1]).any():
        order = rows.argsort(stable=True)
        return rows[order], columns[order], values[order]
    return rows, columns, values
