"""Several models against the mean of their probabilities, taken by hand."""

from functools import partial

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from coursekit.decoding import Ensemble, beam_search, exact_search, greedy, sample

from .toys import START, Toy, listed, tree

SEARCHES = [
    greedy,
    partial(beam_search, width=3, n_best=3),
    partial(beam_search, width=2, length_penalty=1.0),
    partial(sample, n=1, temperature=1e-5),
]


class Wider(Toy):
    """The same model with one more tensor of state and two more of memory, which must come back."""

    def start(self, source: Tensor):
        state, memory = super().start(source)
        extra = source[:, 0].double()
        return (extra[:, None, None].expand(-1, 1, 2), *state), (extra, *memory, extra + 1)

    def step(self, ids: Tensor, state, memory):
        own, *rest = state
        before, sentences, behind = memory
        assert torch.equal(own, sentences.double()[:, None, None].expand(*ids.shape, 2))
        assert torch.equal(before, sentences.double()) and torch.equal(behind, before + 1)
        log_p, new = super().step(ids, tuple(rest), (sentences,))
        return log_p, (own, *new)


def models(seed: int, count: int) -> list[Toy]:
    made = [tree(seed + k, sentences=3, symbols=3, depth=4, forbidden=0.2) for k in range(count)]
    return [Wider(toy.tables) if k % 2 else toy for k, toy in enumerate(made)]


def mean_of(toys: list[Toy]) -> Toy:
    return Toy(torch.stack([toy.tables.exp() for toy in toys]).mean(dim=0).log())


def search(model, function, **options):
    state, memory = model.start(torch.arange(3).view(3, 1))
    return function(model.step, state, memory, start=START, end=2, max_length=4, **options)


@given(seed=st.integers(0, 9_999), count=st.integers(1, 4))
def test_the_next_symbol_has_the_mean_probability(seed, count) -> None:
    toys = models(seed, count)
    both, expected = Ensemble(toys), mean_of(toys)
    source = torch.tensor([[2], [0]])
    state, memory = both.start(source)
    theirs, _ = expected.start(source)
    for column in ([0, 0], [1, 0], [0, 1]):
        ids = torch.tensor(column).view(2, 1)
        log_p, state = both.step(ids, state, memory)
        hand, theirs = expected.step(ids, theirs, (source[:, 0],))
        torch.testing.assert_close(log_p.exp(), hand.exp(), rtol=1e-12, atol=1e-15)
        # A symbol is forbidden where all models forbid it.
        assert torch.equal(log_p == -torch.inf, hand == -torch.inf)


@pytest.mark.parametrize("function", SEARCHES)
@given(seed=st.integers(0, 9_999), count=st.integers(1, 3))
def test_every_search_takes_it_like_a_single_model(function, seed, count) -> None:
    toys = models(seed, count)
    found = listed(search(Ensemble(toys), function), 2)
    expected = listed(search(mean_of(toys), function), 2)
    assert [[one.symbols for one in row] for row in found] == [
        [one.symbols for one in row] for row in expected
    ]
    for row, hand in zip(found, expected, strict=True):
        assert [one.score for one in row] == pytest.approx([one.score for one in hand], abs=1e-12)


def test_exact_search_takes_it_too() -> None:
    toys = models(3, 3)
    found, proved = search(Ensemble(toys), exact_search, width=1)
    expected, _ = search(mean_of(toys), exact_search, width=1)
    assert torch.equal(found.ids, expected.ids) and proved.all()


@given(seed=st.integers(0, 9_999), single=st.booleans())
def test_an_ensemble_of_one_is_the_model_to_the_last_bit(seed, single) -> None:
    [toy] = models(seed, 1)
    toy.tables = toy.tables.float() if single else toy.tables
    alone = search(toy, beam_search, width=3, n_best=3)
    found = search(Ensemble([toy]), beam_search, width=3, n_best=3)
    assert torch.equal(found.ids, alone.ids) and torch.equal(found.scores, alone.scores)


def test_the_precision_is_the_models_and_tiny_probabilities_survive() -> None:
    toys = models(0, 2)
    for toy in toys:
        toy.tables = torch.full_like(toy.tables, -1000.0).float()
    both, first = Ensemble(toys), torch.zeros(1, 1, dtype=torch.int64)
    log_p, _ = both.step(first, *both.start(first))
    assert log_p.dtype == torch.float32 and log_p.flatten().tolist() == [-1000.0] * 3


def test_no_models() -> None:
    with pytest.raises(ValueError, match=r"^there are no models; pass at least one$"):
        Ensemble([])
