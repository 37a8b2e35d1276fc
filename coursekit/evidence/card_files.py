"""Result cards as files: checked against the schema, laid out for review, written beside and renamed."""

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

WIDTH = 100


class CardError(ValueError):
    """A result card that cannot be read or written; the message says which, why, and what to do."""


def read_card(path: Path) -> dict[str, Any]:
    """The card in a file.

    Raises
    ------
    CardError
        If the file is not JSON, or not a card; one sentence.
    """
    try:
        text = path.read_text(encoding="utf-8")
        document = json.loads(text)
    except ValueError as error:
        raise CardError(
            f"{path} is not a result card ({error}); restore it from version control, or delete it and "
            "run its chapter again"
        ) from error
    _check_text(text, path)
    return dict(document)


@lru_cache(maxsize=64)
def _check_text(text: str, path: Path) -> None:
    """Check a card once: pages read the same one for every claim about it, and that takes its time."""
    check_card(json.loads(text), path)


def check_card(document: object, path: Path) -> None:
    """Check a card against ``card.schema.json``.

    Raises
    ------
    CardError
        Naming the place in the card that is wrong.
    """
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    error = best_match(Draft202012Validator(_schema()).iter_errors(document))
    if error is not None:
        place = error.json_path.removeprefix("$").lstrip(".") or "its top level"
        reason = error.message if len(error.message) < 200 else f"{error.message[:200]}…"
        raise CardError(
            f"{path} is not a result card (at {place}: {reason}); restore it from version control, or "
            "delete it and run its chapter again"
        )


def write_card(document: Mapping[str, Any], path: Path) -> None:
    """Check a card and write it: beside its place, then renamed, so that no half of a card is ever there.

    Raises
    ------
    CardError
        If the document is not a card, or the file cannot be written.
    """
    check_card(document, path)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(render(document) + "\n", encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        raise CardError(
            f"{path} could not be written ({error.strerror}); make room or set its permissions, then "
            "run the chapter again: runs that were written before are kept"
        ) from error
    finally:
        with suppress(OSError):
            beside.unlink()


def render(value: object, *, indent: int = 0) -> str:
    """JSON for people who review it: an array of plain values on one line, everything else by width.

    Examples
    --------
    >>> print(render({"seed": 0, "history": {"loss": [0.5, 0.25]}}))
    {
      "seed": 0,
      "history": {
        "loss": [0.5, 0.25]
      }
    }
    """
    items = list(value.values()) if isinstance(value, Mapping) else value
    if not isinstance(items, list) or not items:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    line = json.dumps(value, ensure_ascii=False, allow_nan=False)
    flat = not any(isinstance(item, Mapping | list) for item in items)
    if flat and (isinstance(value, list) or len(line) + indent <= WIDTH):
        return line
    pad = " " * (indent + 2)
    if isinstance(value, Mapping):
        keys = [f"{json.dumps(key, ensure_ascii=False)}: " for key in value]
    else:
        keys = [""] * len(items)
    parts = (f"{pad}{k}{render(v, indent=indent + 2)}" for k, v in zip(keys, items, strict=True))
    opening, closing = "{}" if isinstance(value, Mapping) else "[]"
    return f"{opening}\n" + ",\n".join(parts) + f"\n{' ' * indent}{closing}"


def rounded(value: float) -> float:
    """A figure as cards hold it: six significant digits, whole numbers as they are.

    Examples
    --------
    >>> rounded(0.123456789), rounded(60000)
    (0.123457, 60000)
    """
    return value if isinstance(value, int) else float(f"{value:.6g}")


@cache
def _schema() -> Any:
    from importlib.resources import files

    return json.loads(files("coursekit.evidence").joinpath("card.schema.json").read_text("utf-8"))
