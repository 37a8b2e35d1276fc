"""Sentences and steps read off a card made by hand."""

import pytest

from coursekit.evidence import answer, in_words, paired_difference, steps
from coursekit.evidence.cards import Card
from coursekit.evidence.runs import Run

FIGURES = {"base": (0.5, 0.6, 0.7), "wider": (0.6, 0.72, 0.78), "no validation": None, "alone": (0.9,)}


def run(configuration: str, seed: int, metrics: dict[str, float]) -> Run:
    return Run(
        configuration=configuration,
        settings={},
        seed=seed,
        metrics=metrics,
        history={},
        confusion=None,
        device="cpu",
        seconds=1.0,
        peak_memory_mib=1,
        finished="2026-01-01T00:00:00Z",
        versions={},
    )


@pytest.fixture
def card() -> Card:
    runs = []
    for configuration, figures in FIGURES.items():
        if figures is None:
            runs.append(run(configuration, 0, {"test_accuracy": 0.1}))
        else:
            runs += [run(configuration, seed, {"accuracy": value}) for seed, value in enumerate(figures)]
    return Card(question="x.1", scale="full", runs=runs)


def test_an_answer_is_written_from_the_card_or_says_that_there_is_none(card) -> None:
    written = answer(card, lambda card: f"{len(card.configurations)} configurations")
    assert written._repr_markdown_() == repr(written) == "4 configurations"
    empty = Card(question="x.1", scale="full")
    assert (
        repr(answer(empty, lambda card: card.runs[0].device)) == "**Answer.** Not yet measured at full scale."
    )


def test_in_words_gives_mean_interval_and_seeds(card) -> None:
    assert in_words(card, "base", "accuracy") == "60 % [35, 85], 3 seeds"
    assert in_words(card, "narrow", "accuracy") == "(not yet measured)"
    with pytest.raises(ValueError, match="no metric 'loss'"):
        in_words(card, "base", "loss")


def test_steps_compare_neighbours_by_seed_and_leave_out_what_cannot_be_paired(card) -> None:
    (step,) = steps(card, "accuracy")
    assert (step.before, step.configuration) == ("base", "wider")
    base, wider = (dict(enumerate(FIGURES[name] or ())) for name in ("base", "wider"))
    assert step.difference == paired_difference(wider, base)
    assert step.difference.mean == pytest.approx(0.1)
