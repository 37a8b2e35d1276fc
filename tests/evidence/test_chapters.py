"""Finding the book, the chapter of a question, and its code cells."""

from pathlib import Path

import jupytext
import pytest

from coursekit.evidence import chapters
from coursekit.evidence.chapters import find_book, find_chapter, read_cells

CELLS = """\
---
coursekit: {question: course.1a}
---

```{code-cell} ipython3
:tags: [experiment, hide-input]
%time
x = 1
```

````{code-cell} ipython3
---
tags: [exact]
---
text = '''
```
'''
````

```python
not_a_cell = True
```

```{code-cell}
y = 2
```
"""


def test_cells_are_those_that_jupytext_reads(tmp_path: Path) -> None:
    path = tmp_path / "chapter.md"
    path.write_text(CELLS)
    cells = read_cells(path)
    theirs = [cell for cell in jupytext.reads(CELLS, fmt="md:myst").cells if cell.cell_type == "code"]
    assert [cell.tags for cell in cells] == [tuple(cell.metadata.get("tags", ())) for cell in theirs]
    assert [cell.source for cell in cells[1:]] == [cell.source for cell in theirs[1:]]
    assert cells[0].source == "\nx = 1", "lines for IPython are blank"
    lines = CELLS.splitlines()
    assert [lines[cell.line - 1] for cell in cells] == ["%time", "text = '''", "y = 2"]


def test_the_book_is_found_from_below(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(book / "part")
    assert find_book() == book


def test_the_book_beside_the_package_is_the_last_resort(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (book / "claims.yaml").rename(book / "away.yaml")
    monkeypatch.chdir(elsewhere)
    assert find_book() == Path(chapters.__file__).parents[2] / "book"
    monkeypatch.setattr(chapters, "PACKAGE", tmp_path / "nowhere" / "coursekit")
    with pytest.raises(FileNotFoundError, match=r"no book/claims\.yaml in .*; work inside a clone"):
        find_book()


def test_one_chapter_answers_a_question(book: Path) -> None:
    assert find_chapter("course.1a", book=book) == book / "part" / "chapter.md"
    with pytest.raises(LookupError, match=r"no chapter in .* has 'question: course\.1b' under 'coursekit'"):
        find_chapter("course.1b", book=book)
    copies = book / "part" / ".ipynb_checkpoints"
    copies.mkdir()
    text = (book / "part" / "chapter.md").read_text()
    (copies / "chapter.md").write_text(text)
    assert find_chapter("course.1a", book=book).parent.name == "part", "hidden folders do not count"
    (book / "second.md").write_text(text)
    with pytest.raises(LookupError, match=r"answered by part/chapter\.md and second\.md; one chapter must"):
        find_chapter("course.1a", book=book)


@pytest.mark.parametrize("front", ["", "---\n: [\n---\n", "---\ntitle: x\n", "---\ncoursekit: yes\n---\n"])
def test_pages_without_a_question_are_passed_over(book: Path, front: str) -> None:
    (book / "other.md").write_text(front + "text\n")
    assert find_chapter("course.1a", book=book).name == "chapter.md"
