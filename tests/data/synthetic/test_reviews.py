"""Reviews: what they are made of, and that telling them apart takes what the lessons teach."""

import hashlib
import re
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F

from coursekit.data import LabelledTexts
from coursekit.data.synthetic.review_words import BLAME, NEUTRAL, PRAISE
from coursekit.data.synthetic.reviews import reviews
from coursekit.data.words import Vocabulary, course_words, encode, tokenize
from coursekit.models.lstm import LSTMClassifier

Parts = tuple[LabelledTexts, LabelledTexts, tuple[str, ...]]

SIDE = {
    word.lower(): side
    for side, words in ((-1, BLAME), (1, PRAISE))
    for kind in words.values()
    for word in kind
}
NEGATION = re.compile(
    r"\b(hardly|not(?! only)|isn't|wasn't|never|neither|nor|far from|anything but|nothing|nobody(?! had)|"
    r"didn't|can't(?! help)|no)\b"
)


@pytest.fixture(scope="module")
def parts() -> Parts:
    return reviews()


def digest(parts: Parts) -> str:
    train, test, unlabelled = parts
    text = "\0".join(train.texts + test.texts + unlabelled)
    return hashlib.sha256(
        text.encode() + train.labels.numpy().tobytes() + test.labels.numpy().tobytes()
    ).hexdigest()


