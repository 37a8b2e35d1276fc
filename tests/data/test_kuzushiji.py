"""The reduced task's split against one made by a loop over the images."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from coursekit.data import LabelledImages
from coursekit.data.kuzushiji import split_classes


def numbered(labels: list[int]) -> LabelledImages:
    images = torch.arange(len(labels), dtype=torch.uint8).reshape(-1, 1, 1, 1)
    return LabelledImages(images, torch.tensor(labels, dtype=torch.int64))


@given(extra=st.lists(st.integers(0, 3), max_size=40), n_test=st.integers(1, 3), data=st.data())
def test_the_last_of_each_class_are_test_images_in_file_order(
    extra: list[int], n_test: int, data: st.DataObject
) -> None:
    labels = data.draw(st.permutations(extra + [0, 1, 2, 3] * (n_test + 1)))
    train, test = [], []
    for place in range(len(labels)):
        later = labels[place + 1 :].count(labels[place])
        (test if later < n_test else train).append(place)
    found = split_classes(numbered(labels), n_test=n_test)
    assert [part.images.flatten().tolist() for part in found] == [train, test]
    assert [part.labels.tolist() for part in found] == [[labels[i] for i in part] for part in (train, test)]


def test_a_class_that_is_absent_is_left_out() -> None:
    train, test = split_classes(numbered([0, 2, 0, 2]), n_test=1)
    assert (train.labels.tolist(), test.labels.tolist()) == ([0, 2], [0, 2])


@pytest.mark.parametrize(("n_test", "smallest", "labels"), [(2, 2, [0, 0, 0, 1, 1]), (0, 1, [0]), (1, 0, [])])
def test_too_few_images_or_none_to_take(n_test: int, smallest: int, labels: list[int]) -> None:
    with pytest.raises(ValueError) as caught:
        split_classes(numbered(labels), n_test=n_test)
    assert str(caught.value) == (
        f"cannot take {n_test} test images of every class: the smallest has {smallest}; take at least 1 and "
        "leave at least 1"
    )
