"""Orders and random numbers that a seed fixes."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from coursekit.training import epoch_order, seeded


@given(n=st.integers(1, 200), seed=st.integers(0, 2**32), epoch=st.integers(1, 500))
def test_an_order_is_a_permutation_and_repeats(n, seed, epoch) -> None:
    order = epoch_order(n, seed=seed, epoch=epoch)
    assert sorted(order.tolist()) == list(range(n))
    assert order.equal(epoch_order(n, seed=seed, epoch=epoch))


def test_seeds_and_epochs_differ_in_their_order() -> None:
    orders = [epoch_order(50, seed=seed, epoch=epoch).tolist() for seed in range(4) for epoch in range(4)]
    assert len({tuple(order) for order in orders}) == 16


def test_seeded_is_a_bracket() -> None:
    torch.manual_seed(9)
    expected = torch.rand(2)
    torch.manual_seed(9)
    with seeded(1, epoch=2):
        inside = torch.rand(2)
    assert torch.equal(torch.rand(2), expected)
    with seeded(1, epoch=2):
        assert torch.equal(torch.rand(2), inside)
