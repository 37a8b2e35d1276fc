"""What chapters show of the evidence: their claims, the ledger, the scoreboard, and results at scale."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import get_args

from coursekit.evidence.cards import Card, load_card
from coursekit.evidence.chapters import find_book
from coursekit.evidence.claims import Claim, Kind, load_claims
from coursekit.evidence.formatting import duration, figure, interval_text
from coursekit.evidence.tables import Cell, FilteredTable, Group, Table
from coursekit.evidence.verdicts import Ruling, Verdict, ruling_of

PENDING = "not yet measured"
CLAIM_HEADER = ("The report said", "Verdict", "What is right, and why")


def claims_table(question: str, *, book: Path | None = None) -> Table:
    """The claims that the report made on a question, each with its verdict and what decides it.

    Raises
    ------
    ClaimError
        If ``claims.yaml`` is not as it should be.
    """
    claims = [claim for claim in load_claims(book=book) if claim.question == question]
    rulings = [ruling_of(claim, book=book) for claim in claims]
    rows = [_claim_row(claim, ruling) for claim, ruling in zip(claims, rulings, strict=True)]
    counts = _counts(rulings)
    caption = (
        f"What the report said on {question}: {counts}"
        if claims
        else f"The report says nothing on {question}"
    )
    return Table(caption, CLAIM_HEADER, [Group(rows)], notes=_stale_notes(claims, book))


def ledger(*, book: Path | None = None) -> FilteredTable:
    """Every claim of the book, grouped by question, to filter by verdict, kind and course."""
    claims = load_claims(book=book)
    rulings = {claim.id: ruling_of(claim, book=book) for claim in claims}
    groups = []
    for question in dict.fromkeys(claim.question for claim in claims):
        own = [claim for claim in claims if claim.question == question]
        groups.append(
            Group(
                rows=[_claim_row(claim, rulings[claim.id]) for claim in own],
                title=f"{question}: {_counts(rulings[claim.id] for claim in own)}",
                attributes=[
                    f'data-verdict="{_verdict(rulings[claim.id])}" data-kind="{claim.kind}" '
                    f'data-course="{escape(claim.course)}"'
                    for claim in own
                ],
            )
        )
    caption = f"{len(claims)} claims: {_counts(rulings.values())}"
    filters = {
        "verdict": [v for v in _verdicts() if any(_verdict(r) == v for r in rulings.values())],
        "kind": get_args(Kind),
        "course": list(dict.fromkeys(claim.course for claim in claims)),
    }
    return FilteredTable(Table(caption, CLAIM_HEADER, groups, notes=_stale_notes(claims, book)), filters)


def scoreboard(*, book: Path | None = None) -> Table:
    """A row per question: its claims by verdict, its headline figure and the report's, and its runs."""
    book = book or find_book()
    claims = load_claims(book=book)
    recorded = sorted(path.stem for path in (book / "results").glob("*.json"))
    questions = dict.fromkeys([*(claim.question for claim in claims), *recorded])
    rows = []
    for question in sorted(questions):
        own = [claim for claim in claims if claim.question == question]
        rulings = {claim.id: ruling_of(claim, book=book) for claim in own}
        headline = next((claim for claim in own if claim.headline), None)
        card = load_card(question, book=book)
        needs_card = bool(card.runs) or any(claim.card == question for claim in own)
        rows.append(
            [
                Cell(question),
                Cell(_counts(rulings.values()) or "no claims"),
                Cell((rulings[headline.id].actual or PENDING) if headline else "–"),
                Cell(f"{headline.claimed} {headline.unit}".strip() if headline else "–"),
                Cell(_provenance(card) if card.runs else PENDING if needs_card else "no runs needed"),
                Cell(_state(card, book) if card.runs else "–"),
            ]
        )
    header = ("question", "claims", "ours", "the report", "runs", "state")
    return Table("Every question, its claims and its recorded runs", header, [Group(rows)])


