"""Claims of bogazici: the counted one by hand, and the rules on cards with a known verdict."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from ruling import CLAIMS, Row, ruled, ruled_by
from torch import nn

from coursekit.evidence import Ruling
from coursekit.evidence.rulings import bogazici

Rows = list[dict[str, float]]
Judge = Callable[..., Ruling]


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    """Rule on a claim by a card: metrics by configuration and seed, and the epochs of all runs."""

    def of(name: str, runs: dict[str, Rows], *, epochs: int = 50, **changes: Any) -> Ruling:
        made = {
            configuration: [Row(metrics, settings={"epochs": epochs}) for metrics in seeds]
            for configuration, seeds in runs.items()
        }
        data = {"name": "cifar-10", "train": 50_000, "test": 10_000}
        return ruled_by(tmp_path, f"bogazici.{name}", made, data=data, **changes)

    return of


def of(metric: str, *values: float) -> Rows:
    return [{metric: value} for value in values]


FIGURES = [
    *(
        (f"bogazici.{1 if n == 1 else 2}.{part}-{n}", f"model {n}", part)
        for n in range(1, 10)
        for part in ("train", "test")
    ),
    *(
        (f"bogazici.3.{part}-{short}", name, part)
        for short, name in (("momentum", "SGD, momentum"), ("adam", "Adam"), ("rmsprop", "RMSprop"))
        for part in ("train", "test")
    ),
]  # fmt: skip


def test_every_figure_of_the_report_is_a_claim() -> None:
    measured = {claim.id for claim in CLAIMS.values() if claim.course == "bogazici" and claim.unit == "%"}
    assert measured == {name for name, *_ in FIGURES}
    assert [CLAIMS[f"bogazici.2.{part}-9"].claimed for part in ("train", "test")] == [
        CLAIMS[f"bogazici.3.{part}-momentum"].claimed for part in ("train", "test")
    ], "model 9 was trained with momentum"


@pytest.mark.parametrize(("name", "configuration", "part"), FIGURES)
def test_figures(judge: Judge, name: str, configuration: str, part: str) -> None:
    claimed = CLAIMS[name].claimed / 100

    def runs(centre: float) -> dict[str, Rows]:
        return {configuration: of(f"{part}_accuracy", centre, centre + 0.004, centre - 0.004)}

    name = name.removeprefix("bogazici.")
    found = judge(name, runs(claimed))
    assert found.verdict == "holds"
    assert f"10,000 {'training' if part == 'train' else 'test'} images" in found.evidence
    assert judge(name, runs(claimed - 0.1)).verdict == "unsupported"
    shorter = judge(name, runs(claimed), epochs=6)
    assert (shorter.verdict, shorter.actual) == (
        "unsupported",
        f"{100 * claimed:.1f} % after 6 of 50 epochs",
    )
    assert judge(name, {"another": of("test_accuracy", 0.5, 0.5)}).verdict is None


CROPPED = {"+ crop, padded": of("test_accuracy", 0.61, 0.62), "model 1": of("test_accuracy", 0.6, 0.6)}


@pytest.mark.parametrize(
    ("four", "verdict"),
    [
        ((0.57, 0.575), "holds"),
        ((0.67, 0.675), "wrong"),
        ((0.67, 0.57), "unsupported"),
        ((0.57,), None),
    ],
)
def test_cropping(judge: Judge, four: tuple[float, ...], verdict: str | None) -> None:
    runs = {"model 3": of("test_accuracy", 0.62, 0.622), "model 4": of("test_accuracy", *four), **CROPPED}
    ruling = judge("2.cropping", runs)
    assert ruling.verdict == verdict
    if verdict:
        assert ruling.values["padded"] == "+1.5 points, not distinguishable"
        assert ruling.values["epochs"] == "50"
        assert ruling.actual in judge("2.cropping", runs, epochs=6).correction(CLAIMS["bogazici.2.cropping"])


@pytest.mark.parametrize("length", [4, 49])
def test_comparisons_after_fewer_epochs_decide_nothing(judge: Judge, length: int) -> None:
    models = {"model 3": scores((0.67, 0.62), (0.68, 0.62)), "model 4": scores((0.60, 0.60), (0.61, 0.601))}
    optimisers = {
        name: of("test_accuracy", value, value + 0.001)
        for name, value in (("SGD, momentum", 0.75), ("Adam", 0.73), ("RMSprop", 0.72))
    }
    for name, runs in (
        ("2.cropping", {**models, **CROPPED}),
        ("2.cropping-underfits", models),
        ("3.ranking", optimisers),
        ("4.separation", maps(end_tsne=(0.05, 0.07))),
    ):
        assert judge(name, runs).verdict == "holds"
        short = judge(name, runs, epochs=length)
        assert short.verdict == "unsupported"
        assert f"{length} epochs do not decide what 50 would show" in short.evidence
        assert short.values["epochs"] == f"{length} of 50"
    clear = judge("4.separation", maps(end_tsne=(0.4, 0.3)), epochs=length)
    assert clear.verdict == "wrong", "clusters that are there early do not go"


def scores(*pairs: tuple[float, float]) -> Rows:
    return [{"train_accuracy": train, "test_accuracy": test} for train, test in pairs]


def test_cropping_underfits(judge: Judge) -> None:
    three = scores((0.67, 0.62), (0.68, 0.62))
    for four, verdict in (
        (scores((0.60, 0.60), (0.61, 0.61)), "holds"),
        (scores((0.60, 0.50), (0.61, 0.51)), "wrong"),
        (scores((0.70, 0.69), (0.71, 0.70)), "wrong"),
        (scores((0.60, 0.60), (0.70, 0.69)), "depends on the seed"),
    ):
        ruling = judge("2.cropping-underfits", {"model 3": three, "model 4": four})
        assert ruling.verdict == verdict
    exact = judge("2.cropping-underfits", {"model 3": three, "model 4": scores((0.60, 0.60), (0.61, 0.61))})
    assert exact.actual == "training accuracy -7.0 points, gap -5.5 points, not distinguishable"
    assert judge("2.cropping-underfits", {"model 3": three[:1], "model 4": three[:1]}).verdict is None


@pytest.mark.parametrize(
    ("five", "alone", "nine", "verdict"),
    [
        ((0.65, 0.651), (0.70, 0.701), (0.72, 0.721), "imprecise"),
        ((0.65, 0.651), (0.70, 0.701), (0.66, 0.74), "wrong"),
        ((0.65, 0.651), (0.60, 0.70), (0.61, 0.69), "unsupported"),
        ((0.65, 0.651), (0.70, 0.701), (0.60, 0.601), "wrong"),
    ],
)
def test_hidden_layer(judge: Judge, five: Any, alone: Any, nine: Any, verdict: str) -> None:
    metric = "test_accuracy"
    runs = {
        "model 5": of(metric, *five),
        "model 9, one hidden layer": of(metric, *alone),
        "model 9": of(metric, *nine),
    }
    assert judge("2.hidden-layer", runs).verdict == verdict
    assert judge("2.hidden-layer", {name: found[:1] for name, found in runs.items()}).verdict is None


@pytest.mark.parametrize(
    ("adam", "verdict"),
    [((0.73, 0.731), "holds"), ((0.71, 0.711), "imprecise"), ((0.76, 0.7605), "imprecise")],
)  # fmt: skip
def test_ranking(judge: Judge, adam: tuple[float, ...], verdict: str) -> None:
    metric = "test_accuracy"
    runs = {
        "SGD, momentum": of(metric, 0.75, 0.751),
        "Adam": of(metric, *adam),
        "RMSprop": of(metric, 0.72, 0.721),
    }
    ruling = judge("3.ranking", runs)
    assert (ruling.verdict, ruling.values["epochs"]) == (verdict, "50")
    backwards = dict(zip(runs, reversed(runs.values()), strict=True))
    assert judge("3.ranking", {**backwards, "Adam": of(metric, 0.735, 0.736)}).verdict == "wrong"


def test_dimensions() -> None:
    """Model 9's maps by plain layers: two convolutions that do not pool and one that does."""
    layers = nn.Sequential(
        nn.Conv2d(3, 16, 3), nn.Conv2d(16, 32, 3), nn.Conv2d(32, 16, 3), nn.MaxPool2d(2), nn.Flatten()
    )
    assert layers(torch.zeros(1, 3, 32, 32)).shape[1] == 16 * 13 * 13 == 2_704
    ruling = ruled("bogazici.4.dimensions")
    assert (ruling.verdict, ruling.actual, ruling.values["last"]) == ("imprecise", "2,704", "64")
    assert ruled("bogazici.4.dimensions", claimed=64).verdict == "holds"
    assert ruled("bogazici.4.dimensions", claimed=2_705).verdict == "wrong"


