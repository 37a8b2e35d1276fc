"""Rules on the measured claims of ist 2, by the cards ist.2.2, ist.2.3, ist.2.4 and ist.2.5."""

from collections import Counter
from dataclasses import replace
from statistics import fmean

from coursekit.evidence.cards import Card
from coursekit.evidence.claims import Claim
from coursekit.evidence.formatting import number, percent
from coursekit.evidence.judging import at_chance, difference, judge_better, points
from coursekit.evidence.statistics import Difference
from coursekit.evidence.verdicts import (
    ONE_SEED,
    Ruling,
    Verdict,
    card_rule,
    judge_accuracy,
    judge_statement,
)

#: What we take "fires on" to mean: at least this correlation with the edges of one kind, in every run.
FIRES = 0.5

#: One in so many training images is held out for validation.
HELD_OUT = 6

RATES = ("1e-05", "0.0005", "0.01")


@card_rule("ist.2.2.generalisation")
def generalisation(claim: Claim, card: Card) -> Ruling:
    """Whether the CNN recognises more test images than the MLP, at every number of training images."""
    sizes = [name.removeprefix("CNN, ") for name in card.configurations if name.startswith("CNN, ")]
    cases = {
        f"with {size}": difference(
            card.values(f"CNN, {size}", "test_accuracy"), card.values(f"MLP, {size}", "test_accuracy")
        )
        for size in sizes
    }
    return judge_better(cases, evidence="test accuracy of the CNN less that of the MLP")


@card_rule("ist.2.2.local-patterns")
def local_patterns(claim: Claim, card: Card) -> Ruling:
    """Whether most of the CNN's lead is gone where a permutation has destroyed every local pattern."""
    plain, permuted = _lead(card, "{}"), _lead(card, "{}, permuted")
    truths = {seed: plain[seed] > 0 and permuted[seed] < plain[seed] / 2 for seed in plain}
    before, after = (f"{100 * fmean(lead.values()):+.1f}" for lead in (plain, permuted))
    return judge_statement(
        truths,
        actual=f"{before} points on the images and {after} on the same images with their pixels permuted",
        evidence="the CNN leads on images, and by less than half as much once the pixels are permuted",
    )


@card_rule("ist.2.3.sensors")
def sensors(claim: Claim, card: Card) -> Ruling:
    """Whether the CNN has no distinguishable lead on independent sensors."""
    lead = _difference(card, "sensors")
    if lead is None:
        return Ruling(None, evidence=ONE_SEED)
    ahead = lead.distinguishable and lead.mean > 0
    return Ruling(
        verdict="wrong" if ahead else "holds",
        actual=points(lead),
        values={"seeds": str(lead.n)},
        evidence=f"test accuracy of the CNN less that of the MLP on independent sensors: {lead}",
    )


@card_rule("ist.2.3.audio")
def audio(claim: Claim, card: Card) -> Ruling:
    """Whether the CNN leads on signals, as claimed, and also where there is no structure at all."""
    signals, nothing = _difference(card, "signals"), _difference(card, "sensors")
    if signals is None or nothing is None:
        return Ruling(None, evidence=ONE_SEED)
    useful, everywhere = (found.distinguishable and found.mean > 0 for found in (signals, nothing))
    verdict: Verdict = "unsupported"
    if useful:
        verdict = "holds" if everywhere else "imprecise"
    return Ruling(
        verdict=verdict,
        actual=f"{points(signals)} on signals and {points(nothing)} on independent sensors",
        values={"seeds": str(signals.n)},
        evidence=f"the CNN {'leads' if useful else 'has no lead'} on one-dimensional signals, whose "
        f"neighbours in time belong together, and {'also' if everywhere else 'none'} on sensors without "
        "any structure",
    )


@card_rule(
    "ist.2.4.accuracy-1e-5-validation",
    "ist.2.4.accuracy-1e-5-test",
    "ist.2.4.accuracy-5e-4-validation",
    "ist.2.4.accuracy-5e-4-test",
)
def accuracy(claim: Claim, card: Card) -> Ruling:
    """A final accuracy, on the standard task alone."""
    assert card.data is not None
    configuration = RATES["5e-4" in claim.name]
    part = claim.name.rpartition("-")[2]
    shares = card.values(configuration, f"{part}_accuracy")
    ruling = judge_accuracy(claim, shares, images=_images(card, part))
    ruling = replace(
        ruling,
        values={**ruling.values, "task": card.data.title},
        evidence=ruling.evidence.replace("test images", f"{part} images"),
    )
    if card.data.name == "kmnist" or ruling.verdict is None:
        return ruling
    return replace(
        ruling,
        verdict="unsupported",
        evidence=f"the card is of a reduced task with {number(card.data.train)} training images, which "
        "neither confirms nor refutes a figure on the standard one",
    )


