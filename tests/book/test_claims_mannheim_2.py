"""Claims of mannheim 2: the file's format by hand, and the rules on cards with a known verdict."""

from collections.abc import Callable, Sequence
from math import sqrt
from pathlib import Path
from typing import Any

import pytest
from ruling import CLAIMS, Row, ruled, ruled_by
from scipy.stats import t

from coursekit.evidence import Ruling, ruling_of
from coursekit.evidence.rulings import mannheim_2_file, mannheim_2_vectors

Judge = Callable[..., Ruling]
Runs = dict[str, list[Row]]


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    """Rule on a claim by a card of these runs: by configuration, a row for each seed."""

    def of(name: str, runs: Runs, **changes: Any) -> Ruling:
        data = {"name": "imdb-labelled", "train": 25_000, "test": 25_000}
        return ruled_by(tmp_path, f"mannheim.{name}", runs, data=data, **changes)

    return of


def rows(*metrics: dict[str, float], epochs: int = 5) -> list[Row]:
    return [Row(row, settings={"epochs": epochs}) for row in metrics]


def test_every_figure_of_the_report_is_a_claim() -> None:
    figures = {name: claim.claimed for name, claim in CLAIMS.items() if name.startswith("mannheim.2")}
    assert {
        name.removeprefix("mannheim."): value for name, value in figures.items() if value is not None
    } == {
        "2b.train-loss-1": 0.6865,
        "2b.train-loss-5": 0.3577,
        "2b.lowest-epoch": 4,
        "2b.validation-loss-lowest": 0.6657,
        "2b.validation-loss-5": 0.6667,
        "2c.coverage": (29_841, 32_362),
        "2c.dimensions": 100,
        "2d.frozen-loss": 0.6,
    }


# Metric by claim, and how many reviews it is a mean of where that widens the interval.
LOSSES = {
    "2b.train-loss-1": ("train_loss_first", None),
    "2b.train-loss-5": ("train_loss_last", 3_200),
    "2b.validation-loss-lowest": ("validation_loss_lowest", 400),
    "2b.validation-loss-5": ("validation_loss_last", 400),
}
SPREAD = (-0.002, 0.0, 0.002)


def losses(metric: str, centre: float, *, error: float = 0.02, epochs: int = 5) -> Runs:
    figures = ({metric: centre + off, "validation_loss_error": error} for off in SPREAD)
    return {"course": rows(*figures, epochs=epochs)}


@pytest.mark.parametrize("name", LOSSES)
def test_losses(judge: Judge, name: str) -> None:
    metric, reviews = LOSSES[name]
    claimed = CLAIMS[f"mannheim.{name}"].claimed
    near = judge(name, losses(metric, claimed))
    assert (near.verdict, near.actual, near.values["seeds"]) == ("holds", f"{claimed:.4f}", "3")
    # By hand: three seeds with deviation 0.002, and a validation error of 0.02 for 400 reviews.
    added = 0.02**2 * 400 / reviews if reviews else 0
    half = t.ppf(0.975, 2) * sqrt(0.002**2 * (1 + 1 / 3) + added)
    assert near.values["low"] == f"{claimed - half:.4f}"
    assert near.values["high"] == f"{claimed + half:.4f}"
    assert judge(name, losses(metric, claimed + 0.98 * half)).verdict == "holds"
    far = judge(name, losses(metric, claimed - 1.02 * half))
    assert far.verdict == "unsupported" and "not reproduced" in far.evidence
    assert ("on other reviews" in far.evidence) is bool(reviews)
    short = judge(name, losses(metric, claimed, epochs=4))
    assert short.verdict == "unsupported" and "4 epochs do not decide what 5 would show" in short.evidence


def test_figures_are_rounded(judge: Judge) -> None:
    """0.6 may stand for anything from 0.55 to 0.65."""

    def of(centre: float) -> Ruling:
        return judge("2b.train-loss-1", losses("train_loss_first", centre, error=0), claimed=0.6)

    half = t.ppf(0.975, 2) * 0.002 * sqrt(4 / 3)
    assert (of(0.65 + 0.98 * half).verdict, of(0.65 + 1.02 * half).verdict) == ("holds", "unsupported")
    assert (of(0.55 - 0.98 * half).verdict, of(0.55 - 1.02 * half).verdict) == ("holds", "unsupported")
    assert of(0.62).actual == "0.62"


