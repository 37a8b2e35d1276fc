"""Claims of ist 3, decided without the rules' own code; and the rules, tried on cards that are made up."""

from collections.abc import Sequence
from math import sqrt
from pathlib import Path
from statistics import fmean, stdev

import pytest
import torch
from ruling import CLAIMS, Row, ruled, ruled_by
from torch import nn

from coursekit.evidence import Ruling, ruling_of
from coursekit.evidence.rulings import ist_3
from coursekit.metrics import bleu, chrf, error_rate
from coursekit.models import Translator

DATA = {"name": "spa-eng-ist", "title": "pairs", "train": 10_483, "test": 1_000}
ERROR_RATES = (
    ("ist.3.1a.validation", "no attention", "validation_error_rate", 0.4830),
    ("ist.3.1a.test", "no attention", "test_error_rate", 0.5026),
    ("ist.3.1b.validation", "attention", "validation_error_rate", 0.3648),
    ("ist.3.1b.test", "attention", "test_error_rate", 0.3749),
)
WIDTHS = (2, 3, 5, 10, 20)

#: Student's quantile for 95 % and two degrees of freedom, from a table.
T = 4.302653


@pytest.mark.parametrize(("name", "configuration", "metric", "claimed"), ERROR_RATES)
def test_error_rates(tmp_path: Path, name: str, configuration: str, metric: str, claimed: float) -> None:
    def judged(rates: Sequence[float], epochs: int = 50) -> Ruling:
        rows = [Row({metric: rate}, settings={"epochs": epochs}) for rate in rates]
        return ruled_by(tmp_path, name, {configuration: rows}, data=DATA)

    assert CLAIMS[name].claimed == claimed
    near, far = (0.01, -0.01, 0.002), (0.1, 0.101, 0.099)
    rates = [claimed + x for x in near]
    half = T * stdev(rates) * sqrt(1 + 1 / 3)
    ruling = judged(rates)
    assert (ruling.verdict, ruling.actual) == ("holds", f"{fmean(rates):.4f}")
    low, high = f"{fmean(rates) - half:.4f}", f"{fmean(rates) + half:.4f}"
    assert ruling.values == {"seeds": "3", "low": low, "high": high}
    assert ruling.evidence == f"claimed {claimed:.4f}, one run is expected in {low} to {high} (3 seeds)"
    assert ruling.correction(CLAIMS[name]) == (
        f"{fmean(rates):.4f} in the mean of 3 seeds; one run is expected between {low} and {high}."
    )
    assert judged([claimed + x for x in far]).verdict == "unsupported"
    assert judged([claimed]).verdict is None
    short = judged(rates, epochs=49)
    assert short.verdict == "unsupported" and "49 epochs do not decide what 50 would show" in short.evidence
    assert short.actual == f"{fmean(rates):.4f} after 49 of 50 epochs"


@pytest.mark.parametrize(("name", "configuration", "metric", "claimed"), ERROR_RATES)
def test_the_last_digit_is_rounded(
    tmp_path: Path, name: str, configuration: str, metric: str, claimed: float
) -> None:
    for away, verdict in ((4e-5, "holds"), (-4e-5, "holds"), (6e-5, "unsupported"), (-6e-5, "unsupported")):
        rows = [Row({metric: claimed + away}, settings={"epochs": 50})] * 3
        assert ruled_by(tmp_path, name, {configuration: rows}, data=DATA).verdict == verdict