@card_rule("ist.2.4.collapse-validation", "ist.2.4.collapse-test")
def collapse(claim: Claim, card: Card) -> Ruling:
    """Whether the largest rate ends at chance, where the report's figure is."""
    assert card.data is not None and isinstance(claim.claimed, int | float)
    part = claim.name.rpartition("-")[2]
    standard = card.data.name == "kmnist"
    longer = f"{RATES[2]}, longer"
    # On fewer images an epoch has fewer steps, so that the run with the standard number of them counts.
    configuration = longer if not standard and longer in card.configurations else RATES[2]
    shares = card.values(configuration, f"{part}_accuracy")
    images = _images(card, part)
    claimed = at_chance(claim.claimed / 100, images=images)
    ruling = judge_statement(
        {seed: claimed and at_chance(share, images=images) for seed, share in shares.items()},
        actual=f"{percent(min(shares.values()))} to {percent(max(shares.values()))}",
        evidence=f"{configuration}: {part} accuracy at chance on {number(images)} images",
        task=card.data.title,
    )
    return ruling if standard or ruling.verdict != "wrong" else replace(ruling, verdict="unsupported")


@card_rule("ist.2.4.rate")
def chosen_rate(claim: Claim, card: Card) -> Ruling:
    """The rate with the highest final validation accuracy."""
    assert card.data is not None
    shares = {rate: card.values(rate, "validation_accuracy") for rate in RATES}
    seeds = set.intersection(*(set(found) for found in shares.values()))
    best = {seed: max(RATES, key=lambda rate: shares[rate][seed]) for seed in sorted(seeds)}
    counts = Counter(best.values()).most_common()
    return judge_statement(
        {seed: rate == f"{claim.claimed}" for seed, rate in best.items()},
        actual=", ".join(f"{rate} in {n} of {len(best)} seeds" for rate, n in counts),
        evidence="the rate with the highest validation accuracy at the end",
        task=card.data.title,
    )


@card_rule("ist.2.5.edges")
def edges(claim: Claim, card: Card) -> Ruling:
    """Whether the maps follow edges more closely than brightness."""
    names = "edge_correlation", "brightness_correlation"
    edge, brightness = (card.values("trained", name) for name in names)
    return judge_statement(
        {seed: edge[seed] > brightness[seed] for seed in edge},
        actual="{:.2f} with the nearest edge filter and {:.2f} with brightness".format(
            *_means(card, "trained", *names)
        ),
        evidence="mean |correlation| of the maps with an edge filter above that with brightness",
        random="{:.2f} and {:.2f}".format(*_means(card, "random", *names)),
    )


@card_rule("ist.2.5.ends")
def ends(claim: Claim, card: Card) -> Ruling:
    """Whether a map follows upper edges and another one lower edges, each more than the opposite ones."""
    names, more = ("upper_correlation", "lower_correlation"), ("upper_preference", "lower_preference")
    upper, lower, more_upper, more_lower = (card.values("trained", name) for name in (*names, *more))
    truths = {
        seed: min(upper[seed], lower[seed]) >= FIRES and min(more_upper[seed], more_lower[seed]) > 0
        for seed in upper
    }
    return judge_statement(
        truths,
        actual="{:.2f} with upper and {:.2f} with lower edges".format(*_means(card, "trained", *names)),
        evidence=f"one map correlates with upper edges, one with lower ones, by {FIRES} or more",
        random="{:.2f} and {:.2f}".format(*_means(card, "random", *names)),
    )


def _lead(card: Card, inputs: str) -> dict[int, float]:
    """Test accuracy of the CNN less that of the MLP, by seed; `inputs` completes the configurations."""
    cnns, mlps = (card.values(inputs.format(model), "test_accuracy") for model in ("CNN", "MLP"))
    return {seed: cnns[seed] - mlps[seed] for seed in sorted(cnns.keys() & mlps.keys())}


def _difference(card: Card, inputs: str) -> Difference | None:
    cnns, mlps = (card.values(f"{model}, {inputs}", "test_accuracy") for model in ("CNN", "MLP"))
    return difference(cnns, mlps)


def _images(card: Card, part: str) -> int:
    """How many images an accuracy was counted on."""
    assert card.data is not None
    return card.data.train // HELD_OUT if part == "validation" else card.data.test


def _means(card: Card, configuration: str, *metrics: str) -> list[float]:
    return [fmean(card.values(configuration, metric).values()) for metric in metrics]
