"""Rules on the claims of bogazici, by the cards bogazici.1 to bogazici.4."""

from dataclasses import replace
from statistics import fmean

from coursekit.counting import layer_table
from coursekit.evidence.cards import Card
from coursekit.evidence.claims import Claim
from coursekit.evidence.formatting import number, percent
from coursekit.evidence.judging import difference, judge_better, points
from coursekit.evidence.lengths import epochs_run, judge_at_length, only_at_length
from coursekit.evidence.statistics import Difference
from coursekit.evidence.verdicts import ONE_SEED, Ruling, Verdict, card_rule, judge_statement, rule
from coursekit.models import ablation_cnn

#: Epochs of all of the report's runs.
EPOCHS = 50

#: Images behind a training and a test accuracy.
IMAGES = {"train": 10_000, "test": 10_000}

MODELS = {
    f"bogazici.{1 if n == 1 else 2}.{part}-{n}": (f"model {n}", f"{part}_accuracy")
    for n in range(1, 10)
    for part in IMAGES
}
OPTIMISERS = {
    f"bogazici.3.{part}-{short}": (name, f"{part}_accuracy")
    for short, name in (("momentum", "SGD, momentum"), ("adam", "Adam"), ("rmsprop", "RMSprop"))
    for part in IMAGES
}

#: A silhouette below this says that there are no clusters to speak of (Kaufman & Rousseeuw 1990, table 4).
CLUSTERS = 0.25

#: A gain in silhouette below this would not be seen.
VISIBLE = 0.05


@card_rule(*MODELS, *OPTIMISERS)
def accuracy(claim: Claim, card: Card) -> Ruling:
    """Final training or test accuracy of a model."""
    configuration, metric = (MODELS | OPTIMISERS)[claim.id]
    part = metric.removesuffix("_accuracy")
    return judge_at_length(
        claim, card, configuration, metric, epochs=EPOCHS, images=IMAGES[part],
        of="training images" if part == "train" else "test images",
    )  # fmt: skip


@card_rule("bogazici.2.cropping")
def cropping(claim: Claim, card: Card) -> Ruling:
    """Test accuracy of model 4 less that of model 3, which it differs from by the crop alone."""
    found = _effect(card, "model 4", "model 3", "test_accuracy")
    if found is None:
        return Ruling(None, evidence=ONE_SEED)
    lower, higher = (found.distinguishable and sign * found.mean > 0 for sign in (-1, 1))
    return _at_length(
        Ruling(
            "holds" if lower else "wrong" if higher else "unsupported",
            points(found),
            {"seeds": str(found.n), "epochs": _length(card, "model 4"), **_padded(card)},
            "test accuracy of model 4 less model 3, paired by seed",
        ),
        card, "model 3", "model 4",
    )  # fmt: skip


@card_rule("bogazici.2.cropping-underfits")
def cropping_underfits(claim: Claim, card: Card) -> Ruling:
    """Whether cropping lowers the training accuracy and the gap to the test images, in every seed."""
    train, test = (
        {name: card.values(name, f"{part}_accuracy") for name in ("model 3", "model 4")}
        for part in ("train", "test")
    )
    seeds = train["model 3"].keys() & train["model 4"].keys()
    gaps = {name: {seed: train[name][seed] - test[name][seed] for seed in seeds} for name in train}
    ruling = judge_statement(
        {
            seed: train["model 4"][seed] < train["model 3"][seed]
            and gaps["model 4"][seed] < gaps["model 3"][seed]
            for seed in seeds
        },
        actual=f"training accuracy {_points(train['model 4'], train['model 3'])}, "
        f"gap {_points(gaps['model 4'], gaps['model 3'])}",
        evidence="model 4 against model 3: training accuracy lower, and the gap to the test accuracy smaller",
        epochs=_length(card, "model 4"),
    )
    return _at_length(ruling, card, "model 3", "model 4")


@card_rule("bogazici.2.hidden-layer")
def hidden_layer(claim: Claim, card: Card) -> Ruling:
    """Whether model 9 owes its accuracy to the hidden layer or to the pooling that it lost as well.

    No layer can keep what the layers in front of it have lost, so the claim is imprecise at best.
    """
    alone = "model 9, one hidden layer"
    layer = _effect(card, "model 9", alone, "test_accuracy")
    pooling = _effect(card, alone, "model 5", "test_accuracy")
    if layer is None or pooling is None:
        return Ruling(None, evidence=ONE_SEED)
    helps, other = (found.distinguishable and found.mean > 0 for found in (layer, pooling))
    return Ruling(
        "imprecise" if helps else "wrong" if other else "unsupported",
        points(layer),
        {"pooling": points(pooling), "seeds": str(layer.n), "epochs": _length(card, "model 9")},
        "test accuracy, paired by seed: the second hidden layer, and the second pooling left out in front of "
        f"one, after {_length(card, 'model 9')} epochs",
    )


