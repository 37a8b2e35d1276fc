"""Copies across and within parts, against comparing every pair; and those of the real reviews."""

from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from coursekit.data import LabelledTexts, load
from coursekit.data.overlap import distinct, normalised, repeated, without_repeated

#: Few enough that copies abound, as they are and in other clothes.
some = st.lists(
    st.sampled_from(
        [
            "good",
            "Good",
            " GOOD\n",
            "good<br />",
            "good!",
            "<i>not</i> good",
            "not  good",
            "Straße",
            "STRASSE",
            "",
        ]
    ),
    max_size=12,
)


def plain(text: str) -> str:
    """By hand what `normalised` is to do to the texts above."""
    for tag in ("<br />", "<i>", "</i>"):
        text = text.replace(tag, " ")
    return " ".join(text.replace("ß", "ss").lower().split())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("  \t\n", ""),
        ("<br /><br />", ""),
        ("One<br />TWO", "one two"),
        ("I <3 it", "i <3 it"),
        ("a < b and c > d", "a < b and c > d"),
        ("Ein\u0085Film\u00a0mit\tMaß", "ein film mit mass"),
        ("ХОРОШО 好 🎬", "хорошо 好 🎬"),
    ],
)
def test_what_is_normalised(text: str, expected: str) -> None:
    assert normalised(text) == expected
    assert normalised(expected) == expected


@given(texts=some, among=some)
def test_repeated_is_what_comparing_every_pair_finds(texts: list[str], among: list[str]) -> None:
    expected = [i for i, one in enumerate(texts) if any(plain(one) == plain(other) for other in among)]
    found = repeated(texts, among)
    assert found.dtype == torch.int64
    assert found.tolist() == expected


@given(texts=some)
def test_distinct_is_what_comparing_with_all_before_finds(texts: list[str]) -> None:
    plains = list(map(plain, texts))
    found = distinct(texts)
    assert found.dtype == torch.int64
    assert found.tolist() == [i for i, one in enumerate(plains) if one not in plains[:i]]


@given(train=some, test=some)
def test_nothing_is_left_twice_and_nothing_else_is_lost(train: list[str], test: list[str]) -> None:
    labelled = LabelledTexts(tuple(train), torch.arange(len(train)))
    kept = without_repeated(labelled, LabelledTexts(tuple(test), torch.arange(len(test))))
    plains = list(map(plain, kept.texts))
    assert len(set(plains)) == len(plains)
    assert set(plains) == set(map(plain, train)) - set(map(plain, test))
    assert kept.labels.tolist() == sorted(kept.labels.tolist()), "in their order"
    assert kept.texts == tuple(train[i] for i in kept.labels), "with their labels"


def test_any_string_has_a_digest() -> None:
    assert repeated(["\ud800", "\0"], among=["\ud800"]).tolist() == [0]


def test_real_reviews_that_stand_in_both_parts(real_data: Path) -> None:
    imdb = load("imdb")
    exactly = set(imdb.train.texts) & set(imdb.test.texts)
    assert len(exactly) == 123
    found = imdb.train[repeated(imdb.train.texts, among=imdb.test.texts)]
    assert exactly <= set(found.texts)
    assert len(set(map(normalised, found.texts))) == 123

    kept = without_repeated(imdb.train, imdb.test)
    assert not exactly & set(kept.texts)
    both = set(map(normalised, imdb.train.texts)) - set(map(normalised, imdb.test.texts))
    assert sorted(map(normalised, kept.texts)) == sorted(both)
