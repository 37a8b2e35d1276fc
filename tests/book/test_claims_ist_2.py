"""Claims of ist 2, decided without the rules' own code; and the rules, which must agree.

Parameters are those of networks that are built here with plain torch modules, or added up by hand. The
measured claims are decided by result cards, so the rules are tried on cards whose verdict is known by
construction.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from ruling import CLAIMS, Row, ruled, ruled_by
from torch import nn

from coursekit.evidence import Ruling, ruling_of
from coursekit.evidence.rulings import ist_2_counts
from coursekit.models import cnn

STANDARD = {"name": "kmnist", "title": "KMNIST", "train": 60_000, "test": 10_000}
REDUCED = {"name": "kmnist-part", "title": "a part of KMNIST", "train": 8_000, "test": 2_000}

Runs = dict[str, list[dict[str, float]]]


def count(*layers: nn.Module) -> int:
    return sum(parameter.numel() for layer in layers for parameter in layer.parameters())


# The layers of ist.2.4 with parameters, by hand: what goes in, what comes out.
CONV1, CONV2 = nn.Conv2d(1, 8, 5, padding=2), nn.Conv2d(8, 16, 3)
HEAD = (nn.Linear(600, 120), nn.Linear(120, 10))
AS_IT_IS = count(CONV1, CONV2, nn.Linear(16 * 6 * 6, 600), *HEAD)
# A kernel of its own at each of the 28×28 positions, and at each of 12×12 behind the pooling.
LOCAL = 28 * 28 * count(CONV1) + 12 * 12 * count(CONV2) + count(nn.Linear(16 * 6 * 6, 600), *HEAD)


def test_pooling() -> None:
    images = torch.zeros(1, 1, 28, 28)
    unpooled = CONV2(CONV1(images)).flatten(1).shape[1]
    assert unpooled == 16 * 26 * 26
    without = count(CONV1, CONV2, nn.Linear(unpooled, 600, device="meta"), *HEAD)
    averaging = count(nn.Conv2d(1, 32, 3), nn.Conv2d(32, 64, 3), nn.Linear(64, 10))
    assert averaging == count(cnn((32, 64), head="average")), "whatever the size of its maps"
    ruling = ruled("ist.2.1.pooling")
    assert AS_IT_IS == 420_906 < without
    assert ruling.actual == f"{AS_IT_IS:,} parameters with it and {without:,} without"
    assert ruling.verdict == "imprecise"
    assert ruling.values["unmoved"] == f"a network that averages each map at its end ({averaging:,})"
    assert f"the network of mannheim.1a {63_050:,} and {320 + 250_890:,}" in ruling.evidence


def test_convolution() -> None:
    inner = (
        nn.Linear(28 * 28, 8 * 28 * 28, device="meta"),
        nn.Linear(8 * 14 * 14, 16 * 12 * 12, device="meta"),
    )
    dense = count(*inner, nn.Linear(16 * 6 * 6, 600), *HEAD)
    ruling = ruled("ist.2.1.convolution")
    assert dense > LOCAL
    assert ruling.actual == f"{LOCAL:,} parameters with it and {dense:,} without"
    assert (ruling.verdict, ruling.values["unmoved"]) == ("holds", "none")


def test_sharing() -> None:
    ruling = ruled("ist.2.1.sharing")
    assert AS_IT_IS < LOCAL
    assert ruling.actual == f"{AS_IT_IS:,} parameters with it and {LOCAL:,} without"
    assert (ruling.verdict, ruling.values["unmoved"]) == ("holds", "none")


def test_other_networks_get_other_verdicts(monkeypatch: pytest.MonkeyPatch) -> None:
    networks = {"averages": lambda: cnn((4,), head="average"), "flattens": lambda: cnn((4,))}
    monkeypatch.setattr(ist_2_counts, "NETWORKS", networks)
    assert ruled("ist.2.1.pooling").verdict == "imprecise"
    monkeypatch.setattr(ist_2_counts, "NETWORKS", {"flattens": networks["flattens"]})
    assert ruled("ist.2.1.pooling").verdict == "holds"
    monkeypatch.setattr(ist_2_counts, "NETWORKS", {"averages": networks["averages"]})
    assert ruled("ist.2.1.pooling").verdict == "wrong"
    # A kernel as large as the image has one position: there is nothing to share, and nothing local.
    whole = nn.Sequential(nn.Conv2d(1, 3, 28), nn.Flatten(), nn.Linear(3, 2))
    monkeypatch.setattr(ist_2_counts, "NETWORKS", {"one window": lambda: whole.to("meta")})
    for name in ("2.1.sharing", "2.1.convolution"):
        assert (ruled(f"ist.{name}").verdict, ruled(f"ist.{name}").values["unmoved"]) == (
            "wrong",
            "one window (2,363)",
        )


def test_inputs() -> None:
    pool = nn.MaxPool2d(2)
    maps = pool(CONV2(pool(CONV1(torch.zeros(1, 1, 28, 28)))))
    assert maps.shape == (1, 16, 6, 6) and CLAIMS["ist.2.4.inputs"].claimed == 16 * 6 * 6
    ruling = ruled("ist.2.4.inputs")
    assert (ruling.verdict, ruling.actual) == ("holds", "576")
    assert ruling.values == {"channels": "16", "height": "6", "width": "6"}
    assert ruled("ist.2.4.inputs", claimed=577).verdict == "wrong"


@pytest.fixture
def judge(tmp_path: Path) -> Callable[..., Ruling]:
    """Rule on a claim by a card of these runs: by configuration, the metrics of each seed."""

    def of(name: str, runs: Runs, *, data: dict[str, Any] = STANDARD, **changes: Any) -> Ruling:
        made = {configuration: [Row(metrics) for metrics in rows] for configuration, rows in runs.items()}
        return ruled_by(tmp_path, f"ist.{name}", made, data=data, **changes)

    return of


def scored(**accuracies: tuple[float, ...]) -> Runs:
    """Test accuracies by configuration; an underscore stands for a comma and a blank."""
    return {
        name.replace("_", ", "): [{"test_accuracy": share} for share in shares]
        for name, shares in accuracies.items()
    }


def sizes(*pairs: tuple[tuple[float, ...], tuple[float, ...]]) -> Runs:
    runs: Runs = {}
    for images, (cnns, mlps) in zip(("100 images", "1,000 images", "6,667 images"), pairs, strict=False):
        runs[f"CNN, {images}"] = [{"test_accuracy": share} for share in cnns]
        runs[f"MLP, {images}"] = [{"test_accuracy": share} for share in mlps]
    return runs


BETTER, WORSE = ((0.5, 0.51, 0.5), (0.4, 0.41, 0.4)), ((0.4, 0.41, 0.4), (0.5, 0.51, 0.5))
EQUAL = ((0.4, 0.5, 0.45), (0.5, 0.4, 0.46))


@pytest.mark.parametrize(
    ("pairs", "verdict", "better"),
    [
        ((BETTER, BETTER, BETTER), "holds", "with 100 images, with 1,000 images, with 6,667 images"),
        ((BETTER, EQUAL, WORSE), "imprecise", "with 100 images"),
        ((WORSE, EQUAL), "wrong", "none"),
        ((EQUAL, EQUAL), "unsupported", "none"),
    ],
)
def test_generalisation(judge: Callable[..., Ruling], pairs: Any, verdict: str, better: str) -> None:
    found = judge("2.2.generalisation", sizes(*pairs))
    assert (found.verdict, found.values["better"]) == (verdict, better)
    if pairs[0] is BETTER:
        assert found.actual.startswith("with 100 images +10.0 points")


def test_local_patterns(judge: Callable[..., Ruling]) -> None:
    plain = {"CNN": (0.9, 0.9), "MLP": (0.8, 0.8), "MLP_permuted": (0.8, 0.8)}
    lost = judge("2.2.local-patterns", scored(**plain, CNN_permuted=(0.84, 0.82)))
    assert lost.verdict == "holds" and "+10.0 points on the images and +3.0 on" in lost.actual
    assert judge("2.2.local-patterns", scored(**plain, CNN_permuted=(0.88, 0.86))).verdict == "wrong"
    some = judge("2.2.local-patterns", scored(**plain, CNN_permuted=(0.7, 0.86)))
    assert some.verdict == "depends on the seed"
    behind = {**plain, "CNN": (0.7, 0.7), "CNN_permuted": (0.5, 0.5)}
    assert judge("2.2.local-patterns", scored(**behind)).verdict == "wrong", "there was no lead to lose"


AHEAD = {"CNN": (0.9, 0.9, 0.91), "MLP": (0.8, 0.8, 0.8)}
LEVEL = {"CNN": (0.7, 0.8, 0.75), "MLP": (0.8, 0.7, 0.76)}
BEHIND = {"CNN": (0.7, 0.7, 0.71), "MLP": (0.8, 0.8, 0.8)}


def on(signals: dict[str, Any], nothing: dict[str, Any]) -> Runs:
    return scored(
        **{f"{model}_signals": shares for model, shares in signals.items()},
        **{f"{model}_sensors": shares for model, shares in nothing.items()},
    )


@pytest.mark.parametrize(("found", "verdict"), [(AHEAD, "wrong"), (LEVEL, "holds"), (BEHIND, "holds")])
def test_sensors(judge: Callable[..., Ruling], found: dict[str, Any], verdict: str) -> None:
    assert judge("2.3.sensors", on(AHEAD, found)).verdict == verdict


@pytest.mark.parametrize(
    ("signals", "nothing", "verdict"),
    [
        (AHEAD, LEVEL, "imprecise"),
        (AHEAD, BEHIND, "imprecise"),
        (AHEAD, AHEAD, "holds"),
        (LEVEL, LEVEL, "unsupported"),
        (BEHIND, AHEAD, "unsupported"),
    ],
)
def test_audio(judge: Callable[..., Ruling], signals: Any, nothing: Any, verdict: str) -> None:
    found = judge("2.3.audio", on(signals, nothing))
    assert found.verdict == verdict
    if signals is AHEAD:
        assert found.actual.startswith("+10.3 points on signals and ")


RATE_OF = {"1e-5": "1e-05", "5e-4": "0.0005"}
ACCURACIES = [f"2.4.accuracy-{rate}-{part}" for rate in RATE_OF for part in ("validation", "test")]


def trained(name: str, centre: float) -> Runs:
    """Five runs of the claim's rate around an accuracy in percent; all else is far from it."""
    rate, part = next(r for r in RATE_OF if f"-{r}-" in name), name.rpartition("-")[2]
    others = {configuration: [{f"{p}_accuracy": 0.5 for p in ("validation", "test")}] * 5
              for configuration in ("1e-05", "0.0005", "0.01")}  # fmt: skip
    other = "test" if part == "validation" else "validation"
    rows = [
        {f"{part}_accuracy": (centre + d) / 100, f"{other}_accuracy": 0.5} for d in (-0.2, -0.1, 0, 0.1, 0.2)
    ]
    return {**others, RATE_OF[rate]: rows}


