"""Figures of long runs judged by shorter ones."""

from typing import Any

import pytest

from coursekit.evidence.cards import Card, MissingRunsError
from coursekit.evidence.claims import Claim
from coursekit.evidence.lengths import epochs_run, judge_at_length, only_at_length
from coursekit.evidence.runs import Run
from coursekit.evidence.verdicts import Ruling, judge_accuracy


def claim(figure: float) -> Claim:
    return Claim(
        id="a.1.b", question="a.1", says="s", kind="measured", decided_by="book/results/a.1.json",
        correction="{actual}", claimed=figure,
    )  # fmt: skip


def card(metric: str, *values: float, epochs: tuple[int, ...] = (8,)) -> Card:
    lengths = epochs * len(values) if len(epochs) == 1 else epochs
    runs = [
        Run(
            configuration="model", settings={"epochs": n}, seed=seed, metrics={metric: value}, history={},
            confusion=None, device="cpu", seconds=1.0, peak_memory_mib=1, finished="", versions={},
        )
        for seed, (value, n) in enumerate(zip(values, lengths, strict=True))
    ]  # fmt: skip
    return Card(question="a.1", scale="full", data=None, code=None, runs=runs)


def judged(made: Card, metric: str, figure: float, **settings: Any):
    return judge_at_length(
        claim(figure), made, "model", metric, **{"epochs": 8, "images": 10_000, **settings}
    )


def test_runs_as_long_as_the_report_s_are_judged_as_ever() -> None:
    values = (0.70, 0.71, 0.69)
    for figure, verdict in ((70.0, "holds"), (90.0, "unsupported")):
        ruling = judged(card("test_accuracy", *values), "test_accuracy", figure)
        expected = judge_accuracy(claim(figure), dict(enumerate(values)), images=10_000)
        assert ruling == expected
        assert ruling.verdict == verdict
    longer = judged(card("test_accuracy", *values), "test_accuracy", 70.0, epochs=5)
    assert longer.verdict == "holds"


@pytest.mark.parametrize("figure", [70.0, 90.0])
@pytest.mark.parametrize("values", [(0.70, 0.71, 0.69), (0.70,)])
def test_shorter_runs_decide_nothing_whatever_they_found(figure: float, values: tuple[float, ...]) -> None:
    ruling = judged(card("test_accuracy", *values), "test_accuracy", figure, epochs=300)
    assert ruling.verdict == "unsupported"
    assert ruling.actual == "70.0 % after 8 of 300 epochs"
    assert ruling.values["seeds"] == str(len(values))
    assert ruling.evidence == (f"claimed {figure} % after 300 epochs; our runs of model have 70.0 % after 8")


def test_losses_are_judged_as_losses() -> None:
    made = card("test_loss", 0.50, 0.52, 0.48)
    assert judged(made, "test_loss", 0.51).verdict == "holds"
    assert judged(made, "test_loss", 0.81).verdict == "unsupported"
    shorter = judged(made, "test_loss", 0.51, epochs=9)
    assert (shorter.verdict, shorter.actual) == ("unsupported", "0.50 after 8 of 9 epochs")
    assert "claimed 0.51 after 9 epochs" in shorter.evidence


def test_images_are_named() -> None:
    ruling = judged(card("a_accuracy", 0.7, 0.7), "a_accuracy", 70.0, images=1_000, of="validation images")
    assert "1,000 validation images" in ruling.evidence


def test_the_shortest_run_counts() -> None:
    made = card("test_accuracy", 0.7, 0.7, epochs=(8, 6))
    assert epochs_run(made, "model") == 6
    assert judged(made, "test_accuracy", 70.0).verdict == "unsupported"
    with pytest.raises(MissingRunsError):
        epochs_run(made, "another")


def test_comparisons_of_shorter_runs_are_unsupported_unless_longer_ones_would_confirm_them() -> None:
    made = card("test_accuracy", 0.7, 0.7)
    found = Ruling("holds", "x", {"y": "z"}, "a less b")
    assert only_at_length(found, made, "model", epochs=8) is found
    short = only_at_length(found, made, "model", epochs=50)
    assert short == Ruling(
        "unsupported", "x", {"y": "z"}, "a less b; 8 epochs do not decide what 50 would show"
    )
    assert only_at_length(found, made, "model", epochs=50, keep=("holds",)) is found
    assert only_at_length(Ruling(None), made, "model", epochs=50).verdict is None