def beams(
    greedy: Sequence[float], gains: Sequence[Sequence[float]], epochs: int = 50
) -> dict[str, list[Row]]:
    """Error rates of every width by seed, from how much less they are than greedy's."""
    return {
        "attention": [
            Row(
                {"greedy_test_error_rate": rate}
                | {
                    f"beam_{width}_test_error_rate": rate - gain[seed]
                    for width, gain in zip(WIDTHS, gains, strict=True)
                },
                settings={"epochs": epochs},
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
        each = "; ".join(f"width {width} +4.5 points" for width in WIDTHS)
        assert found.correction(CLAIMS["ist.3.1c.beam"]) == (
            f"By this much less error than greedy search, over 3 seeds: {each}."
        )


def test_beam_is_paired_by_seed(tmp_path: Path) -> None:
    # The seeds lie much further apart than the two searches, which only pairs can tell.
    found = ruled_by(tmp_path, "ist.3.1c.beam", beams((0.2, 0.6, 0.4), [BETTER] * 5), data=DATA)
    assert found.verdict == "holds"


def test_beam_in_a_network_that_is_trained_less(tmp_path: Path) -> None:
    found = ruled_by(tmp_path, "ist.3.1c.beam", beams((0.4, 0.38, 0.39), [BETTER] * 5, epochs=5), data=DATA)
    assert found.verdict == "unsupported" and "5 epochs do not decide what 50 would show" in found.evidence


def test_beam_with_one_seed(tmp_path: Path) -> None:
    runs = beams((0.4,), [(0.1,)] * 5)
    assert ruled_by(tmp_path, "ist.3.1c.beam", runs, data=DATA).verdict is None


@pytest.mark.parametrize("name", [*(rate[0] for rate in ERROR_RATES), "ist.3.1c.beam"])
def test_no_card_gives_no_verdict(tmp_path: Path, name: str) -> None:
    assert ruling_of(CLAIMS[name], book=tmp_path).verdict is None
    other = ruled_by(tmp_path, name, {"another": [Row({"test_error_rate": 0.5})] * 2}, data=DATA)
    assert other.verdict is None and "'another'" in other.evidence
    assert other.correction(CLAIMS[name]) == ""


def test_layers() -> None:
    # Four gates, each with weights for inputs and states and two biases: 4 · (128 · (128 + 128) + 2 · 128).
    layer = 4 * (128 * 256 + 256)
    ruling = ruled("ist.3.1c.layers")
    assert ruling.verdict == "wrong"
    assert ruling.actual == f"{layer:,} parameters with one layer, {2 * layer:,} with two"
    one, two = (nn.LSTM(128, 128, layers).state_dict().keys() for layers in (1, 2))
    assert one < two


def test_layers_would_hold_if_they_added_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ist_3, "_parameters", lambda layers: 9)
    assert ruled("ist.3.1c.layers").verdict == "holds"


def test_hyper_parameters() -> None:
    # The other three settings are arguments of the optimiser and the loop, which have no network in them.
    dropping = (dict(Translator(9, 9, attention=True, dropout=p).named_parameters()) for p in (0.0, 0.3, 0.5))
    first, *others = ({name: weights.shape for name, weights in network.items()} for network in dropping)
    assert all(shapes == first for shapes in others)
    ruling = ruled("ist.3.1c.hyper-parameters")
    assert (ruling.verdict, ruling.actual) == ("unsupported", "learning rate, batch size, epochs, dropout")
    assert ruling.correction(CLAIMS["ist.3.1c.hyper-parameters"]) == (
        "These settings leave the network as it is: learning rate, batch size, epochs, dropout. That other "
        "values are better, no run of the report shows."
    )


class Growing(nn.Module):
    """A network that is not the same for any number of epochs, or any dropout."""

    def __init__(
        self, source: int, target: int, *, hidden: int, attention: bool, dropout: float, epochs: int = 1
    ) -> None:
        super().__init__()
        self.layer = nn.Linear(round(10 * dropout), epochs)


def test_settings_of_the_network_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ist_3, "Translator", Growing)
    ruling = ruled("ist.3.1c.hyper-parameters")
    assert (ruling.verdict, ruling.actual) == ("wrong", "learning rate, batch size")


def test_metric(monkeypatch: pytest.MonkeyPatch) -> None:
    ruling = ruled("ist.3.1c.metric")
    assert (ruling.verdict, ruling.actual) == ("wrong", "the same translations")
    assert "Measured by the error rate, BLEU and chrF, a network writes the same translations." in (
        ruling.correction(CLAIMS["ist.3.1c.metric"])
    )
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
