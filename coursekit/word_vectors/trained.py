"""Our own vectors, trained on reviews of which the label is not looked at."""

from collections.abc import Callable, Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from coursekit.data.decoded import decoded
from coursekit.data.overlap import repeated
from coursekit.data.texts import ReviewDataset
from coursekit.data.words import Vocabulary, course_words, tokenize
from coursekit.word_vectors.counts import count_pairs
from coursekit.word_vectors.glove import fit_glove
from coursekit.word_vectors.vectors import WordVectors

Arrays = Mapping[str, NDArray[np.generic]]

#: Part of an entry's name in the cache: another method makes other vectors.
_METHOD = "1"

#: What was trained on made-up reviews in this process.
_trained: dict[str, Mapping[str, Tensor]] = {}

_SPLITTERS = (course_words, tokenize)


def review_vectors(
    dataset: ReviewDataset,
    *,
    words: Callable[[str], list[str]] = course_words,
    outside: int = 4_000,
    dimension: int = 100,
    window: int = 10,
    epochs: int = 15,
    min_count: int = 5,
    seed: int = 0,
    device: torch.device | str | None = None,
) -> WordVectors:
    """Vectors trained with the GloVe objective on training reviews beyond the first ones and unlabelled ones.

    No test review is read, none of the first `outside` training reviews, no copy of one of these among the
    others, and no label. Vectors of real reviews are kept in the cache; they take minutes to train.

    Parameters
    ----------
    words
        How a text is split: `course_words` or `tokenize`.
    outside
        Training reviews from the front that are left out, since a task is made of them.
    dimension, epochs, seed, device
        As in `fit_glove`.
    window
        As in `count_pairs`.
    min_count
        Words that occur less often get no vector.

    Raises
    ------
    ValueError
        If `words` is another function, or no word occurs often enough.

    Examples
    --------
    >>> from coursekit.data import LabelledTexts
    >>> few = LabelledTexts(("left out", "a good film", "a bad film"), torch.tensor([0, 1, 0]))
    >>> some = ReviewDataset("few", "offline", "three reviews", ("no", "yes"), few, few[:0], (), "0")
    >>> review_vectors(some, outside=1, dimension=3, epochs=1, min_count=2).words
    ('a', 'film')
    """
    if words not in _SPLITTERS:
        raise ValueError(f"words is {words!r}; pass course_words or tokenize from coursekit.data.words")
    settings = (words.__name__, outside, dimension, window, epochs, min_count, seed)
    texts = (*dataset.train.texts[outside:], *dataset.unlabelled)
    apart = (*dataset.train.texts[:outside], *dataset.test.texts)
    title = f"our own vectors of {dimension} numbers, from reviews without their labels ({dataset.title})"

    def train() -> Arrays:
        copies = set(repeated(texts, among=apart).tolist())
        split = [words(text) for place, text in enumerate(texts) if place not in copies]
        vocabulary = Vocabulary.of(split, min_count=min_count)
        if not vocabulary.words:
            raise ValueError(
                f"no word occurs {min_count} times in the {len(split):,} reviews beyond the first "
                f"{outside:,}; lower min_count or outside"
            )
        ids = [np.array(vocabulary.ids(text)) - vocabulary.first for text in split]
        counts = count_pairs(ids, size=len(vocabulary.words), window=window)
        fitted = fit_glove(counts, dimension=dimension, epochs=epochs, seed=seed, device=device)
        joined = "\n".join(vocabulary.words).encode()
        return {"values": fitted.vectors.cpu().numpy(), "words": np.frombuffer(joined, dtype=np.uint8).copy()}

    identity = f"{dataset.sha256} {settings} method {_METHOD}"
    arrays = _kept(train, identity) if dataset.origin == "real" else _remembered(train, identity)
    found = tuple(arrays["words"].numpy().tobytes().decode().split("\n"))
    return WordVectors(found, arrays["values"], title, dataset.origin)


def _kept(train: Callable[[], Arrays], identity: str) -> Mapping[str, Tensor]:
    return decoded("review-vectors", train, identity=identity)


def _remembered(train: Callable[[], Arrays], identity: str) -> Mapping[str, Tensor]:
    if identity not in _trained:
        _trained[identity] = {key: torch.from_numpy(array) for key, array in train().items()}
    return _trained[identity]
