"""Rules on the claims of mannheim 1: counted on the course's network, or read from the card mannheim.1e."""

from collections import Counter
from collections.abc import Iterable, Sequence

import torch

from coursekit.counting import Layer, layer_table
from coursekit.data.synthetic.garments import CLASSES
from coursekit.evidence.cards import Card
from coursekit.evidence.claims import Claim
from coursekit.evidence.formatting import number, percent, shape
from coursekit.evidence.verdicts import (
    Ruling,
    card_rule,
    judge_accuracy,
    judge_count,
    judge_statement,
    rule,
)
from coursekit.models import course_cnn

FOOTWEAR = ("Sandal", "Sneaker", "Ankle boot")

#: The product as the report prints it is 10 × 6270 = 62720.
PRINTED_FACTOR = 6270

#: What we take "quite well" to mean: this share of the images on the right side in every run.
QUITE_WELL = 0.99

#: Rounding of ten 32-bit probabilities stays far below it.
SUM_TOLERANCE = 0.00001

CLASS_OF = {
    "mannheim.1e.accuracy-t-shirt": "T-shirt/top",
    "mannheim.1e.accuracy-pullover": "Pullover",
    "mannheim.1e.accuracy-sneaker": "Sneaker",
    "mannheim.1e.accuracy-bag": "Bag",
    "mannheim.1e.accuracy-ankle-boot": "Ankle boot",
}


@rule("mannheim.1a.conv-shape", "mannheim.1a.pool-shape")
def output_shape(claim: Claim) -> Ruling:
    """Height, width and channels behind the convolution and behind the pooling."""
    layer = _layer("conv" if claim.name == "conv-shape" else "pool")
    channels, height, width = layer.output_shape
    actual = (height, width, channels)
    return Ruling(
        verdict="holds" if claim.claimed == actual else "wrong",
        actual=shape(actual),
        evidence=f"layer_table(course_cnn()): {layer.name} maps {shape(layer.input_shape)} "
        f"to {shape(layer.output_shape)}, channels first",
    )


@rule("mannheim.1a.conv-params", "mannheim.1a.logistic-params")
def parameters(claim: Claim) -> Ruling:
    """Parameters of the convolution and of the logistic activation."""
    layer = _layer("conv" if claim.name == "conv-params" else "activation")
    return Ruling(
        verdict=judge_count(_figure(claim), layer.parameters),
        actual=number(layer.parameters),
        evidence=f"layer_table(course_cnn()): {layer.name} has {number(layer.parameters)} parameters",
    )


@rule("mannheim.1a.linear-inputs", "mannheim.1a.linear-params")
def linear(claim: Claim) -> Ruling:
    """Inputs and parameters of the linear layer."""
    layer = _layer("linear")
    (inputs,), (outputs,) = layer.input_shape, layer.output_shape
    actual = inputs if claim.name == "linear-inputs" else layer.parameters
    channels, height, width = _layer("pool").output_shape
    return Ruling(
        verdict=judge_count(_figure(claim), actual),
        actual=number(actual),
        values={
            "pooled": shape((height, width, channels)),
            "inputs": number(inputs),
            "outputs": number(outputs),
            "weights": number(inputs * outputs),
            "factor": number(PRINTED_FACTOR),
            "product": number(outputs * PRINTED_FACTOR),
        },
        evidence=f"layer_table(course_cnn()): linear takes {number(inputs)} values and has "
        f"{number(layer.parameters)} parameters",
    )


