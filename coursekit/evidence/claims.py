"""Claims of the reports: ``book/claims.yaml`` read and checked. Verdicts are never in it; see `verdicts`."""

import re
import string
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal, get_args

from coursekit.evidence.chapters import find_book

Kind = Literal["numeric", "measured", "verbal"]

_TEST = re.compile(r"tests/[\w/]+\.py::test_\w+")
_CARD = re.compile(r"book/results/([\w.-]+)\.json")


class ClaimError(ValueError):
    """A claim that is not written as it should be; the message names it, its line, and what is expected."""


@dataclass(frozen=True)
class Claim:
    """One statement of a report.

    Parameters
    ----------
    id
        The question, a dot, and a short name: ``mannheim.1a.linear-params``.
    question
        Such as ``mannheim.1a``; the course is what stands before its first dot.
    says
        What the report claimed, in our words.
    kind
        ``numeric`` (can be computed), ``measured`` (needs runs), ``verbal``.
    decided_by
        A test id for numeric and verbal claims, a result card for measured ones.
    correction
        What is right, with ``{actual}`` and other values that the ruling computes.
    claimed, unit
        The figure, or the list of figures or names, that was claimed, and its unit.
    headline
        Whether the scoreboard shows this figure for the question; at most one claim of a question.
    """

    id: str
    question: str
    says: str
    kind: Kind
    decided_by: str
    correction: str
    claimed: int | float | str | tuple[int | float | str, ...] | None = None
    unit: str = ""
    headline: bool = False

    @property
    def course(self) -> str:
        """The first part of the question's id."""
        return self.question.split(".")[0]

    @property
    def name(self) -> str:
        """The last part of the claim's id."""
        return self.id.removeprefix(f"{self.question}.")

    @property
    def card(self) -> str | None:
        """The question whose result card decides, for a measured claim."""
        found = _CARD.fullmatch(self.decided_by)
        return found[1] if found else None

    def placeholders(self) -> set[str]:
        """Names of the values that the correction needs."""
        return {field for _, field, _, _ in string.Formatter().parse(self.correction) if field}


def load_claims(*, book: Path | None = None) -> tuple[Claim, ...]:
    """Every claim of the book, in the order of the file.

    Raises
    ------
    ClaimError
        At the first claim that is not as it should be.
    """
    import yaml

    path = (book or find_book()) / "claims.yaml"
    loader = yaml.SafeLoader(path.read_text(encoding="utf-8"))
    try:
        root = loader.get_single_node()
        if not isinstance(root, yaml.SequenceNode):
            raise ClaimError(f"{path.name} is not a list of claims; begin each with '- id: …'")
        entries = [
            (f"{path.name}, line {node.start_mark.line + 1}", loader.construct_object(node, deep=True))
            for node in root.value
        ]
    except yaml.YAMLError as error:
        raise ClaimError(f"{path.name} is not YAML: {' '.join(str(error).split())}") from error
    finally:
        loader.dispose()
    claims: dict[str, Claim] = {}
    for where, entry in entries:
        claim = _claim(entry, where)
        if claim.id in claims:
            raise ClaimError(f"{where}: the id {claim.id} is taken by an earlier claim; choose another")
        if claim.headline and any(c.headline and c.question == claim.question for c in claims.values()):
            raise ClaimError(
                f"{where}: {claim.question} has a headline already; {claim.id} cannot be one too"
            )
        claims[claim.id] = claim
    return tuple(claims.values())


def _claim(entry: object, where: str) -> Claim:
    if not isinstance(entry, Mapping) or not isinstance(entry.get("id"), str):
        raise ClaimError(f"{where}: a claim begins with 'id: question.name'")
    where = f"{where}, {entry['id']}"
    known = {field.name: field for field in fields(Claim)}
    needed = ("question", "says", "kind", "decided_by", "correction")
    missing = [name for name in needed if not isinstance(entry.get(name), str) or not entry[name].strip()]
    if missing:
        raise ClaimError(f"{where}: {' and '.join(missing)} missing; a claim needs text for each of {needed}")
    strange = sorted(set(entry) - set(known))
    if strange:
        raise ClaimError(f"{where}: unknown field {strange[0]!r}; a claim has {', '.join(known)}")
    if entry["kind"] not in get_args(Kind):
        raise ClaimError(f"{where}: kind is {entry['kind']!r}; expected {', '.join(get_args(Kind))}")
    if not re.fullmatch(re.escape(entry["question"]) + r"\.[\w-]+", entry["id"]):
        raise ClaimError(f"{where}: the id must be the question {entry['question']!r}, a dot and a name")
    _check_decider(entry, where)
    _check_figures(entry, where)
    claimed = entry.get("claimed")
    return Claim(**{**entry, "claimed": tuple(claimed) if isinstance(claimed, list) else claimed})


def _check_decider(entry: Mapping[str, Any], where: str) -> None:
    measured = entry["kind"] == "measured"
    pattern = _CARD if measured else _TEST
    if not pattern.fullmatch(entry["decided_by"]):
        example = "book/results/mannheim.1e.json" if measured else "tests/book/test_claims.py::test_name"
        raise ClaimError(
            f"{where}: decided_by is {entry['decided_by']!r}; a {entry['kind']} claim is decided by "
            f"{'a result card' if measured else 'a test'} such as {example}"
        )


def _check_figures(entry: Mapping[str, Any], where: str) -> None:
    claimed = entry.get("claimed")
    items = claimed if isinstance(claimed, list) else [claimed]
    if entry["kind"] == "numeric" and claimed is None:
        raise ClaimError(f"{where}: claimed missing; a numeric claim needs its figure")
    if entry["kind"] == "verbal" and claimed is not None:
        raise ClaimError(f"{where}: a verbal claim has no figure; remove claimed, or make it numeric")
    if claimed is not None and not (items and all(type(item) in (int, float, str) for item in items)):
        raise ClaimError(f"{where}: claimed is {claimed!r}; expected a number, a word, or a list of them")
    if not isinstance(entry.get("unit", ""), str):
        raise ClaimError(f"{where}: unit is {entry['unit']!r}; expected a word such as 'parameters' or '%'")
    if not isinstance(entry.get("headline", False), bool):
        raise ClaimError(f"{where}: headline is {entry['headline']!r}; expected true or false")
    try:
        list(string.Formatter().parse(entry["correction"]))
    except ValueError as error:
        raise ClaimError(f"{where}: correction cannot be filled in ({error})") from error
