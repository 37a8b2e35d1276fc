"""Checkers of the ablation: what a configuration leaves of an image, and a change's effect paired by seed."""

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import nn

from coursekit.checkers.reports import Trial

# Side of the image, kernels, pools, padding, channels of the last stage: kernels and pools in every place,
# odd and even sides in front of a pooling, one stage and several, so that no order or rounding goes unseen.
CONFIGURATIONS: tuple[tuple[int, tuple[int, ...], tuple[bool, ...], int, int], ...] = (
    (5, (3,), (False,), 0, 1),
    (5, (3,), (True,), 0, 2),
    (6, (2,), (True,), 0, 3),
    (9, (3, 2), (True, False), 0, 2),
    (9, (2, 3), (False, True), 0, 2),
    (9, (4, 1), (True, False), 1, 5),
    (32, (3, 3, 3), (True, True, True), 0, 16),
    (32, (3, 3, 3), (True, True, True), 1, 16),
    (28, (3, 3, 3), (True, True, True), 0, 16),
    (32, (5, 3, 3), (False, True, True), 0, 16),
    (32, (3, 5, 3), (True, False, True), 0, 16),
    (32, (5, 5, 3), (False, False, True), 0, 16),
    (33, (3, 3, 3, 2), (False, True, False, True), 2, 7),
)

# Accuracy by seed of the base and of the change: effects that stand out only when paired, seeds in another
# order, seeds that one alone has, an effect below zero, the fewest seeds, none at all.
Seeds = Mapping[int, float]
PAIRS: tuple[tuple[Seeds, Seeds], ...] = (
    ({0: 0.5, 1: 0.5}, {0: 0.5, 1: 0.75}),
    ({0: 0.60, 1: 0.70, 2: 0.80}, {0: 0.61, 1: 0.72, 2: 0.81}),
    ({0: 0.60, 1: 0.70, 2: 0.80}, {2: 0.81, 0: 0.61, 1: 0.72}),
    ({0: 0.63, 1: 0.62, 2: 0.64}, {0: 0.60, 1: 0.58, 2: 0.63}),
    ({0: 0.1, 1: 0.63, 2: 0.62, 5: 0.64}, {5: 0.70, 1: 0.66, 2: 0.68, 7: 0.9}),
    ({0: 0.5, 1: 0.25, 2: 0.75}, {0: 0.5, 1: 0.25, 2: 0.75}),
    ({k: 0.6 + 0.01 * (k * 7 % 5) for k in range(10)}, {k: 0.61 + 0.01 * (k * 3 % 5) for k in range(10)}),
)


def check_latent_features(f: Callable[[int, Sequence[int], Sequence[bool], int, int], int]) -> None:
    """Check ``f(image_size, kernels, pools, padding, channels)`` by building the network in torch.

    A stage is a convolution with stride 1 → ReLU → 2×2 max-pooling with stride 2 where `pools` says so; the
    maps of the last stage are flattened.

    Parameters
    ----------
    f
        Takes the side of the image, the side of each stage's kernel, whether each stage pools, the padding of
        all convolutions and the channels of the last one, and returns a whole number.

    Raises
    ------
    CheckFailed
        At the first wrong answer; the message shows the call, what was expected and what came.

    Examples
    --------
    >>> def features(image_size, kernels, pools, padding, channels):
    ...     for kernel, pool in zip(kernels, pools):
    ...         image_size += 2 * padding - kernel + 1
    ...         image_size //= 2 if pool else 1
    ...     return channels * image_size**2
    >>> check_latent_features(features)
    features: all 13 cases are right.
    """
    trial = Trial(f)
    for size, kernels, pools, padding, channels in CONFIGURATIONS:
        shown = f"{size}, {kernels}, {pools}, {padding}, {channels}"
        answer = trial.call(size, kernels, pools, padding, channels, shown=shown)
        # On "meta" shapes are computed without values, so that no random number is drawn.
        with torch.device("meta"), torch.inference_mode():
            maps = torch.zeros(1, channels, size, size)
            for kernel, pool in zip(kernels, pools, strict=True):
                maps = nn.Conv2d(channels, channels, kernel, padding=padding)(maps)
                maps = nn.MaxPool2d(2)(maps) if pool else maps
        trial.integer(answer, maps.numel(), what=" features")
    trial.passed()


def check_paired_effect(f: Callable[[Seeds, Seeds], tuple[float, float, float]]) -> None:
    """Check ``f(base, changed)``, a change's mean effect with Student's 95 % interval, paired by seed.

    Parameters
    ----------
    f
        Takes two mappings from seed to accuracy, leaves out seeds that only one of them has, and returns
        ``(mean, low, high)`` of changed less base.

    Raises
    ------
    CheckFailed
        At the first wrong answer; the message shows the call, what was expected and what came.

    Examples
    --------
    >>> from statistics import mean, stdev
    >>> def effect(base, changed):
    ...     from scipy.stats import t
    ...     gains = [changed[seed] - base[seed] for seed in base if seed in changed]
    ...     half = t.ppf(0.975, len(gains) - 1) * stdev(gains) / len(gains) ** 0.5
    ...     return mean(gains), mean(gains) - half, mean(gains) + half
    >>> check_paired_effect(effect)
    effect: all 7 cases are right.
    """
    trial = Trial(f)
    for base, changed in PAIRS:
        answer = trial.call(dict(base), dict(changed), shown=f"{dict(base)}, {dict(changed)}")
        expected = torch.tensor(_paired(base, changed), dtype=torch.float64)
        trial.tensor(answer, expected, what="(mean, low, high)", tolerance=1e-6)
    trial.passed()


def _paired(base: Seeds, changed: Seeds) -> tuple[float, float, float]:
    from scipy.stats import ttest_rel

    both = sorted(base.keys() & changed.keys())
    new, old = [changed[seed] for seed in both], [base[seed] for seed in both]
    mean = sum(b - a for a, b in zip(old, new, strict=True)) / len(both)
    if new == old:
        return mean, mean, mean
    interval = ttest_rel(new, old).confidence_interval(0.95)
    return mean, float(interval.low), float(interval.high)
