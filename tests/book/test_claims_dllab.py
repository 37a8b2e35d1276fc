"""Claims of dllab, decided without the rules' own code; and the rules, which must agree.

What can be computed is computed here by other means. The measured claims are decided by result cards, so the
rules are tried on cards whose verdict is known by construction.
"""

from collections.abc import Callable
from math import exp, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from ruling import CLAIMS, Row, ruled, ruled_by
from torch import nn

from coursekit.evidence import Ruling
from coursekit.evidence.rulings import dllab_counts, dllab_steps


def network() -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(3, 32, 3), nn.ReLU(), nn.Conv2d(32, 32, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3), nn.ReLU(), nn.Conv2d(64, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(1600, 512), nn.ReLU(), nn.Linear(512, 10),
    )  # fmt: skip


def test_features() -> None:
    flat = network()[:11](torch.zeros(1, 3, 32, 32)).shape[1]
    assert flat == 64 * 5 * 5 == CLAIMS["dllab.1.2.features"].claimed
    assert (ruled("dllab.1.2.features").verdict, ruled("dllab.1.2.features").actual) == ("holds", "1,600")
    assert ruled("dllab.1.2.features", claimed=1601).verdict == "wrong"


def test_dropout_gain() -> None:
    assert round(82.2 - 74.6, 6) == 7.6 != round(100 * (82.2 / 74.6 - 1), 1)
    ruling = ruled("dllab.1.3b.dropout-gain")
    assert (ruling.verdict, ruling.actual) == ("imprecise", "7.6 percentage points")
    assert ruling.values["relative"] == f"{100 * (82.2 / 74.6 - 1):.1f} %" == "10.2 %"
    assert ruled("dllab.1.3b.dropout-gain", claimed=10.2).verdict == "holds"
    assert ruled("dllab.1.3b.dropout-gain", claimed=7.5).verdict == "wrong"


def test_drop() -> None:
    assert round(85.9 - 83.01, 6) == 2.89
    ruling = ruled("dllab.1.3e.drop")
    assert (ruling.verdict, ruling.actual) == ("imprecise", "2.89 percentage points")
    assert ruling.values["relative"] == f"{100 * (1 - 83.01 / 85.9):.1f} %" == "3.4 %"
    assert ruled("dllab.1.3e.drop", claimed=3.36).verdict == "holds"
    assert ruled("dllab.1.3e.drop", claimed=2.9).verdict == "imprecise", (
        "rounded to the digits that are claimed"
    )
    assert ruled("dllab.1.3e.drop", claimed=3.1).verdict == "wrong"


def test_the_report_s_own_figures_are_those_of_its_table() -> None:
    figures = {name: CLAIMS[f"dllab.{name}"].claimed for name in ("1.3b.accuracy-1", "1.3b.accuracy-2")}
    assert list(figures.values()) == [dllab_counts.WITHOUT_DROPOUT, dllab_counts.WITH_DROPOUT]
    assert CLAIMS["dllab.1.3d.accuracy-4"].claimed == dllab_counts.VALIDATED
    assert CLAIMS["dllab.1.3e.test-accuracy"].claimed == dllab_counts.TESTED
    table = [name for name in CLAIMS if name.startswith("dllab.1.3") and ".accuracy-" in name]
    best = max(CLAIMS[name].claimed for name in table)
    assert best == dllab_counts.VALIDATED


def travelled(lr: float, momentum: float, batch: int, images: int = 64_000) -> float:
    """How far torch's SGD goes with a loss of slope 1, per image."""
    weight = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([weight], lr=lr, momentum=momentum)
    for _ in range(images // batch):
        optimizer.zero_grad()
        weight.sum().backward()
        optimizer.step()
    return -weight.item() / images


def test_twins_reason() -> None:
    four, seven = travelled(1e-3, 0.9, 64), travelled(1e-2, 0.5, 128)
    assert seven / four == pytest.approx(1, rel=0.02), "but for the start, while the velocity builds up"
    assert travelled(1e-2, 0.5, 64) / four == pytest.approx(2, rel=0.02)
    ruling = ruled("dllab.1.3d.twins-reason")
    assert (ruling.verdict, ruling.actual, ruling.values["two"]) == ("imprecise", "1", "2")


def test_other_settings_get_other_verdicts_on_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dllab_counts, "SEVEN_B", (5e-3, 0.5, 64))
    assert ruled("dllab.1.3d.twins-reason").verdict == "holds"
    monkeypatch.setattr(dllab_counts, "SEVEN_B", (1e-2, 0.5, 32))
    assert ruled("dllab.1.3d.twins-reason").verdict == "wrong"