def at_scale(
    question: str,
    *,
    this_run: Card | None = None,
    metrics: Sequence[str] = ("test_accuracy",),
    reported: Mapping[str, Mapping[str, float | str]] | None = None,
    book: Path | None = None,
) -> Table:
    """The recorded runs of a question beside the report's figures and the run of this very page.

    What neither the card nor the report nor this page has a figure for is left out.

    Parameters
    ----------
    this_run
        The card that the page has just filled.
    metrics
        Which figures to show.
    reported
        The report's figures by configuration and metric: a number in the metric's own unit, or the id of a
        claim in percent that holds it.
    """
    card = load_card(question, book=book)
    stated = {
        (configuration, metric): _reported(value, metric, book)
        for configuration, row in (reported or {}).items()
        for metric, value in row.items()
    }
    columns = {"ours at full scale": (_figures(card, metrics), PENDING)}
    if stated:
        columns["the report"] = (stated, "–")
    if this_run is not None:
        columns["this page"] = (_figures(this_run, metrics), "–")
    names = [*card.configurations, *(this_run.configurations if this_run else ()), *(c for c, _ in stated)]
    rows = [
        [
            Cell(configuration if len(metrics) == 1 else f"{configuration}, {metric.replace('_', ' ')}"),
            *(Cell(figures.get((configuration, metric), missing)) for figures, missing in columns.values()),
        ]
        for configuration in dict.fromkeys(names)
        for metric in metrics
        if any((configuration, metric) in figures for figures, _ in columns.values())
    ]
    what = metrics[0].replace("_", " ") if len(metrics) == 1 else "results"
    caption = f"{question}, {what}, mean and 95 % interval over seeds"
    notes = [f"Ours: {card.data.title}; {_provenance(card)}." if card.data else f"Ours: {PENDING}."]
    if card.runs and card.stale(book=book):
        notes.append(f"Stale: {'; '.join(card.stale(book=book))}.")
    if this_run is not None and this_run.runs and this_run.data:
        notes.append(f"This page: {this_run.scale} scale, {this_run.data.title}.")
    return Table(caption, (question, *columns), [Group(rows)], notes=notes)


def _figures(card: Card, metrics: Sequence[str]) -> dict[tuple[str, str], str]:
    return {
        (configuration, metric): interval_text(interval, metric=metric)
        for metric in metrics
        for configuration, interval in card.summary(metric).items()
    }


def _claim_row(claim: Claim, ruling: Ruling) -> list[Cell]:
    verdict = _verdict(ruling)
    slug = "pending" if ruling.verdict is None else verdict.split()[0]
    decider = f"result card {claim.card}" if claim.card else claim.decided_by
    correction = ruling.correction(claim) or PENDING
    return [
        Cell(claim.says),
        Cell(verdict, f'<span class="verdict verdict-{slug}">{escape(verdict)}</span>'),
        Cell(
            f"{correction} [{ruling.evidence}; {decider}]",
            f"{escape(correction)}"
            f'<p class="coursekit-decider">{escape(ruling.evidence)} <code>{escape(decider)}</code></p>',
        ),
    ]


def _verdicts() -> tuple[str, ...]:
    return (*get_args(Verdict), PENDING)


def _verdict(ruling: Ruling) -> str:
    return ruling.verdict or PENDING


def _counts(rulings: Iterable[Ruling]) -> str:
    counts = Counter(map(_verdict, rulings))
    return ", ".join(f"{counts[verdict]} {verdict}" for verdict in _verdicts() if counts[verdict])


def _stale_notes(claims: Iterable[Claim], book: Path | None) -> list[str]:
    cards = [load_card(name, book=book) for name in dict.fromkeys(c.card for c in claims) if name]
    return [
        f"The result card {card.question} is stale: {'; '.join(reasons)}."
        for card in cards
        if card.runs and (reasons := card.stale(book=book))
    ]


def _provenance(card: Card) -> str:
    seeds = {len(card.runs_of(configuration)) for configuration in card.configurations}
    devices = " and ".join(dict.fromkeys(run.device for run in card.runs))
    days = sorted(run.finished[:10] for run in card.runs)
    dates = days[0] if days[0] == days[-1] else f"{days[0]} to {days[-1]}"
    spread = f"{min(seeds)}" if len(seeds) == 1 else f"{min(seeds)} to {max(seeds)}"
    took = duration(sum(run.seconds for run in card.runs))
    what = "seed" if spread == "1" else "seeds"
    return f"{card.scale} scale, {spread} {what}, {devices}, {took} in all, {dates}"


def _state(card: Card, book: Path | None) -> str:
    reasons = card.stale(book=book)
    return f"stale: {'; '.join(reasons)}" if reasons else "up to date"


def _reported(value: float | str, metric: str, book: Path | None) -> str:
    if not isinstance(value, str):
        return figure(value, metric=metric)
    claim = next((claim for claim in load_claims(book=book) if claim.id == value), None)
    if claim is None or claim.claimed is None:
        raise ValueError(f"reported names {value!r}, which is no claim with a figure in claims.yaml")
    return f"{claim.claimed} {claim.unit}".strip()
