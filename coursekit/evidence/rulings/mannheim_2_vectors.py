"""Rules on the claims of mannheim 2d, by its card; the report's table of vectors is not at hand.

Two others stand for it: as much of GloVe 6B as is at hand, and our own, trained on further reviews.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import fmean

from coursekit.evidence.cards import Card
from coursekit.evidence.claims import Claim
from coursekit.evidence.formatting import percent
from coursekit.evidence.judging import difference
from coursekit.evidence.lengths import only_at_length
from coursekit.evidence.rulings.mannheim_2 import EPOCHS, change, judge_sampled_loss, mean
from coursekit.evidence.verdicts import ONE_SEED, Ruling, Verdict, card_rule

VECTORS = ("GloVe 6B", "own vectors")

#: From this share of the different words on, vectors can refute what the report found with its own.
ENOUGH = 0.5

#: A loss levels out when it changes by less than this from an epoch to the next.
LEVEL = 0.01

#: The same vectors with longer rows, for which a network with smaller weights does the very same.
SCALED = "frozen, scaled vectors"

LOSSES = {"train_loss": "training loss", "validation_loss": "validation loss"}

Curves = Mapping[str, Sequence[float]]


def _stays_below(a: Sequence[float], b: Sequence[float]) -> bool:
    """From the second epoch on: in the first one all are still near their common start."""
    return all(x < y for x, y in zip(a[1:], b[1:], strict=True))


def _falls_fastest(name: str, curves: Curves) -> bool:
    """Whether it falls by more than all others, from the first epoch to the last."""
    falls = {other: curve[0] - curve[-1] for other, curve in curves.items()}
    return all(falls[name] > fall for other, fall in falls.items() if other != name)


@dataclass(frozen=True)
class Statement:
    """On the curves of one seed: the loss, whether it is true of them, how it is put, and of which models."""

    metric: str
    is_true: Callable[[Curves], bool]
    put: str
    models: tuple[str, ...]


STATEMENTS = {
    "mannheim.2d.validation-frozen": Statement(
        "validation_loss",
        lambda of: _stays_below(of["frozen"], of["scratch"]),
        "frozen below scratch from the second epoch on",
        ("frozen",),
    ),
    "mannheim.2d.validation-fine-tuned": Statement(
        "validation_loss",
        lambda of: _stays_below(of["fine-tuned"], of["scratch"]),
        "fine-tuned below scratch from the second epoch on",
        ("fine-tuned",),
    ),
    "mannheim.2d.train-frozen": Statement(
        "train_loss",
        lambda of: _stays_below(of["scratch"], of["frozen"]),
        "frozen above scratch from the second epoch on",
        ("frozen",),
    ),
    "mannheim.2d.train-fine-tuned": Statement(
        "train_loss",
        lambda of: of["fine-tuned"][-1] < of["scratch"][-1],
        "fine-tuned below scratch in the last epoch",
        ("fine-tuned",),
    ),
    "mannheim.2d.train-fastest": Statement(
        "train_loss",
        partial(_falls_fastest, "fine-tuned"),
        "fine-tuned falls most from the first epoch to the last",
        ("frozen", "fine-tuned"),
    ),
    "mannheim.2d.turns-up": Statement(
        "validation_loss",
        lambda of: of["fine-tuned"][-1] > min(of["fine-tuned"]),
        "fine-tuned higher in the last epoch than in an earlier one",
        ("fine-tuned",),
    ),
    "mannheim.2d.frozen-levels-out": Statement(
        "validation_loss",
        lambda of: abs(of["frozen"][-1] - of["frozen"][-2]) < LEVEL,
        f"frozen changes by less than {LEVEL} in the last epoch",
        ("frozen",),
    ),
}


@card_rule(*STATEMENTS)
def statement(claim: Claim, card: Card) -> Ruling:
    """A statement on the curves, which holds where it is true in all seeds with both vectors.

    Where it is true with the ones and false with the others it is unsupported: the vectors decide. So it is
    where it is false with both, as long as those of GloVe 6B at hand lack most of the words: the report's
    had nearly all.
    """
    this = STATEMENTS[claim.id]
    curves = {vectors: _curves(card, this.metric, vectors) for vectors in VECTORS}
    counts = {vectors: sum(map(this.is_true, found)) for vectors, found in curves.items()}
    seeds = min(map(len, curves.values()))
    if seeds < 2:
        return Ruling(None, evidence=ONE_SEED)
    shares = [counts[vectors] / len(found) for vectors, found in curves.items()]
    types = _known(card, "known_types")
    verdict: Verdict = "depends on the seed"
    reason = ""
    if set(shares) == {1}:
        verdict = "holds"
    elif set(shares) == {0} and types >= ENOUGH:
        verdict = "wrong"
    elif set(shares) <= {0, 1}:
        verdict = "unsupported"
        few = (
            f"GloVe 6B at hand has {percent(types, decimals=0)} of the different words, too few to refute it"
        )
        reason = "; the vectors decide" if 1 in shares else f"; {few}"
    shown = [f"From scratch: {_mean_curve(curves[VECTORS[0]], 'scratch')}"] + [
        f"{name}, {vectors}: {_mean_curve(found, name)}"
        for vectors, found in curves.items()
        for name in this.models
    ]
    glove, own = (f"{counts[vectors]} of {len(curves[vectors])}" for vectors in VECTORS)
    ruling = Ruling(
        verdict,
        "; ".join(shown),
        {"known": percent(_known(card), decimals=0)},
        f"{LOSSES[this.metric]}, {this.put}: true in {glove} seeds with GloVe 6B and in {own} with "
        f"our own vectors{reason}",
    )
    return _at_length(ruling, card)


@card_rule("mannheim.2d.frozen-loss")
def frozen_loss(claim: Claim, card: Card) -> Ruling:
    """The validation loss of the frozen model at the end; it holds where it does with either vectors."""
    found = {
        vectors: judge_sampled_loss(claim, card.values(f"frozen, {vectors}", "validation_loss_last"))
        for vectors in VECTORS
    }
    verdicts = [ruling.verdict for ruling in found.values()]
    if None in verdicts:
        return Ruling(None, evidence=ONE_SEED)
    ruling = Ruling(
        "holds" if "holds" in verdicts else "unsupported",
        " and ".join(f"{ruling.actual} ({vectors})" for vectors, ruling in found.items()),
        {
            "seeds": min(ruling.values["seeds"] for ruling in found.values()),
            "known": percent(_known(card), decimals=0),
        },
        "; ".join(f"{vectors}: {ruling.evidence}" for vectors, ruling in found.items())
        + f", where {claim.claimed} may be rounded",
    )
    return _at_length(ruling, card)


@card_rule("mannheim.2d.best-loss")
def best_loss(claim: Claim, card: Card) -> Ruling:
    """Whether the same frozen vectors and the same network reach no lower loss in another training.

    One that does refutes the claim. None that does would not prove it, and leaves it unsupported.
    """
    metric = "validation_loss_lowest"
    bases = {
        name: base
        for base in (f"frozen, {vectors}" for vectors in VECTORS)
        for name in card.configurations
        if name.startswith(f"{base}, ")
    }
    bases |= {SCALED: "frozen, own vectors"} if SCALED in card.configurations else {}
    if not bases:
        return Ruling(None, evidence="no other training of the frozen model is recorded")
    found = {name: difference(card.values(name, metric), card.values(bases[name], metric)) for name in bases}
    known = {name: d for name, d in found.items() if d is not None}
    if len(known) < len(found):
        return Ruling(None, evidence=ONE_SEED)
    lower = [name for name, d in known.items() if d.distinguishable and d.mean < -LEVEL]
    least = min(lower or known, key=lambda name: known[name].mean)
    reached, before = (card.values(name, metric) for name in (least, bases[least]))
    seeds = reached.keys() & before.keys()
    ruling = Ruling(
        "wrong" if lower else "unsupported",
        mean(reached, seeds),
        {"least": least, "before": mean(before, seeds), "seeds": str(len(seeds))},
        "lowest mean validation loss of an epoch, less that of the course's training: "
        + "; ".join(f"{name} {change(d)}" for name, d in known.items()),
    )
    return _at_length(ruling, card)


def _curves(card: Card, metric: str, vectors: str) -> list[dict[str, Sequence[float]]]:
    """The three curves of every seed that has them."""
    names = {"scratch": "scratch"} | {name: f"{name}, {vectors}" for name in ("frozen", "fine-tuned")}
    found = {
        short: {run.seed: run.history[metric] for run in card.runs_of(name)} for short, name in names.items()
    }
    seeds = set.intersection(*(set(by_seed) for by_seed in found.values()))
    return [{short: by_seed[seed] for short, by_seed in found.items()} for seed in sorted(seeds)]


def _mean_curve(curves: Sequence[Curves], name: str) -> str:
    """The mean over seeds, epoch by epoch."""
    means = [fmean(values) for values in zip(*(curve[name] for curve in curves), strict=True)]
    return " ".join(f"{value:.2f}" for value in means)


def _known(card: Card, metric: str = "train_known_tokens") -> float:
    """The share of our words, of running ones if not told otherwise, that GloVe 6B at hand has."""
    return fmean(card.values("frozen, GloVe 6B", metric).values())


def _at_length(ruling: Ruling, card: Card) -> Ruling:
    names = ["scratch", *(f"{kind}, {vectors}" for kind in ("frozen", "fine-tuned") for vectors in VECTORS)]
    return only_at_length(ruling, card, *names, epochs=EPOCHS)
