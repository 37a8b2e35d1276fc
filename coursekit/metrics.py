"""How far predicted sentences are from true ones: the course's error rate, and the measures of the field."""

from collections.abc import Sequence
from statistics import fmean


def error_rates(predicted: Sequence[str], true: Sequence[str]) -> list[float]:
    r"""Edit distance of every sentence to the true one, over the length of the true one.

    The distance of Levenshtein is the least number of insertions, deletions and substitutions of a character
    that turn one sentence into the other. A true sentence without characters counts as one of length 1.

    Raises
    ------
    ValueError
        If the numbers of sentences differ, or there are none.
    TypeError
        If one of the two is a single string.

    References
    ----------
    Levenshtein (1966), Binary codes capable of correcting deletions, insertions and reversals; computed by
    rapidfuzz.

    Examples
    --------
    >>> error_rates(["he is here .", "no"], ["she is here .", ""])
    [0.07692307692307693, 2.0]
    """
    return [d / max(1, len(t)) for d, t in zip(_distances(predicted, true), true, strict=True)]


def error_rate(predicted: Sequence[str], true: Sequence[str]) -> float:
    r"""The course's measure: the mean over sentences of `error_rates`.

    .. math:: \frac1n \sum_{i=1}^n \frac{\mathrm{lev}(\hat y_i, y_i)}{|y_i|}

    Short sentences weigh as much as long ones, and the rate of one can exceed 1.

    Raises
    ------
    ValueError, TypeError
        As `error_rates`.

    Examples
    --------
    >>> error_rate(["go .", "no no"], ["go .", "no"])
    0.75
    """
    return fmean(error_rates(predicted, true))


def character_error_rate(predicted: Sequence[str], true: Sequence[str]) -> float:
    """Edits of all sentences together over their characters together: long sentences weigh more.

    Raises
    ------
    ValueError, TypeError
        As `error_rates`; also if no true sentence has a character.

    Examples
    --------
    >>> character_error_rate(["go .", "no no"], ["go .", "no"])
    0.5
    """
    distances = _distances(predicted, true)
    characters = sum(map(len, true))
    if not characters:
        raise ValueError("no true sentence has a character; a rate per character needs one")
    return sum(distances) / characters


def bleu(predicted: Sequence[str], true: Sequence[str]) -> float:
    """BLEU of a corpus, 0 to 100: word n-grams up to 4 that both share, for sentences split at blanks.

    Raises
    ------
    ValueError, TypeError
        As `error_rates`.

    References
    ----------
    Papineni et al. (2002), BLEU: a method for automatic evaluation of machine translation; Post (2018), A
    call for clarity in reporting BLEU scores (sacrebleu; ``tokenize="none"``).

    Examples
    --------
    >>> round(bleu(["tom is very tall ."], ["tom is very tall ."]))
    100
    """
    from sacrebleu import corpus_bleu

    _check(predicted, true)
    return float(corpus_bleu(list(predicted), [list(true)], tokenize="none", force=True).score)


def chrf(predicted: Sequence[str], true: Sequence[str]) -> float:
    """chrF2 of a corpus, 0 to 100: F-score of character n-grams up to 6, recall counting twice as much.

    Raises
    ------
    ValueError, TypeError
        As `error_rates`.

    References
    ----------
    Popović (2015), chrF: character n-gram F-score for automatic MT evaluation; computed by sacrebleu.

    Examples
    --------
    >>> round(chrf(["tom is tall ."], ["tom is tall ."])), round(chrf(["tom"], ["dogs"]))
    (100, 9)
    """
    from sacrebleu import corpus_chrf

    _check(predicted, true)
    return float(corpus_chrf(list(predicted), [list(true)]).score)


def translation_scores(predicted: Sequence[str], true: Sequence[str]) -> dict[str, float]:
    """All measures of this module by name, and ``exact_accuracy``, the share of sentences without an error.

    Raises
    ------
    ValueError, TypeError
        As `character_error_rate`.

    Examples
    --------
    >>> scores = translation_scores(["go .", "no no"], ["go .", "no"])
    >>> scores["error_rate"], scores["exact_accuracy"], sorted(scores)[:2]
    (0.75, 0.5, ['bleu', 'character_error_rate'])
    """
    return {
        "error_rate": error_rate(predicted, true),
        "character_error_rate": character_error_rate(predicted, true),
        "bleu": bleu(predicted, true),
        "chrf": chrf(predicted, true),
        "exact_accuracy": fmean(p == t for p, t in zip(predicted, true, strict=True)),
    }


def _distances(predicted: Sequence[str], true: Sequence[str]) -> list[int]:
    from rapidfuzz.distance import Levenshtein

    _check(predicted, true)
    return [Levenshtein.distance(p, t) for p, t in zip(predicted, true, strict=True)]


def _check(predicted: Sequence[str], true: Sequence[str]) -> None:
    for name, sentences in (("predicted", predicted), ("true", true)):
        if isinstance(sentences, str):
            raise TypeError(f"{name} is one string, {sentences!r}; pass a list of sentences")
    if len(predicted) != len(true):
        raise ValueError(
            f"there are {len(predicted)} predicted and {len(true)} true sentences; each needs the other"
        )
    if not predicted:
        raise ValueError("there are no sentences; pass at least one")
