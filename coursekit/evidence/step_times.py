"""Recorded steps of training: a whole step, its kernels alone, and its arithmetic at the machine's best."""

from dataclasses import dataclass
from pathlib import Path
from statistics import median

from coursekit.evidence.benchmark_files import KERNELS, Head, as_tuples, named, read_file
from coursekit.evidence.chapters import find_book
from coursekit.evidence.tables import Cell, Group, Table


@dataclass(frozen=True)
class StepTimes:
    """A step of a case of `coursekit.evidence.benchmarks.Benchmarks`, as `fit` takes it by its own choices.

    `seconds` and `alone` are the times of a whole step and of its kernels, called by themselves, by round;
    `calls` is the number of kernels, and `gflop` their arithmetic in 10⁹ operations.
    """

    name: str
    title: str
    precision: str
    gflop: float
    calls: int
    seconds: tuple[float, ...]
    alone: tuple[float, ...]

    @property
    def share(self) -> float:
        """The kernels' part of the time."""
        return median(self.alone) / median(self.seconds)


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
                Cell(f"{1e3 * median(step.seconds):.3g}"),
                Cell(f"{1e3 * median(step.alone):.3g}, {step.share:.0%}"),
                Cell(f"{step.calls}"),
                Cell(f"{1e3 * step.gflop / self.peak_gflops[step.precision]:.2g}, {step.precision}"),
            ]
            for step in self.steps
        ]
        header = ("case", "a step, ms", "its kernels alone, ms", "kernels", "its arithmetic at the peak, ms")
        return Table("A step of `fit(…, **AUTO)`, medians", header, [Group(rows)])


def load_step_times(path: Path | None = None) -> StepRecord:
    """What ``tests/benchmarks/kernels.py`` recorded, ``book/performance/kernels.json`` if not said otherwise.

    Raises
    ------
    BenchmarkError
        If the file is missing, no JSON, or of another format.
    """
    path = path or find_book() / "performance" / "kernels.json"
    document = read_file(path, KERNELS, "`PYTHONPATH=tests python -m benchmarks.kernels` writes it")
    steps = tuple(
        StepTimes(**{key: as_tuples(raw[key]) for key in StepTimes.__dataclass_fields__})
        for raw in document["steps"]
    )
    head = {key: document[key] for key in StepRecord.__dataclass_fields__ if key != "steps"}
    return StepRecord(**head, steps=steps)
