"""Front matter, and the digest that decides whether a page is stale."""

import shutil
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "book" / "_tools"))
import chapters  # noqa: E402

FACTS = "coursekit: {question: mannheim.1a, data: [kmnist], seconds: {quick: 4, full: 7200}}"


@pytest.mark.parametrize(
    ("facts", "missing"),
    [
        ("title: x", "coursekit.question"),
        (FACTS.replace("question: mannheim.1a, ", ""), "coursekit.question"),
        (FACTS.replace("data: [kmnist], ", ""), "coursekit.data"),
        (FACTS.replace("[kmnist]", "kmnist"), "coursekit.data"),
        (FACTS.replace(", full: 7200", ""), "coursekit.seconds.full"),
        (FACTS.replace("quick: 4", "quick: soon"), "coursekit.seconds.quick"),
    ],
)
def test_facts_that_are_missing(tmp_path: Path, facts: str, missing: str) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"---\n{facts}\n---\n\n# Page\n")
    with pytest.raises(chapters.FrontMatterError, match=f"page.md: .* lacks {missing}, "):
        chapters.facts(page)


def test_facts(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"---\n{FACTS}\n---\n\n# Page\n")
    assert chapters.facts(page)["seconds"] == {"quick": 4, "full": 7200}


def test_front_matter_of_a_page_without_any(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Page\n\n---\n\nrule\n")
    assert chapters.front_matter(page) == {}


def test_no_page_asks_for_bfloat16_outright() -> None:
    pages = {page.name: page.read_text(encoding="utf-8") for page in (ROOT / "book").rglob("*.md")}
    # Where a processor has to emulate it, seconds become minutes; the profile knows what the device can do.
    assert len(pages) > 40 and not [name for name, text in pages.items() if 'precision="bfloat16"' in text]


def test_which_pages_are_chapters() -> None:
    book = ROOT / "book"
    assert chapters.is_chapter(book / "first-cnn" / "training.md")
    assert not chapters.is_chapter(book / "evidence" / "claims.md")
    assert not chapters.is_chapter(book / "performance" / "cost.md")
    assert not chapters.is_chapter(book / "index.md")


@pytest.mark.parametrize(
    "changed",
    [
        "coursekit/training/loop.py",
        "coursekit/new.py",
        "book/results/mannheim.1e.json",
        "book/performance/cost.json",
        "book/claims.yaml",
        "requirements.txt",
        "constraints.txt",
    ],
)
def test_the_digest_moves_with(tmp_path: Path, changed: str) -> None:
    for name in ("coursekit", "book/results"):
        (tmp_path / name).mkdir(parents=True)
    shutil.copy(ROOT / "requirements.txt", tmp_path)
    before = chapters.state_of_the_world(tmp_path, {})
    assert chapters.state_of_the_world(tmp_path, {}) == before
    file = tmp_path / changed
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("changed")
    assert chapters.state_of_the_world(tmp_path, {}) != before


def test_the_digest_moves_with_the_settings_only(tmp_path: Path) -> None:
    before = chapters.state_of_the_world(tmp_path, {"HOME": "/a"})
    assert chapters.state_of_the_world(tmp_path, {"HOME": "/b"}) == before
    assert chapters.state_of_the_world(tmp_path, {"COURSEKIT_PROFILE": "full"}) != before
