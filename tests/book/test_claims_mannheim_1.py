"""Claims of mannheim 1, decided without the rules' own code; and the rules, which must agree.

The counted claims are decided on plain torch modules and by hand. The measured ones are decided by a result
card, so the rules are tried on cards whose verdict is known by construction.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from coursekit.evidence import Claim, Ruling, load_claims, ruling_of
from coursekit.evidence.verdicts import ruled_claims

BOOK = Path(__file__).parents[2] / "book"
CLAIMS = {claim.id: claim for claim in load_claims(book=BOOK)}
NAMES = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"
)  # fmt: skip


def ruled(name: str) -> tuple[Claim, Ruling]:
    claim = CLAIMS[f"mannheim.1a.{name}"]
    return claim, ruling_of(claim)


def parameters(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def test_conv_shape() -> None:
    with torch.inference_mode():
        channels, height, width = nn.Conv2d(1, 32, 3, padding=1)(torch.zeros(1, 1, 28, 28))[0].shape
    claim, ruling = ruled("conv-shape")
    assert (height, width, channels) == claim.claimed
    assert ruling.verdict == "holds" and ruling.actual == "28×28×32"


def test_conv_params() -> None:
    conv = nn.Conv2d(1, 32, 3)
    assert conv.weight.shape == (32, 1, 3, 3) and conv.bias is not None and conv.bias.shape == (32,)
    claim, ruling = ruled("conv-params")
    assert 32 * 3 * 3 + 32 == parameters(conv) == claim.claimed
    assert ruling.verdict == "holds" and ruling.actual == "320"


def test_logistic_params() -> None:
    claim, ruling = ruled("logistic-params")
    assert list(nn.Sigmoid().parameters()) == [] and claim.claimed == 0
    assert ruling.verdict == "holds" and ruling.actual == "0"


def test_pool_shape() -> None:
    channels, height, width = nn.MaxPool2d(2)(torch.zeros(1, 32, 28, 28))[0].shape
    claim, ruling = ruled("pool-shape")
    assert (height, width, channels) == claim.claimed
    assert ruling.verdict == "holds" and ruling.actual == "14×14×32"


def test_linear_inputs() -> None:
    inputs = nn.Flatten()(torch.zeros(1, 32, 14, 14)).shape[1]
    claim, ruling = ruled("linear-inputs")
    assert inputs == 14 * 14 * 32 == 6272 != claim.claimed
    assert ruling.verdict == "wrong" and ruling.actual == "6,272"


def test_linear_params() -> None:
    claim, ruling = ruled("linear-params")
    assert parameters(nn.Linear(6272, 10)) == 10 * 6272 + 10 == 62_730 != claim.claimed
    assert claim.claimed == 10 * 6272, "the figure claimed is the weights without the biases"
    assert claim.claimed != 10 * 6270, "nor is it the product that the report prints"
    assert ruling.verdict == "wrong" and ruling.actual == "62,730"
    assert ruling.correction(claim) == (
        "62,730 parameters: 10 × 6,272 = 62,720 weights and 10 biases. The figure claimed is the weights "
        "alone; the product as printed, 10 × 6,270, would be 62,700."
    )


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("conv-shape", (28, 28, 32), (26, 26, 32)),
        ("conv-params", 320, 288),
        ("logistic-params", 0, 1),
        ("pool-shape", (14, 14, 32), (13, 13, 32)),
        ("linear-inputs", 6_272, 6_271),
        ("linear-params", 62_730, 62_720),
    ],
)
def test_a_verdict_follows_the_figure_that_is_claimed(name: str, right: object, wrong: object) -> None:
    claim = CLAIMS[f"mannheim.1a.{name}"]
    assert ruling_of(replace(claim, claimed=right)).verdict == "holds"
    assert ruling_of(replace(claim, claimed=wrong)).verdict == "wrong"


def test_output_reading() -> None:
    model = nn.Sequential(
        nn.Conv2d(1, 32, 3, padding=1), nn.Sigmoid(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(6272, 10)
    )
    with torch.inference_mode():
        scores = model(torch.rand(8, 1, 28, 28))
        output = nn.LogSoftmax(dim=1)(scores)
    by_hand = scores.exp() / scores.exp().sum(dim=1, keepdim=True)
    torch.testing.assert_close(output.exp(), by_hand)
    torch.testing.assert_close(output.exp().sum(dim=1), torch.ones(8))
    assert (output.argmax(dim=1) == scores.argmax(dim=1)).all()
    assert ruled("output-reading")[1].verdict == "holds"


def test_every_claim_has_a_rule_and_every_rule_a_claim() -> None:
    assert set(CLAIMS) == ruled_claims()


def test_every_decider_is_there() -> None:
    for claim in CLAIMS.values():
        if claim.card is None:
            path, _, name = claim.decided_by.partition("::")
            assert f"def {name}(" in (BOOK.parent / path).read_text(encoding="utf-8"), claim.id


# Accuracies in percent as the report has them where it names them, the others between 80 and 90.
REPORT = dict(zip(NAMES, (75.9, 88, 61.6, 85, 84, 83, 82, 99.2, 96.7, 98.3), strict=True))
# Wrong labels of a class take turns in this order, most frequent first.
MISTAKEN = {"Pullover": ("Shirt", "Coat", "Dress"), "Sandal": ("Sneaker", "Ankle boot")}


def confusion(accuracies: dict[str, float], mistaken: dict[str, tuple[str, ...]]) -> list[list[int]]:
    rows = []
    for i, name in enumerate(NAMES):
        right = round(10 * accuracies[name])
        labels = mistaken.get(name, ("Shirt",) if name != "Shirt" else ("Coat",))
        row, left = [0] * 10, 1000 - right
        for label in labels[1:]:
            share = left // (len(labels) + 1)
            row[NAMES.index(label)], left = share, left - share
        row[NAMES.index(labels[0])] = left
        row[i] = right
        rows.append(row)
    return rows


@pytest.fixture
def judge(tmp_path: Path) -> Callable[..., Ruling]:
    """Rule on a claim by a card of these runs: each its accuracies and, where given, its wrong labels."""

    def of(
        name: str, *runs: dict[str, float], mistaken: tuple[dict[str, tuple[str, ...]], ...] = ()
    ) -> Ruling:
        entries = []
        for seed, accuracies in enumerate(runs):
            counts = confusion(accuracies, mistaken[seed] if mistaken else MISTAKEN)
            entries.append(
                {
                    "configuration": "course",
                    "settings": {},
                    "seed": seed,
                    "metrics": {"test_accuracy": sum(row[i] for i, row in enumerate(counts)) / 10_000},
                    "history": {},
                    "confusion": counts,
                    "device": "cpu",
                    "seconds": 1,
                    "peak_memory_mib": 1,
                    "finished": "2026-01-01T00:00:00Z",
                    "versions": {"python": "3", "torch": "2"},
                }
            )
        data = {
            "name": "fashion-mnist",
            "origin": "real",
            "title": "t",
            "sha256": "d",
            "train": 60000,
            "test": 10000,
        }
        card = {
            "schema": 1, "question": "mannheim.1e", "scale": "full", "data": data,
            "code": {"sha256": "c", "modules": []}, "runs": entries,
        }  # fmt: skip
        (tmp_path / "results").mkdir(exist_ok=True)
        (tmp_path / "results" / "mannheim.1e.json").write_text(json.dumps(card))
        claim = CLAIMS[f"mannheim.1e.{name}"]
        ruling = ruling_of(claim, book=tmp_path)
        missing = claim.placeholders() - {"actual", *ruling.values}
        assert not missing, f"the ruling on {claim.id} does not fill in {missing}"
        return ruling

    return of


def changed(**accuracies: float) -> dict[str, float]:
    return REPORT | {name.replace("_", " "): value for name, value in accuracies.items()}


def spread(**changes: float) -> list[dict[str, float]]:
    """Five runs around the report's figures with these changes, each shifted by up to 1 percent."""
    centre = changed(**changes)
    shifts = (-1, -0.5, 0, 0.5, 1)
    return [{name: min(100.0, value + shift) for name, value in centre.items()} for shift in shifts]


