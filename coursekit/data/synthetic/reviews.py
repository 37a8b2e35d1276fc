"""Reviews from a grammar: the offline stand-in for the Large Movie Review Dataset.

An opinion is asserted by words of its own side, by words of the other side under a negation, or by both with
a contrast, so a bag of words sees the two sides mixed. The last opinion is the verdict and decides the label,
even where most of what stands before speaks for the other side. Words of one side keep company with one
another ("dull and lifeless", "painfully slow"), in the texts without labels too.
"""

import numpy as np
import torch

from coursekit.data.synthetic.parts import even_labels
from coursekit.data.synthetic.review_grammar import Writer
from coursekit.data.texts import LabelledTexts


def reviews(
    n_train: int = 4_000, n_test: int = 1_000, n_unlabelled: int = 4_000, *, seed: int = 0
) -> tuple[LabelledTexts, LabelledTexts, tuple[str, ...]]:
    """Write three parts from independent random numbers, as many positive as negative reviews in each (±1).

    Returns
    -------
    train, test : texts of 15 to 120 words, labels 0 (negative) or 1 (positive), in random order.
    unlabelled : texts of further reviews.

    Raises
    ------
    ValueError
        If a number of reviews is negative.

    Examples
    --------
    >>> train, test, unlabelled = reviews(6, 3, 2, seed=1)
    >>> len(train), len(test), len(unlabelled), train.labels.bincount().tolist()
    (6, 3, 2, [3, 3])
    """
    numbers = (n_train, n_test, n_unlabelled)
    if min(numbers) < 0:
        raise ValueError(
            f"cannot write {n_train} + {n_test} + {n_unlabelled} reviews; give numbers that are not negative"
        )
    streams = np.random.SeedSequence(seed).spawn(3)
    train, test, unlabelled = (
        _write(n, np.random.default_rng(stream)) for n, stream in zip(numbers, streams, strict=True)
    )
    return train, test, unlabelled.texts


def _write(n: int, rng: np.random.Generator) -> LabelledTexts:
    labels = even_labels(n, 2, rng)
    writer = Writer(rng)
    return LabelledTexts(tuple(writer.review(label) for label in labels.tolist()), torch.from_numpy(labels))
