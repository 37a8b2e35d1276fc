"""pytest -p unchanged --skip-unchanged: what passed, took long and cannot have changed is not run again.

Tests above half a second are left out while no file of the repository, no installed package and no setting
differs from when they passed. Notebooks are looked at one by one, see ``nbval_kinds``.
"""

import hashlib
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "book" / "_tools"))
import chapters  # noqa: E402

LONG = 0.5
NOTE = ROOT / "_build" / ".passed" / "tests.json"
TOP = ("coursekit", "tests", "book", ".ci", ".github")
REASON = "nothing changed since it passed; `make test SKIP=` runs it all the same"


def pytest_addoption(parser: pytest.Parser) -> None:
    """One option, off unless asked for."""
    parser.addoption("--skip-unchanged", action="store_true", help=REASON)


def pytest_configure(config: pytest.Config) -> None:
    """Take the digest before the tests run."""
    if config.option.skip_unchanged:
        config.pluginmanager.register(Unchanged(digest(ROOT)), "unchanged tests")


def digest(root: Path) -> str:
    """Of every file of the repository, packages, Python, settings, and sizes and dates of the data."""
    found = hashlib.sha256(chapters.state_of_the_world(root, os.environ).encode())
    files = [path for path in root.iterdir() if path.is_file()]
    for name in TOP:
        files += [path for path in (root / name).rglob("*") if path.is_file()]
    for path in sorted(files):
        if path.suffix not in (".pyc", ".log"):
            found.update(f"{path.relative_to(root)}\0".encode() + path.read_bytes())
    data = os.environ.get("COURSEKIT_DATA")
    for path in sorted(Path(data).rglob("*")) if data else []:
        status = path.stat()
        found.update(f"{path}\0{status.st_size}\0{status.st_mtime_ns}\0".encode())
    return found.hexdigest()


class Unchanged:
    """Knows which long tests passed in this very state of the repository."""

    def __init__(self, state: str) -> None:
        self.state = state
        self.passed: set[str] = set()
        if NOTE.is_file():
            note = json.loads(NOTE.read_text(encoding="utf-8"))
            if note["state"] == state:
                self.passed = set(note["passed"])

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Mark what need not run."""
        for item in items:
            if item.nodeid in self.passed:
                item.add_marker(pytest.mark.skip(reason=REASON))

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Remember a long test that passed; cells of notebooks hang together and are no such tests."""
        long = report.when == "call" and report.duration > LONG
        if long and report.passed and ".ipynb" not in report.nodeid:
            self.passed.add(report.nodeid.split("@")[0])

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write down what passed, once: in the process that has all the reports."""
        if not hasattr(session.config, "workerinput"):
            NOTE.parent.mkdir(parents=True, exist_ok=True)
            note = {"state": self.state, "passed": sorted(self.passed)}
            NOTE.write_text(json.dumps(note, indent=1), encoding="utf-8")
