"""Reading a result card: sentences filled from it, and configurations compared step by step."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from coursekit.evidence.cards import Card
from coursekit.evidence.formatting import interval_text
from coursekit.evidence.statistics import Difference, mean_interval, paired_difference


@dataclass(frozen=True)
class Sentence:
    """Markdown for a page, made from figures; shows itself as such in a notebook."""

    text: str

    def _repr_markdown_(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return self.text


def answer(card: Card, write: Callable[[Card], str]) -> Sentence:
    """A chapter's answer, written by `write` from its card; says so where nothing is recorded yet.

    Examples
    --------
    >>> answer(Card(question="mannheim.1e", scale="full"), lambda card: f"{len(card.runs)} runs")
    **Answer.** Not yet measured at full scale.
    """
    return Sentence(write(card) if card.runs else "**Answer.** Not yet measured at full scale.")


def in_words(card: Card, configuration: str, metric: str) -> str:
    """Mean and 95 % interval of a metric over the seeds of a configuration, as text for a sentence.

    A configuration that is still to be run is said to be not yet measured.

    Raises
    ------
    ValueError
        If the configuration's runs have no such metric.
    """
    if configuration not in card.configurations:
        return "(not yet measured)"
    return interval_text(mean_interval(card.values(configuration, metric).values()), metric=metric)


@dataclass(frozen=True)
class Step:
    """What a configuration changed against the one before it."""

    configuration: str
    before: str
    difference: Difference


def steps(card: Card, metric: str) -> list[Step]:
    """Every configuration against the one run before it, paired by seed.

    Configurations without the metric, or with fewer than two seeds in common, are left out.
    """
    names = [name for name in card.configurations if name in card.summary(metric)]
    pairs = [
        (before, after, card.values(after, metric), card.values(before, metric))
        for before, after in pairwise(names)
    ]
    return [
        Step(after, before, paired_difference(new, old))
        for before, after, new, old in pairs
        if len(new.keys() & old.keys()) > 1
    ]