@pytest.mark.parametrize(
    ("epochs", "verdict", "actual"),
    [
        ((4, 4), "holds", "epoch 4 in 2 of 2 seeds"),
        ((5, 3), "wrong", "epoch 3 in 1 of 2 seeds, epoch 5 in 1 of 2 seeds"),
        ((4, 5), "depends on the seed", "epoch 4 in 1 of 2 seeds, epoch 5 in 1 of 2 seeds"),
    ],
)
def test_lowest_epoch(judge: Judge, epochs: Sequence[int], verdict: str, actual: str) -> None:
    runs = {"course": rows(*({"best_epoch": epoch} for epoch in epochs))}
    found = judge("2b.lowest-epoch", runs)
    assert (found.verdict, found.actual) == (verdict, actual)
    assert judge("2b.lowest-epoch", runs, claimed=7).verdict == "wrong"


def ended(train: float, validation: float, **others: float) -> dict[str, float]:
    return {
        "train_loss_end": train, "validation_loss_end": validation, "validation_loss_error": 0.02, **others
    }  # fmt: skip


def test_overfits(judge: Judge) -> None:
    found = judge("2b.overfits", {"course": rows(ended(0.3, 0.6), ended(0.4, 0.7))})
    assert found.verdict == "holds"
    assert found.actual == "0.35 on the training reviews and 0.65 on the validation reviews"
    for gap, verdict in ((0.061, "holds"), (0.059, "wrong")):
        runs = {"course": rows(*[ended(0.5, 0.5 + gap)] * 2)}
        assert judge("2b.overfits", runs).verdict == verdict, "three standard errors are 0.06"
    mixed = {"course": rows(ended(0.3, 0.6), ended(0.6, 0.6))}
    assert judge("2b.overfits", mixed).verdict == "depends on the seed"


SHORT = ended(0.3, 0.6)


@pytest.mark.parametrize(
    ("long", "verdict"),
    [
        ((ended(0.01, 1.2), ended(0.02, 1.1)), "imprecise"),
        ((ended(0.1, 0.3), ended(0.2, 0.4)), "holds"),
        ((ended(0.3, 0.7), ended(0.4, 0.6)), "unsupported"),
        ((ended(0.01, 1.2), ended(0.2, 0.4)), "depends on the seed"),
        ((ended(0.01, 1.2), ended(0.4, 1.2)), "depends on the seed"),
    ],
)
def test_global_minimum(judge: Judge, long: Sequence[dict[str, float]], verdict: str) -> None:
    runs = {"course": rows(SHORT, SHORT, SHORT), "25 epochs": rows(*long, epochs=25)}
    found = judge("2b.global-minimum", runs)
    assert (found.verdict, found.values["epochs"], found.values["seeds"]) == (verdict, "25", "2")
    assert (found.values["train"], found.values["validation"]) == ("0.30", "0.60")
    if verdict == "imprecise":
        assert found.actual == "0.01 and 1.15"
    assert judge("2b.global-minimum", {"course": runs["course"]}).verdict is None


def test_untrained_words(judge: Judge) -> None:
    def runs(*moved: float) -> Runs:
        return {
            "course": rows(
                *({"moved_never": x, "rows_never": 0.28, "validation_words_never": 0.037} for x in moved)
            )
        }

    found = judge("2b.untrained-words", runs(0.0, 0.0))
    assert (found.verdict, found.actual) == ("holds", "0.0 %")
    assert (found.values["rows"], found.values["running"]) == ("28.0 %", "3.7 %")
    assert judge("2b.untrained-words", runs(1e-4, 1.0)).verdict == "wrong"
    assert judge("2b.untrained-words", runs(0.0, 1e-4)).verdict == "depends on the seed"


def dropped(*without: float, others: float = 0.6, retrained: float = 0.61) -> Runs:
    """Losses of 0.3 in training and 0.6 in validation, and what leaving words out makes of the second."""
    return {
        "course": rows(
            *(
                ended(
                    0.3,
                    0.6,
                    validation_loss_without_never=loss,
                    validation_loss_without_never_others=others,
                )
                for loss in without
            )
        ),
        "vocabulary from training text": rows(*[ended(0.3, retrained)] * len(without)),
    }


