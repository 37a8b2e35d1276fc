"""The report: a case as JSON, the file that holds all of them, and the table of one."""

import json
from collections.abc import Iterable
from pathlib import Path
from statistics import median
from typing import Any

from coursekit.evidence.benchmarks import ratio

from .files import write
from .timing import Prepared, Times


def as_json(name: str, title: str, case: Prepared, times: dict[str, Times]) -> dict[str, Any]:
    """A case with everything that was measured."""
    return {
        "name": name,
        "title": title,
        "data": case.data,
        "origin": case.origin,
        "samples": case.samples,
        "steps": case.steps,
        "gflop": case.gflop,
        "baseline": case.ways[0].name,
        "ways": [
            {
                "name": way.name,
                "title": way.title,
                "ours": way.ours,
                "note": way.note,
                "seconds": times[way.name].seconds,
                "first_batch": _measured(times[way.name].first_batch),
                "accuracy": _measured(times[way.name].accuracy),
                "detail": times[way.name].detail,
            }
            for way in case.ways
        ],
    }


def merged(
    old: dict[str, Any] | None, head: dict[str, Any], case: dict[str, Any], order: Iterable[str]
) -> dict[str, Any]:
    """`head` with `case` and, if they come from the same machine and versions, the other cases of `old`.

    The peak is the highest that was measured: it says what the machine can do, and any load lowers it.
    """
    cases = {}
    if old is not None and alike(old, head):
        cases = {known["name"]: known for known in old["cases"]}
        peaks = {
            kind: max(rate, old["peak_gflops"].get(kind, 0)) for kind, rate in head["peak_gflops"].items()
        }
        head = {**head, "peak_gflops": peaks}
    cases[case["name"]] = case
    return {**head, "cases": [cases[name] for name in order if name in cases]}


def alike(old: dict[str, Any], head: dict[str, Any]) -> bool:
    """Whether a file comes from the same machine and versions."""
    return all(old.get(key) == head[key] for key in ("format", "machine", "versions"))


def lost(file: Path, head: dict[str, Any], names: Iterable[str]) -> list[str]:
    """The cases of a file, beside `names`, that it would lose: all if it is not `alike`, else none."""
    old = json.loads(file.read_text(encoding="utf-8")) if file.exists() else None
    if old is None or alike(old, head):
        return []
    return [case["name"] for case in old["cases"] if case["name"] not in names]


def put(file: Path, head: dict[str, Any], case: dict[str, Any], order: Iterable[str]) -> None:
    """Put a case into the file."""
    old = json.loads(file.read_text(encoding="utf-8")) if file.exists() else None
    write(file, json.dumps(merged(old, head, case, order), indent=1, ensure_ascii=False))


def table(case: dict[str, Any], peak: dict[str, float]) -> str:
    """A line for every way; how many times as fast is the median of the rounds, with the extremes."""
    head = (
        "way",
        "seconds",
        "times as fast",
        "samples/s",
        "GFLOP/s",
        "of peak",
        "first batch",
        "accuracy",
    )
    rows = [head, *(_row(case, way, peak) for way in case["ways"])]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join([row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))])
        for row in rows
    ]
    notes = [f"{way['title']}: {way['detail']}" for way in case["ways"] if way["detail"]]
    title = f"{case['title']}: {case['samples']:,} samples, {case['steps']:,} steps; {case['data']}"
    return "\n".join([f"{title} ({case['origin']})", *lines, *notes])


def _row(case: dict[str, Any], way: dict[str, Any], peak: dict[str, float]) -> tuple[str, ...]:
    baseline = next(other for other in case["ways"] if other["name"] == case["baseline"])
    seconds = median(way["seconds"])
    faster = ratio(baseline["seconds"], way["seconds"])
    rate = None if case["gflop"] is None else case["gflop"] / seconds
    return (
        way["title"],
        f"{seconds:.4g}",
        str(faster),
        f"{case['samples'] / seconds:,.0f}",
        "" if rate is None else f"{rate:.1f}",
        # The highest rate of any precision, as a run in bfloat16 may come above the peak of float32.
        "" if rate is None else f"{rate / max(peak.values()):.1%}",
        "" if way["first_batch"] is None else f"{median(way['first_batch']):.3f}",
        "" if way["accuracy"] is None else f"{median(way['accuracy']):.4f}",
    )


def _measured(values: list[float | None]) -> list[float] | None:
    found = [value for value in values if value is not None]
    return found if len(found) == len(values) else None