def test_form() -> None:
    """By the recursion v ← αv + g, in plain numbers."""
    found = []
    for gradients in ([1.0], [1.0] * 300, [(-1.0) ** k for k in range(300)]):
        velocity = 0.0
        for gradient in gradients:
            velocity = 0.9 * velocity + gradient
        found.append(abs(velocity) * (1 - 0.9))
    ruling = ruled("dllab.1.4.1.form")
    assert ruling.verdict == "imprecise"
    shown = [ruling.values["once"], ruling.actual, ruling.values["turning"]]
    assert shown == [f"{100 * value:.0f} %" for value in found] == ["10 %", "100 %", "5 %"]


def test_velocity() -> None:
    limit = 1 / (1 - 0.9)
    ruling = ruled("dllab.1.4.1.velocity")
    assert ruling.verdict == "imprecise"
    assert ruling.actual == (
        f"{limit:.2f} (constant), {2 * limit:.2f} (twice as large), {1 / 1.9:.2f} (alternating)"
    )


def test_optimisers_without_momentum_get_other_verdicts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dllab_steps, "_velocities", lambda momentum, gradients: list(gradients))
    assert ruled("dllab.1.4.1.form").verdict == "wrong"
    assert ruled("dllab.1.4.1.velocity").verdict == "wrong"

    def always(momentum: float, gradients: list[float]) -> list[float]:
        return [1 / (1 - momentum)] * len(gradients)

    monkeypatch.setattr(dllab_steps, "_velocities", always)
    assert ruled("dllab.1.4.1.form").verdict == "holds"
    assert ruled("dllab.1.4.1.velocity").verdict == "holds"


def test_linear_cost() -> None:
    """Multiply-adds, biases counted as one each: by the outputs' shapes."""
    work: dict[type, list[int]] = {nn.Conv2d: [], nn.Linear: []}
    held = {nn.Conv2d: 0, nn.Linear: 0}
    x = torch.zeros(1, 3, 32, 32)
    for layer in network():
        x = layer(x)
        if type(layer) in work:
            parameters = sum(p.numel() for p in layer.parameters())
            work[type(layer)].append(parameters * (x[0, 0].numel() if x.ndim == 4 else 1))
            held[type(layer)] += parameters
    linear, convolutions = sum(work[nn.Linear]), sum(work[nn.Conv2d])
    ruling = ruled("dllab.1.4.2.linear-cost")
    assert (ruling.verdict, ruling.actual) == ("wrong", f"{100 * linear / (linear + convolutions):.1f} %")
    assert ruling.values["parameters"] == f"{100 * held[nn.Linear] / sum(held.values()):.1f} %"
    assert ruling.values["linear"] == f"hidden {max(work[nn.Linear]):,}"
    assert ruling.values["convolution"] == f"conv2 {max(work[nn.Conv2d]):,}"


def test_other_networks_get_other_verdicts_on_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    from coursekit.counting import layer_table

    def heads(*layers: nn.Module) -> Callable[[], Any]:
        return lambda: layer_table(nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), *layers), (3, 32, 32))

    monkeypatch.setattr(dllab_counts, "_table", heads(nn.Linear(3600, 512)))
    assert ruled("dllab.1.4.2.linear-cost").verdict == "holds"
    monkeypatch.setattr(
        dllab_counts, "_table", heads(nn.Linear(3600, 20), nn.Linear(20, 3600), nn.Linear(3600, 10))
    )
    assert ruled("dllab.1.4.2.linear-cost").verdict == "imprecise", "all together, but none alone"


