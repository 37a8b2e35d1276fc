"""Labelled texts, and a data set of reviews made of two parts of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class LabelledTexts:
    """Texts as they were written, and the class of each.

    Parameters
    ----------
    texts : n strings
    labels : int64 (n,)

    Raises
    ------
    ValueError
        If the labels have another dtype or shape, or their number is not that of the texts.
    TypeError
        If the index is a single place; slices, lists, tensors of places and masks are taken.

    Examples
    --------
    >>> three = LabelledTexts(("Good!", "Bad.", "So so"), torch.tensor([1, 0, 0]))
    >>> len(three), three[1:].texts, three[torch.tensor([2, 0])].labels
    (3, ('Bad.', 'So so'), tensor([0, 1]))
    >>> three[three.labels == 0].texts
    ('Bad.', 'So so')
    """

    texts: tuple[str, ...]
    labels: Tensor

    def __post_init__(self) -> None:
        if self.labels.dtype != torch.int64 or self.labels.ndim != 1:
            raise ValueError(
                f"labels are {self.labels.dtype} of shape {tuple(self.labels.shape)}; "
                "pass torch.int64 of shape (n,)"
            )
        if len(self.texts) != len(self.labels):
            raise ValueError(f"{len(self.texts)} texts but {len(self.labels)} labels; pass one label a text")

    def __len__(self) -> int:
        return len(self.texts)

    def __getitem__(self, index: Tensor | Sequence[int] | slice) -> "LabelledTexts":
        if isinstance(index, slice):
            return LabelledTexts(self.texts[index], self.labels[index])
        places = torch.as_tensor(index)
        if places.ndim != 1:
            raise TypeError(
                f"the index is {index!r}; pass a slice or several places, or index .texts and .labels for one"
            )
        # An empty list is a tensor of floats.
        chosen = torch.arange(len(self))[places if places.dtype == torch.bool else places.long()]
        return LabelledTexts(tuple(self.texts[i] for i in chosen.tolist()), self.labels[chosen])

    def __repr__(self) -> str:
        return f"LabelledTexts({len(self)})"


@dataclass(frozen=True, eq=False)
class ReviewDataset:
    """Reviews to train on and to test with, and what a page says about them.

    Parameters
    ----------
    name
        The name that `load` was called with: ``"imdb"``.
    origin
        ``"real"``, or ``"offline"`` for the set that stands in for it.
    title
        What a page prints about the data.
    classes
        Names of the classes, in the order of the labels.
    train, test
        Both in an order that says nothing of the label: the first n are a fair sample.
    unlabelled
        Further reviews of which nobody says whether they are good; none where the files have none.
    sha256
        Digest of the data.
    """

    name: str
    origin: Literal["real", "offline"]
    title: str
    classes: tuple[str, ...]
    train: LabelledTexts
    test: LabelledTexts
    unlabelled: tuple[str, ...]
    sha256: str

    def __repr__(self) -> str:
        return f"ReviewDataset({self.title})"
