"""Augmentation against torchvision: the same set of outcomes, each equally often, and one draw an image."""

from collections import Counter
from collections.abc import Callable
from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare
from torch import Tensor
from torch.nn import functional as F
from torchvision.transforms import v2

from coursekit.data.augmentation import center_crop, cutout, random_crop, random_vertical_flip

DTYPES = (torch.uint8, torch.int64, torch.bfloat16, torch.float32, torch.float64)
TRANSFORMS: dict[str, Callable[[Tensor], Tensor]] = {
    "random_crop": lambda images: random_crop(images, size=3, padding=1),
    "center_crop": lambda images: center_crop(images, size=3),
    "random_vertical_flip": random_vertical_flip,
    "cutout": lambda images: cutout(images, size=2),
}


def numbered(channels: int, height: int, width: int, *, dtype: torch.dtype = torch.uint8) -> Tensor:
    """An image in which every pixel has a value of its own, none of them 0."""
    return torch.arange(1, channels * height * width + 1).reshape(channels, height, width).to(dtype)


def outcomes(images: Tensor) -> Counter[bytes]:
    return Counter(image.contiguous().numpy().tobytes() for image in images)


def assert_as_often(counts: Counter[bytes], weights: Counter[bytes]) -> None:
    """All outcomes came and nothing else, each by its weight as often as chance allows (seeds are fixed)."""
    assert set(counts) == set(weights)
    expected = [counts.total() * weight / weights.total() for weight in weights.values()]
    if len(weights) > 1:
        assert chisquare([counts[outcome] for outcome in weights], expected).pvalue > 0.01


CROPS = [
    # height, width, size, padding
    (4, 5, 3, 0),
    (4, 4, 4, 1),
    (3, 5, 4, 1),
    (5, 3, 2, 2),
    (1, 1, 1, 1),
    (4, 4, 4, 0),
    (2, 2, 6, 2),
]


@pytest.mark.parametrize(("height", "width", "size", "padding"), CROPS)
def test_crops_have_torchvisions_outcomes_each_equally_often(height, width, size, padding) -> None:
    image = numbered(2, height, width)
    padded = F.pad(image, (padding,) * 4).numpy()
    windows = np.lib.stride_tricks.sliding_window_view(padded, (2, size, size)).reshape(-1, 2, size, size)
    # Counted, since windows that hold nothing but padding look alike.
    possible = Counter(window.tobytes() for window in windows)

    torch.manual_seed(1)
    ours = random_crop(image.expand(400 * len(windows), -1, -1, -1), size=size, padding=padding)
    assert ours.dtype == image.dtype
    assert_as_often(outcomes(ours), possible)

    torchvision = v2.RandomCrop(size, padding=padding or None)
    theirs = torch.stack([torchvision(image) for _ in range(60 * len(windows))])
    assert_as_often(outcomes(theirs), possible)


def test_a_crop_takes_all_channels_from_one_place() -> None:
    torch.manual_seed(0)
    grey = numbered(1, 6, 6).expand(200, 3, -1, -1)
    cropped = random_crop(grey, size=4, padding=1)
    assert bool((cropped == cropped[:, :1]).all())


@given(
    height=st.integers(1, 9), width=st.integers(1, 9), size=st.integers(1, 9), dtype=st.sampled_from(DTYPES)
)
def test_center_crops_are_torchvisions(height, width, size, dtype) -> None:
    size = min(size, height, width)
    images = torch.stack([numbered(2, height, width, dtype=dtype), torch.zeros(2, height, width).to(dtype)])
    assert center_crop(images, size=size).equal(v2.CenterCrop(size)(images))


def test_vertical_flips_are_torchvisions_and_as_frequent() -> None:
    image = numbered(2, 3, 4)
    possible = outcomes(torch.stack([image, v2.functional.vertical_flip(image)]))
    torch.manual_seed(0)
    assert_as_often(outcomes(random_vertical_flip(image.expand(4_000, -1, -1, -1))), possible)
    torchvision = v2.RandomVerticalFlip()
    assert_as_often(outcomes(torch.stack([torchvision(image) for _ in range(1_000)])), possible)


