"""Chapters under pytest: nbval with the book's three kinds of cells."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "book"))
from nbval_kinds import *  # noqa: F403
from nbval_kinds import pytest_collect_file as pytest_collect_file
