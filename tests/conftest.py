"""Fixtures that every room's tests share."""

import os
import signal
from pathlib import Path

import pytest
from hypothesis import settings

# The machines that run the tests are shared and slow at times; a test never asserts a time.
settings.register_profile("book", deadline=None, max_examples=50, derandomize=True)
settings.load_profile("book")


def pytest_configure() -> None:
    """Let Ctrl-C work, which several tests send; a shell makes its background processes ignore it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def real_data() -> Path:
    """The folder of real data sets; skips where there is none."""
    folder = os.environ.get("COURSEKIT_DATA")
    if not folder:
        pytest.skip("COURSEKIT_DATA is unset: no real data to test on")
    return Path(folder)
