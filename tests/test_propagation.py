"""Mean-field moments against closed forms, quadrature and wide random layers; measured signals by hand."""

from math import acos, pi, sqrt

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.func import functional_call, grad, vmap
from torch.nn import functional as F

from coursekit.models import mlp
from coursekit.propagation import (
    Moments,
    backward_second_moments,
    forward_moments,
    measure_signals,
    relu_layer,
)
from coursekit.training import seeded

WIDTH = 2_000

variances = st.floats(0.01, 5)


def moments_of(x: Tensor) -> tuple[float, float, float]:
    """Mean, second moment and variance over images of units ``(images, units)``."""
    return (
        x.mean().item(),
        x.square().mean().item(),
        x.var(dim=0, correction=0).mean().item(),
    )


def pair(cosine: float, *, mean: float, size: float = 1.0) -> Tensor:
    """Two images ``(2, WIDTH)`` of one mean, one mean square and one cosine, exactly."""
    generator = torch.Generator().manual_seed(1)
    raw = torch.randn(WIDTH, 2, generator=generator, dtype=torch.float64)
    basis, _ = torch.linalg.qr(torch.cat([torch.ones(WIDTH, 1, dtype=torch.float64), raw], dim=1))
    along, first, second = basis.T * sqrt(WIDTH)
    along = along * along.sum().sign()
    rest, cross = size - mean**2, cosine * size - mean**2
    half = sqrt((rest + cross) / 2)
    across = sqrt((rest - cross) / 2)
    return torch.stack([mean * along + half * first + sign * across * second for sign in (1, -1)])