def test_distribution() -> None:
    scores = 10 * np.random.default_rng(0).standard_normal((200, 10))
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    p = powers / powers.sum(axis=1, keepdims=True)
    assert (p >= 0).all() and np.allclose(p.sum(axis=1), 1)
    ruling = ruled("dllab.1.4.3.distribution")
    assert (ruling.verdict, ruling.actual) == ("holds", "0 of 10,000")


def logistic(x: float) -> float:
    return 1 / (1 + exp(-x))


def test_saturation() -> None:
    """The two gradients by hand: (1 − p) and 2(1 − p)·p(1 − p), with p = σ(−m) at a wrong margin m."""
    squared, cross = [], []
    for margin in (0.0, 20.0):
        p = logistic(-margin)
        squared.append(2 * (1 - p) * p * (1 - p))
        cross.append(1 - p)
    ruling = ruled("dllab.1.4.4.saturation")
    assert ruling.verdict == "holds"
    assert ruling.actual == f"{squared[1] / squared[0]:.0e}"
    assert ruling.values["cross"] == f"{cross[1] / cross[0]:.1f}" == "2.0"


def test_losses_that_do_not_saturate_get_another_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dllab_steps, "_gradient", lambda margins, **_: 1 + 0 * margins)
    assert ruled("dllab.1.4.4.saturation").verdict == "wrong"


def test_improves() -> None:
    """Descent on two scores by autograd, from a wrong lead until it is gone."""
    counts = []
    for lead in dllab_steps.LEADS:
        pair = []
        for squared in (True, False):
            scores, steps = torch.tensor([0.0, lead], dtype=torch.float64), 0
            while scores[1] - scores[0] > 1e-12:
                scores = scores.detach().requires_grad_()
                p = scores.softmax(dim=0)
                loss = (p - torch.tensor([1.0, 0.0])).square().sum() if squared else -p[0].log()
                loss.backward()
                scores = scores.detach() - dllab_steps.RATE * scores.grad
                steps += 1
            pair.append(steps)
        counts.append((lead, *pair))
    ruling = ruled("dllab.1.4.4.improves")
    assert ruling.verdict == "imprecise"
    assert ruling.actual == "; ".join(f"lead {lead:g}: {a:,} and {b:,}" for lead, a, b in counts)


@pytest.mark.parametrize(("leads", "verdict"), [((8.0, 9.0), "holds"), ((0.1, 0.5), "wrong")])
def test_other_leads_get_other_verdicts(
    monkeypatch: pytest.MonkeyPatch, leads: tuple[float, ...], verdict: str
) -> None:
    monkeypatch.setattr(dllab_steps, "LEADS", leads)
    assert ruled("dllab.1.4.4.improves").verdict == verdict


def test_hyper_parameter() -> None:
    layer = nn.Dropout(0.3)
    assert not list(layer.parameters()) and layer.p == 0.3
    ruling = ruled("dllab.1.4.5.hyper-parameter")
    assert (ruling.verdict, ruling.actual, ruling.values["learned"]) == ("imprecise", "p", "0")


def test_removes() -> None:
    torch.manual_seed(1)
    for p in dllab_counts.PROBABILITIES:
        layer, ones = nn.Dropout(p), torch.ones(40_000)
        dropped = layer(ones)
        assert (dropped == 0).double().mean() == pytest.approx(p, abs=0.02)
        assert dropped.max() == pytest.approx(1 / (1 - p))
        assert torch.equal(layer.eval()(ones), ones)
    ruling = ruled("dllab.1.4.5.removes")
    assert (ruling.verdict, ruling.actual) == ("holds", "p = 0.2: 0.20, p = 0.5: 0.50, p = 0.8: 0.80")
    assert ruling.values == {"rest": "0 %", "scaled": "divided by 1 − p"}


def test_another_dropout_gets_another_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dllab_counts.F, "dropout", lambda x, p, training: x * (torch.rand_like(x) < p))
    ruling = ruled("dllab.1.4.5.removes")
    assert (ruling.verdict, ruling.values["scaled"]) == ("wrong", "not divided by 1 − p")


Judge = Callable[..., Ruling]


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    """Rule on a claim by a card of these runs: by configuration, a row for each seed."""

    def of(name: str, runs: dict[str, list[Row]], *, data: str = "cifar-10", **changes: Any) -> Ruling:
        sizes = {"name": data, "train": 50_000, "test": 10_000}
        return ruled_by(tmp_path, f"dllab.{name}", runs, data=sizes, **changes)

    return of


