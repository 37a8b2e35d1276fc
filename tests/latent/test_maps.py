"""Principal components, t-SNE and alignment against scikit-learn and SciPy, on random points and at edges."""

import inspect

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial import procrustes
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE

from coursekit.latent import align, pca, tsne

VALUES = st.floats(-100, 100).map(lambda value: round(value, 3))
CLOUDS = arrays(np.float64, st.tuples(st.integers(4, 12), st.integers(2, 6)), elements=VALUES)


def blobs(n: int = 60, features: int = 8) -> torch.Tensor:
    generator = torch.Generator().manual_seed(1)
    centres = 12 * torch.randn(3, features, generator=generator)
    return centres[torch.arange(n) % 3] + torch.randn(n, features, generator=generator)


@given(CLOUDS)
@settings(deadline=None, max_examples=60)
def test_components_are_those_of_scikit_learn_up_to_sign(cloud) -> None:
    assume(np.ptp(cloud, axis=0).max() > 0.01)
    expected = PCA(2, svd_solver="full").fit(cloud)
    variances = np.append(PCA(svd_solver="full").fit(cloud).explained_variance_, 0.0)
    # Directions of equal variance are anybody's choice.
    assume(np.diff(variances[:3]).max() < -1e-3 * variances[0])
    found = pca(torch.from_numpy(cloud)).numpy()
    scale = np.abs(cloud - cloud.mean(axis=0)).max()
    for mine, theirs in zip(found.T, expected.transform(cloud).T, strict=True):
        apart = min(np.abs(mine - theirs).max(), np.abs(mine + theirs).max())
        assert apart < 1e-7 * scale
        assert mine[np.abs(mine).argmax()] > 0


def test_as_many_components_as_points_allow_keep_all_distances() -> None:
    cloud = torch.randn(5, 9, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(torch.cdist(pca(cloud, 4), pca(cloud, 4)), torch.cdist(cloud, cloud))
    assert torch.equal(pca(cloud, 4), pca(cloud.clone(), 4))


def test_constant_features_do_not_matter() -> None:
    cloud = blobs()
    torch.testing.assert_close(pca(torch.cat([cloud, torch.full((60, 3), 7.0)], dim=1)), pca(cloud))


@pytest.mark.parametrize(
    ("points", "dimensions", "message"),
    [
        (torch.rand(1, 3), 1, r"points have the shape \(1, 3\); pass \(n, features\) with at least two"),
        (torch.rand(5), 1, r"points have the shape \(5,\); pass"),
        (torch.rand(5, 3), 0, "dimensions is 0; 5 points of 3 features have 1 to 3"),
        (torch.rand(3, 9), 3, "dimensions is 3; 3 points of 9 features have 1 to 2"),
        (torch.ones(4, 2), 1, "all 4 points are the same; there is no direction in which they differ"),
        (torch.tensor([[0.0], [float("nan")]]), 1, "points hold infinite values or NaN"),
    ],
)
def test_mistakes_of_pca_get_one_sentence(points, dimensions, message) -> None:
    with pytest.raises(ValueError, match=message):
        pca(points, dimensions)


def test_tsne_is_scikit_learns() -> None:
    cloud = blobs()
    found = tsne(cloud, perplexity=9, iterations=300, seed=3, init="random")
    expected = TSNE(perplexity=9, max_iter=300, random_state=3, init="random").fit_transform(cloud.numpy())
    assert found.dtype == torch.float64
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-4, atol=1e-4)


def test_tsne_begins_with_the_components_of_scikit_learn(monkeypatch) -> None:
    cloud, beginnings = blobs(), []

    class Recorder(TSNE):
        def fit_transform(self, x):
            beginnings.append(self.init)
            return x[:, :2]

    monkeypatch.setattr("sklearn.manifold.TSNE", Recorder)
    monkeypatch.setattr("coursekit.latent.maps.signature", lambda _: inspect.signature(TSNE))
    tsne(cloud, perplexity=9)
    scores = PCA(2, svd_solver="full").fit_transform(cloud.numpy())
    expected = 1e-4 * scores / scores[:, 0].std()
    np.testing.assert_allclose(np.abs(beginnings[0]), np.abs(expected), rtol=0.02, atol=1e-8)


