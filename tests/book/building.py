"""pytest -p building --build-book COMMAND: the pages are built while the tests run that need none of them.

Notebooks come first. The pages take the outputs of those that passed, so that no cell runs twice, and are
built once all of them have run. The command sees quick scale and offline data, and what it prints goes to
``_build/book.log``. The fixture `html` waits for its end. If it fails, so does the run, with that log as its
last section.
"""

import os
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from jupyter_cache import get_cache

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "book" / "_tools"))
import chapters

FAILED = "failed"


def pytest_addoption(parser: pytest.Parser) -> None:
    """One option, off unless asked for."""
    parser.addoption("--build-book", metavar="COMMAND", help="build the pages beside the tests")


def pytest_configure(config: pytest.Config) -> None:
    """Get ready to build, in the process that hands out the tests."""
    command = config.option.build_book
    if command and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Build(shlex.split(command), config.rootpath), "build of the book")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What the pages need comes first and what needs them last, so that nobody waits for long."""

    def place(item: pytest.Item) -> int:
        if is_cell(item.nodeid):
            return 0
        return 2 if "html" in getattr(item, "fixturenames", ()) else 1

    if config.option.build_book:
        items.sort(key=place)


def is_cell(name: str) -> bool:
    """Whether a test is a notebook's."""
    return ".ipynb::" in name


def state_file(root: Path) -> Path:
    """Holds the number of the process while it builds, `FAILED` if that went wrong, else is not there."""
    return root / "_build" / ".building"


def wait_for_pages(root: Path) -> None:
    """Return when no build is under way; fails the test that asks if the build failed."""
    state = state_file(root)
    while state.is_file():
        text = state.read_text(encoding="utf-8")
        if text == FAILED:
            pytest.fail("the pages could not be built: see _build/book.log", pytrace=False)
        if text and not _alive(int(text)):
            state.unlink(missing_ok=True)
        time.sleep(0.2)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


class Build:
    """The build as a process beside the tests."""

    def __init__(self, command: list[str], root: Path) -> None:
        self.command = command
        self.root = root
        self.state = state_file(root)
        self.log = root / "_build" / "book.log"
        self.log.parent.mkdir(exist_ok=True)
        # Made here, since several processes that make it at once get in each other's way.
        get_cache(chapters.cache_folder(root, chapters.clean_environment())).db  # noqa: B018
        self.process: subprocess.Popen[bytes] | None = None
        self.cells: set[str] | None = None
        self._note(str(os.getpid()))

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Know what to wait for, where this process runs the tests itself."""
        self._wait_for(item.nodeid for item in session.items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: Any, ids: list[str]) -> None:
        """Know what to wait for, where others run the tests."""
        self._wait_for(ids)

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Begin when the last cell has run; one whose process died has neither set-up nor end."""
        if self.cells and report.when not in ("setup", "call"):
            self.cells.discard(report.nodeid.split("@")[0])
            self._begin_if_due()

    def _wait_for(self, names: Iterable[str]) -> None:
        # Where others run the tests, this process finds none itself, and each of them finds all.
        names = list(names)
        if names and self.cells is None:
            self.cells = {name for name in names if is_cell(name)}
            self._begin_if_due()

    def _begin_if_due(self) -> None:
        if not self.cells and self.process is None:
            self._begin()

    def _begin(self) -> None:
        with self.log.open("w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.root,
                env=chapters.clean_environment(),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._note(str(self.process.pid))
        self.watcher = threading.Thread(target=self._watch, args=(self.process,), daemon=True)
        self.watcher.start()

    def _watch(self, process: "subprocess.Popen[bytes]") -> None:
        if process.wait():
            self._note(FAILED)
        else:
            self.state.unlink(missing_ok=True)

    def _note(self, text: str) -> None:
        beside = self.state.with_suffix(".part")
        beside.write_text(text, encoding="utf-8")
        beside.replace(self.state)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Wait for the end of the build, which decides too; after Ctrl-C end it."""
        passed = exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
        if self.process is None and passed:
            self._begin()
        if self.process is not None:
            if exitstatus == pytest.ExitCode.INTERRUPTED:
                with suppress(ProcessLookupError):
                    os.killpg(self.process.pid, signal.SIGTERM)
            self.watcher.join()
            if self.process.returncode and passed:
                session.exitstatus = pytest.ExitCode.TESTS_FAILED
        self.state.unlink(missing_ok=True)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """The log of a build that failed."""
        code = 0 if self.process is None else self.process.returncode
        if code:
            terminalreporter.section(f"the pages could not be built (exit status {code})")
            terminalreporter.write_line(self.log.read_text(encoding="utf-8", errors="replace"))
