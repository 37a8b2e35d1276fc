"""Claims of mila, decided without the rules' own code; and the rules, which must agree.

Counted claims are decided on plain torch modules and by hand. The measured ones are decided by result cards,
so the rules are tried on cards whose verdict is known by construction.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from ruling import CLAIMS, Row, ruled, ruled_by
from torch import Tensor, nn

from coursekit.data.synthetic.garments import garments
from coursekit.evidence import Ruling, ruling_of
from coursekit.evidence.rulings import mila_counts, mila_maps

MLP_PARAMETERS = (28 * 28 + 1) * 256 + (256 + 1) * 256 + (256 + 1) * 10


def claimed(name: str) -> Any:
    return CLAIMS[f"mila.{name}"].claimed


def count(*layers: nn.Module) -> int:
    return sum(parameter.numel() for layer in layers for parameter in layer.parameters())


def convolve(image: np.ndarray, kernel: np.ndarray, bias: float) -> np.ndarray:
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return np.maximum((windows * kernel).sum(axis=(2, 3)) + bias, 0)


def test_dark() -> None:
    """The same draws of weights, with convolutions written in numpy."""
    image = garments(mila_maps.IMAGES, 0, seed=0)[0].images[0, 0].double().numpy() / 255
    dark = blank = 0
    for seed in range(mila_maps.DRAWS):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            layers = nn.Conv2d(1, 1, 3), nn.Conv2d(1, 1, 3)
        weights = [(c.weight[0, 0].detach().double().numpy(), c.bias.item()) for c in layers]

        def f(x: np.ndarray, weights: Any = tuple(weights)) -> np.ndarray:
            for kernel, bias in weights:
                x = convolve(x, kernel, bias)
            return x

        shifted = np.roll(f(image), (5, 5), (0, 1)) - f(np.roll(image, (5, 5), (0, 1)))
        rotated = np.rot90(f(image)) - f(np.rot90(image))
        if np.ptp(shifted) < 1e-5 and np.ptp(rotated) < 1e-5:
            dark += 1
            blank += np.ptp(f(image)) < 1e-5
    ruling = ruled("mila.2.1.dark")
    assert 0 < dark < mila_maps.DRAWS
    assert (ruling.verdict, ruling.values["true"], ruling.values["blank"]) == (
        "depends on the seed",
        str(dark),
        str(blank),
    )


def test_other_networks_get_other_verdicts_on_dark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mila_maps, "_random_convolutions", lambda seed: nn.Identity())
    same = ruled("mila.2.1.dark")
    assert (same.verdict, same.values["blank"]) == ("holds", "0")
    rows = torch.tensor([[1.0, 2.0]]).double().view(1, 1, 1, 2)
    monkeypatch.setattr(
        mila_maps, "_random_convolutions", lambda seed: lambda x: nn.functional.conv2d(x, rows)[..., :27, :]
    )
    assert ruled("mila.2.1.dark").verdict == "wrong"


def test_inputs() -> None:
    images = garments(mila_maps.IMAGES, 0, seed=0)[0].images.numpy().reshape(mila_maps.IMAGES, -1) / 1.0
    deviation = images.std(axis=0)
    pixels = (images - images.mean(axis=0))[:, deviation > 0] / deviation[deviation > 0]
    assert (pixels.min(axis=0) < 0).all() and (pixels.max(axis=0) > 0).all() and images.min() >= 0
    np.testing.assert_allclose(pixels.std(axis=0), 1)
    ruling = ruled("mila.2.2.inputs")
    assert ruling.verdict == "holds"
    assert ruling.values["constant"] == str((deviation == 0).sum())


def test_another_standardisation_gets_another_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    @dataclass
    class Scale:
        mean: float
        std: float

        @classmethod
        def of(cls, images: Tensor) -> "Scale":
            return cls(images.double().mean().item(), images.double().std().item())

        def __call__(self, images: Tensor) -> Tensor:
            return (images - self.mean) / self.std

    monkeypatch.setattr(mila_maps, "StandardisePixels", Scale)
    assert ruled("mila.2.2.inputs").verdict == "wrong", "one mean and deviation for all pixels"


def test_mlp_parameters() -> None:
    weights = 28 * 28 * 256 + 256 * 256 + 256 * 10
    layers = nn.Linear(784, 256), nn.Linear(256, 256), nn.Linear(256, 10)
    assert count(*layers) == MLP_PARAMETERS == 269_322
    assert weights == claimed("2.3.mlp-parameters") == MLP_PARAMETERS - (256 + 256 + 10)
    ruling = ruled("mila.2.3.mlp-parameters")
    assert (ruling.verdict, ruling.actual) == ("wrong", "269,322")
    assert ruling.values == {"weights": "268,800", "biases": "522"}
    assert ruled("mila.2.3.mlp-parameters", claimed=269_322).verdict == "holds"


def test_product() -> None:
    assert 64 * 10 == 640 != claimed("2.3.product")
    ruling = ruled("mila.2.3.product")
    assert (ruling.verdict, ruling.actual, ruling.values["parameters"]) == ("wrong", "640", "650")
    assert ruled("mila.2.3.product", claimed=640).verdict == "holds"


def test_depth() -> None:
    outer = count(nn.Linear(784, 64), nn.Linear(64, 10))
    sizes = {n: outer + n * count(nn.Linear(64, 64)) for n in range(100)}
    nearest = min(sizes, key=lambda n: abs(sizes[n] - MLP_PARAMETERS))
    near = [n for n in sizes if abs(sizes[n] - MLP_PARAMETERS) <= 10_000]
    assert nearest == 53 and near == [51, 52, 53, 54], "the first hidden layer is not counted"
    ruling = ruled("mila.2.3.depth")
    assert (ruling.verdict, ruling.actual, ruling.values["hidden"]) == ("imprecise", "53", "54")
    assert ruling.values["parameters"] == f"{sizes[nearest]:,}"
    assert (ruling.values["fewest"], ruling.values["most"]) == ("51", "54")
    assert ruled("mila.2.3.depth", claimed=53).verdict == "holds"
    assert ruled("mila.2.3.depth", claimed=55).verdict == "wrong"


def built(k: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(1, 16, k), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, k), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 45, k), nn.ReLU(), nn.AdaptiveMaxPool2d(4), nn.Flatten(),
        nn.Linear(45 * 4 * 4, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 10),
    )  # fmt: skip


def test_kernel() -> None:
    sizes = {}
    for k in range(1, 10):
        try:
            assert built(k)(torch.zeros(1, 1, 28, 28)).shape == (1, 10)
        except RuntimeError:
            continue
        sizes[k] = count(built(k))
    assert list(sizes) == [1, 2, 3, 4], "larger kernels do not fit"
    assert min(sizes, key=lambda k: abs(sizes[k] - MLP_PARAMETERS)) == 3 == claimed("2.4.kernel")
    ruling = ruled("mila.2.4.kernel")
    assert (ruling.verdict, ruling.values["parameters"]) == ("holds", f"{sizes[3]:,}")
    assert ruled("mila.2.4.kernel", claimed=2).verdict == "imprecise", "within 10,000, but not the nearest"
    assert ruled("mila.2.4.kernel", claimed=4).verdict == "wrong"


def test_formula() -> None:
    for k in range(1, 5):
        by_formula = 16 * k**2 + 32 * k**2 + 45 * k**2 + 16 * 45 * 28 * 28 + 256 * 256 + 256 * 10
        assert by_formula > 2 * count(built(k)) > by_formula / 2
        assert count(built(k)) == (
            16 * (k**2 + 1) + 32 * (16 * k**2 + 1) + 45 * (32 * k**2 + 1)
            + 256 * (45 * 4 * 4 + 1) + 256 * (256 + 1) + 10 * (256 + 1)
        )  # fmt: skip
    ruling = ruled("mila.2.4.formula")
    assert ruling.verdict == "wrong" and "for 0 of 4 kernel sizes" in ruling.evidence
    assert ruling.values["counted"] == f"{count(built(3)):,}"
    assert ruling.values["claimed"] == f"{93 * 9 + 720 * 784 + 65_536 + 2_560:,}"
    right = ruling.actual.replace("k²", "k*k").replace("·", "*").replace("(", "*(")
    right = right.replace("16k", "16*k").replace("32k", "32*k")
    assert ruled("mila.2.4.formula", claimed=right).verdict == "holds"
    assert ruled("mila.2.4.formula", claimed=f"{right} + k - 3").verdict == "wrong", "right for one k only"


def test_one_by_one_parameters() -> None:
    convolutions = [nn.Conv2d(a, b, 1) for a, b in ((1, 8), (8, 16), (16, 32), (32, 64))]
    head = nn.Linear(64 * 4 * 4, 256), nn.Linear(256, 256), nn.Linear(256, 10)
    assert count(*convolutions, *head) == 333_578 == claimed("2.5.parameters")
    assert ruled("mila.2.5.parameters").verdict == "holds"
    assert ruled("mila.2.5.parameters", claimed=333_577).verdict == "wrong"


def test_width() -> None:
    def parameters(h: int) -> int:
        return count(nn.Conv2d(1, h, 28), nn.Linear(16 * h, 256), nn.Linear(256, 256), nn.Linear(256, 10))

    budgets = {"MLP": MLP_PARAMETERS, "3×3": count(built(3)), "1×1": 333_578}
    best = {
        name: min(range(1, 100), key=lambda h, b=budget: abs(parameters(h) - b))
        for name, budget in budgets.items()
    }
    assert all(abs(parameters(52) - budget) > 10_000 for budget in budgets.values())
    ruling = ruled("mila.2.5.width")
    assert ruling.verdict == "wrong"
    assert ruling.actual == (
        f"{best['MLP']} for the MLP network's 269,322, {best['3×3']} for the 3×3 network's 270,743, "
        f"{best['1×1']} for the 1×1 network's 333,578"
    )
    assert (ruling.values["channels"], ruling.values["claimed"]) == ("52", f"{parameters(52):,}")
    assert ruled("mila.2.5.width", claimed=best["1×1"]).verdict == "holds"
    assert ruled("mila.2.5.width", claimed=best["MLP"] + 1).verdict == "imprecise"


def test_one_by_one() -> None:
    """Which inputs move which outputs: the same 1×1 kernels, one pixel at a time."""
    kernels = torch.arange(1.0, 7).view(3, 2, 1, 1)
    side, read = 4, []
    for channel, i, j in [(c, i, j) for c in range(3) for i in range(side) for j in range(side)]:
        x = torch.rand(1, 2, side, side, requires_grad=True)
        nn.functional.conv2d(x, kernels)[0, channel, i, j].backward()
        assert x.grad is not None
        seen = x.grad[0].nonzero().tolist()
        assert seen == [[0, i, j], [1, i, j]], "the two channels of its own pixel"
        read.append(len(seen))
    ruling = ruled("mila.2.5.one-by-one")
    assert set(read) == {2} and (ruling.verdict, ruling.actual) == ("wrong", "2 of 32 inputs")
    assert ruling.values == {
        "image": "4×4", "weights": str(kernels.numel()), "single": "all",
        "dense": f"{nn.Linear(2 * 16, 3 * 16).weight.numel():,}",
    }  # fmt: skip


def test_other_images_get_other_verdicts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mila_maps, "SIDES", (1,))
    assert ruled("mila.2.5.one-by-one").verdict == "holds", "an image of one pixel"
    monkeypatch.setattr(mila_maps, "SIDES", (1, 2))
    assert ruled("mila.2.5.one-by-one").verdict == "imprecise"


def test_other_budgets_get_other_verdicts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mila_counts, "mlp", lambda hidden=(300, 300): nn.Linear(sum(hidden), 500))
    assert ruled("mila.2.4.kernel").verdict == "wrong", "4 is nearer to 300,500"


@pytest.fixture
def judge(tmp_path: Path) -> Callable[..., Ruling]:
    """Rule on a claim by a card of these runs: by configuration, a row for each seed."""

    def of(name: str, runs: dict[str, list[Row]], **changes: Any) -> Ruling:
        data = {"name": "fashion-mnist", "train": 60_000, "test": 10_000}
        return ruled_by(tmp_path, f"mila.{name}", runs, data=data, **changes)

    return of


def rows(metric: str, *values: float) -> list[Row]:
    return [Row({metric: value}) for value in values]


def turned(shift: tuple[float, ...], rotation: tuple[float, ...]) -> dict[str, list[Row]]:
    pairs = list(zip(shift, rotation, strict=True))
    named = [{"shift_interior": a, "rotation_interior": b, "shift_border": 0.8} for a, b in pairs]
    symmetrised = {"shift_interior": 2e-16, "rotation_interior": 3e-16, "shift_border": 0.8}
    return {"random": [Row(metrics) for metrics in named], "symmetrised": [Row(symmetrised)] * 2}


def test_equivariance(judge: Callable[..., Ruling]) -> None:
    runs = turned((1e-16, 2e-16), (0.5, 0.7))
    shift, rotation = judge("2.1.shift", runs), judge("2.1.rotation", runs)
    assert (shift.verdict, shift.values["border"]) == ("holds", "0.8")
    assert (rotation.verdict, rotation.values["symmetrised"]) == ("wrong", "3e-16")
    assert rotation.actual == "0.5 to 0.7"
    other = turned((1e-16, 0.3), (1e-17, 1e-16))
    assert judge("2.1.shift", other).verdict == "depends on the seed"
    assert judge("2.1.rotation", other).verdict == "holds"


ACCURACIES = {
    "2.2.raw-1e-4": ("raw, 1e-4", "validation_accuracy", "2,000"),
    "2.2.raw-1e-8": ("raw, 1e-8", "validation_accuracy", "2,000"),
    "2.2.standardised-1e-2-best": ("standardised, 1e-2", "best_validation_accuracy", "2,000"),
    "2.2.standardised-1e-2-end": ("standardised, 1e-2", "validation_accuracy", "2,000"),
    "2.2.standardised-1e-4": ("standardised, 1e-4", "validation_accuracy", "2,000"),
    "2.2.standardised-1e-8": ("standardised, 1e-8", "validation_accuracy", "2,000"),
    "2.3.validation-accuracy": ("deep", "validation_accuracy", "2,000"),
    "2.4.cnn-accuracy": ("CNN", "test_accuracy", "8,000"),
    "2.4.mlp-accuracy": ("standardised, 1e-4", "test_accuracy", "8,000"),
}


@pytest.mark.parametrize("name", ACCURACIES)
def test_accuracies(judge: Callable[..., Ruling], name: str) -> None:
    configuration, metric, images = ACCURACIES[name]

    def around(centre: float) -> dict[str, list[Row]]:
        every = [m for _, m, _ in ACCURACIES.values()]
        others = {c: [Row(dict.fromkeys(every, 0.5))] * 3 for c, _, _ in ACCURACIES.values()}
        own = [Row(dict.fromkeys(every, 0.5) | {metric: (centre + d) / 100}) for d in (-0.1, 0, 0.1)]
        return others | {configuration: own}

    near = judge(name, around(claimed(name)))
    assert near.verdict == "holds" and f"3 seeds, {images} test images" in near.evidence
    far = judge(name, around(claimed(name) + 6))
    assert far.verdict == "unsupported" and far.actual == f"{claimed(name) + 6:.1f} %"


@pytest.mark.parametrize(
    ("name", "configuration"), [("2.4.cnn-loss", "CNN"), ("2.4.mlp-loss", "standardised, 1e-4")]
)
def test_losses(judge: Callable[..., Ruling], name: str, configuration: str) -> None:
    figure = claimed(name)
    near = judge(name, {configuration: rows("test_loss", figure - 0.01, figure, figure + 0.01)})
    assert (near.verdict, near.actual) == ("holds", f"{figure:.3f}")
    far = judge(name, {configuration: rows("test_loss", figure - 0.21, figure - 0.2, figure - 0.19)})
    assert far.verdict == "unsupported" and "not reproduced" in far.evidence


def curve(*shares: float, **metrics: float) -> Row:
    return Row({"validation_accuracy": shares[-1], **metrics}, {"validation_accuracy": [*shares]})


def test_raw_inputs_stay_at_chance(judge: Callable[..., Ruling]) -> None:
    flat, late, early = curve(0.1, 0.11, 0.09), curve(0.1, 0.1, 0.2), curve(0.3, 0.1, 0.1)
    found = judge("2.2.raw-1e-2", {"raw, 1e-2": [flat, flat]})
    assert (found.verdict, found.actual) == ("holds", "9.0 % to 11.0 %")
    assert judge("2.2.raw-1e-2", {"raw, 1e-2": [late, early]}).verdict == "wrong"
    assert judge("2.2.raw-1e-2", {"raw, 1e-2": [flat, early]}).verdict == "depends on the seed"
    assert judge("2.2.raw-1e-2", {"raw, 1e-2": [flat, flat]}, claimed=30).verdict == "wrong"
    broken_off = Row({"validation_accuracy": 0.1})
    assert judge("2.2.raw-1e-2", {"raw, 1e-2": [broken_off, flat]}).verdict == "holds"


def test_falls(judge: Callable[..., Ruling]) -> None:
    down = curve(*[0.8] * 5, *[0.85] * 10, *[0.75] * 10)
    steady = curve(*[0.8] * 5, *[0.85] * 20)
    blip = curve(*[0.85] * 12, 0.6, *[0.85] * 5, 0.7)
    slightly = curve(*[0.85] * 10, *[0.83] * 10)
    name, where = "2.2.standardised-1e-2-falls", "standardised, 1e-2"
    found = judge(name, {where: [down, down]})
    assert (found.verdict, found.actual) == ("holds", "from 85.0 % to 75.0 %")
    assert judge(name, {where: [steady, slightly]}).verdict == "wrong", "within the sampling error"
    assert judge(name, {where: [down, steady]}).verdict == "depends on the seed"
    assert judge(name, {where: [blip, blip]}).verdict == "wrong", "one bad epoch is no fall"


def grid(raw: dict[str, float], standardised: dict[str, float]) -> dict[str, list[Row]]:
    return {
        f"{inputs}, {rate}": [curve(share + d, share + d) for d in (0.0, 0.001, -0.001)]
        for inputs, shares in (("raw", raw), ("standardised", standardised))
        for rate, share in shares.items()
    }


RAW = {"1e-2": 0.1, "1e-4": 0.88, "1e-8": 0.18}
MORE = {"1e-2": 0.75, "1e-4": 0.89, "1e-8": 0.27}


def test_helps(judge: Callable[..., Ruling]) -> None:
    found = judge("2.2.helps", grid(RAW, MORE))
    assert (found.verdict, found.values["better"]) == ("holds", "at 1e-2, at 1e-4, at 1e-8")
    assert found.actual == "at 1e-2 +65.0 points; at 1e-4 +1.0 points; at 1e-8 +9.0 points"
    some = judge("2.2.helps", grid(RAW, MORE | {"1e-4": 0.87}))
    assert (some.verdict, some.values["better"]) == ("imprecise", "at 1e-2, at 1e-8")
    assert judge("2.2.helps", grid(MORE, RAW)).verdict == "wrong"


def test_rates(judge: Callable[..., Ruling]) -> None:
    def runs(*, falling: bool = True, **changes: float) -> dict[str, list[Row]]:
        cells = grid(RAW | changes, MORE | changes)
        for row in (row for found in cells.values() for row in found):
            row.history["train_loss"] = [2.3, 2.2, 2.1, 2.0] if falling else [2.3, 2.2, 2.0, 2.0]
        return cells

    for name, rate in (("2.2.large-rate", "1e-2"), ("2.2.small-rate", "1e-8")):
        found = judge(name, runs())
        assert (found.verdict, found.values["true"]) == ("holds", "3")
        assert f"{100 * RAW[rate]:.1f} % with raw inputs, 88.0 % at 1e-4" in found.actual
        assert judge(name, runs(**{rate: 0.95})).verdict == "wrong"
        one = runs()
        one[f"raw, {rate}"][1].metrics["validation_accuracy"] = 0.95
        assert judge(name, one).verdict == "depends on the seed"
    assert judge("2.2.small-rate", runs(falling=False)).verdict == "wrong", "it has converged"
    assert judge("2.2.large-rate", runs(falling=False)).verdict == "holds"


def test_train_accuracy(judge: Callable[..., Ruling]) -> None:
    def runs(*last: float) -> dict[str, list[Row]]:
        return {"deep": [Row({"train_accuracy": 0.5}, {"train_accuracy": [0.4, share]}) for share in last]}

    found = judge("2.3.train-accuracy", runs(0.097, 0.098, 0.096))
    assert (found.verdict, found.actual) == ("holds", "9.7 %") and "60,000 training images" in found.evidence
    assert judge("2.3.train-accuracy", runs(0.997, 0.998, 0.996)).verdict == "unsupported"


def test_overfit(judge: Callable[..., Ruling]) -> None:
    def runs(*pairs: tuple[float, float]) -> dict[str, list[Row]]:
        deep = [Row({"train_accuracy": a, "validation_accuracy": b}) for a, b in pairs]
        return {"deep": deep, "wide": [Row({"train_accuracy": 0.98})] * 2}

    dead = judge("2.3.overfit", runs((0.1, 0.1), (0.1, 0.093)))
    assert (dead.verdict, dead.actual, dead.values["wide"]) == ("wrong", "10.0 %", "98.0 %")
    assert judge("2.3.overfit", runs((0.1, 0.06), (0.1, 0.06))).verdict == "wrong", "chance on its own images"
    assert judge("2.3.overfit", runs((0.99, 0.8), (0.98, 0.8))).verdict == "holds"
    assert judge("2.3.overfit", runs((0.9, 0.89), (0.88, 0.89))).verdict == "wrong", "no gap"
    assert judge("2.3.overfit", runs((0.99, 0.8), (0.1, 0.1))).verdict == "depends on the seed"


def run_with(variation: float, roughness: float, accuracy: float) -> Row:
    """Norms that swing by `variation` around 1, an accuracy that swings by `roughness` and ends as asked."""
    norms = [1 + variation, 1 - variation] * 5
    return Row({"m": 1.0}, {
        "gradient_norm": norms,
        "validation_accuracy": [accuracy + roughness, accuracy] * 5,
    })  # fmt: skip


def test_gradient_norms(judge: Callable[..., Ruling]) -> None:
    def verdict(deep: Row, *others: Row) -> Ruling:
        names = ("wide", "residual", "batch norm", "layer norm")
        return judge(
            "2.3.gradient-norms",
            {"deep": [deep] * 2, **{n: [r] * 2 for n, r in zip(names, others, strict=True)}},
        )

    steady_and_good = [run_with(v / 10, v / 100, 0.9 - v / 100) for v in range(2, 6)]
    explains = verdict(run_with(0.9, 0.2, 0.1), *steady_and_good)
    assert explains.verdict == "holds"
    assert explains.values == {"deep": "90.0 %", "wide": "20.0 %", "runs": "10"}
    assert explains.actual.startswith("+1.00 with the roughness of the accuracy and -1.00 with")
    better_when_unsteady = [run_with(v / 10, v / 100, 0.8 + v / 100) for v in range(2, 6)]
    dead = verdict(run_with(0.01, 0.0, 0.1), *better_when_unsteady)
    assert dead.verdict == "imprecise", "smooth, but at chance"
    rough_when_steady = [run_with(v / 10, (9 - v) / 100, 0.8 + v / 100) for v in range(2, 6)]
    assert verdict(run_with(0.01, 0.2, 0.1), *rough_when_steady).verdict == "wrong"
    flat = run_with(0.0, 0.0, 0.1)
    flat.history["gradient_norm"] = [0.0] * 10
    still = verdict(flat, *[flat] * 4)
    assert still.verdict == "wrong" and still.actual.startswith("+0.00"), "nothing varies"


MEASURED = sorted(claim.id for claim in CLAIMS.values() if claim.id.startswith("mila.") and claim.card)


@pytest.mark.parametrize("claim_id", MEASURED)
def test_one_seed_or_none_gives_no_verdict(
    judge: Callable[..., Ruling], tmp_path: Path, claim_id: str
) -> None:
    assert ruling_of(CLAIMS[claim_id], book=tmp_path).verdict is None
    names = (
        "test_accuracy", "test_loss", "validation_accuracy", "best_validation_accuracy", "train_accuracy",
        "shift_interior", "shift_border", "rotation_interior",
    )  # fmt: skip
    series = ("validation_accuracy", "train_accuracy", "train_loss", "gradient_norm")
    every = Row(dict.fromkeys(names, 0.5), {name: [0.5, 0.4, 0.3] for name in series})
    configurations = [f"{inputs}, {rate}" for inputs in ("raw", "standardised") for rate in RAW]
    runs = {name: [every] for name in (*configurations, "random", "symmetrised", "deep", "wide", "CNN")}
    found = judge(claim_id.removeprefix("mila."), runs)
    assert found.verdict is None and "one seed" in found.evidence
    assert found.correction(CLAIMS[claim_id]) == ""


def test_the_corrections_are_sentences() -> None:
    def correction(name: str) -> str:
        claim = CLAIMS[f"mila.{name}"]
        return ruling_of(claim).correction(claim)

    assert correction("2.3.product") == "640 weights, with the biases 650 parameters."
    assert correction("2.3.depth") == (
        "53 layers of 64×64, that is 54 hidden layers with the first one, come nearest: 271,370 parameters "
        "for 269,322. From 51 to 54 are near enough by the course's rule."
    )
    assert correction("2.5.one-by-one") == (
        "A value that a 1×1 convolution puts out depends on 2 of 32 inputs (2 channels of 4×4): those at its "
        "own pixel, for which the same fully connected layer serves at every pixel. It has 6 weights where a "
        "fully connected layer has 1,536. On an image of one pixel, all inputs count and both are equal."
    )
