"""The built pages: links, hosts, words for pictures, weight; and what the frame promises of each page."""

import re
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "book" / "_tools"))
import chapters  # noqa: E402
import check_html  # noqa: E402


def test_links_hosts_words_and_weight(html: Path) -> None:
    assert check_html.problems(html) == []


def test_every_page_is_built_from_the_table_of_contents(html: Path) -> None:
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    files = [entry["file"] for part in contents["parts"] for entry in part["chapters"]]
    missing = [file for file in files if not (html / f"{file}.html").is_file()]
    assert missing == []
    listed = {(ROOT / file).with_suffix(".md") for file in files}
    assert chapters.pages()
    assert [page for page in chapters.pages() if page not in listed] == []


def test_chapters_show_their_facts_and_lead_to_colab(html: Path) -> None:
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    address = config["repository"]["url"].removeprefix("https://github.com/")
    found = [page for page in chapters.pages() if chapters.is_chapter(page)]
    assert found
    for page in found:
        name = page.relative_to(ROOT).with_suffix("")
        text = (html / f"{name}.html").read_text(encoding="utf-8")
        question = chapters.facts(page)["question"]
        assert re.search(rf'class="chapter-facts">Question <a [^>]*>.*{question}', text)
        assert f"github/{address}/blob/main/{name.as_posix()}.ipynb" in text


def test_no_page_shows_an_error_or_a_warning(html: Path) -> None:
    for page in (html / "book").rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert "Traceback (most recent call last)" not in text, page.name
        assert 'class="output stderr' not in text, page.name


@pytest.mark.parametrize("script", ["thebe.js", "sphinx-thebe.js"])
def test_no_thebe(html: Path, script: str) -> None:
    assert f"/{script}" not in (html / "book" / "index.html").read_text(encoding="utf-8")
