"""Rules on the claims of dllab on trained networks, by the cards dllab.1.3b and dllab.1.3d."""

from math import sqrt
from statistics import fmean

from coursekit.evidence.cards import Card
from coursekit.evidence.claims import Claim
from coursekit.evidence.formatting import number, percent
from coursekit.evidence.judging import STANDARD_ERRORS, difference, points
from coursekit.evidence.lengths import epochs_run, judge_at_length, only_at_length
from coursekit.evidence.statistics import prediction_interval
from coursekit.evidence.verdicts import (
    ONE_SEED,
    Ruling,
    Verdict,
    card_rule,
    judge_statement,
)

#: Held out of the training images.
VALIDATION = 1_000

#: Training images on which accuracy and loss are measured with dropout off.
MEASURED = 10_000

#: Epochs of the report's models.
EPOCHS = {"1": 20, "2": 50, "3": 300, "4": 300, "5": 50, "6": 300, "7": 50, "7b": 300}

#: A training loss above this has not converged to zero.
ZERO = 0.1

ACCURACIES = {f"dllab.1.3{'b' if n in '12' else 'd'}.accuracy-{n}": n for n in EPOCHS}
LOSSES = {claim.replace("accuracy", "loss"): n for claim, n in ACCURACIES.items()}


@card_rule(*ACCURACIES)
def accuracy(claim: Claim, card: Card) -> Ruling:
    """Best validation accuracy of a model over its epochs."""
    n = ACCURACIES[claim.id]
    return judge_at_length(
        claim, card, f"model {n}", "best_validation_accuracy", epochs=EPOCHS[n], images=VALIDATION,
        of="validation images",
    )  # fmt: skip


@card_rule(*LOSSES)
def loss(claim: Claim, card: Card) -> Ruling:
    """Validation loss at the epoch of the best validation accuracy."""
    n = LOSSES[claim.id]
    return judge_at_length(claim, card, f"model {n}", "validation_loss", epochs=EPOCHS[n], images=VALIDATION)


@card_rule("dllab.1.3b.best-epochs", "dllab.1.3d.best-epochs")
def best_epochs(claim: Claim, card: Card) -> Ruling:
    """The epochs of the best validation accuracy, by model."""
    assert isinstance(claim.claimed, tuple)
    models = [n for n in EPOCHS if (n in "12") is (claim.question == "dllab.1.3b")]
    shorter, inside, actual = [], True, []
    for n, claimed in zip(models, claim.claimed, strict=True):
        name = f"model {n}"
        found = card.values(name, "best_epoch")
        inside = inside and float(claimed) in prediction_interval(found.values())
        actual.append(f"{name} {fmean(found.values()):.0f}")
        if epochs_run(card, name) < EPOCHS[n]:
            shorter.append(f"{epochs_run(card, name)} of {EPOCHS[n]} ({name})")
    everything = {"seeds": str(min(len(card.runs_of(f"model {n}")) for n in models))}
    if shorter:
        return Ruling(
            "unsupported", ", ".join(actual), everything,
            f"our runs are shorter than the report's: {', '.join(shorter)} epochs",
        )  # fmt: skip
    if everything["seeds"] == "1":
        return Ruling(None, ", ".join(actual), everything, ONE_SEED)
    return Ruling(
        "holds" if inside else "unsupported", ", ".join(actual), everything,
        "each epoch claimed is compared with the interval for one new run",
    )  # fmt: skip


@card_rule("dllab.1.3b.overfits")
def overfits(claim: Claim, card: Card) -> Ruling:
    """Whether model 1 does better on training images than on others, by more than sampling error."""
    train, held_out = (card.values("model 1", f"{part}_accuracy") for part in ("train", "validation"))
    return judge_statement(
        {seed: train[seed] - held_out[seed] > _error(held_out[seed]) for seed in train},
        actual=percent(fmean(train.values())),
        evidence="training accuracy above validation accuracy by more than "
        f"{STANDARD_ERRORS} standard errors",
        validation=percent(fmean(held_out.values())),
        epochs=_length(card, "1"),
    )


@card_rule("dllab.1.3b.train-accuracy")
def train_accuracy(claim: Claim, card: Card) -> Ruling:
    """Training accuracy of model 1 at the end."""
    return judge_at_length(
        claim, card, "model 1", "train_accuracy", epochs=EPOCHS["1"], images=MEASURED,
        of="training images",
    )  # fmt: skip


