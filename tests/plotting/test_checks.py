"""The sentences that a wrong input gets."""

import numpy as np
import pytest
import torch

from coursekit.plotting.checks import finite_array, same_length


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([1, 2], r"x has the shape \(2,\); expected \(a, b\)"),
        (
            [[1, 2], [3]],
            r"x cannot be read as numbers of the shape \(a, b\); rows of one length are expected",
        ),
        ([["one"]], r"x cannot be read as numbers of the shape \(a, b\); rows of one length are expected"),
        (np.empty((0, 3)), r"x is empty: its shape is \(0, 3\), expected \(a, b\)"),
        ([[0, float("nan")]], r"x holds nan at \[0, 1\]; every value must be a finite number"),
        ([[float("inf")]], r"x holds inf at \[0, 0\]; every value must be a finite number"),
    ],
)
def test_messages(values, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        finite_array(values, name="x", axes=("a", "b"))


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int64, torch.float32, torch.bfloat16, torch.float64])
def test_tensors_of_every_kind_are_read(dtype):
    tensor = torch.tensor([[1, 2], [3, 4]], dtype=dtype)
    assert finite_array(tensor, name="x", axes=("a", "b")).tolist() == [[1, 2], [3, 4]]


def test_a_tensor_that_wants_a_gradient_is_read():
    assert finite_array(torch.ones(2, requires_grad=True), name="x", axes=("a",)).tolist() == [1, 1]


def test_one_for_each():
    same_length("ab", name="titles", count=2, of="images")
    with pytest.raises(ValueError, match=r"^titles has 2 entries for 3 images; give one for each$"):
        same_length("ab", name="titles", count=3, of="images")
