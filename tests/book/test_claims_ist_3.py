"""Claims of ist 3, decided without the rules' own code; and the rules, tried on cards that are made up."""

from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from ruling import CLAIMS, Row, ruled, ruled_by
from torch import nn

from coursekit.evidence import Ruling
from coursekit.evidence.rulings import ist_3
from coursekit.metrics import bleu, chrf, error_rate

DATA = {"name": "spa-eng-ist", "title": "pairs", "train": 10_483, "test": 1_000}
ERROR_RATES = (
    ("ist.3.1a.validation", "no attention", "validation_error_rate", 0.4830),
    ("ist.3.1a.test", "no attention", "test_error_rate", 0.5026),
    ("ist.3.1b.validation", "attention", "validation_error_rate", 0.3648),
    ("ist.3.1b.test", "attention", "test_error_rate", 0.3749),
)


@pytest.mark.parametrize(("name", "configuration", "metric", "claimed"), ERROR_RATES)
def test_error_rates(tmp_path: Path, name: str, configuration: str, metric: str, claimed: float) -> None:
    def judged(rates: Sequence[float], epochs: int = 50) -> Ruling:
        rows = [Row({metric: rate}, settings={"epochs": epochs}) for rate in rates]
        return ruled_by(tmp_path, name, {configuration: rows}, data=DATA)

    assert CLAIMS[name].claimed == claimed
    near, far = (0.01, -0.01, 0.002), (0.1, 0.101, 0.099)
    ruling = judged([claimed + x for x in near])
    assert ruling.verdict == "holds"
    assert float(ruling.actual) == pytest.approx(claimed + sum(near) / 3, abs=5.1e-4)
    assert ruling.values["seeds"] == "3"
    assert float(ruling.values["low"]) < claimed < float(ruling.values["high"])
    assert judged([claimed + x for x in far]).verdict == "unsupported"
    assert judged([claimed]).verdict is None
    short = judged([claimed + x for x in near], epochs=49)
    assert short.verdict == "unsupported" and "49 epochs do not decide what 50 would show" in short.evidence


def beams(greedy: Sequence[float], gains: Sequence[Sequence[float]]) -> dict[str, list[Row]]:
    """Error rates of every width by seed, from how much less they are than greedy's."""
    return {
        "attention": [
            Row(
                {"greedy_test_error_rate": rate}
                | {
                    f"beam_{width}_test_error_rate": rate - gain[seed]
                    for width, gain in zip((2, 3, 5, 10, 20), gains, strict=True)
                }
            )
            for seed, rate in enumerate(greedy)
        ]
    }


BETTER, WORSE, EITHER = (0.04, 0.05, 0.045), (-0.04, -0.05, -0.045), (0.04, -0.05, 0.01)


@pytest.mark.parametrize(
    ("gains", "verdict"),
    [
        ([BETTER] * 5, "holds"),
        ([BETTER, BETTER, EITHER, BETTER, WORSE], "imprecise"),
        ([WORSE, EITHER, EITHER, EITHER, EITHER], "wrong"),
        ([EITHER] * 5, "unsupported"),
    ],
)
def test_beam(tmp_path: Path, gains: list[tuple[float, ...]], verdict: str) -> None:
    found = ruled_by(tmp_path, "ist.3.1c.beam", beams((0.4, 0.38, 0.39), gains), data=DATA)
    assert found.verdict == verdict
    if verdict == "holds":
        assert found.actual.startswith("width 2 +4.5 points; width 3 +4.5 points")


def test_beam_with_one_seed(tmp_path: Path) -> None:
    runs = beams((0.4,), [(0.1,)] * 5)
    assert ruled_by(tmp_path, "ist.3.1c.beam", runs, data=DATA).verdict is None


def test_layers() -> None:
    # Four gates, each with weights for inputs and states and two biases: 4 · (128 · (128 + 128) + 2 · 128).
    layer = 4 * (128 * 256 + 256)
    ruling = ruled("ist.3.1c.layers")
    assert ruling.verdict == "wrong"
    assert ruling.actual == f"{layer:,} parameters with one layer, {2 * layer:,} with two"


def test_layers_would_hold_if_they_added_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ist_3, "_shapes", lambda *, layers: {"weight": torch.Size([3, 3])})
    assert ruled("ist.3.1c.layers").verdict == "holds"


def test_hyper_parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    ruling = ruled("ist.3.1c.hyper-parameters")
    assert (ruling.verdict, ruling.actual) == ("unsupported", "learning rate, batch size, epochs, dropout")
    one, two = (nn.LSTM(128, 128, layers).state_dict().keys() for layers in (1, 2))
    assert one < two
    # A setting that is the network's, too, is left out.
    monkeypatch.setattr(ist_3, "Translator", lambda source, target, *, epochs: None)
    assert ruled("ist.3.1c.hyper-parameters").actual == "learning rate, batch size, dropout"


def test_metric(monkeypatch: pytest.MonkeyPatch) -> None:
    ruling = ruled("ist.3.1c.metric")
    assert (ruling.verdict, ruling.actual) == ("wrong", "the same translations")
    # Three numbers for the same sentences, which none of the functions can touch.
    written, true = ("he is here .", "no ."), ("she is here .", "no .")
    assert len({measure(written, true) for measure in (error_rate, bleu, chrf)}) == 3
    assert written == ("he is here .", "no .")
    outputs = iter([["one", "two"], ["one", "three"]])
    monkeypatch.setattr(ist_3, "_written", lambda model, source: next(outputs))
    assert ruled("ist.3.1c.metric").verdict == "unsupported"


def test_rules_draw_no_random_numbers() -> None:
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    for name in ("metric", "layers", "hyper-parameters"):
        ruled(f"ist.3.1c.{name}")
    assert torch.equal(torch.rand(1), expected)
