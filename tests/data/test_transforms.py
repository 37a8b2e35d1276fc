"""Batch transforms against torchvision's functional ones, image by image, and by their distribution."""

from collections import Counter

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare
from sklearn.preprocessing import StandardScaler
from torchvision.transforms import functional as tv
from torchvision.transforms import v2

from coursekit.data.transforms import Standardise, compose, random_flip, random_shift


@given(n=st.integers(2, 9), channels=st.integers(1, 3), seed=st.integers(0, 99))
def test_standardise_agrees_with_scikit_learn(n, channels, seed) -> None:
    generator = torch.Generator().manual_seed(seed)
    images = torch.randint(0, 256, (n, channels, 4, 3), dtype=torch.uint8, generator=generator)
    ours = Standardise.of(images)(images)
    columns = images.permute(0, 2, 3, 1).reshape(-1, channels).double().numpy()
    theirs = torch.from_numpy(StandardScaler().fit_transform(columns)).reshape(n, 4, 3, channels)
    torch.testing.assert_close(ours.double(), theirs.permute(0, 3, 1, 2), atol=1e-5, rtol=1e-5)


def test_a_constant_channel_is_refused() -> None:
    images = torch.rand(5, 2, 3, 3)
    images[:, 1] = 7
    with pytest.raises(ValueError, match="channel 1 of the images is constant"):
        Standardise.of(images)


def test_flip_mirrors_about_half_of_the_images_and_leaves_the_rest() -> None:
    torch.manual_seed(0)
    images = torch.rand(2_000, 2, 3, 4)
    flipped = random_flip(images)
    mirrored = torch.tensor([bool(a.equal(tv.hflip(b))) for a, b in zip(flipped, images, strict=True)])
    same = torch.tensor([bool(a.equal(b)) for a, b in zip(flipped, images, strict=True)])
    assert bool((mirrored ^ same).all())
    assert 900 < int(mirrored.sum()) < 1_100
    assert random_flip(images, probability=0.0).equal(images)


@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
def test_every_shift_is_a_padded_crop_and_all_are_equally_likely(dtype) -> None:
    torch.manual_seed(0)
    image = (torch.arange(1, 2 * 4 * 5 + 1).reshape(2, 4, 5)).to(dtype)
    padded = tv.pad(image, [1, 1, 1, 1])
    crops = {(i, j): tv.crop(padded, i, j, 4, 5) for i in range(3) for j in range(3)}
    shifted = random_shift(image.expand(9_000, -1, -1, -1), pixels=1)
    assert shifted.dtype == dtype
    seen = Counter(next(key for key, crop in crops.items() if crop.equal(one)) for one in shifted)
    assert len(seen) == 9
    assert all(850 < count < 1_150 for count in seen.values())


@pytest.mark.parametrize(
    ("ours", "theirs", "count"),
    [
        (random_flip, v2.RandomHorizontalFlip(), 2),
        (lambda images: random_flip(images, probability=1.0), v2.RandomHorizontalFlip(p=1.0), 1),
        (lambda images: random_shift(images, pixels=1), v2.RandomCrop((3, 4), padding=1), 9),
        (lambda images: random_shift(images, pixels=2), v2.RandomCrop((3, 4), padding=2), 25),
    ],
    ids=["flip", "certain flip", "shift by 1", "shift by 2"],
)
def test_outcomes_are_torchvisions_and_all_equally_frequent(ours, theirs, count) -> None:
    """Torchvision draws once a call, ours once an image; as distributions of images they are the same."""
    torch.manual_seed(1)
    image = torch.arange(1, 2 * 3 * 4 + 1, dtype=torch.uint8).reshape(2, 3, 4)
    batch = ours(image.expand(400 * count, -1, -1, -1))
    calls = torch.stack([theirs(image) for _ in range(100 * count)])
    found, expected = (Counter(one.numpy().tobytes() for one in images) for images in (batch, calls))
    assert len(found) == count
    assert found.keys() == expected.keys()
    if count > 1:
        assert chisquare(list(found.values())).pvalue > 0.01
        assert chisquare(list(expected.values())).pvalue > 0.01


@pytest.mark.parametrize("transform", [random_flip, lambda images: random_shift(images, pixels=1)])
def test_neighbours_in_a_batch_draw_independently(transform) -> None:
    torch.manual_seed(0)
    image = torch.arange(1, 2 * 3 * 4 + 1, dtype=torch.uint8).reshape(2, 3, 4)
    pairs = transform(image.expand(8_000, -1, -1, -1)).reshape(4_000, 2, -1)
    found = Counter((first.numpy().tobytes(), second.numpy().tobytes()) for first, second in pairs)
    firsts = {first for first, _ in found}
    assert len(firsts) > 1
    assert len(found) == len(firsts) ** 2
    assert chisquare(list(found.values())).pvalue > 0.01


def test_a_negative_shift_is_refused() -> None:
    with pytest.raises(ValueError, match="pixels is -1; a shift is at least 0"):
        random_shift(torch.rand(1, 1, 2, 2), pixels=-1)


def test_compose_applies_from_left_to_right() -> None:
    assert compose(lambda x: x + 1, lambda x: x * 2)(torch.tensor(3)).item() == 8
    assert compose()(torch.tensor(3)).item() == 3
