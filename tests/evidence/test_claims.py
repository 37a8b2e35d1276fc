"""Reading claims: every way to write one wrongly has its sentence, with id and line."""

import re
from pathlib import Path

import pytest
import yaml

from coursekit.evidence.claims import ClaimError, load_claims

GOOD = {
    "id": "course.1a.size",
    "question": "course.1a",
    "says": "It has 7 parameters.",
    "kind": "numeric",
    "claimed": 7,
    "unit": "parameters",
    "decided_by": "tests/book/test_claims.py::test_size",
    "correction": "{actual} parameters, {weights:>3} of them weights.",
}
MEASURED = GOOD | {
    "id": "course.1b.best",
    "question": "course.1b",
    "kind": "measured",
    "claimed": ["shirt", "coat"],
    "decided_by": "book/results/course.1b.json",
}


def write(folder: Path, *entries: dict[str, object]) -> Path:
    text = "# A comment on the first line.\n\n" + yaml.safe_dump(list(entries), sort_keys=False)
    (folder / "claims.yaml").write_text(text, encoding="utf-8")
    return folder


def test_claims_come_as_they_are_written(tmp_path: Path) -> None:
    first, second = load_claims(book=write(tmp_path, GOOD, MEASURED))
    assert (first.id, first.course, first.name, first.card) == ("course.1a.size", "course", "size", None)
    assert first.claimed == 7 and first.placeholders() == {"actual", "weights"} and not first.headline
    assert second.card == "course.1b" and second.claimed == ("shirt", "coat")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "guess"}, "kind is 'guess'; expected numeric, measured, verbal"),
        ({"says": None}, "says missing; a claim needs text for each of"),
        ({"says": " ", "correction": 5}, "says and correction missing"),
        ({"verdict": "holds"}, "unknown field 'verdict'; a claim has id, question, says"),
        ({"id": "course.1b.size"}, "the id must be the question 'course.1a', a dot and a name"),
        ({"id": "course.1a"}, "the id must be the question 'course.1a', a dot and a name"),
        ({"id": "course.1a.two words"}, "the id must be the question"),
        (
            {"decided_by": "book/results/course.1a.json"},
            "a numeric claim is decided by a test such as tests/book/test_claims.py::test_name",
        ),
        ({"kind": "measured"}, "a measured claim is decided by a result card such as book/results/mannheim"),
        ({"claimed": None}, "claimed missing; a numeric claim needs its figure"),
        ({"kind": "verbal"}, "a verbal claim has no figure; remove claimed, or make it numeric"),
        ({"claimed": {"a": 1}}, "claimed is {'a': 1}; expected a number, a word, or a list of them"),
        ({"claimed": []}, "claimed is []; expected a number, a word, or a list of them"),
        ({"claimed": True}, "claimed is True; expected a number, a word, or a list of them"),
        ({"unit": 3}, "unit is 3; expected a word such as 'parameters' or '%'"),
        ({"headline": "yes"}, "headline is 'yes'; expected true or false"),
        ({"correction": "{actual parameters"}, "correction cannot be filled in (expected '}' before end"),
    ],
)
def test_a_claim_written_wrongly_is_named(tmp_path: Path, change: dict[str, object], message: str) -> None:
    entry = {key: value for key, value in (GOOD | change).items() if value is not None}
    with pytest.raises(ClaimError) as error:
        load_claims(book=write(tmp_path, MEASURED, entry))
    line = (tmp_path / "claims.yaml").read_text().splitlines().index(f"- id: {entry['id']}") + 1
    assert str(error.value).startswith(f"claims.yaml, line {line}, {entry['id']}: ")
    assert message in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\n", r"claims\.yaml is not a list of claims; begin each with '- id: …'"),
        ("", r"claims\.yaml is not a list of claims"),
        ("- id: [\n", r"claims\.yaml is not YAML: .* line 2"),
        ("- says: hello\n", r"claims\.yaml, line 1: a claim begins with 'id: question\.name'"),
        ("- 5\n", r"claims\.yaml, line 1: a claim begins with"),
    ],
)
def test_a_file_that_is_no_list_of_claims_is_named(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "claims.yaml").write_text(text)
    with pytest.raises(ClaimError, match=message) as error:
        load_claims(book=tmp_path)
    assert "\n" not in str(error.value)


def test_ids_and_headlines_are_unique(tmp_path: Path) -> None:
    with pytest.raises(ClaimError, match=r"the id course\.1a\.size is taken by an earlier claim"):
        load_claims(book=write(tmp_path, GOOD, GOOD))
    twice = [GOOD | {"id": f"course.1a.{name}", "headline": True} for name in ("one", "two")]
    with pytest.raises(ClaimError, match=re.escape("course.1a has a headline already; course.1a.two cannot")):
        load_claims(book=write(tmp_path, *twice))
