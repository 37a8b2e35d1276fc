"""The checkers of the ablation accept right answers and reject plausible wrong ones."""

from statistics import fmean, stdev

import pytest
from scipy.stats import t

from coursekit.checkers import CheckFailed
from coursekit.checkers.ablation import CONFIGURATIONS, PAIRS, check_latent_features, check_paired_effect
from coursekit.evidence import paired_difference
from coursekit.models import ablation_cnn


def features(size, kernels, pools, padding, channels, *, step=1, upwards=False) -> int:
    for kernel, pool in zip(kernels, pools, strict=True):
        size += 2 * padding - kernel + step
        if pool:
            size = (size + upwards) // 2
    return channels * size**2


def pools_first(size, kernels, pools, padding, channels) -> int:
    for kernel, pool in zip(kernels, pools, strict=True):
        size = (size // 2 if pool else size) + 2 * padding - kernel + 1
    return channels * size**2


def pools_last(size, kernels, pools, padding, channels) -> int:
    for kernel in kernels:
        size += 2 * padding - kernel + 1
    return channels * (size // 2 ** sum(pools)) ** 2


WRONG_FEATURES = {
    "no + 1": lambda *c: features(*c, step=0),
    "rounded up": lambda *c: features(*c, upwards=True),
    "padding forgotten": lambda n, k, p, _, c: features(n, k, p, 0, c),
    "padding on one side": lambda n, k, p, pad, c: features(n - pad * len(k), k, p, pad, c),
    "kernels keep the size": lambda n, k, p, _, c: features(n, (1,) * len(k), p, 0, c),
    "every stage pools": lambda n, k, _, pad, c: features(n, k, (True,) * len(k), pad, c),
    "no stage pools": lambda n, k, _, pad, c: features(n, k, (False,) * len(k), pad, c),
    "kernels backwards": lambda n, k, p, pad, c: features(n, k[::-1], p, pad, c),
    "pools backwards": lambda n, k, p, pad, c: features(n, k, p[::-1], pad, c),
    "pooling before the convolution": pools_first,
    "all pooling at the end": pools_last,
    "one channel": lambda n, k, p, pad, _: features(n, k, p, pad, 1),
    "side for area": lambda n, k, p, pad, c: round((c * features(n, k, p, pad, c)) ** 0.5),
    "always 32 pixels": lambda _, k, p, pad, c: features(32, k, p, pad, c),
    "a fraction": lambda *c: features(*c) / 1,
    "a shape": lambda *c: (c[-1], features(*c)),
}


def test_right_features_pass(capsys) -> None:
    check_latent_features(features)
    assert capsys.readouterr().out == f"features: all {len(CONFIGURATIONS)} cases are right.\n"


@pytest.mark.parametrize("wrong", WRONG_FEATURES.values(), ids=WRONG_FEATURES)
def test_wrong_features_are_rejected(wrong) -> None:
    def mine(*configuration):
        return wrong(*configuration)

    with pytest.raises(CheckFailed, match=r"^mine\(\d+, \(.*\), \(.*\), \d, \d+\): expected .* came$"):
        check_latent_features(mine)


def test_sentence_shows_both_counts() -> None:
    with pytest.raises(CheckFailed) as failure:
        check_latent_features(lambda *_: 4)
    assert str(failure.value) == "<lambda>(5, (3,), (False,), 0, 1): expected 9 features, but 4 came"


@pytest.mark.parametrize("configuration", [c for c in CONFIGURATIONS if len(c[1]) == 3])
def test_courses_configurations_are_those_of_the_library(configuration) -> None:
    size, kernels, pools, padding, channels = configuration
    model = ablation_cnn(
        channels=(16, 32, channels), kernels=kernels, pools=pools, padding=padding, image_size=size
    )
    assert model.hidden1.in_features == features(*configuration)


def effect(base, changed, *, level=0.975, spread=stdev, freedom=1, per_root=True):
    gains = [changed[seed] - base[seed] for seed in base if seed in changed]
    half = t.ppf(level, len(gains) - freedom) * spread(gains) / (len(gains) ** 0.5 if per_root else 1)
    return fmean(gains), fmean(gains) - half, fmean(gains) + half


def by_position(base, changed):
    together = min(len(base), len(changed))
    old, new = list(base.values())[:together], list(changed.values())[:together]
    return effect(dict(enumerate(old)), dict(enumerate(new)))


def unpaired(base, changed):
    both = base.keys() & changed.keys()
    old, new = ([values[seed] for seed in both] for values in (base, changed))
    mean = fmean(new) - fmean(old)
    half = t.ppf(0.975, 2 * len(both) - 2) * ((stdev(old) ** 2 + stdev(new) ** 2) / len(both)) ** 0.5
    return mean, mean - half, mean + half


def normal_quantile(base, changed):
    mean, low, high = effect(base, changed)
    n = len(base.keys() & changed.keys())
    half = (high - low) / 2 * 1.959964 / t.ppf(0.975, n - 1)
    return mean, mean - half, mean + half


WRONG_EFFECTS = {
    "base less changed": lambda a, b: effect(b, a),
    "one-sided quantile": lambda a, b: effect(a, b, level=0.95),
    "normal quantile": normal_quantile,
    "one degree of freedom too many": lambda a, b: effect(a, b, freedom=0),
    "deviation of the population": lambda a, b: effect(
        a, b, spread=lambda gains: stdev(gains) * ((len(gains) - 1) / len(gains)) ** 0.5
    ),
    "interval of a new run": lambda a, b: effect(a, b, per_root=False),
    "paired by position": by_position,
    "unpaired": unpaired,
    "bounds swapped": lambda a, b: (lambda m, low, high: (m, high, low))(*effect(a, b)),
    "in percent": lambda a, b: tuple(100 * x for x in effect(a, b)),
    "the mean alone": lambda a, b: effect(a, b)[0],
    "size of the effect": lambda a, b: tuple(map(abs, effect(a, b))),
    "a text": lambda a, b: str(effect(a, b)),
    "nothing": lambda a, b: None,
}


def test_right_effects_pass(capsys) -> None:
    check_paired_effect(effect)
    assert capsys.readouterr().out == f"effect: all {len(PAIRS)} cases are right.\n"


def test_the_books_own_difference_passes() -> None:
    def of_the_book(base, changed):
        found = paired_difference(changed, base)
        return found.mean, found.low, found.high

    check_paired_effect(of_the_book)


@pytest.mark.parametrize("wrong", WRONG_EFFECTS.values(), ids=WRONG_EFFECTS)
def test_wrong_effects_are_rejected(wrong) -> None:
    def mine(base, changed):
        return wrong(base, changed)

    with pytest.raises(CheckFailed, match=r"^mine\(\{0: .*\}\): expected .* came$"):
        check_paired_effect(mine)


def test_an_exception_in_the_function_is_told() -> None:
    with pytest.raises(CheckFailed, match=r"^<lambda>\(.*\) raised KeyError: 7"):
        check_paired_effect(lambda base, changed: (base[7], 0, 0))


def test_the_function_cannot_spoil_the_cases() -> None:
    def mine(base, changed):
        answer = effect(base, changed)
        base.clear()
        return answer

    check_paired_effect(mine)
    assert all(base for base, _ in PAIRS)
