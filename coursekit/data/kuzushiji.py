"""Kuzushiji-MNIST: the names of its classes, and a reduced task made of its test images alone."""

import torch

from coursekit.data.images import LabelledImages

CLASSES = ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo")
"""The ten hiragana in Latin letters (Hepburn), in the order of the labels."""


def split_classes(images: LabelledImages, *, n_test: int) -> tuple[LabelledImages, LabelledImages]:
    """Take the last `n_test` images of every class as the test part; both parts keep the order.

    Raises
    ------
    ValueError
        If `n_test` is below 1, or a class has no more images than that.

    Examples
    --------
    >>> labels = torch.tensor([0, 1, 1, 0, 1, 0])
    >>> numbered = LabelledImages(torch.arange(6).byte().reshape(6, 1, 1, 1), labels)
    >>> [part.images.flatten().tolist() for part in split_classes(numbered, n_test=1)]
    [[0, 1, 2, 3], [4, 5]]
    """
    counts = images.labels.bincount()
    smallest = min(counts[counts > 0].tolist(), default=0)
    if not 1 <= n_test < smallest:
        raise ValueError(
            f"cannot take {n_test} test images of every class: the smallest has {smallest}; take at least 1 "
            "and leave at least 1"
        )
    tested = torch.zeros(len(images), dtype=torch.bool)
    for label in range(len(counts)):
        tested[(images.labels == label).nonzero().flatten()[-n_test:]] = True
    return images[(~tested).nonzero().flatten()], images[tested.nonzero().flatten()]
