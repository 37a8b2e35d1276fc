"""The fit against AdaGrad pair by pair with autograd's gradients, and on counts whose answer is known."""

import io
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from torch import Tensor
from tqdm.std import tqdm

from coursekit.word_vectors import WordVectors, count_pairs, fit_glove, glove
from coursekit.word_vectors.glove import pair_weight


def drawn_counts(seed: int, n: int = 5, share: float = 0.6) -> coo_array:
    generator = np.random.default_rng(seed)
    dense = np.exp(generator.normal(2, 2, size=(n, n))) * (generator.random((n, n)) < share)
    dense[0, -1] = 3.0
    return coo_array(dense)


def beginning(n: int, dimension: int, seed: int) -> tuple[list[Tensor], torch.Generator]:
    generator = torch.Generator().manual_seed(seed)
    tables = [(torch.rand(n, dimension, generator=generator) - 0.5) / dimension for _ in range(2)]
    return [*tables, torch.zeros(n), torch.zeros(n)], generator


def half_loss(parameters: list[Tensor], i: int, j: int, x: float) -> Tensor:
    """The pair's share of the objective, written out from the paper, halved."""
    words, contexts, biases, context_biases = parameters
    weight = (x / 100) ** 0.75 if x < 100 else 1.0
    error = words[i].dot(contexts[j]) + biases[i] + context_biases[j] - math.log(x)
    return 0.5 * weight * error**2


@settings(max_examples=15)
@given(st.integers(0, 10_000), st.integers(1, 4), st.sampled_from([1, 3, 7, 100]), st.integers(1, 3))
def test_every_pair_is_a_step_of_adagrad(seed, dimension, batch_size, epochs) -> None:
    counts = drawn_counts(seed)
    parameters, generator = beginning(5, dimension, seed)
    squares = [torch.ones_like(parameter) for parameter in parameters]
    expected_losses = []
    for _ in range(epochs):
        total = 0.0
        for batch in torch.randperm(counts.nnz, generator=generator).split(batch_size):
            leaves = [parameter.clone().requires_grad_() for parameter in parameters]
            sums = [torch.zeros_like(parameter) for parameter in parameters]
            for k in batch.tolist():
                loss = half_loss(leaves, int(counts.row[k]), int(counts.col[k]), float(counts.data[k]))
                total += 2 * loss.item()
                for s, q, g in zip(sums, squares, torch.autograd.grad(loss, leaves), strict=True):
                    s += g
                    q += g**2
            for parameter, s, q in zip(parameters, sums, squares, strict=True):
                parameter -= 0.05 * s / q.sqrt()
        expected_losses.append(total / counts.nnz)
    vectors, losses = fit_glove(
        counts, dimension=dimension, epochs=epochs, batch_size=batch_size, seed=seed, progress=False
    )
    torch.testing.assert_close(vectors, parameters[0] + parameters[1], rtol=1e-4, atol=1e-5)
    assert losses == pytest.approx(expected_losses, rel=1e-4)


@settings(max_examples=15)
@given(st.integers(0, 10_000))
def test_one_pair_at_a_time_is_torch_s_adagrad(seed) -> None:
    counts = drawn_counts(seed)
    parameters, generator = beginning(5, 3, seed)
    leaves = [parameter.requires_grad_() for parameter in parameters]
    adagrad = torch.optim.Adagrad(leaves, lr=0.1, initial_accumulator_value=1, eps=0)
    for k in torch.randperm(counts.nnz, generator=generator).tolist():
        adagrad.zero_grad()
        half_loss(leaves, int(counts.row[k]), int(counts.col[k]), float(counts.data[k])).backward()
        adagrad.step()
    vectors, _ = fit_glove(
        counts, dimension=3, epochs=1, batch_size=1, learning_rate=0.1, seed=seed, progress=False
    )
    torch.testing.assert_close(vectors, (leaves[0] + leaves[1]).detach(), rtol=1e-4, atol=1e-5)


@given(st.lists(st.floats(1e-3, 1e6), min_size=1), st.floats(1, 1_000), st.floats(0.1, 2))
def test_weight_of_a_pair(counts, x_max, power) -> None:
    expected = [min(1.0, (x / x_max) ** power) for x in counts]
    assert pair_weight(torch.tensor(counts), x_max=x_max, power=power).tolist() == pytest.approx(
        expected, rel=1e-4
    )


def low_rank(n: int, rank: int) -> coo_array:
    generator = np.random.default_rng(0)
    words, contexts = generator.normal(0, 0.7, size=(2, n, rank))
    biases, others = generator.normal(1, 0.5, size=(2, n))
    return coo_array(np.exp(words @ contexts.T + biases[:, None] + others))


@pytest.mark.parametrize(("dimension", "recovered"), [(3, True), (1, False)])
def test_known_low_rank_logarithms_are_recovered(dimension, recovered) -> None:
    counts = low_rank(25, rank=3)
    _, losses = fit_glove(
        counts, dimension=dimension, epochs=250, learning_rate=0.3, x_max=5, batch_size=128, progress=False
    )
    assert (losses[-1] < 1e-4) == recovered
    assert losses[0] > 0.5


