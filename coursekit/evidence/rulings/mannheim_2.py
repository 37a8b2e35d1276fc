"""Rules on the claims of mannheim 2b, by its card; the report's 4,000 reviews are not known."""

from collections import Counter
from collections.abc import Iterable, Mapping
from math import sqrt
from statistics import fmean

from coursekit.evidence.cards import Card
from coursekit.evidence.claims import Claim
from coursekit.evidence.formatting import decimals, percent
from coursekit.evidence.judging import STANDARD_ERRORS, difference
from coursekit.evidence.lengths import only_at_length
from coursekit.evidence.statistics import Difference, prediction_interval
from coursekit.evidence.verdicts import ONE_SEED, Ruling, Verdict, card_rule, judge_statement

#: Epochs of all of the report's runs.
EPOCHS = 5

#: Reviews trained on and validated on.
TRAIN, VALIDATION = 3_200, 400

#: The metric of a loss, and how many reviews it is a mean of. In the first epoch it hardly differs between
#: reviews, and none are given.
LOSSES = {
    "mannheim.2b.train-loss-1": ("train_loss_first", None),
    "mannheim.2b.train-loss-5": ("train_loss_last", TRAIN),
    "mannheim.2b.validation-loss-lowest": ("validation_loss_lowest", VALIDATION),
    "mannheim.2b.validation-loss-5": ("validation_loss_last", VALIDATION),
}

#: The cause of overfitting explains more than this share of the gap between the two losses.
MOST = 0.5


@card_rule(*LOSSES)
def loss(claim: Claim, card: Card) -> Ruling:
    """A loss of the course's network, with the error that comes from sampling reviews."""
    metric, reviews = LOSSES[claim.id]
    error = fmean(card.values("course", "validation_loss_error").values())
    error *= sqrt(VALIDATION / reviews) if reviews else 0
    return _at_length(judge_sampled_loss(claim, card.values("course", metric), error=error), card)


@card_rule("mannheim.2b.lowest-epoch")
def lowest_epoch(claim: Claim, card: Card) -> Ruling:
    """The epoch with the lowest mean validation loss."""
    found = {seed: int(epoch) for seed, epoch in card.values("course", "best_epoch").items()}
    counts = sorted(Counter(found.values()).items())
    ruling = judge_statement(
        {seed: epoch == claim.claimed for seed, epoch in found.items()},
        actual=", ".join(f"epoch {epoch} in {n} of {len(found)} seeds" for epoch, n in counts),
        evidence="epoch with the lowest mean validation loss",
    )
    return _at_length(ruling, card)


@card_rule("mannheim.2b.overfits")
def overfits(claim: Claim, card: Card) -> Ruling:
    """Whether the loss on validation reviews is above that on training reviews by more than their error."""
    train, validation, error = (
        card.values("course", name)
        for name in ("train_loss_end", "validation_loss_end", "validation_loss_error")
    )
    ruling = judge_statement(
        {seed: validation[seed] - train[seed] > STANDARD_ERRORS * error[seed] for seed in train},
        actual=f"{mean(train)} on the training reviews and {mean(validation)} on the validation reviews",
        evidence="after the last epoch, dropout off, validation loss above training loss by more than "
        f"{STANDARD_ERRORS} standard errors",
    )
    return _at_length(ruling, card)


@card_rule("mannheim.2b.global-minimum")
def global_minimum(claim: Claim, card: Card) -> Ruling:
    """Whether training ends above a minimum, and whether overfitting is a sign of that.

    The first is certain where longer training finds a lower training loss. The second fails where the gap
    between the losses is then larger: nearer to a minimum the network overfits more.
    """
    short, long = (
        {part: card.values(name, f"{part}_loss_end") for part in ("train", "validation")}
        for name in ("course", "25 epochs")
    )
    seeds = sorted(short["train"].keys() & long["train"].keys())
    if len(seeds) < 2:
        return Ruling(None, evidence=ONE_SEED)
    gaps = [{s: losses["validation"][s] - losses["train"][s] for s in seeds} for losses in (short, long)]
    above = sum(long["train"][seed] < short["train"][seed] for seed in seeds)
    sign = sum(gaps[1][seed] <= gaps[0][seed] for seed in seeds)
    verdict: Verdict = "depends on the seed"
    if above == 0:
        verdict = "unsupported"
    elif above == len(seeds) and sign in (0, len(seeds)):
        verdict = "holds" if sign else "imprecise"
    ruling = Ruling(
        verdict,
        f"{mean(long['train'], seeds)} and {mean(long['validation'], seeds)}",
        {
            "train": mean(short["train"], seeds), "validation": mean(short["validation"], seeds),
            "epochs": str(card.runs_of("25 epochs")[0].settings["epochs"]), "seeds": str(len(seeds)),
        },
        f"longer training finds a lower training loss in {above} of {len(seeds)} seeds, and there the gap to "
        f"the validation loss is larger in {len(seeds) - sign}",
    )  # fmt: skip
    return _at_length(ruling, card)


