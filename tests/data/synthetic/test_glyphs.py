"""Glyphs: what they are made of, and that telling them apart takes the models of the lessons."""

import hashlib
from collections.abc import Callable

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from coursekit.data import LabelledImages
from coursekit.data.kuzushiji import CLASSES
from coursekit.data.pixelwise import PixelPermutation
from coursekit.data.synthetic.glyphs import glyphs
from coursekit.data.synthetic.hiragana import SHAPES

Parts = tuple[LabelledImages, LabelledImages]


@pytest.fixture(scope="module")
def parts() -> Parts:
    return glyphs()


def digest(*parts: LabelledImages) -> str:
    content = b"".join(tensor.numpy().tobytes() for part in parts for tensor in part.tensors)
    return hashlib.sha256(content).hexdigest()


def test_format_is_that_of_kuzushiji_mnist(parts: Parts) -> None:
    for part, n in zip(parts, (10_000, 2_000), strict=True):
        assert part.images.shape == (n, 1, 28, 28)
        assert part.images.dtype == torch.uint8
        assert part.labels.dtype == torch.int64
        assert part.labels.bincount().tolist() == [n // 10] * 10


def test_shapes_are_those_of_the_classes_in_order() -> None:
    assert tuple(SHAPES) == CLASSES
    assert all(2 <= len(ways) <= 3 for ways in SHAPES.values())
    assert len({strokes for ways in SHAPES.values() for strokes in ways}) == sum(map(len, SHAPES.values()))
    for strokes in (strokes for ways in SHAPES.values() for strokes in ways):
        assert all(0 <= number <= 100 for stroke in strokes for number in stroke)


@given(n_train=st.integers(0, 35), n_test=st.integers(0, 35), seed=st.integers(0, 2**32))
def test_any_number_of_images_is_balanced(n_train: int, n_test: int, seed: int) -> None:
    for part, n in zip(glyphs(n_train, n_test, seed=seed), (n_train, n_test), strict=True):
        counts = part.labels.bincount(minlength=10)
        assert len(part) == n
        assert counts.max() - counts.min() <= 1


def test_same_seed_same_images_other_seed_other_images() -> None:
    assert digest(*glyphs(100, 50, seed=3)) == digest(*glyphs(100, 50, seed=3))
    assert digest(*glyphs(100, 50, seed=3)) != digest(*glyphs(100, 50, seed=4))


def test_images_are_the_same_on_every_machine() -> None:
    assert digest(*glyphs(300, 100)) == "5d6e13f5078321fa0f3f2b882d049146db68b585060a3bb64b720d3e1645e516"


def test_no_image_is_in_both_parts_or_twice_in_one(parts: Parts) -> None:
    images = torch.cat([part.images for part in parts]).flatten(1)
    assert len({bytes(image.tolist()) for image in images}) == len(images)


def test_pixels_are_distributed_as_in_kuzushiji_mnist(parts: Parts) -> None:
    """KMNIST's test images: mean 0.184, standard deviation 0.342 of full brightness, 68 % of the pixels 0."""
    pixels = parts[0].images.double() / 255
    assert 0.15 < pixels.mean() < 0.21
    assert 0.28 < pixels.std() < 0.37
    assert 0.62 < (pixels == 0).double().mean() < 0.74


def test_every_image_shows_ink_on_an_empty_ground(parts: Parts) -> None:
    for part in parts:
        inked = (part.images > 0).flatten(1).double().mean(dim=1)
        assert inked.min() > 0.03
        assert inked.max() < 0.75


def test_negative_number_is_refused() -> None:
    with pytest.raises(ValueError, match=r"cannot draw 10 \+ -1 glyphs; give numbers that are not negative"):
        glyphs(10, -1)


def linear() -> nn.Sequential:
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 10))


def mlp() -> nn.Sequential:
    layers = [nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 10)]
    return nn.Sequential(nn.Flatten(), *layers)


def cnn() -> nn.Sequential:
    first = [nn.Conv2d(1, 16, 5, stride=2, padding=2), nn.ReLU()]
    second = [nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(*first, *second, nn.Flatten(), nn.Linear(32 * 7 * 7, 10))


def accuracy_after_an_epoch(build: Callable[[], nn.Sequential], parts: Parts, *, seed: int) -> float:
    """Accuracy on the test part; Adam at 1e-3, 50 images a step."""
    torch.manual_seed(seed)
    model = build().to(memory_format=torch.channels_last)
    (images, labels), (test_images, test_labels) = (part.tensors for part in parts)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for batch in torch.randperm(len(labels)).split(50):
        optimizer.zero_grad()
        F.cross_entropy(model(images[batch] / 255), labels[batch]).backward()
        optimizer.step()
    with torch.no_grad():
        return (model(test_images / 255).argmax(dim=1) == test_labels).double().mean().item()


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_models_come_out_in_order_and_only_a_cnn_minds_permuted_pixels(parts: Parts, seed: int) -> None:
    permute = PixelPermutation.random(784, seed=seed)
    permuted = tuple(LabelledImages(permute(part.images), part.labels) for part in parts)
    plain = {build: accuracy_after_an_epoch(build, parts, seed=seed) for build in (linear, mlp, cnn)}
    moved = {build: accuracy_after_an_epoch(build, permuted, seed=seed) for build in (mlp, cnn)}
    assert 0.55 < plain[linear] < plain[mlp] - 0.08, plain
    assert plain[mlp] + 0.04 < plain[cnn], plain
    assert 0.8 < plain[cnn] < 0.95, plain
    assert moved[cnn] < plain[cnn] - 0.12, (plain, moved)
    assert abs(moved[mlp] - plain[mlp]) < 0.05, (plain, moved)
    assert moved[cnn] < moved[mlp], (plain, moved)
