"""Scenes: what they are made of, and that telling them apart takes outlines rather than colours."""

import hashlib

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional as F

from coursekit.data import LabelledImages
from coursekit.data.synthetic.scenes import CLASSES, scenes

Parts = tuple[LabelledImages, LabelledImages]


@pytest.fixture(scope="module")
def parts() -> Parts:
    return scenes()


def digest(*parts: LabelledImages) -> str:
    content = b"".join(tensor.numpy().tobytes() for part in parts for tensor in part.tensors)
    return hashlib.sha256(content).hexdigest()


def test_format_is_that_of_cifar_10(parts: Parts) -> None:
    for part, n in zip(parts, (4_000, 1_000), strict=True):
        assert part.images.shape == (n, 3, 32, 32)
        assert part.images.dtype == torch.uint8
        assert part.labels.dtype == torch.int64
        assert part.labels.bincount().tolist() == [n // 10] * 10


def test_classes_are_those_of_cifar_10_in_order() -> None:
    from coursekit.data.cifar import CLASSES as CIFAR_10

    assert CLASSES == CIFAR_10


@given(n_train=st.integers(0, 35), n_test=st.integers(0, 35), seed=st.integers(0, 2**32))
def test_any_number_of_images_is_balanced(n_train: int, n_test: int, seed: int) -> None:
    for part, n in zip(scenes(n_train, n_test, seed=seed), (n_train, n_test), strict=True):
        counts = part.labels.bincount(minlength=10)
        assert len(part) == n
        assert counts.max() - counts.min() <= 1


def test_same_seed_same_images_other_seed_other_images() -> None:
    assert digest(*scenes(100, 50, seed=3)) == digest(*scenes(100, 50, seed=3))
    assert digest(*scenes(100, 50, seed=3)) != digest(*scenes(100, 50, seed=4))


def test_images_are_the_same_on_every_machine() -> None:
    assert digest(*scenes(300, 100)) == "5cf6718a85953ab3e7ea3cdc4961676826ccaadffafc1bbba806289276a6a260"


def test_no_image_is_in_both_parts_or_twice_in_one(parts: Parts) -> None:
    images = torch.cat([part.images for part in parts]).flatten(1)
    assert len(images.unique(dim=0)) == len(images)


def test_pixels_are_distributed_as_in_cifar_10(parts: Parts) -> None:
    """CIFAR-10's channels: means 0.49, 0.48, 0.45 and standard deviations 0.25, 0.24, 0.26."""
    pixels = parts[0].images.double().div(255).transpose(0, 1).flatten(1)
    assert ((pixels.mean(dim=1) - 0.48).abs() < 0.06).all()
    assert ((pixels.std(dim=1) - 0.25).abs() < 0.06).all()


def test_negative_number_is_refused() -> None:
    with pytest.raises(ValueError, match=r"cannot draw -1 \+ 10 scenes; give numbers that are not negative"):
        scenes(-1, 10)


def histograms(images: Tensor) -> Tensor:
    """How often each of 64 colours occurs in an image, then mean and deviation of its channels."""
    cells = (images // 64).long()
    codes = (16 * cells[:, 0] + 4 * cells[:, 1] + cells[:, 2]).flatten(1)
    counts = torch.zeros(len(images), 64).scatter_add_(1, codes, torch.ones_like(codes, dtype=torch.float))
    channels = images.float().flatten(2)
    return torch.cat([(counts / 1024).sqrt(), channels.mean(dim=2), channels.std(dim=2)], dim=1)


def logistic_accuracy(parts: Parts, *, colours: bool) -> float:
    """Accuracy on the test part of a linear classifier of colours alone, or of all pixels."""
    from sklearn.linear_model import LogisticRegression

    train, test = (
        histograms(part.images) if colours else F.avg_pool2d(part.images.float(), 2).flatten(1)
        for part in parts
    )
    mean, deviation = train.mean(dim=0), train.std(dim=0) + 1e-6
    model = LogisticRegression(C=0.1 if colours else 1e-3, max_iter=200)
    model.fit(((train - mean) / deviation).numpy(), parts[0].labels.numpy())
    return float(model.score(((test - mean) / deviation).numpy(), parts[1].labels.numpy()))


def test_colours_alone_tell_next_to_nothing(parts: Parts) -> None:
    assert logistic_accuracy(parts, colours=True) < 0.3


def train_a_cnn(train: LabelledImages, *, epochs: int) -> nn.Sequential:
    torch.manual_seed(0)
    layers: list[nn.Module] = []
    for before, after in ((3, 16), (16, 32), (32, 32)):
        layers += [nn.Conv2d(before, after, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
    model = nn.Sequential(*layers, nn.Flatten(), nn.Linear(512, 64), nn.ReLU(), nn.Linear(64, 10))
    optimizer = torch.optim.Adam(model.to(memory_format=torch.channels_last).parameters(), lr=2e-3)
    for _ in range(epochs):
        for batch in torch.randperm(len(train)).split(40):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(scaled(train.images[batch])), train.labels[batch])
            loss.backward()
            optimizer.step()
    return model


def scaled(images: Tensor) -> Tensor:
    return (images.float() / 64 - 2).contiguous(memory_format=torch.channels_last)


@torch.no_grad()
def accuracy(model: nn.Module, images: Tensor, labels: Tensor) -> float:
    return float((model(scaled(images)).argmax(dim=1) == labels).double().mean())


@pytest.mark.slow
def test_outlines_tell_what_pixels_do_not_and_things_stand_upright(parts: Parts) -> None:
    train, test = parts
    model = train_a_cnn(train, epochs=3)
    upright = accuracy(model, *test.tensors)
    mirrored, on_its_head = (accuracy(model, test.images.flip(axis), test.labels) for axis in (3, 2))
    linear = logistic_accuracy(parts, colours=False)
    assert 0.15 < linear < 0.45
    assert upright > linear + 0.2
    assert abs(upright - mirrored) < 0.05, "a mirrored picture is another picture of its class"
    assert on_its_head < upright - 0.25, "one upside down is not"

    with torch.no_grad():
        predicted = model(scaled(test.images)).argmax(dim=1)
    confusion = (10 * test.labels + predicted).bincount(minlength=100).reshape(10, 10)
    mistakes = confusion - confusion.diag().diag()
    alike = [("automobile", "truck"), ("cat", "dog"), ("deer", "horse")]
    among = sum(
        int(mistakes[CLASSES.index(a), CLASSES.index(b)] + mistakes[CLASSES.index(b), CLASSES.index(a)])
        for a, b in alike
    )
    assert among > 0.3 * int(mistakes.sum()), "6 of the 90 kinds of mistake are among what is alike"


@pytest.mark.slow
def test_a_network_can_learn_a_small_sample_by_heart(parts: Parts) -> None:
    train, test = parts
    model = train_a_cnn(train[:300], epochs=40)
    seen, unseen = accuracy(model, *train[:300].tensors), accuracy(model, *test.tensors)
    assert seen > 0.95
    assert seen - unseen > 0.15
