"""Every claim is decided by a test or a card that exists; a claims.yaml that says otherwise is refused."""

import ast
from collections.abc import Iterable
from pathlib import Path

import pytest

from coursekit.evidence.claims import Claim, ClaimError, load_claims

ROOT = Path(__file__).resolve().parents[2]
SOUND = {
    "id": "mannheim.1a.linear-params",
    "question": "mannheim.1a",
    "says": "The linear layer has 62,720 parameters.",
    "kind": "numeric",
    "claimed": "62720",
    "unit": "parameters",
    "decided_by": "tests/gates/test_claim_gates.py::test_sound_claim",
    "correction": "There are {actual}.",
}


def without_decider(claims: Iterable[Claim], root: Path = ROOT) -> list[str]:
    """The claims whose test is not among the test functions of its file, or whose card is not a file."""
    found = []
    for claim in claims:
        file, _, name = claim.decided_by.partition("::")
        path = root / file
        if not path.is_file() or (name and name not in _test_functions(path)):
            found.append(f"{claim.id}: {claim.decided_by} does not exist")
    return found


def _test_functions(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def claims_with(tmp_path: Path, **changes: str | None) -> tuple[Claim, ...]:
    fields = {key: text for key, text in {**SOUND, **changes}.items() if text is not None}
    written = "\n  ".join(f"{key}: {text}" for key, text in fields.items())
    (tmp_path / "claims.yaml").write_text(f"- {written}\n")
    return load_claims(book=tmp_path)


def test_every_claim_of_the_book_is_decided() -> None:
    assert without_decider(load_claims(book=ROOT / "book")) == []


def test_sound_claim(tmp_path: Path) -> None:
    claims = claims_with(tmp_path)
    assert [claim.claimed for claim in claims] == [62720]
    assert without_decider(claims) == []


@pytest.mark.parametrize(
    "decided_by",
    [
        "tests/gates/test_claim_gates.py::test_gone",
        "tests/gates/test_gone.py::test_sound_claim",
    ],
)
def test_test_that_does_not_exist(tmp_path: Path, decided_by: str) -> None:
    found = without_decider(claims_with(tmp_path, decided_by=decided_by))
    assert found == [f"mannheim.1a.linear-params: {decided_by} does not exist"]


def test_card_that_does_not_exist(tmp_path: Path) -> None:
    card = "book/results/mannheim.9z.json"
    found = without_decider(claims_with(tmp_path, kind="measured", decided_by=card))
    assert found == [f"mannheim.1a.linear-params: {card} does not exist"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"kind": "guessed"}, "kind is 'guessed'"),
        ({"verdict": "probably"}, "unknown field 'verdict'"),
        ({"verdict": "holds"}, "unknown field 'verdict'"),
        ({"decided_by": None}, "decided_by missing"),
        ({"decided_by": "common sense"}, "decided_by is 'common sense'"),
        ({"claimed": None}, "claimed missing"),
    ],
)
def test_claim_that_is_not_as_it_should_be(
    tmp_path: Path, changes: dict[str, str | None], reason: str
) -> None:
    with pytest.raises(ClaimError, match="linear-params") as refusal:
        claims_with(tmp_path, **changes)
    assert reason in str(refusal.value)
