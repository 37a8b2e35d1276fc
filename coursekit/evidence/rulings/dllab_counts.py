"""Rules on the claims of dllab that are counted: features, multiply-adds, percentages, dropped units."""

from functools import cache

import torch
from torch import nn
from torch.nn import functional as F

from coursekit.counting import LayerTable, layer_table
from coursekit.evidence.claims import Claim
from coursekit.evidence.formatting import decimals, number, percent
from coursekit.evidence.verdicts import Ruling, judge_count, rule
from coursekit.models import cifar_cnn
from coursekit.training import seeded

#: The report's own figures, in percent.
WITHOUT_DROPOUT, WITH_DROPOUT = 74.6, 82.2
VALIDATED, TESTED = 85.9, 83.01

#: Learning rate, momentum and batch size of two models of the report.
FOUR, SEVEN_B = (1e-3, 0.9, 64), (1e-2, 0.5, 128)

#: Draws of a mask, and its probabilities.
DRAWS, PROBABILITIES = 200_000, (0.2, 0.5, 0.8)


@rule("dllab.1.2.features")
def features(claim: Claim) -> Ruling:
    """Features that go into the first linear layer."""
    first = next(row for row in _table().rows if row.kind == "Linear")
    (found,) = first.input_shape
    return Ruling(
        judge_count(_figure(claim), found),
        number(found),
        evidence=f"layer_table(cifar_cnn(), (3, 32, 32)): {first.name} has {number(found)} inputs",
    )


@rule("dllab.1.3b.dropout-gain")
def dropout_gain(claim: Claim) -> Ruling:
    """The report's gain by dropout, from its own two figures."""
    return _judge_change(claim, WITHOUT_DROPOUT, WITH_DROPOUT)


@rule("dllab.1.3e.drop")
def drop(claim: Claim) -> Ruling:
    """The report's fall from validation to test images, from its own two figures."""
    return _judge_change(claim, VALIDATED, TESTED)


@rule("dllab.1.3d.twins-reason")
def twins_reason(claim: Claim) -> Ruling:
    """Steps of models 4 and 7b by rate and momentum alone, and with the batch size."""
    (lr4, m4, b4), (lr7, m7, b7) = FOUR, SEVEN_B
    two = (lr7 / (1 - m7)) / (lr4 / (1 - m4))
    three = two * b4 / b7
    return Ruling(
        "holds" if _near(two, 1) else "imprecise" if _near(three, 1) else "wrong",
        f"{three:.3g}",
        {"two": f"{two:.3g}", "batches": f"{b4} and {b7}"},
        f"η/(1 − α) of 7b is {two:.3g} times that of model 4, η/((1 − α)B) {three:.3g} times",
    )


@rule("dllab.1.4.2.linear-cost")
def linear_cost(claim: Claim) -> Ruling:
    """Multiply-adds of the network's fully connected layers against those of its convolutions."""
    table = _table()
    work, held = (dict.fromkeys(("Linear", "Conv2d"), 0) for _ in range(2))
    for row in table.rows:
        if row.kind in work:
            work[row.kind] += row.multiply_adds
            held[row.kind] += row.parameters
    most = {
        row.kind: row for row in sorted(table.rows, key=lambda row: row.multiply_adds) if row.kind in work
    }
    dearer = most["Linear"].multiply_adds > most["Conv2d"].multiply_adds
    in_all = work["Linear"] > work["Conv2d"]
    return Ruling(
        "holds" if dearer and in_all else "imprecise" if dearer or in_all else "wrong",
        percent(work["Linear"] / table.multiply_adds),
        {
            "parameters": percent(held["Linear"] / table.parameters),
            "linear": f"{most['Linear'].name} {number(most['Linear'].multiply_adds)}",
            "convolution": f"{most['Conv2d'].name} {number(most['Conv2d'].multiply_adds)}",
        },
        f"multiply-adds of one image: fully connected {number(work['Linear'])}, "
        f"convolutions {number(work['Conv2d'])}",
    )


@rule("dllab.1.4.5.hyper-parameter")
def hyper_parameter(claim: Claim) -> Ruling:
    """What a dropout layer has to be given: its probability, as a number fixed before training."""
    layer = nn.Dropout(0.5)
    chosen = [name for name, value in vars(layer).items() if type(value) is float]
    learned = sum(parameter.numel() for parameter in layer.parameters())
    return Ruling(
        "imprecise" if chosen and not learned else "wrong",
        ", ".join(chosen),
        {"learned": number(learned)},
        f"nn.Dropout has the numbers {chosen} to choose and {learned} parameters to learn",
    )


@rule("dllab.1.4.5.removes")
def removes(claim: Claim) -> Ruling:
    """Shares of units that dropout zeroes, in training and in evaluation, and what it makes of the others."""
    shares, kept, at_rest = {}, {}, 0.0
    ones = torch.ones(DRAWS)
    for p in PROBABILITIES:
        with seeded(0):
            dropped = F.dropout(ones, p, training=True)
        shares[p] = float((dropped == 0).float().mean())
        kept[p] = float(dropped.max())
        at_rest = max(at_rest, float((F.dropout(ones, p, training=False) == 0).float().mean()))
    fits = all(abs(share - p) < 5 * (p * (1 - p) / DRAWS) ** 0.5 for p, share in shares.items())
    scaled = all(_near(kept[p] * (1 - p), 1, 1e-6) for p in PROBABILITIES)
    return Ruling(
        "holds" if fits else "wrong",
        ", ".join(f"p = {p}: {share:.2f}" for p, share in shares.items()),
        {
            "rest": percent(at_rest, decimals=0),
            "scaled": "divided by 1 − p" if scaled else "not divided by 1 − p",
        },
        f"{number(DRAWS)} units through F.dropout: shares that are zero in training",
    )


@cache
def _table() -> LayerTable:
    return layer_table(cifar_cnn(), (3, 32, 32))


def _judge_change(claim: Claim, before: float, after: float) -> Ruling:
    """A change between two percentages that is claimed in percent: of what, or in points."""
    in_points, relative = abs(after - before), 100 * abs(after / before - 1)
    digits = decimals(_figure(claim))
    is_relative = judge_count(_figure(claim), round(relative, digits)) == "holds"
    is_points = judge_count(_figure(claim), round(in_points, digits)) == "holds"
    return Ruling(
        "holds" if is_relative else "imprecise" if is_points else "wrong",
        f"{in_points:.{digits}f} percentage points",
        {"relative": f"{relative:.1f} %", "before": f"{before} %", "after": f"{after} %"},
        f"from {before} % to {after} %: {in_points:.{digits}f} points, {relative:.1f} % of {before} %",
    )


def _near(value: float, wanted: float, tolerance: float = 1e-9) -> bool:
    return abs(value - wanted) <= tolerance


def _figure(claim: Claim) -> float:
    assert isinstance(claim.claimed, int | float)
    return claim.claimed
