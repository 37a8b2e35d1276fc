"""Evidence: result cards, claims with computed verdicts, comparison statistics, and the tables of both."""

from coursekit.evidence.card_files import CardError
from coursekit.evidence.cards import Card, load_card, open_card
from coursekit.evidence.chapters import find_book, find_chapter, find_questions
from coursekit.evidence.claims import Claim, ClaimError, load_claims
from coursekit.evidence.pages import at_scale, claims_table, ledger, scoreboard
from coursekit.evidence.provenance import code_sha256, versions
from coursekit.evidence.reading import Sentence, Step, answer, in_words, steps
from coursekit.evidence.runs import Outcome, Run
from coursekit.evidence.statistics import (
    Difference,
    Interval,
    mean_interval,
    paired_difference,
    prediction_interval,
    proportion_interval,
)
from coursekit.evidence.verdicts import Ruling, ruling_of

__all__ = [
    "Card",
    "CardError",
    "Claim",
    "ClaimError",
    "Difference",
    "Interval",
    "Outcome",
    "Ruling",
    "Run",
    "Sentence",
    "Step",
    "answer",
    "at_scale",
    "claims_table",
    "code_sha256",
    "find_book",
    "find_chapter",
    "find_questions",
    "in_words",
    "ledger",
    "load_card",
    "load_claims",
    "mean_interval",
    "open_card",
    "paired_difference",
    "prediction_interval",
    "proportion_interval",
    "ruling_of",
    "scoreboard",
    "steps",
    "versions",
]
