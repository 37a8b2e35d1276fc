"""How the gates are run: as the Makefile runs them, each in its own process, on broken inputs."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def run() -> Run:
    """Run a command without coursekit's variables but with those given; output as text.

    ``"python"`` stands for this Python.
    """

    def run(*command: str | Path, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
        kept = {key: text for key, text in os.environ.items() if not key.startswith("COURSEKIT_")}
        kept |= {"PYTHONPATH": str(ROOT / "tests" / "book"), "OMP_NUM_THREADS": "1"}
        return subprocess.run(
            [sys.executable if part == "python" else str(part) for part in command],
            cwd=cwd,
            env={**kept, "NO_COLOR": "1", **variables},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    return run
