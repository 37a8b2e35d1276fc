"""The built pages, and a browser to open them in."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from building import wait_for_pages

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def html() -> Path:
    """Folder of the built pages, once no build is under way; skips when there are none."""
    wait_for_pages(ROOT)
    folder = ROOT / "_build" / "html"
    if not (folder / "book" / "index.html").is_file():
        pytest.skip("no built pages in _build/html: run `make book`")
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium without a window; skips where there is none."""
    found = filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))
    path = next(found, None)
    if path is None:
        pytest.skip("no Chromium on the PATH")
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield chromium
        chromium.close()
