"""Rules on the measured claims of mila, by the cards mila.2.1, mila.2.2, mila.2.3 and mila.2.4."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from math import sqrt
from statistics import fmean, pstdev

from coursekit.evidence.cards import Card
from coursekit.evidence.claims import Claim
from coursekit.evidence.formatting import percent
from coursekit.evidence.judging import STANDARD_ERRORS, at_chance, difference, judge_better, judge_loss
from coursekit.evidence.runs import Run
from coursekit.evidence.verdicts import (
    ONE_SEED,
    Ruling,
    Verdict,
    card_rule,
    judge_accuracy,
    judge_statement,
)

#: The course validates on the first test images and tests on the others.
VALIDATION = 2_000

#: Rounding in double precision stays far below this relative error.
ROUNDING = 1e-6

#: Epochs whose mean stands for the level of a curve.
WINDOW = 5

#: What we take "goes with" to mean: at least this rank correlation over the runs.
GOES_WITH = 0.5

RATES = ("1e-2", "1e-4", "1e-8")

FIGURES = {
    "mila.2.2.raw-1e-4": ("raw, 1e-4", "validation_accuracy"),
    "mila.2.2.raw-1e-8": ("raw, 1e-8", "validation_accuracy"),
    "mila.2.2.standardised-1e-2-best": ("standardised, 1e-2", "best_validation_accuracy"),
    "mila.2.2.standardised-1e-2-end": ("standardised, 1e-2", "validation_accuracy"),
    "mila.2.2.standardised-1e-4": ("standardised, 1e-4", "validation_accuracy"),
    "mila.2.2.standardised-1e-8": ("standardised, 1e-8", "validation_accuracy"),
    "mila.2.3.validation-accuracy": ("deep", "validation_accuracy"),
    "mila.2.4.cnn-accuracy": ("CNN", "test_accuracy"),
    "mila.2.4.mlp-accuracy": ("standardised, 1e-4", "test_accuracy"),
}

LOSSES = {"mila.2.4.cnn-loss": "CNN", "mila.2.4.mlp-loss": "standardised, 1e-4"}


@card_rule("mila.2.1.shift", "mila.2.1.rotation")
def equivariance(claim: Claim, card: Card) -> Ruling:
    """Whether two random convolutions commute with a transform, away from the border."""
    errors = card.values("random", f"{claim.name}_interior")
    symmetrised = card.values("symmetrised", f"{claim.name}_interior")
    border = card.values("random", "shift_border")
    return judge_statement(
        {seed: error <= ROUNDING for seed, error in errors.items()},
        actual=f"{min(errors.values()):.2g} to {max(errors.values()):.2g}",
        evidence=f"relative error of the {claim.name} in the interior at most {ROUNDING:.0e}, random kernels",
        border=f"{max(border.values()):.2g}",
        symmetrised=f"{max(symmetrised.values()):.2g}",
    )


@card_rule(*FIGURES)
def accuracy(claim: Claim, card: Card) -> Ruling:
    """An accuracy on the course's validation images, or on its test images."""
    assert card.data is not None
    configuration, metric = FIGURES[claim.id]
    images = card.data.test - VALIDATION if metric == "test_accuracy" else VALIDATION
    return judge_accuracy(claim, card.values(configuration, metric), images=images)


@card_rule(*LOSSES)
def loss(claim: Claim, card: Card) -> Ruling:
    """A loss on the course's test images."""
    return judge_loss(claim, card.values(LOSSES[claim.id], "test_loss"))


@card_rule("mila.2.2.raw-1e-2")
def stays_at_chance(claim: Claim, card: Card) -> Ruling:
    """Whether the validation accuracy is at chance, as claimed, after every epoch."""
    assert isinstance(claim.claimed, int | float)
    claimed = at_chance(claim.claimed / 100, images=VALIDATION)
    # A run that ends early, by a loss that is not finite, has its last accuracy among the metrics alone.
    curves = {
        run.seed: [*run.history.get("validation_accuracy", []), run.metrics["validation_accuracy"]]
        for run in card.runs_of("raw, 1e-2")
    }
    everything = [share for curve in curves.values() for share in curve]
    return judge_statement(
        {
            seed: claimed and all(at_chance(share, images=VALIDATION) for share in curve)
            for seed, curve in curves.items()
        },
        actual=f"{percent(min(everything))} to {percent(max(everything))}",
        evidence="raw, 1e-2: validation accuracy at chance after every epoch",
    )


@card_rule("mila.2.2.standardised-1e-2-falls")
def falls(claim: Claim, card: Card) -> Ruling:
    """Whether the level of the last epochs is below the best level by more than sampling error."""
    levels = {
        seed: [fmean(curve[i : i + WINDOW]) for i in range(max(1, len(curve) - WINDOW + 1))]
        for seed, curve in _histories(card, "standardised, 1e-2", "validation_accuracy").items()
    }
    best = {seed: max(level) for seed, level in levels.items()}
    return judge_statement(
        {seed: best[seed] - level[-1] > _error(best[seed]) for seed, level in levels.items()},
        actual=f"from {percent(fmean(best.values()))} to {percent(fmean(x[-1] for x in levels.values()))}",
        evidence=f"mean validation accuracy of {WINDOW} epochs, at the end lower than at its best by more "
        f"than {STANDARD_ERRORS} standard errors",
    )


@card_rule("mila.2.2.helps")
def helps(claim: Claim, card: Card) -> Ruling:
    """Whether standardised inputs give a higher final validation accuracy, at every rate."""
    metric = "validation_accuracy"
    cases = {
        f"at {rate}": difference(
            card.values(f"standardised, {rate}", metric), card.values(f"raw, {rate}", metric)
        )
        for rate in RATES
    }
    return judge_better(cases, evidence="final validation accuracy with standardisation less that without")


