"""Rulings on the book's claims as they stand, changed, or judged by cards that a test makes up."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from coursekit.evidence import Claim, Ruling, load_claims, ruling_of

BOOK = Path(__file__).parents[2] / "book"
CLAIMS = {claim.id: claim for claim in load_claims(book=BOOK)}


@dataclass
class Row:
    """One run: its metrics, what it records by epoch, and its settings."""

    metrics: Mapping[str, float] = field(default_factory=dict)
    history: Mapping[str, Sequence[float]] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)


def ruled(name: str, **changes: Any) -> Ruling:
    """The ruling on a claim with `changes` in its fields; its sentences have all figures that they name."""
    claim = replace(CLAIMS[name], **changes)
    return _filled_in(claim, ruling_of(claim))


def ruled_by(
    folder: Path, name: str, runs: Mapping[str, Sequence[Row]], *, data: Mapping[str, Any], **changes: Any
) -> Ruling:
    """The ruling on a claim by a card, written into `folder`, of these runs: a row for each seed."""
    claim = replace(CLAIMS[name], **changes)
    assert claim.card is not None
    entries = [
        {
            "configuration": configuration, "settings": row.settings, "seed": seed, "metrics": row.metrics,
            "history": row.history, "device": "cpu", "seconds": 1, "peak_memory_mib": 1,
            "finished": "2026-01-01T00:00:00Z", "versions": {"python": "3", "torch": "2"},
        }
        for configuration, rows in runs.items()
        for seed, row in enumerate(rows)
    ]  # fmt: skip
    card = {
        "schema": 1, "question": claim.card, "scale": "full",
        "data": {"origin": "real", "title": "the data", "sha256": "d", **data},
        "code": {"sha256": "c", "modules": []}, "runs": entries,
    }  # fmt: skip
    (folder / "results").mkdir(exist_ok=True)
    (folder / "results" / f"{claim.card}.json").write_text(json.dumps(card))
    return _filled_in(claim, ruling_of(claim, book=folder))


def _filled_in(claim: Claim, ruling: Ruling) -> Ruling:
    if ruling.verdict is not None:
        missing = claim.placeholders() - {"actual", *ruling.values}
        assert not missing, f"the ruling on {claim.id} does not fill in {missing}"
    return ruling