ACCURACIES = {
    "accuracy-pullover": "Pullover",
    "accuracy-t-shirt": "T-shirt/top",
    "accuracy-sneaker": "Sneaker",
    "accuracy-ankle-boot": "Ankle boot",
    "accuracy-bag": "Bag",
}


@pytest.mark.parametrize(("name", "label"), ACCURACIES.items())
def test_the_accuracy_of_a_class(judge: Callable[..., Ruling], name: str, label: str) -> None:
    claimed = CLAIMS[f"mannheim.1e.{name}"].claimed
    assert claimed == REPORT[label]
    near = judge(name, *spread())
    assert near.verdict == "holds"
    far = judge(name, *spread(**{label.replace(" ", "_"): claimed - 20}))
    assert far.verdict == "unsupported" and far.actual == f"{claimed - 20:.1f} %"
    assert "not reproduced" in far.evidence and "5 seeds, 1,000 test images" in far.evidence
    others = {other.replace(" ", "_"): 50.0 for other in NAMES if other != label}
    assert judge(name, *spread(**others)).verdict == "holds", "no other class counts"


def test_the_accuracy(judge: Callable[..., Ruling]) -> None:
    flat = [dict.fromkeys(NAMES, 87.3 + shift) for shift in (-0.3, -0.1, 0, 0.1, 0.3)]
    found = judge("accuracy", *flat)
    assert found.verdict == "holds" and found.actual == "87.30 %" and "10,000 test images" in found.evidence
    assert judge("accuracy", *[{n: v + 3 for n, v in run.items()} for run in flat]).verdict == "unsupported"


