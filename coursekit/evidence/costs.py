"""Recorded cost: seconds and bytes by size, sweep by sweep, and the exponent with which they grow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log
from pathlib import Path
from statistics import linear_regression, median
from typing import Any

from coursekit.evidence.benchmark_files import COSTS, BenchmarkError, as_tuples, named, read_file
from coursekit.evidence.chapters import find_book


@dataclass(frozen=True)
class Line:
    """One quantity by size: seconds of every repetition, and bytes where they were counted.

    `kept` is what autograd keeps for the way back, `parameters` and `optimizer` what weights and the
    optimiser's state take.
    """

    name: str
    x: tuple[float, ...]
    seconds: tuple[tuple[float, ...], ...]
    kept: tuple[int, ...] | None = None
    parameters: tuple[int, ...] | None = None
    optimizer: tuple[int, ...] | None = None

    @property
    def medians(self) -> tuple[float, ...]:
        """Median seconds at every size."""
        return tuple(median(repetitions) for repetitions in self.seconds)


@dataclass(frozen=True)
class Growth:
    """What grew, and its lines."""

    name: str
    title: str
    varies: str
    lines: tuple[Line, ...]

    def __getitem__(self, name: str) -> Line:
        """The line of that name."""
        return named(self.lines, name, f"{self.name!r} has no line")


@dataclass(frozen=True)
class Costs:
    """All sweeps of a file, and the machine that they were measured on."""

    date: str
    machine: Mapping[str, Any]
    versions: Mapping[str, str]
    sweeps: tuple[Growth, ...]

    def __getitem__(self, name: str) -> Growth:
        """The sweep of that name."""
        return named(self.sweeps, name, "there is no sweep")


def load_costs(path: Path | None = None) -> Costs:
    """What ``tests/benchmarks/cost.py`` recorded, ``book/performance/cost.json`` if not said otherwise.

    Raises
    ------
    BenchmarkError
        If the file is missing, no JSON, of another format, or a line has not one value for every size.
    """
    path = path or find_book() / "performance" / "cost.json"
    document = read_file(path, COSTS, "`PYTHONPATH=tests python -m benchmarks.cost` writes it")
    sweeps = []
    for raw in document["sweeps"]:
        lines = tuple(
            Line(**{key: as_tuples(line.get(key)) for key in Line.__dataclass_fields__})
            for line in raw["lines"]
        )
        for line in lines:
            for values in (line.seconds, line.kept, line.parameters, line.optimizer):
                if values is not None and len(values) != len(line.x):
                    raise BenchmarkError(
                        f"{path}: the line {line.name!r} of {raw['name']!r} has {len(line.x)} sizes and "
                        f"{len(values)} values; give one for each"
                    )
        sweeps.append(Growth(raw["name"], raw["title"], raw["varies"], lines))
    return Costs(document["date"], document["machine"], document["versions"], tuple(sweeps))


def log_slope(x: Sequence[float], y: Sequence[float]) -> float:
    """The exponent p of the best :math:`y = c x^p`: the slope of a straight line through the logarithms.

    Raises
    ------
    ValueError
        If there are fewer than two sizes, equally many values are not given, or one is not positive.

    Examples
    --------
    >>> round(log_slope([1, 2, 4], [3, 12, 48]), 6)
    2.0
    """
    if len(x) != len(y) or len(set(x)) < 2:
        raise ValueError(f"{len(x)} sizes and {len(y)} values; a slope needs two sizes, with a value each")
    if min(*x, *y) <= 0:
        raise ValueError(f"a size or value is {min(*x, *y)}; logarithms need positive numbers")
    return linear_regression([log(value) for value in x], [log(value) for value in y]).slope
