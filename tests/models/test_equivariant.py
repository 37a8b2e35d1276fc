"""Layers that turn with the image, against sums over orientations written out, and under all turns."""

from itertools import pairwise, product

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional as F

from coursekit.models.equivariant import (
    P4Convolution,
    P4Lifting,
    PoolOrientations,
    p4_cnn,
    symmetrise,
    turn,
)

GEOMETRY = {
    "kernel_size": st.integers(1, 4),
    "padding": st.integers(0, 2),
    "channels": st.integers(1, 3),
    "filters": st.integers(1, 3),
    "seed": st.integers(0, 99),
}


def quarter(x: Tensor) -> Tensor:
    return x.rot90(dims=(-2, -1))


def random(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def turned_value(kernel: Tensor, r: int, m: int, n: int) -> Tensor:
    """What stands at (m, n) after r counter-clockwise quarter turns, by its place before them."""
    last = kernel.shape[-1] - 1
    for _ in range(r):
        m, n = n, last - m
    return kernel[..., m, n]


def turned_kernel(kernel: Tensor, r: int) -> Tensor:
    k = kernel.shape[-1]
    rows = [torch.stack([turned_value(kernel, r, m, n) for n in range(k)], dim=-1) for m in range(k)]
    return torch.stack(rows, dim=-2)


@given(**GEOMETRY)
def test_lifting_is_a_convolution_for_each_orientation(kernel_size, padding, channels, filters, seed) -> None:
    layer = P4Lifting(channels, filters, kernel_size, padding=padding).double()
    x = random(2, channels, 5, 6, seed=seed)
    maps = layer(x)
    for r in range(4):
        expected = F.conv2d(x, turned_kernel(layer.weight, r), layer.bias, padding=padding)
        torch.testing.assert_close(maps[:, :, r], expected)


@given(**GEOMETRY)
def test_convolution_is_the_sum_over_orientations(kernel_size, padding, channels, filters, seed) -> None:
    layer = P4Convolution(channels, filters, kernel_size, padding=padding).double()
    x = random(2, channels, 4, 5, 6, seed=seed)
    maps = layer(x)
    for r in range(4):
        expected = layer.bias[:, None, None] + sum(
            F.conv2d(x[:, :, s], turned_kernel(layer.weight[:, :, (s - r) % 4], r), padding=padding)
            for s in range(4)
        )
        torch.testing.assert_close(maps[:, :, r], expected)


@given(**GEOMETRY)
def test_a_turn_of_the_image_turns_the_maps_and_moves_them_on(
    kernel_size, padding, channels, filters, seed
) -> None:
    lifting = P4Lifting(channels, filters, kernel_size, padding=padding).double()
    convolution = P4Convolution(filters, 2, kernel_size, padding=padding).double()
    x = random(2, channels, 8, 8, seed=seed)
    maps = lifting(x)
    torch.testing.assert_close(lifting(quarter(x)), turn(maps))
    torch.testing.assert_close(convolution(turn(maps)), turn(convolution(maps)))
    pooled = PoolOrientations()
    torch.testing.assert_close(
        pooled(convolution(lifting(quarter(x)))), quarter(pooled(convolution(lifting(x))))
    )


def test_neither_ordinary_kernels_nor_unmoved_orientations_would_do() -> None:
    x = random(1, 2, 8, 8)
    lifting, convolution = P4Lifting(2, 3, 3).double(), P4Convolution(3, 2, 3).double()
    maps = lifting(x)
    assert not torch.allclose(maps[:, :, 0].rot90(dims=(-2, -1)), lifting(quarter(x))[:, :, 0])
    assert not torch.allclose(lifting(quarter(x)), quarter(maps))
    assert not torch.allclose(lifting(x.flip(-1)), turn(maps).flip(-1))
    assert not torch.allclose(convolution(quarter(maps)), quarter(convolution(maps)))


def test_gradients_reach_every_weight() -> None:
    lifting, convolution = P4Lifting(2, 3, 3), P4Convolution(3, 2, 3)
    convolution(torch.tanh(lifting(torch.rand(2, 2, 9, 9)))).square().sum().backward()
    for parameter in (*lifting.parameters(), *convolution.parameters()):
        assert parameter.grad is not None
        assert bool((parameter.grad != 0).all())


@given(k=st.integers(1, 6), seed=st.integers(0, 99))
def test_symmetrised_kernels_do_not_turn_and_are_the_nearest_that_do_not(k, seed) -> None:
    kernels = random(2, 3, k, k, seed=seed)
    symmetric = symmetrise(kernels)
    torch.testing.assert_close(symmetric.rot90(dims=(-2, -1)), symmetric)
    torch.testing.assert_close(symmetrise(symmetric), symmetric)
    other = symmetrise(random(2, 3, k, k, seed=seed + 1))
    torch.testing.assert_close(((kernels - symmetric) * other).sum(), torch.tensor(0.0).double())


def test_three_by_three_kernels_get_the_mirror_for_nothing_larger_ones_do_not() -> None:
    small, large = (symmetrise(random(k, k)) for k in (3, 4))
    torch.testing.assert_close(small.flip(-1), small)
    assert not torch.allclose(large.flip(-1), large)
    assert [len(symmetrise(random(k, k)).mul(1e9).round().unique()) for k in (3, 5)] == [3, 7]


def test_turn_four_times_is_nothing() -> None:
    maps = random(2, 4, 5, 5)
    once = turn(maps)
    for r, (i, j) in product(range(4), [(0, 0), (1, 3)]):
        assert once[1, (r + 1) % 4, 4 - j, i] == maps[1, r, i, j]
    assert torch.equal(turn(turn(turn(once))), maps)


@pytest.mark.parametrize("side", [12, 28])
def test_classifier_gives_all_turns_the_same_scores(side) -> None:
    model, x = p4_cnn((2, 3, 2), kernel_size=5, in_channels=2, classes=7).double(), random(3, 2, side, side)
    scores = model(x)
    assert scores.shape == (3, 7)
    torch.testing.assert_close(scores.exp().sum(dim=1), torch.ones(3).double())
    for r in (1, 2, 3):
        torch.testing.assert_close(model(x.rot90(r, dims=(-2, -1))), scores)
    assert not torch.allclose(model(x.flip(-1)), scores)


def test_pooling_of_an_odd_side_breaks_it() -> None:
    model, x = p4_cnn((2, 3)).double(), random(3, 1, 9, 9)
    assert not torch.allclose(model(quarter(x)), model(x))


@pytest.mark.parametrize("filters", [(1,), (3, 5), (6, 12, 12)])
def test_classifier_has_the_parameters_of_the_formula(filters) -> None:
    model = p4_cnn(filters, kernel_size=3)
    first = 9 * filters[0] + filters[0]
    further = sum(4 * 9 * a * b + b for a, b in pairwise(filters))
    assert sum(p.numel() for p in model.parameters()) == first + further + 10 * filters[-1] + 10


def test_weights_begin_as_those_of_an_ordinary_convolution() -> None:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        layer, ordinary = P4Convolution(4, 64, 3), nn.Conv2d(16, 64, 3)
    bound = (16 * 9) ** -0.5
    for values in (layer.weight, layer.bias, ordinary.weight, ordinary.bias):
        assert 0.9 * bound < values.abs().max() <= bound
    assert abs(layer.weight.mean()) < 0.05 * bound


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: symmetrise(torch.zeros(3, 2)), r"kernels have the shape \(3, 2\); pass square ones"),
        (
            lambda: turn(torch.zeros(3, 5, 5)),
            r"maps have the shape \(3, 5, 5\); expected \(…, 4, side, side\)",
        ),
        (lambda: turn(torch.zeros(4, 5, 6)), r"maps have the shape \(4, 5, 6\)"),
        (lambda: P4Lifting(0, 2, 3), r"the weights would have the shape \(2, 0, 3, 3\); every size"),
        (lambda: p4_cnn(()), r"filters is \(\); give at least one layer"),
        (lambda: p4_cnn((2, 0)), r"filters is \(2, 0\); give at least one layer"),
        (lambda: p4_cnn(kernel_size=4), "kernel_size is 4; only an odd kernel keeps"),
    ],
)
def test_mistakes_get_one_sentence(call, message) -> None:
    with pytest.raises(ValueError, match=message):
        call()