@card_rule("mila.2.2.large-rate")
def large_rate(claim: Claim, card: Card) -> Ruling:
    """Whether the large rate ends below the middle one, with raw and with standardised inputs."""
    return _below_the_middle(card, "1e-2", still_falling=False)


@card_rule("mila.2.2.small-rate")
def small_rate(claim: Claim, card: Card) -> Ruling:
    """Whether the small rate ends below the middle one with a training loss that is still falling."""
    return _below_the_middle(card, "1e-8", still_falling=True)


@card_rule("mila.2.3.train-accuracy")
def train_accuracy(claim: Claim, card: Card) -> Ruling:
    """Training accuracy of the deep network in its last epoch, counted while the weights move."""
    assert card.data is not None
    curves = _histories(card, "deep", "train_accuracy")
    last = {seed: curve[-1] for seed, curve in curves.items()}
    ruling = judge_accuracy(claim, last, images=card.data.train)
    return replace(ruling, evidence=ruling.evidence.replace("test images", "training images"))


@card_rule("mila.2.3.overfit")
def overfit(claim: Claim, card: Card) -> Ruling:
    """Whether the deep network does better on its training images than on others, and better than chance."""
    train, held_out = (card.values("deep", f"{part}_accuracy") for part in ("train", "validation"))
    return judge_statement(
        {
            seed: not at_chance(train[seed], images=VALIDATION)
            and train[seed] - held_out[seed] > _error(held_out[seed])
            for seed in train
        },
        actual=percent(fmean(train.values())),
        evidence="training accuracy above chance, and above validation accuracy by more than "
        f"{STANDARD_ERRORS} standard errors",
        validation=percent(fmean(held_out.values())),
        wide=percent(fmean(card.values("wide", "train_accuracy").values())),
    )


@card_rule("mila.2.3.gradient-norms")
def gradient_norms(claim: Claim, card: Card) -> Ruling:
    """Whether runs with a steadier gradient norm have the smoother, and also the higher, accuracy.

    The claim has two parts: that a stable norm goes with a smooth curve of accuracy, and that the norms
    thereby explain how well a network does. Both are rank correlations over all runs of the card. An accuracy
    that stays at chance is perfectly smooth, so the first part can be true without the second.
    """
    runs = [run for run in card.runs if {"gradient_norm", "validation_accuracy"} <= run.history.keys()]
    if len({run.seed for run in runs}) < 2:
        return Ruling(None, evidence=ONE_SEED)
    unsteady = [_variation(run.history["gradient_norm"]) for run in runs]
    smooth = _rank_correlation(unsteady, [_roughness(run) for run in runs])
    good = _rank_correlation(unsteady, [run.history["validation_accuracy"][-1] for run in runs])
    goes, explains = smooth >= GOES_WITH, good <= -GOES_WITH
    verdict: Verdict = "holds" if goes and explains else "imprecise" if goes or explains else "wrong"
    dead = [_variation(run.history["gradient_norm"]) for run in card.runs_of("deep")]
    wide = [_variation(run.history["gradient_norm"]) for run in card.runs_of("wide")]
    return Ruling(
        verdict=verdict,
        actual=f"{smooth:+.2f} with the roughness of the accuracy and {good:+.2f} with its final value",
        values={"deep": percent(fmean(dead)), "wide": percent(fmean(wide)), "runs": str(len(runs))},
        evidence=f"rank correlation of the gradient norm's relative variation over epochs, {len(runs)} runs: "
        f"the claim needs {GOES_WITH:+} or more with roughness and {-GOES_WITH:+} or less with accuracy",
    )


def _below_the_middle(card: Card, rate: str, *, still_falling: bool) -> Ruling:
    truths: dict[int, bool] = {}
    text = []
    for inputs in ("raw", "standardised"):
        here, middle = (card.values(f"{inputs}, {r}", "validation_accuracy") for r in (rate, "1e-4"))
        losses = _histories(card, f"{inputs}, {rate}", "train_loss")
        for seed in here.keys() & middle.keys():
            falling = losses[seed][-1] < losses[seed][len(losses[seed]) // 2] if still_falling else True
            truths[seed] = truths.get(seed, True) and here[seed] < middle[seed] and falling
        text.append(
            f"{percent(fmean(here.values()))} with {inputs} inputs, {percent(fmean(middle.values()))} at 1e-4"
        )
    return judge_statement(
        truths,
        actual="; ".join(text),
        evidence=f"final validation accuracy at {rate} below that at 1e-4, raw and standardised"
        + (", and training loss falling in the second half" if still_falling else ""),
    )


def _histories(card: Card, configuration: str, name: str) -> dict[int, list[float]]:
    return {run.seed: run.history[name] for run in card.runs_of(configuration)}


def _error(share: float) -> float:
    """Sampling error of a difference of two accuracies near `share` on the validation images."""
    return STANDARD_ERRORS * sqrt(2 * share * (1 - share) / VALIDATION)


def _variation(values: Sequence[float]) -> float:
    """Standard deviation relative to the mean; 0 for values that are all 0."""
    mean = fmean(values)
    return pstdev(values) / mean if mean else 0.0


def _roughness(run: Run) -> float:
    curve = run.history["validation_accuracy"]
    return pstdev([after - before for before, after in pairwise(curve)])


def _rank_correlation(x: Sequence[float], y: Sequence[float]) -> float:
    """Spearman's; 0 where one of the two is constant."""
    from scipy.stats import spearmanr

    return float(spearmanr(x, y).statistic) if len(set(x)) > 1 < len(set(y)) else 0.0