@pytest.mark.parametrize(
    ("without", "others", "verdict"),
    [
        ((0.44, 0.40), 0.6, "holds"),
        ((0.50, 0.51), 0.6, "imprecise"),
        ((0.50, 0.51), 0.5, "wrong"),
        ((0.61, 0.59), 0.6, "wrong"),
        ((0.44, 0.50), 0.6, "depends on the seed"),
    ],
)
def test_cause(judge: Judge, without: Sequence[float], others: float, verdict: str) -> None:
    found = judge("2b.cause", dropped(*without, others=others))
    assert found.verdict == verdict
    assert found.actual == f"from 0.600 to {sum(without) / 2:.3f}"
    assert (found.values["others"], found.values["train"]) == (f"{others:.3f}", "0.300")
    assert found.values["retrained"] == "+0.010"


def test_words_cannot_be_the_cause_of_a_gap_that_is_not_there(judge: Judge) -> None:
    runs = dropped(0.5, 0.4, others=0.3)
    for row in runs["course"]:
        row.metrics |= ended(0.6, 0.6)
    found = judge("2b.cause", runs)
    assert found.verdict == "wrong" and "closes 0 % to 0 %" in found.evidence


def covered(*, words: int, known: int = 900, types: int = 1_000) -> Runs:
    figures = {
        "words": words, "types": types, "known_types": known, "type_coverage": known / types,
        "token_coverage": 0.98, "dimension": 100,
    }  # fmt: skip
    other = dict.fromkeys(figures, 7)
    return {
        "own vectors": rows(other),
        "GloVe 6B": rows(figures, figures),
        "GloVe 6B, shared words": rows(other),
    }


def test_coverage(judge: Judge) -> None:
    claim = CLAIMS["mannheim.2c.coverage"]
    part = judge("2c.coverage", covered(words=2_717))
    assert (part.verdict, part.actual) == ("unsupported", "900 of 1,000")
    assert part.values == {"share": "92.2 %", "ours": "90.0 %", "vectors": "2,717", "running": "98.0 %"}
    assert 0.922 < 29_841 / 32_362 < 0.9225
    assert "2,717 of the 400,000 vectors of GloVe 6B are at hand, which cannot decide" in part.evidence
    assert "have 900 of 1,000 of the different words" in part.correction(claim)
    assert judge("2c.coverage", covered(words=2_717, known=922)).verdict == "unsupported"
    for known, verdict in ((903, "holds"), (941, "holds"), (901, "unsupported"), (943, "unsupported")):
        whole = judge("2c.coverage", covered(words=400_000, known=known))
        assert whole.verdict == verdict and "differ by 2 % agree" in whole.evidence
    assert judge("2c.coverage", covered(words=2_717), claimed=(32_363, 32_362)).verdict == "wrong"


def test_dimensions(judge: Judge) -> None:
    found = judge("2c.dimensions", covered(words=2_717))
    assert (found.verdict, found.actual) == ("holds", "100")
    assert judge("2c.dimensions", covered(words=2_717), claimed=101).verdict == "wrong"


def test_key() -> None:
    lines = mannheim_2_file.LINES.splitlines()
    keys = [line.split(" ")[0] for line in lines]
    assert keys == ["the", ",", ".", "of"] and not any(map(str.isdecimal, keys))
    found = ruled("mannheim.2c.key")
    assert (found.verdict, found.actual) == ("wrong", "the word itself")
    assert found.values["keys"] == "'the', ',', '.', 'of'"


@pytest.mark.parametrize(
    ("lines", "verdict"), [("1 0.5 2 3\n2 1 0.5 2\n", "holds"), ("1 0.5 2 3\nof 1 0.5 2\n", "imprecise")]
)
def test_another_file_gets_another_verdict(monkeypatch: pytest.MonkeyPatch, lines: str, verdict: str) -> None:
    monkeypatch.setattr(mannheim_2_file, "LINES", lines)
    assert ruled("mannheim.2c.key").verdict == verdict


def test_the_lines_are_those_of_the_file(real_data: Path) -> None:
    path = real_data / "glove" / "glove.6B.100d.top2717.txt"
    if not path.is_file():
        pytest.skip("the most frequent words of GloVe 6B are not there")
    with path.open(encoding="utf-8", newline="\n") as stream:
        begun = [" ".join(next(stream).split(" ")[:4]) for _ in range(4)]
    assert "".join(f"{line}\n" for line in begun) == mannheim_2_file.LINES


