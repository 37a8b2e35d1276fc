"""Orders by length: every sequence once, little padding, and `fit` with batches cut to their longest."""

import math
from functools import partial

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from coursekit.training import bucketed_order, epoch_order, fit


@given(
    lengths=st.lists(st.integers(0, 30), min_size=1, max_size=200),
    batch_size=st.integers(1, 40),
    seed=st.integers(0, 9),
    epoch=st.integers(1, 9),
)
def test_every_sequence_comes_once_and_no_padding_is_added(lengths, batch_size, seed, epoch) -> None:
    sizes = torch.tensor(lengths)
    order = bucketed_order(sizes, batch_size, seed=seed, epoch=epoch)
    assert order.sort().values.tolist() == list(range(len(lengths)))
    assert torch.equal(order, bucketed_order(sizes, batch_size, seed=seed, epoch=epoch))

    # One pool holds all of these, so no order has less padding than sorting gives.
    def positions(indices: torch.Tensor) -> int:
        return sum(len(batch) * int(sizes[batch].max()) for batch in indices.split(batch_size))

    if len(lengths) <= 50 * batch_size:
        assert positions(order) == positions(sizes.argsort())


def test_epochs_and_seeds_differ_and_batches_are_shuffled() -> None:
    sizes = torch.arange(1_000) % 37
    orders = [
        bucketed_order(sizes, 10, seed=seed, epoch=epoch).tolist() for seed in (0, 1) for epoch in (1, 2)
    ]
    assert len({tuple(order) for order in orders}) == 4
    longest = [int(sizes[batch].max()) for batch in torch.tensor(orders[0]).split(10)]
    assert longest != sorted(longest)
    random = epoch_order(1_000, seed=0, epoch=1).split(10)
    assert sum(longest) < 0.7 * sum(int(sizes[batch].max()) for batch in random)


class Mean(nn.Module):
    """The mean of the numbers that are not padding, as two scores; remembers what it was shown."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(2))
        self.shapes: list[tuple[int, ...]] = []

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.shapes.append(tuple(x.shape))
        mean = x.sum(dim=1) / (x != 0).sum(dim=1).clamp(min=1)
        return (mean.unsqueeze(1) * self.scale).log_softmax(dim=1)


def sequences() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    lengths = torch.tensor([1, 9, 2, 8, 0, 7, 3])
    inputs = torch.arange(1, 10).repeat(7, 1) * (torch.arange(9) < lengths.unsqueeze(1))
    return inputs, (lengths > 4).long(), lengths


def test_batches_are_cut_to_their_longest() -> None:
    inputs, labels, lengths = sequences()
    model = Mean()
    sgd = partial(torch.optim.SGD, lr=0.0)
    history = fit(
        model, (inputs, labels), epochs=1, batch_size=2, optimizer=sgd, lengths=lengths, progress=False
    )
    order = bucketed_order(lengths.clamp(min=1), 2, seed=0, epoch=1)
    expected = [(len(batch), int(lengths[batch].clamp(min=1).max())) for batch in order.split(2)]
    assert model.shapes == expected
    # Nothing is learned, so that the mean loss is that of any batches.
    whole = fit(Mean(), (inputs, labels), epochs=1, batch_size=7, optimizer=sgd, progress=False)
    assert history["train_loss"] == pytest.approx(whole["train_loss"], rel=1e-5)


class PerPosition(nn.Module):
    """Scores ``(n, 3, length)`` of every position."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(10, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.table(x).mT


def test_targets_of_every_position_are_cut_too() -> None:
    inputs, _, lengths = sequences()
    seen = []

    def loss(scores: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        seen.append((scores.shape[2], targets.shape[1]))
        return F.cross_entropy(scores, targets)

    fit(
        PerPosition(),
        (inputs, inputs % 3),
        epochs=1,
        batch_size=3,
        optimizer=partial(torch.optim.SGD, lr=0.1),
        loss=loss,
        prepare=torch.Tensor.long,
        lengths=lengths,
        progress=False,
    )
    assert len(seen) == math.ceil(7 / 3)
    assert all(scores == targets for scores, targets in seen)
    assert min(seen)[0] < 9


@pytest.mark.parametrize(
    ("lengths", "message"),
    [
        (
            torch.ones(6, dtype=torch.int64),
            r"lengths has the shape \(6,\) for inputs \(7, 9\); give one length",
        ),
        (torch.ones(7, 1), r"lengths has the shape \(7, 1\)"),
        (torch.full((7,), 10), r"lengths are from 10 to 10; the inputs have room for 0 to 9"),
        (torch.full((7,), -1), r"lengths are from -1 to -1; the inputs have room for 0 to 9"),
    ],
)
def test_lengths_that_do_not_fit_are_named(lengths, message) -> None:
    inputs, labels, _ = sequences()
    with pytest.raises(ValueError, match=message):
        fit(
            Mean(),
            (inputs, labels),
            epochs=1,
            batch_size=2,
            optimizer=partial(torch.optim.SGD, lr=0.1),
            lengths=lengths,
        )