@pytest.mark.parametrize("name", ACCURACIES)
def test_accuracies(judge: Callable[..., Ruling], name: str) -> None:
    claimed = CLAIMS[f"ist.{name}"].claimed
    near, far = (judge(name, trained(name, centre)) for centre in (claimed, claimed - 5))
    assert (near.verdict, near.values["task"]) == ("holds", "KMNIST")
    assert f"5 seeds, 10,000 {name.rpartition('-')[2]} images" in near.evidence
    assert (far.verdict, far.actual) == ("unsupported", f"{claimed - 5:.2f} %")
    for centre in (claimed, claimed - 5):
        part = judge(name, trained(name, centre), data=REDUCED)
        assert (part.verdict, part.values["task"]) == ("unsupported", "a part of KMNIST")
        assert part.actual == f"{centre:.2f} %"
        assert (
            "a reduced task with 8,000 training images, which neither confirms nor refutes" in part.evidence
        )


def collapsed(*shares: float, configuration: str = "0.01") -> Runs:
    return {configuration: [{"validation_accuracy": s, "test_accuracy": s} for s in shares]}


@pytest.mark.parametrize("name", ["2.4.collapse-validation", "2.4.collapse-test"])
def test_collapse(judge: Callable[..., Ruling], name: str) -> None:
    found = judge(name, collapsed(0.1, 0.103, 0.097))
    assert (found.verdict, found.actual) == ("holds", "9.7 % to 10.3 %")
    assert judge(name, collapsed(0.1, 0.11, 0.097)).verdict == "depends on the seed"
    assert judge(name, collapsed(0.5, 0.6)).verdict == "wrong"
    assert judge(name, collapsed(0.1, 0.1), claimed=50.0).verdict == "wrong", "the claim is not at chance"
    assert judge(name, collapsed(0.5, 0.6), data=REDUCED).verdict == "unsupported"
    assert judge(name, collapsed(0.1, 0.11), data=REDUCED).verdict == "holds", "fewer images, more error"
    both = collapsed(0.5, 0.6) | collapsed(0.1, 0.1, configuration="0.01, longer")
    assert judge(name, both, data=REDUCED).verdict == "holds", "as many steps as in the standard task"
    assert judge(name, both).verdict == "wrong"


