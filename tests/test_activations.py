"""Activation maps against the layer itself, and correlations against numpy's and scipy's."""

import numpy as np
import pytest
import scipy.ndimage
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from coursekit.activations import (
    activation_maps,
    brightness_filter,
    edge_correlations,
    edge_filters,
    filter_correlations,
    filter_responses,
)
from coursekit.models import kuzushiji_cnn


def rand(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed))


@given(n=st.integers(1, 7), batch_size=st.integers(1, 8))
def test_maps_are_what_the_layer_puts_out(n, batch_size) -> None:
    model, images = kuzushiji_cnn(), (255 * rand(n, 1, 28, 28)).byte()
    maps = activation_maps(
        model, images, layer="conv1", prepare=lambda x: x.float() / 255, batch_size=batch_size
    )
    with torch.no_grad():
        expected = model.conv1(images.float() / 255)
    torch.testing.assert_close(maps, expected)
    assert not maps.is_inference() and not maps.requires_grad


def test_inner_layers_run_in_evaluation_mode() -> None:
    model, images = kuzushiji_cnn(dropout=0.9), rand(5, 1, 28, 28)
    first, second = (activation_maps(model, images, layer="dropout") for _ in range(2))
    assert first.equal(second) and first.equal(activation_maps(model, images, layer="activation3"))


def test_mode_is_restored_and_the_hook_is_gone() -> None:
    model = kuzushiji_cnn()
    model.pool1.eval()
    activation_maps(model, rand(2, 1, 28, 28), layer="conv2")
    assert model.training and model.conv2.training and not model.pool1.training
    with pytest.raises(RuntimeError):
        activation_maps(model, rand(2, 3, 28, 28), layer="conv2")
    assert model.training
    assert not any(module._forward_hooks for module in model.modules())


def test_names_of_nested_layers() -> None:
    model = nn.Sequential(nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU()))
    assert (activation_maps(model, rand(2, 1, 8, 8), layer="0.1") >= 0).all()


