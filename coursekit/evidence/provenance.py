"""What a result comes from: its data, the versions of its libraries, and a digest of its code."""

import ast
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol, Self

import numpy
import torch

import coursekit
from coursekit.evidence.chapters import PACKAGE, Cell, find_chapter, read_cells
from coursekit.evidence.syntax import Scope

#: Not followed: figures, bookkeeping, how much to run, and where data comes from (the data's own digest
#: stands for that).
NOT_PART_OF_A_RUN = (
    "coursekit.plotting",
    "coursekit.evidence",
    "coursekit.profile",
    "coursekit.training.progress",
    "coursekit.data.load",
    "coursekit.data.loading",
    "coursekit.data.download",
    "coursekit.data.registry",
    "coursekit.data.sources",
    "coursekit.data.errors",
    "coursekit.data.synthetic",
)


@dataclass(frozen=True)
class Code:
    """Digest of the code behind a question, and the modules it covers, sorted."""

    sha256: str
    modules: tuple[str, ...]


class _Sized(Protocol):
    def __len__(self) -> int: ...


class Dataset(Protocol):
    """What a card says of the data: name, ``"real"`` or ``"offline"``, title, digest, and two sized parts."""

    @property
    def name(self) -> str: ...
    @property
    def origin(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def sha256(self) -> str: ...
    @property
    def train(self) -> _Sized: ...
    @property
    def test(self) -> _Sized: ...


@dataclass(frozen=True)
class DataUsed:
    """The data of a card: name, origin, title, digest, and the samples of both parts."""

    name: str
    origin: str
    title: str
    sha256: str
    train: int
    test: int

    @classmethod
    def of(cls, dataset: Dataset) -> Self:
        """What a card keeps of a data set."""
        return cls(
            name=dataset.name,
            origin=dataset.origin,
            title=dataset.title,
            sha256=dataset.sha256,
            train=len(dataset.train),
            test=len(dataset.test),
        )


def code_of(question: str, *, book: Path | None = None, package: Path = PACKAGE) -> Code:
    """Digest of what decides a question's results: its experiment cells and every definition they reach.

    The digest is taken of syntax trees without docstrings: comments, formatting and line numbers do not
    count, nor do definitions that the experiment never names. It is the same for every Python version.

    Parameters
    ----------
    question
        Such as ``"mannheim.1e"``; its chapter is found by its front matter.
    book, package
        Folders to look in; found by themselves where not given.

    Raises
    ------
    LookupError
        If the chapter is not there, or has no cell tagged ``experiment``.
    ValueError
        If a cell is not plain Python.
    """
    chapter = find_chapter(question, book=book)
    cells = read_cells(chapter)
    if not any("experiment" in cell.tags for cell in cells):
        raise LookupError(f"{chapter} has no cell tagged 'experiment', so nothing identifies its runs")
    scope = Scope(package, excluded=NOT_PART_OF_A_RUN)
    scope.add_cells([(_parse(cell, chapter), "experiment" in cell.tags) for cell in cells])
    digest = hashlib.sha256()
    texts = scope.texts()
    for module, statements in sorted(texts.items()):
        for line in (module, *statements):
            digest.update(f"{line}\n".encode())
    modules = tuple(sorted(name for name in texts if name != Scope.CHAPTER))
    return Code(sha256=digest.hexdigest(), modules=modules)


def code_sha256(question: str, *, book: Path | None = None) -> str:
    """The digest alone of `code_of`."""
    return code_of(question, book=book).sha256


@cache
def versions() -> dict[str, str]:
    """Versions of what a run depends on.

    Examples
    --------
    >>> list(versions())[:4]
    ['python', 'torch', 'numpy', 'coursekit']
    """
    import platform

    found = {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": numpy.__version__,
        "coursekit": coursekit.__version__,
    }
    return found | ({"cuda": torch.version.cuda} if torch.version.cuda else {})


def _parse(cell: Cell, chapter: Path) -> ast.Module:
    try:
        return ast.parse(cell.source)
    except SyntaxError as error:
        line = cell.line + (error.lineno or 1) - 1
        raise ValueError(f"{chapter}, line {line}: the cell is not plain Python ({error.msg})") from error
