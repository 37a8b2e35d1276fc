"""Garments: what they are made of, and that telling them apart takes the models of the course."""

import hashlib
from collections.abc import Callable
from functools import partial

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim import Optimizer
from torch.optim.lr_scheduler import OneCycleLR

from coursekit.data import LabelledImages
from coursekit.data.synthetic.garments import CLASSES, garments
from coursekit.inspection import confusion_matrix
from coursekit.training import AUTO, fit, predict, seeded

ALIKE = [CLASSES.index(name) for name in ("T-shirt/top", "Pullover", "Coat", "Shirt")]


@pytest.fixture(scope="module")
def parts() -> tuple[LabelledImages, LabelledImages]:
    return garments()


def digest(*parts: LabelledImages) -> str:
    content = b"".join(tensor.numpy().tobytes() for part in parts for tensor in part.tensors)
    return hashlib.sha256(content).hexdigest()


def test_format_is_that_of_fashion_mnist(parts: tuple[LabelledImages, LabelledImages]) -> None:
    for part, n in zip(parts, (10_000, 2_000), strict=True):
        assert part.images.shape == (n, 1, 28, 28)
        assert part.images.dtype == torch.uint8
        assert part.labels.shape == (n,)
        assert part.labels.dtype == torch.int64
        assert part.labels.bincount().tolist() == [n // 10] * 10


def test_classes_are_those_of_fashion_mnist_in_order() -> None:
    from torchvision.datasets import FashionMNIST

    assert list(CLASSES) == FashionMNIST.classes


@given(n_train=st.integers(0, 35), n_test=st.integers(0, 35), seed=st.integers(0, 2**32))
def test_any_number_of_images_is_balanced(n_train: int, n_test: int, seed: int) -> None:
    for part, n in zip(garments(n_train, n_test, seed=seed), (n_train, n_test), strict=True):
        counts = part.labels.bincount(minlength=10)
        assert len(part) == n
        assert counts.max() - counts.min() <= 1


def test_same_seed_same_images_other_seed_other_images() -> None:
    assert digest(*garments(100, 50, seed=3)) == digest(*garments(100, 50, seed=3))
    assert digest(*garments(100, 50, seed=3)) != digest(*garments(100, 50, seed=4))


def test_images_are_the_same_on_every_machine() -> None:
    assert digest(*garments(300, 100)) == "85b1b3a3fdce7d3b32ef24fdbf4cd866e5d4646bbbadd23072550744c8897210"


def test_no_image_is_in_both_parts_or_twice_in_one(parts: tuple[LabelledImages, LabelledImages]) -> None:
    images = torch.cat([part.images for part in parts]).flatten(1)
    assert len({bytes(image.tolist()) for image in images}) == len(images)


def test_pixels_are_distributed_as_in_fashion_mnist(parts: tuple[LabelledImages, LabelledImages]) -> None:
    """Fashion-MNIST: mean 0.286, standard deviation 0.353 of full brightness, half of the pixels 0."""
    pixels = parts[0].images.double() / 255
    assert 0.24 < pixels.mean() < 0.32
    assert 0.30 < pixels.std() < 0.38
    assert 0.45 < (pixels == 0).double().mean() < 0.60


def test_every_image_shows_something(parts: tuple[LabelledImages, LabelledImages]) -> None:
    for part in parts:
        assert ((part.images > 0).flatten(1).sum(dim=1) > 20).all()


def test_negative_number_is_refused() -> None:
    with pytest.raises(ValueError, match=r"cannot draw -1 \+ 10 images; give numbers that are not negative"):
        garments(-1, 10)


def linear() -> nn.Sequential:
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 10))


def course() -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(1, 32, 3, padding=1),
        nn.Sigmoid(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(32 * 14 * 14, 10),
    )


def deeper() -> nn.Sequential:
    layers: list[nn.Module] = []
    for before, after in ((1, 16), (16, 16), (16, 32), (32, 32)):
        layers += [nn.Conv2d(before, after, 3, padding=1), nn.BatchNorm2d(after), nn.ReLU()]
        if before == after:
            layers += [nn.MaxPool2d(2), nn.Dropout(0.1)]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(32 * 7 * 7, 10))


def confusion_after_training(
    build: Callable[[], nn.Sequential],
    parts: tuple[LabelledImages, LabelledImages],
    *,
    scale: float,
    peak: float | None = None,
) -> Tensor:
    """Confusion matrix (rows: true) on the test part; Adam at 1e-3, or one cycle up to `peak`."""

    def scaled(images: Tensor) -> Tensor:
        return images.float() * scale

    def one_cycle(optimizer: Optimizer, steps: int) -> OneCycleLR:
        return OneCycleLR(optimizer, peak, total_steps=steps)

    train, (images, labels) = parts[0], parts[1].tensors
    with seeded(0):
        model = build()
    fit(
        model,
        train,
        epochs=2,
        batch_size=100,
        optimizer=partial(torch.optim.Adam, lr=1e-3),
        loss=F.cross_entropy,
        prepare=scaled,
        schedule=one_cycle if peak else None,
        progress=False,
        **AUTO,
    )
    predicted = predict(model, images, prepare=scaled).argmax(dim=1)
    return confusion_matrix(labels, predicted, classes=10)


@pytest.mark.slow
def test_models_come_out_in_order_and_shirts_are_confused(
    parts: tuple[LabelledImages, LabelledImages],
) -> None:
    confusions = [
        confusion_after_training(linear, parts, scale=1 / 255),
        confusion_after_training(course, parts, scale=1.0),
        confusion_after_training(deeper, parts, scale=1 / 255, peak=5e-3),
    ]
    accuracies = [(c.diag().sum() / c.sum()).item() for c in confusions]
    assert accuracies[0] + 0.05 < accuracies[1], accuracies
    assert accuracies[1] + 0.03 < accuracies[2], accuracies
    assert accuracies[0] > 0.65, accuracies
    assert accuracies[2] > 0.88, accuracies

    mistakes = [c - c.diag().diag() for c in confusions]
    for wrong in mistakes[1:]:
        among_alike = wrong[ALIKE][:, ALIKE].sum() / wrong.sum()
        assert among_alike > 0.6, wrong
    recall = sum(c.diag() / c.sum(dim=1) for c in confusions) / 3
    assert CLASSES[recall.argmin()] == "Shirt", recall
    for name in ("Trouser", "Bag", "Ankle boot"):
        assert recall[CLASSES.index(name)] > 0.9, recall
