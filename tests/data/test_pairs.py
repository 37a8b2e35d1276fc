"""Sentence pairs: what indexing, mapping and cutting give, against lists; and what is refused."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from coursekit.data import SentencePairs, TranslationDataset

sentences = st.text(max_size=6)
pairs_of = st.lists(st.tuples(sentences, sentences), max_size=8)


def paired(pairs: list[tuple[str, str]]) -> SentencePairs:
    return SentencePairs(tuple(source for source, _ in pairs), tuple(target for _, target in pairs))


@given(pairs=pairs_of, start=st.integers(-9, 9), stop=st.integers(-9, 9), step=st.sampled_from([1, 2, -1]))
def test_slices_are_those_of_lists(pairs: list[tuple[str, str]], start: int, stop: int, step: int) -> None:
    found = paired(pairs)
    assert len(found) == len(pairs)
    assert list(found) == pairs
    assert list(found[start:stop:step]) == pairs[start:stop:step]


@given(pairs=pairs_of.filter(bool), data=st.data())
def test_places_choose_both_sides_alike(pairs: list[tuple[str, str]], data: st.DataObject) -> None:
    places = data.draw(st.lists(st.integers(-len(pairs), len(pairs) - 1), max_size=9))
    for index in (places, tuple(places), torch.tensor(places, dtype=torch.int64)):
        assert list(paired(pairs)[index]) == [pairs[place] for place in places]


@given(pairs=pairs_of, characters=st.integers(0, 7))
def test_short_pairs_are_those_whose_longer_side_is_short(
    pairs: list[tuple[str, str]], characters: int
) -> None:
    expected = [pair for pair in pairs if len(pair[0]) < characters and len(pair[1]) < characters]
    assert list(paired(pairs).shorter_than(characters)) == expected


@given(pairs=pairs_of)
def test_map_reaches_every_sentence(pairs: list[tuple[str, str]]) -> None:
    assert list(paired(pairs).map(str.upper)) == [(one.upper(), other.upper()) for one, other in pairs]


@pytest.mark.parametrize("index", [0, -1, torch.tensor(1), torch.tensor([[0, 1]])])
def test_one_place_is_refused(index: object) -> None:
    with pytest.raises(TypeError) as caught:
        paired([("a", "b"), ("c", "d")])[index]
    assert str(caught.value) == (
        f"the index is {index!r}; pass a slice or several places, or index .sources and .targets"
    )


def test_places_that_do_not_exist_are_refused() -> None:
    for index in ([2], [-3], torch.tensor([2])):
        with pytest.raises(IndexError):
            paired([("a", "b"), ("c", "d")])[index]


def test_another_number_of_translations_is_refused() -> None:
    with pytest.raises(ValueError) as caught:
        SentencePairs(("a", "b"), ("c",))
    assert str(caught.value) == "2 sources but 1 targets; pass one of each"


def test_what_is_printed_is_short() -> None:
    part = paired([("long " * 1_000, "longer " * 1_000)] * 3)
    dataset = TranslationDataset("spa-eng", "offline", "made-up phrases", part, part, part, "0")
    assert repr(part) == "SentencePairs(3)"
    assert repr(dataset) == "TranslationDataset(made-up phrases)"