@given(probability=st.sampled_from([0.1, 0.25, 0.8]), seed=st.integers(0, 20))
def test_a_vertical_flip_happens_with_its_probability(probability, seed) -> None:
    torch.manual_seed(seed)
    flipped = random_vertical_flip(
        torch.tensor([[[[1], [2]]]]).expand(10_000, -1, -1, -1), probability=probability
    )
    share = (flipped[:, 0, 0, 0] == 2).double().mean().item()
    assert abs(share - probability) < 5 * (probability * (1 - probability) / 10_000) ** 0.5


def test_flip_probabilities_0_and_1_are_certain() -> None:
    torch.manual_seed(0)
    images = torch.rand(500, 1, 3, 2)
    assert random_vertical_flip(images, probability=0).equal(images)
    assert random_vertical_flip(images, probability=1).equal(images.flip(-2))


def blanked(image: np.ndarray, row: int, column: int, size: int) -> np.ndarray:
    """One image with the square around a centre set to zero, pixel by pixel."""
    result = image.copy()
    first_row, first_column = row - size // 2, column - size // 2
    for i, j in product(range(first_row, first_row + size), range(first_column, first_column + size)):
        if 0 <= i < image.shape[1] and 0 <= j < image.shape[2]:
            result[:, i, j] = 0
    return result


@pytest.mark.parametrize(
    ("height", "width", "size"), [(4, 5, 1), (4, 5, 2), (5, 4, 3), (3, 3, 4), (1, 1, 1), (1, 1, 2), (1, 6, 3)]
)
def test_cutout_blanks_the_square_of_every_centre_equally_often(height, width, size) -> None:
    image = numbered(3, height, width)
    centres = list(product(range(height), range(width)))
    weights = Counter(blanked(image.numpy(), *centre, size).tobytes() for centre in centres)
    torch.manual_seed(0)
    draws = image.expand(500 * len(centres), -1, -1, -1)
    assert_as_often(outcomes(cutout(draws, size=size)), weights)


def test_a_square_that_stays_inside_is_torchvisions_erased_rectangle() -> None:
    """RandomErasing never leaves the image; the squares of cutout that do not either are the same ones.

    With a square of 3 of 6×6 pixels its area is a quarter and its ratio 1, which fixes its shape.
    """
    image, size = numbered(2, 6, 6, dtype=torch.float32), 3
    erase = v2.RandomErasing(p=1.0, scale=(0.25, 0.25), ratio=(1.0, 1.0), value=0.0)
    torch.manual_seed(0)
    theirs = outcomes(torch.stack([erase(image) for _ in range(3_000)]))
    ours = outcomes(
        torch.stack(
            [one for one in cutout(image.expand(9_000, -1, -1, -1), size=size) if (one[0] == 0).sum() == 9]
        )
    )
    possible = Counter(ours.keys() | theirs.keys())
    assert len(possible) == 16
    assert_as_often(ours, possible)
    assert_as_often(theirs, possible)


def test_no_square_leaves_the_images_and_a_huge_one_nothing_of_them() -> None:
    images = torch.rand(50, 3, 4, 6) + 1
    assert cutout(images, size=0).equal(images)
    assert not cutout(images, size=13).any()


