"""Expected error rates against a double loop in plain Python."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit.decoding import expected_error_rates, minimum_risk

from .toys import levenshtein

texts = st.text(alphabet="abñ .", max_size=7)
lists = st.lists(texts, min_size=1, max_size=6)


def by_hand(candidates: list[str], sentences: list[str], weights: list[float]) -> list[float]:
    total = math.fsum(weights)
    return [
        math.fsum(
            weight / total * levenshtein(candidate, sentence) / max(1, len(sentence))
            for sentence, weight in zip(sentences, weights, strict=True)
        )
        for candidate in candidates
    ]


@given(candidates=lists, sentences=lists, data=st.data())
def test_risks_are_the_double_sum(candidates, sentences, data) -> None:
    n = len(sentences)
    weights = data.draw(st.lists(st.floats(0.1, 10), min_size=n, max_size=n))
    found = expected_error_rates(candidates, sentences, weights)
    assert found.dtype == np.float64 and found.shape == (len(candidates),)
    assert found.tolist() == pytest.approx(by_hand(candidates, sentences, weights), rel=1e-12)
    equal = expected_error_rates(candidates, sentences)
    assert equal.tolist() == pytest.approx(by_hand(candidates, sentences, [1.0] * n), rel=1e-12)
    # Only the ratios of weights count, and a weight of 0 is no sentence.
    assert expected_error_rates(candidates, sentences, [7 * w for w in weights]).tolist() == pytest.approx(
        found.tolist(), rel=1e-12
    )
    more = expected_error_rates(candidates, [*sentences, "something else"], [*weights, 0])
    assert more.tolist() == pytest.approx(found.tolist(), rel=1e-12)


@given(candidates=lists, sentences=lists)
def test_the_chosen_one_has_the_least_risk_and_is_the_first_of_equals(candidates, sentences) -> None:
    risks = expected_error_rates(candidates, sentences).tolist()
    assert minimum_risk(candidates, sentences) == candidates[risks.index(min(risks))]


def test_the_likeliest_need_not_be_the_nearest() -> None:
    sentences = ["i went .", "he ran .", "he rang ."]
    assert minimum_risk(sentences, sentences, [0.4, 0.3, 0.3]) == "he ran ."
    assert minimum_risk(sentences, sentences, [0.9, 0.05, 0.05]) == "i went ."
    # Repeated draws are weights.
    assert minimum_risk(sentences, sentences[:1] * 18 + sentences[1:]) == "i went ."
    assert minimum_risk(["b", "a"], ["a", "b"]) == "b"


def test_the_length_of_the_true_one_counts_and_an_empty_one_is_as_one_character() -> None:
    assert expected_error_rates(["aaaa", ""], ["aa"]).tolist() == [1.0, 1.0]
    assert expected_error_rates(["aa"], ["aaaa"]).tolist() == [0.5]
    assert expected_error_rates(["", "abc"], [""]).tolist() == [0.0, 3.0]


@pytest.mark.parametrize(
    ("candidates", "sentences", "weights", "message"),
    [
        ([], ["a"], None, "there are 0 candidates and 1 sentences; pass some of each"),
        (["a"], [], None, "there are 1 candidates and 0 sentences; pass some of each"),
        ("ab", ["a"], None, r"candidates is the string 'ab'; pass a list of strings, \['ab'\] for one"),
        (["a"], "ab", None, r"sentences is the string 'ab'; pass a list of strings, \['ab'\] for one"),
        ("", ["a"], None, "candidates is the string ''"),
        (
            ["a"],
            ["a", "b"],
            [1.0],
            r"there are 2 sentences and the weights \[1\.0\]; pass one for each, none negative and not all 0",
        ),
        (["a"], ["a", "b"], [1.0, -0.1], r"there are 2 sentences and the weights \[1\.0, -0\.1\]"),
        (["a"], ["a", "b"], [0.0, 0.0], r"there are 2 sentences and the weights \[0\.0, 0\.0\]"),
        (["a"], ["a", "b"], [1.0, math.nan], r"there are 2 sentences and the weights \[1\.0, nan\]"),
        (["a"], ["a", "b"], [1.0, math.inf], r"there are 2 sentences and the weights \[1\.0, inf\]"),
    ],
)
def test_mistakes_get_one_sentence(candidates, sentences, weights, message: str) -> None:
    for function in (expected_error_rates, minimum_risk):
        with pytest.raises(ValueError, match="^" + message):
            function(candidates, sentences, weights)
