"""The rearranged network against the one it is a view of: values, gradients, and what is left alone."""

import copy

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from coursekit.models import Translator, cifar_cnn, course_cnn, kuzushiji_cnn, residual_cnn
from coursekit.models.unpacked import UnpackedEncoder
from coursekit.training import rearranged, seeded
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
    ],
    ids=lambda model: str(model).replace("\n", "")[:40],
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