@pytest.mark.parametrize("name", ["random_crop", "random_vertical_flip", "cutout"])
def test_every_image_of_a_batch_draws_for_itself(name) -> None:
    """Neighbours of one batch agree no more often than independent draws would."""
    image = numbered(1, 4, 4)
    torch.manual_seed(0)
    batches = TRANSFORMS[name](image.expand(20_000, -1, -1, -1)).reshape(10_000, 2, -1)
    pairs = Counter((first.numpy().tobytes(), second.numpy().tobytes()) for first, second in batches)
    firsts, seconds = (Counter(column) for column in zip(*pairs.elements(), strict=True))
    table = [(pairs[a, b], firsts[a] * seconds[b] / 10_000) for a in sorted(firsts) for b in sorted(seconds)]
    found, expected = zip(*table, strict=True)
    degrees = (len(firsts) - 1) * (len(seconds) - 1)
    assert len(firsts) > 1
    assert chisquare(found, expected, ddof=len(table) - 1 - degrees).pvalue > 0.01


@pytest.mark.parametrize("name", TRANSFORMS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_dtypes_are_kept_the_input_is_not_changed_and_a_seed_repeats(name, dtype) -> None:
    images = torch.randint(1, 200, (40, 3, 5, 4), generator=torch.Generator().manual_seed(0)).to(dtype)
    before = images.clone()
    torch.manual_seed(7)
    first = TRANSFORMS[name](images)
    torch.manual_seed(7)
    second = TRANSFORMS[name](images)
    assert first.dtype == dtype
    assert first.equal(second)
    assert images.equal(before)
    if name != "center_crop":
        assert not TRANSFORMS[name](images).equal(first)


@pytest.mark.parametrize("name", TRANSFORMS)
def test_an_empty_batch_stays_one(name) -> None:
    result = TRANSFORMS[name](torch.zeros(0, 3, 5, 5, dtype=torch.uint8))
    assert result.dtype == torch.uint8
    assert result.shape == (0, 3, *((3, 3) if "crop" in name else (5, 5)))


@pytest.mark.parametrize("name", TRANSFORMS)
def test_a_batch_in_any_memory_layout_gives_the_same(name) -> None:
    images = torch.rand(30, 3, 5, 6)
    torch.manual_seed(3)
    plain = TRANSFORMS[name](images)
    torch.manual_seed(3)
    assert TRANSFORMS[name](images.contiguous(memory_format=torch.channels_last)).equal(plain)


@pytest.mark.parametrize("name", TRANSFORMS)
def test_a_single_image_is_refused(name) -> None:
    with pytest.raises(ValueError, match=r"images have shape \(3, 5, 5\); pass a batch .* image\[None\]"):
        TRANSFORMS[name](torch.zeros(3, 5, 5))


@pytest.mark.parametrize("crop", [random_crop, center_crop])
def test_a_window_larger_than_the_images_is_refused(crop) -> None:
    with pytest.raises(
        ValueError, match="size is 5, but the images are 4×9 pixels; take a smaller crop or pad"
    ):
        crop(torch.zeros(2, 1, 4, 9), size=5)
    with pytest.raises(ValueError, match="size is 0; a crop is at least 1 pixel wide"):
        crop(torch.zeros(2, 1, 4, 9), size=0)


def test_a_window_larger_than_the_padded_images_is_refused() -> None:
    assert random_crop(torch.zeros(2, 1, 4, 4), size=6, padding=1).shape == (2, 1, 6, 6)
    with pytest.raises(ValueError, match="size is 7, but the padded images are 6×6 pixels"):
        random_crop(torch.zeros(2, 1, 4, 4), size=7, padding=1)
    with pytest.raises(ValueError, match="padding is -1; it counts pixels"):
        random_crop(torch.zeros(2, 1, 4, 4), size=2, padding=-1)


@pytest.mark.parametrize("probability", [-0.1, 1.5, float("nan")])
def test_a_flip_probability_outside_0_to_1_is_refused(probability) -> None:
    with pytest.raises(ValueError, match="it lies between 0 and 1"):
        random_vertical_flip(torch.zeros(1, 1, 2, 2), probability=probability)


def test_a_negative_square_is_refused() -> None:
    with pytest.raises(ValueError, match="size is -2; the side of a square is at least 0"):
        cutout(torch.zeros(1, 1, 2, 2), size=-2)