def maps(**by_variant: tuple[float, ...]) -> dict[str, Rows]:
    seeds = len(next(iter(by_variant.values())))
    metrics: Rows = [
        {
            "silhouette_start_tsne": -0.1, "knn_accuracy_start_tsne": 0.25,
            "knn_accuracy_end_tsne": 0.61, "silhouette_end_last_tsne": 0.2,
        }
        for _ in range(seeds)
    ]  # fmt: skip
    for variant, values in by_variant.items():
        for row, value in zip(metrics, values, strict=True):
            row[f"silhouette_{variant}"] = value
    return {"model 9": metrics}


def test_separation(judge: Judge) -> None:
    ruling = judge("4.separation", maps(end_tsne=(0.05, 0.07)))
    assert (ruling.verdict, ruling.actual) == ("holds", "0.06")
    assert [ruling.values[name] for name in ("start", "before", "after")] == ["-0.10", "25 %", "61 %"]
    assert judge("4.separation", maps(end_tsne=(0.4, 0.3))).verdict == "wrong"
    assert judge("4.separation", maps(end_tsne=(0.4, 0.1))).verdict == "depends on the seed"


@pytest.mark.parametrize(
    ("name", "variant"),
    [("4.dimension-reason", "end_pca50_tsne"), ("4.iterations-reason", "end_tsne_2000")],
)
@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ((0.15, 0.151), "holds"),
        ((0.01, 0.011), "wrong"),
        ((-0.1, -0.101), "wrong"),
        ((0.0, 0.2), "unsupported"),
        ((0.1,), None),
    ],
)
def test_reasons(
    judge: Judge, name: str, variant: str, change: tuple[float, ...], verdict: str | None
) -> None:
    base = (0.05,) * len(change)
    runs = maps(end_tsne=base, **{variant: tuple(a + b for a, b in zip(base, change, strict=True))})
    ruling = judge(name, runs)
    assert ruling.verdict == verdict
    if verdict:
        assert ruling.values["last"] == "0.20"
        assert bogazici.VISIBLE == 0.05