def test_the_collapse_is_on_the_images_of_its_part(judge: Callable[..., Ruling]) -> None:
    runs = {"0.01": [{"validation_accuracy": 0.12, "test_accuracy": 0.5}] * 2}
    held_out = judge("2.4.collapse-validation", runs, data=REDUCED)
    assert held_out.verdict == "holds" and "on 1,333 images" in held_out.evidence
    assert "on 2,000 images" in judge("2.4.collapse-test", runs, data=REDUCED).evidence


def test_rate(judge: Callable[..., Ruling]) -> None:
    def runs(*best: str) -> Runs:
        rates = ("1e-05", "0.0005", "0.01", "0.0005, raw pixels")
        return {
            rate: [
                {"validation_accuracy": 0.99 if "raw" in rate else 0.9 if rate == b else 0.8} for b in best
            ]
            for rate in rates
        }

    found = judge("2.4.rate", runs("0.0005", "0.0005"))
    assert (found.verdict, found.actual) == ("holds", "0.0005 in 2 of 2 seeds")
    assert judge("2.4.rate", runs("1e-05", "1e-05"), data=REDUCED).verdict == "wrong"
    assert judge("2.4.rate", runs("1e-05", "0.0005")).verdict == "depends on the seed"
    assert judge("2.4.rate", runs("1e-05", "1e-05"), claimed=1e-05).verdict == "holds"


