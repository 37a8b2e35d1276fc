"""The built pages."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def html() -> Path:
    """Folder of the built pages; skips when there are none (`make test` builds them first)."""
    folder = ROOT / "_build" / "html"
    if not (folder / "book" / "index.html").is_file():
        pytest.skip("no built pages in _build/html: run `make book`")
    return folder
