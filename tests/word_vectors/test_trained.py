"""Vectors of reviews: which texts they come from, and when they are trained again."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from coursekit.data import LabelledTexts, ReviewDataset, load
from coursekit.data.words import Vocabulary, course_words, tokenize
from coursekit.word_vectors import count_pairs, fit_glove, review_vectors, trained

OPTIONS = {"outside": 2, "dimension": 3, "epochs": 2, "min_count": 1}


def labelled(*texts: str) -> LabelledTexts:
    return LabelledTexts(texts, torch.arange(len(texts)) % 2)


def reviews(origin: str = "real", sha256: str = "a") -> ReviewDataset:
    return ReviewDataset(
        name="few",
        origin=origin,
        title="a few reviews",
        classes=("negative", "positive"),
        train=labelled(
            "first inside", "second inside", "it's a good film", "Second <br /> INSIDE", "a bad film"
        ),
        test=labelled("test only", "a copied film"),
        unlabelled=("a film without label", "A copied film"),
        sha256=sha256,
    )


class Fits:
    """Counts the fits and passes them on."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.calls = 0
        patch.setattr(trained, "fit_glove", self)

    def __call__(self, *args, **options):
        self.calls += 1
        return fit_glove(*args, **options)


@pytest.fixture
def fits(monkeypatch: pytest.MonkeyPatch) -> Fits:
    return Fits(monkeypatch)


def test_only_what_is_outside_the_task_and_no_copy_of_it(cache: Path) -> None:
    found = review_vectors(reviews(), **OPTIONS)
    assert set(found.words) == {"its", "a", "good", "bad", "film", "without", "label"}


def test_labels_are_not_looked_at(cache: Path, forget: Callable[[], None]) -> None:
    data = reviews("offline")
    first = review_vectors(data, **OPTIONS)
    forget()
    data.train.labels.copy_(1 - data.train.labels)
    assert review_vectors(data, **OPTIONS).values.equal(first.values)


@pytest.mark.parametrize("words", [course_words, tokenize])
def test_they_are_those_of_the_steps_one_by_one(cache: Path, words) -> None:
    texts = ["it's a good film", "a bad film", "a film without label"]
    split = [words(text) for text in texts]
    vocabulary = Vocabulary.of(split, min_count=2)
    ids = [[vocabulary.words.index(word) if word in vocabulary else -1 for word in text] for text in split]
    counts = count_pairs(ids, size=len(vocabulary.words), window=3)
    expected = fit_glove(counts, dimension=4, epochs=2, seed=7, progress=False)
    found = review_vectors(
        reviews(), words=words, outside=2, dimension=4, window=3, epochs=2, min_count=2, seed=7
    )
    assert found.words == vocabulary.words == ("a", "film")
    assert found.values.equal(expected.vectors)
    assert found.origin == "real"
    assert found.title == "our own vectors of 4 numbers, from reviews without their labels (a few reviews)"


def test_real_ones_are_trained_once(cache: Path, forget: Callable[[], None], fits: Fits) -> None:
    first = review_vectors(reviews(), **OPTIONS)
    forget()
    again = review_vectors(reviews(), **OPTIONS)
    assert fits.calls == 1
    assert again.words == first.words and again.values.equal(first.values)
    assert again.title == first.title and again.origin == first.origin
    (entry,) = cache.iterdir()
    assert entry.name.startswith("review-vectors-")


def test_a_damaged_entry_is_made_again(cache: Path, forget: Callable[[], None], fits: Fits) -> None:
    first = review_vectors(reviews(), **OPTIONS)
    values = first.values.clone()
    (entry,) = cache.iterdir()
    for damage in ("values.npy", "words.npy"):
        forget()
        content = bytearray((entry / damage).read_bytes())
        content[-1] ^= 1
        (entry / damage).write_bytes(content)
        again = review_vectors(reviews(), **OPTIONS)
        assert again.words == first.words and again.values.equal(values)
    assert fits.calls == 3
    forget()
    review_vectors(reviews(), **OPTIONS)
    assert fits.calls == 3


@pytest.mark.parametrize(
    "other",
    [
        {"words": tokenize},
        {"outside": 3},
        {"dimension": 2},
        {"window": 2},
        {"epochs": 1},
        {"min_count": 2},
        {"seed": 1},
    ],
)
def test_other_settings_are_another_entry(cache: Path, fits: Fits, other) -> None:
    for options in (OPTIONS, {**OPTIONS, **other}):
        review_vectors(reviews(), **options)
    assert fits.calls == 2 and len(list(cache.iterdir())) == 2


def test_other_data_are_another_entry(cache: Path, fits: Fits) -> None:
    for sha256 in "ab":
        review_vectors(reviews(sha256=sha256), **OPTIONS)
    assert fits.calls == 2


def test_what_is_read_may_be_written_into(cache: Path, forget: Callable[[], None]) -> None:
    first = review_vectors(reviews(), **OPTIONS).values.clone()
    forget()
    review_vectors(reviews(), **OPTIONS).values.fill_(0)
    forget()
    assert review_vectors(reviews(), **OPTIONS).values.equal(first)


def test_made_up_ones_stay_in_memory(cache: Path, fits: Fits) -> None:
    first, again = (review_vectors(reviews("offline"), **OPTIONS) for _ in range(2))
    assert fits.calls == 1 and first.values.equal(again.values) and first.origin == "offline"
    assert not cache.exists()


def test_words_of_every_alphabet_come_back(cache: Path, forget: Callable[[], None]) -> None:
    data = ReviewDataset(
        "few",
        "real",
        "signs",
        ("no", "yes"),
        labelled("кино 映画 🎬 ünïcode", "映画 🎬"),
        labelled(),
        (),
        "c",
    )
    for _ in range(2):
        found = review_vectors(data, words=tokenize, outside=0, dimension=2, epochs=1, min_count=1)
        assert set(found.words) == {"кино", "映画", "🎬", "ünïcode"}
        forget()


def test_another_function_of_words(cache: Path) -> None:
    with pytest.raises(ValueError, match=r"^words is <method 'split' .+; pass course_words or tokenize from"):
        review_vectors(reviews(), words=str.split)


@pytest.mark.parametrize(("outside", "left"), [(2, 3), (99, 1)])
def test_no_word_is_frequent_enough(cache: Path, outside, left) -> None:
    with pytest.raises(ValueError) as caught:
        review_vectors(reviews(), outside=outside, min_count=50)
    assert str(caught.value) == (
        f"no word occurs 50 times in the {left} reviews beyond the first {outside}; "
        "lower min_count or outside"
    )


def test_offline_words_of_one_kind_are_close() -> None:
    made_up = load("imdb")
    found = review_vectors(replace(made_up, unlabelled=made_up.unlabelled[:1_500]), epochs=5)
    assert found.origin == "offline" and len(found) > 300
    cosines = dict(found.neighbours("film", len(found)))
    assert cosines["movie"] > np.quantile(list(cosines.values()), 0.99)
