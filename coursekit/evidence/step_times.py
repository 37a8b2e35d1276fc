"""Recorded steps of training: a whole step, its kernels, and its arithmetic at the machine's best."""

from dataclasses import dataclass
from pathlib import Path
from statistics import median

from coursekit.evidence.benchmark_files import KERNELS, BenchmarkError, Head, as_tuples, named, read_file
from coursekit.evidence.chapters import find_book
from coursekit.evidence.formatting import digits
from coursekit.evidence.tables import Cell, Group, Table


@dataclass(frozen=True)
class StepTimes:
    """A step of a case of `coursekit.evidence.benchmarks.Benchmarks`, as `fit` takes it by its own choices.

    By round, `seconds` are those of a whole step, `in_order` those of its kernels called one behind the other
    as in the step, and `alone` the sum over kernels that are each called again and again. `calls` is the
    number of kernels, and `gflop` their arithmetic in 10⁹ operations.
    """

    name: str
    title: str
    precision: str
    gflop: float
    calls: int
    seconds: tuple[float, ...]
    in_order: tuple[float, ...]
    alone: tuple[float, ...]

    @property
    def share(self) -> float:
        """The kernels' part of the time, called in order."""
        return median(self.in_order) / median(self.seconds)


@dataclass(frozen=True)
class StepRecord(Head):
    """All steps of a file, and the machine that they were timed on."""

    steps: tuple[StepTimes, ...]

    def __getitem__(self, name: str) -> StepTimes:
        """The step of the case of that name."""
        return named(self.steps, name, "there is no step")

    def table(self) -> Table:
        """A row for every step, in milliseconds."""
        rows = [
            [
                Cell(step.title),
                Cell(digits(1e3 * median(step.seconds))),
                Cell(f"{digits(1e3 * median(step.in_order))}, {100 * step.share:.0f} %"),
                Cell(digits(1e3 * median(step.alone))),
                Cell(f"{step.calls}"),
                Cell(f"{digits(1e3 * step.gflop / self.peak_gflops[step.precision])}, {step.precision}"),
            ]
            for step in self.steps
        ]
        header = (
            "case",
            "a step, ms",
            "its kernels in order, ms",
            "each by itself, ms",
            "kernels",
            "arithmetic at the peak, ms",
        )
        return Table("A step of fit(…, **AUTO), medians", header, [Group(rows, self.where)])


def load_step_times(path: Path | None = None) -> StepRecord:
    """What ``tests/benchmarks/kernels.py`` recorded, ``book/performance/kernels.json`` if not said otherwise.

    Raises
    ------
    BenchmarkError
        If the file is missing, no JSON, of another format, or lacks the peak of a step's precision.
    """
    path = path or find_book() / "performance" / "kernels.json"
    document = read_file(path, KERNELS, "`PYTHONPATH=tests python -m benchmarks.kernels` writes it")
    steps = tuple(
        StepTimes(**{key: as_tuples(raw[key]) for key in StepTimes.__dataclass_fields__})
        for raw in document["steps"]
    )
    head = {key: document[key] for key in StepRecord.__dataclass_fields__ if key != "steps"}
    for step in steps:
        if step.precision not in head["peak_gflops"]:
            raise BenchmarkError(
                f"{path}: the step {step.name!r} is in {step.precision}, and peak_gflops has "
                f"{', '.join(head['peak_gflops'])}; measure the peak of every precision"
            )
    return StepRecord(**head, steps=steps)