def test_three_parts_of_texts_and_two_of_labels(parts: Parts) -> None:
    train, test, unlabelled = parts
    assert (len(train), len(test), len(unlabelled)) == (4_000, 1_000, 4_000)
    for part in (train, test):
        assert part.labels.dtype == torch.int64
        assert part.labels.bincount().tolist() == [len(part) // 2] * 2
        assert abs(part.labels[: len(part) // 5].double().mean().item() - 0.5) < 0.1, "in random order"


@given(
    n_train=st.integers(0, 9),
    n_test=st.integers(0, 9),
    n_unlabelled=st.integers(0, 9),
    seed=st.integers(0, 2**32),
)
def test_any_number_of_reviews_is_balanced(n_train: int, n_test: int, n_unlabelled: int, seed: int) -> None:
    train, test, unlabelled = reviews(n_train, n_test, n_unlabelled, seed=seed)
    assert (len(train), len(test), len(unlabelled)) == (n_train, n_test, n_unlabelled)
    for part in (train, test):
        negative, positive = part.labels.bincount(minlength=2).tolist()
        assert abs(positive - negative) <= 1


def test_same_seed_same_reviews_other_seed_other_reviews() -> None:
    assert digest(reviews(50, 20, 30, seed=3)) == digest(reviews(50, 20, 30, seed=3))
    assert digest(reviews(50, 20, 30, seed=3)) != digest(reviews(50, 20, 30, seed=4))


def test_a_part_does_not_depend_on_the_size_of_the_others() -> None:
    assert reviews(5, 20, 30)[1].texts == reviews(50, 20, 3)[1].texts
    assert reviews(5, 20, 30)[2] == reviews(50, 2, 30)[2]


def test_reviews_are_the_same_on_every_machine() -> None:
    assert (
        digest(reviews(300, 100, 200)) == "7f8c08c32074e8d5d3f3f2b16869e2d73f398f226070d12e819604a001ff9959"
    )


def test_no_review_is_there_twice(parts: Parts) -> None:
    texts = parts[0].texts + parts[1].texts + parts[2]
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize("numbers", [(-1, 2, 3), (1, -2, 3), (1, 2, -3)])
def test_negative_number_is_refused(numbers: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError) as caught:
        reviews(*numbers)
    assert str(caught.value) == (
        f"cannot write {numbers[0]} + {numbers[1]} + {numbers[2]} reviews; give numbers that are not negative"
    )


def test_reviews_look_like_reviews(parts: Parts) -> None:
    texts = parts[0].texts + parts[1].texts + parts[2]
    for count in ([len(text.split()) for text in texts], [len(course_words(text)) for text in texts]):
        assert min(count) >= 15
        assert max(count) <= 120
        assert 40 < np.mean(count) < 60
        assert np.std(count) > 10
    for found, least in (
        ("<br /><br />", 0.2),
        ("'", 0.5),
        ("...", 0.05),
        ("!", 0.1),
        (",", 0.5),
        ('"', 0.05),
    ):
        assert np.mean([found in text for text in texts]) > least, found
    lower = np.mean([text == text.lower() for text in texts])
    assert 0.01 < lower < 0.06, "a few writers know no capitals"
    for text in texts:
        assert "{" not in text
        assert "  " not in text
        assert not re.search(r"\b[Aa] [aeio]|\b[Aa]n [^aeiou]", text), text


def test_words_are_many_and_most_of_them_rare(parts: Parts) -> None:
    for split, n in ((course_words, 4_000), (tokenize, 1_000)):
        counts = Counter(word for text in parts[0].texts[:n] for word in split(text))
        assert 1_000 < len(counts) < 2_500
        frequent = sum(n for _, n in counts.most_common(100)) / counts.total()
        assert 0.6 < frequent < 0.85
        assert counts.most_common(1)[0][0] in ("the", ".")
        assert sum(n <= 20 for n in counts.values()) > len(counts) / 4


def test_no_word_speaks_for_both_sides() -> None:
    praise, blame, neutral = (
        [word for kind in words.values() for word in kind] for words in (PRAISE, BLAME, NEUTRAL)
    )
    assert not set(praise) & set(blame)
    assert not set(neutral) & set(praise + blame)
    for words in (PRAISE, BLAME, NEUTRAL):
        for kind in words.values():
            assert len(set(kind)) == len(kind)
    assert {kind: len(PRAISE[kind]) // 10 for kind in PRAISE}.keys() == BLAME.keys()


@pytest.mark.parametrize(
    ("verb", "past"), [("enjoy", "enjoyed"), ("satisfy", "satisfied"), ("love", "loved"), ("bore", "bored")]
)
def test_the_past_of_verbs(verb: str, past: str) -> None:
    pairs = [
        pair
        for words in (PRAISE, BLAME)
        for base, done in (("like", "liked"), ("please", "pleased"))
        for pair in zip(words[base], words[done], strict=True)
    ]
    assert (verb, past) in pairs


def stances(text: str, *, negation: bool) -> list[int]:
    """What each sentence with an opinion says, read by rules: the last word counts, negated or not."""
    found: list[int] = []
    for sentence in re.split(r"[.!?;]+|<br />", text.lower()):
        if negation and sentence.strip() == "no" and found:
            found[-1] *= -1
            continue
        words = [match for match in re.finditer(r"[\w'é-]+", sentence) if match[0] in SIDE]
        if words:
            negated = negation and NEGATION.search(sentence[: words[-1].start()])
            found.append(SIDE[words[-1][0]] * (-1 if negated else 1))
    return found


def share_right(part: LabelledTexts, verdicts: list[int]) -> float:
    return np.mean(
        [(verdict > 0) == label for verdict, label in zip(verdicts, part.labels, strict=True)]
    ).item()


def test_a_reader_of_negations_finds_the_verdict_at_the_end(parts: Parts) -> None:
    train = parts[0]
    read = [stances(text, negation=True) for text in train.texts]
    blind = [stances(text, negation=False) for text in train.texts]
    at_the_end = share_right(train, [found[-1] for found in read])
    assert at_the_end > 0.97
    assert share_right(train, [found[-1] for found in blind]) < at_the_end - 0.15, "without negations"
    assert share_right(train, [sum(found) or -1 for found in read]) < at_the_end - 0.08, "by a show of hands"
    assert share_right(train, [found[0] for found in read]) < at_the_end - 0.08, "by the first opinion"


def linear_accuracy(parts: Parts, n: int, *, longest: int) -> float:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    train, test = parts[0][:n], parts[1]
    vectors = TfidfVectorizer(ngram_range=(1, longest), sublinear_tf=True, min_df=2 if n > 1_000 else 1)
    model = make_pipeline(vectors, LogisticRegression(C=3.0))
    model.fit(train.texts, train.labels.numpy())
    return float(model.score(test.texts, test.labels.numpy()))


def test_a_bag_of_words_is_between_chance_and_a_reader(parts: Parts) -> None:
    assert 0.58 < linear_accuracy(parts, 200, longest=1) < 0.74
    assert 0.74 < linear_accuracy(parts, 4_000, longest=1) < 0.83


def test_pairs_of_words_see_some_negations(parts: Parts) -> None:
    assert linear_accuracy(parts, 4_000, longest=1) + 0.03 < linear_accuracy(parts, 4_000, longest=2) < 0.88


def test_few_labelled_reviews_lack_words_that_the_unlabelled_have(parts: Parts) -> None:
    def opinions(texts: tuple[str, ...]) -> Counter[str]:
        return Counter(
            word for text in texts for word in re.findall(r"[\w'-]+", text.lower()) if word in SIDE
        )

    few, many, unlabelled = (opinions(texts) for texts in (parts[0].texts[:200], parts[0].texts, parts[2]))
    tested = opinions(parts[1].texts)
    lacking = {word: n for word, n in tested.items() if word not in few}
    assert len(lacking) > 0.2 * len(tested)
    assert sum(lacking.values()) > 0.04 * tested.total()
    for rest in (many, unlabelled):
        assert sum(n for word, n in lacking.items() if rest[word] >= 5) > 0.85 * sum(lacking.values())


def test_words_of_a_side_keep_company_in_the_unlabelled_texts(parts: Parts) -> None:
    together = Counter(
        SIDE[one[0]] == SIDE[other[0]]
        for text in parts[2]
        for one, other in pairwise([m for m in re.finditer(r"[\w'é-]+", text.lower()) if m[0] in SIDE])
        if text.count(" ", one.end(), other.start()) <= 2
    )
    assert together[True] > 6 * together[False]


@pytest.mark.slow
def test_a_network_that_reads_in_order_beats_pairs_of_words(parts: Parts) -> None:
    texts, tests = ([course_words(text) for text in part.texts] for part in parts[:2])
    vocabulary = Vocabulary.of(texts)
    ids, test_ids = (
        encode(t, vocabulary, length=50, padding="left", keep="last").long() for t in (texts, tests)
    )
    torch.manual_seed(0)
    model = LSTMClassifier(len(vocabulary), 50, hidden=32)
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(6):
        model.train()
        for batch in torch.randperm(len(ids)).split(50):
            optimizer.zero_grad()
            F.nll_loss(model(ids[batch]), parts[0].labels[batch]).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        right = (model(test_ids).argmax(dim=1) == parts[1].labels).double().mean().item()
    assert linear_accuracy(parts, 4_000, longest=2) + 0.03 < right < 0.98
