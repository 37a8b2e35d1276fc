"""Pixelwise transforms against scikit-learn, NumPy and counting."""

from collections import Counter
from itertools import permutations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.preprocessing import StandardScaler

from coursekit.data.pixelwise import PixelPermutation, StandardisePixels

seeds = st.integers(0, 2**31)


def some_images(*shape: int, seed: int) -> torch.Tensor:
    return torch.randint(0, 256, shape, dtype=torch.uint8, generator=torch.Generator().manual_seed(seed))


@given(n=st.integers(1, 9), channels=st.integers(1, 3), seed=seeds)
def test_standardise_agrees_with_scikit_learn(n: int, channels: int, seed: int) -> None:
    images, others = some_images(n, channels, 4, 3, seed=seed), some_images(5, channels, 4, 3, seed=seed + 1)
    # Pixels that never change, one of them black and one not.
    images[:, 0, 0, 0], images[:, 0, 3, 2] = 0, 7
    standardise = StandardisePixels.of(images)
    scaler = StandardScaler().fit(images.flatten(1).double().numpy())
    for batch in (images, others):
        theirs = scaler.transform(batch.flatten(1).double().numpy()).reshape(batch.shape)
        assert standardise(batch).dtype == torch.float32
        np.testing.assert_allclose(standardise(batch).numpy(), theirs, atol=1e-4, rtol=1e-5)


def test_standardised_pixels_have_mean_0_and_deviation_1() -> None:
    images = some_images(500, 1, 5, 5, seed=0)
    standardised = StandardisePixels.of(images)(images).double().numpy()
    np.testing.assert_allclose(standardised.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(standardised.std(axis=0), 1, atol=1e-5)


def test_a_constant_pixel_is_shifted_and_not_scaled() -> None:
    images = torch.full((4, 1, 1, 1), 200, dtype=torch.uint8)
    standardise = StandardisePixels.of(images)
    assert standardise(images).flatten().tolist() == [0, 0, 0, 0]
    assert standardise(images - 3).flatten().tolist() == [-3, -3, -3, -3]


def test_standardising_leaves_the_images_as_they_are() -> None:
    images = some_images(3, 1, 2, 2, seed=0).float()
    before = images.clone()
    StandardisePixels.of(images)(images)
    assert images.equal(before)


@pytest.mark.parametrize("shape", [(0, 1, 2, 2), (5, 4), (3, 28, 28)])
def test_no_images_or_another_shape_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError) as caught:
        StandardisePixels.of(torch.zeros(shape))
    assert str(caught.value) == (
        f"images have the shape {shape}; pass at least one, as (n, channels, height, width)"
    )


@given(height=st.integers(1, 5), width=st.integers(1, 5), seed=seeds)
def test_permutation_agrees_with_numpy(height: int, width: int, seed: int) -> None:
    images = some_images(3, 2, height, width, seed=seed)
    permute = PixelPermutation.random(height * width, seed=seed)
    moved = images.numpy().reshape(3, 2, -1)[:, :, permute.order.numpy()].reshape(images.shape)
    assert permute(images).dtype == images.dtype
    np.testing.assert_array_equal(permute(images).numpy(), moved)


@given(height=st.integers(1, 5), width=st.integers(1, 5), seed=seeds)
def test_inverse_undoes_and_is_undone(height: int, width: int, seed: int) -> None:
    images = some_images(3, 2, height, width, seed=seed)
    permute = PixelPermutation.random(height * width, seed=seed)
    assert permute.inverse(permute(images)).equal(images)
    assert permute(permute.inverse(images)).equal(images)
    assert permute.inverse.inverse.order.equal(permute.order)


def test_one_image_without_channels_is_permuted_too() -> None:
    permute = PixelPermutation(torch.tensor([1, 0, 3, 2]))
    assert permute(torch.tensor([[1, 2], [3, 4]])).tolist() == [[2, 1], [4, 3]]


def test_every_permutation_is_equally_likely_and_fixed_by_its_seed() -> None:
    drawn = [tuple(PixelPermutation.random(3, seed=seed).order.tolist()) for seed in range(3_000)]
    counts = Counter(drawn)
    assert set(counts) == set(permutations(range(3)))
    # Four standard deviations of a binomial count, √(3000 · 1/6 · 5/6) ≈ 20.
    assert all(abs(count - 500) < 82 for count in counts.values()), counts
    assert drawn[:100] == [tuple(PixelPermutation.random(3, seed=seed).order.tolist()) for seed in range(100)]


def test_drawing_a_permutation_leaves_torch_s_random_numbers_alone() -> None:
    before = torch.random.get_rng_state()
    PixelPermutation.random(784, seed=5)
    assert torch.random.get_rng_state().equal(before)


@pytest.mark.parametrize("order", [[0, 0, 1], [1, 2, 3], [[0, 1], [2, 3]], [-1, 0]])
def test_an_order_that_is_no_permutation_is_refused(order: list[int]) -> None:
    wrong = torch.tensor(order)
    with pytest.raises(ValueError) as caught:
        PixelPermutation(wrong)
    assert str(caught.value) == (
        f"order has the shape {tuple(wrong.shape)} and does not hold every place once; pass a permutation of "
        "0 … height · width − 1"
    )


def test_images_of_another_size_are_refused() -> None:
    with pytest.raises(ValueError) as caught:
        PixelPermutation.random(784, seed=0)(torch.zeros(2, 1, 32, 32))
    assert str(caught.value) == (
        "the images have 1024 pixels, the permutation 784; make one for images of this size"
    )
