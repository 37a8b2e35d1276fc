"""Multi-layer perceptrons, against matrix products written out by hand."""

from itertools import pairwise
from math import sqrt

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional as F

from coursekit.models import Residual, mlp


def count(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


def weights_of(model: nn.Module) -> list[tuple[Tensor, Tensor]]:
    """Weight and bias of every linear layer, first layer first."""
    return [(m.weight, m.bias) for m in model.modules() if isinstance(m, nn.Linear)]


def log_probabilities(scores: Tensor) -> Tensor:
    return scores - scores.exp().sum(dim=1, keepdim=True).log()


def test_the_parameters_of_the_course() -> None:
    assert count(mlp()) == count(mlp((256, 256))) == 269_322
    assert 784 * 256 + 256 + 256 * 256 + 256 + 256 * 10 + 10 == 269_322


@given(
    hidden=st.lists(st.integers(1, 9), max_size=4),
    normalisation=st.sampled_from(["none", "batch", "layer"]),
    residual=st.booleans(),
    initialisation=st.sampled_from(["default", "he"]),
    dropout=st.sampled_from([0.0, 0.4]),
    shape=st.sampled_from([(5,), (1, 2, 3), (2, 1, 1)]),
    classes=st.integers(1, 4),
)
def test_shape_and_parameter_count(
    hidden, normalisation, residual, initialisation, dropout, shape, classes
) -> None:
    features = torch.Size(shape).numel()
    model = mlp(
        hidden,
        normalisation=normalisation,
        residual=residual,
        initialisation=initialisation,
        dropout=dropout,
        in_features=features,
        classes=classes,
    )
    output = model(torch.rand(3, *shape))
    assert output.shape == (3, classes)
    torch.testing.assert_close(output.exp().sum(dim=1), torch.ones(3))
    widths = [features, *hidden, classes]
    linear = sum((a + 1) * b for a, b in pairwise(widths))
    assert count(model) == linear + (0 if normalisation == "none" else 2 * sum(hidden))


@given(hidden=st.lists(st.integers(1, 9), max_size=4), activation=st.sampled_from([nn.ReLU, nn.Tanh]))
def test_a_plain_network_is_products_and_activations(hidden, activation) -> None:
    torch.manual_seed(0)
    model = mlp(hidden, activation=activation, in_features=6, classes=3).double()
    images = torch.randn(4, 1, 2, 3, dtype=torch.float64)
    x = images.reshape(4, 6)
    *layers, (last, bias) = weights_of(model)
    for weight, shift in layers:
        x = x @ weight.T + shift
        x = x.clamp(min=0) if activation is nn.ReLU else x.tanh()
    torch.testing.assert_close(model(images), log_probabilities(x @ last.T + bias))


def test_no_hidden_layer_is_a_linear_classifier() -> None:
    model = mlp(())
    assert [name for name, _ in model.named_children()] == ["flatten", "linear", "log_softmax"]
    assert count(model) == 7_850


def test_batch_norm_comes_before_the_activation() -> None:
    torch.manual_seed(0)
    model = mlp((5, 4), normalisation="batch", in_features=6, classes=3).double()
    x = images = torch.randn(7, 6, dtype=torch.float64)
    *layers, (last, bias) = weights_of(model)
    for weight, shift in layers:
        x = x @ weight.T + shift
        x = (x - x.mean(dim=0)) / (x.var(dim=0, correction=0) + 1e-5).sqrt()
        x = x.clamp(min=0)
    expected = log_probabilities(x @ last.T + bias)
    torch.testing.assert_close(model(images), expected)
    one = model.eval()(images[:1])
    assert one.shape == (1, 3) and not torch.allclose(one, expected[:1]), "evaluation uses running figures"


def test_layer_norm_comes_before_the_activation() -> None:
    torch.manual_seed(0)
    model = mlp((5, 4), normalisation="layer", in_features=6, classes=3).double()
    x = images = torch.randn(7, 6, dtype=torch.float64)
    *layers, (last, bias) = weights_of(model)
    for weight, shift in layers:
        x = x @ weight.T + shift
        x = (x - x.mean(dim=1, keepdim=True)) / (x.var(dim=1, correction=0, keepdim=True) + 1e-5).sqrt()
        x = x.clamp(min=0)
    torch.testing.assert_close(model(images), log_probabilities(x @ last.T + bias))


@given(hidden=st.lists(st.integers(1, 3), max_size=6))
def test_residual_connections_stand_where_the_widths_agree(hidden) -> None:
    torch.manual_seed(0)
    model = mlp(hidden, residual=True, in_features=2, classes=3).double()
    widths = [2, *hidden]
    equal = [a == b for a, b in zip(widths, hidden, strict=False)]
    layers = list(model.children())[1:-2]
    assert [isinstance(layer, Residual) for layer in layers] == equal

    x = images = torch.randn(4, 2, dtype=torch.float64)
    *weights, (last, bias) = weights_of(model)
    for (weight, shift), same in zip(weights, equal, strict=True):
        out = (x @ weight.T + shift).clamp(min=0)
        x = x + out if same else out
    torch.testing.assert_close(model(images), log_probabilities(x @ last.T + bias))


def test_residual_adds_and_has_the_parameters_of_its_body() -> None:
    body = nn.Linear(3, 3)
    x = torch.randn(2, 3)
    assert torch.equal(Residual(body)(x), x + F.linear(x, body.weight, body.bias))
    assert list(Residual(body).state_dict()) == ["body.weight", "body.bias"]


def test_residual_connections_do_not_change_what_is_drawn() -> None:
    torch.manual_seed(0)
    plain = mlp((4, 4), in_features=4)
    torch.manual_seed(0)
    residual = mlp((4, 4), in_features=4, residual=True)
    for ours, theirs in zip(plain.parameters(), residual.parameters(), strict=True):
        assert torch.equal(ours, theirs)


@pytest.mark.parametrize("features", [784, 1000])
def test_he_initialisation_has_the_variance_of_the_paper(features: int) -> None:
    torch.manual_seed(1)
    model = mlp((400, 500), initialisation="he", in_features=features)
    *hidden, (last, last_bias) = weights_of(model)
    for (weight, bias), inputs in zip(hidden, (features, 400), strict=True):
        n, expected = weight.numel(), 2 / inputs
        # Five standard errors of the mean, and of the variance, of n normal values.
        assert abs(weight.mean()) < 5 * sqrt(expected / n)
        assert abs(weight.var() / expected - 1) < 5 * sqrt(2 / n)
        kurtosis = (weight**4).mean() / (weight**2).mean() ** 2
        assert abs(kurtosis - 3) < 5 * sqrt(96 / n), "normal, not uniform"
        assert not bias.any()
    assert abs(last).max() <= 1 / sqrt(500) and last_bias.any(), "the output layer keeps torch's default"


def test_the_default_initialisation_is_uniform() -> None:
    torch.manual_seed(1)
    *hidden, _ = weights_of(mlp((400, 500)))
    for (weight, bias), inputs in zip(hidden, (784, 400), strict=True):
        n, bound = weight.numel(), 1 / sqrt(inputs)
        assert 0.999 * bound < weight.abs().max() <= bound
        # The squares of uniform values have mean b²/3 and variance 4b⁴/45.
        assert abs((weight**2).mean() / (bound**2 / 3) - 1) < 5 * sqrt(4 / 5 / n)
        assert bias.abs().max() <= bound and bias.any()


def test_dropout_follows_every_activation_and_rests_in_evaluation() -> None:
    torch.manual_seed(0)
    model = mlp((300, 200), dropout=0.25, in_features=4)
    dropped: list[Tensor] = []
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.register_forward_hook(lambda _m, given, out: dropped.append((given[0] > 0) & (out == 0)))
    images = torch.rand(500, 4)
    model(images)
    assert len(dropped) == 2
    shares = [d.float().mean() for d in dropped]
    assert all(0.05 < share < 0.25 for share in shares), "a quarter of the units that are not 0"
    model.eval()
    dropped.clear()
    assert torch.equal(model(images), model(images)) and not any(d.any() for d in dropped)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"hidden": (8, 0)},
            r"in_features is 784, hidden \(8, 0\) and classes 10; every layer needs a",
        ),
        ({"in_features": 0}, r"in_features is 0, hidden \(256, 256\) and classes 10; every layer needs"),
        ({"classes": -1}, r"hidden \(256, 256\) and classes -1; every layer needs a width of 1 or more"),
        ({"hidden": (), "classes": 0}, r"hidden \(\) and classes 0; every layer needs"),
        ({"normalisation": "Batch"}, "normalisation is 'Batch'; choose 'none', 'batch' or 'layer'"),
        ({"initialisation": "xavier"}, "initialisation is 'xavier'; choose 'default' or 'he'"),
        ({"dropout": 1.0}, "dropout is 1.0; it is a probability, at least 0 and below 1"),
        ({"dropout": -0.1}, "dropout is -0.1; it is a probability"),
    ],
)
def test_mistakes_get_one_sentence(arguments, message) -> None:
    with pytest.raises(ValueError, match=message):
        mlp(**arguments)