KINDS = ("scratch", "frozen", "fine-tuned")
VALIDATION = {
    "scratch": (0.69, 0.68, 0.66, 0.65, 0.64),
    "frozen": (0.68, 0.65, 0.62, 0.600, 0.595),
    "fine-tuned": (0.67, 0.60, 0.55, 0.56, 0.58),
}
TRAIN = {
    "scratch": (0.68, 0.60, 0.50, 0.45, 0.40),
    "frozen": (0.69, 0.65, 0.60, 0.57, 0.55),
    "fine-tuned": (0.67, 0.55, 0.40, 0.30, 0.20),
}


def curves(
    *, epochs: int = 5, types: float = 0.9, glove: Any = None, own: Any = None, one: Any = None
) -> Runs:
    """Runs with the report's curves; `glove` and `own` change those of some models, `one` in the last seed.

    A change is a dictionary from the metric and the model to a curve.
    """

    def run(kind: str, changes: Sequence[Any]) -> Row:
        history = {"validation_loss": VALIDATION[kind], "train_loss": TRAIN[kind]}
        for change in changes:
            history |= {metric: curve for (metric, which), curve in (change or {}).items() if which == kind}
        return Row(
            {
                "train_known_tokens": 0.75,
                "known_types": types,
                "validation_loss_last": history["validation_loss"][-1],
            },
            history,
            {"epochs": epochs},
        )

    found = {}
    for vectors, changes in (("GloVe 6B", glove), ("own vectors", own)):
        for kind in KINDS:
            name = kind if kind == "scratch" else f"{kind}, {vectors}"
            last = [changes, one] if name != "scratch" else [one]
            found[name] = [
                run(kind, last if seed else [changes] if kind != "scratch" else []) for seed in range(2)
            ]
    return found


# A curve of one model that makes the statement false.
FALSE = {
    "2d.validation-frozen": {("validation_loss", "frozen"): (0.68, 0.65, 0.62, 0.60, 0.65)},
    "2d.validation-fine-tuned": {("validation_loss", "fine-tuned"): (0.67, 0.68, 0.55, 0.56, 0.58)},
    "2d.train-frozen": {("train_loss", "frozen"): (0.69, 0.65, 0.49, 0.57, 0.55)},
    "2d.train-fine-tuned": {("train_loss", "fine-tuned"): (0.60, 0.55, 0.50, 0.45, 0.41)},
    "2d.train-fastest": {("train_loss", "fine-tuned"): (0.69, 0.65, 0.60, 0.55, 0.42)},
    "2d.turns-up": {("validation_loss", "fine-tuned"): (0.67, 0.60, 0.55, 0.56, 0.55)},
    "2d.frozen-levels-out": {("validation_loss", "frozen"): (0.68, 0.65, 0.62, 0.60, 0.589)},
}


def counted(ruling: Ruling) -> str:
    return ruling.evidence.partition("true in ")[2]


@pytest.mark.parametrize("name", FALSE)
def test_statements_on_curves(judge: Judge, name: str) -> None:
    other = FALSE[name]
    found = judge(name, curves())
    assert (found.verdict, found.values) == ("holds", {"known": "75 %"})
    assert counted(found) == "2 of 2 seeds with GloVe 6B and in 2 of 2 with our own vectors"
    metric, model = next(iter(other))
    means = (VALIDATION if metric == "validation_loss" else TRAIN)[model]
    shown = f"{model}, own vectors: {' '.join(f'{x:.2f}' for x in means)}"
    assert shown in found.actual and found.actual.startswith("From scratch: 0.6")
    assert judge(name, curves(glove=other, own=other)).verdict == "wrong"
    for changes in ({"glove": other}, {"own": other}):
        decided = judge(name, curves(**changes))
        assert decided.verdict == "unsupported", "the vectors decide"
    assert counted(decided) == (
        "2 of 2 seeds with GloVe 6B and in 0 of 2 with our own vectors; the vectors decide"
    )
    some = judge(name, curves(one=other))
    assert some.verdict == "depends on the seed"
    assert counted(some) == "1 of 2 seeds with GloVe 6B and in 1 of 2 with our own vectors"
    short = judge(name, curves(epochs=4))
    assert short.verdict == "unsupported" and "4 epochs do not decide" in short.evidence


