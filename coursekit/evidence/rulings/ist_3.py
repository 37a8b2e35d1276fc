"""Rules on the claims of ist 3: error rates by the cards, and what changes a network or its translations."""

import copy
from dataclasses import replace
from inspect import signature
from itertools import pairwise

import torch
from torch import Tensor, nn

from coursekit.decoding import greedy
from coursekit.evidence.cards import Card
from coursekit.evidence.claims import Claim
from coursekit.evidence.formatting import number
from coursekit.evidence.judging import difference, judge_better, judge_loss
from coursekit.evidence.lengths import epochs_run, only_at_length
from coursekit.evidence.verdicts import Ruling, Verdict, card_rule, rule
from coursekit.metrics import bleu, chrf, error_rate
from coursekit.models import Translator
from coursekit.training import fit_translator, seeded

#: Epochs of the report's runs.
EPOCHS = 50

#: Digits behind the point of its error rates.
DIGITS = 4

#: Widths of a beam.
WIDTHS = (2, 3, 5, 10, 20)

#: By claim, the configuration and the metric of its card.
RATES = {
    "ist.3.1a.validation": ("no attention", "validation_error_rate"),
    "ist.3.1a.test": ("no attention", "test_error_rate"),
    "ist.3.1b.validation": ("attention", "validation_error_rate"),
    "ist.3.1b.test": ("attention", "test_error_rate"),
}

#: Settings of the training in the course, other than the probability of dropping a unit.
SETTINGS = ("learning_rate", "batch_size", "epochs")

#: Units of the decoder's LSTM; ids of a vocabulary, of which any number will do.
UNITS, SYMBOLS = 128, 34


@card_rule(*RATES)
def rate(claim: Claim, card: Card) -> Ruling:
    """An error rate of one run on the same sentences, by the interval for one more of our runs."""
    configuration, metric = RATES[claim.id]
    # A mean over sentences of numbers that may exceed 1 is judged as a loss, not as a share of them.
    ruling = judge_loss(claim, card.values(configuration, metric), digits=DIGITS)
    ran = epochs_run(card, configuration)
    if ran < EPOCHS:
        ruling = replace(ruling, actual=f"{ruling.actual} after {ran} of {EPOCHS} epochs")
    return only_at_length(ruling, card, configuration, epochs=EPOCHS)


@card_rule("ist.3.1c.beam")
def beam(claim: Claim, card: Card) -> Ruling:
    """Whether a beam of every width has a lower test error rate than greedy search, by seed."""
    greedily = card.values("attention", "greedy_test_error_rate")
    cases = {
        f"width {width}": difference(greedily, card.values("attention", f"beam_{width}_test_error_rate"))
        for width in WIDTHS
    }
    ruling = judge_better(cases, evidence="test error rate of greedy search less that of a beam")
    # What a beam gains depends on how far its network is trained.
    return only_at_length(ruling, card, "attention", epochs=EPOCHS)


@rule("ist.3.1c.hyper-parameters")
def hyper_parameters(claim: Claim) -> Ruling:
    """Which settings leave the shapes of the parameters alone; whether others are better, no run shows.

    It is wrong where one of them changes the network, and unsupported where none does.
    """
    network, training = (set(signature(of).parameters) for of in (Translator, fit_translator))
    kept = [name for name in SETTINGS if name in training and name not in network]
    if _shapes(dropout=0.3) == _shapes(dropout=0.5):
        kept.append("dropout")
    asked = [*SETTINGS, "dropout"]
    verdict: Verdict = "unsupported" if kept == asked else "wrong"
    return Ruling(
        verdict=verdict,
        actual=", ".join(name.replace("_", " ") for name in kept) or "none",
        evidence=f"{len(kept)} of {len(asked)} settings leave the shapes of all parameters as they are; the "
        "report shows no run with other values",
    )


@rule("ist.3.1c.layers")
def layers(claim: Claim) -> Ruling:
    """Whether the parameters are the same for any number of layers of the decoder's LSTM."""
    counts = [_parameters(layers) for layers in (1, 2, 3)]
    same = all(before == after for before, after in pairwise(counts))
    return Ruling(
        verdict="holds" if same else "wrong",
        actual=f"{number(counts[0])} parameters with one layer, {number(counts[1])} with two",
        evidence=f"parameters of an LSTM, 1, 2 and 3 layers: {', '.join(map(number, counts))}",
    )


@rule("ist.3.1c.metric")
def metric(claim: Claim) -> Ruling:
    """Whether measuring translations by another metric changes the network or what it writes."""
    with seeded(0):
        model = Translator(SYMBOLS, SYMBOLS, hidden=32, attention=True).eval()
        source = torch.randint(4, SYMBOLS, (20, 9))
    weights = copy.deepcopy(model.state_dict())
    written = _written(model, source)
    true = [sentence[::-1] for sentence in written]
    scores = [measure(written, true) for measure in (error_rate, bleu, chrf)]
    unmoved = all(torch.equal(weights[name], value) for name, value in model.state_dict().items())
    same = unmoved and _written(model, source) == written and len(set(scores)) > 1
    return Ruling(
        verdict="wrong" if same else "unsupported",
        actual="the same translations" if same else "other translations",
        values={"measures": "the error rate, BLEU and chrF"},
        evidence=f"a network measured by {len(scores)} metrics writes the same before and after",
    )


def _shapes(*, dropout: float) -> dict[str, torch.Size]:
    # Layers on "meta" have shapes and no values: nothing is drawn from the generator of random numbers.
    with torch.device("meta"):
        model = Translator(SYMBOLS, SYMBOLS, hidden=UNITS, attention=True, dropout=dropout)
    return {name: tensor.shape for name, tensor in model.state_dict().items()}


def _parameters(layers: int) -> int:
    stack = nn.LSTM(UNITS, UNITS, layers, device="meta")
    return sum(parameter.numel() for parameter in stack.parameters())


def _written(model: Translator, source: Tensor) -> list[str]:
    with torch.inference_mode():
        found = greedy(model.step, *model.start(source), start=1, end=2, max_length=12)
    return [" ".join(map(str, ids)) for ids in found.ids[:, 0].tolist()]
