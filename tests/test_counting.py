"""Counts against closed formulas and against the tensors themselves."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from coursekit.counting import layer_table
from coursekit.models import cnn, course_cnn


@given(
    channels=st.integers(1, 3),
    out=st.integers(1, 5),
    kernel=st.integers(1, 4),
    stride=st.integers(1, 3),
    padding=st.integers(0, 2),
    height=st.integers(4, 12),
    width=st.integers(4, 12),
    bias=st.booleans(),
)
def test_convolution_row(channels, out, kernel, stride, padding, height, width, bias) -> None:
    model = nn.Conv2d(channels, out, kernel, stride=stride, padding=padding, bias=bias)
    row = layer_table(model, (channels, height, width)).rows[0]
    rows, columns = ((n + 2 * padding - kernel) // stride + 1 for n in (height, width))
    parameters = out * (channels * kernel**2 + bias)
    assert row.input_shape == (channels, height, width)
    assert row.output_shape == (out, rows, columns)
    assert row.parameters == parameters
    assert row.multiply_adds == parameters * rows * columns


def test_course_network() -> None:
    table = layer_table(course_cnn(), (1, 28, 28))
    assert [row.name for row in table.rows] == [
        "conv",
        "activation",
        "pool",
        "flatten",
        "linear",
        "log_softmax",
    ]
    assert [row.parameters for row in table.rows] == [320, 0, 0, 0, 62_730, 0]
    assert table["pool"].output_shape == (32, 14, 14)
    assert table["flatten"].output_shape == (6_272,)
    assert table.parameters == 63_050
    assert table.multiply_adds == 320 * 28 * 28 + 62_730


def test_rows_add_up_to_the_model_and_its_mode_is_kept() -> None:
    model = cnn((4, 8), convolutions=2, batch_norm=True, dropout=0.1, hidden=(5,))
    model.get_submodule("stage1").eval()
    modes = [module.training for module in model.modules()]
    table = layer_table(model, (1, 28, 28))
    assert table.parameters == sum(p.numel() for p in model.parameters())
    assert [module.training for module in model.modules()] == modes
    shown = str(table).splitlines()
    assert shown[-1].split() == ["total", f"{table.parameters:,}", f"{table.multiply_adds:,}"]


def test_a_shared_layer_is_counted_once_but_computed_twice() -> None:
    shared = nn.Linear(4, 4)
    table = layer_table(nn.Sequential(shared, nn.ReLU(), shared), (4,))
    assert table.parameters == 20
    assert table.multiply_adds == 40


def test_counting_leaves_running_statistics_alone() -> None:
    model = nn.Sequential(nn.BatchNorm2d(1))
    before = model.state_dict()["0.running_var"].clone()
    layer_table(model, (1, 3, 3))
    assert torch.equal(model.state_dict()["0.running_var"], before)


def test_mistakes_get_one_sentence() -> None:
    with pytest.raises(ValueError, match=r"cannot take a sample of shape \(3, 28, 28\): Given groups=1"):
        layer_table(course_cnn(), (3, 28, 28))
    with pytest.raises(ValueError, match=r"input_shape is \(1, 0, 28\); every size"):
        layer_table(course_cnn(), (1, 0, 28))
    with pytest.raises(KeyError, match="no layer is called 'convolution'; the layers are: conv, activation"):
        layer_table(course_cnn(), (1, 28, 28))["convolution"]