def correlated(*pairs: tuple[float, float]) -> Runs:
    names = "edge_correlation", "brightness_correlation"
    random = {"random": [dict(zip(names, (0.31, 0.62), strict=True))] * 3}
    return {"trained": [dict(zip(names, pair, strict=True)) for pair in pairs]} | random


def test_edges(judge: Callable[..., Ruling]) -> None:
    found = judge("2.5.edges", correlated((0.7, 0.5), (0.8, 0.6)))
    assert (found.verdict, found.values["random"]) == ("holds", "0.31 and 0.62")
    assert found.actual == "0.75 with the nearest edge filter and 0.55 with brightness"
    assert judge("2.5.edges", correlated((0.4, 0.5), (0.5, 0.6))).verdict == "wrong"
    assert judge("2.5.edges", correlated((0.7, 0.5), (0.5, 0.6))).verdict == "depends on the seed"


def test_ends(judge: Callable[..., Ruling]) -> None:
    def runs(*rows: tuple[float, float, float, float]) -> Runs:
        names = "upper_correlation", "lower_correlation", "upper_preference", "lower_preference"
        named = [dict(zip(names, row, strict=True)) for row in rows]
        return {"trained": named, "random": [dict.fromkeys(names, 0.2)] * 2}

    both = (0.7, 0.6, 0.3, 0.2)
    found = judge("2.5.ends", runs(both, both))
    assert (found.verdict, found.actual) == ("holds", "0.70 with upper and 0.60 with lower edges")
    assert found.values["random"] == "0.20 and 0.20"
    for one in ((0.7, 0.4, 0.3, 0.2), (0.4, 0.6, 0.3, 0.2), (0.7, 0.6, -0.1, 0.2), (0.7, 0.6, 0.3, 0.0)):
        assert judge("2.5.ends", runs(one, one)).verdict == "wrong"
        assert judge("2.5.ends", runs(one, both)).verdict == "depends on the seed"


MEASURED = sorted(claim.id for claim in CLAIMS.values() if claim.id.startswith("ist.2.") and claim.card)


@pytest.mark.parametrize("claim_id", MEASURED)
def test_one_seed_or_none_gives_no_verdict(
    judge: Callable[..., Ruling], tmp_path: Path, claim_id: str
) -> None:
    assert ruling_of(CLAIMS[claim_id], book=tmp_path).verdict is None
    every = dict.fromkeys(
        ("test_accuracy", "validation_accuracy", "edge_correlation", "brightness_correlation",
         "upper_correlation", "lower_correlation", "upper_preference", "lower_preference"), 0.5,
    )  # fmt: skip
    names = (
        "CNN, 100 images", "MLP, 100 images", "CNN", "MLP", "CNN, permuted", "MLP, permuted", "CNN, sensors",
        "MLP, sensors", "CNN, signals", "MLP, signals", "1e-05", "0.0005", "0.01", "trained", "random",
    )  # fmt: skip
    found = judge(claim_id.removeprefix("ist."), {name: [every] for name in names})
    assert found.verdict is None and "one seed" in found.evidence
    assert found.correction(CLAIMS[claim_id]) == ""


def test_the_corrections_are_sentences() -> None:
    claim = CLAIMS["ist.2.4.inputs"]
    assert ruling_of(claim).correction(claim) == "576 inputs: 16 maps of 6×6."
    claim = CLAIMS["ist.2.1.pooling"]
    assert ruling_of(claim).correction(claim) == (
        "Counted for the network of ist.2.4: 420,906 parameters with it and 6,564,906 without. Pooling saves "
        "parameters of a linear layer that sees every position; it saves none in a network that averages "
        "each map at its end (19,466)."
    )