@pytest.mark.parametrize("name", FALSE)
def test_a_table_without_most_of_the_words_refutes_nothing(judge: Judge, name: str) -> None:
    other = FALSE[name]
    for types, verdict in ((0.51, "wrong"), (0.49, "unsupported")):
        found = judge(name, curves(types=types, glove=other, own=other))
        assert found.verdict == verdict
        assert ("49 % of the different words, too few to refute it" in found.evidence) is (types < 0.5)
    assert judge(name, curves(types=0.1)).verdict == "holds"
    assert judge(name, curves(types=0.1, one=other)).verdict == "depends on the seed"


def test_fastest_is_measured_against_both_others(judge: Judge) -> None:
    steep = {("train_loss", "frozen"): (0.69, 0.6, 0.4, 0.3, 0.15)}
    assert judge("2d.train-fastest", curves(glove=steep, own=steep)).verdict == "wrong"
    late = {("train_loss", "fine-tuned"): (0.70, 0.69, 0.68, 0.50, 0.41)}
    assert judge("2d.train-fastest", curves(glove=late, own=late)).verdict == "holds"


@pytest.mark.parametrize("name", ["2d.validation-frozen", "2d.validation-fine-tuned", "2d.train-frozen"])
def test_the_first_epoch_does_not_count(judge: Judge, name: str) -> None:
    metric, model = next(iter(FALSE[name]))
    curve = (VALIDATION if metric == "validation_loss" else TRAIN)[model]
    for first in (0.1, 2.0):
        other = {(metric, model): (first, *curve[1:])}
        assert judge(name, curves(glove=other, own=other)).verdict == "holds"


def test_levels_out_is_a_change_in_either_direction(judge: Judge) -> None:
    level = mannheim_2_vectors.LEVEL
    for change, verdict in ((-1.1, "wrong"), (-0.9, "holds"), (0.9, "holds"), (1.1, "wrong")):
        curve = {("validation_loss", "frozen"): (0.65, 0.62, 0.61, 0.60, 0.60 + change * level)}
        assert judge("2d.frozen-levels-out", curves(glove=curve, own=curve)).verdict == verdict


def ends(glove: float, own: float, *, epochs: int = 5) -> Runs:
    return {
        f"frozen, {vectors}": rows(
            *({"validation_loss_last": end + off, "train_known_tokens": 0.75} for off in (-0.002, 0.002)),
            epochs=epochs,
        )
        for vectors, end in (("GloVe 6B", glove), ("own vectors", own))
    }


def test_frozen_loss(judge: Judge) -> None:
    rest = {name: found for name, found in curves().items() if not name.startswith("frozen")}
    both = judge("2d.frozen-loss", ends(0.62, 0.58) | rest)
    assert (both.verdict, both.actual) == ("holds", "0.62 (GloVe 6B) and 0.58 (own vectors)")
    assert both.values == {"seeds": "2", "known": "75 %"}
    assert judge("2d.frozen-loss", ends(0.8, 0.58) | rest).verdict == "holds"
    assert judge("2d.frozen-loss", ends(0.62, 0.3) | rest).verdict == "holds"
    neither = judge("2d.frozen-loss", ends(0.8, 0.3) | rest)
    assert (
        neither.verdict == "unsupported" and "GloVe 6B: claimed 0.6, one run is expected" in neither.evidence
    )
    assert judge("2d.frozen-loss", ends(0.6, 0.6, epochs=3) | rest).verdict == "unsupported"


def longer(**lowest: tuple[float, ...]) -> Runs:
    """Lowest validation losses, all 0.6 in the course's training; an underscore stands for a comma."""
    names = [*curves(), *(name.replace("_", ", ").replace("GloVe", "GloVe 6B") for name in lowest)]
    figures = [(0.601, 0.6, 0.599)] * len(curves()) + list(lowest.values())
    return {
        name: rows(*({"validation_loss_lowest": loss} for loss in values))
        for name, values in zip(names, figures, strict=True)
    }


