"""Running a chapter as a program: its code cells, in order, in one namespace, progress on the terminal."""

import os
from contextlib import chdir
from pathlib import Path
from types import ModuleType

from coursekit.evidence.chapters import find_chapter, read_cells


def execute_chapter(question: str, *, book: Path | None = None) -> None:
    """Run the chapter of a question at the scale and with the data that the environment asks for.

    At full scale on real data the chapter writes its result card run by run, so that a stopped run goes on
    where it was.

    Raises
    ------
    LookupError
        If no chapter answers the question.
    Exception
        Whatever a cell raises; the traceback names the chapter's file and line.
    """
    chapter = find_chapter(question, book=book)
    print(f"{question}: {os.path.relpath(chapter)}", flush=True)
    namespace = ModuleType("__main__").__dict__
    with chdir(chapter.parent):
        for cell in read_cells(chapter):
            # Blank lines in front give a traceback the line numbers of the chapter.
            code = compile("\n" * (cell.line - 1) + cell.source, str(chapter), "exec")
            exec(code, namespace)
