"""Minimum Bayes risk: the sentence nearest to all that a model thinks possible, not the likeliest."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def expected_error_rates(
    candidates: Sequence[str], sentences: Sequence[str], weights: Sequence[float] | None = None
) -> NDArray[np.float64]:
    r"""The error rate that each candidate can expect if the true sentence is one of `sentences`.

    .. math:: R(h) = \sum_y w_y\, \frac{\mathrm{lev}(h, y)}{\max(1, |y|)}

    Parameters
    ----------
    candidates
        What could be chosen, m strings.
    sentences
        What the true one could be: draws from the model, or an n-best list.
    weights
        Of the sentences, not negative; they are divided by their sum. Equal ones if not given.

    Returns
    -------
    ndarray, float64 (m,)

    Raises
    ------
    ValueError
        If there is no candidate or no sentence, a string stands for a list, or the weights do not fit.

    References
    ----------
    Kumar & Byrne (2004), Minimum Bayes-risk decoding for statistical machine translation; distances by
    rapidfuzz.

    Examples
    --------
    >>> expected_error_rates(["he is", "she is"], ["she is", "we is", "he was"]).round(3).tolist()
    [0.233, 0.3]
    """
    from rapidfuzz.distance import Levenshtein
    from rapidfuzz.process import cdist

    for name, strings in (("candidates", candidates), ("sentences", sentences)):
        if isinstance(strings, str):
            raise ValueError(
                f"{name} is the string {strings!r}; pass a list of strings, [{strings!r}] for one"
            )
    if not candidates or not sentences:
        raise ValueError(
            f"there are {len(candidates)} candidates and {len(sentences)} sentences; pass some of each"
        )
    shares = np.ones(len(sentences)) if weights is None else np.asarray(weights, dtype=float)
    if shares.shape != (len(sentences),) or not (shares >= 0).all() or not 0 < shares.sum() < np.inf:
        raise ValueError(
            f"there are {len(sentences)} sentences and the weights {weights}; pass one for each, none "
            "negative and not all 0"
        )
    distances = cdist(candidates, sentences, scorer=Levenshtein.distance, dtype=np.int32)
    lengths = np.maximum(1, [len(sentence) for sentence in sentences])
    risks: NDArray[np.float64] = (distances / lengths) @ (shares / shares.sum())
    return risks


def minimum_risk(
    candidates: Sequence[str], sentences: Sequence[str], weights: Sequence[float] | None = None
) -> str:
    """The candidate with the least `expected_error_rates`; the first of equal ones.

    Raises
    ------
    ValueError
        As `expected_error_rates`.

    Examples
    --------
    The likeliest sentence is an odd one; two others agree on most of their characters:

    >>> sentences = ["i went .", "he ran .", "he rang ."]
    >>> minimum_risk(sentences, sentences, [0.4, 0.3, 0.3])
    'he ran .'
    """
    return candidates[int(expected_error_rates(candidates, sentences, weights).argmin())]
