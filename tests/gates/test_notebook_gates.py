"""The notebooks beside the pages: written the same each time, and refused when they are out of step."""

import json
import shutil
from pathlib import Path

import pytest

PAGE = """---
jupytext: {text_representation: {extension: .md, format_name: myst}}
kernelspec: {display_name: Python 3, language: python, name: python3}
coursekit: {question: mannheim.1a, data: [], seconds: {quick: 40, full: 3}}
---

# A page

```{code-cell} ipython3
:tags: [exact]

import os
print(6 * 7, os.environ.get("COURSEKIT_PROFILE"))
```

```{code-cell} ipython3
6 * 8
```
"""


@pytest.fixture(scope="module")
def written(tmp_path_factory, root, run) -> Path:
    """A small book with its notebook, written while COURSEKIT_PROFILE is set."""
    folder = tmp_path_factory.mktemp("book")
    (folder / "book" / "part").mkdir(parents=True)
    shutil.copy(root / "_config.yml", folder)
    (folder / "book" / "part" / "page.md").write_text(PAGE)
    result = notebooks(folder, root, run, "--record-times", COURSEKIT_PROFILE="full")
    assert result.returncode == 0, result.stderr
    return folder


@pytest.fixture
def book(written: Path, tmp_path: Path) -> Path:
    """A copy of the small book to break."""
    return Path(shutil.copytree(written, tmp_path / "book"))


def notebooks(folder: Path, root: Path, run, *options: str, **variables: str):
    tool = root / "book" / "_tools" / "notebooks.py"
    return run("python", tool, "--root", folder, *options, cwd=folder, **variables)


def stored(book: Path) -> Path:
    return book / "book" / "part" / "page.ipynb"


def edit(book: Path, change) -> None:
    content = json.loads(stored(book).read_text())
    change(content["cells"])
    stored(book).write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def test_in_step(book: Path, root: Path, run) -> None:
    result = notebooks(book, root, run, "--check")
    assert result.returncode == 0, result.stderr
    assert "compared: 1 exact, 0 approximate of 2 code cells (50 %)" in result.stdout


def test_written_again_byte_for_byte(book: Path, root: Path, run) -> None:
    before = stored(book).read_bytes()
    stored(book).unlink()
    assert notebooks(book, root, run, "--all").returncode == 0
    assert stored(book).read_bytes() == before


def test_runs_without_the_callers_settings(book: Path) -> None:
    cells = json.loads(stored(book).read_text())["cells"]
    assert cells[2]["outputs"][0]["text"] == ["42 None\n"]
    assert [cell["execution_count"] for cell in (cells[0], cells[2], cells[3])] == [None, 1, None]
    assert cells[3]["outputs"] == []


def test_records_the_measured_time(book: Path) -> None:
    page = (book / "book" / "part" / "page.md").read_text()
    assert "quick: 40" not in page
    assert "full: 3}" in page


def test_first_cell_brings_the_package(book: Path) -> None:
    first = json.loads(stored(book).read_text())["cells"][0]
    assert first["metadata"]["tags"] == ["bootstrap"]
    assert 'os.chdir(root / "book/part")' in "".join(first["source"])


def test_page_edited(book: Path, root: Path, run) -> None:
    page = book / "book" / "part" / "page.md"
    page.write_text(page.read_text().replace("6 * 8", "6 * 9"))
    check_refused(book, root, run, "differs from page.md")


def test_notebook_edited(book: Path, root: Path, run) -> None:
    edit(book, lambda cells: cells[1].update(source=["# Another title"]))
    check_refused(book, root, run, "differs from page.md")


def test_checked_cell_stripped(book: Path, root: Path, run) -> None:
    edit(book, lambda cells: cells[2].update(outputs=[], execution_count=None))
    check_refused(book, root, run, "without a stored output compares nothing")


def test_checked_cell_with_a_warning(book: Path, root: Path, run) -> None:
    warning = {"name": "stderr", "output_type": "stream", "text": ["DeprecationWarning: old\n"]}
    edit(book, lambda cells: cells[2].update(outputs=[warning]))
    check_refused(book, root, run, "writes to stderr")


def test_output_under_a_free_cell(book: Path, root: Path, run) -> None:
    output = {"name": "stdout", "output_type": "stream", "text": ["48\n"]}
    edit(book, lambda cells: cells[3].update(outputs=[output], execution_count=1))
    check_refused(book, root, run, "differs from page.md")


def test_notebook_missing(book: Path, root: Path, run) -> None:
    stored(book).unlink()
    check_refused(book, root, run, "page.ipynb: missing")


def test_notebook_without_a_page(book: Path, root: Path, run) -> None:
    shutil.copy(stored(book), book / "book" / "part" / "stray.ipynb")
    check_refused(book, root, run, "stray.ipynb: no Markdown page beside it")


def test_misspelt_tag(book: Path, root: Path, run) -> None:
    page = book / "book" / "part" / "page.md"
    page.write_text(page.read_text().replace("[exact]", "[exakt]"))
    check_refused(book, root, run, "the tag 'exakt' is unknown")


def test_failing_cell_is_not_stored(book: Path, root: Path, run) -> None:
    before = stored(book).read_bytes()
    page = book / "book" / "part" / "page.md"
    page.write_text(page.read_text().replace("6 * 8", "6 / 0"))
    result = notebooks(book, root, run)
    assert result.returncode == 1
    assert "ZeroDivisionError" in result.stdout
    assert stored(book).read_bytes() == before


def check_refused(book: Path, root: Path, run, reason: str) -> None:
    result = notebooks(book, root, run, "--check")
    assert result.returncode == 1
    assert reason in result.stderr
