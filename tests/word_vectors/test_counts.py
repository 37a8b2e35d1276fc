"""Pair counts against a double loop over all positions, across blocks and for texts of every kind."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from coursekit.word_vectors import count_pairs, counts

SIZE = 6
TEXTS = st.lists(st.lists(st.integers(-2, SIZE - 1), max_size=12), max_size=6)


def slow(texts: list[list[int]], window: int) -> np.ndarray:
    found = np.zeros((SIZE, SIZE))
    for text in texts:
        known = [word for word in text if word >= 0]
        for place, word in enumerate(known):
            for other, neighbour in enumerate(known):
                if 0 < abs(place - other) <= window:
                    found[word, neighbour] += 1 / abs(place - other)
    return found


@given(TEXTS, st.integers(1, 20), st.integers(1, 9))
def test_counts_are_those_of_a_double_loop(texts, window, block) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counts, "_BLOCK", block)
        found = count_pairs(texts, size=SIZE, window=window)
    assert found.dtype == np.float64 and found.shape == (SIZE, SIZE)
    np.testing.assert_allclose(found.toarray(), slow(texts, window), rtol=1e-12)


@given(TEXTS, st.integers(1, 20))
def test_sorted_without_zeros_or_repeats(texts, window) -> None:
    found = count_pairs(texts, size=SIZE, window=window)
    places = list(zip(found.row.tolist(), found.col.tolist(), strict=True))
    assert places == sorted(set(places)) and (found.data > 0).all()


def test_unknown_words_are_dropped_before_the_window_is_laid() -> None:
    near = count_pairs([[0, -1, -1, 1]], size=2, window=1).toarray()
    assert near.tolist() == [[0, 1], [1, 0]]


def test_a_word_beside_itself_counts_in_both_orders() -> None:
    assert count_pairs([[0, 0]], size=1).toarray().tolist() == [[2.0]]


def test_a_text_ends_where_it_ends() -> None:
    assert count_pairs([[0], [1], [0]], size=2).nnz == 0


@pytest.mark.parametrize("texts", [[], [[]], [[], [3], []], [[-1, -1]]])
def test_nothing_to_count(texts) -> None:
    assert count_pairs(texts, size=SIZE).nnz == 0


def test_arrays_tensors_and_generators_are_texts() -> None:
    text = [0, 3, 3, -1, 5]
    expected = slow([text] * 3, 2)
    found = count_pairs(iter([text, np.array(text), torch.tensor(text)]), size=SIZE, window=2)
    np.testing.assert_allclose(found.toarray(), expected)


def test_a_long_text_and_many_blocks() -> None:
    text = np.random.default_rng(0).integers(-1, SIZE, size=10_000)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counts, "_BLOCK", 700)
        blocks = count_pairs([text], size=SIZE)
    np.testing.assert_allclose(blocks.toarray(), count_pairs([text], size=SIZE).toarray(), rtol=1e-12)
    known = (text >= 0).sum()
    assert blocks.sum() == pytest.approx(2 * sum((known - d) / d for d in range(1, 11)))


@pytest.mark.parametrize("name", ["size", "window"])
def test_bounds(name) -> None:
    with pytest.raises(ValueError, match=f"^{name} is 0; it must be at least 1$"):
        count_pairs([[0]], **{"size": 1, name: 0})


def test_an_id_that_is_too_large() -> None:
    with pytest.raises(ValueError, match=r"^text 1 has the id 4; with size 4 the largest is 3$"):
        count_pairs([[3], [0, 4]], size=4)
