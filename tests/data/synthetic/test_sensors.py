"""Sensors: independent within a class, and as hard to tell apart as the formula says."""

import hashlib

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import multivariate_normal, norm

from coursekit.data import LabelledImages
from coursekit.data.synthetic.sensors import LEVEL, SCALE, best_accuracy, class_means, sensors


@pytest.fixture(scope="module")
def parts() -> tuple[LabelledImages, LabelledImages]:
    return sensors(20_000, 5_000, seed=2)


def standard(part: LabelledImages) -> np.ndarray:
    """Readings in standard deviations, ``(n, 784)``."""
    return (part.images.flatten(1).double().numpy() - LEVEL) / SCALE


def test_format_is_that_of_images(parts: tuple[LabelledImages, LabelledImages]) -> None:
    for part, n in zip(parts, (20_000, 5_000), strict=True):
        assert part.images.shape == (n, 1, 28, 28)
        assert part.labels.bincount().tolist() == [n // 10] * 10


@given(n_train=st.integers(0, 35), n_test=st.integers(0, 35), seed=st.integers(0, 2**32))
def test_any_number_of_samples_is_balanced(n_train: int, n_test: int, seed: int) -> None:
    for part, n in zip(sensors(n_train, n_test, seed=seed), (n_train, n_test), strict=True):
        counts = part.labels.bincount(minlength=10)
        assert len(part) == n
        assert counts.max() - counts.min() <= 1


def test_means_are_orthogonal_and_as_long_as_asked_for() -> None:
    for separation, seed in ((0.0, 0), (1.5, 1), (4.0, 2)):
        means = class_means(separation=separation, seed=seed)
        assert means.shape == (10, 784)
        np.testing.assert_allclose(means @ means.T, separation**2 * np.eye(10), atol=1e-12)


def test_readings_have_the_stated_means_and_deviations(parts: tuple[LabelledImages, LabelledImages]) -> None:
    values, labels = standard(parts[0]), parts[0].labels.numpy()
    means = class_means(seed=2)
    for label in range(10):
        own = values[labels == label]
        # 2,000 readings of each of 784 sensors: errors of the mean are normal, the largest below 4.5 of them.
        errors = (own.mean(axis=0) - means[label]) * np.sqrt(len(own))
        assert np.abs(errors).max() < 4.5
        assert errors.std() == pytest.approx(1, abs=0.1)
        assert own.std(axis=0).mean() == pytest.approx(1, abs=0.01)


def test_sensors_are_independent_within_a_class(parts: tuple[LabelledImages, LabelledImages]) -> None:
    values, labels = standard(parts[0]), parts[0].labels.numpy()
    centred = values - class_means(seed=2)[labels]
    correlations = np.corrcoef(centred.T)[np.triu_indices(784, k=1)]
    # Of independent sensors they are normal around 0 with deviation 1/√n.
    scaled = correlations * np.sqrt(len(values))
    assert scaled.mean() == pytest.approx(0, abs=0.02)
    assert scaled.std() == pytest.approx(1, abs=0.02)
    assert np.abs(scaled).max() < 6
    # Nor do sizes depend on each other, in neighbours least of all.
    sizes = np.abs(centred)
    assert np.corrcoef(sizes[:, :-1].ravel(), sizes[:, 1:].ravel())[0, 1] == pytest.approx(0, abs=0.002)


@pytest.mark.parametrize("separation", [0.0, 0.7, 2.0, 4.0, 6.0])
def test_best_accuracy_of_two_classes_is_the_normal_integral(separation: float) -> None:
    # The difference of the two scores has mean r² and variance 2r².
    expected = norm.cdf(separation / np.sqrt(2))
    assert best_accuracy(separation=separation, classes=2) == pytest.approx(expected, abs=1e-8)


def test_best_accuracy_of_four_classes_is_an_orthant_probability() -> None:
    # Differences of the true score to the other three: mean r, covariance 1 + identity.
    r = 1.3
    orthant = multivariate_normal(mean=np.full(3, -r), cov=np.ones((3, 3)) + np.eye(3))
    assert best_accuracy(separation=r, classes=4) == pytest.approx(orthant.cdf(np.zeros(3)), abs=1e-4)


def test_best_accuracy_at_its_ends() -> None:
    assert best_accuracy(separation=0.0, classes=10) == 0.1
    assert best_accuracy(separation=3.0, classes=1) == 1.0
    assert best_accuracy(separation=20.0) == pytest.approx(1.0)


def test_discriminant_analysis_comes_near_the_best_accuracy_and_not_above() -> None:
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    train, test = sensors(20_000, 10_000, separation=3.0, seed=5)
    best = best_accuracy(separation=3.0)
    means = class_means(separation=3.0, seed=5)
    knowing = (standard(test) @ means.T).argmax(axis=1)
    error = np.sqrt(best * (1 - best) / len(test))
    truth = test.labels.numpy()
    assert (knowing == truth).mean() == pytest.approx(best, abs=3 * error)
    fitted = LinearDiscriminantAnalysis(solver="lsqr").fit(standard(train), train.labels.numpy())
    accuracy = fitted.score(standard(test), truth)
    assert best - 0.06 < accuracy < best + 3 * error


def test_same_seed_same_readings_other_seed_others() -> None:
    one, again, other = (sensors(50, 20, seed=seed) for seed in (3, 3, 4))
    for part in (0, 1):
        assert torch.equal(one[part].images, again[part].images)
        assert torch.equal(one[part].labels, again[part].labels)
        assert not torch.equal(one[part].images, other[part].images)


def test_training_and_test_part_are_other_readings_of_the_same_classes() -> None:
    train, test = sensors(1_000, 1_000, seed=0)
    assert not torch.equal(train.images, test.images)
    means = class_means()
    for part in (train, test):
        assert ((standard(part) @ means.T).argmax(axis=1) == part.labels.numpy()).mean() > 0.95


def test_readings_are_the_same_on_every_machine() -> None:
    digest = hashlib.sha256(b"".join(part.images.numpy().tobytes() for part in sensors(200, 100)))
    assert digest.hexdigest() == "b2b824ecf6476830202c54fbb0f8bdab16dbeba7e0f89c822acf5f9ae1bd7ee6"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: sensors(-1, 5),
            r"^cannot draw -1 \+ 5 samples; give numbers that are not negative$",
        ),
        (lambda: sensors(1, 1, separation=-2.0), r"^separation is -2.0; a length is at least 0$"),
        (lambda: class_means(separation=-0.5), r"^separation is -0.5; a length is at least 0$"),
        (
            lambda: best_accuracy(separation=-1.0),
            r"^separation is -1.0 and classes 10; a length is at least 0, classes at least 1$",
        ),
        (
            lambda: best_accuracy(classes=0),
            r"^separation is 4.0 and classes 0; a length is at least 0, classes at least 1$",
        ),
    ],
)
def test_mistakes_are_named(call, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
