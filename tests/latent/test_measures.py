"""Figures of a map against plain counting, scikit-learn and the published formula."""

from math import dist

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import LeaveOneOut, cross_val_score
from sklearn.neighbors import KNeighborsClassifier

from coursekit.latent import knn_accuracy, silhouette, trustworthiness

# Whole coordinates, so that equal distances are equal to the last bit.
SPOTS = st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=4, max_size=14)


@st.composite
def labelled(draw, classes: int = 3):
    spots = draw(SPOTS)
    labels = draw(st.lists(st.integers(0, classes - 1), min_size=len(spots), max_size=len(spots)))
    return spots, labels


def plain_knn(spots, labels, k) -> float:
    right = 0
    for i, spot in enumerate(spots):
        others = sorted((j for j in range(len(spots)) if j != i), key=lambda j: (dist(spot, spots[j]), j))
        votes = [labels[j] for j in others[:k]]
        winner = min(set(votes), key=lambda label: (-votes.count(label), label))
        right += winner == labels[i]
    return right / len(spots)


def plain_silhouette(spots, labels) -> float:
    total = 0.0
    for i, spot in enumerate(spots):
        mean = {}
        for label in set(labels):
            group = [dist(spot, spots[j]) for j in range(len(spots)) if labels[j] == label and j != i]
            mean[label] = sum(group) / len(group) if group else None
        own = mean.pop(labels[i])
        if own is not None:
            other = min(mean.values())
            total += (other - own) / max(own, other) if max(own, other) else 0.0
    return total / len(spots)


def plain_trustworthiness(points, embedded, k) -> float:
    """Venna & Kaski (2001), equation 1, for points without equal distances."""
    n, penalty = len(points), 0
    for i in range(n):
        others = [j for j in range(n) if j != i]
        in_data = sorted(others, key=lambda j: dist(points[i], points[j]))
        in_map = sorted(others, key=lambda j: dist(embedded[i], embedded[j]))[:k]
        penalty += sum(in_data.index(j) + 1 - k for j in in_map if j not in in_data[:k])
    return 1 - 2 / (n * k * (2 * n - 3 * k - 1)) * penalty


@given(labelled(), st.data())
@settings(deadline=None, max_examples=150)
def test_neighbours_vote_as_in_plain_counting(given_points, data) -> None:
    spots, labels = given_points
    k = data.draw(st.integers(1, len(spots) - 1))
    found = knn_accuracy(torch.tensor(spots).double(), torch.tensor(labels), neighbours=k)
    assert found == pytest.approx(plain_knn(spots, labels, k), abs=1e-12)


def test_neighbours_vote_as_in_scikit_learn() -> None:
    generator = np.random.default_rng(0)
    points, labels = generator.normal(size=(120, 30)), generator.integers(0, 4, 120)
    points[:, 0] += labels
    expected = cross_val_score(KNeighborsClassifier(7), points, labels, cv=LeaveOneOut()).mean()
    found = knn_accuracy(torch.from_numpy(points), torch.from_numpy(labels), neighbours=7)
    assert found == pytest.approx(expected)
    assert knn_accuracy(torch.from_numpy(points + 1e6), torch.from_numpy(labels), neighbours=7) == found


def test_one_class_is_always_right_and_equal_points_answer_alike() -> None:
    assert knn_accuracy(torch.rand(5, 2), torch.zeros(5, dtype=torch.int64), neighbours=4) == 1.0
    labels = torch.tensor([0, 0, 0, 1])
    assert knn_accuracy(torch.ones(4, 3), labels, neighbours=3) == 0.75


@given(labelled())
@settings(deadline=None, max_examples=100)
def test_silhouette_as_in_plain_counting(given_points) -> None:
    spots, labels = given_points
    if not 2 <= len(set(labels)) < len(spots):
        return
    found = silhouette(torch.tensor(spots).double(), torch.tensor(labels))
    assert found == pytest.approx(plain_silhouette(spots, labels), abs=1e-6)


def test_silhouette_of_equal_points_is_0() -> None:
    assert silhouette(torch.ones(6, 2), torch.arange(6) % 2) == 0.0


@given(st.integers(8, 16), st.integers(0, 10_000), st.data())
@settings(deadline=None, max_examples=80)
def test_trustworthiness_as_published(n, seed, data) -> None:
    k = data.draw(st.integers(1, (n - 1) // 2))
    generator = np.random.default_rng(seed)
    points, embedded = generator.normal(size=(n, 5)), generator.normal(size=(n, 2))
    found = trustworthiness(torch.from_numpy(points), torch.from_numpy(embedded), neighbours=k)
    assert found == pytest.approx(plain_trustworthiness(points, embedded, k), abs=1e-12)


def test_a_faithful_map_is_trustworthy_and_a_shuffled_one_is_not() -> None:
    generator = torch.Generator().manual_seed(0)
    points = torch.randn(200, 2, generator=generator)
    assert trustworthiness(points, 3 * points.flip(1) - 1) == 1.0
    shuffled = points[torch.randperm(200, generator=generator)]
    assert 0.4 < trustworthiness(points, shuffled) < 0.6


LABELS = torch.tensor([0, 0, 1, 1])
POINTS = torch.rand(4, 2)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: knn_accuracy(POINTS, LABELS), "neighbours is 10; with 4 points it is 1 to 3"),
        (lambda: knn_accuracy(POINTS, LABELS, neighbours=0), "neighbours is 0; with 4 points it is 1 to 3"),
        (
            lambda: knn_accuracy(POINTS[:1], LABELS[:1]),
            r"points have the shape \(1, 2\); pass \(n, features\)",
        ),
        (
            lambda: knn_accuracy(POINTS, LABELS[:3]),
            r"labels are torch.int64 of shape \(3,\); pass torch.int64 of shape \(4,\), classes from 0",
        ),
        (lambda: knn_accuracy(POINTS, LABELS.float()), r"labels are torch.float32 of shape \(4,\); pass"),
        (lambda: knn_accuracy(POINTS, LABELS - 1), r"labels are torch.int64 of shape \(4,\); pass .* from 0"),
        (lambda: silhouette(POINTS, LABELS * 0), "labels name 1 class for 4 points; a silhouette needs"),
        (lambda: silhouette(POINTS, torch.arange(4)), "labels name 4 classes for 4 points; a silhouette"),
        (lambda: silhouette(POINTS * float("nan"), LABELS), "points hold infinite values or NaN"),
        (
            lambda: trustworthiness(POINTS, POINTS, neighbours=2),
            "neighbours is 2; with 4 points it is 1 to 1",
        ),
        (
            lambda: trustworthiness(POINTS, POINTS[:3]),
            "4 points and 3 in the other map; pass maps of the same",
        ),
    ],
)
def test_mistakes_get_one_sentence(call, message) -> None:
    with pytest.raises(ValueError, match=message):
        call()
