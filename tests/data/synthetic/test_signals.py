"""Signals: bursts of the stated shape and energy at uniform times, and a best classifier that is the best."""

import hashlib

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kstest, norm

from coursekit.data import LabelledImages
from coursekit.data.synthetic.signals import LEVEL, SCALE, bursts, log_likelihoods, signals

POSITIONS = 784 - 32 + 1


@pytest.fixture(scope="module")
def train() -> LabelledImages:
    return signals(6_000, 0, seed=2)[0]


@pytest.fixture(scope="module")
def loud() -> LabelledImages:
    """Bursts that noise cannot hide, so that their times can be read off."""
    return signals(4_000, 0, strength=12.0, seed=7)[0]


def standard(part: LabelledImages) -> np.ndarray:
    """Readings in standard deviations, ``(n, 784)``."""
    return (part.images[:, 0, 0].double().numpy() - LEVEL) / SCALE


def found_times(part: LabelledImages, strength: float) -> np.ndarray:
    """Where each signal is most like the burst of its class, by NumPy's correlate."""
    shapes = bursts(strength=strength)
    rows = zip(standard(part), part.labels.numpy(), strict=True)
    return np.array([np.correlate(row, shapes[label]).argmax() for row, label in rows])


@given(n_train=st.integers(0, 35), n_test=st.integers(0, 35), seed=st.integers(0, 2**32))
def test_any_number_of_signals_is_balanced(n_train: int, n_test: int, seed: int) -> None:
    for part, n in zip(signals(n_train, n_test, seed=seed), (n_train, n_test), strict=True):
        counts = part.labels.bincount(minlength=10)
        assert part.images.shape == (n, 1, 1, 784)
        assert counts.max() - counts.min() <= 1


def test_bursts_have_the_stated_energy_and_pitch() -> None:
    shapes = bursts(strength=5.0)
    np.testing.assert_allclose((shapes**2).sum(axis=1), 25.0)
    # A long Fourier transform of each burst has its peak at the stated number of periods.
    spectrum = np.abs(np.fft.rfft(shapes, n=32 * 64, axis=1))
    np.testing.assert_allclose(spectrum.argmax(axis=1) / 64, 1.5 + 1.4 * np.arange(10), atol=0.15)


def test_bursts_of_different_classes_are_unlike_at_every_shift() -> None:
    shapes = bursts(strength=1.0)
    for one in range(10):
        for other in range(one):
            assert np.abs(np.correlate(shapes[one], shapes[other], "full")).max() < 0.6


def test_noise_is_white_and_standard_outside_the_bursts(loud: LabelledImages) -> None:
    values, times = standard(loud), found_times(loud, 12.0)
    silent = np.ones_like(values, dtype=bool)
    for row, time in enumerate(times):
        silent[row, max(0, time - 4) : time + 36] = False
    noise = values[silent]
    assert noise.mean() == pytest.approx(0, abs=0.005)
    assert noise.std() == pytest.approx(1, abs=0.005)
    assert np.corrcoef(noise[:-1], noise[1:])[0, 1] == pytest.approx(0, abs=0.003)


def test_motif_and_energy_are_those_of_the_class(loud: LabelledImages) -> None:
    values, labels, times = standard(loud), loud.labels.numpy(), found_times(loud, 12.0)
    cut = np.stack([row[time : time + 32] for row, time in zip(values, times, strict=True)])
    shapes = bursts(strength=12.0)
    for label in range(10):
        mean = cut[labels == label].mean(axis=0)
        np.testing.assert_allclose(mean, shapes[label], atol=0.35)
        assert (mean**2).sum() == pytest.approx(144, rel=0.05)


def test_times_are_uniform(loud: LabelledImages) -> None:
    times = found_times(loud, 12.0)
    assert times.min() < 10
    assert times.max() > POSITIONS - 11
    # Spread within their own cell, discrete uniform times are continuous uniform ones.
    spread = (times + np.random.default_rng(0).random(len(times))) / POSITIONS
    assert kstest(spread, "uniform").pvalue > 0.001
    for label in range(10):
        own = spread[loud.labels.numpy() == label]
        assert kstest(own, "uniform").pvalue > 0.0001


def test_log_likelihoods_are_those_of_the_stated_model(train: LabelledImages) -> None:
    """Against a mean of products of normal densities, one time after the other."""
    shapes, x = bursts(strength=8.0), standard(train)[:3]
    silence = norm.logpdf(x).sum(axis=1)
    expected = np.empty((3, 10))
    for label in range(10):
        by_time = np.empty((3, POSITIONS))
        for time in range(POSITIONS):
            mean = np.zeros(784)
            mean[time : time + 32] = shapes[label]
            by_time[:, time] = norm.logpdf(x - mean).sum(axis=1) - silence
        expected[:, label] = np.log(np.exp(by_time).mean(axis=1))
    np.testing.assert_allclose(log_likelihoods(train.images[:3]).numpy(), expected, rtol=1e-8, atol=1e-8)


def test_best_classifier_is_as_sure_as_it_is_right() -> None:
    """The signals that it is right on are as many as its probabilities, by Bayes' rule, add up to."""
    _, test = signals(0, 4_000, strength=4.5, seed=3)
    sure, best = log_likelihoods(test.images, strength=4.5).softmax(dim=1).max(dim=1)
    right = int((best == test.labels).sum())
    assert 0.3 < right / 4_000 < 0.95
    deviation = (sure * (1 - sure)).sum().sqrt().item()
    assert abs(right - sure.sum().item()) < 4 * deviation


def test_no_linear_classifier_comes_near_the_best() -> None:
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    train, test = signals(4_000, 1_000, seed=1)
    best = log_likelihoods(test.images).argmax(dim=1)
    assert (best == test.labels).double().mean() > 0.98
    linear = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto").fit(standard(train), train.labels)
    assert linear.score(standard(test), test.labels) < 0.2


def test_same_seed_same_signals_other_seed_others() -> None:
    one, again, other = (signals(50, 20, seed=seed) for seed in (3, 3, 4))
    for part in (0, 1):
        assert torch.equal(one[part].images, again[part].images)
        assert torch.equal(one[part].labels, again[part].labels)
        assert not torch.equal(one[part].images, other[part].images)
    assert not torch.equal(one[0].images[:20], one[1].images)


def test_signals_are_the_same_on_every_machine() -> None:
    digest = hashlib.sha256(b"".join(part.images.numpy().tobytes() for part in signals(200, 100)))
    assert digest.hexdigest() == "87a2e950887c19b71468bc4599347b48ee77ef4ee649d3523eb8e7b6a0ec7434"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: signals(5, -1), r"^cannot draw 5 \+ -1 signals; give numbers that are not negative$"),
        (lambda: signals(1, 1, strength=-2.0), r"^strength is -2.0; a length is at least 0$"),
        (lambda: bursts(strength=-0.5), r"^strength is -0.5; a length is at least 0$"),
        (
            lambda: log_likelihoods(torch.zeros(2, 1, 28, 28)),
            r"^readings have the shape \(2, 1, 28, 28\); pass signals \(n, 1, 1, length\), 32 readings "
            r"long or longer$",
        ),
        (lambda: log_likelihoods(torch.zeros(2, 1, 1, 31)), r"^readings have the shape \(2, 1, 1, 31\)"),
        (lambda: log_likelihoods(torch.zeros(2, 784)), r"^readings have the shape \(2, 784\)"),
    ],
)
def test_mistakes_are_named(call, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