@card_rule("dllab.1.3b.dropout-helps")
def dropout_helps(claim: Claim, card: Card) -> Ruling:
    """Whether model 2 has the higher best validation accuracy; shorter runs cannot show that it has not."""
    name = "best_validation_accuracy"
    found = difference(card.values("model 2", name), card.values("model 1", name))
    if found is None:
        return Ruling(None, evidence=ONE_SEED)
    shorter = any(epochs_run(card, f"model {n}") < EPOCHS[n] for n in "12")
    verdict: Verdict = "unsupported"
    if found.distinguishable and (found.mean > 0 or not shorter):
        verdict = "holds" if found.mean > 0 else "wrong"
    return Ruling(
        verdict,
        actual=points(found),
        values={"seeds": str(found.n), "one": _length(card, "1"), "two": _length(card, "2")},
        evidence="best validation accuracy of model 2 less that of model 1, paired by seed, after "
        f"{_length(card, '1')} and {_length(card, '2')} epochs",
    )


@card_rule("dllab.1.3d.underfits")
def underfits(claim: Claim, card: Card) -> Ruling:
    """Whether model 6 fits its training images worse than model 5 does; and whether its reason tells that.

    The reason fails where the training loss of no other model comes near zero either: then it would make
    all of them underfit.
    """
    train, held_out = (card.values("model 6", f"{part}_accuracy") for part in ("train", "validation"))
    less = card.values("model 5", "train_accuracy")
    truths = {
        seed: train[seed] < less[seed] and train[seed] - held_out[seed] <= _error(held_out[seed])
        for seed in train.keys() & less.keys()
    }
    lowest = {
        name: fmean(run.history["train_loss"][-1] for run in card.runs_of(name))
        for name in card.configurations
        if name != "model 6"
    }
    nearest = min(lowest, key=lowest.__getitem__)
    ruling = judge_statement(
        truths,
        actual=percent(fmean(train.values())),
        evidence="training accuracy, dropout off, below that of model 5 and no further above validation "
        f"accuracy than {STANDARD_ERRORS} standard errors",
        validation=percent(fmean(held_out.values())),
        less=percent(fmean(less.values())),
        nearest=nearest,
        loss=f"{lowest[nearest]:.2f}",
        epochs=_length(card, "6"),
    )
    reason = lowest[nearest] <= ZERO
    if ruling.verdict != "holds" or reason:
        return ruling
    return Ruling(
        "imprecise", ruling.actual, ruling.values,
        f"{ruling.evidence}; but no other model's training loss falls below {ZERO} either",
    )  # fmt: skip


@card_rule("dllab.1.3d.twins")
def twins(claim: Claim, card: Card) -> Ruling:
    """Whether models 4 and 7b agree to within sampling error, in validation and in test accuracy."""
    found, within, apart = {}, True, False
    for metric, images in (("validation_accuracy", VALIDATION), ("test_accuracy", 10_000)):
        four, seven = card.values("model 4", metric), card.values("model 7b", metric)
        gap = difference(seven, four)
        if gap is None:
            return Ruling(None, evidence=ONE_SEED)
        margin = _error(fmean(four.values()), images=images)
        within = within and -margin <= gap.low and gap.high <= margin
        apart = apart or (gap.distinguishable and abs(gap.mean) > margin)
        found[metric] = f"{points(gap)}, sampling error ±{100 * margin:.1f}"
    ruling = Ruling(
        "holds" if within else "wrong" if apart else "unsupported",
        actual="; ".join(f"{metric.replace('_', ' ')} {text}" for metric, text in found.items()),
        values={"epochs": _length(card, "4"), "seeds": str(len(card.runs_of("model 4")))},
        evidence="model 7b less model 4, paired by seed: it holds where "
        "the whole intervals lie within sampling error",
    )
    return only_at_length(ruling, card, "model 4", "model 7b", epochs=EPOCHS["4"])


@card_rule("dllab.1.3e.test-accuracy")
def test_accuracy(claim: Claim, card: Card) -> Ruling:
    """Test accuracy of model 4 with the weights of its best epoch."""
    return judge_at_length(claim, card, "model 4", "test_accuracy", epochs=EPOCHS["4"], images=10_000)


def _error(share: float, *, images: int = VALIDATION) -> float:
    """Sampling error of a difference of two accuracies near `share`."""
    return STANDARD_ERRORS * sqrt(2 * share * (1 - share) / images)


def _length(card: Card, n: str) -> str:
    ran = epochs_run(card, f"model {n}")
    return number(ran) if ran >= EPOCHS[n] else f"{ran} of {EPOCHS[n]}"
