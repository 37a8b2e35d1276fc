"""Vectors of words: looking them up, neighbours and analogies, coverage of a text, a table for a network."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import torch
from torch import Tensor

from coursekit.data.words import Vocabulary


@dataclass(frozen=True)
class Coverage:
    """How much of a text has vectors: by type every word counts once, by token as often as it occurs.

    Examples
    --------
    >>> some = Coverage(types=4, known_types=1, tokens=10, known_tokens=7)
    >>> some.by_type, some.by_token
    (0.25, 0.7)
    """

    types: int
    known_types: int
    tokens: int
    known_tokens: int

    @property
    def by_type(self) -> float:
        """Share of the different words that have a vector; not a number where there is no word."""
        return self.known_types / self.types if self.types else float("nan")

    @property
    def by_token(self) -> float:
        """Share of the running words that have a vector; not a number where there is no word."""
        return self.known_tokens / self.tokens if self.tokens else float("nan")


@dataclass(frozen=True, eq=False)
class WordVectors:
    """A vector for each of some words.

    Parameters
    ----------
    words : n different words
    values : float32 (n, d), finite
    title
        What a page prints about the vectors.
    origin
        ``"real"``, or ``"offline"`` for vectors trained on text that stands in for the real one.

    Raises
    ------
    ValueError
        If the values have another dtype or shape, are not finite, or a word occurs twice.

    Examples
    --------
    >>> values = torch.tensor([[1.0, 0.0], [1.0, 1.0], [0.0, 2.0], [-1.0, 0.0]])
    >>> some = WordVectors(("good", "fair", "long", "bad"), values, "made up")
    >>> "fair" in some, len(some), some["fair"]
    (True, 4, tensor([1., 1.]))
    >>> [(word, round(cosine, 2)) for word, cosine in some.neighbours("good", k=2)]
    [('fair', 0.71), ('long', 0.0)]
    """

    words: tuple[str, ...]
    values: Tensor
    title: str
    origin: Literal["real", "offline"] = "real"

    def __post_init__(self) -> None:
        if self.values.dtype != torch.float32 or self.values.ndim != 2 or not self.values.shape[1]:
            raise ValueError(
                f"values are {self.values.dtype} of shape {tuple(self.values.shape)}; "
                "pass torch.float32 of shape (n, d)"
            )
        if len(self.words) != len(self.values):
            raise ValueError(
                f"{len(self.words)} words but {len(self.values)} vectors; pass one vector a word"
            )
        if len(self.index) != len(self.words):
            twice = next(word for i, word in enumerate(self.words) if self.index[word] != i)
            raise ValueError(f"{twice!r} occurs twice among the words; pass each word once")
        if not self.values.isfinite().all():
            row = int(self.values.isfinite().all(dim=1).logical_not().nonzero()[0])
            raise ValueError(f"the vector of {self.words[row]!r} is not finite; pass finite values")

    @cached_property
    def index(self) -> Mapping[str, int]:
        """The row of each word."""
        return {word: row for row, word in enumerate(self.words)}

    @property
    def dimension(self) -> int:
        """How many numbers a vector has."""
        return self.values.shape[1]

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: object) -> bool:
        return word in self.index

    def __getitem__(self, word: str) -> Tensor:
        """A copy of the word's vector, float32 (d,).

        Raises
        ------
        KeyError
            If the word has none.
        """
        return self.values[self._row(word)].clone()

    def __repr__(self) -> str:
        return f"WordVectors({len(self):,} words, {self.dimension} numbers each: {self.title})"

    def neighbours(self, of: str | Tensor, k: int = 10) -> list[tuple[str, float]]:
        """The `k` words whose vectors have the largest cosine with a word's or another vector, best first.

        Parameters
        ----------
        of
            A word, which is not its own neighbour, or a vector (d,).
        k
            How many words; fewer come back where there are not so many.

        Raises
        ------
        KeyError
            If the word has no vector.
        ValueError
            If the vector has another shape.
        """
        if isinstance(of, str):
            return self._nearest(self[of], k, without={of})
        if of.shape != (self.dimension,):
            raise ValueError(f"the vector has shape {tuple(of.shape)}; pass one of shape ({self.dimension},)")
        return self._nearest(of.to(self.values), k, without=set())

    def analogy(self, a: str, b: str, c: str, k: int = 5) -> list[tuple[str, float]]:
        r"""The `k` words that best complete "a is to b as c is to …", with their cosines.

        They are nearest to :math:`\hat b - \hat a + \hat c`, of vectors of length 1; the three words
        themselves are left out.

        Raises
        ------
        KeyError
            If one of the words has no vector.

        References
        ----------
        Mikolov, Yih & Zweig (2013), Linguistic regularities in continuous space word representations, NAACL.

        Examples
        --------
        >>> values = torch.tensor([[1.0, 0, 1], [1, 0, -1], [0, 1, 1], [0, 1, -1], [1, 1, 0]])
        >>> royal = WordVectors(("man", "woman", "king", "queen", "people"), values, "made up")
        >>> royal.analogy("man", "woman", "king", k=1)
        [('queen', 1.0)]
        """
        first, second, third = (_unit(self[word]) for word in (a, b, c))
        return self._nearest(second - first + third, k, without={a, b, c})

    def coverage(self, counts: Mapping[str, int]) -> Coverage:
        """How much of a text has vectors, from how often each of its words occurs."""
        known = [n for word, n in counts.items() if word in self.index]
        return Coverage(len(counts), len(known), sum(counts.values()), sum(known))

    def table(self, vocabulary: Vocabulary, *, seed: int = 0) -> Tensor:
        """The rows of an embedding for a vocabulary.

        Row 0, the padding, is zero. A word with a vector has that; each other row is drawn from a normal
        distribution around 0 with the standard deviation of the numbers in the known words' vectors (of all
        vectors, where no word is known). What is drawn for a row depends on the seed and its number only.

        Returns
        -------
        Tensor, float32 (len(vocabulary), d)

        Raises
        ------
        ValueError
            If there are no vectors at all.
        """
        if not len(self):
            raise ValueError("there is no vector to fill a table with; read some words' vectors first")
        ids, rows = [], []
        for i, word in enumerate(vocabulary.words, vocabulary.first):
            row = self.index.get(word)
            if row is not None:
                ids.append(i)
                rows.append(row)
        known = self.values[rows] if rows else self.values
        generator = torch.Generator().manual_seed(seed)
        table = torch.randn(len(vocabulary), self.dimension, generator=generator)
        table *= known.std(correction=0)
        table[0] = 0
        if rows:
            table[ids] = known
        return table

    def _row(self, word: str) -> int:
        if word in self.index:
            return self.index[word]
        lower = word.lower()
        hint = f"{lower!r} has one" if lower in self.index else "look with `in` first"
        raise KeyError(f"there is no vector for {word!r} among {len(self):,} words; {hint}")

    @cached_property
    def _lengths(self) -> Tensor:
        return _length(self.values)

    def _nearest(self, vector: Tensor, k: int, *, without: set[str]) -> list[tuple[str, float]]:
        if k < 1:
            raise ValueError(f"k is {k}; ask for at least 1 word")
        cosines = (self.values @ _unit(vector) / self._lengths).clamp(-1, 1)
        order = cosines.argsort(descending=True, stable=True)[: k + len(without)].tolist()
        found = [(self.words[row], float(cosines[row])) for row in order if self.words[row] not in without]
        return found[:k]


def _length(vectors: Tensor) -> Tensor:
    # Not below the smallest normal number: a vector of zeros has cosine 0 with every other.
    lengths: Tensor = torch.linalg.vector_norm(vectors, dim=-1)
    return lengths.clamp(min=torch.finfo(torch.float32).tiny)


def _unit(vector: Tensor) -> Tensor:
    return vector / _length(vector)
