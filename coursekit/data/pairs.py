"""Sentences with their translations, and a data set of three parts of them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from torch import Tensor


@dataclass(frozen=True)
class SentencePairs:
    """Sentences and one translation of each.

    Parameters
    ----------
    sources, targets : n strings each

    Raises
    ------
    ValueError
        If their numbers differ.
    TypeError
        If the index is a single place; slices, lists and tensors of places are taken.

    Examples
    --------
    >>> pairs = SentencePairs(("ven", "hola", "no"), ("come", "hello", "no"))
    >>> len(pairs), pairs[:1], pairs[[2, 0]].targets
    (3, SentencePairs(1), ('no', 'come'))
    >>> list(pairs)[1]
    ('hola', 'hello')
    """

    sources: tuple[str, ...]
    targets: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(self.sources) != len(self.targets):
            raise ValueError(f"{len(self.sources)} sources but {len(self.targets)} targets; pass one of each")

    def __len__(self) -> int:
        return len(self.sources)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(zip(self.sources, self.targets, strict=True))

    def __getitem__(self, index: slice | Sequence[int] | Tensor) -> "SentencePairs":
        if isinstance(index, slice):
            return SentencePairs(self.sources[index], self.targets[index])
        if isinstance(index, int) or (isinstance(index, Tensor) and index.ndim != 1):
            raise TypeError(
                f"the index is {index!r}; pass a slice or several places, or index .sources and .targets"
            )
        places = [int(place) for place in index]
        return SentencePairs(
            tuple(self.sources[place] for place in places), tuple(self.targets[place] for place in places)
        )

    def map(self, function: Callable[[str], str]) -> "SentencePairs":
        """The pairs with `function` applied to every sentence."""
        return SentencePairs(tuple(map(function, self.sources)), tuple(map(function, self.targets)))

    def shorter_than(self, characters: int) -> "SentencePairs":
        """The pairs of which both sides have fewer characters.

        Examples
        --------
        >>> SentencePairs(("hola", "ven"), ("hello", "come")).shorter_than(5)
        SentencePairs(1)
        """
        return self[[i for i, pair in enumerate(self) if max(map(len, pair)) < characters]]

    def __repr__(self) -> str:
        return f"SentencePairs({len(self)})"


@dataclass(frozen=True)
class TranslationDataset:
    """Sentence pairs to train on, to choose with and to test with, and what a page says about them.

    Parameters
    ----------
    name
        The name that `load` was called with, such as ``"spa-eng-ist"``.
    origin
        ``"real"``, or ``"offline"`` for the set that stands in for it.
    title
        What a page prints about the data.
    train, validation, test
        Spanish sentences and English translations, in an order that says nothing: the first n are a fair
        sample.
    sha256
        Digest of the data.
    """

    name: str
    origin: Literal["real", "offline"]
    title: str
    train: SentencePairs
    validation: SentencePairs
    test: SentencePairs
    sha256: str

    def __repr__(self) -> str:
        return f"TranslationDataset({self.title})"
