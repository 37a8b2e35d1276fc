"""Cards as files: layout, schema, atomic writing, and one clear sentence for every damage."""

import copy
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit.evidence.card_files import CardError, read_card, render, rounded, write_card

CARD: dict[str, Any] = {
    "schema": 1,
    "question": "course.1a",
    "scale": "full",
    "data": {
        "name": "toys",
        "origin": "real",
        "title": "Toys, 6 + 4 images",
        "sha256": "d" * 64,
        "train": 6,
        "test": 4,
    },
    "code": {"sha256": "c" * 64, "modules": ["coursekit.models.cnn"]},
    "runs": [
        {
            "configuration": "course",
            "settings": {"epochs": 5, "learning_rate": 0.001},
            "seed": 0,
            "metrics": {"test_accuracy": 0.5},
            "history": {"train_loss": [1.0, 0.5], "seconds": [0.1] * 40},
            "confusion": [[1, 1], [1, 1]],
            "device": "cpu: some processor, 2 threads",
            "seconds": 35.2,
            "peak_memory_mib": None,
            "finished": "2026-11-21T11:00:00Z",
            "versions": {"python": "3.11.7", "torch": "2.15.0"},
        }
    ],
}

LAID_OUT = """\
  "runs": [
    {
      "configuration": "course",
      "settings": {"epochs": 5, "learning_rate": 0.001},
      "seed": 0,
      "metrics": {"test_accuracy": 0.5},
      "history": {
        "train_loss": [1.0, 0.5],
        "seconds": [0.1, 0.1, 0.1,"""

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(JSON)
def test_layout_changes_no_value(value: object) -> None:
    assert json.loads(render(value)) == value


def test_a_card_comes_back_and_can_be_reviewed_by_line(tmp_path: Path) -> None:
    path = tmp_path / "results" / "course.1a.json"
    write_card(CARD, path)
    assert read_card(path) == CARD
    text = path.read_text()
    assert LAID_OUT in text and text.endswith("}\n")
    assert '"confusion": [\n        [1, 1],\n        [1, 1]\n      ]' in text
    assert [p.name for p in path.parent.iterdir()] == ["course.1a.json"]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_six_digits_are_kept(value: float) -> None:
    assert rounded(value) == pytest.approx(value, rel=5.1e-6)
    assert len(Decimal(repr(rounded(value))).normalize().as_tuple().digits) <= 6


def damaged(*path: str | int, value: object) -> dict[str, Any]:
    card = copy.deepcopy(CARD)
    inner: Any = card
    for key in path[:-1]:
        inner = inner[key]
    if value is None:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return card


@pytest.mark.parametrize(
    ("card", "message"),
    [
        (damaged("code", value=None), "at its top level: 'code' is a required property"),
        (damaged("schema", value=2), "at schema: 1 was expected"),
        (damaged("scale", value="quick"), "at scale: 'full' was expected"),
        (damaged("data", "origin", value="offline"), "at data.origin: 'real' was expected"),
        (damaged("runs", 0, "seed", value="a"), "at runs[0].seed: 'a' is not of type 'integer'"),
        (damaged("runs", 0, "metrics", value={"loss": "low"}), "'low' is not of type 'number'"),
        (
            damaged("runs", 0, "finished", value="yesterday"),
            "at runs[0].finished: 'yesterday' does not match",
        ),
        (damaged("runs", 0, "verdict", value="good"), "'verdict' was unexpected"),
        (damaged("runs", value=[{}] * 99), "is a required property"),
        ([], "is not of type 'object'"),
    ],
)
def test_what_is_no_card_is_neither_written_nor_read(tmp_path: Path, card: Any, message: str) -> None:
    path = tmp_path / "card.json"
    with pytest.raises(CardError) as error:
        write_card(card, path)
    assert not path.exists()
    assert message in str(error.value)
    path.write_text(json.dumps(card))
    with pytest.raises(CardError) as error:
        read_card(path)
    assert str(error.value).startswith(f"{path} is not a result card (at ")
    assert str(error.value).endswith("delete it and run its chapter again")
    assert "\n" not in str(error.value)


def test_a_file_that_changes_is_checked_again(tmp_path: Path) -> None:
    path = tmp_path / "course.1a.json"
    for _ in range(2):
        write_card(CARD, path)
        assert read_card(path) == read_card(path) == CARD
        read_card(path)["runs"].clear()
        path.write_text(json.dumps(damaged("schema", value=2)))
        with pytest.raises(CardError, match="at schema: 1 was expected"):
            read_card(path)


@pytest.mark.parametrize("content", [b"", b'{"schema": 1', b"\xff\xfe", b"[1, 2"])
def test_a_broken_file_gives_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "card.json"
    path.write_bytes(content)
    with pytest.raises(CardError, match=r"is not a result card .*; restore it from version control") as error:
        read_card(path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_write_that_fails_leaves_the_old_card(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    path = tmp_path / "card.json"
    write_card(CARD, path)
    before = path.read_bytes()

    def half(self: Path, text: str, **_: object) -> int:
        self.write_bytes(text[:20].encode())
        raise error

    monkeypatch.setattr(Path, "write_text", half)
    expected = CardError if isinstance(error, OSError) else KeyboardInterrupt
    with pytest.raises(expected) as raised:
        write_card(CARD | {"question": "course.1b"}, path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["card.json"]
    if isinstance(error, OSError):
        assert "could not be written (No space left on device); make room" in str(raised.value)
