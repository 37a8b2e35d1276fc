"""pytest -p building --build-book COMMAND: the pages are built while the tests run that need none of them.

The command sees quick scale and offline data, and what it prints goes to ``_build/book.log``. The fixture
`html` waits for its end. If it fails, so does the run, with that log as its last section.
"""

import os
import shlex
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "book" / "_tools"))
import chapters

FAILED = "failed"


def pytest_addoption(parser: pytest.Parser) -> None:
    """One option, off unless asked for."""
    parser.addoption("--build-book", metavar="COMMAND", help="build the pages beside the tests")


def pytest_configure(config: pytest.Config) -> None:
    """Start the build, in the process that hands out the tests."""
    command = config.option.build_book
    if command and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Build(shlex.split(command), config.rootpath), "build of the book")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What needs the pages comes last, so that nobody waits who has something to do."""
    if config.option.build_book:
        items.sort(key=lambda item: "html" in getattr(item, "fixturenames", ()))


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
        self.state = state_file(root)
        self.log = root / "_build" / "book.log"
        self.log.parent.mkdir(exist_ok=True)
        with self.log.open("w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                command,
                cwd=root,
                env=chapters.clean_environment(),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._note(str(self.process.pid))
        self.watcher = threading.Thread(target=self._watch, daemon=True)
        self.watcher.start()

    def _watch(self) -> None:
        if self.process.wait():
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
        if exitstatus == pytest.ExitCode.INTERRUPTED:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGTERM)
        self.watcher.join()
        self.state.unlink(missing_ok=True)
        if self.process.returncode and exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """The log of a build that failed."""
        if self.process.returncode:
            terminalreporter.section(f"the pages could not be built (exit status {self.process.returncode})")
            terminalreporter.write_line(self.log.read_text(encoding="utf-8", errors="replace"))
