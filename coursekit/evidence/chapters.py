"""The book seen from the package: its folder, the chapter of a question, the code cells of a chapter."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[1]


@dataclass(frozen=True)
class Cell:
    """A code cell of a chapter: its source, its tags, and the line of the chapter it begins at."""

    source: str
    tags: tuple[str, ...]
    line: int


def find_book() -> Path:
    """The folder of the book: the nearest ``book`` above the working directory, else beside the package.

    Raises
    ------
    FileNotFoundError
        If neither place has a ``book/claims.yaml``.
    """
    start = Path.cwd()
    for folder in (start, *start.parents, PACKAGE.parent):
        if (folder / "book" / "claims.yaml").is_file():
            return folder / "book"
    raise FileNotFoundError(
        f"no book/claims.yaml in {start}, in the folders above it, or beside the package in "
        f"{PACKAGE.parent}; work inside a clone of the repository"
    )


def find_chapter(question: str, *, book: Path | None = None) -> Path:
    """The chapter whose front matter says ``coursekit: {question: …}``.

    Raises
    ------
    LookupError
        If no chapter of the book, or more than one, answers the question.
    """
    book = book or find_book()
    found = [page for page, answered in _answered(book) if answered == question]
    if len(found) == 1:
        return found[0]
    if not found:
        raise LookupError(
            f"no chapter in {book} has 'question: {question}' under 'coursekit' in its front matter"
        )
    names = " and ".join(path.relative_to(book).as_posix() for path in found)
    raise LookupError(f"the question {question} is answered by {names}; one chapter must have it")


def find_questions(*, book: Path | None = None) -> tuple[str, ...]:
    """The questions that the book's chapters answer, in the order of their ids."""
    return tuple(sorted({question for _, question in _answered(book or find_book())}))


def _answered(book: Path) -> list[tuple[Path, str]]:
    pages = [path.relative_to(book) for path in sorted(book.rglob("*.md"))]
    shown = [page for page in pages if not any(part.startswith((".", "_")) for part in page.parts)]
    pairs = [(book / page, _question_of(book / page)) for page in shown]
    return [(page, question) for page, question in pairs if question is not None]


def read_cells(chapter: Path) -> list[Cell]:
    """The code cells of a chapter in MyST Markdown, in order."""
    cells: list[Cell] = []
    body: list[str] = []
    fence, start = "", 0
    for line, text in enumerate(chapter.read_text(encoding="utf-8").splitlines(), start=1):
        stripped = text.strip()
        if fence:
            if stripped == fence:
                cells.append(_cell(body, start))
                fence = ""
            else:
                body.append(text)
        elif stripped.startswith("```") and stripped.lstrip("`").startswith("{code-cell}"):
            fence = stripped[: len(stripped) - len(stripped.lstrip("`"))]
            body, start = [], line
    return cells


def _cell(body: list[str], line: int) -> Cell:
    import yaml

    head = 0
    if body and body[0].strip() == "---":
        head = next((i for i, text in enumerate(body[1:], 1) if text.strip() == "---"), 0)
        options = yaml.safe_load("\n".join(body[1:head]))
        head += 1
    else:
        while head < len(body) and body[head].startswith(":"):
            head += 1
        options = yaml.safe_load("\n".join(text[1:] for text in body[:head]))
    tags = options.get("tags", []) if isinstance(options, dict) else []
    tags = tags.replace(",", " ").split() if isinstance(tags, str) else tags
    # Lines for IPython, such as %matplotlib, become blank so that line numbers still agree.
    source = ["" if text.startswith(("%", "!")) else text for text in body[head:]]
    return Cell(source="\n".join(source), tags=tuple(tags), line=line + head + 1)


def _question_of(path: Path) -> str | None:
    lines = path.read_text(encoding="utf-8").splitlines()
    if not lines or lines[0].strip() != "---" or "---" not in lines[1:]:
        return None
    return _question_in("\n".join(lines[1 : lines.index("---", 1)]))


@cache
def _question_in(matter: str) -> str | None:
    import yaml

    try:
        front = yaml.safe_load(matter)
    except yaml.YAMLError:
        return None
    ours = front.get("coursekit") if isinstance(front, dict) else None
    question = ours.get("question") if isinstance(ours, dict) else None
    return question if isinstance(question, str) else None
