"""Which files are pages and chapters, what their front matter says, and what their outputs depend on."""

import hashlib
import os
import sys
from collections.abc import Mapping
from functools import cache
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
NOT_CHAPTERS = {"evidence", "performance", "reference", "results"}


class FrontMatterError(ValueError):
    """A page whose front matter is missing something."""


def pages(root: Path = ROOT) -> list[Path]:
    """The Markdown pages that are notebooks, in alphabetical order."""
    found = sorted(path for path in (root / "book").rglob("*.md") if not _is_private(path, root))
    return [path for path in found if "jupytext" in front_matter(path)]


def is_chapter(path: Path, root: Path = ROOT) -> bool:
    """Whether the page answers a question: it lies in a part of the book, ``book/<part>/``."""
    parts = path.resolve().relative_to(root / "book").parts
    return len(parts) == 2 and parts[0] not in NOT_CHAPTERS and not parts[0].startswith(("_", "."))


def front_matter(path: Path) -> dict[str, Any]:
    """The YAML between the ``---`` lines at the top; empty when there is none."""
    text = path.read_text(encoding="utf-8")
    if not text.startswith("---\n"):
        return {}
    head, mark, _ = text[4:].partition("\n---\n")
    return (yaml.safe_load(head) or {}) if mark else {}


def facts(path: Path) -> dict[str, Any]:
    """What a chapter's front matter says under ``coursekit``: ``question``, ``data``, ``seconds``.

    Raises
    ------
    FrontMatterError
        If a key is missing or of another shape; the message names the page and the key.
    """
    matter = front_matter(path).get("coursekit")
    name = path.name

    def require(holds: bool, key: str, shape: str) -> None:
        if not holds:
            raise FrontMatterError(f"{name}: its front matter lacks coursekit.{key}, {shape}")

    require(isinstance(matter, dict), "question", "for instance mannheim.1a")
    assert isinstance(matter, dict)
    require(isinstance(matter.get("question"), str), "question", "for instance mannheim.1a")
    data = matter.get("data")
    named = isinstance(data, list) and all(isinstance(item, str) for item in data)
    require(named, "data", "a list of data set names, [] for none")
    seconds = matter.get("seconds")
    for scale in ("quick", "full"):
        known = isinstance(seconds, dict) and isinstance(seconds.get(scale), int | float)
        require(known, f"seconds.{scale}", "the measured run time in seconds")
    return matter


def state_of_the_world(root: Path, settings: Mapping[str, str]) -> str:
    """Digest of all that a page's outputs depend on besides its own cells.

    The package, the result cards, timings and claims, the requirements, the installed packages, Python, and
    those of the variables `settings` that say how much to run and on which data.
    """
    digest = hashlib.sha256()
    named = [root / "requirements.txt", root / "constraints.txt", root / "book" / "claims.yaml"]
    package = [
        p for p in (root / "coursekit").rglob("*") if p.suffix in {".py", ".json", ".yaml", ".css", ".js"}
    ]
    recorded = [*(root / "book").glob("results/*.json"), *(root / "book").glob("performance/*.json")]
    for path in sorted([*named, *package, *recorded]):
        if path.is_file():
            digest.update(f"{path.relative_to(root)}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    for line in [sys.version, *_installed(), *_ours(settings)]:
        digest.update(f"{line}\0".encode())
    return digest.hexdigest()


def cache_folder(root: Path, settings: Mapping[str, str]) -> Path:
    """Where the outputs of executed pages are kept, for one state of all that they depend on."""
    world = state_of_the_world(root, settings)
    return root / "_build" / ".jupyter_cache" / hashlib.sha256(world.encode()).hexdigest()[:16]


def clean_environment() -> dict[str, str]:
    """The environment without coursekit's variables, for quick scale and offline data; no progress bars."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("COURSEKIT_")}
    return {**kept, "TQDM_DISABLE": "1"}


def _ours(settings: Mapping[str, str]) -> list[str]:
    return [f"{k}={v}" for k, v in sorted(settings.items()) if k.startswith("COURSEKIT_")]


@cache
def _installed() -> list[str]:
    return sorted(f"{d.metadata['Name']}=={d.version}" for d in distributions())


def _is_private(path: Path, root: Path) -> bool:
    return any(part.startswith(("_", ".")) for part in path.relative_to(root).parts)
