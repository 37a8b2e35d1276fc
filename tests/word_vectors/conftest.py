"""An environment without switches, a cache of its own, and what a second process would not remember."""

from collections.abc import Callable
from pathlib import Path

import pytest

from coursekit.data import decoded
from coursekit.word_vectors import trained


@pytest.fixture(autouse=True)
def _no_switches(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "real_data" not in request.fixturenames:
        monkeypatch.delenv("COURSEKIT_DATA", raising=False)
    monkeypatch.delenv("COURSEKIT_DOWNLOAD", raising=False)


@pytest.fixture
def forget(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    def empty() -> None:
        monkeypatch.setattr(decoded, "_opened", {})
        monkeypatch.setattr(trained, "_trained", {})

    empty()
    return empty


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, forget: Callable[[], None]) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("COURSEKIT_CACHE", str(folder))
    return folder
