"""nbval with the book's three kinds of cells, and with guards against cells that compare nothing.

``book/conftest.py`` makes pytest use it for every notebook of the book; ``-p nbval_kinds`` does elsewhere.
"""

import hashlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from myst_nb.core.read import myst_nb_reader_plugin
from nbformat import NotebookNode
from nbval.plugin import IPyNbCell, IPyNbFile, coalesce_streams

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "book" / "_tools"))
import chapters  # noqa: E402
import kinds  # noqa: E402


def pytest_addoption(parser: pytest.Parser) -> None:
    """Two options beside nbval's own."""
    group = parser.getgroup("nbval")
    group.addoption(
        "--nbval-offline",
        action="store_true",
        help="Run notebooks at quick scale on offline data, whatever COURSEKIT_* variables say.",
    )
    group.addoption(
        "--nbval-skip-unchanged",
        action="store_true",
        help="Skip notebooks that passed before and of which nothing changed since.",
    )


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> Iterator[Any]:
    """Put our notebook in the place of nbval's."""
    found = yield
    return [
        Chapter.from_parent(parent, path=file_path) if isinstance(node, IPyNbFile) else node for node in found
    ]


class Chapter(IPyNbFile):  # type: ignore[misc]
    """A notebook whose cells are of three kinds."""

    cells = 0

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        #: What the cells that passed wrote.
        self.passed: list[list[NotebookNode]] = []

    def settings(self) -> dict[str, str]:
        """The environment that the notebook's kernel sees."""
        if self.config.option.nbval_offline:
            return chapters.clean_environment()
        return {"TQDM_DISABLE": "1", **os.environ}

    def compares_numbers(self) -> bool:
        """Approximate outputs were stored at quick scale on offline data; elsewhere they differ."""
        seen = self.settings()
        changed = any(seen.get(name) for name in ("COURSEKIT_DATA", "COURSEKIT_EPOCHS"))
        return seen.get("COURSEKIT_PROFILE", "quick") == "quick" and not changed

    def digest(self) -> str:
        """Of the notebook, of what its outputs depend on, and of what compares them."""
        world = chapters.state_of_the_world(ROOT, self.settings())
        files = [self.path, Path(__file__), Path(kinds.__file__)]
        return hashlib.sha256(world.encode() + b"".join(p.read_bytes() for p in files)).hexdigest()

    def collect(self) -> Iterator[pytest.Item]:
        """One item a code cell, or one for a notebook that need not run again."""
        if self.config.option.nbval_skip_unchanged:
            self.key = self.digest()
            self.note = ROOT / "_build" / ".passed" / f"{self.path.parent.name}-{self.path.stem}"
            if self.note.is_file() and self.note.read_text(encoding="utf-8") == self.key:
                yield Unchanged.from_parent(self, name="unchanged")
                return
        items = [CheckedCell.of(item, self) for item in super().collect()]
        self.cells = len(items)
        yield from items

    def setup(self) -> None:
        """Start the kernel in its environment."""
        if not self.cells:
            return
        # Read before the variables are cleared, of which it is made.
        before, settings = dict(os.environ), self.settings()
        os.environ.clear()
        os.environ.update(settings)
        try:
            super().setup()
        finally:
            os.environ.clear()
            os.environ.update(before)

    def one_passed(self, outputs: list[NotebookNode]) -> None:
        """Note a notebook of which every cell passed, and hand its outputs to the build of the pages."""
        self.passed.append(outputs)
        if len(self.passed) < self.cells:
            return
        if self.config.option.nbval_skip_unchanged:
            self.note.parent.mkdir(parents=True, exist_ok=True)
            self.note.write_text(self.key, encoding="utf-8")
        if self.config.getoption("build_book", None):
            self.hand_over()

    def hand_over(self) -> None:
        """Keep the outputs where the build looks for a page that was executed before."""
        page = self.path.with_suffix(".md")
        executed = myst_nb_reader_plugin(str(page))
        cells = [cell for cell in executed.cells if cell.cell_type == "code"]
        # The notebook has one cell more than its page: the first, which brings coursekit.
        for number, (cell, outputs) in enumerate(zip(cells, self.passed[1:], strict=True), start=1):
            cell.execution_count, cell.outputs = number, outputs
        folder = chapters.cache_folder(ROOT, self.settings())
        get_cache(folder).cache_notebook_bundle(CacheBundleIn(executed, str(page)), overwrite=True)


class Unchanged(pytest.Item):
    """Stands for a notebook that passed before and is not run again."""

    def runtest(self) -> None:
        """Say so."""
        pytest.skip("nothing changed since it passed; `make validate` runs it all the same")

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where it is."""
        return self.path, 0, self.path.name


class CheckedCell(IPyNbCell):  # type: ignore[misc]
    """A code cell: exact, approximate or free."""

    @classmethod
    def of(cls, item: IPyNbCell, chapter: Chapter) -> "CheckedCell":
        """The same cell as nbval's `item`."""
        cell = cls.from_parent(
            chapter, name=item.name, cell_num=item.cell_num, cell=item.cell, options=item.options
        )
        return cell  # type: ignore[no-any-return]

    def runtest(self) -> None:
        """Run the cell; then compare what is to be compared, and look for warnings."""
        try:
            kind = kinds.kind_of(self.cell)
        except ValueError as error:
            self.raise_cell_error(f"Wrong tags: {error}")
        if "bootstrap" not in self.cell.metadata.get("tags", []):
            self.user_properties.append(("cell kind", kind))
        stored = self.cell.outputs and self.cell.execution_count is not None
        if kind != kinds.FREE and not stored:
            self.raise_cell_error(f"The cell is {kind} and has no stored output: it compares nothing")
        if kind == kinds.EXACT:
            self.options["check"] = True
        elif kind == kinds.APPROXIMATE:
            self.options["check"] = self.parent.compares_numbers()
        super().runtest()
        wrong = kinds.complaint(self.test_outputs, self.cell.metadata.get("tags", []))
        if wrong:
            self.raise_cell_error(wrong)
        self.parent.one_passed(self.test_outputs)

    def compare_outputs(self, test: Any, ref: Any, skip_compare: Any = None) -> bool:
        """To the letter as nbval does, or within the cell's tolerances."""
        if kinds.kind_of(self.cell) != kinds.APPROXIMATE:
            return bool(super().compare_outputs(test, ref, skip_compare))
        wrong = kinds.disagreement(self.cell, coalesce_streams(ref), coalesce_streams(test))
        self.comparison_traceback = [wrong or ""]
        return wrong is None


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the share of cells that are compared."""
    seen = [
        {"metadata": {"tags": [value]}}
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", "") == "call"
        for name, value in report.user_properties
        if name == "cell kind"
    ]
    if seen:
        terminalreporter.write_line(f"notebooks, {kinds.share(seen)}")
