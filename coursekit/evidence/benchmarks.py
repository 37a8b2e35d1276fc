"""Recorded timings: how many times as fast every way is, what is in a step, how cost grows with size."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import isfinite
from pathlib import Path
from statistics import median

from coursekit.evidence.benchmark_files import (
    BENCHMARKS,
    FORMAT,
    BenchmarkError,
    Head,
    as_tuples,
    named,
    read_file,
)
from coursekit.evidence.chapters import find_book
from coursekit.evidence.costs import Costs, Growth, Line, load_costs, log_slope
from coursekit.evidence.formatting import digits
from coursekit.evidence.step_times import StepRecord, StepTimes, load_step_times
from coursekit.evidence.tables import Cell, Group, Table

__all__ = [
    "FORMAT",
    "BenchmarkError",
    "Benchmarks",
    "Case",
    "Costs",
    "Growth",
    "Line",
    "Ratio",
    "StepRecord",
    "StepTimes",
    "Way",
    "load_benchmarks",
    "load_costs",
    "load_step_times",
    "log_slope",
    "ratio",
]


@dataclass(frozen=True)
class Ratio:
    """How many times as fast as the baseline: the median of the rounds, and their extremes.

    Examples
    --------
    >>> print(Ratio(median=3.0, low=2.0, high=5.0, rounds=3), Ratio(median=1.5, low=1.5, high=1.5, rounds=1))
    3.00 [2.00, 5.00] 1.50, one round
    """

    median: float
    low: float
    high: float
    rounds: int

    def __str__(self) -> str:
        decimals = 2 if self.median < 10 else 1 if self.median < 100 else 0
        middle, low, high = (f"{value:,.{decimals}f}" for value in (self.median, self.low, self.high))
        return f"{middle}, one round" if self.rounds == 1 else f"{middle} [{low}, {high}]"


def ratio(baseline: Sequence[float], seconds: Sequence[float]) -> Ratio:
    """Compare a way with the baseline, each round with the same round.

    Rounds share what else the machine was doing, so that their ratios vary less than the times do.

    Parameters
    ----------
    baseline, seconds
        Seconds of each round, positive, one or more, equally many.

    Raises
    ------
    ValueError
        If the numbers of rounds differ, there is none, or a time is not a positive number.

    Examples
    --------
    >>> ratio([4.0, 6.0, 5.0], [2.0, 2.0, 1.0])
    Ratio(median=3.0, low=2.0, high=5.0, rounds=3)
    """
    if not baseline or len(baseline) != len(seconds):
        raise ValueError(
            f"the baseline has {len(baseline)} rounds and the way {len(seconds)}; compare round by round, "
            "at least one"
        )
    for time in (*baseline, *seconds):
        if not (isfinite(time) and time > 0):
            raise ValueError(f"a round took {time} s; times are positive numbers")
    found = [theirs / own for theirs, own in zip(baseline, seconds, strict=True)]
    return Ratio(median=median(found), low=min(found), high=max(found), rounds=len(found))


@dataclass(frozen=True)
class Way:
    """One way to do what a case is about, with its seconds by round."""

    name: str
    title: str
    ours: bool
    note: str
    seconds: tuple[float, ...]
    first_batch: tuple[float, ...] | None
    accuracy: tuple[float, ...] | None
    detail: str


@dataclass(frozen=True)
class Case:
    """Ways of doing the same thing; `gflop` is the arithmetic of a whole call, in 10⁹ operations."""

    name: str
    title: str
    data: str
    origin: str
    samples: int
    steps: int
    gflop: float | None
    baseline: str
    ways: tuple[Way, ...]

    def __getitem__(self, name: str) -> Way:
        """The way of that name."""
        return named(self.ways, name, f"{self.name!r} has no way")

    def ratio(self, name: str, *, to: str | None = None) -> Ratio:
        """How many times as fast a way is as the way `to`, the baseline if there is none."""
        return ratio(self[to or self.baseline].seconds, self[name].seconds)

    def best(self, *, ours: bool) -> Way | None:
        """The fastest way that is coursekit's, or is not, by its ratio; None where there is no such way.

        The baseline itself does not count.
        """
        others = [way for way in self.ways if way.ours == ours and way.name != self.baseline]
        return max(others, key=lambda way: self.ratio(way.name).median, default=None)


@dataclass(frozen=True)
class Benchmarks(Head):
    """All cases of a file, and the machine that they were timed on."""

    cases: tuple[Case, ...]

    def table(self, name: str) -> Table:
        """A row for every way of a case; columns that no way has a figure for are left out.

        The share of the peak is of the highest rate that was measured, whatever its precision.
        """
        case = named(self.cases, name, "there is no case")
        times = [median(way.seconds) for way in case.ways]
        columns = {
            "median s": list(map(digits, times)),
            "times as fast": [str(case.ratio(way.name)) for way in case.ways],
            "samples/s": [f"{case.samples / time:,.0f}" for time in times],
        }
        if case.gflop is not None:
            peak, rates = max(self.peak_gflops.values()), [case.gflop / time for time in times]
            columns["GFLOP/s, of the peak"] = [f"{digits(x)}, {100 * x / peak:.1f} %" for x in rates]
        columns["first batch, s"] = [_median(way.first_batch) for way in case.ways]
        columns["accuracy"] = [_median(way.accuracy, ".3f") for way in case.ways]
        shown = {title: cells for title, cells in columns.items() if any(cells)}
        rows = [
            [Cell(way.title, f"<strong>{escape(way.title)}</strong>" if way.ours else "")]
            + [Cell(column[number] or "–") for column in shown.values()]
            for number, way in enumerate(case.ways)
        ]
        caption = f"{case.title}: {case.samples:,} samples in {case.steps:,} steps; {case.data}"
        notes = [f"{way.title} chose {way.detail}." for way in case.ways if way.detail]
        return Table(caption, ("way", *shown), [Group(rows)], notes=notes)


def load_benchmarks(path: Path | None = None) -> Benchmarks:
    """What ``make bench`` recorded, ``book/performance/benchmarks.json`` if not said otherwise.

    Raises
    ------
    BenchmarkError
        If the file is missing, no JSON, of another format, or its cases do not fit together.
    """
    path = path or find_book() / "performance" / "benchmarks.json"
    document = read_file(path, BENCHMARKS, "`make bench` writes it")
    cases = []
    for raw in document["cases"]:
        ways = tuple(
            Way(**{key: as_tuples(way[key]) for key in Way.__dataclass_fields__}) for way in raw["ways"]
        )
        case = Case(**{key: raw[key] for key in Case.__dataclass_fields__ if key != "ways"}, ways=ways)
        names = [way.name for way in ways]
        where = f"{path}: the case {case.name!r}"
        if case.baseline not in names:
            raise BenchmarkError(f"{where} lacks its baseline {case.baseline!r}; it has {', '.join(names)}")
        if len(set(names)) < len(names):
            raise BenchmarkError(f"{where} has two ways of one name among {', '.join(names)}")
        if len(rounds := {len(way.seconds) for way in ways}) > 1:
            raise BenchmarkError(f"{where} has ways of {sorted(rounds)} rounds; time all of them each round")
        cases.append(case)
    head = {key: document[key] for key in Benchmarks.__dataclass_fields__ if key != "cases"}
    return Benchmarks(**head, cases=tuple(cases))


def _median(values: Sequence[float] | None, form: str = "") -> str:
    if values is None:
        return ""
    return f"{median(values):{form}}" if form else digits(median(values))