def test_words_of_the_same_contexts_come_out_close() -> None:
    """A film is called by two names, an animal by two others; each name meets each of its verbs."""
    generator = np.random.default_rng(0)
    things = {"film": "kind0", "movie": "kind0", "cat": "kind1", "dog": "kind1"}
    words = (*things, *(f"{kind} {i}" for kind in ("kind0", "kind1") for i in range(15)))
    ids = {word: i for i, word in enumerate(words)}
    texts = []
    for _ in range(4_000):
        thing = generator.choice(list(things))
        around = [f"{things[thing]} {i}" for i in generator.integers(0, 15, size=4)]
        texts.append([ids[word] for word in (*around[:2], thing, *around[2:])])
    counts = count_pairs(texts, size=len(words), window=3)
    fitted, _ = fit_glove(counts, dimension=8, epochs=100, learning_rate=0.1, progress=False)
    vectors = WordVectors(words, fitted, "made up")
    cosines = dict(vectors.neighbours("film", len(words)))
    assert cosines["movie"] > 0.9 and cosines["movie"] > max(cosines["cat"], cosines["dog"]) + 0.3
    assert dict(vectors.neighbours("cat", len(words)))["dog"] > 0.9


def test_same_seed_same_values_and_no_other_generator() -> None:
    counts, state = drawn_counts(1, n=40), torch.get_rng_state()
    fits = [fit_glove(counts, dimension=5, epochs=2, seed=seed, progress=False) for seed in (3, 3, 4)]
    assert fits[0].vectors.equal(fits[1].vectors) and fits[0].losses == fits[1].losses
    assert not fits[0].vectors.equal(fits[2].vectors)
    assert torch.get_rng_state().equal(state)


def test_the_order_of_the_pairs_matters_to_nobody_when_all_are_one_batch() -> None:
    counts = drawn_counts(2, n=20)
    order = np.random.default_rng(0).permutation(counts.nnz)
    mixed = coo_array((counts.data[order], (counts.row[order], counts.col[order])), shape=counts.shape)
    first, second = (fit_glove(c, dimension=4, epochs=5, progress=False) for c in (counts, mixed))
    torch.testing.assert_close(first.vectors, second.vectors)


def test_counts_stay_as_they_are() -> None:
    counts = drawn_counts(3)
    before = [part.copy() for part in (counts.row, counts.col, counts.data)]
    fit_glove(counts, dimension=2, epochs=1, progress=False)
    for part, old in zip((counts.row, counts.col, counts.data), before, strict=True):
        assert np.array_equal(part, old)


def test_a_word_without_pairs_keeps_its_beginning() -> None:
    counts = coo_array(([5.0, 5.0], ([0, 1], [1, 0])), shape=(3, 3))
    vectors, _ = fit_glove(counts, dimension=2, epochs=3, seed=5, progress=False)
    (words, contexts, *_), _ = beginning(3, 2, 5)
    assert vectors[2].equal(words[2] + contexts[2]) and not vectors[0].equal(words[0] + contexts[0])


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU here")
def test_a_gpu_comes_to_the_same() -> None:
    counts = drawn_counts(4, n=60)
    here, there = (
        fit_glove(counts, dimension=5, epochs=3, device=device, progress=False) for device in ("cpu", "cuda")
    )
    torch.testing.assert_close(here.vectors, there.vectors, rtol=1e-3, atol=1e-4)
    assert there.vectors.device.type == "cpu"


def test_the_bar_counts_batches_and_can_be_hidden(monkeypatch) -> None:
    counts = drawn_counts(0)
    for progress in (True, False):
        bars, shown = [], io.StringIO()

        def bar(bars=bars, shown=shown, **options):
            bars.append(tqdm(**{"file": shown, "disable": False, **options}))
            return bars[-1]

        monkeypatch.setattr(glove, "tqdm", bar)
        fit_glove(counts, dimension=2, epochs=2, batch_size=4, progress=progress)
        assert ("fitting" in shown.getvalue()) == progress
        if progress:
            assert bars[0].n == bars[0].total == 2 * -(-counts.nnz // 4)


@pytest.mark.parametrize("name", ["dimension", "epochs", "batch_size"])
def test_counts_of_settings(name) -> None:
    with pytest.raises(ValueError, match=f"^{name} is 0; it must be at least 1$"):
        fit_glove(drawn_counts(0), **{name: 0})


@pytest.mark.parametrize("name", ["learning_rate", "x_max", "power"])
@pytest.mark.parametrize("value", [0.0, -1.0, math.inf, math.nan])
def test_amounts_of_settings(name, value) -> None:
    with pytest.raises(ValueError, match=f"^{name} is {value}; it must be above 0 and finite$"):
        fit_glove(drawn_counts(0), **{name: value})


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        (coo_array(np.ones((2, 3))), r"the counts have shape \(2, 3\); pass a square matrix, words by words"),
        (coo_array((3, 3)), "there is no pair to fit to; pass counts of texts with two known words at least"),
        (coo_array(([1.0, 0.0], ([0, 1], [1, 0]))), "a count is not above 0 and finite; leave out pairs"),
        (coo_array(([1.0, -1.0], ([0, 1], [1, 0]))), "a count is not above 0 and finite"),
        (coo_array(([1.0, np.nan], ([0, 1], [1, 0]))), "a count is not above 0 and finite"),
    ],
)
def test_what_cannot_be_fitted(counts, message) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        fit_glove(counts)