@rule("mannheim.1a.output-reading")
def output_reading(claim: Claim) -> Ruling:
    """Whether the outputs are log-probabilities whose largest is the prediction."""
    images = torch.rand(64, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = course_cnn().eval()
    with torch.inference_mode():
        scores = model[:-1](images)
        output = model[-1](scores)
    sums = output.double().exp().sum(dim=1)
    is_distribution = bool((output <= 0).all() and ((sums - 1).abs() < SUM_TOLERANCE).all())
    same_class = bool((output.argmax(dim=1) == scores.argmax(dim=1)).all())
    return Ruling(
        verdict="holds" if is_distribution and same_class else "wrong",
        actual="log-probabilities" if is_distribution else "no log-probabilities",
        values={"classes": str(output.shape[1])},
        evidence=f"exponentials of the outputs for {len(images)} random images sum to 1 within "
        f"{SUM_TOLERANCE:.5f}; the largest output is the largest score",
    )


@card_rule("mannheim.1e.accuracy")
def accuracy(claim: Claim, card: Card) -> Ruling:
    """Accuracy on the whole test set."""
    images = sum(map(sum, next(iter(_confusions(card).values()))))
    return judge_accuracy(claim, card.values("course", "test_accuracy"), images=images)


@card_rule(*CLASS_OF)
def accuracy_of_class(claim: Claim, card: Card) -> Ruling:
    """Share of the images of one class that are recognised."""
    index = CLASSES.index(CLASS_OF[claim.id])
    shares = {seed: accuracies[index] for seed, accuracies in _accuracies(card).items()}
    images = sum(next(iter(_confusions(card).values()))[index])
    return judge_accuracy(claim, shares, images=images)


@card_rule("mannheim.1e.worst-two")
def worst_two(claim: Claim, card: Card) -> Ruling:
    """The two least accurate classes, in either order."""
    found = {seed: _ranked(accuracies)[:-3:-1] for seed, accuracies in _accuracies(card).items()}
    truths = {seed: set(pair) == set(_items(claim)) for seed, pair in found.items()}
    return judge_statement(truths, actual=_seen(found.values()), evidence="the two least accurate classes")


@card_rule("mannheim.1e.best", "mannheim.1e.best-three")
def best(claim: Claim, card: Card) -> Ruling:
    """The most accurate classes, in order, as many as were claimed."""
    names = _items(claim)
    found = {seed: _ranked(accuracies)[: len(names)] for seed, accuracies in _accuracies(card).items()}
    truths = {seed: tuple(order) == names for seed, order in found.items()}
    evidence = f"the {len(names)} most accurate classes in order" if names[1:] else "the most accurate class"
    return judge_statement(truths, actual=_seen(found.values(), ordered=True), evidence=evidence)


@card_rule("mannheim.1e.rest")
def rest(claim: Claim, card: Card) -> Ruling:
    """Whether every class without a figure of its own lies between the bounds."""
    low, high = (float(bound or 0) / 100 for bound in _items(claim))
    others = [i for i, name in enumerate(CLASSES) if name not in CLASS_OF.values()]
    by_seed = {seed: [row[i] for i in others] for seed, row in _accuracies(card).items()}
    truths = {seed: all(low <= share <= high for share in shares) for seed, shares in by_seed.items()}
    outside = Counter(
        CLASSES[i]
        for shares in by_seed.values()
        for i, share in zip(others, shares, strict=True)
        if not low <= share <= high
    )
    everything = [share for shares in by_seed.values() for share in shares]
    return judge_statement(
        truths,
        actual=f"{percent(min(everything))} to {percent(max(everything))}",
        evidence=f"accuracy of {', '.join(CLASSES[i] for i in others)} between {low:.0%} and {high:.0%}",
        outside=", ".join(f"{name} in {n} of {len(truths)}" for name, n in outside.most_common()) or "none",
    )


@card_rule("mannheim.1e.pullover-confusions", "mannheim.1e.sandal-confusion")
def confusions(claim: Claim, card: Card) -> Ruling:
    """The most frequent wrong labels of a class, as many as were claimed, in any order."""
    name = "Pullover" if claim.name == "pullover-confusions" else "Sandal"
    index, names = CLASSES.index(name), _items(claim)
    found = {}
    for seed, confusion in _confusions(card).items():
        wrong = [0 if i == index else count for i, count in enumerate(confusion[index])]
        found[seed] = _ranked(wrong)[: len(names)]
    truths = {seed: set(labels) == set(names) for seed, labels in found.items()}
    label = "label" if len(names) == 1 else f"{len(names)} labels"
    return judge_statement(
        truths, actual=_seen(found.values()), evidence=f"the most frequent wrong {label} of {name}"
    )


@card_rule("mannheim.1e.footwear")
def footwear(claim: Claim, card: Card) -> Ruling:
    """Share of images whose label is on the right side of footwear and everything else."""
    worn = [name in FOOTWEAR for name in CLASSES]
    shares = {}
    for seed, confusion in _confusions(card).items():
        counts = [
            (n, a == b)
            for a, row in zip(worn, confusion, strict=True)
            for b, n in zip(worn, row, strict=True)
        ]
        shares[seed] = sum(n for n, right in counts if right) / sum(n for n, _ in counts)
    return judge_statement(
        {seed: share >= QUITE_WELL for seed, share in shares.items()},
        actual=f"{percent(min(shares.values()), decimals=2)} to {percent(max(shares.values()), decimals=2)}",
        evidence=f"at least {QUITE_WELL:.0%} of the images on the right side of footwear and the rest",
    )


def _layer(name: str) -> Layer:
    return layer_table(course_cnn(), (1, 28, 28))[name]


def _figure(claim: Claim) -> float:
    assert isinstance(claim.claimed, int | float)
    return claim.claimed


def _items(claim: Claim) -> tuple[int | float | str | None, ...]:
    return claim.claimed if isinstance(claim.claimed, tuple) else (claim.claimed,)


def _confusions(card: Card) -> dict[int, list[list[int]]]:
    found = {run.seed: run.confusion for run in card.runs_of("course") if run.confusion is not None}
    if not found:
        raise ValueError(f"the runs of 'course' in the card {card.question} have no confusion matrix")
    return found


def _accuracies(card: Card) -> dict[int, list[float]]:
    return {
        seed: [row[i] / sum(row) for i, row in enumerate(confusion)]
        for seed, confusion in _confusions(card).items()
    }


def _ranked(figures: Sequence[float]) -> list[str]:
    """Class names by falling figure; equal ones in the order of the labels."""
    return [CLASSES[i] for i in sorted(range(len(figures)), key=lambda i: -figures[i])]


def _seen(found: Iterable[list[str]], *, ordered: bool = False) -> str:
    """What was found in how many seeds, the most frequent first."""
    names = [row if ordered else sorted(row, key=CLASSES.index) for row in found]
    counts = Counter((", " if ordered else " and ").join(row) for row in names).most_common()
    if len(counts) == 1:
        return counts[0][0]
    return "; ".join(f"{text} in {n} of {len(names)} seeds" for text, n in counts)
