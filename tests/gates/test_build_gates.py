"""Warnings, failing cells and missing facts stop the build: the book's own settings on a small book."""

import os
import re
import shutil
import sys
from pathlib import Path

import pytest

FRONT = """---
jupytext: {text_representation: {extension: .md, format_name: myst}}
kernelspec: {display_name: Python 3, language: python, name: python3}
"""
FACTS = "coursekit: {question: mannheim.1a, data: [fashion-mnist], seconds: {quick: 4, full: 7200}}\n"
TEXT = """---

# A page

Some maths, $x^2$.
"""
CLAIMS = "# Claims\n\nNone.\n"


@pytest.fixture
def small_book(tmp_path: Path, root: Path) -> Path:
    """A book of an index, one chapter and a ledger, with the settings of the real one."""
    shutil.copy(root / "_config.yml", tmp_path)
    (tmp_path / "_toc.yml").write_text(
        "format: jb-book\nroot: book/index\nchapters:\n"
        "  - file: book/part/page\n  - file: book/evidence/claims\n"
    )
    book = tmp_path / "book"
    for name in ("_ext", "_static", "_tools"):
        shutil.copytree(root / "book" / name, book / name)
    for name in ("part", "evidence"):
        (book / name).mkdir()
    (book / "references.bib").write_text("")
    (book / "index.md").write_text("# Index\n\n[The page](part/page.md)\n")
    (book / "evidence" / "claims.md").write_text(CLAIMS)
    (book / "part" / "page.md").write_text(FRONT + FACTS + TEXT)
    return tmp_path


def build(book: Path, run):
    command = Path(sys.executable).parent / "jupyter-book"
    return run(command, "build", ".", "-W", "-n", "--keep-going", "--quiet", cwd=book)


def page(book: Path, text: str) -> None:
    (book / "book" / "part" / "page.md").write_text(text)


def test_sound_book(small_book: Path, root: Path, run) -> None:
    result = build(small_book, run)
    assert result.returncode == 0, result.stderr
    html = (small_book / "_build" / "html" / "book" / "part" / "page.html").read_text()
    assert 'class="chapter-facts"' in html
    assert "Data: Fashion-MNIST · Runs in 4 s (quick), 2.0 h (full)" in html
    assert "thebe.js" not in html.lower()
    tool = root / "book" / "_tools" / "check_html.py"
    checked = run("python", tool, small_book / "_build" / "html", cwd=small_book)
    assert (checked.returncode, checked.stderr) == (0, "")


def test_warnings_fail_the_build(small_book: Path, run) -> None:
    broken = "[gone](gone.md) [nowhere](page.md#nowhere) {py:func}`coursekit.no_such_function`"
    page(small_book, FRONT + FACTS + TEXT + broken + "\n")
    result = build(small_book, run)
    assert result.returncode != 0
    for reason in ("gone.md", "nowhere", "coursekit.no_such_function"):
        assert re.search(f"WARNING.*{reason}", result.stdout + result.stderr)


def test_failing_cell_fails_the_build_each_time(small_book: Path, run) -> None:
    page(small_book, FRONT + FACTS + TEXT + "\n```{code-cell} ipython3\n1 / 0\n```\n")
    for _ in range(2):
        result = build(small_book, run)
        assert result.returncode != 0
        assert "ZeroDivisionError" in result.stdout + result.stderr


def test_chapter_without_its_facts_fails_the_build(small_book: Path, run) -> None:
    page(small_book, FRONT + FACTS.replace("question: mannheim.1a, ", "") + TEXT)
    result = build(small_book, run)
    assert result.returncode != 0
    reason = "page.md: its front matter lacks coursekit.question"
    assert reason in result.stdout + result.stderr


@pytest.mark.parametrize("workers", ["0", "2"])
def test_pages_take_what_the_cells_of_their_notebooks_wrote(
    small_book: Path, root: Path, run, workers: str
) -> None:
    cell = "with open('runs', 'a') as file:\n    file.write('x')\nprint(6 * 7)"
    page(small_book, f"{FRONT}{FACTS}{TEXT}\n```{{code-cell}} ipython3\n{cell}\n```\n")
    shutil.copytree(root / "tests" / "book", small_book / "tests" / "book")
    (small_book / "pytest.ini").write_text("[pytest]\n")
    tools = small_book / "book" / "_tools"
    run("python", tools / "notebooks.py", "--root", small_book, cwd=small_book)
    # Begun before the cell has run, the build fails.
    book = f"{Path(sys.executable).parent / 'jupyter-book'} build . -W -n --keep-going --quiet"
    command = f"sh -c 'test -s book/part/runs && exec {book}'"
    result = run(
        *("python", "-m", "pytest", "-p", "building", "-p", "nbval_kinds", "-p", "no:cacheprovider"),
        *(
            "-n",
            workers,
            "--dist=loadscope",
            "--nbval-lax",
            "--nbval-current-env",
            "--nbval-offline",
            "--build-book",
            command,
        ),
        "book/part/page.ipynb",
        cwd=small_book,
        PYTHONPATH=f"{small_book / 'tests' / 'book'}{os.pathsep}{root}",
    )
    assert result.returncode == 0, result.stdout
    assert "2 passed" in result.stdout
    assert (small_book / "book" / "part" / "runs").read_text() == "x"
    html = (small_book / "_build" / "html" / "book" / "part" / "page.html").read_text()
    assert re.search(r"<pre><span></span>42\s*</pre>", html)
