"""Draws against the exact distribution of all sequences."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from coursekit.decoding import greedy, sample
from coursekit.training import seeded

from .toys import Toy, listed, toys, tree


def drawn(toy: Toy, sentences=None, *, seed: int = 0, **options):
    generator = torch.Generator().manual_seed(seed)
    return toy.search(sample, sentences, generator=generator, **options)


def counted(found, sentence: int) -> dict[tuple[int, ...], int]:
    counts: dict[tuple[int, ...], int] = {}
    for ids, length in zip(found.ids[sentence].tolist(), found.lengths[sentence].tolist(), strict=True):
        counts[tuple(ids[:length])] = counts.get(tuple(ids[:length]), 0) + 1
    return counts


@pytest.mark.parametrize("temperature", [1.0, 0.5, 3.0])
def test_frequencies_are_the_probabilities(temperature) -> None:
    toy = tree(7, sentences=2, symbols=3, depth=3, forbidden=0.2)
    found = drawn(toy, n=20_000, max_length=3, temperature=temperature)
    tempered = Toy((toy.tables / temperature).log_softmax(dim=2))
    for sentence in range(2):
        counts = counted(found, sentence)
        possible = {
            symbols: math.exp(log_p)
            for symbols, log_p in tempered.everything(sentence, 3)
            if log_p > -math.inf
        }
        assert len(possible) >= 4 and set(counts) <= set(possible)
        observed = [counts.get(symbols, 0) for symbols in possible]
        assert chisquare(observed, [20_000 * p for p in possible.values()]).pvalue > 1e-3
        # The same test tells another temperature.
        other = Toy((toy.tables / temperature / 1.3).log_softmax(dim=2))
        wrong = [20_000 * math.exp(other.log_probability(sentence, symbols)) for symbols in possible]
        assert chisquare(observed, wrong).pvalue < 1e-6


@given(made=toys(), seed=st.integers(0, 99), n=st.integers(1, 6), temperature=st.floats(0.1, 9))
def test_a_draw_has_the_log_probability_of_its_symbols(made, seed, n, temperature) -> None:
    toy, max_length = made
    found = drawn(toy, seed=seed, n=n, max_length=max_length, temperature=temperature)
    assert torch.equal(found.scores, found.log_probabilities)
    assert (found.scores[:, :-1] >= found.scores[:, 1:]).all()
    places = torch.arange(found.ids.shape[2])
    behind = places.expand_as(found.ids) >= found.lengths.unsqueeze(2)
    assert (found.ids[behind] == toy.end).all()
    for sentence in range(len(toy.tables)):
        for k in range(n):
            length = int(found.lengths[sentence, k])
            symbols = tuple(found.ids[sentence, k, :length].tolist())
            assert toy.end not in symbols[:-1]
            assert (symbols[-1] == toy.end) == found.finished[sentence, k].item()
            assert symbols[-1] == toy.end or length == max_length
            assert found.log_probabilities[sentence, k].item() == toy.log_probability(sentence, symbols)
            assert found.log_probabilities[sentence, k] > -torch.inf


@given(seed=st.integers(0, 9_999), temperature=st.sampled_from([1e-5, 1e-300, 5e-324]))
def test_towards_temperature_0_draws_are_greedy(seed, temperature) -> None:
    toy = tree(seed, sentences=3, symbols=4, depth=3)
    expected = listed(toy.search(greedy, max_length=3), 3)
    found = drawn(toy, n=4, max_length=3, temperature=temperature)
    for sentence, [one] in enumerate(expected):
        assert counted(found, sentence) == {one.symbols: 4}


def test_a_generator_makes_draws_again() -> None:
    toy = tree(1, sentences=3, symbols=4, depth=3)
    first, again, other = (drawn(toy, seed=seed, n=20, max_length=3) for seed in (0, 0, 1))
    assert torch.equal(first.ids, again.ids) and torch.equal(first.scores, again.scores)
    assert not torch.equal(first.scores, other.scores)
    before = torch.get_rng_state()
    drawn(toy, n=5, max_length=3)
    assert torch.equal(torch.get_rng_state(), before)


def test_without_a_generator_torch_s_own_numbers_are_drawn() -> None:
    toy = tree(1, sentences=3, symbols=4, depth=3)
    runs = []
    for seed in (0, 0, 1):
        with seeded(seed):
            runs.append(toy.search(sample, n=20, max_length=3).scores)
    assert torch.equal(runs[0], runs[1]) and not torch.equal(runs[0], runs[2])


def test_it_stops_when_all_draws_have_ended() -> None:
    toy = tree(0, sentences=2, symbols=3, depth=5)
    toy.tables[:] = torch.tensor([-math.inf, -math.inf, 0.0])
    found = drawn(toy, n=7, max_length=5)
    assert toy.rows == [(2, 1)] or toy.rows == [(2, 7)]
    assert found.ids.shape == (2, 7, 1) and (found.lengths == 1).all() and found.finished.all()


def test_no_sentences() -> None:
    toy = tree(0, sentences=1, symbols=3, depth=2)
    found = drawn(toy, [], n=3, max_length=2)
    assert listed(found, 2) == [] and found.scores.shape == (0, 3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n": 0}, "n is 0; it must be at least 1"),
        ({"max_length": 0}, "max_length is 0; it must be at least 1"),
        ({"temperature": 0.0}, "temperature is 0.0; give a positive number"),
        ({"temperature": -1.0}, "temperature is -1.0; give a positive number"),
        ({"temperature": math.inf}, "temperature is inf; give a positive number"),
        ({"temperature": math.nan}, "temperature is nan; give a positive number"),
    ],
)
def test_mistakes_get_one_sentence(options, message: str) -> None:
    toy = tree(0, sentences=1, symbols=3, depth=2)
    with pytest.raises(ValueError, match="^" + message):
        drawn(toy, **{"max_length": 2, **options})
    with pytest.raises(ValueError, match=r"^the step returned a log-probability that is not a number"):
        sample(lambda i, s, m: (toy.step(i, s, m)[0] * math.nan, s), *toy.start(torch.zeros(1, 1).long()),
               start=0, end=2)  # fmt: skip
