"""Checker of TF-IDF weights: counts of words turned into rows of length 1."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from coursekit.checkers.reports import Trial, as_text

# By hand: a word of every text and one of none, a text without words, texts of very different length.
COUNTS: tuple[tuple[tuple[int, ...], ...], ...] = (
    ((1,),),
    ((1, 0), (0, 1)),
    ((2, 1, 0), (1, 0, 0), (4, 0, 0)),
    ((0, 0, 0), (3, 1, 2)),
    ((1, 1, 1, 1), (50, 0, 0, 1), (0, 7, 0, 1), (0, 0, 0, 1)),
)
RANDOM = 6


def check_tf_idf(f: Callable[[Tensor], Tensor]) -> None:
    """Check ``f(counts)``, the TF-IDF weights of texts, with damped counts and smoothed document numbers.

    Parameters
    ----------
    f
        Takes counts in float64 ``(texts, words)``; returns as many weights: (1 + ln count) times
        (1 + ln((1 + texts) / (1 + texts with the word))), 0 where the count is 0, every row divided by its
        length. A text without words keeps its zeros.

    Raises
    ------
    CheckFailed
        At the first wrong answer; the message shows the call, what was expected and what came.

    Examples
    --------
    >>> def tf_idf(counts):
    ...     texts_with = (counts > 0).sum(dim=0)
    ...     idf = 1 + ((1 + len(counts)) / (1 + texts_with)).log()
    ...     weights = torch.where(counts > 0, 1 + counts.log(), 0) * idf
    ...     return torch.nn.functional.normalize(weights, dim=1)
    >>> check_tf_idf(tf_idf)
    tf_idf: all 11 cases are right.
    """
    trial = Trial(f)
    generator = torch.Generator().manual_seed(0)
    drawn = [torch.randint(-3, 4, (4, 5), generator=generator).clamp(min=0).double() for _ in range(RANDOM)]
    for counts in [*(torch.tensor(rows, dtype=torch.float64) for rows in COUNTS), *drawn]:
        answer = trial.call(counts.clone(), shown=as_text(counts))
        trial.tensor(answer, tf_idf(counts), what="the weights", tolerance=1e-6)
    trial.passed()


def tf_idf(counts: Tensor) -> Tensor:
    """TF-IDF weights ``(texts, words)`` of counts in float64: the definition that the checker holds to.

    References
    ----------
    Salton & Buckley (1988), Term-weighting approaches in automatic text retrieval; smoothed as in
    ``sklearn.feature_extraction.text.TfidfTransformer``.
    """
    texts_with = (counts > 0).sum(dim=0)
    inverse = 1 + torch.log((1 + len(counts)) / (1 + texts_with.double()))
    damped = torch.where(counts > 0, 1 + counts.clamp(min=1).log(), 0.0)
    return F.normalize(damped * inverse, dim=1)
