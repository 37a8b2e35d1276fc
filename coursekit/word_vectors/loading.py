"""Loading word vectors by name: the real files where there is a data folder, else a small stand-in."""

from collections.abc import Collection
from dataclasses import replace

from coursekit.data.errors import DataError
from coursekit.data.loading import load
from coursekit.data.registry import REGISTRY, available, locate
from coursekit.data.words import tokenize
from coursekit.word_vectors.files import read_vectors
from coursekit.word_vectors.trained import review_vectors
from coursekit.word_vectors.vectors import WordVectors

#: Made-up reviews that the offline vectors are trained on: few, since that is done in each process.
_STAND_IN_TEXTS = 1_000

_NAMES = ("glove.6b", "glove.6b-top")
_DIMENSIONS = {"glove.6b": (50, 100, 200, 300), "glove.6b-top": (100,)}


def load_vectors(
    name: str = "glove.6b", *, dimension: int = 100, words: Collection[str] | None = None
) -> WordVectors:
    """Load published word vectors: the real ones where ``COURSEKIT_DATA`` names a folder.

    Every real file is compared with its sha256 first. With ``COURSEKIT_DOWNLOAD=1`` a missing archive is
    fetched. Without it, "glove.6b" in a folder that has only its most frequent words is "glove.6b-top".
    Offline, a few vectors trained on made-up reviews without labels stand in, and say so.

    Parameters
    ----------
    name
        "glove.6b" or "glove.6b-top".
    dimension
        Numbers of a vector: 50, 100, 200 or 300; the part with the most frequent words has 100 only.
    words
        Keep only these.

    Raises
    ------
    DataError
        If there are no such vectors, or the file is missing, damaged or cannot be fetched.

    Examples
    --------
    >>> try:
    ...     load_vectors("glove.60b")
    ... except DataError as error:
    ...     print(error)
    there are no word vectors 'glove.60b'; known: glove.6b, glove.6b-top
    """
    if name not in _NAMES:
        raise DataError(f"there are no word vectors '{name}'; known: {', '.join(_NAMES)}")
    name = available(name)
    folder = locate(name)
    if dimension not in _DIMENSIONS[name]:
        *others, last = map(str, _DIMENSIONS[name])
        known = f"{', '.join(others)} or {last}" if others else last
        raise DataError(f"'{name}' has vectors of {known} numbers, not of {dimension}")
    if folder is None:
        return _stand_in(dimension, words)
    source = REGISTRY[name]
    member = f"glove.6B.{dimension}d.txt" if name == "glove.6b" else None
    return read_vectors(
        folder / source.files[0].path, member=member, dimension=dimension, words=words, title=source.title
    )


def _stand_in(dimension: int, words: Collection[str] | None) -> WordVectors:
    made_up = load("imdb")
    nothing, some = made_up.train[:0], made_up.unlabelled[:_STAND_IN_TEXTS]
    texts = replace(
        made_up, train=nothing, test=nothing, unlabelled=some, sha256=f"{made_up.sha256} {len(some)}"
    )
    found = review_vectors(texts, words=tokenize, outside=0, dimension=dimension, seed=1)
    title = (
        f"vectors of {dimension} numbers from {len(some):,} made-up reviews, "
        "the offline stand-in for GloVe 6B"
    )
    kept = [row for row, word in enumerate(found.words) if words is None or word in words]
    return WordVectors(tuple(found.words[row] for row in kept), found.values[kept], title, "offline")