def test_best_loss(judge: Judge) -> None:
    adam = {"frozen_own vectors_25 epochs": (0.55, 0.55), "frozen_GloVe_25 epochs_Adam": (0.45, 0.46, 0.44)}
    found = judge("2d.best-loss", longer(**adam))
    assert (found.verdict, found.actual, found.values) == (
        "wrong",
        "0.45",
        {"least": "frozen, GloVe 6B, 25 epochs, Adam", "before": "0.60", "seeds": "3"},
    )
    assert "frozen, own vectors, 25 epochs -0.050" in found.evidence
    for losses_ in ((0.595, 0.594, 0.593), (0.9, 0.3, 0.5), (0.7, 0.7, 0.7)):
        none = judge("2d.best-loss", longer(**{"frozen_GloVe_25 epochs": losses_}))
        assert none.verdict == "unsupported", "too little, too uncertain, or higher"
    sure = {"frozen_own vectors_x": (0.55, 0.55), "frozen_own vectors_y": (0.1, 0.9, 0.1)}
    runs = longer(**sure)
    runs["frozen, own vectors"][2].metrics["validation_loss_lowest"] = 0.9
    found = judge("2d.best-loss", runs)
    assert found.values == {"least": "frozen, own vectors, x", "before": "0.60", "seeds": "2"}
    scaled = judge("2d.best-loss", longer(**{"frozen_scaled vectors": (0.5, 0.51, 0.5)}))
    assert (scaled.verdict, scaled.values["least"]) == ("wrong", "frozen, scaled vectors")
    shuffled = judge("2d.best-loss", longer(**{"frozen_shuffled vectors": (0.5, 0.51, 0.5)}))
    assert shuffled.verdict is None, "those are other vectors"
    one = judge(
        "2d.best-loss", longer(**{"frozen_GloVe_25 epochs": (0.5,), "frozen_own vectors_x": (0.5, 0.5)})
    )
    assert one.verdict is None
    assert one.evidence.startswith("one seed")
    assert judge("2d.best-loss", longer()).verdict is None


MEASURED = sorted(name for name, claim in CLAIMS.items() if name.startswith("mannheim.2") and claim.card)
COUNTED = [name for name in MEASURED if name.startswith("mannheim.2c")]


@pytest.mark.parametrize("claim_id", MEASURED)
def test_no_card_gives_no_verdict(judge: Judge, tmp_path: Path, claim_id: str) -> None:
    assert ruling_of(CLAIMS[claim_id], book=tmp_path).verdict is None
    other = judge(claim_id.removeprefix("mannheim."), {"another": rows({"test_accuracy": 0.5})})
    assert other.verdict is None
    assert "'another'" in other.evidence or "no other training" in other.evidence


@pytest.mark.parametrize("claim_id", sorted({*MEASURED} - {*COUNTED}))
def test_one_seed_gives_no_verdict(judge: Judge, claim_id: str) -> None:
    every = ended(
        0.3,
        0.6,
        **{metric: 0.5 for metric, _ in LOSSES.values()},
        **dict.fromkeys(("moved_never", "rows_never", "validation_words_never", "train_known_tokens"), 0.0),
        validation_loss_without_never=0.5,
        validation_loss_without_never_others=0.6,
        best_epoch=4,
    )
    history = {name: [0.5, 0.4, 0.3, 0.2, 0.1] for name in ("train_loss", "validation_loss")}
    names = (
        "course", "25 epochs", "vocabulary from training text", "frozen, own vectors, 25 epochs", *curves()
    )  # fmt: skip
    runs = {name: [Row(every, history, {"epochs": 5})] for name in names}
    found = judge(claim_id.removeprefix("mannheim."), runs)
    assert found.verdict is None and "one seed" in found.evidence
    assert found.correction(CLAIMS[claim_id]) == ""


def test_the_corrections_are_sentences(judge: Judge) -> None:
    claim = CLAIMS["mannheim.2b.cause"]
    assert judge("2b.cause", dropped(0.59, 0.58, others=0.61)).correction(claim) == (
        "Leaving these words out of the validation reviews takes the loss from 0.600 to 0.585, leaving out "
        "as many others takes it to 0.610; the training loss is 0.300. With a vocabulary of the training "
        "text, where all of them share one vector, the validation loss changes by +0.010 (2 seeds)."
    )
    claim = CLAIMS["mannheim.2d.turns-up"]
    assert judge("2d.turns-up", curves()).correction(claim) == (
        "From scratch: 0.69 0.68 0.66 0.65 0.64; fine-tuned, GloVe 6B: 0.67 0.60 0.55 0.56 0.58; fine-tuned, "
        "own vectors: 0.67 0.60 0.55 0.56 0.58, epoch by epoch in the mean of the seeds. The report's "
        "reviews and vectors are not known; those of GloVe 6B at hand have 75 % of the running words."
    )