AGAINST = {
    "worst-two": (changed(Shirt=50.0), "T-shirt/top and Pullover"),
    "best": (changed(Trouser=99.9), "Sneaker"),
    "best-three": (changed(Bag=98.5), "Sneaker, Ankle boot, Bag"),
    "rest": (changed(Trouser=96.0), "82.0 % to 88.0 %"),
}


@pytest.mark.parametrize("name", AGAINST)
def test_a_statement_on_accuracies(judge: Callable[..., Ruling], name: str) -> None:
    against, actual = AGAINST[name]
    true = judge(name, REPORT, REPORT)
    assert (true.verdict, true.actual) == ("holds", actual)
    assert judge(name, against, against).verdict == "wrong"
    mixed = judge(name, REPORT, against)
    assert (mixed.verdict, mixed.values["true"]) == ("depends on the seed", "1")


def test_footwear_is_counted_by_hand(judge: Callable[..., Ruling]) -> None:
    # 300 sandals among the bags and 40 bags among the sneakers, of 10,000 images; mistakes within footwear
    # and among the rest do not count.
    good = changed(Sandal=0.0, Coat=0.0)
    poor = dict.fromkeys(NAMES, 100.0) | {"Sandal": 70.0, "Bag": 96.0, "Coat": 0.0}
    within = {"Sandal": ("Sneaker",), "Sneaker": ("Sandal",), "Ankle boot": ("Sneaker",)}
    across = {"Sandal": ("Bag",), "Bag": ("Sneaker",)}
    found = judge("footwear", good, poor, mistaken=(within, across))
    assert found.actual == "96.60 % to 100.00 %" and found.verdict == "depends on the seed"
    assert judge("footwear", good, good, mistaken=(within, within)).verdict == "holds"
    assert judge("footwear", poor, poor, mistaken=(across, across)).verdict == "wrong"


def test_the_rest_names_what_lies_outside(judge: Callable[..., Ruling]) -> None:
    found = judge("rest", changed(Trouser=96.0, Shirt=60.0), changed(Trouser=95.0))
    assert found.verdict == "wrong" and found.actual == "60.0 % to 96.0 %"
    assert found.values["outside"] == "Trouser in 2 of 2, Shirt in 1 of 2"
    assert judge("rest", REPORT, REPORT).values["outside"] == "none"


@pytest.mark.parametrize(
    ("name", "label", "true", "false"),
    [
        ("pullover-confusions", "Pullover", ("Coat", "Shirt", "Dress"), ("T-shirt/top", "Shirt")),
        ("sandal-confusion", "Sandal", ("Sneaker", "Ankle boot"), ("Ankle boot", "Sneaker")),
    ],
)
def test_the_most_frequent_wrong_labels(
    judge: Callable[..., Ruling], name: str, label: str, true: tuple[str, ...], false: tuple[str, ...]
) -> None:
    runs = REPORT, REPORT
    for first, second, verdict in (
        (true, true, "holds"),
        (false, false, "wrong"),
        (true, false, "depends on the seed"),
    ):
        assert judge(name, *runs, mistaken=({label: first}, {label: second})).verdict == verdict


def test_measured_claims_wait_for_the_card(tmp_path: Path) -> None:
    for claim in CLAIMS.values():
        if claim.card:
            assert ruling_of(claim, book=tmp_path).verdict is None


def test_a_card_without_confusions_is_named(judge: Callable[..., Ruling], tmp_path: Path) -> None:
    judge("accuracy", REPORT, REPORT)
    path = tmp_path / "results" / "mannheim.1e.json"
    card = json.loads(path.read_text())
    for run in card["runs"]:
        del run["confusion"]
    path.write_text(json.dumps(card))
    with pytest.raises(ValueError, match=r"'course' in the card mannheim\.1e have no confusion matrix"):
        ruling_of(CLAIMS["mannheim.1e.best"], book=tmp_path)
