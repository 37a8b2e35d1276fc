"""Texts that stand in two parts of a data set, or twice in one: finding them and leaving them out."""

from collections.abc import Iterable
from hashlib import blake2b

import torch
from torch import Tensor

from coursekit.data.texts import LabelledTexts
from coursekit.data.words import TAG


def normalised(text: str) -> str:
    """The text without HTML tags, in one case, with single blanks: what makes two texts copies.

    Examples
    --------
    >>> normalised(" A fine<br />Film!\\n")
    'a fine film!'
    """
    return " ".join(TAG.sub(" ", text).casefold().split())


def repeated(texts: Iterable[str], among: Iterable[str]) -> Tensor:
    """Places of the texts of which there is a copy in `among`, int64 (k,), in rising order.

    Examples
    --------
    >>> repeated(["New.", "Old<br />hat.", "Newer."], among=["old  HAT.", "Unseen."])
    tensor([1])
    """
    known = {_digest(text) for text in among}
    return _places(place for place, text in enumerate(texts) if _digest(text) in known)


def distinct(texts: Iterable[str]) -> Tensor:
    """Places of the texts of which no copy stands before them, int64 (k,), in rising order.

    Examples
    --------
    >>> distinct(["One.", "Two.", "ONE.", "one."])
    tensor([0, 1])
    """
    first: dict[bytes, int] = {}
    for place, text in enumerate(texts):
        first.setdefault(_digest(text), place)
    return _places(first.values())


def without_repeated(train: LabelledTexts, test: LabelledTexts) -> LabelledTexts:
    """The training part without what the test part has too, and with the first of several copies alone.

    Examples
    --------
    >>> train = LabelledTexts(("Fine.", "Dull.", "dull.", "So so."), torch.tensor([1, 0, 0, 1]))
    >>> without_repeated(train, LabelledTexts(("Fine.",), torch.tensor([1]))).texts
    ('Dull.', 'So so.')
    """
    keep = torch.zeros(len(train), dtype=torch.bool)
    keep[distinct(train.texts)] = True
    keep[repeated(train.texts, among=test.texts)] = False
    return train[keep]


def _digest(text: str) -> bytes:
    """Stands for the text: shorter, so that the sets of large data sets stay small."""
    return blake2b(normalised(text).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _places(found: Iterable[int]) -> Tensor:
    return torch.tensor(list(found), dtype=torch.int64)