@card_rule("mannheim.2b.untrained-words")
def untrained_words(claim: Claim, card: Card) -> Ruling:
    """Whether no row of a word that the training reviews do not have has moved."""
    moved = card.values("course", "moved_never")
    rows, running = (card.values("course", f"{name}_never") for name in ("rows", "validation_words"))
    return judge_statement(
        {seed: share == 0 for seed, share in moved.items()},
        actual=percent(fmean(moved.values())),
        evidence="none of the vectors of words that the training reviews do not have has moved",
        rows=percent(fmean(rows.values())),
        running=percent(fmean(running.values())),
    )


@card_rule("mannheim.2b.cause")
def cause(claim: Claim, card: Card) -> Ruling:
    """How much of the gap between the losses is gone once the words without training are left out.

    It is the cause where that is most of the gap, and imprecise where it is a part: where leaving them out
    lowers the loss distinguishably more than leaving out as many other words. Else it is wrong.
    """
    end, train, without, others = (
        card.values("course", name)
        for name in (
            "validation_loss_end", "train_loss_end", "validation_loss_without_never",
            "validation_loss_without_never_others",
        )
    )  # fmt: skip
    more = difference(others, without)
    retrained = difference(card.values("vocabulary from training text", "validation_loss_end"), end)
    if more is None or retrained is None:
        return Ruling(None, evidence=ONE_SEED)
    gaps = {seed: end[seed] - train[seed] for seed in end}
    shares = {seed: (end[seed] - without[seed]) / gap if gap > 0 else 0.0 for seed, gap in gaps.items()}
    most = sum(share > MOST for share in shares.values())
    verdict: Verdict = "depends on the seed"
    if most == len(shares):
        verdict = "holds"
    elif most == 0:
        verdict = "imprecise" if more.distinguishable and more.mean > 0 else "wrong"
    ruling = Ruling(
        verdict,
        f"from {mean(end, digits=3)} to {mean(without, digits=3)}",
        {
            "train": mean(train, digits=3), "others": mean(others, digits=3), "seeds": str(len(end)),
            "retrained": change(retrained),
        },
        f"leaving these words out closes {percent(min(shares.values()), decimals=0)} to "
        f"{percent(max(shares.values()), decimals=0)} of the gap between the losses",
    )  # fmt: skip
    return _at_length(ruling, card)


def judge_sampled_loss(claim: Claim, losses: Mapping[int, float], *, error: float = 0.0) -> Ruling:
    """As `judge_loss`, for a loss on other reviews: the interval is widened by their standard error."""
    assert isinstance(claim.claimed, int | float)
    interval = prediction_interval(losses.values(), added_variance=error**2)
    digits = max(2, decimals(claim.claimed))
    actual, seeds = mean(losses, digits=digits), {"seeds": str(len(losses))}
    if not interval.finite:
        return Ruling(None, actual, seeds, ONE_SEED)
    rounding = 0.5 * 10.0 ** -decimals(claim.claimed)
    inside = interval.low - rounding <= claim.claimed <= interval.high + rounding
    low, high = (f"{max(0.0, end):.{digits}f}" for end in (interval.low, interval.high))
    return Ruling(
        "holds" if inside else "unsupported",
        actual,
        {**seeds, "low": low, "high": high},
        f"claimed {claim.claimed}, one run{' on other reviews' if error else ''} is expected in {low} to "
        f"{high} ({len(losses)} seeds)" + ("" if inside else ": not reproduced"),
    )


def change(found: Difference) -> str:
    """A difference of two losses, in words."""
    return f"{found.mean:+.3f}{'' if found.distinguishable else ', not distinguishable'}"


def mean(figures: Mapping[int, float], seeds: Iterable[int] | None = None, *, digits: int = 2) -> str:
    """The mean over seeds, in words."""
    return f"{fmean(figures[seed] for seed in (seeds or figures)):.{digits}f}"


def _at_length(ruling: Ruling, card: Card) -> Ruling:
    return only_at_length(ruling, card, "course", epochs=EPOCHS)