def test_seeds_matter_from_a_random_beginning_only() -> None:
    cloud = blobs()

    def apart(**options) -> float:
        first, second = (tsne(cloud, perplexity=9, iterations=250, seed=seed, **options) for seed in (0, 1))
        return (first - second).abs().max().item()

    assert apart(init="pca") == 0
    assert apart(init="random") > 1


@pytest.mark.parametrize(
    "points", [torch.arange(8.0).unsqueeze(1), torch.rand(2, 5)], ids=["a line", "two points"]
)
def test_points_with_one_component_have_a_map(points) -> None:
    found = tsne(points, perplexity=1, iterations=250)
    assert found.shape == (len(points), 2) and found.isfinite().all()


@pytest.mark.parametrize(
    ("points", "options", "message"),
    [
        (
            torch.rand(20, 3),
            {"perplexity": 20},
            "perplexity is 20; with 20 points it is above 0 and below 20",
        ),
        (torch.rand(20, 3), {"perplexity": 0}, "perplexity is 0; with 20 points"),
        (torch.rand(50, 3), {"iterations": 249}, "iterations is 249; t-SNE needs at least 250"),
        (torch.ones(50, 3), {}, "all 50 points are the same"),
        (torch.rand(1, 3), {}, r"points have the shape \(1, 3\)"),
    ],
)
def test_mistakes_of_tsne_get_one_sentence(points, options, message) -> None:
    with pytest.raises(ValueError, match=message):
        tsne(points, **options)


@given(CLOUDS, st.integers(0, 10_000), st.booleans())
@settings(deadline=None, max_examples=60)
def test_a_map_that_was_turned_mirrored_and_moved_comes_back(cloud, seed, mirrored) -> None:
    reference = torch.from_numpy(cloud)
    generator = torch.Generator().manual_seed(seed)
    turn, _ = torch.linalg.qr(torch.randn(cloud.shape[1], cloud.shape[1], generator=generator).double())
    if mirrored:
        turn[:, 0] *= -1
    moved = reference @ turn + 50 * torch.randn(cloud.shape[1], generator=generator).double()
    torch.testing.assert_close(align(moved, reference), reference, atol=1e-9 * 1e3, rtol=0)


@given(CLOUDS, st.integers(0, 10_000))
@settings(deadline=None, max_examples=60)
def test_alignment_is_the_best_rotation_by_svd_and_agrees_with_scipy(cloud, seed) -> None:
    reference = torch.from_numpy(cloud)
    assume(cloud.std(axis=0).max() > 1e-3)
    points = torch.from_numpy(np.random.default_rng(seed).normal(size=cloud.shape)) * 5
    found = align(points, reference)
    torch.testing.assert_close(torch.cdist(found, found), torch.cdist(points, points))
    x, y = points - points.mean(0), reference - reference.mean(0)
    # By SVD, the best rotation leaves |x|² + |y|² − 2 Σσ.
    least = x.square().sum() + y.square().sum() - 2 * torch.linalg.svdvals(x.T @ y).sum()
    torch.testing.assert_close((found - reference).square().sum(), least, rtol=1e-8, atol=1e-6)
    # SciPy scales both to norm 1 and stretches the second by the best factor, which leaves 1 − (Σσ)².
    _, _, disparity = procrustes(reference.numpy(), points.numpy())
    overlap = ((found - found.mean(0)) * y).sum() / (x.norm() * y.norm())
    assert disparity == pytest.approx(1 - overlap.item() ** 2, abs=1e-9)


def test_a_reference_without_extent_gives_its_place() -> None:
    found = align(torch.rand(5, 2), torch.full((5, 2), 3.0))
    torch.testing.assert_close(found.mean(0), torch.tensor([3.0, 3.0], dtype=torch.float64))


def test_mistakes_of_alignment_get_one_sentence() -> None:
    with pytest.raises(ValueError, match="5 points and 4 in the other map; pass maps of the same points"):
        align(torch.rand(5, 2), torch.rand(4, 2))
    with pytest.raises(
        ValueError, match="points have 2 dimensions and the reference 3; align maps of as many"
    ):
        align(torch.rand(5, 2), torch.rand(5, 3))
    with pytest.raises(ValueError, match="points hold infinite values or NaN"):
        align(torch.rand(2, 2), torch.full((2, 2), float("inf")))
