"""Checker of an embedding's first rows: pretrained vectors where words have one, drawn numbers elsewhere."""

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

from coursekit.checkers.reports import Trial

# Words of the vocabulary, words that have a vector, numbers of a vector. The vectors stand in another order
# than the words, and words outside the vocabulary have some as well.
CASES: tuple[tuple[tuple[str, ...], tuple[str, ...], int], ...] = (
    (("the", "film", "dull"), ("dull", "the", "film"), 2),
    (("the", "film", "dull"), ("film", "joke", "the"), 3),
    (("a", "joke"), ("joke",), 4),
    (("fine",), ("film", "fine", "dull"), 3),
    (("Film", "film", "it's", "its"), ("its", "film", "FILM"), 5),
    (("the", "a", "of", "br", "1010", "café"), ("of", "café", "the", "ça", "br"), 6),
)


def check_embedding_table(f: Callable[[Sequence[str], Mapping[str, Tensor], Tensor], Tensor]) -> None:
    """Check ``f(words, vectors, drawn)``, the first values of an embedding.

    Parameters
    ----------
    f
        Gets a vocabulary's words in the order of their ids from 1, a mapping from words to vectors ``(d,)``,
        and a row of standard normal numbers for every id, ``(1 + words, d)``; all in float64, and at least
        one of the words has a vector. Returns the table ``(1 + words, d)``: zeros for id 0, the vector of a
        word that has one, and for any other its drawn row times the standard deviation (dividing by their
        number) of all numbers in the vectors of the vocabulary's words.

    Raises
    ------
    CheckFailed
        At the first wrong answer; the message shows the call, what was expected and what came.

    Examples
    --------
    >>> def table(words, vectors, drawn):
    ...     found = {i: vectors[word] for i, word in enumerate(words, start=1) if word in vectors}
    ...     rows = drawn * torch.stack(list(found.values())).std(correction=0)
    ...     rows[0] = 0
    ...     for i, vector in found.items():
    ...         rows[i] = vector
    ...     return rows
    >>> check_embedding_table(table)
    table: all 6 cases are right.
    """
    trial = Trial(f)
    generator = torch.Generator().manual_seed(0)

    def draw(*shape: int) -> Tensor:
        return torch.randn(shape, generator=generator, dtype=torch.float64)

    for words, known, dimension in CASES:
        # Vectors of different size, with a mean: their spread is neither 1 nor their root mean square.
        vectors = {word: 0.3 * (n + 1) * draw(dimension) + 0.5 for n, word in enumerate(known)}
        drawn = draw(1 + len(words), dimension)
        inside = torch.stack([vectors[word] for word in words if word in vectors])
        expected = drawn * (inside - inside.mean()).square().mean().sqrt()
        expected[0] = 0
        for row, word in enumerate(words, start=1):
            if word in vectors:
                expected[row] = vectors[word]
        given = {word: vector.clone() for word, vector in vectors.items()}
        shown = f"{words}, vectors of {', '.join(map(repr, known))}, drawn"
        table = trial.call(words, given, drawn.clone(), shown=shown)
        trial.tensor(table, expected, what="a table", tolerance=1e-9)
    trial.passed()