class Twice(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(2, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.linear(self.linear(x))


@pytest.mark.parametrize(
    ("model", "images", "layer", "message"),
    [
        (
            nn.Sequential(nn.Linear(2, 2), nn.ReLU()),
            rand(1, 2),
            "conv1",
            "the model has no layer 'conv1'; its layers are: 0, 1",
        ),
        (nn.Linear(2, 2), rand(1, 2), "", "the model has no layer ''; its layers are: none"),
        (nn.Sequential(nn.Linear(2, 2)), rand(0, 2), "0", "images is empty; pass at least one"),
        (
            nn.Sequential(nn.LSTM(2, 2)),
            rand(1, 3, 2),
            "0",
            "the layer '0' puts out a tuple; choose one with one tensor",
        ),
        (
            Twice(),
            rand(1, 2),
            "linear",
            "the layer 'linear' ran 2 times in 1 passes; choose one that runs once",
        ),
    ],
)
def test_errors_of_activation_maps(model, images, layer, message) -> None:
    with pytest.raises(ValueError) as error:
        activation_maps(model, images, layer=layer)
    assert str(error.value) == message


@given(
    n=st.integers(2, 4),
    channels=st.integers(1, 3),
    height=st.integers(6, 12),
    width=st.integers(6, 12),
    seed=st.integers(0, 99),
)
def test_correlations_are_numpys_of_scipys_responses(n, channels, height, width, seed) -> None:
    images, maps = (
        rand(n, 1, height, width, seed=seed),
        rand(n, channels, height, width, seed=seed + 1),
    )
    found = edge_correlations(maps, images)
    inner = (slice(None), slice(2, height - 2), slice(2, width - 2))
    for number, weights in enumerate(edge_filters().values()):
        response = scipy.ndimage.correlate(images[:, 0].double().numpy(), weights.double().numpy()[None])
        for channel in range(channels):
            pair = maps[:, channel].double().numpy()[inner], response[inner]
            expected = np.corrcoef(pair[0].ravel(), pair[1].ravel())[0, 1]
            assert found[channel, number].item() == pytest.approx(expected, abs=1e-9)


def test_filters_are_sobels() -> None:
    """Against scipy's 3×3 Sobel filter, smoothed once more along both axes."""
    image = rand(20, 20).double().numpy()
    smooth = np.array([1.0, 2.0, 1.0]) / 4
    for name, axis in (("horizontal", 0), ("vertical", 1)):
        sobel = scipy.ndimage.sobel(image, axis=axis) / 4
        for along in (0, 1):
            sobel = scipy.ndimage.correlate1d(sobel, smooth, axis=along)
        ours = filter_responses(torch.from_numpy(image)[None, None], {name: edge_filters()[name]})
        # (1, 2, 1) * (-1, 0, 1) is (-1, -2, 0, 2, 1), divided by 4 there and by 3 here.
        np.testing.assert_allclose(ours[0, 0].numpy(), sobel[2:-2, 2:-2] * 4 / 3, atol=1e-6)


def test_filters_answer_to_the_directions_they_are_named_for() -> None:
    """On a ramp, which changes by 1 a pixel: the weights' own derivative is 8/3 of a step."""
    rows, columns = torch.meshgrid(torch.arange(9.0), torch.arange(9.0), indexing="ij")
    ramps = {
        "horizontal": rows,
        "vertical": columns,
        "rising": (rows + columns) / 2**0.5,
        "falling": (rows - columns) / 2**0.5,
    }
    for name, ramp in ramps.items():
        responses = filter_responses(ramp[None, None], edge_filters())[0].mean(dim=(1, 2))
        strongest = list(edge_filters())[responses.argmax()]
        assert strongest == name
        assert responses.max().item() == pytest.approx(8 / 3, abs=1e-5)


def test_edges_take_no_notice_of_brightness_and_blur_of_nothing_else() -> None:
    flat = torch.full((1, 1, 7, 7), 3.0)
    assert filter_responses(flat, edge_filters()).abs().max() < 1e-6
    torch.testing.assert_close(
        filter_responses(flat, {"blur": brightness_filter()}), torch.full((1, 1, 3, 3), 3.0).double()
    )
    images = rand(50, 1, 12, 12)
    blur = {"blur": brightness_filter()}
    assert filter_correlations(images + 5, images, blur)[0, 0] > 0.2
    assert filter_correlations(images * -2, images, blur)[0, 0] < -0.2


def test_the_border_is_left_out() -> None:
    images = rand(5, 1, 12, 12)
    maps = rand(5, 2, 12, 12, seed=1)
    spoilt = torch.full_like(maps, 1e9)
    spoilt[:, :, 2:-2, 2:-2] = maps[:, :, 2:-2, 2:-2]
    assert edge_correlations(maps, images).equal(edge_correlations(spoilt, images))


def test_a_constant_map_has_no_correlation() -> None:
    images = rand(5, 1, 12, 12)
    maps = torch.cat([torch.full((5, 1, 12, 12), 0.1), images], dim=1)
    found = edge_correlations(maps, images)
    assert found[0].isnan().all() and found[1].isfinite().all()
    assert edge_correlations(images, torch.zeros_like(images)).isnan().all()


def test_bytes_and_units_do_not_matter() -> None:
    images = (255 * rand(5, 1, 12, 12)).byte()
    maps = rand(5, 2, 12, 12, seed=1)
    torch.testing.assert_close(edge_correlations(maps, images), edge_correlations(3 * maps - 7, images / 255))


@pytest.mark.parametrize(
    ("maps", "images", "filters", "message"),
    [
        (
            rand(2, 1, 9, 9),
            rand(2, 1, 9, 9),
            {},
            "the filters have the shapes nothing; pass square ones of one odd size",
        ),
        (
            rand(2, 1, 9, 9),
            rand(2, 1, 9, 9),
            {"a": rand(3, 3), "b": rand(5, 5)},
            "the filters have the shapes (3, 3), (5, 5); pass square ones of one odd size",
        ),
        (
            rand(2, 1, 9, 9),
            rand(2, 1, 9, 9),
            {"a": rand(4, 4)},
            "the filters have the shapes (4, 4); pass square ones of one odd size",
        ),
        (
            rand(2, 1, 9, 9),
            rand(2, 1, 9, 9),
            {"a": rand(3)},
            "the filters have the shapes (3,); pass square ones of one odd size",
        ),
        (
            rand(2, 1, 9, 9),
            rand(2, 3, 9, 9),
            {"a": rand(3, 3)},
            "the images have the shape (2, 3, 9, 9); expected (n, 1, height, width) with at least one image, "
            "no smaller than the filters of 3×3",
        ),
        (
            rand(2, 1, 2, 9),
            rand(2, 1, 2, 9),
            {"a": rand(3, 3)},
            "the images have the shape (2, 1, 2, 9); expected (n, 1, height, width) with at least one image, "
            "no smaller than the filters of 3×3",
        ),
        (
            rand(2, 4, 7, 7),
            rand(2, 1, 9, 9),
            {"a": rand(3, 3)},
            "maps have the shape (2, 4, 7, 7) and images (2, 1, 9, 9); expected (n, channels, height, width) "
            "and (n, 1, height, width), so take a layer that keeps the image's size",
        ),
        (
            rand(3, 4, 9, 9),
            rand(2, 1, 9, 9),
            {"a": rand(3, 3)},
            "maps have the shape (3, 4, 9, 9) and images (2, 1, 9, 9); expected (n, channels, height, width) "
            "and (n, 1, height, width), so take a layer that keeps the image's size",
        ),
    ],
)
def test_errors_of_correlations(maps, images, filters, message) -> None:
    with pytest.raises(ValueError) as error:
        filter_correlations(maps, images, filters)
    assert str(error.value) == message