def random_layer(x: Tensor, weight_variance: float, bias_variance: float, seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    weights = torch.randn(WIDTH, x.shape[1], generator=generator, dtype=torch.float64)
    biases = torch.randn(WIDTH, generator=generator, dtype=torch.float64)
    return (x @ weights.T * sqrt(weight_variance / x.shape[1]) + biases * sqrt(bias_variance)).relu()


@given(variances, variances, variances)
def test_second_moment_by_closed_form(q: float, weights: float, biases: float) -> None:
    found = relu_layer(Moments(0.0, q, q), weight_variance=weights, bias_variance=biases)
    assert found.second_moment == pytest.approx((weights * q + biases) / 2)
    assert found.mean**2 == pytest.approx(found.second_moment / pi)


@given(st.integers(0, 60), variances)
def test_he_keeps_and_default_divides_by_six(depth: int, q: float) -> None:
    kept = forward_moments(Moments(0.0, q, q), depth, weight_variance=2.0)
    faded = forward_moments(Moments(0.0, q, q), depth, weight_variance=1 / 3)
    assert [m.second_moment for m in kept] == pytest.approx([q] * (depth + 1))
    assert [m.second_moment for m in faded] == pytest.approx([q / 6**k for k in range(depth + 1)])


@given(variances, st.integers(1, 500))
def test_default_settles_where_the_biases_hold_it(q: float, width: int) -> None:
    """The fixed point of q = (q/3 + 1/(3n))/2 is 1/(5n), and the distance to it shrinks by 6 a layer."""
    found = forward_moments(Moments(0.0, q, q), 9, weight_variance=1 / 3, bias_variance=1 / (3 * width))
    fixed = 1 / (5 * width)
    assert [m.second_moment - fixed for m in found] == pytest.approx(
        [(q - fixed) / 6**k for k in range(10)], abs=1e-12
    )


@given(st.floats(0, 1), variances, variances, st.floats(0, 2))
def test_variance_by_the_arc_cosine_kernel(cosine: float, q: float, weights: float, biases: float) -> None:
    """The variance is the second moment less the covariance of two images, which Cho & Saul give."""
    x = Moments(0.0, q, q - cosine * q)
    found = relu_layer(x, weight_variance=weights, bias_variance=biases)
    v = weights * q + biases
    theta = acos(min(1.0, (weights * cosine * q + biases) / v))
    kernel = v / (2 * pi) * (np.sin(theta) + (pi - theta) * np.cos(theta))
    assert found.variance == pytest.approx(v / 2 - kernel, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("cosine", [0.0, 0.5, 0.95])
def test_variance_by_quadrature(cosine: float) -> None:
    """E[relu(a) relu(b)] over a grid of the two normal pre-activations."""
    nodes, weights = np.polynomial.legendre.leggauss(400)
    u, w = 9 * nodes, 9 * weights * np.exp(-((9 * nodes) ** 2) / 2) / sqrt(2 * pi)
    a = np.maximum(u[:, None], 0)
    b = np.maximum(cosine * u[:, None] + sqrt(1 - cosine**2) * u[None], 0)
    together = (w[:, None] * w[None] * a * b).sum()
    found = relu_layer(Moments(0.0, 1.0, 1 - cosine), weight_variance=1.0)
    assert found.variance == pytest.approx(0.5 - together, abs=2e-4)


@given(st.floats(1e-60, 1e-8))
def test_tiny_variances_do_not_round_to_nothing(variance: float) -> None:
    """Near images differ by the layer's derivative: half of the units, times the weights' variance."""
    found = relu_layer(Moments(0.0, 1.0, variance), weight_variance=1 / 3)
    assert found.variance == pytest.approx(variance / 6, rel=1e-3)


@pytest.mark.parametrize("residual", [False, True], ids=["plain", "residual"])
@pytest.mark.parametrize(("weights", "biases"), [(1 / 3, 0.1), (2.0, 0.0), (1.0, 0.5)])
@pytest.mark.parametrize("cosine", [0.3, 0.99])
def test_moments_of_a_wide_random_layer(cosine: float, weights: float, biases: float, residual: bool) -> None:
    x = pair(cosine, mean=0.5)
    draws = []
    for seed in range(3):
        h = random_layer(x, weights, biases, seed)
        draws.append(moments_of(x + h if residual else h))
    found = relu_layer(
        Moments(*moments_of(x)), weight_variance=weights, bias_variance=biases, residual=residual
    )
    # The variance over two images is half of the variance over many, in theory as in x.
    expected = torch.tensor(draws).mean(dim=0)
    two = relu_layer(
        Moments(0.5, 1.0, 1 - cosine), weight_variance=weights, bias_variance=biases, residual=residual
    )
    assert found.mean == pytest.approx(expected[0].item(), rel=0.05)
    assert found.second_moment == pytest.approx(expected[1].item(), rel=0.05)
    assert two.variance / 2 == pytest.approx(expected[2].item(), rel=0.06)


def test_residual_layers_grow() -> None:
    """Without biases, m and q by the recursion written out: q′ = 7/6·q + 2·m·√(q/6π), m′ = m + √(q/6π)."""
    found = forward_moments(Moments(0.4, 1.0, 0.5), 20, weight_variance=1 / 3, residual=True)
    m, q = 0.4, 1.0
    for moments in found:
        assert (moments.mean, moments.second_moment) == pytest.approx((m, q))
        m, q = m + sqrt(q / (6 * pi)), 7 / 6 * q + 2 * m * sqrt(q / (6 * pi))


@pytest.mark.parametrize("weights", [1 / 3, 2.0])
def test_backward_through_wide_random_layers(weights: float) -> None:
    depth, width = 3, 1_500
    ratios = []
    for seed in range(3):
        generator = torch.Generator().manual_seed(seed)
        h = x = torch.randn(2, width, generator=generator, dtype=torch.float64).requires_grad_()
        for _ in range(depth):
            matrix = torch.randn(width, width, generator=generator, dtype=torch.float64)
            h = (h @ matrix.T * sqrt(weights / width)).relu()
        last = torch.randn(2, width, generator=generator, dtype=torch.float64)
        (gradient,) = torch.autograd.grad((h * last).sum(), x)
        ratios.append(gradient.square().mean() / last.square().mean())
    expected = backward_second_moments(depth, weight_variance=weights)
    assert expected[-1] == 1
    assert expected[0] == pytest.approx(torch.stack(ratios).mean().item(), rel=0.06)


def test_backward_starts_from_last() -> None:
    found = backward_second_moments(2, weight_variance=1.0, last=8.0)
    assert found.tolist() == [2.0, 4.0, 8.0]


def by_sample(model: nn.Sequential, inputs: Tensor, labels: Tensor) -> dict[str, Tensor]:
    """Every sample's own gradient by every parameter, from torch.func."""

    def loss_of(parameters: dict[str, Tensor], x: Tensor, y: Tensor) -> Tensor:
        return F.nll_loss(functional_call(model, parameters, (x[None],)), y[None])

    parameters = {name: p.detach() for name, p in model.named_parameters()}
    return vmap(grad(loss_of), in_dims=(None, 0, 0))(parameters, inputs, labels)


@pytest.mark.parametrize("options", [{}, {"residual": True}, {"normalisation": "layer"}], ids=str)
def test_signals_by_per_sample_gradients(options) -> None:
    with seeded(0):
        model = mlp((6, 6, 6), in_features=8, classes=4, **options).double()
        inputs, labels = torch.randn(5, 8, dtype=torch.float64), torch.arange(5) % 4
    found = measure_signals(model, inputs, labels)
    linear = [name for name, m in model.named_modules() if isinstance(m, nn.Linear)]
    gradients = by_sample(model, inputs, labels)
    assert list(found.layers) == linear
    for at, name in enumerate(linear):
        weights = gradients[f"{name}.weight"].flatten(1).square().sum(dim=1).mean().sqrt()
        torch.testing.assert_close(found.weight_gradient[at], weights)
        torch.testing.assert_close(found.gradient[at], gradients[f"{name}.bias"].square().mean())
    torch.testing.assert_close(found.second_moment[0], inputs.square().mean())
    torch.testing.assert_close(found.variance[0], inputs.var(dim=0, correction=0).mean())
    hidden = model.hidden1(inputs).detach()
    torch.testing.assert_close(found.second_moment[1], hidden.square().mean())
    torch.testing.assert_close(found.variance[1], hidden.var(dim=0, correction=0).mean())


def test_measuring_leaves_the_model_as_it_was() -> None:
    model = mlp((4,), in_features=3, classes=2)
    measure_signals(model, torch.randn(4, 3), torch.tensor([0, 1, 0, 1]))
    assert all(p.grad is None for p in model.parameters())
    assert not any(module._forward_hooks for module in model.modules())


def test_hooks_go_when_the_model_fails() -> None:
    model = mlp((4,), in_features=3, classes=2)
    with pytest.raises(RuntimeError):
        measure_signals(model, torch.randn(4, 5), torch.tensor([0, 1, 0, 1]))
    assert not any(module._forward_hooks for module in model.modules())


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: Moments(0.0, 1.0, 2.0),
            r"^variance is 2.0 and second_moment 1.0; both are finite, and a variance is at least 0 and at "
            r"most the second moment$",
        ),
        (lambda: Moments(0.0, float("inf"), 0.0), r"^variance is 0.0 and second_moment inf; both are finite"),
        (
            lambda: relu_layer(Moments(0.0, 1.0, 1.0), weight_variance=-1.0),
            r"^a variance is -1.0; variances are finite and at least 0$",
        ),
        (
            lambda: relu_layer(Moments(0.0, 1.0, 1.0), weight_variance=1.0, bias_variance=float("nan")),
            r"^a variance is nan; variances are finite and at least 0$",
        ),
        (
            lambda: forward_moments(Moments(0.0, 1.0, 1.0), -1, weight_variance=2.0),
            r"^depth is -1; a stack has 0 or more layers$",
        ),
        (
            lambda: backward_second_moments(-2, weight_variance=2.0),
            r"^depth is -2; a stack has 0 or more layers$",
        ),
        (
            lambda: backward_second_moments(2, weight_variance=2.0, last=-1.0),
            r"^a variance is -1.0; variances are finite and at least 0$",
        ),
        (
            lambda: measure_signals(nn.ReLU(), torch.zeros(2, 1), torch.zeros(2)),
            r"^the model has no nn.Linear; signals are measured at these$",
        ),
        (
            lambda: measure_signals(nn.Linear(1, 1), torch.zeros(1, 1), torch.zeros(1)),
            r"^there are 1 samples; a variance over samples needs at least 2$",
        ),
    ],
)
def test_mistakes_are_named(call, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
