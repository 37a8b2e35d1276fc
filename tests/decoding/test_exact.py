"""Exact search against all sequences that there are, and what it says where it gives up."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from coursekit.decoding import beam_search, exact_search, greedy

from .toys import Toy, listed, toys, tree


@given(made=toys(), width=st.integers(1, 6))
def test_it_finds_the_most_probable_of_all_sequences(made, width) -> None:
    toy, max_length = made
    found, proved = toy.search(exact_search, max_length=max_length, width=width)
    assert proved.dtype == torch.bool and proved.tolist() == [True] * len(toy.tables)
    for sentence, [one] in enumerate(listed(found, toy.end)):
        possible = dict(toy.everything(sentence, max_length))
        assert one.score == one.log_probability == possible[one.symbols] == max(possible.values())


@given(made=toys(), width=st.integers(1, 3), most=st.integers(1, 4))
def test_where_it_gives_up_it_is_no_worse_than_the_beam(made, width, most) -> None:
    toy, max_length = made
    found, proved = toy.search(exact_search, max_length=max_length, width=width, most=most)
    beam = toy.search(beam_search, max_length=max_length, width=width)
    rows = zip(listed(found, toy.end), proved.tolist(), beam.scores[:, 0].tolist(), strict=True)
    for sentence, ([one], sure, score) in enumerate(rows):
        possible = dict(toy.everything(sentence, max_length))
        assert score <= one.score == possible[one.symbols] <= max(possible.values())
        if sure:
            assert one.score == max(possible.values())


@given(seed=st.integers(0, 9_999), coarse=st.booleans(), most=st.integers(1, 20))
def test_neighbours_change_nothing(seed, coarse, most) -> None:
    toy = tree(seed, sentences=4, symbols=3, depth=4, coarse=coarse, forbidden=0.2)
    options = {"max_length": 4, "width": 1, "most": most}
    together, proved = toy.search(exact_search, **options)
    alone = [toy.search(exact_search, [s], **options) for s in range(4)]
    assert listed(together, 2) == [listed(found, 2)[0] for found, _ in alone]
    assert proved.tolist() == [sure.item() for _, sure in alone]


def eighths() -> Toy:
    """Eight symbols at 1/8 each, never an end; the other sentence ends at once."""
    toy = tree(0, sentences=2, symbols=9, depth=3)
    toy.tables[0] = torch.tensor([1 / 8] * 8 + [0.0], dtype=torch.float64).log()
    toy.tables[1] = torch.tensor([0.01] * 8 + [0.92], dtype=torch.float64).log()
    return toy


@pytest.mark.parametrize(("most", "sure"), [(7, False), (8, False), (63, False), (64, True), (20_000, True)])
def test_most_is_the_number_of_beginnings_of_one_length(most, sure) -> None:
    """All of 8 and then 64 beginnings are more probable than a sentence of three symbols."""
    toy = eighths()
    found, proved = toy.search(exact_search, max_length=3, width=1, most=most)
    assert proved.tolist() == [sure, True]
    [[one], [other]] = listed(found, 8)
    assert one.symbols == (0, 0, 0) and not one.finished and other.symbols == (8,)
    assert one.score == pytest.approx(-9 * math.log(2))
    # Given up after one step or two, or at the end; the other sentence had its proof from the beam.
    beam_steps = 3
    assert len(toy.rows) - beam_steps == {7: 1, 8: 2, 63: 2}.get(most, 3)


def test_it_corrects_a_beam_that_is_misled() -> None:
    """Greedily 0.6 · 0.3 = 0.18; the end alone has 0.4."""
    toy = tree(0, sentences=1, symbols=4, depth=3)
    toy.tables[0, 0] = torch.tensor([0.6, 0.0, 0.0, 0.4]).double().log()
    toy.tables[0, 1] = torch.tensor([0.25, 0.25, 0.2, 0.3]).double().log()
    assert toy.search(greedy, max_length=3).ids.tolist() == [[[0, 3]]]
    found, proved = toy.search(exact_search, max_length=3, width=1)
    assert found.ids.tolist() == [[[3]]] and found.lengths.tolist() == [[1]] and proved.all()
    assert found.scores.exp().item() == pytest.approx(0.4) and found.finished.all()


def test_what_it_finds_may_be_cut() -> None:
    """Nothing ends; greedily 0.6 · 0.5, where 0.4 · 1 is more."""
    toy = tree(0, sentences=1, symbols=3, depth=2)
    toy.tables[0, 0] = torch.tensor([0.6, 0.4, 0.0]).double().log()
    toy.tables[0, 1] = torch.tensor([0.5, 0.5, 0.0]).double().log()
    toy.tables[0, 2] = torch.tensor([0.0, 1.0, 0.0]).double().log()
    [[one]] = listed(toy.search(exact_search, max_length=2, width=1)[0], 2)
    assert one.symbols == (1, 1) and not one.finished and one.score == pytest.approx(math.log(0.4))


def test_of_equal_sentences_the_beams_is_kept() -> None:
    toy = Toy(torch.tensor([0.5, 0.5, 0.0], dtype=torch.float64).log().expand(3, 13, 3))
    for width in (1, 2, 5):
        found, proved = toy.search(exact_search, max_length=3, width=width)
        assert listed(found, 2) == listed(toy.search(beam_search, max_length=3, width=width), 2)
        assert proved.all()


def test_what_the_model_says_after_the_end_does_not_count() -> None:
    toy = tree(4, sentences=1, symbols=3, depth=4)
    before, _ = toy.search(exact_search, max_length=4, width=1)
    for node in range(1, toy.tables.shape[1]):
        if node % 3 == 0:
            toy.tables[0, node] = 5.0
    after, proved = toy.search(exact_search, max_length=4, width=1)
    assert listed(after, 2) == listed(before, 2) and proved.all()


def test_no_sentences_and_sentences_that_nothing_can_follow() -> None:
    toy = tree(0, sentences=2, symbols=3, depth=3)
    found, proved = toy.search(exact_search, [], max_length=3)
    assert listed(found, 2) == [] and proved.shape == (0,) and found.ids.shape == (0, 1, 0)
    [alone] = listed(toy.search(exact_search, [1], max_length=3)[0], 2)
    toy.tables[0] = -math.inf
    found, proved = toy.search(exact_search, max_length=3)
    assert listed(found, 2) == [[], alone] and proved.all()


@pytest.mark.parametrize("name", ["max_length", "width", "most"])
def test_mistakes_get_one_sentence(name) -> None:
    toy = tree(0, sentences=1, symbols=3, depth=1)
    with pytest.raises(ValueError, match=rf"^{name} is 0; it must be at least 1$"):
        toy.search(exact_search, **{"max_length": 1, name: 0})
    with pytest.raises(ValueError, match=r"^the state has tensors of the shapes none"):
        exact_search(toy.step, (), start=0, end=2)