def rows(epochs: int, *runs: dict[str, float]) -> list[Row]:
    return [Row(metrics, settings={"epochs": epochs}) for metrics in runs]


def sums(means: list[float], deviations: list[float], n: int) -> dict[str, list[float]]:
    """Whole sums of n pixel values with these means and deviations on the scale from 0 to 1."""
    total = [round(255 * n * mean) for mean in means]
    squares = [round(n * 255**2 * (s**2 + m**2)) for m, s in zip(means, deviations, strict=True)]
    return {"values": [n], "sum": total, "squares": squares}


MEANS, DEVIATIONS = (list(CLAIMS[f"dllab.1.1.{name}"].claimed) for name in ("means", "deviations"))


def split(**parts: tuple[list[float], list[float], int]) -> dict[str, list[Row]]:
    history = {
        f"{part}_{kind}": values for part, figures in parts.items() for kind, values in sums(*figures).items()
    }
    return {"course split": [Row({"chi_square": 9.0}, history)]}


def scaled(values: list[float], factor: float) -> list[float]:
    return [factor * value for value in values]


def split_with(factor: float = 1.0, other: float = 1.0) -> dict[str, list[Row]]:
    """Training images with the report's statistics times a factor, the other parts further times another."""
    train = scaled(MEANS, factor), scaled(DEVIATIONS, factor)
    rest = scaled(train[0], other), scaled(train[1], other)
    return split(training=(*train, 49 * 10**9), validation=(*rest, 10**9), test=(*rest, 10**10))


@pytest.mark.parametrize("name", ["1.1.means", "1.1.deviations"])
def test_statistics(judge: Judge, name: str) -> None:
    exact = judge(name, split_with(other=1.2))
    assert exact.verdict == "holds"
    assert exact.values["whose"] == "the training images"
    claimed = CLAIMS[f"dllab.{name}"].claimed
    assert exact.actual == ", ".join(f"{x:.5f}" for x in claimed)
    assert judge(name, split_with(1.0001)).verdict == "imprecise"
    assert judge(name, split_with(1.001)).verdict == "wrong"


def test_statistics_of_more_than_the_training_images(judge: Judge) -> None:
    """Where the report's means are those of training and validation images together."""
    other = 1.2
    factor = 50 / (49 + other)
    ruling = judge("1.1.means", split_with(factor, other))
    assert (ruling.verdict, ruling.values["whose"]) == ("holds", "the training and validation images")


def test_copies_are_judged_to_fewer_digits(judge: Judge) -> None:
    for name, off in (("1.1.means", 1.0005), ("1.1.deviations", 1.007)):
        copies = judge(name, split_with(off), data="cifar-10-jpeg")
        assert copies.verdict == "holds"
        assert "JPEG copies" in copies.values["whose"]
        assert "JPEG copies are judged to" in copies.evidence
        assert judge(name, split_with(off)).verdict == "wrong"
        assert judge(name, split_with(1.05), data="cifar-10-jpeg").verdict != "holds"


def test_standardised(judge: Judge) -> None:
    near = judge("1.1.standardised", split_with(other=1.01))
    assert (near.verdict, near.values["least"], near.values["most"]) == ("holds", "1.010", "1.010")
    furthest = max(0.01 * m / s for m, s in zip(MEANS, DEVIATIONS, strict=True))
    assert near.actual == f"up to {furthest:.3f} from 0"
    assert judge("1.1.standardised", split_with(other=1.2)).verdict == "imprecise"


FIGURES = [
    (claim.id.removeprefix("dllab."), claim.name.rpartition("-")[2])
    for claim in CLAIMS.values()
    if claim.course == "dllab" and claim.name.startswith(("accuracy-", "loss-"))
]
LENGTHS = {"1": 20, "2": 50, "3": 300, "4": 300, "5": 50, "6": 300, "7": 50, "7b": 300}


def test_every_row_of_the_table_is_a_claim() -> None:
    assert sorted(model for _, model in FIGURES) == sorted([*LENGTHS, *LENGTHS])


