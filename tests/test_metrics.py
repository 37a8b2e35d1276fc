"""Error rates against a distance of our own; BLEU and chrF against sacrebleu and counts by hand."""

import math
from collections import Counter

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sacrebleu import corpus_bleu, corpus_chrf

from coursekit.metrics import bleu, character_error_rate, chrf, error_rate, error_rates

texts = st.text(alphabet="abñ .¿", max_size=9) | st.text(max_size=5)
words = st.lists(st.sampled_from(["tom", "is", "tall", "very", "."]), min_size=1, max_size=8).map(" ".join)
MEASURES = (error_rates, error_rate, character_error_rate, bleu, chrf)


def levenshtein(first: str, second: str) -> int:
    """The whole table of Wagner and Fischer: first[:i] into second[:j]."""
    table = {(i, 0): i for i in range(len(first) + 1)} | {(0, j): j for j in range(len(second) + 1)}
    for i in range(1, len(first) + 1):
        for j in range(1, len(second) + 1):
            substituted = table[i - 1, j - 1] + (first[i - 1] != second[j - 1])
            table[i, j] = min(table[i - 1, j] + 1, table[i, j - 1] + 1, substituted)
    return table[len(first), len(second)]


def distance(predicted: str, true: str) -> int:
    """The number of edits that a rate stands for."""
    return round(error_rates([predicted], [true])[0] * max(1, len(true)))


@given(pairs=st.lists(st.tuples(texts, texts), min_size=1, max_size=6))
@example(pairs=[("", "")])
@example(pairs=[("", "abc"), ("abc", "")])
@example(pairs=[("kitten", "sitting")])
@example(pairs=[("👍🏽", "👍")])
def test_rates_are_distances_over_true_lengths(pairs) -> None:
    predicted, true = ([pair[side] for pair in pairs] for side in (0, 1))
    distances = [levenshtein(p, t) for p, t in pairs]
    rates = [d / max(1, len(t)) for d, t in zip(distances, true, strict=True)]
    assert error_rates(predicted, true) == rates
    assert error_rate(predicted, true) == pytest.approx(math.fsum(rates) / len(pairs))
    if any(true):
        assert character_error_rate(predicted, true) == sum(distances) / sum(map(len, true))


@given(first=texts, second=texts, third=texts)
def test_the_distance_is_a_metric(first, second, third) -> None:
    assert distance(first, first) == 0
    assert (distance(first, second) == 0) == (first == second)
    assert distance(first, second) == distance(second, first)
    assert distance(first, third) <= distance(first, second) + distance(second, third)
    assert abs(len(first) - len(second)) <= distance(first, second) <= max(len(first), len(second))


def test_the_rate_itself_is_not_symmetric_and_can_exceed_1() -> None:
    assert error_rates(["abcdef"], ["ab"]) == [2.0] and error_rates(["ab"], ["abcdef"]) == [4 / 6]
    assert error_rates([""], ["abc"]) == [1.0]
    # A true sentence without characters counts as one of length 1.
    assert error_rates(["abc", ""], ["", ""]) == [3.0, 0.0]


def test_a_swap_is_two_edits_and_accents_are_letters() -> None:
    assert error_rates(["ab", "ano", "Go"], ["ba", "año", "go"]) == [1.0, 1 / 3, 1 / 2]
    # Composed and decomposed spellings differ: a text is normalised before, not here.
    assert error_rates(["n\u0303"], ["ñ"]) == [2.0]


def test_the_mean_of_ratios_is_not_the_ratio_of_sums() -> None:
    predicted, true = ["x", "long sentence"], ["a", "long sentence"]
    assert error_rate(predicted, true) == 0.5
    assert character_error_rate(predicted, true) == 1 / 14
    # For sentences of one length they agree.
    assert error_rate(["ab", "cd"], ["ab", "xx"]) == character_error_rate(["ab", "cd"], ["ab", "xx"]) == 0.5


@given(pairs=st.lists(st.tuples(words, words), min_size=1, max_size=5))
def test_bleu_and_chrf_are_sacrebleus(pairs) -> None:
    predicted, true = ([pair[side] for pair in pairs] for side in (0, 1))
    assert bleu(predicted, true) == corpus_bleu(predicted, [true], tokenize="none", force=True).score
    assert chrf(tuple(predicted), tuple(true)) == corpus_chrf(predicted, [true]).score
    assert 0 <= bleu(predicted, true) <= 100.000001 and 0 <= chrf(predicted, true) <= 100.000001


def test_bleu_by_counting() -> None:
    """Papineni et al. (2002): the precisions' geometric mean times the brevity penalty, over the corpus."""
    predicted = ["tom is very very tall .", "he is here now ."]
    true = ["tom is very tall indeed today .", "he is here right now ."]
    precisions = []
    for order in (1, 2, 3, 4):
        shared = total = 0
        for p, t in zip(predicted, true, strict=True):
            counts, reference = (
                Counter(tuple(w[i : i + order]) for i in range(len(w) - order + 1))
                for w in (p.split(), t.split())
            )
            shared += sum((counts & reference).values())
            total += sum(counts.values())
        precisions.append(shared / total if shared else None)
    assert precisions[:3] == [10 / 11, 6 / 9, 2 / 7]
    # No n-gram of four words is shared: smoothed to half of one (sacrebleu's "exp").
    precisions[3] = 1 / 2 / 5
    brevity = math.exp(1 - 13 / 11)
    expected = 100 * brevity * math.exp(sum(map(math.log, precisions)) / 4)
    assert bleu(predicted, true) == pytest.approx(expected)


def test_known_values() -> None:
    assert bleu(["tom is very tall ."], ["tom is very tall ."]) == pytest.approx(100)
    assert chrf(["tom is tall ."], ["tom is tall ."]) == pytest.approx(100)
    assert bleu(["a b c d"], ["e f g h"]) == 0 and chrf(["ab"], ["cd"]) == 0
    assert bleu(["", ""], ["tom is tall .", "he is ."]) == 0 and chrf([""], ["tom"]) == 0
    # Blanks decide what a word is: a full stop in contact is another word.
    assert bleu(["he is very tall."], ["he is very tall ."]) < 100
    # chrF does not read blanks.
    assert chrf(["he is tall."], ["he is tall ."]) == pytest.approx(100)
    # Recall counts twice: leaving out costs more than adding.
    assert chrf(["tom is"], ["tom is tall"]) < chrf(["tom is tall"], ["tom is"])


@pytest.mark.parametrize("measure", MEASURES)
def test_mistakes_get_one_sentence(measure) -> None:
    with pytest.raises(TypeError, match=r"^predicted is one string, 'go'; pass a list of sentences$"):
        measure("go", ["no"])
    with pytest.raises(TypeError, match=r"^true is one string, 'no'; pass a list of sentences$"):
        measure(["go"], "no")
    with pytest.raises(
        ValueError, match=r"^there are 2 predicted and 1 true sentences; each needs the other$"
    ):
        measure(["go", "no"], ["go"])
    with pytest.raises(ValueError, match=r"^there are no sentences; pass at least one$"):
        measure([], [])


def test_a_rate_per_character_needs_one() -> None:
    with pytest.raises(
        ValueError, match=r"^no true sentence has a character; a rate per character needs one$"
    ):
        character_error_rate(["a", ""], ["", ""])
