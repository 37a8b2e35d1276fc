"""Verdicts: the register of rules, and the ways to judge, on values whose verdict is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit.evidence import verdicts
from coursekit.evidence.cards import Card, open_card
from coursekit.evidence.claims import Claim
from coursekit.evidence.runs import Outcome
from coursekit.evidence.verdicts import (
    Ruling,
    card_rule,
    judge_accuracy,
    judge_count,
    judge_statement,
    rule,
    ruling_of,
)


def claim(**changes: object) -> Claim:
    entry = {
        "id": "course.1a.x",
        "question": "course.1a",
        "says": "It is so.",
        "kind": "measured",
        "decided_by": "book/results/course.1a.json",
        "correction": "{actual} over {seeds} seeds.",
    }
    return Claim(**(entry | changes))  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def register(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rules that a test registers are gone after it."""
    verdicts.ruled_claims()
    monkeypatch.setattr(verdicts, "_rules", dict(verdicts._rules))
    monkeypatch.setattr(verdicts, "_card_rules", dict(verdicts._card_rules))


@pytest.mark.parametrize(
    ("claimed", "actual", "verdict"),
    [
        (62720, 62730, "wrong"),
        (320, 320, "holds"),
        (320, 320.5, "holds"),
        (320, 321, "wrong"),
        (0.36, 0.3649, "holds"),
        (0.36, 0.3651, "wrong"),
        (0.36, 0.355, "holds"),
        (1e-05, 1.4e-05, "holds"),
        (1e-05, 1.6e-05, "wrong"),
    ],
)
def test_a_count_holds_within_its_last_digit(claimed: float, actual: float, verdict: str) -> None:
    assert judge_count(claimed, actual) == verdict


@given(st.dictionaries(st.integers(0, 9), st.booleans(), min_size=2))
def test_a_statement_is_judged_by_the_seeds(truths: dict[int, bool]) -> None:
    found = judge_statement(truths, actual="x", evidence="a, b", extra="y")
    expected = {True: "holds", False: "wrong"}
    values = set(truths.values())
    assert found.verdict == (expected[values.pop()] if len(values) == 1 else "depends on the seed")
    assert found.evidence == f"a, b: true in {sum(truths.values())} of {len(truths)} seeds"
    assert found.values["extra"] == "y"


def test_one_seed_gives_no_verdict() -> None:
    accuracy = judge_accuracy(claim(claimed=90.0), {0: 0.9}, images=1000)
    for found in (accuracy, judge_statement({0: True}, actual="x", evidence="a")):
        assert found.verdict is None
        assert found.evidence == "one seed is recorded; a verdict needs at least two"
        assert found.correction(claim()) == ""


def test_accuracy_by_hand() -> None:
    # Mean 0.88, variance 4e-6, t 12.7062 for one degree of freedom, binomial variance 0.88·0.12/10⁴.
    half = 12.7062 * np.sqrt(2 * 1e-6 * 1.5 + 0.88 * 0.12 / 10_000)
    shares = {0: 0.879, 1: 0.881}
    for figure, verdict in ((0.88 + 0.99 * half, "holds"), (0.88 + 1.01 * half, "unsupported")):
        found = judge_accuracy(claim(claimed=round(100 * figure, 3)), shares, images=10_000)
        assert found.verdict == verdict
        assert found.actual == "88.000 %" and found.values["seeds"] == "2"
        assert ("not reproduced" in found.evidence) == (verdict == "unsupported")
    assert found.values["low"] == f"{100 * (0.88 - half):.3f} %"


def test_the_bounds_of_a_share_stay_within_0_and_100_percent() -> None:
    found = judge_accuracy(claim(claimed=99.2), {0: 0.999, 1: 0.97}, images=1000)
    assert (found.values["low"], found.values["high"]) != ("0.0 %", "100.0 %") or found.verdict == "holds"
    assert found.values["high"] == "100.0 %"


def test_an_accuracy_without_a_number_is_named() -> None:
    with pytest.raises(
        TypeError, match=r"course\.1a\.x: claimed is 'high'; an accuracy is a number in percent"
    ):
        judge_accuracy(claim(claimed="high"), {0: 0.5, 1: 0.6}, images=10)


def test_a_rule_is_registered_once_and_found(book: object) -> None:
    numeric = claim(kind="numeric", claimed=1, decided_by="tests/test_x.py::test_x")
    with pytest.raises(LookupError, match=r"no @rule for the claim course\.1a\.x; add one in"):
        ruling_of(numeric)
    with pytest.raises(LookupError, match=r"no @card_rule for the claim course\.1a\.x; add one in"):
        ruling_of(claim())

    @rule("course.1a.x")
    def one(claim: Claim) -> Ruling:
        return Ruling("imprecise", actual="1", values={"seeds": "no"})

    assert ruling_of(numeric).correction(numeric) == "1 over no seeds."
    with pytest.raises(ValueError, match=r"the claim course\.1a\.x has a rule already; give each claim one"):
        card_rule("course.1a.x")(lambda claim, card: Ruling("holds"))


def test_a_card_that_lacks_what_a_rule_asks_for_gives_no_verdict(book, full, toys) -> None:
    @card_rule("course.1a.x")
    def compare(claim: Claim, card: Card) -> Ruling:
        card.values("second", "test_accuracy")
        raise AssertionError("the card has it")

    card = open_card("course.1a", dataset=toys(), profile=full, book=book)
    card.run("first", lambda seed: Outcome(metrics={"test_accuracy": 0.5}), seed=0)
    found = ruling_of(claim(), book=book)
    assert found.verdict is None
    assert found.evidence == "the card course.1a has no configuration 'second'; it has 'first'"


def test_a_card_that_is_missing_gives_no_verdict(book: object) -> None:
    @card_rule("course.1a.x")
    def never(claim: Claim, card: object) -> Ruling:
        raise AssertionError("called without runs")

    found = ruling_of(claim(), book=book)  # type: ignore[arg-type]
    assert found == Ruling(None, evidence="the result card course.1a is not recorded yet")