@pytest.mark.parametrize(("name", "model"), FIGURES)
def test_figures_of_the_table(judge: Judge, name: str, model: str) -> None:
    is_loss = name.split(".")[-1].startswith("loss")
    metric = "validation_loss" if is_loss else "best_validation_accuracy"
    claimed = CLAIMS[f"dllab.{name}"].claimed / (1 if is_loss else 100)

    def runs(centre: float, epochs: int) -> dict[str, list[Row]]:
        values = (centre, centre * 1.002, centre * 0.998)
        return {f"model {model}": rows(epochs, *({metric: value} for value in values))}

    assert judge(name, runs(claimed, LENGTHS[model])).verdict == "holds"
    assert judge(name, runs(0.8 * claimed, LENGTHS[model])).verdict == "unsupported"
    shorter = judge(name, runs(claimed, LENGTHS[model] - 1))
    assert shorter.verdict == "unsupported"
    assert f"after {LENGTHS[model] - 1} of {LENGTHS[model]} epochs" in shorter.actual
    assert judge(name, {"another": rows(8, {"test_accuracy": 0.5})}).verdict is None


@pytest.mark.parametrize("name", ["1.3b.best-epochs", "1.3d.best-epochs"])
def test_best_epochs(judge: Judge, name: str) -> None:
    models = ["1", "2"] if "1.3b" in name else ["3", "4", "5", "6", "7", "7b"]
    claimed = CLAIMS[f"dllab.{name}"].claimed

    def runs(shift: int, shorter: int = 0) -> dict[str, list[Row]]:
        return {
            f"model {model}": rows(
                LENGTHS[model] - shorter, *({"best_epoch": at + shift + k} for k in (-2, 0, 2))
            )
            for model, at in zip(models, claimed, strict=True)
        }

    assert judge(name, runs(0)).verdict == "holds"
    assert judge(name, runs(0)).actual.startswith(f"model {models[0]} {claimed[0]}, ")
    assert judge(name, runs(-40)).verdict == "unsupported"
    short = judge(name, runs(0, shorter=5))
    assert short.verdict == "unsupported"
    assert f"{LENGTHS[models[0]] - 5} of {LENGTHS[models[0]]} (model {models[0]})" in short.evidence
    alone = {model: found[:1] for model, found in runs(0).items()}
    assert judge(name, alone).verdict is None


def trained(train: float, held_out: float) -> dict[str, float]:
    return {"train_accuracy": train, "validation_accuracy": held_out}


def test_overfits(judge: Judge) -> None:
    wide = {"model 1": rows(20, trained(0.99, 0.75), trained(0.98, 0.74))}
    ruling = judge("1.3b.overfits", wide)
    assert (ruling.verdict, ruling.actual, ruling.values["validation"]) == ("holds", "98.5 %", "74.5 %")
    # Three standard errors of a difference near 0.75 on 1,000 images.
    error = 3 * sqrt(2 * 0.75 * 0.25 / 1_000)
    for gap, verdict in ((1.02 * error, "holds"), (0.98 * error, "wrong")):
        runs = {"model 1": rows(20, *[trained(0.75 + gap, 0.75)] * 2)}
        assert judge("1.3b.overfits", runs).verdict == verdict
    mixed = {"model 1": rows(12, trained(0.99, 0.75), trained(0.76, 0.75))}
    ruling = judge("1.3b.overfits", mixed)
    assert (ruling.verdict, ruling.values["epochs"]) == ("depends on the seed", "12 of 20")


def test_train_accuracy(judge: Judge) -> None:
    runs = {"model 1": rows(20, *({"train_accuracy": x} for x in (1.0, 0.9999, 1.0)))}
    ruling = judge("1.3b.train-accuracy", runs)
    assert ruling.verdict == "holds"
    assert "10,000 training images" in ruling.evidence
    short = {"model 1": rows(12, *({"train_accuracy": x} for x in (0.85, 0.86)))}
    assert judge("1.3b.train-accuracy", short).verdict == "unsupported"
    low = {"model 1": rows(20, *({"train_accuracy": x} for x in (0.85, 0.86)))}
    assert judge("1.3b.train-accuracy", low).verdict == "unsupported"


