"""The networks for 32×32 colour images: shapes and parameters against arithmetic and published figures."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from coursekit.models import ablation_cnn, cifar_cnn, residual_cnn


def count(model: nn.Module) -> int:
    return sum(p.numel() for p in model.parameters())


def check_log_probabilities(model: nn.Module, size: int = 32) -> None:
    out = model.eval()(torch.rand(3, 3, size, size))
    assert out.shape == (3, 10)
    torch.testing.assert_close(out.exp().sum(dim=1), torch.ones(3))


def test_the_course_network_has_the_parameters_of_its_formula() -> None:
    convolutions = sum(9 * a * b + b for a, b in ((3, 32), (32, 32), (32, 64), (64, 64)))
    linear = 64 * 5 * 5 * 512 + 512 + 512 * 10 + 10
    assert count(cifar_cnn()) == convolutions + linear == 890_410
    check_log_probabilities(cifar_cnn())


def test_dropout_stands_behind_both_poolings_and_the_hidden_layer() -> None:
    names = [name for name, _ in cifar_cnn(dropout=0.2).named_children()]
    for before, dropout in (("pool1", "dropout1"), ("pool2", "dropout2"), ("activation5", "dropout3")):
        assert names.index(dropout) == names.index(before) + 1
    assert not any(isinstance(m, nn.Dropout) for m in cifar_cnn().modules())
    assert {m.p for m in cifar_cnn(dropout=0.2).modules() if isinstance(m, nn.Dropout)} == {0.2}
    assert count(cifar_cnn(dropout=0.2)) == count(cifar_cnn())


def test_dropout_leaves_what_a_trained_network_computes_in_evaluation() -> None:
    plain, dropping = cifar_cnn().eval(), cifar_cnn(dropout=0.5).eval()
    dropping.load_state_dict(plain.state_dict())
    x = torch.rand(2, 3, 32, 32)
    assert dropping(x).equal(plain(x))


@pytest.mark.parametrize("build", [cifar_cnn, ablation_cnn])
@pytest.mark.parametrize("dropout", [-0.1, 1.0, 1.5])
def test_an_impossible_dropout_is_named(build, dropout) -> None:
    with pytest.raises(ValueError, match=f"dropout is {dropout}; it is a probability"):
        build(dropout=dropout)


@settings(max_examples=40, deadline=None)
@given(
    kernels=st.tuples(*[st.sampled_from([1, 2, 3, 5])] * 3),
    pools=st.tuples(*[st.booleans()] * 3),
    padding=st.integers(0, 2),
    pooling=st.sampled_from(["max", "average"]),
    batch_norm=st.booleans(),
    dropout=st.sampled_from([0.0, 0.3]),
    hidden=st.lists(st.integers(1, 9), max_size=2),
)
def test_any_change_gives_a_network_that_runs(
    kernels, pools, padding, pooling, batch_norm, dropout, hidden
) -> None:
    model = ablation_cnn(
        channels=(4, 5, 6),
        kernels=kernels,
        pools=pools,
        padding=padding,
        pooling=pooling,
        batch_norm=batch_norm,
        dropout=dropout,
        hidden=hidden,
    )
    check_log_probabilities(model)
    kinds = [type(m) for m in model.modules()]
    assert kinds.count(nn.MaxPool2d if pooling == "max" else nn.AvgPool2d) == sum(pools)
    assert kinds.count(nn.BatchNorm2d) == 3 * batch_norm
    assert kinds.count(nn.Dropout) == len(hidden) * (dropout > 0)
    assert kinds.count(nn.Linear) == len(hidden) + 1


@pytest.mark.parametrize(
    ("changes", "features"),
    [
        ({}, 16 * 2 * 2),
        ({"pools": (False, True, True)}, 16 * 6 * 6),
        ({"pools": (False, False, True)}, 16 * 13 * 13),
        ({"pools": (False, False, False)}, 16 * 26 * 26),
        ({"kernels": (5, 5, 3)}, 16 * 1 * 1),
        ({"padding": 1}, 16 * 4 * 4),
        ({"image_size": 28}, 16 * 1 * 1),
    ],
)
def test_latent_features(changes, features) -> None:
    model = ablation_cnn(**changes)
    assert model.hidden1.in_features == features
    size = changes.get("image_size", 32)
    assert model[: list(dict(model.named_children())).index("flatten") + 1](
        torch.rand(1, 3, size, size)
    ).shape == (1, features)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kernels": (3, 3)}, "channels, kernels and pools describe 3, 2 and 3 stages"),
        ({"channels": (), "kernels": (), "pools": ()}, "describe 0, 0 and 0 stages"),
        ({"pooling": "median"}, "pooling is 'median'; choose 'max' or 'average'"),
        ({"kernels": (33, 3, 3)}, "a kernel of 33 pixels does not fit into an input of 32 pixels"),
        ({"kernels": (5, 5, 5)}, "a kernel of 2 pixels does not fit into an input of 1 pixels"),
    ],
)
def test_impossible_ablations_are_named(changes, message) -> None:
    with pytest.raises(ValueError, match=message):
        ablation_cnn(**changes)


@pytest.mark.parametrize("width", [1, 3, 64])
def test_residual_network_has_the_parameters_of_its_formula(width) -> None:
    pairs = [(3, 1), (1, 2), (2, 2), (2, 2), (2, 4), (4, 8), (8, 8), (8, 8)]
    scaled = [(a if a == 3 and b == 1 else a * width, b * width) for a, b in pairs]
    assert count(residual_cnn(width=width)) == sum(9 * a * b + 2 * b for a, b in scaled) + 80 * width + 10


@pytest.mark.parametrize("shortcuts", [True, False])
def test_shortcuts_change_the_function_and_not_the_parameters(shortcuts) -> None:
    model = residual_cnn(width=2, shortcuts=shortcuts)
    check_log_probabilities(model)
    assert count(model) == count(residual_cnn(width=2))
    for parameter in model.stage4[1].parameters():
        nn.init.zeros_(parameter)
    below = model[:3](torch.rand(2, 3, 32, 32))
    inside = model.stage4[0](below)
    expected = inside if shortcuts else torch.zeros_like(inside)
    assert model.stage4(below).equal(expected)


def test_an_impossible_width_is_named() -> None:
    with pytest.raises(ValueError, match="width is 0; the first stage needs at least 1 channel"):
        residual_cnn(width=0)
