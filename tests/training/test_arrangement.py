"""The rearranged network against the one it is a view of: values, gradients, and what is left alone."""

import copy
from typing import NamedTuple

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from coursekit.models import Translator, cifar_cnn, course_cnn, kuzushiji_cnn, residual_cnn
from coursekit.models.unpacked import UnpackedEncoder
from coursekit.training import NonFiniteLossError, fit, rearranged, seeded
from coursekit.training.arrangement import NEVER_FALLING, FlattenedLinear


def names(model: nn.Module) -> list[str]:
    return [type(layer).__name__ for layer in model.children()]


@settings(max_examples=30, deadline=None)
@given(
    activation=st.sampled_from(NEVER_FALLING),
    channels=st.integers(1, 4),
    side=st.integers(2, 9),
    samples=st.integers(1, 5),
    seed=st.integers(0, 100),
    last=st.booleans(),
)
def test_values_and_gradients_are_the_same(activation, channels, side, samples, seed, last) -> None:
    with seeded(seed):
        model = nn.Sequential(
            nn.Conv2d(2, channels, 3, padding=1),
            activation(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(channels * (side // 2) ** 2, 3),
        ).double()
        x = torch.randn(samples, 2, side, side, dtype=torch.float64)
    layout = torch.channels_last if last else torch.contiguous_format
    x = x.contiguous(memory_format=layout).requires_grad_()
    again = x.detach().clone(memory_format=torch.preserve_format).requires_grad_()
    twin = copy.deepcopy(model)
    view = rearranged(model, batch_size=16)
    assert names(view) == ["Conv2d", "MaxPool2d", activation.__name__, "FlattenedLinear"]
    ours, theirs = view(x), twin(again)
    ours.square().sum().backward()
    theirs.square().sum().backward()
    torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(x.grad, again.grad, rtol=1e-10, atol=1e-12)
    for mine, other in zip(model.parameters(), twin.parameters(), strict=True):
        torch.testing.assert_close(mine.grad, other.grad, rtol=1e-10, atol=1e-12)


def test_relu_and_pooling_change_places_to_the_last_bit() -> None:
    x = torch.randn(8, 3, 10, 10, generator=torch.Generator().manual_seed(0)).requires_grad_()
    again = x.detach().clone().requires_grad_()
    model = nn.Sequential(nn.ReLU(), nn.MaxPool2d(2))
    ours, theirs = rearranged(model, batch_size=8)(x), model(again)
    (ours * torch.arange(ours.numel()).view_as(ours)).sum().backward()
    (theirs * torch.arange(ours.numel()).view_as(ours)).sum().backward()
    assert torch.equal(ours, theirs)
    assert torch.equal(x.grad, again.grad)


@pytest.mark.parametrize("build", [course_cnn, kuzushiji_cnn, cifar_cnn, residual_cnn])
def test_the_networks_of_the_book_keep_their_parameters_and_outputs(build) -> None:
    with seeded(0):
        model = build().eval()
    shape = (4, 1, 28, 28) if build in (course_cnn, kuzushiji_cnn) else (4, 3, 32, 32)
    x = torch.randn(shape, generator=torch.Generator().manual_seed(1)).contiguous(
        memory_format=torch.channels_last
    )
    view = rearranged(model, batch_size=1_000)
    assert view is not model
    assert {id(p) for p in view.parameters()} == {id(p) for p in model.parameters()}
    torch.testing.assert_close(view(x), model(x), rtol=1e-4, atol=1e-5)


class Way(NamedTuple):
    """What a way to pool responses gives: values, and gradients of images, weights and bias."""

    values: torch.Tensor
    gradients: list[torch.Tensor]


def pooled(layers: nn.Module, x: torch.Tensor, factors: torch.Tensor) -> Way:
    x = x.detach().clone().requires_grad_()
    layers.zero_grad()
    values = layers(x)
    (values * factors).sum().backward()
    return Way(values.detach(), [x.grad, *(p.grad.clone() for p in layers.parameters())])


@settings(max_examples=60, deadline=None)
@given(
    kernel=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    padding=st.integers(0, 2),
    pool=st.sampled_from([(1, 1, 0), (2, 2, 0), (3, 2, 1), (2, 1, 0), ((1, 2), 2, 0), ((2, 3), None, 1)]),
    sides=st.tuples(st.integers(4, 9), st.integers(4, 9)),
    samples=st.integers(1, 4),
    bias=st.booleans(),
    whole=st.booleans(),
    last=st.booleans(),
    seed=st.integers(0, 100),
)
def test_pooled_convolutions_are_those_of_torch(
    kernel, padding, pool, sides, samples, bias, whole, last, seed
) -> None:
    with seeded(seed):
        convolution = nn.Conv2d(1, 16, kernel, padding=padding, bias=bias)
        layers = nn.Sequential(convolution, nn.MaxPool2d(*pool))
        x = torch.randn(samples, 1, *sides)
        if whole:
            # Small whole numbers are often equal: which of them gets the gradient must agree as well.
            x = x.round()
            with torch.no_grad():
                for parameter in layers.parameters():
                    parameter.copy_((3 * parameter).round())
    if last:
        layers.to(memory_format=torch.channels_last)
        x = x.contiguous(memory_format=torch.channels_last)
    view = rearranged(layers, batch_size=samples)
    assert names(view) == ["PooledConvolution"]
    with torch.no_grad():
        factors = torch.arange(view(x).numel()).view_as(view(x)) % 7 + 1
    ours, theirs = pooled(view, x, factors), pooled(layers, x, factors)
    assert ours.values.layout is torch.strided
    torch.testing.assert_close(ours.values, theirs.values, rtol=1e-5, atol=1e-5)
    for mine, other in zip(ours.gradients, theirs.gradients, strict=True):
        torch.testing.assert_close(mine, other, rtol=1e-5, atol=1e-3)


def one_channel() -> nn.Sequential:
    with seeded(0):
        return nn.Sequential(nn.Conv2d(1, 16, 3), nn.MaxPool2d(2))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("place", ["weight", "bias", "images"])
def test_what_is_not_a_number_is_not_lost_in_pooling(value, place) -> None:
    layers = one_channel()
    x = torch.rand(2, 1, 6, 6)
    tensor = x if place == "images" else getattr(layers[0], place).detach()
    tensor[-1] = value
    ours, theirs = rearranged(layers, batch_size=2)(x), layers(x)
    assert not theirs.isfinite().all()
    torch.testing.assert_close(ours, theirs, equal_nan=True)


def test_a_diverging_run_of_a_pooled_convolution_stops() -> None:
    def damage(images: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            model.conv.weight[3] = float("nan")
        return images.float()

    with seeded(0):
        model = course_cnn()
    data = torch.zeros(4, 1, 28, 28, dtype=torch.uint8), torch.zeros(4, dtype=torch.long)
    options = {"epochs": 1, "batch_size": 4, "optimizer": torch.optim.SGD, "progress": False}
    with pytest.raises(NonFiniteLossError, match=r"became nan in epoch 1, step 1 "):
        fit(model, data, prepare=damage, rearrange=True, **options)


@pytest.mark.parametrize(
    ("suits", "x"),
    [
        (True, torch.rand(1, 1, 4, 4)),
        (False, torch.rand(1, 1, 3, 4)),
        (False, torch.rand(1, 6, 6)),
        (False, torch.rand(1, 1, 6, 6).double()),
        (False, torch.rand(1, 1, 6, 6, device="meta")),
    ],
    ids=["least", "small", "without a batch", "64 bits", "elsewhere"],
)
def test_what_onednn_does_not_pool_is_pooled_by_torch(suits, x, monkeypatch) -> None:
    layers = one_channel().to(x.dtype).to(x.device)
    view = rearranged(layers, batch_size=1)
    seen = []
    monkeypatch.setattr(nn.MaxPool2d, "forward", lambda self, x: seen.append(x.shape) or x)
    view(x)
    assert seen == ([] if suits else [layers[0](x).shape])


def test_images_that_are_too_small_get_the_message_of_torch() -> None:
    with pytest.raises(RuntimeError, match="Output size is too small"):
        rearranged(one_channel(), batch_size=1)(torch.rand(1, 1, 3, 3))


def test_pooled_convolutions_keep_their_precision_and_can_be_compiled() -> None:
    layers, x = one_channel(), torch.rand(2, 1, 6, 6)
    view = rearranged(layers, batch_size=2)
    with torch.autocast("cpu", torch.bfloat16):
        ours = view(x)
    torch.testing.assert_close(ours, layers(x))
    compiled = torch.compile(view, backend="eager", fullgraph=True)
    torch.testing.assert_close(compiled(x), layers(x))


def test_a_layer_that_stands_twice_stays_in_both_places() -> None:
    relu, pool = nn.ReLU(), nn.MaxPool2d(2)
    view = rearranged(nn.Sequential(relu, pool, nn.Conv2d(1, 1, 1), relu, pool), batch_size=1)
    assert names(view) == ["MaxPool2d", "ReLU", "Conv2d"]  # children() names each layer once
    assert [type(layer).__name__ for layer in view] == ["MaxPool2d", "ReLU", "Conv2d", "MaxPool2d", "ReLU"]


class Own(nn.Module):
    """Calls its layers by their place."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.ReLU(), nn.MaxPool2d(2))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layers[0](x)


def watched() -> nn.Sequential:
    model = nn.Sequential(nn.ReLU(), nn.MaxPool2d(2))
    model[0].register_forward_hook(lambda *_: None)
    return model


@pytest.mark.parametrize(
    "model",
    [
        nn.Linear(2, 1),
        nn.Sequential(),
        Own(),
        nn.Sequential(nn.GELU(), nn.MaxPool2d(2)),
        nn.Sequential(nn.ReLU(), nn.AvgPool2d(2)),
        nn.Sequential(nn.ReLU(), nn.MaxPool2d(2, return_indices=True)),
        nn.Sequential(nn.Flatten(), nn.Dropout(), nn.Linear(4, 1)),
        nn.Sequential(nn.Flatten(2), nn.Linear(4, 1)),
        nn.Sequential(nn.Flatten(), nn.Linear(4, 100)),
        watched(),
        *(
            nn.Sequential(nn.Conv2d(*sizes, **options), nn.MaxPool2d(2, **pooling))
            for sizes, options, pooling in (
                ((2, 16, 3), {}, {}),
                ((1, 8, 3), {}, {}),
                ((1, 16, 3), {"stride": 2}, {}),
                ((1, 16, 3), {"dilation": 2}, {}),
                ((1, 16, 3), {"padding": "same"}, {}),
                ((1, 16, 3), {"padding": 1, "padding_mode": "circular"}, {}),
                ((1, 16, 3), {}, {"dilation": 2}),
                ((1, 16, 3), {}, {"ceil_mode": True}),
                ((1, 16, 3), {}, {"return_indices": True}),
            )
        ),
    ],
    ids=lambda model: " ".join(str(model).split())[:90],
)
def test_what_is_left_alone(model) -> None:
    assert rearranged(model, batch_size=64) is model


def test_images_in_another_order_are_flattened_as_usual() -> None:
    linear = nn.Linear(12, 2)
    x = torch.randn(3, 3, 2, 2)
    flattened = FlattenedLinear(linear)
    torch.testing.assert_close(flattened(x), linear(x.flatten(1)))
    torch.testing.assert_close(flattened(x.flatten(2)), linear(x.flatten(1)))


def test_a_translator_reads_its_sentences_unpacked_unless_somebody_looks() -> None:
    model = Translator(9, 9, hidden=8)
    view = rearranged(model, batch_size=4)
    assert type(view.encoder) is UnpackedEncoder
    model.encoder.register_forward_hook(lambda *_: None)
    assert rearranged(model, batch_size=4) is model
