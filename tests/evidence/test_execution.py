"""A chapter runs as a program: in order, in its folder, in one namespace, with its own line numbers."""

import traceback
from pathlib import Path

import pytest

from coursekit.evidence.execution import execute_chapter

CHAPTER = """\
---
coursekit: {question: x.1a}
---
# Title

```{code-cell} ipython3
:tags: [experiment]
from pathlib import Path

count = 1
```

Text.

````{solution}
```{code-cell} ipython3
Path("ran.txt").write_text(str(count + 1))
```
````
"""


@pytest.fixture
def book(tmp_path: Path) -> Path:
    (tmp_path / "part").mkdir()
    (tmp_path / "claims.yaml").write_text("[]")
    return tmp_path


def test_cells_run_in_order_in_the_chapters_folder(book, capsys) -> None:
    (book / "part" / "page.md").write_text(CHAPTER)
    here = Path.cwd()
    execute_chapter("x.1a", book=book)
    assert (book / "part" / "ran.txt").read_text() == "2"
    assert Path.cwd() == here
    assert capsys.readouterr().out.startswith("x.1a: ")


def test_an_error_names_the_chapters_line(book) -> None:
    (book / "part" / "page.md").write_text(CHAPTER.replace("count + 1", "count / 0"))
    with pytest.raises(ZeroDivisionError) as caught:
        execute_chapter("x.1a", book=book)
    frame = traceback.extract_tb(caught.value.__traceback__)[-1]
    assert Path(frame.filename).name == "page.md"
    assert CHAPTER.splitlines()[(frame.lineno or 0) - 1].startswith('Path("ran.txt")')


def test_an_unknown_question_is_named(book) -> None:
    with pytest.raises(LookupError, match=r"x\.9"):
        execute_chapter("x.9", book=book)