@card_rule("bogazici.3.ranking")
def ranking(claim: Claim, card: Card) -> Ruling:
    """Test accuracies of the optimisers, each at its own rate: momentum over Adam, Adam over RMSprop."""
    metric = "test_accuracy"
    cases = {
        f"{a} less {b}": _effect(card, a, b, metric)
        for a, b in (("SGD, momentum", "Adam"), ("Adam", "RMSprop"))
    }
    ruling = judge_better(cases, evidence="test accuracy, each optimiser at the rate that suits it")
    values = {**ruling.values, "epochs": _length(card, "Adam")}
    return _at_length(replace(ruling, values=values), card, "SGD, momentum", "Adam", "RMSprop")


@rule("bogazici.4.dimensions")
def dimensions(claim: Claim) -> Ruling:
    """Widths of what goes into each linear layer of model 9, in our reconstruction of it."""
    assert isinstance(claim.claimed, int)
    model = ablation_cnn(pools=(False, False, True), batch_norm=True, hidden=(64, 64))
    inputs = [row.input_shape[0] for row in layer_table(model, (3, 32, 32)).rows if row.kind == "Linear"]
    verdict: Verdict = "imprecise" if claim.claimed in inputs else "wrong"
    return Ruling(
        "holds" if inputs[-1] == claim.claimed else verdict,
        number(inputs[0]),
        {"last": number(inputs[-1])},
        f"inputs of the linear layers of model 9: {', '.join(map(number, inputs))}",
    )


@card_rule("bogazici.4.separation")
def separation(claim: Claim, card: Card) -> Ruling:
    """Whether the map of the 2,704 features shows no clusters at the end."""
    maps = {when: card.values("model 9", f"silhouette_{when}_tsne") for when in ("start", "end")}
    neighbours = {
        when: fmean(card.values("model 9", f"knn_accuracy_{when}_tsne").values()) for when in ("start", "end")
    }
    ruling = judge_statement(
        {seed: value < CLUSTERS for seed, value in maps["end"].items()},
        actual=f"{fmean(maps['end'].values()):.2f}",
        evidence=f"silhouette of the classes in the map at the end below {CLUSTERS}",
        start=f"{fmean(maps['start'].values()):.2f}",
        before=percent(neighbours["start"], decimals=0),
        after=percent(neighbours["end"], decimals=0),
        epochs=_length(card, "model 9"),
    )
    return _at_length(ruling, card, "model 9", keep=("wrong",))


@card_rule("bogazici.4.dimension-reason")
def dimension_reason(claim: Claim, card: Card) -> Ruling:
    """Whether the map separates better once the features are reduced to 50 dimensions."""
    return _judge_map(card, "end_pca50_tsne")


@card_rule("bogazici.4.iterations-reason")
def iterations_reason(claim: Claim, card: Card) -> Ruling:
    """Whether the map separates better after more iterations."""
    return _judge_map(card, "end_tsne_2000")


def _judge_map(card: Card, variant: str) -> Ruling:
    """Whether a variant of the map has a visibly larger silhouette than the map has."""
    found = difference(
        card.values("model 9", f"silhouette_{variant}"), card.values("model 9", "silhouette_end_tsne")
    )
    if found is None:
        return Ruling(None, evidence=ONE_SEED)
    verdict: Verdict = "unsupported"
    if found.distinguishable and found.mean >= VISIBLE:
        verdict = "holds"
    elif found.high < VISIBLE:
        verdict = "wrong"
    return Ruling(
        verdict,
        f"{found.mean:+.3f}",
        {
            "low": f"{found.low:+.3f}", "high": f"{found.high:+.3f}", "visible": f"{VISIBLE}",
            "map": f"{fmean(card.values('model 9', 'silhouette_end_tsne').values()):.2f}",
            "last": f"{fmean(card.values('model 9', 'silhouette_end_last_tsne').values()):.2f}",
            "seeds": str(found.n), "epochs": _length(card, "model 9"),
        },
        f"silhouette of {variant} less that of end_tsne: it holds from {VISIBLE} on, and is wrong where the "
        "whole interval lies below",
    )  # fmt: skip


def _effect(card: Card, changed: str, base: str, metric: str) -> Difference | None:
    return difference(card.values(changed, metric), card.values(base, metric))


def _at_length(ruling: Ruling, card: Card, *configurations: str, keep: tuple[Verdict, ...] = ()) -> Ruling:
    return only_at_length(ruling, card, *configurations, epochs=EPOCHS, keep=keep)


def _points(a: dict[int, float], b: dict[int, float]) -> str:
    found = difference(a, b)
    return points(found) if found else "of one seed"


def _padded(card: Card) -> dict[str, str]:
    """The effect of a crop that keeps the image's size."""
    found = _effect(card, "+ crop, padded", "model 1", "test_accuracy")
    return {"padded": points(found) if found else "not measured"}


def _length(card: Card, configuration: str) -> str:
    ran = epochs_run(card, configuration)
    return number(ran) if ran >= EPOCHS else f"{ran} of {EPOCHS}"
