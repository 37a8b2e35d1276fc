"""The checker of channel statistics accepts safe one-pass functions and rejects plausible wrong ones."""

import pytest
import torch

from coursekit.checkers.channel_statistics import check_channel_statistics
from coursekit.checkers.reports import CheckFailed


def channels(batch):
    return batch.transpose(0, 1).flatten(1).double()


def merged(batches, *, divisor=lambda n: n, between=lambda n, m: n * m / (n + m)):
    """Chan, Golub and LeVeque: the moments of a batch merged into those before it."""
    n, mean, squares = 0, 0.0, 0.0
    for batch in batches:
        pixels = channels(batch)
        m = pixels.shape[1]
        away = pixels.mean(dim=1) - mean
        squares = squares + pixels.var(dim=1, correction=0) * m + away**2 * between(n, m)
        n, mean = n + m, mean + away * m / (n + m)
    return mean, (squares / divisor(n)).sqrt()


def shifted(batches):
    """Sums of the distances to the first pixel."""
    n, shift = 0, None
    for batch in batches:
        pixels = channels(batch)
        if shift is None:
            shift, total, squares = pixels[:, :1].clone(), 0.0, 0.0
        away = pixels - shift
        n, total, squares = n + away.shape[1], total + away.sum(dim=1), squares + (away**2).sum(dim=1)
    mean = total / n
    return shift[:, 0] + mean, (squares / n - mean**2).sqrt()


def two_sums(batches, *, dtype=torch.float64):
    n, total, squares = 0, 0.0, 0.0
    for batch in batches:
        pixels = channels(batch).to(dtype)
        n, total, squares = n + pixels.shape[1], total + pixels.sum(dim=1), squares + (pixels**2).sum(dim=1)
    mean = total / n
    return mean, (squares / n - mean**2).clamp(min=0).sqrt()


def overflowing(batches):
    n, total, squares = 0, 0, 0
    for batch in batches:
        pixels = batch.transpose(0, 1).flatten(1)
        n, total = n + pixels.shape[1], total + pixels.sum(dim=1)
        squares = squares + (pixels * pixels).sum(dim=1)
    mean = total / n
    return mean, (squares / n - mean**2).clamp(min=0).sqrt()


def mean_of_means(batches):
    found = [(p.mean(dim=1), p.std(dim=1, correction=0)) for p in map(channels, batches)]
    return tuple(torch.stack(values).mean(dim=0) for values in zip(*found, strict=True))


def weighted_deviations(batches):
    n, mean, std = 0, 0.0, 0.0
    for pixels in map(channels, batches):
        m = pixels.shape[1]
        mean = (n * mean + m * pixels.mean(dim=1)) / (n + m)
        std = (n * std + m * pixels.std(dim=1, correction=0)) / (n + m)
        n += m
    return mean, std


def collected(batches):
    pixels = torch.cat([channels(batch).clone() for batch in batches], dim=1)
    return pixels.mean(dim=1), pixels.std(dim=1, correction=0)


def kept_for_later(batches):
    return collected(list(batches))


def asked_twice(batches):
    n = sum(batch.numel() // batch.shape[1] for batch in batches)
    return sum(channels(batch).sum(dim=1) for batch in batches) / n, 0.0


def over_images(batches):
    pixels = torch.cat([batch.double() for batch in batches])
    return pixels.mean(dim=0), pixels.std(dim=0, correction=0)


def all_channels(batches):
    pixels = torch.cat([channels(batch) for batch in batches], dim=1)
    ones = torch.ones(len(pixels), dtype=torch.float64)
    return pixels.mean() * ones, pixels.std(correction=0) * ones


WRONG = {
    "two sums in double precision": two_sums,
    "two sums in single precision": lambda batches: two_sums(batches, dtype=torch.float32),
    "squares of bytes": overflowing,
    "mean of the batches' statistics": mean_of_means,
    "weighted mean of deviations": weighted_deviations,
    "divided by n − 1": lambda batches: merged(batches, divisor=lambda n: n - 1),
    "nothing between the batches": lambda batches: merged(batches, between=lambda n, m: 0),
    "between the batches, unweighted": lambda batches: merged(batches, between=lambda n, m: min(n, 1)),
    "the variance": lambda batches: (lambda mean, std: (mean, std**2))(*merged(batches)),
    "scaled by 255": lambda batches: tuple(value / 255 for value in merged(batches)),
    "batches kept": kept_for_later,
    "batches asked for twice": asked_twice,
    "first batch only": lambda batches: collected([next(batches)]),
    "per pixel": over_images,
    "one mean for all channels": all_channels,
    "rounded": lambda batches: tuple(value.round(decimals=3) for value in merged(batches)),
    "mean only": lambda batches: merged(batches)[0],
    "nothing": lambda batches: None,
    "an error": lambda batches: batches.mean(),
}


@pytest.mark.parametrize("right", [merged, shifted, collected], ids=lambda f: f.__name__)
def test_right_functions_pass(right, capsys) -> None:
    check_channel_statistics(right)
    assert capsys.readouterr().out == f"{right.__name__}: all 8 cases are right.\n"


def test_lists_of_numbers_pass() -> None:
    check_channel_statistics(lambda batches: [value.tolist() for value in merged(batches)])


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_wrong_functions_are_rejected(wrong) -> None:
    def mine(batches):
        return wrong(batches)

    with pytest.raises(
        CheckFailed,
        match=r"^mine\(batches of [\d, ]+ images, \d+×\d+×\d+, (uint8|float32|float64)\)"
        r"(: expected .* came| raised )",
    ):
        check_channel_statistics(mine)


def test_two_sums_fail_where_the_mean_is_large() -> None:
    with pytest.raises(CheckFailed, match=r"4, 4, 1 images, 2×3×2, float64\): expected the deviations"):
        check_channel_statistics(two_sums)
