"""Both orders of vec against NumPy's, and the permutation between them."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from coursekit.convolution import commutation_matrix, toeplitz_matrix, vec

SIDES = st.integers(1, 6)


@given(height=SIDES, width=SIDES)
def test_orders_are_those_of_c_and_fortran(height, width) -> None:
    x = torch.randn(height, width)
    assert vec(x).tolist() == np.ravel(x.numpy(), order="C").tolist()
    assert vec(x, "column").tolist() == np.ravel(x.numpy(), order="F").tolist()
    assert commutation_matrix((height, width)).matmul(vec(x)).equal(vec(x, "column"))


@pytest.mark.parametrize("order", ["row", "column"])
def test_channels_follow_each_other_and_batches_keep_their_axis(order) -> None:
    batch = torch.randn(2, 3, 4, 5)
    by_hand = torch.stack([torch.cat([vec(channel, order) for channel in image]) for image in batch])
    assert vec(batch, order).equal(by_hand)
    assert vec(batch[0], order).equal(by_hand[0])
    assert vec(batch[:0], order).shape == (0, 60)


@given(height=st.integers(3, 6), width=st.integers(2, 6))
def test_column_major_matrix(height, width) -> None:
    kernel = torch.randn(3, 2, dtype=torch.float64)
    matrix = toeplitz_matrix(kernel, (height, width))
    k_in = commutation_matrix((height, width), dtype=torch.float64)
    k_out = commutation_matrix((height - 2, width - 1), dtype=torch.float64)
    assert k_in.mT.equal(commutation_matrix((width, height), dtype=torch.float64))
    # Reading columns first is the same as transposing image and kernel.
    assert (k_out @ matrix @ k_in.mT).equal(toeplitz_matrix(kernel.mT, (width, height)))


def test_mistakes_get_one_sentence() -> None:
    with pytest.raises(
        ValueError, match=r"x has shape \(3,\); pass \(height, width\), \(channels, height, width\)"
    ):
        vec(torch.zeros(3))
    with pytest.raises(ValueError, match='order is \'F\'; give "row" or "column"'):
        vec(torch.zeros(3, 3), "F")
    with pytest.raises(ValueError, match=r"input_shape is \(3,\); give \(height, width\)"):
        commutation_matrix((3,))
