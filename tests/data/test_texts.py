"""Labelled texts: what indexing gives, against lists; and what is refused."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from coursekit.data import LabelledTexts, ReviewDataset

texts_of = st.lists(st.text(max_size=5), max_size=8)


def labelled(texts: list[str]) -> LabelledTexts:
    return LabelledTexts(tuple(texts), torch.arange(len(texts)) % 2)


def pairs(part: LabelledTexts) -> list[tuple[str, int]]:
    return list(zip(part.texts, part.labels.tolist(), strict=True))


@given(texts=texts_of, start=st.integers(-9, 9), stop=st.integers(-9, 9), step=st.sampled_from([1, 2, 3]))
def test_slices_are_those_of_lists(texts: list[str], start: int, stop: int, step: int) -> None:
    part = labelled(texts)
    assert len(part) == len(texts)
    assert pairs(part[start:stop:step]) == pairs(part)[start:stop:step]


@given(texts=texts_of.filter(bool), data=st.data())
def test_places_choose_texts_and_labels_alike(texts: list[str], data: st.DataObject) -> None:
    part = labelled(texts)
    places = data.draw(st.lists(st.integers(-len(texts), len(texts) - 1), max_size=9))
    expected = [pairs(part)[place] for place in places]
    for index in (places, torch.tensor(places, dtype=torch.int64), torch.tensor(places, dtype=torch.int32)):
        assert pairs(part[index]) == expected
    assert pairs(part[np.array(places, dtype=np.int64)]) == expected


@given(texts=texts_of, data=st.data())
def test_a_mask_keeps_what_it_is_true_for(texts: list[str], data: st.DataObject) -> None:
    part = labelled(texts)
    mask = data.draw(st.lists(st.booleans(), min_size=len(texts), max_size=len(texts)))
    expected = [pair for pair, kept in zip(pairs(part), mask, strict=True) if kept]
    assert pairs(part[torch.tensor(mask, dtype=torch.bool)]) == expected
    if texts:
        assert pairs(part[mask]) == expected


def test_places_and_masks_that_do_not_fit_are_refused() -> None:
    part = labelled(["a", "b"])
    for index in ([2], [-3], torch.tensor([True]), torch.tensor([True] * 3)):
        with pytest.raises(IndexError):
            part[index]


@pytest.mark.parametrize("index", [0, torch.tensor(1)])
def test_one_place_is_refused(index: object) -> None:
    with pytest.raises(TypeError) as caught:
        labelled(["a", "b"])[index]
    assert str(caught.value) == (
        f"the index is {index!r}; pass a slice or several places, or index .texts and .labels for one"
    )


@pytest.mark.parametrize(
    "labels", [torch.zeros(2), torch.zeros(2, dtype=torch.int32), torch.zeros(2, 1, dtype=torch.int64)]
)
def test_labels_of_another_kind_are_refused(labels: torch.Tensor) -> None:
    with pytest.raises(ValueError) as caught:
        LabelledTexts(("a", "b"), labels)
    assert str(caught.value) == (
        f"labels are {labels.dtype} of shape {tuple(labels.shape)}; pass torch.int64 of shape (n,)"
    )


def test_another_number_of_labels_is_refused() -> None:
    with pytest.raises(ValueError) as caught:
        LabelledTexts(("a", "b"), torch.tensor([1]))
    assert str(caught.value) == "2 texts but 1 labels; pass one label a text"


def test_what_is_printed_is_short() -> None:
    part = labelled(["long " * 1_000] * 3)
    dataset = ReviewDataset(
        "imdb", "offline", "made-up reviews", ("negative", "positive"), part, part, (), "0"
    )
    assert repr(part) == "LabelledTexts(3)"
    assert repr(dataset) == "ReviewDataset(made-up reviews)"
