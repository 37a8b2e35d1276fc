"""Verdicts on claims: the ruling, the register of rules that compute it, and the ways to judge a figure."""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from statistics import fmean
from typing import Literal, TypeVar

from coursekit.evidence.cards import Card, MissingRunsError, load_card
from coursekit.evidence.claims import Claim
from coursekit.evidence.formatting import decimals, percent
from coursekit.evidence.statistics import prediction_interval

Verdict = Literal["holds", "wrong", "imprecise", "unsupported", "depends on the seed"]

ONE_SEED = "one seed is recorded; a verdict needs at least two"


@dataclass(frozen=True)
class Ruling:
    """What was found of a claim.

    Parameters
    ----------
    verdict
        None while the runs that decide are not recorded.
    actual
        What is right, in words; the ``{actual}`` of the correction.
    values
        Further values for the correction.
    evidence
        One line: what was compared with what.
    """

    verdict: Verdict | None
    actual: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    evidence: str = ""

    def correction(self, claim: Claim) -> str:
        """The claim's correction with the computed values in it; empty while there is no verdict."""
        if self.verdict is None:
            return ""
        return claim.correction.format_map({"actual": self.actual, **self.values})


Rule = Callable[[Claim], Ruling]
CardRule = Callable[[Claim, Card], Ruling]
_R = TypeVar("_R", Rule, CardRule)
_rules: dict[str, Rule] = {}
_card_rules: dict[str, CardRule] = {}


def rule(*claim_ids: str) -> Callable[[Rule], Rule]:
    """Register a function that computes the ruling on the claims of these ids.

    Raises
    ------
    ValueError
        If one of them has a rule already.
    """
    return lambda function: _register(_rules, claim_ids, function)


def card_rule(*claim_ids: str) -> Callable[[CardRule], CardRule]:
    """Register a function that rules on the claims of these ids by a card, which has runs when it is called.

    Raises
    ------
    ValueError
        If one of them has a rule already.
    """
    return lambda function: _register(_card_rules, claim_ids, function)


def ruling_of(claim: Claim, *, book: Path | None = None) -> Ruling:
    """Compute the ruling on a claim, with the result cards of `book`.

    There is no verdict as long as its card lacks a configuration that the rule asks for.

    Raises
    ------
    LookupError
        If no rule is registered for the claim.
    """
    ruled_claims()
    if claim.id in _rules:
        return _rules[claim.id](claim)
    if claim.id not in _card_rules or claim.card is None:
        needed = "@card_rule" if claim.card else "@rule"
        raise LookupError(f"no {needed} for the claim {claim.id}; add one in coursekit/evidence/rulings")
    card = load_card(claim.card, book=book)
    if not card.runs:
        return Ruling(None, evidence=f"the result card {claim.card} is not recorded yet")
    try:
        return _card_rules[claim.id](claim, card)
    except MissingRunsError as error:
        return Ruling(None, evidence=str(error))


@cache
def ruled_claims() -> frozenset[str]:
    """Ids of all claims that have a rule, after importing every module of rulings."""
    from coursekit.evidence import rulings

    for module in pkgutil.iter_modules(rulings.__path__):
        importlib.import_module(f"{rulings.__name__}.{module.name}")
    return frozenset(_rules) | frozenset(_card_rules)


def judge_count(claimed: float, actual: float) -> Verdict:
    """``holds`` where the figures differ by no more than half a unit of the last digit that was stated.

    Examples
    --------
    >>> judge_count(62_720, 62_730), judge_count(0.333, 1 / 3)
    ('wrong', 'holds')
    """
    tolerance = 0.5 * 10.0 ** -decimals(claimed)
    return "holds" if abs(claimed - actual) <= tolerance * (1 + 1e-9) else "wrong"


def judge_accuracy(claim: Claim, shares: Mapping[int, float], *, images: int) -> Ruling:
    """Rule on an accuracy that one run of the report scored, by our runs over several seeds.

    It holds when it lies in the 95 % prediction interval for one new run, which is widened by the binomial
    error of a test set of that many images: the report does not say that it used the very same ones, and
    has the benefit of the doubt. Otherwise it is unsupported: not reproduced at these settings.

    Parameters
    ----------
    claim
        Its figure in percent.
    shares
        Accuracy by seed, in [0, 1].
    images
        Size of the test set, or of the part of it that counts.
    """
    if not isinstance(claim.claimed, int | float):
        raise TypeError(f"{claim.id}: claimed is {claim.claimed!r}; an accuracy is a number in percent")
    mean = fmean(shares.values())
    interval = prediction_interval(shares.values(), added_variance=mean * (1 - mean) / images)
    digits = max(1, decimals(claim.claimed))
    actual = percent(mean, decimals=digits)
    seeds = {"seeds": str(len(shares))}
    if not interval.finite:
        return Ruling(None, actual, seeds, ONE_SEED)
    low, high = (percent(min(1.0, max(0.0, x)), decimals=digits) for x in (interval.low, interval.high))
    inside = claim.claimed / 100 in interval
    return Ruling(
        verdict="holds" if inside else "unsupported",
        actual=actual,
        values={**seeds, "low": low, "high": high},
        evidence=(
            f"claimed {claim.claimed} %, one run is expected in {low} to {high} "
            f"({len(shares)} seeds, {images:,} test images)" + ("" if inside else ": not reproduced")
        ),
    )


def judge_statement(truths: Mapping[int, bool], *, actual: str, evidence: str, **values: str) -> Ruling:
    """Rule on a statement by the seeds in which it is true: all, none, or some of at least two.

    Examples
    --------
    >>> judge_statement({0: True, 1: False}, actual="shirt", evidence="worst class").verdict
    'depends on the seed'
    """
    if len(truths) < 2:
        return Ruling(None, actual, values, ONE_SEED)
    true = sum(truths.values())
    verdict: Verdict = "depends on the seed"
    if true in (0, len(truths)):
        verdict = "holds" if true else "wrong"
    counts = {"true": str(true), "seeds": str(len(truths))}
    return Ruling(verdict, actual, {**counts, **values}, f"{evidence}: true in {true} of {len(truths)} seeds")


def _register(rules: dict[str, _R], claim_ids: tuple[str, ...], function: _R) -> _R:
    for claim_id in claim_ids:
        if claim_id in _rules or claim_id in _card_rules:
            raise ValueError(f"the claim {claim_id} has a rule already; give each claim one")
        rules[claim_id] = function
    return function
