"""Decoding: which sentence a model's probabilities of the next symbol are turned into; knows no model."""

from coursekit.decoding.ensemble import Ensemble
from coursekit.decoding.exact import exact_search
from coursekit.decoding.hypotheses import Hypotheses
from coursekit.decoding.risk import expected_error_rates, minimum_risk
from coursekit.decoding.sampling import sample
from coursekit.decoding.search import beam_search, greedy

__all__ = [
    "Ensemble",
    "Hypotheses",
    "beam_search",
    "exact_search",
    "expected_error_rates",
    "greedy",
    "minimum_risk",
    "sample",
]
