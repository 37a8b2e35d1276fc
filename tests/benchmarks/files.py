"""Files of what was measured: what stands at their head, and how they are written."""

from datetime import date
from pathlib import Path
from typing import Any

from coursekit.evidence.benchmarks import FORMAT

from .machine import machine, versions


def head() -> dict[str, Any]:
    """Format, day, machine and versions."""
    return {
        "format": FORMAT,
        "date": date.today().isoformat(),
        "machine": machine(),
        "versions": versions(),
    }


def spare(record: Path, output: Path, *, trial: bool) -> None:
    """Raise a `SystemExit` if a trial, of a part or at another scale, would overwrite a record."""
    if trial and output.resolve() == record.resolve():
        raise SystemExit(
            f"{record} holds everything at scale 1; to try other settings, name a file by --output"
        )


def write(path: Path, text: str) -> None:
    """Write beside, then rename: there is never a half of a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.part")
    beside.write_text(f"{text}\n", encoding="utf-8")
    beside.replace(path)