@pytest.mark.parametrize(
    ("two", "epochs", "verdict"),
    [
        ((0.82, 0.83, 0.82), 50, "holds"),
        ((0.82, 0.83, 0.82), 12, "holds"),
        ((0.64, 0.65, 0.64), 50, "wrong"),
        ((0.64, 0.65, 0.64), 12, "unsupported"),
        ((0.80, 0.70, 0.75), 50, "unsupported"),
        ((0.82,), 50, None),
    ],
)
def test_dropout_helps(judge: Judge, two: tuple[float, ...], epochs: int, verdict: str | None) -> None:
    metric = "best_validation_accuracy"
    runs = {
        "model 1": rows(min(epochs, 20), *({metric: x} for x in (0.75, 0.75, 0.76))),
        "model 2": rows(epochs, *({metric: x} for x in two)),
    }
    ruling = judge("1.3b.dropout-helps", runs)
    assert ruling.verdict == verdict
    if verdict:
        assert ruling.values["two"] == ("50" if epochs == 50 else "12 of 50")


def sixes(train: float, held_out: float, less: float, lowest: float) -> dict[str, list[Row]]:
    losses = {"train_loss": [2.0, lowest]}
    return {
        "model 5": [Row(trained(less, 0.7), losses, {"epochs": 8})] * 2,
        "model 6": [Row(trained(train, held_out), {"train_loss": [2.0, 1.5]}, {"epochs": 8})] * 2,
    }


@pytest.mark.parametrize(
    ("runs", "verdict"),
    [
        (sixes(0.50, 0.51, 0.80, lowest=0.6), "imprecise"),
        (sixes(0.50, 0.51, 0.80, lowest=0.05), "holds"),
        (sixes(0.90, 0.51, 0.80, lowest=0.6), "wrong"),
        (sixes(0.70, 0.40, 0.80, lowest=0.6), "wrong"),
    ],
)
def test_underfits(judge: Judge, runs: dict[str, list[Row]], verdict: str) -> None:
    ruling = judge("1.3d.underfits", runs)
    assert ruling.verdict == verdict
    assert (ruling.values["nearest"], ruling.values["epochs"]) == ("model 5", "8 of 300")
    assert judge("1.3d.underfits", {name: found[:1] for name, found in runs.items()}).verdict is None


def pair(*gaps: float, centre: float = 0.8, epochs: int = 300) -> dict[str, list[Row]]:
    def of(values: list[float]) -> list[Row]:
        return rows(epochs, *({"validation_accuracy": x, "test_accuracy": x} for x in values))

    return {"model 4": of([centre] * len(gaps)), "model 7b": of([centre + gap for gap in gaps])}


@pytest.mark.parametrize(
    ("gaps", "verdict"),
    [
        ((0.001, -0.001, 0.0), "holds"),
        ((0.08, 0.08, 0.081), "wrong"),
        ((0.03, -0.03, 0.0), "unsupported"),
        ((0.001,), None),
    ],
)
def test_twins(judge: Judge, gaps: tuple[float, ...], verdict: str | None) -> None:
    ruling = judge("1.3d.twins", pair(*gaps))
    assert ruling.verdict == verdict
    if verdict:
        margin = 300 * sqrt(2 * 0.8 * 0.2 / 1_000)
        assert f"sampling error ±{margin:.1f}; test accuracy" in ruling.actual
        short = judge("1.3d.twins", pair(*gaps, epochs=8))
        assert (short.verdict, short.values["epochs"]) == ("unsupported", "8 of 300")


def test_test_accuracy(judge: Judge) -> None:
    near = {"model 4": rows(300, *({"test_accuracy": x} for x in (0.83, 0.832, 0.828)))}
    assert judge("1.3e.test-accuracy", near).verdict == "holds"
    short = {"model 4": rows(8, *({"test_accuracy": x} for x in (0.83, 0.832, 0.828)))}
    ruling = judge("1.3e.test-accuracy", short)
    assert (ruling.verdict, ruling.actual) == ("unsupported", "83.00 % after 8 of 300 epochs")
